"""PG-50: a member's own credits, in words, with what is held for what; to filter, to save, to print (CK-49, F83, F90)."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.test import Client

from accounts.enums import Role
from accounts.tenancy import tenant_scope
from credits import services
from tests import factories

NOW = factories.NOW


@pytest.fixture
def kim(north):
    """100 given, 30 held for a booking, 20 held and half of them spent, of which Ana has 5."""
    with tenant_scope(north):
        staff = factories.member("Ida Berg", roles=(Role.STAFF,))
        kim = factories.member("Kim Okafor", zone="Europe/Prague", credits=0)
        kim.ana = factories.member("Ana Nowak", roles=(Role.PROVIDER,), zone="Europe/Prague")
        services.adjust(member=kim, amount=100, reason="=Welcome", by=staff, request_key="1", now=NOW)
        services.hold(member=kim, amount=30, reference="booking:NO-7K4Q", key="1", now=NOW)
        part = services.hold(member=kim, amount=20, reference="booking:NO-2222", key="1", now=NOW)
        late = NOW + timedelta(days=10)
        services.capture(member=kim, hold_id=part.pk, earner=kim.ana, charged=10, earned=5, now=late)
        return kim


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW + timedelta(days=11), tick=False):
        yield


def visit(member, path, slug="north"):
    browser = Client()
    browser.force_login(member.user)
    return browser.get(f"/t/{slug}{path}")


def table(page):
    return [[cell.text for cell in row] for row in page.context["rows"]]


def test_the_three_numbers_and_what_is_held_for_what(kim):
    """CK-49: to use + held = in all."""
    page = visit(kim, "/credits/").context["page"]
    assert page.sums == [("60", "to use"), ("30", "held for 1 booking"), ("90", "in all")]
    [[what, since, amount]] = page.held
    assert (what.text, what.href, since.text, amount.text) == (
        "NO-7K4Q", "/t/north/bookings/NO-7K4Q/", "Mon 23 Nov, 9:14am", "30",
    )  # fmt: skip


def test_the_statement_says_each_line_in_words_and_adds_up(kim):
    page = visit(kim, "/credits/statement/")
    assert table(page) == [
        ["Thu 3 Dec, 9:14am", "Came back: NO-2222", "10", "", "60"],
        ["Thu 3 Dec, 9:14am", "Spent, kept by the marketplace: NO-2222", "", "5", ""],
        ["Thu 3 Dec, 9:14am", "Spent: NO-2222", "", "5", ""],
        ["Mon 23 Nov, 9:14am", "Held: NO-2222", "", "20", "50"],
        ["Mon 23 Nov, 9:14am", "Held: NO-7K4Q", "", "30", "70"],
        ["Mon 23 Nov, 9:14am", "Given by support", "100", "", "100"],
    ]


def test_on_paper_it_says_whose_it_is_and_when_in_whose_clock_it_was_printed(kim):
    """PG-50, 3.8: the day with its year."""
    said = visit(kim, "/credits/statement/").text
    assert "Kim Okafor, Northwind Mentors<br>Printed Fri 4 Dec 2026, 9:14am, Prague (GMT+1).</p>" in said


@pytest.mark.parametrize(
    ("query", "lines"),
    [("month=2026-12", 3), ("month=2026-11", 3), ("month=2027-01", 0), ("kind=hold", 2), ("kind=hold&month=2026-12", 0),
     ("month=nonsense", 6), ("kind=nonsense", 6), ("month=2026-13&page=99", 6)],
)  # fmt: skip
def test_lines_are_filtered_and_nonsense_asks_for_nothing(kim, query, lines):
    page = visit(kim, f"/credits/statement/?{query}")
    assert (page.status_code, len(page.context["rows"])) == (200, lines)


def test_the_same_lines_as_csv(kim):
    """F104: no cell is a formula."""
    answer = visit(kim, "/credits/statement/?kind=grant&format=csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="credits.csv"'
    rows = list(csv.reader(StringIO(answer.content.decode())))
    assert rows[1] == ["2026-11-23 08:14", "Given by support", "", "", "'=Welcome", "100", "", "100"]


def test_large_sums_have_separators(kim, north):
    with tenant_scope(north):
        factories.purse(kim, 1_234_567)
    assert visit(kim, "/credits/").context["page"].sums[0] == ("1,234,627", "to use")
    assert ["1,234,567", "", "1,234,627"] in [row[2:] for row in table(visit(kim, "/credits/statement/"))]
    assert "1234567" in visit(kim, "/credits/statement/?format=csv").content.decode()


def test_months_to_choose_from_begin_with_the_first_line(kim):
    page = visit(kim, "/credits/statement/?month=2026-11&kind=hold")
    assert page.context["form"].fields["month"].widget.choices == [
        ("", "All months"), ("2026-12", "December 2026"), ("2026-11", "November 2026"),
    ]  # fmt: skip
    assert page.context["says"] == "November 2026: Held"
    other = visit(kim, "/credits/statement/?month=2031-05").context["form"].fields["month"].widget.choices
    assert other[-1] == ("2031-05", "May 2031")
    assert len(other) == 4


def test_who_earns_sees_what(kim):
    """F90."""
    page = visit(kim.ana, "/credits/earned/")
    assert table(page) == [["Thu 3 Dec, 9:14am", "Earned: NO-2222", "5", "", "5"]]
    assert "You have earned 5 credits" in visit(kim.ana, "/credits/").content.decode()


def test_a_voucher_is_used_on_the_page(kim, north):
    with tenant_scope(north):
        voucher = services.make_voucher(amount=7, by=kim, now=NOW)
    browser = Client()
    browser.force_login(kim.user)
    wrong = browser.post("/t/north/credits/", {"code": "AAAA"})
    assert (wrong.status_code, "We don&#x27;t know this code" in wrong.content.decode()) == (422, True)
    done = browser.post("/t/north/credits/", {"code": voucher.code}, follow=True)
    assert done.redirect_chain == [("/t/north/credits/", 303)]
    assert "The voucher gave you 7 credits." in done.content.decode()
    assert done.context["page"].sums[0] == ("67", "to use")


@pytest.mark.parametrize("path", ["/credits/", "/credits/statement/", "/credits/earned/"])
def test_others_see_nothing(kim, north, south, path):
    """T2: guests sign in first; strangers, and members where nothing costs credits, find no such page."""
    assert Client().get(f"/t/north{path}").status_code == 302
    stranger = factories.user("stranger@example.org")
    browser = Client()
    browser.force_login(stranger)
    assert browser.get(f"/t/north{path}").status_code == 404
    with tenant_scope(south):
        member = factories.member("Lena")
    assert visit(member, path, slug="south").status_code == 404


def test_an_empty_wallet_says_how_to_fill_it(north):
    with tenant_scope(north):
        lena = factories.member("Lena", credits=0)
    page = visit(lena, "/credits/").content.decode()
    assert "Nothing is held." in page
    assert "A voucher or your programme brings the first credits." in page
    assert "Nothing yet" in visit(lena, "/credits/statement/").content.decode()
