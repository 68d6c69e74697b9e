"""No GET changes anything (decisions.md 30): links in mails are opened by scanners, pages by whoever prefetches them."""

from django.conf import settings
from django.db import connection

from . import inputs
from .addresses import addresses, fillings
from .crawler import PlainClient, Question

# A session may begin by reading, and allauth counts HEAD of a sign-in page as a try.
KEPT_OUT = {"django_session", "accounts_cacheentry"}


def fingerprints():
    """One number for each table, which any change of any row changes. Asked as the owner, who sees all tenants."""
    tables = sorted(set(connection.introspection.table_names()) - KEPT_OUT)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{table}', md5(string_agg(t::text, ',' ORDER BY t::text)) FROM \"{table}\" t"
                for table in tables
            )
        )
        found = dict(cursor.fetchall())
        cursor.execute(f"SET ROLE {settings.RUNTIME_ROLE}")
    return found


def reads(address, world, things, methods):
    """Each way to read the address: with and without what can stand after the question mark."""
    for values in fillings(address, world):
        for query in [{}, *inputs.queries(address, things)]:
            for method in methods:
                yield Question(method, address.path(values), query=query)


def methods_of(reader, address):
    """HEAD runs the view of GET: who may read most of an address asks for both, and a guest, whose session may begin so."""
    most = "owner" if address.route.startswith("admin/") else "client"
    return ("GET", "HEAD") if reader.name in {most, "guest"} else ("GET",)


def test_reading_every_page_of_a_tenant_changes_no_row(worlds, visitors):
    things = inputs.things_of(worlds.mine, worlds.mine.free_start)
    readers = [visitor for visitor in visitors if visitor.name in {"guest", "client", "provider", "owner"}]
    before = fingerprints()
    seen = {
        reader.ask(question, keep=True).status
        for reader in readers
        for address in addresses("config.urls.tenant")
        for question in reads(address, worlds.mine, things, methods_of(reader, address))
    }
    assert seen <= {200, 301, 302, 303, 400, 403, 404, 405, 422}
    assert 200 in seen
    assert fingerprints() == before


def test_reading_every_page_of_the_platform_changes_no_row(worlds):
    before = fingerprints()
    client = PlainClient(raise_request_exception=False)
    answers = {}
    for address in addresses("config.urls.platform"):
        if not address.parameters:
            answers[address.route] = client.get(f"/{address.route}").status_code
    assert answers[""] == answers["health/"] == 200
    assert fingerprints() == before


def test_the_fingerprint_notices_a_change(worlds):
    before = fingerprints()
    client = PlainClient()
    client.force_login(worlds.mine.people["client"].user)
    client.post(f"/t/{worlds.mine.tenant.slug}/settings/theme/", {"theme": "dark"})
    after = fingerprints()
    assert {table for table in before if before[table] != after[table]} == {"accounts_user"}
