"""What transfers and holds are about, in words. The apps above know what their references name, and say so here.

A reference such as "booking:NW-7K4Q" names a page and what stands there; many of one kind are asked for at once.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from django.urls import NoReverseMatch, reverse

from accounts.models import Membership


class Asking(NamedTuple):
    """Who asks, in which zone (IANA name), when (aware)."""

    member: Membership
    zone: str
    now: datetime


class Named(NamedTuple):
    """What a reference is called, and the page of what it names, if it has one."""

    name: str
    href: str = ""


# For the member, the codes that are known with their names, in as many statements however many there are.
Namer = Callable[[list[str], Asking], dict[str, str]]
_namers: dict[str, Namer] = {}


def named_by(kind: str, namer: Namer) -> None:
    """What begins with this kind is named by `namer` from now on."""
    _namers[kind] = namer


def names(references: Iterable[str], asking: Asking) -> dict[str, Named]:
    """Each reference with its name; its code where nobody names it. All of one kind are asked for at once."""
    by_kind: dict[str, set[str]] = defaultdict(set)
    for reference in references:
        kind, _, code = reference.partition(":")
        by_kind[kind].add(code)
    found = {}
    for kind, codes in by_kind.items():
        known = namer(sorted(codes), asking) if (namer := _namers.get(kind)) else {}
        for code in codes:
            found[f"{kind}:{code}" if code else kind] = Named(known.get(code, code), _page_of(kind, code))
    return found


def _page_of(kind: str, code: str) -> str:
    try:
        return reverse(kind, args=[code]) if code else ""
    except NoReverseMatch:
        return ""
