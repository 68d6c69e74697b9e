"""Whose the pages of one's own hours are, and what they cost (PG-42, S4.40)."""

from datetime import date
from html import unescape

import pytest

from accounts.tenancy import tenant_scope
from calendars import services as calendars
from calendars.models import Block
from tests import factories

from .reading import BASE, prague, typed, words


@pytest.mark.parametrize("page", ["", "days/", "blocks/", "rules/", "zone/"])
def test_pages_are_for_providers_alone(scene, client, page):
    assert client.get(f"{BASE}{page}").status_code == 200
    client.force_login(scene.kim.user)
    assert client.get(f"{BASE}{page}").status_code == 404
    assert client.post(f"{BASE}{page}", typed()).status_code == 404
    client.logout()
    assert client.get(f"{BASE}{page}").status_code == 302


def test_somebody_elses_block_and_service_are_nothing_here(scene, now):
    with tenant_scope(scene.tenant):
        ben = factories.provider("Ben Adler", now=now)
        foreign = factories.service(ben, "Foreign advice")
        block = calendars.block(calendar=ben.calendar, start=prague(24, 10), end=prague(24, 11))

    scene.client.post(f"{BASE}blocks/", {"do": "clear", "block": block.pk})

    assert "Foreign advice" not in words(scene.client.get(f"{BASE}rules/?service={foreign.pk}&change=1"))
    with tenant_scope(scene.tenant):
        assert Block.objects.get() == block


def test_another_service_is_looked_at_beside_the_hours(scene):
    with tenant_scope(scene.tenant):
        long = factories.service(scene.ana, "Deep dive", minutes=120, step_minutes=60)

    page = scene.client.get(f"{BASE}?service={long.pk}", headers={"HX-Request": "true"})

    body = page.content.decode()
    assert "<main" not in body
    assert "120 minutes" not in body
    assert "2 hours, starting every 60 minutes." in unescape(body)


def test_pages_take_a_fixed_number_of_queries(scene, django_assert_num_queries):
    def look():
        for page, queries in {"": 19, "days/": 19, "blocks/": 19, "rules/": 18}.items():
            with django_assert_num_queries(queries):
                scene.client.get(f"{BASE}{page}")

    with tenant_scope(scene.tenant):
        calendars.block(calendar=scene.ana.calendar, start=prague(24, 10), end=prague(24, 11))
        calendars.set_override(calendar=scene.ana.calendar, date=date(2026, 12, 1), ranges=[], now=scene.now)
    scene.agree(prague(25, 10))
    look()
    for day in (26, 27, 30):
        scene.agree(prague(day, 10))
        with tenant_scope(scene.tenant):
            calendars.block(calendar=scene.ana.calendar, start=prague(day, 12), end=prague(day, 13))
            calendars.set_override(calendar=scene.ana.calendar, date=date(2026, 12, day), ranges=[], now=scene.now)
    look()


def test_opening_a_page_changes_nothing(scene):
    before = scene.week()
    for page in ("", "days/", "blocks/", "rules/", "zone/"):
        scene.client.get(f"{BASE}{page}?do=clear&from=2026-11-24&until=2026-11-30")

    assert scene.week() == before
    assert scene.days() == []
