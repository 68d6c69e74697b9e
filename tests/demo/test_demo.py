"""The demo as it is made: enough of everything, real histories, things to try (presets.md, ux.md 6, C28)."""

from datetime import timedelta
from email import message_from_bytes
from email.utils import parsedate_to_datetime

import pytest
from django.db.models import Count, F

from accounts.enums import Role
from accounts.models import Membership, Tenant, User
from accounts.presets import PRESETS
from accounts.queries import tenants_of
from accounts.tenancy import tenant_scope
from bookings import staff_queries
from bookings.enums import AGREED, AGREED_ONCE, Action, Status
from bookings.models import Booking, BookingEvent, LateChange, Proposal, SupportRequest
from bookings.queries import open_proposal_of, provider_of, today_of
from calendars.models import Claim, DateOverride, FreeDay
from config.demo import loading, story
from config.demo.samples import SLUGS, samples
from credits.models import Programme
from credits.queries import balances
from marketplace.models import Provider, Service
from marketplace.overview import overview
from marketplace.queries import free_soonest
from notifications.models import EmailMessage, MailboxMessage, OutboxMessage
from tests import factories

NOW = factories.NOW
SAMPLES = {sample.slug: sample for sample in samples()}
STATUS = {"": "pending", "accept": "confirmed", "decline": "declined", "withdraw": "cancelled", "lapse": "expired"}
THEN = {"suggest": "pending", "no_show": "noshow", "contest": "noshow", "cancel": "cancelled"}
BEGINNINGS = {"request": "pending", "invite": "pending", "book": "confirmed"}


def statuses_of(sample):
    """Every status that the tenant's rules know; waiting needs credits, setting up needs something to set up."""
    unknown = {"waiting"} if PRESETS[sample.slug].policy.logistics == "automatic" else {"waiting", "confirming"}
    return set(Status.values) - unknown


def told(scene):
    """The status that a scene says its booking has in the end; nothing where that depends on the hours of a day."""
    if scene.outcome == "held":
        return ""
    status = STATUS[scene.answer] if scene.answer else BEGINNINGS[scene.begins]
    for step in scene.then:
        keeps = status == "confirmed" and step.do in ("suggest", "reschedule", "ask_to_cancel", "ask_support")
        status = status if keeps else THEN[step.do]
    return {"no_show": "noshow"}.get(scene.outcome, "confirming" if scene.title == "being set up" else status)


@pytest.fixture(params=SLUGS)
def sample(demo, request):
    """Each sample in turn, in its scope."""
    with tenant_scope(Tenant.objects.get(slug=request.param)):
        yield SAMPLES[request.param]


@pytest.fixture
def mentors(demo):
    with tenant_scope(Tenant.objects.get(slug="mentors")):
        yield


def the(name, provider):
    """The booking of the scene with this title."""
    scene = next(scene for scene in SAMPLES["mentors"].scenes if scene.title == name)
    assert scene.provider == provider
    return Booking.objects.get(notes=scene.notes)


def test_all_is_made_and_counted(demo):
    scenes = sum(len(sample.scenes) + len(list(story.past(sample))) for sample in samples())

    assert (demo.marketplaces, demo.requests) == (5, scenes)
    assert demo.mails == MailboxMessage.objects.count() > 400
    assert User.objects.filter(email__endswith="@demo.parley.example").count() == User.objects.count() == 168


def test_a_marketplace_looks_like_itself(sample):
    tenant = Tenant.objects.get(slug=sample.slug)

    assert (tenant.name, tenant.accent, tenant.icon) == tuple(sample.tenant[key] for key in ("name", "accent", "icon"))
    assert len(set(Tenant.objects.values_list("accent", flat=True))) == 5


def test_people_and_profiles(sample):
    providers = Provider.objects.filter(is_published=True)

    assert providers.count() == len(sample.providers) >= 12
    assert len(set(providers.values_list("calendar__time_zone", flat=True))) >= 5
    assert Membership.objects.filter(roles__contains=[Role.CLIENT]).count() >= 20
    assert not providers.filter(bio="") | providers.filter(headline="") | providers.filter(city="")
    assert not providers.annotate(offers=Count("services")).filter(offers=0)
    assert DateOverride.objects.exists()


def test_nobody_has_a_password(demo):
    assert not any(user.has_usable_password() for user in User.objects.all())


def test_bookings_stand_in_every_status_that_the_tenant_knows(sample):
    """presets.md, last paragraph."""
    assert set(Booking.objects.values_list("status", flat=True)) == statuses_of(sample)


