"""Staff change members in the administration, and what people typed stays text."""

from accounts.tenancy import tenant_scope
from tests import factories

from .saving import BASE, save


def test_a_name_with_markup_is_text(mine, staff, provider_form):
    form = provider_form | {"headline": "<script>alert(1)</script>", "why": "<b>why</b>"}
    save(staff, f"{BASE}marketplace/provider/{mine.provider.pk}/change/", form)

    for page in ("", "marketplace/provider/", f"marketplace/provider/{mine.provider.pk}/history/"):
        assert "<script>alert" not in staff.get(BASE + page).text
        assert "<b>why</b>" not in staff.get(BASE + page).text


def test_members_are_renamed_with_factories_left_alone(mine, staff):
    form = {"name": "Kim Okafor-Bell", "why": "Married."}

    staff.post(f"{BASE}accounts/membership/{mine.client.pk}/change/", form)

    with tenant_scope(mine.tenant):
        mine.client.refresh_from_db()
        assert (mine.client.name, mine.client.suspended_at) == ("Kim Okafor-Bell", None)


def test_suspending_and_lifting(mine, staff):
    url = f"{BASE}accounts/membership/{mine.client.pk}/change/"

    staff.post(url, {"name": mine.client.name, "is_suspended": "on", "why": "Rude to a provider."})
    with tenant_scope(mine.tenant):
        mine.client.refresh_from_db()
    assert mine.client.suspended_at == factories.NOW

    staff.post(url, {"name": mine.client.name, "why": "Talked it over."})
    with tenant_scope(mine.tenant):
        mine.client.refresh_from_db()
    assert mine.client.suspended_at is None
