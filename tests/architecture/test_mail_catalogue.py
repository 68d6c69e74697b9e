"""Every kind of mail that the code sends has its words, and no words lie about unused (ux.md 2.10)."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.base import Lexer, TokenType

from bookings.wording import MAIL_NAMES
from tests.notifications.mails import STORIES, context_of

ROOT = Path(settings.BASE_DIR)
TEMPLATES = ROOT / "templates/email"
SIDES = ("client", "provider", "staff")
SENDERS = [*sorted(ROOT.glob("bookings/effects/*.py")), ROOT / "bookings/services/deadlines.py"]
KINDS = sorted(path.name.removesuffix(".subject.txt") for path in TEMPLATES.glob("booking_*.subject.txt"))
# What rendering adds to the facts, and what templates hand to the parts they include.
ADDED = {
    "agreed_rows", "answer_by", "asked", "choices", "contest_by", "has_begun", "is_over", "length", "more", "other_city",
    "pay_by", "reader", "rows", "start", "subject", "tenant", "was_rows", "was_start", "wished_rows", "words", "accent",
}  # fmt: skip
HANDED = {"file", "forloop", "iso", "line", "new", "new_title", "old", "old_title", "short", "text", "time", "title"}


def said_in_code():
    """The names of kinds in the code: whole ones, and those to which the code adds the side."""
    trees = (ast.parse(path.read_text()) for path in SENDERS)
    words = (node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    said = {word for word in words if isinstance(word, str) and re.fullmatch(r"booking_[a-z_]+", word)}
    return {word.rstrip("_") for word in said} - {"booking_id"}


def test_every_kind_that_the_code_sends_has_a_subject_a_text_and_a_page():
    for name in said_in_code():
        assert {name, *(f"{name}_{side}" for side in SIDES)} & set(KINDS), f"No mail for {name}"
    for kind in KINDS:
        for ending in ("txt", "html"):
            bodies = [TEMPLATES / f"{kind}.{ending}", TEMPLATES / f"{kind.rpartition('_')[0]}.{ending}"]
            assert any(body.exists() for body in bodies), f"{kind} has no {ending}"


def test_every_mail_is_sent_by_the_code_and_has_a_name():
    said = said_in_code()
    assert [kind for kind in KINDS if kind not in said and kind.rpartition("_")[0] not in said] == []
    assert sorted(MAIL_NAMES) == KINDS


def test_no_body_belongs_to_no_kind():
    bodies = {path.stem for path in TEMPLATES.glob("booking_*.html")} | {
        path.stem for path in TEMPLATES.glob("booking_*.txt") if not path.stem.endswith(".subject")
    }
    assert bodies <= {*KINDS, *(kind.rpartition("_")[0] for kind in KINDS)}


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("booking_*")), ids=lambda path: path.name)
def test_a_template_asks_for_nothing_that_no_mail_has(path):
    """A missing name in `{% if %}` is silently false: here it is an error."""
    known = {*context_of("booking_requested_client"), *ADDED, *HANDED, "left"}
    assert names_in(path.read_text()) <= known


@pytest.mark.parametrize(
    "part", ["booking", "offer", "said", "choices", "ways", "change", "starts", "facts", "times", "quote"]
)
def test_a_part_asks_for_nothing_that_no_mail_has(part):
    known = {*context_of("booking_requested_client"), *ADDED, *HANDED}
    for path in TEMPLATES.glob(f"{part}.*"):
        assert names_in(path.read_text()) <= known, path.name


KEYWORDS = {
    "if", "elif", "else", "endif", "for", "endfor", "in", "not", "and", "or", "with", "include", "extends", "block", "endblock",
    "credits", "fact", "next", "times", "quotes", "actions", "facts", "note", "why",
    "decline", "details",
}  # fmt: skip


def names_in(text):
    """The first names of a template's variables."""
    tokens = [token for token in Lexer(text).tokenize() if token.token_type in (TokenType.VAR, TokenType.BLOCK)]
    found = set()
    for token in tokens:
        without_strings = re.sub(r'"[^"]*"', "", token.contents)
        found |= set(re.findall(r"(?<![|.:\w])([a-z_]+)(?![\w=])|(?<==)([a-z_]+)", without_strings))
    return {first or second for first, second in found} - KEYWORDS


def test_the_names_of_a_template_are_found():
    text = '{% if price and by != "staff" %}{{ kept }}{% include "email/x.html" with rows=was_rows %}{{ a|default:"b" }}{% endif %}'
    assert names_in(text) == {"price", "by", "kept", "was_rows", "a"}


def test_every_story_is_about_a_kind():
    assert all(any(kind.startswith(start) for kind in KINDS) for start in STORIES)
