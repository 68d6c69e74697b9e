"""Who may come into the staff's admin: the role in the tenant of the address decides (F126, T1)."""

import pytest
from django.contrib import admin

from accounts import services
from accounts.enums import Role
from accounts.tenancy import tenant_scope
from tests import factories

LISTS = [model._meta.label_lower.replace(".", "/") for model in admin.site._registry]


def every_page(world):
    """List, detail and history of every kind, and the pages beside them."""
    with tenant_scope(world.tenant):
        rows = {model: model.objects.order_by("pk").first() for model in admin.site._registry}
    pages = [
        "",
        "jsi18n/",
        "autocomplete/?app_label=marketplace&model_name=service&field_name=topic",
        "bookings/",
        "nowhere/",
    ]
    for model, row in rows.items():
        base = model._meta.label_lower.replace(".", "/")
        pages += [f"{base}/", f"{base}/add/"]
        if row is not None:
            pages += [f"{base}/{row.pk}/{page}" for page in ("change/", "history/", "delete/")]
    return [f"/t/{world.tenant.slug}/admin/{page}" for page in pages]


def test_every_kind_of_row_that_is_shown_belongs_to_a_tenant():
    from accounts.tenancy import TenantModel

    assert all(issubclass(model, TenantModel) for model in admin.site._registry)
    assert len(LISTS) == 23


@pytest.mark.parametrize("who", ["client", "provider"])
def test_members_without_a_staff_role_get_a_403_page_everywhere(who, mine, as_):
    member = mine.client if who == "client" else mine.provider.member
    visitor = as_(member)

    for url in every_page(mine):
        answer = visitor.get(url)
        assert answer.status_code == 403, url
        assert b'class="foot"' in answer.content, "the page is in the product's frame"


def test_an_owner_of_another_marketplace_gets_403_everywhere(mine, theirs, as_):
    visitor = as_(theirs.owner)

    assert {visitor.get(url).status_code for url in every_page(mine)} == {403}


def test_the_flag_is_staff_and_superuser_open_nothing(mine, as_):
    nobody = mine.client.user
    nobody.is_staff = nobody.is_superuser = True
    nobody.save()

    assert {as_(mine.client).get(url).status_code for url in every_page(mine)} == {403}


def test_guests_sign_in_and_come_back(mine, client):
    answer = client.get("/t/north/admin/bookings/booking/?status__exact=pending")

    assert answer.status_code == 302
    assert answer.url == "/t/north/signin/?next=/t/north/admin/bookings/booking/%3Fstatus__exact%3Dpending"


def test_djangos_own_sign_in_sign_out_and_passwords_are_not_there(mine, staff):
    for page in ("login", "logout", "password_change", "r/1/1"):
        assert staff.get(f"/t/north/admin/{page}/").status_code == 404, page


@pytest.mark.parametrize("who", ["staff", "owner"])
def test_staff_and_owners_see_every_list_and_row(who, mine, as_):
    visitor = as_(getattr(mine, who))
    refused = {"add/": 403, "delete/": 403, "nowhere/": 404}

    for url in every_page(mine):
        expected = next((code for end, code in refused.items() if url.endswith(end)), 200)
        if url.endswith(
            (
                "/service/add/",
                "/topic/add/",
                "/adjustment/add/",
                "/voucher/add/",
                "/programme/add/",
                "/programmemember/add/",
                "/refund/add/",
            )
        ):
            expected = 200
        assert visitor.get(url).status_code == expected, url


def test_a_suspended_staff_member_is_out_at_once(mine, staff):
    assert staff.get("/t/north/admin/").status_code == 200
    with tenant_scope(mine.tenant):
        services.change_member(
            member=mine.staff, name=mine.staff.name, roles=None, is_suspended=True, now=factories.NOW
        )

    assert staff.get("/t/north/admin/").status_code == 403


def test_the_platform_itself_has_no_admin(mine, staff):
    assert staff.get("/admin/").status_code == 404


def test_staff_cannot_give_roles(mine, staff):
    form = {"name": "Kim Changed", "roles": [Role.CLIENT, Role.OWNER], "why": "She asked."}
    url = f"/t/north/admin/accounts/membership/{mine.client.pk}/change/"

    assert staff.post(url, form).status_code == 302

    with tenant_scope(mine.tenant):
        mine.client.refresh_from_db()
    assert (mine.client.name, mine.client.roles) == ("Kim Changed", ["client"])


def test_an_owner_gives_roles(mine, owner):
    form = {"name": mine.client.name, "roles": [Role.CLIENT, Role.STAFF], "why": "Joins the desk."}

    assert owner.post(f"/t/north/admin/accounts/membership/{mine.client.pk}/change/", form).status_code == 302

    with tenant_scope(mine.tenant):
        mine.client.refresh_from_db()
    assert mine.client.roles == ["client", "staff"]


@pytest.mark.parametrize(
    ("whom", "change", "sentence"),
    [
        ("owner", {"roles": [Role.STAFF]}, "You can&#x27;t stop being an owner yourself."),
        ("owner", {"roles": [Role.OWNER], "is_suspended": "on"}, "You can&#x27;t suspend yourself."),
        ("client", {"roles": []}, "Choose at least one role."),
    ],
)
def test_owners_do_not_lock_themselves_out(whom, change, sentence, mine, owner):
    member = getattr(mine, whom)
    form = {"name": member.name, "why": "A try.", **change}

    answer = owner.post(f"/t/north/admin/accounts/membership/{member.pk}/change/", form)

    assert answer.status_code == 200
    assert sentence in answer.text
    with tenant_scope(mine.tenant):
        before = (member.roles, member.suspended_at)
        member.refresh_from_db()
    assert (member.roles, member.suspended_at) == before


def test_staff_cannot_suspend_an_owner(mine, staff):
    form = {"name": mine.owner.name, "is_suspended": "on", "why": "A try."}

    answer = staff.post(f"/t/north/admin/accounts/membership/{mine.owner.pk}/change/", form)

    assert "Only an owner suspends an owner." in answer.text
