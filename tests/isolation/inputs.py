"""What people send besides the path: in each place where a page takes a name of something, one can be put there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from accounts.tenancy import tenant_scope
from calendars.models import Block
from notifications.models import EmailMessage, OutboxMessage

from .addresses import ABSENT_ID, Address
from .world import World


@dataclass(frozen=True)
class Things:
    """Names of what a tenant has, as people could type them."""

    service: str
    topic: str
    topic_id: str
    provider: str
    provider_id: str
    code: str
    member_id: str
    email: str
    message_id: str
    mail_id: str
    block_id: str
    start: str

    def words(self) -> tuple[str, ...]:
        """All of them that name something: what is taken out of an answer before two are compared."""
        rows = (
            self.service,
            self.topic_id,
            self.provider_id,
            self.member_id,
            self.message_id,
            self.mail_id,
            self.block_id,
        )
        return (*rows, self.topic, self.provider, self.code, self.email)


def things_of(world: World, start: datetime) -> Things:
    """What `world` has; `start` (UTC) is the time that is asked for."""
    with tenant_scope(world.tenant):
        message, mail, block = (model.objects.order_by("pk").first() for model in (OutboxMessage, EmailMessage, Block))
    return Things(
        service=str(world.service.pk),
        topic=world.topic.slug,
        topic_id=str(world.topic.pk),
        provider=world.provider.slug,
        provider_id=str(world.provider.pk),
        code=world.bookings["pending"].code,
        member_id=str(world.people["client"].pk),
        email=world.people["client"].user.email,
        message_id=str(message.pk),
        mail_id=str(mail.pk),
        block_id=str(block.pk),
        start=_iso(start),
    )


def absent_things(start: datetime) -> Things:
    """What looks the same and is nowhere."""
    return Things(
        service=ABSENT_ID,
        topic="no-such-topic",
        topic_id=ABSENT_ID,
        provider="nobody-of-this-name",
        provider_id=ABSENT_ID,
        code="ZZQ-7K4Q",
        member_id=ABSENT_ID,
        email="nobody@example.net",
        message_id=ABSENT_ID,
        mail_id=ABSENT_ID,
        block_id=ABSENT_ID,
        start=_iso(start),
    )


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%MZ")


# One set of parameters for each place where a name can be put. The path holds the visitor's own things.
Inputs = Callable[[Things], list[dict[str, str]]]

QUERIES: dict[str, Inputs] = {
    "directory": lambda t: [{"topic": t.topic}, {"q": t.provider}, {"topic": t.topic_id}],
    "provider": lambda t: [{"service": t.service, "slot": t.start}],
    "provider_times": lambda t: [{"service": t.service, "slot": t.start, "do": "continue"}],
    "provider_slots": lambda t: [{"service": t.service, "day": t.start[:10]}],
    "request": lambda t: [{"service": t.service, "slot": t.start}],
    "bookings": lambda t: [{"q": t.code}],
    "availability": lambda t: [{"service": t.service}],
    "availability_rules": lambda t: [{"service": t.service, "change": "1"}],
    "home": lambda t: [{"q": t.provider}],
    "autocomplete": lambda t: [
        {"app_label": "marketplace", "model_name": "service", "field_name": "provider", "term": t.provider},
        {"app_label": "marketplace", "model_name": "service", "field_name": "topic", "term": t.topic},
    ],
    "bookings_booking_changelist": lambda t: [{"q": t.code}, {"q": t.email}],
    "marketplace_provider_changelist": lambda t: [{"q": t.provider}],
    "marketplace_service_changelist": lambda t: [{"q": t.topic}, {"provider__id__exact": t.provider_id}],
    "marketplace_providertopic_changelist": lambda t: [{"topic__id__exact": t.topic_id}],
    "accounts_membership_changelist": lambda t: [{"q": t.email}],
    "notifications_emailmessage_changelist": lambda t: [{"q": t.code}, {"q": t.email}],
}

FORMS: dict[str, Inputs] = {
    "account_request_login_code": lambda t: [{"login": t.email}],
    "account_login_password": lambda t: [{"login": t.email, "password": "not the password"}],
    "account_signup": lambda t: [{"email": t.email, "name": "New"}],
    "account_reset_password": lambda t: [{"email": t.email}],
    "set_theme": lambda t: [{"theme": "dark", "next": f"/t/{t.topic}/"}],
    "settings_time": lambda t: [{"zone": "Asia/Tokyo"}],
    "request": lambda t: [
        {"service": t.service, "slot": t.start, "notes": "Hello", "name": "New", "email": t.email},
        {"service": t.service, "slot": t.start, "go": "signin"},
    ],
    "availability": lambda t: [{"service": t.service, "opens-0": "9am", "closes-0": "5pm"}],
    "availability_blocks": lambda t: [{"do": "clear", "block": t.block_id}],
    "availability_rules": lambda t: [{"service": t.service, "step_minutes": "7"}],
    "booking_accept": lambda t: [{"time": t.start, "clash_accepted": "on"}],
    "booking_decline": lambda t: [{"reason_code": "busy", "message": "Sorry"}],
    "booking_withdraw": lambda t: [{"message": "Sorry"}],
    "marketplace_service_add": lambda t: [_service_form(t)],
    "marketplace_service_change": lambda t: [_service_form(t)],
    "marketplace_provider_change": lambda t: [
        {"name": "X", "headline": "X", "languages": "en", "listed_under": t.topic_id, "why": "x"}
    ],
    "notifications_emailmessage_changelist": lambda t: [
        {"action": "send_again", "_selected_action": t.mail_id, "index": "0"}
    ],
    "notifications_outboxmessage_changelist": lambda t: [
        {"action": "try_again", "_selected_action": t.message_id, "index": "0"}
    ],
}


def _service_form(things: Things) -> dict[str, str]:
    lengths = {"minutes": "30", "step_minutes": "30", "buffer_before": "0", "buffer_after": "0", "notice_minutes": "0"}
    rest = {"name": "X", "price": "0", "place": "video", "position": "0", "is_active": "on", "why": "x"}
    return {"provider": things.provider_id, "topic": things.topic_id, **lengths, **rest}


def queries(address: Address, things: Things) -> list[dict[str, str]]:
    """What can be put after the question mark."""
    return QUERIES.get(address.name, lambda _: [])(things)


def forms(address: Address, things: Things) -> list[dict[str, str]]:
    """What can be sent as a form."""
    return FORMS.get(address.name, lambda _: [{}])(things)
