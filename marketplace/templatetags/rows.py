"""What stands twenty times and more on a page, written in Python: as templates these rows took half of the time of a page."""

from html import escape

from django import template
from django.utils.safestring import SafeString

from accounts.icons import icon

from ..cards import Card, Chip, Fact
from ..picker import Day, Picker, Time

register = template.Library()


@register.simple_tag
def provider_hit(card: Card) -> SafeString:
    """A provider in the list of the directory (PG-02)."""
    name, href = escape(card.name), escape(card.href)
    hint = (
        f'<p class="hint-line">{icon(card.hint_icon, "small")}<span>{escape(card.hint)}</span></p>' if card.hint else ""
    )
    return SafeString(
        '<article class="card provider"><div class="hit"><div class="stack gap-3"><div class="provider-head">'
        f'<span class="av {card.tint}" aria-hidden="true">{escape(card.initials)}</span>'
        f'<div><h3 class="h3"><a href="{href}">{name}</a></h3><p>{escape(card.headline)}</p></div></div>'
        f'<p class="meta">{"".join(map(_fact, card.meta))}</p>{_tags(card)}</div>'
        f'<div class="hit-time">{hint}{_chips(card)}'
        f'<a class="small" href="{escape(card.more_href)}">{escape(card.more_label)}<span class="vh"> of {name}</span></a>'
        "</div></div></article>"
    )


@register.simple_tag
def time_slots(picker: Picker, day: Day) -> SafeString:
    """The free times of a day as check-boxes, or as radio buttons where one time is all (PG-04)."""
    heading = escape(day.heading)
    return SafeString("".join(_slot(time, heading, picker) for time in day.times))


def _fact(fact: Fact) -> str:
    return f"<span>{icon(fact.icon, 'small')}{escape(fact.text)}</span>"


def _tags(card: Card) -> str:
    if not card.tags:
        return ""
    tags = "".join(f'<li class="tag">{escape(tag)}</li>' for tag in card.tags)
    return f'<ul class="row gap-2" aria-label="{escape(card.tags_label)}">{tags}</ul>'


def _chips(card: Card) -> str:
    if not card.chips:
        return ""
    return f'<ul class="chips" aria-label="{escape(card.chips_label)}">{"".join(map(_chip, card.chips))}</ul>'


def _chip(chip: Chip) -> str:
    return (
        f'<li><a class="chip" href="{escape(chip.href)}"><span class="vh">{escape(chip.name)}</span>'
        f'<span aria-hidden="true">{escape(chip.day)}</span><b aria-hidden="true">{escape(chip.time)}</b></a></li>'
    )


def _slot(time: Time, heading: str, picker: Picker) -> str:
    notes = [note for note in (time.other, "Asked for; you can still ask" if time.asked else "") if note]
    sub = f'<span class="sub">{escape(". ".join(notes))}</span>' if notes else ""
    order = f'<span class="order" id="o-{time.id}">{time.order}</span>' if picker.max_times > 1 else ""
    return (
        f'<li class="slot{" asked" if time.asked else ""}">'
        f'<input type="{picker.kind}" id="{time.id}" name="slot" value="{time.value}"{" checked" if time.checked else ""}>'
        f'<label for="{time.id}"><span class="vh">{heading}, </span><time datetime="{time.value}">{escape(time.start)}'
        f'<span class="to"> to {escape(time.end)}</span></time>{sub}</label>{order}</li>'
    )
