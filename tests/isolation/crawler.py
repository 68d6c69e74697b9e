"""Asking an address as somebody, and what an answer gives away."""

import re
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import quote

from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client

from accounts.tenancy import tenant_scope
from notifications.models import EmailMessage, OutboxMessage
from tests.statements import recorded

from .world import World

# Random on every page, so no two answers would be alike.
_RANDOM = re.compile(r'(name="(?:csrfmiddlewaretoken|request_key)" value="|reference: <span class="mono">)[^"<]*')


@dataclass(frozen=True)
class Question:
    """One request below a tenant's prefix. `ids` are the words in it that name a row; they are taken out of the answer."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)
    ids: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.query or ''} {self.form or ''}".strip()


@dataclass(frozen=True)
class Reply:
    """What somebody who asked can see: status, headers and body, and what was written for people to read.

    `statements` is how many the database got: what takes as many takes as long (T2), and no clock is asked for it.
    """

    status: int
    statements: int
    headers: str
    body: str
    written: str

    def seen(self) -> str:
        """Everything at once, in lower case."""
        return f"{self.headers}\n{self.body}\n{self.written}".lower()


class PlainClient(Client):
    """A client that keeps no copies of what templates were given: half of the time of a large page."""

    def request(self, **request: object) -> HttpResponse:
        response = self.handler(self._base_environ(**request))
        self.cookies.update(response.cookies)
        return response


class Role:
    """Somebody at the address of `world`, with cookies of their own."""

    def __init__(self, name: str, world: World, user: object) -> None:
        self.name, self.world = name, world
        self.client = PlainClient(raise_request_exception=False)
        if not isinstance(user, AnonymousUser):
            self.client.force_login(user)
        with tenant_scope(world.tenant):
            self.known = [row.pk for model in (EmailMessage, OutboxMessage) for row in model.objects.all()]
        self.cookies = {name: morsel.value for name, morsel in self.client.cookies.items()}

    def ask(self, question: Question, *, keep: bool = False) -> Reply:
        """Send the question and take back what it changed, cookies included; `keep` lets the change stand."""
        self.client.cookies.clear()
        self.client.cookies.load(self.cookies)
        connection.needs_rollback = False
        before = transaction.savepoint()
        with recorded() as sent:
            response = self.client.generic(
                question.method,
                f"/t/{self.world.tenant.slug}/{question.path}",
                data=_encoded(question.form),
                content_type="application/x-www-form-urlencoded",
                query_params=question.query,
            )
        reply = Reply(
            response.status_code,
            len(sent),
            _without(str(sorted(response.headers.items())) + self.client.cookies.output(), question.ids),
            _without(_body(response), question.ids),
            _without(self._written(question.ids), question.ids) if _has_written(question, sent) else "",
        )
        if not keep:
            connection.needs_rollback = False
            transaction.savepoint_rollback(before)
        return reply

    def _written(self, ids: tuple[str, ...]) -> str:
        """New mails and work; not the mail to the very address that was typed, which only its owner reads."""
        if connection.needs_rollback:
            return ""
        with tenant_scope(self.world.tenant):
            mails = EmailMessage.objects.exclude(pk__in=self.known).exclude(to_address__in=ids)
            work = OutboxMessage.objects.exclude(pk__in=self.known)
            return f"{list(mails.values())}\n{list(work.values())}"


def _has_written(question: Question, sent: list[str]) -> bool:
    return question.method == "POST" and any("INSERT" in sql.upper() for sql in sent)


def _encoded(form: dict[str, str]) -> str:
    return "&".join(f"{quote(name)}={quote(str(value))}" for name, value in form.items())


def _body(response: HttpResponse) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return _RANDOM.sub(r"\1", content.decode(errors="replace"))


def _without(text: str, ids: tuple[str, ...]) -> str:
    return _any_of(ids).sub("<id>", text) if ids else text


@cache
def _any_of(words: tuple[str, ...]) -> re.Pattern:
    spelled = {form for word in words for form in (word, quote(word), word.lower(), word.upper())}
    return re.compile("|".join(re.escape(form) for form in sorted(spelled, key=len, reverse=True)))
