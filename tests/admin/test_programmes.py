"""PG-84: staff make programmes, change and end them, put people in, and see who got what (F83, F84)."""

import pytest

from accounts.tenancy import tenant_scope
from credits import queries, services
from credits.models import Programme, ProgrammeMember
from tests import factories
from tests.statements import recorded

from .conftest import NOW

BASE = "/t/north/admin/credits/"
SAID = {"name": "Acme Care", "amount": "12", "period": "month", "is_active": "on", "why": "A new sponsor"}


@pytest.fixture
def acme(mine, staff):
    """A programme that staff made on the page."""
    assert staff.post(f"{BASE}programme/add/", SAID).status_code == 302
    with tenant_scope(mine.tenant):
        return Programme.objects.get(name="Acme Care")


def join(staff, programme, member):
    return staff.post(f"{BASE}programmemember/add/", {"programme": programme.pk, "member": member.user.email})


def have(world, member):
    with tenant_scope(world.tenant):
        return queries.balances(member).available


def test_who_joins_gets_the_allowance_of_the_period(mine, staff, acme):
    before = have(mine, mine.client)
    assert join(staff, acme, mine.client).status_code == 302
    assert have(mine, mine.client) == before + 12
    again = join(staff, acme, mine.client)
    assert f"{mine.client.name} is in Acme Care already." in again.text
    assert have(mine, mine.client) == before + 12


def test_staff_see_who_got_what(mine, staff, acme):
    """However many there are, in as many statements."""
    join(staff, acme, mine.client)
    page = f"{BASE}programme/{acme.pk}/change/"
    staff.get(page)
    with recorded() as few:
        shown = staff.get(page).text
    assert f">{mine.client.name}</a></td>" in shown
    assert "<td>12</td>" in shown
    with tenant_scope(mine.tenant):
        for name in ("Lena Hartmann", "Joon Park"):
            services.join_programme(programme=acme, member=factories.member(name), now=NOW)
    with recorded() as many:
        assert "Joon Park" in staff.get(page).text
    assert len(many) == len(few)
    listed = staff.get(f"{BASE}programmemember/?programme__id__exact={acme.pk}").text
    assert listed.count('class="field-given">12<') == 3


def test_a_programme_is_changed_and_ended(mine, staff, acme):
    join(staff, acme, mine.client)
    page = f"{BASE}programme/{acme.pk}/change/"
    kept = {
        "places-TOTAL_FORMS": "0", "places-INITIAL_FORMS": "0", "amount": "20", "period": "quarter", "why": "Contract",
    }  # fmt: skip
    assert staff.post(page, {**kept, "is_active": "on", "name": "Other"}).status_code == 302
    with tenant_scope(mine.tenant):
        acme.refresh_from_db()
    assert (acme.name, acme.amount, acme.period) == ("Acme Care", 20, "quarter")
    assert staff.post(page, kept).status_code == 302
    assert "It has ended." in staff.get(page).text
    assert "Select a valid choice" in join(staff, acme, mine.owner).text


def test_the_sponsoring_of_one_member_ends(mine, staff, acme):
    join(staff, acme, mine.client)
    with tenant_scope(mine.tenant):
        place = ProgrammeMember.objects.get(programme=acme)
    leave = {"action": "leave", "_selected_action": [str(place.pk)]}
    told = staff.post(f"{BASE}programmemember/", leave, follow=True).text
    assert f"Acme Care gives {mine.client.name} nothing more." in told
    with tenant_scope(mine.tenant):
        place.refresh_from_db()
    assert place.left_at == NOW


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"amount": "0"}, "Enter a whole number above 0, like 30."),
        ({"amount": "x"}, "Enter a whole number."),
        ({"why": ""}, "Say in a few words"),
    ],
)
def test_wrong_input_is_said_and_makes_nothing(mine, staff, said, sentence):
    page = staff.post(f"{BASE}programme/add/", {**SAID, **said})
    assert (page.status_code, sentence in page.text) == (200, True)
    with tenant_scope(mine.tenant):
        assert not Programme.objects.filter(name="Acme Care").exists()
