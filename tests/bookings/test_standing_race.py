"""Two of the staff decide at one instant: one decision stands, the other is told who was faster (F61, T44)."""

from collections import Counter

from accounts.enums import Role
from accounts.models import StaffAction
from accounts.tenancy import tenant_scope
from bookings.models import Explanation, LateChange
from bookings.services import standing
from notifications.models import EmailMessage
from tests import factories
from tests.bookings.rivals import ask, at_once, deadlocks, member

ROUNDS = 5


def explained(shop, number):
    """A late change that Ana has explained, committed."""
    booking = ask(shop, member(shop, f"Client {number}"))
    with tenant_scope(shop.tenant):
        change = LateChange.objects.create(
            provider=shop.ana, booking=booking, kind="cancel", starts_at=shop.start, at=shop.now
        )
        return standing.explain(
            late_change=change, by=shop.ana.member, reason_code="illness", text="I was ill.", now=shop.now
        )


def test_of_two_decisions_at_one_instant_one_stands(site, shop):
    with tenant_scope(shop.tenant):
        staff = [factories.member(name, roles=(Role.STAFF,)) for name in ("Sam Doyle", "Mia Lund")]
    visitors = [site.visitor(who.user) for who in staff]
    before = deadlocks()
    for number in range(ROUNDS):
        said = explained(shop, number)
        url = f"{shop.path}/admin/bookings/explanation/{said.pk}/change/"
        forms = [{"decision": decision, "why": f"Because {decision}."} for decision in ("accept", "refuse")]
        answers = at_once(
            *(visitor.prepare("POST", url, form).send for visitor, form in zip(visitors, forms, strict=True))
        )

        assert Counter(answer.status for answer in answers) == {302: 1, 409: 1}
        winner = forms[[answer.status for answer in answers].index(302)]["decision"]
        with tenant_scope(shop.tenant):
            row = Explanation.objects.select_related("late_change").get(pk=said.pk)
            assert row.state == {"accept": "accepted", "refuse": "refused"}[winner]
            assert row.late_change.state == {"accept": "voided", "refuse": "counted"}[winner]
            assert StaffAction.objects.filter(object_id=str(said.pk)).count() == 1
    with tenant_scope(shop.tenant):
        assert EmailMessage.objects.filter(kind="standing_decided").count() == ROUNDS
    assert deadlocks() == before
