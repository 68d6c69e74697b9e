"""Rows written in Python: every text of a person or a tenant is escaped (reliability.md 4)."""

from dataclasses import replace
from types import SimpleNamespace

from config.dev.examples import CARD
from marketplace.cards import Chip, Fact
from marketplace.picker import Time
from marketplace.templatetags.rows import provider_hit, time_slots

EVIL = "<b>\"'&"
SAFE = "&lt;b&gt;&quot;&#x27;&amp;"


def test_a_hit_escapes_every_text():
    texts = dict.fromkeys(
        ("name", "href", "headline", "initials", "tags_label", "hint", "chips_label", "more_href", "more_label"), EVIL
    )
    card = replace(CARD, **texts, meta=[Fact("clock", EVIL)], tags=(EVIL,), chips=[Chip(EVIL, EVIL, EVIL, EVIL)])
    shown = provider_hit(card)
    assert EVIL not in shown
    assert shown.count(SAFE) == 16
    assert "<b>" not in shown


def test_a_hit_shows_nothing_for_what_is_not_there():
    shown = provider_hit(replace(CARD, tags=(), chips=[], hint=""))
    assert "<ul" not in shown
    assert "hint-line" not in shown


def test_slots_escape_every_text_and_say_what_is_asked_for():
    time = Time("t1", "2026-11-24T14:00Z", EVIL, EVIL, EVIL, True, True, "1st")
    day, picker = SimpleNamespace(heading=EVIL, times=[time]), SimpleNamespace(kind="checkbox", max_times=3)
    assert time_slots(picker, day) == (
        '<li class="slot asked"><input type="checkbox" id="t1" name="slot" value="2026-11-24T14:00Z" checked>'
        f'<label for="t1"><span class="vh">{SAFE}, </span><time datetime="2026-11-24T14:00Z">{SAFE}'
        f'<span class="to"> to {SAFE}</span></time><span class="sub">{SAFE}. Asked for; you can still ask</span></label>'
        '<span class="order" id="o-t1">1st</span></li>'
    )


def test_a_free_slot_where_one_time_is_all_says_no_more_than_its_time():
    time = Time("t1", "2026-11-24T14:00Z", "8am", "8:30am", "", False, False, "")
    day, picker = (
        SimpleNamespace(heading="Tuesday 24 November", times=[time]),
        SimpleNamespace(kind="radio", max_times=1),
    )
    assert time_slots(picker, day) == (
        '<li class="slot"><input type="radio" id="t1" name="slot" value="2026-11-24T14:00Z"><label for="t1">'
        '<span class="vh">Tuesday 24 November, </span><time datetime="2026-11-24T14:00Z">8am<span class="to"> to 8:30am</span>'
        "</time></label></li>"
    )
