"""What search engines are told (PG-95)."""

import pytest

from accounts.tenancy import tenant_scope
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_marketplace_lists_its_public_pages_and_published_providers(north, south, client, settings):
    settings.PLATFORM_URL = "https://parley.example"
    with tenant_scope(north):
        factories.provider("Ana Nowak", slug="ana")
        factories.provider("Leo Fiore", slug="leo", is_published=False)
    with tenant_scope(south):
        factories.provider("Sol Vega", slug="sol")

    answer = client.get("/t/north/sitemap.xml")

    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    text = answer.content.decode()
    assert "<loc>https://parley.example/t/north/experts/ana/</loc>" in text
    assert "<loc>https://parley.example/t/north/policies/</loc>" in text
    assert "leo" not in text
    assert "sol" not in text


def test_the_sitemap_is_one_query_however_many_there_are(north, client, count_queries):
    with tenant_scope(north):
        factories.provider("Ana Nowak")
    few = count_queries("/t/north/sitemap.xml")
    with tenant_scope(north):
        factories.provider("Leo Fiore")

    assert count_queries("/t/north/sitemap.xml") == few


@pytest.fixture
def count_queries(client):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as statements:
            assert client.get(path).status_code == 200
        return len(statements)

    return count


def test_private_pages_are_left_out(db, client, settings):
    settings.PLATFORM_URL = "https://parley.example"
    factories.tenant("hosted", name="Hosted House", host="book.hosted.example")

    text = client.get("/robots.txt", headers={"host": "book.hosted.example"}).content.decode()

    assert "Disallow: /bookings/\n" in text
    assert "Disallow: /admin/\n" in text
    assert "Sitemap: https://book.hosted.example/sitemap.xml\n" in text
    assert "Disallow: /\n" not in text


def test_a_development_installation_wants_no_visitors(client, settings):
    assert client.get("/robots.txt").content == b"User-agent: *\nDisallow: /\n"
    settings.DEMO = False
    assert b"Disallow: /t/*/bookings/\n" in client.get("/robots.txt").content