def test_every_scene_ended_as_it_is_told(sample):
    scenes = [*sample.scenes, *story.past(sample)]
    found = {booking.notes: booking for booking in Booking.objects.select_related("client", "provider", "service")}

    assert len(found) == len(scenes)
    for scene in scenes:
        booking = found[scene.notes]
        assert (booking.client.name, booking.provider.name, booking.service.name) == (
            scene.client,
            scene.provider,
            scene.service,
        )
        if scene.answer == "lapse":
            assert booking.status in ("expired", "pending"), scene
        elif scene.outcome:
            # What began less than a day ago is over for nobody yet.
            assert booking.status in ("confirmed", "completed", "noshow"), scene
        else:
            assert booking.status == told(scene), scene


def test_histories_have_happened_in_the_past_and_in_order(sample):
    for booking in Booking.objects.prefetch_related("events"):
        events = list(booking.events.all())
        assert events[0].action in (Action.REQUEST, Action.INVITE, Action.BOOK)
        assert [event.at for event in events] == sorted(event.at for event in events)
        assert NOW - story.PAST <= events[0].at == booking.created_at
        assert events[-1].at <= NOW
    assert not Booking.objects.filter(status__in=AGREED_ONCE, starts_at__lt=F("created_at"))
    assert {"Expert approval", "Rejected by expert"} & set(BookingEvent.objects.values_list("name", flat=True))


def test_nothing_is_overdue_and_nothing_waits_in_the_outbox(sample):
    assert not Proposal.objects.filter(state="open", answer_by__lt=NOW)
    assert not OutboxMessage.objects.exclude(state="done").filter(due_at__lte=NOW)
    assert not staff_queries.stuck(NOW)


def test_mails_were_sent_when_they_were_caused(sample):
    mails = EmailMessage.objects.select_related("recipient__user")

    assert set(mails.values_list("state", flat=True)) == {"sent"}
    assert not mails.exclude(created_at=F("sent_at")) | mails.filter(sent_at__gt=NOW) | mails.filter(subject="")
    requests = EmailMessage.objects.filter(kind="booking_requested_provider")
    assert requests.count() == BookingEvent.objects.filter(action=Action.REQUEST).count()
    mail = requests.order_by("sent_at").first()
    delivered = MailboxMessage.objects.get(message_id=mail.message_id)
    assert delivered.received_at == mail.sent_at
    assert parsedate_to_datetime(message_from_bytes(bytes(delivered.source))["Date"]) == mail.sent_at.replace(
        microsecond=0
    )


def test_free_time_reaches_as_far_ahead_as_people_may_book(sample):
    days = FreeDay.objects.filter(calendar__in=Provider.objects.values("calendar"))

    assert days.order_by("-day").first().day >= (NOW + timedelta(days=60)).date()
    assert not days.filter(day__lt=(NOW - timedelta(days=1)).date())
    from accounts.queries import current_policy

    assert len(free_soonest(policy=current_policy().policy, now=NOW, among=overview(now=NOW, fresh=True).part)) == 6


def test_the_provider_to_sign_in_as_has_requests_to_answer_and_something_agreed(sample):
    persona = next(person for person in sample.personas if Role.PROVIDER in person.roles)

    today = today_of(provider_of(Membership.objects.get(name=persona.name)), NOW)

    assert len(today.to_answer) >= 3
    due = [open_proposal_of(booking).answer_by for booking in today.to_answer]
    assert NOW < min(due) < NOW + timedelta(hours=4)
    assert any(NOW < booking.starts_at < NOW + timedelta(days=5) for booking in today.upcoming)


def test_the_client_to_sign_in_as_has_one_of_everything(sample):
    persona = sample.personas[0]

    found = set(Booking.objects.filter(client__name=persona.name).values_list("status", flat=True))

    assert found == statuses_of(sample)


def test_staff_have_something_to_look_after(sample):
    assert staff_queries.unanswered(NOW).exists()
    assert staff_queries.due_soon(NOW).exists()


def test_times_wait_for_the_client_to_sign_in_as(sample):
    """S0.22, S4.27: times that a provider suggested, and a declined one that was taken up again."""
    persona = sample.personas[0]
    suggested = Proposal.objects.filter(state="open", made_by="provider", booking__client__name=persona.name)

    assert suggested.filter(number__gt=1).count() >= 2
    assert BookingEvent.objects.filter(action=Action.SUGGEST, status_before=Status.DECLINED).exists()


@pytest.mark.parametrize("slug", ["consult", "mentors"])
def test_another_date_waits_on_both_sides_of_what_is_agreed(demo, slug):
    """S4.24, S4.25."""
    with tenant_scope(Tenant.objects.get(slug=slug)):
        made_by = Proposal.objects.filter(state="open", booking__status__in=AGREED).values_list("made_by", flat=True)
        assert sorted(made_by) == ["client", "provider"]


def test_an_invitation_waits(mentors):
    """S4.14-S4.18."""
    invitation = Booking.objects.get(events__action=Action.INVITE, status=Status.PENDING)

    assert (invitation.client.name, invitation.provider.name) == ("Kim Okafor", "Ana Nowak")


@pytest.mark.parametrize("slug", ["practice", "studio"])
def test_something_was_booked_and_something_moved_by_the_organizer(demo, slug):
    """S3.12, S3.13, D16."""
    with tenant_scope(Tenant.objects.get(slug=slug)):
        assert Booking.objects.filter(events__action=Action.BOOK, status=Status.CONFIRMED).exists()
        assert BookingEvent.objects.get(action=Action.RESCHEDULE).reason_text


def test_talks_wait_for_support_and_for_a_client_to_cancel(demo):
    """S1.14, S1.18."""
    with tenant_scope(Tenant.objects.get(slug="talks")):
        assert SupportRequest.objects.get(state="open").starts
        assert Booking.objects.filter(status=Status.CONFIRMED, cancel_asked_at__isnull=False).exists()


@pytest.mark.parametrize(("slug", "provider"), [("talks", "Grace Amoako"), ("mentors", "Ana Nowak")])
def test_a_late_change_counts_once(demo, slug, provider):
    """S1.16, T43: against the provider to sign in as."""
    with tenant_scope(Tenant.objects.get(slug=slug)):
        assert LateChange.objects.get(state="counted").provider.name == provider


def test_a_no_show_is_contested(sample):
    """T41: staff find one to decide."""
    contested = Booking.objects.filter(status=Status.NOSHOW, contested_at__isnull=False)

    assert contested.count() == 1


def test_ana_is_provider_and_client_at_once_and_in_three_marketplaces(mentors):
    ana = Membership.objects.get(name="Ana Nowak")

    assert ana.roles == ["client", "provider"]
    assert Booking.objects.filter(client=ana).exists()
    assert Booking.objects.filter(provider__member=ana).exists()
    assert {tenant.slug for tenant in tenants_of(ana.user)} == {"consult", "practice", "mentors"}


def test_two_people_ask_for_the_same_time(mentors):
    first = the("two people ask Ana for the same time: the first", "Ana Nowak")
    second = the("two people ask Ana for the same time: the second", "Ana Nowak")

    starts = [booking.proposals.get().times.get().starts_at for booking in (first, second)]
    assert starts[0] == starts[1]
    assert first.client != second.client
    assert Claim.objects.filter(kind="asked", reference__in=[first.reference, second.reference]).count() == 2


def test_a_request_with_several_times(demo):
    with tenant_scope(Tenant.objects.get(slug="talks")):
        times = Proposal.objects.filter(state="open").annotate(count=Count("times")).values_list("count", flat=True)
        assert max(times) == 3


def test_made_twice_it_is_made_once(demo):
    before = [model.objects.count() for model in (Tenant, User, MailboxMessage)]

    again = loading.load(now=NOW + timedelta(days=1))

    assert again == loading.Told()
    assert [model.objects.count() for model in (Tenant, User, MailboxMessage)] == before
    assert not loading.is_needed()


def test_a_hub_gives_each_client_of_the_practice_sessions(demo):
    """D13, F83, presets.md: twelve a year, one for a session; a first conversation costs nothing."""
    with tenant_scope(Tenant.objects.get(slug="practice")):
        hub = Programme.objects.get()
        assert (hub.name, hub.amount, hub.period) == ("Riverside wellbeing hub", 12, "year")
        clients = Membership.objects.filter(roles__contains=["client"])
        assert hub.places.filter(left_at=None).count() == clients.count()
        have = [balances(client) for client in clients]
        assert min(balance.available for balance in have) >= 0
        assert sum(balance.held for balance in have) > 0
        assert set(Service.objects.filter(name="First conversation").values_list("price", flat=True)) == {0}
        assert set(Service.objects.exclude(name="First conversation").values_list("price", flat=True)) == {1}
