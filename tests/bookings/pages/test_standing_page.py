"""A provider's standing and the page to explain a late change, as people send and see them (PG-49, S1.17, T44)."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.enums import Role
from accounts.tenancy import tenant_scope
from bookings import services
from bookings.enums import Action, Actor
from bookings.models import EvidenceFile, Explanation
from bookings.services import standing
from marketplace import queries as marketplace
from tests import factories
from tests.bookings.standing_scene import adopt, agree, cancel, cancelled_late, staff

BASE = "/t/north/portal/standing/"
PDF = b"%PDF-1.7\n<script>alert(1)</script>"
SAID = {"reason_code": "illness", "text": "I was in hospital."}


class Scene:
    """Ana with late cancellations, and everybody who may or may not see something of them."""


@pytest.fixture
def scene(north, now, private_files):
    made = Scene()
    made.tenant = north
    with tenant_scope(north):
        adopt(suspends_topics="at_once")
        made.topic = factories.topic("Tax planning")
        made.ana = factories.provider("Ana Nowak", now=now, topics=[made.topic])
        made.ben = factories.provider("Ben Adler", now=now)
        made.service = factories.service(made.ana, "Tax planning", topic=made.topic)
        made.kim, made.staff = factories.member("Kim Okafor"), staff()
        first = now.replace(hour=9, minute=0) + timedelta(days=14)
        [booking] = cancelled_late(made.service, made.kim, 1, first=first)
        made.change = booking.late_changes.get()
    made.now = made.change.at + timedelta(hours=1)
    with time_machine.travel(made.now, tick=False):
        yield made


@pytest.fixture
def as_(client):
    def as_(member):
        client.force_login(member.user)
        return client

    return as_


def words(response):
    body = response.content.decode()
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body[body.index("<main") :])).split())


def test_what_went_to_somebody_else_is_named_without_a_way_to_it(scene, as_):
    """T34, T2: its page is not theirs any more, nor what it is called with somebody else."""
    with tenant_scope(scene.tenant):
        factories.service(scene.ben, "Company taxes")
        booking = agree(scene.service, scene.kim, scene.now + timedelta(hours=24), asked=scene.now - timedelta(days=5))
        [to], by = marketplace.offered_by("Ben Adler"), {"actor": Actor.STAFF, "by": scene.staff, "now": scene.now}
        details = {"reason_text": "She is ill", "on_behalf_of": Actor.PROVIDER, "new_service": to}
        services.perform(booking=booking, action=Action.REASSIGN, **by, **details)
    answer = as_(scene.ana.member).get(BASE)
    assert "Meeting with Kim Okafor, given to somebody else" in words(answer)
    assert f"/bookings/{booking.code}/" not in answer.text
    assert "Company taxes" not in answer.text
    assert "Late cancellation" not in words(as_(scene.ben.member).get(BASE))


def explain_url(scene):
    return f"{BASE}{scene.change.pk}/explain/"


def send(client, scene, *files, **changes):
    return client.post(explain_url(scene), {**SAID, **changes, "files": list(files)})


def file(name="note.pdf", content=PDF, content_type="text/html"):
    return SimpleUploadedFile(name, content, content_type)


def test_the_page_says_what_counts_until_when_and_by_which_rule(scene, as_):
    text = words(as_(scene.ana.member).get(BASE))

    assert "1 of 2 late cancellations. It counts until Mon 6 Dec 2027." in text
    assert "0 of 2 late moves in the last 12 months." in text
    assert "Tax planning with Kim Okafor" in text
    assert "24 hours before the start. Less than 48 hours before it counts as late." in text
    assert (
        "After more than 2 of one kind in 12 months your skills are paused at once, and our staff look into it." in text
    )
    assert "Explain what happened" in text


def test_paused_topics_say_until_when_and_what_goes_on(scene, as_):
    with tenant_scope(scene.tenant):
        later = scene.change.starts_at + timedelta(weeks=1)
        cancelled_late(scene.service, scene.kim, 2, first=later)
    with time_machine.travel(later + timedelta(weeks=2), tick=False):
        text = words(as_(scene.ana.member).get(BASE))

    assert "“Tax planning” is paused" in text
    assert "At the latest on Mon 6 Dec 2027 it is listed again by itself." in text
    assert "What is agreed or asked for already goes on: your meetings are untouched." in text
    assert "3 late cancellations: more than 2." in text


def test_who_is_no_provider_gets_no_page(scene, as_):
    assert as_(scene.kim).get(BASE).status_code == 404
    assert as_(scene.staff).get(BASE).status_code == 404


def test_where_nothing_counts_the_page_says_so(scene, as_):
    """D8: a provider who follows an old link gets a sentence. What was counted before stays to be seen."""
    with tenant_scope(scene.tenant):
        adopt(late_change_hours=0)

    answer = as_(scene.ben.member).get(BASE)

    assert answer.status_code == 200
    assert "Late changes are not counted here" in words(answer)
    assert "Each late change" in words(as_(scene.ana.member).get(BASE))


def test_explaining_with_a_file_is_shown_under_review(scene, as_):
    client = as_(scene.ana.member)
    answer = send(client, scene, file())

    assert answer.status_code == 303
    assert answer["Location"] == f"{BASE}#late-{scene.change.pk}"
    text = words(client.get(BASE))
    assert "Sent. Our staff read it and answer you by mail." not in text.partition("Each late change")[2]
    assert "Under review. Our staff answer you by mail." in text
    assert "I was in hospital." in text
    assert "note.pdf 1 KB" in text
    assert "Explain what happened" not in text


def test_the_decision_and_its_reason_are_shown(scene, as_):
    client = as_(scene.ana.member)
    send(client, scene)
    with tenant_scope(scene.tenant):
        said = Explanation.objects.select_related("late_change__provider__calendar").get()
        standing.decide(explanation=said, is_accepted=True, reason="We believe you.", by=scene.staff, now=scene.now)

    text = words(client.get(BASE))
    assert "Accepted. It does not count any more. We believe you." in text
    assert "0 of 2 late cancellations" in text
    assert "Does not count: your explanation was accepted." in text


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([file("virus.exe", b"MZ")], "“virus.exe” is of another kind. Send PDF, PNG, JPG, HEIC or TXT."),
        (
            [file("page.pdf", b"<html>")],
            "What is in “page.pdf” is no PDF. Save it as PDF, PNG, JPG, HEIC or TXT and send it again.",
        ),
        ([file(f"{n}.txt", b"words") for n in range(6)], "Send 5 files at most."),
        ([file("big.txt", b"x" * (5 * 1024 * 1024 + 1))], "“big.txt” is larger than 5 MB. Send a smaller copy."),
        ([file("empty.txt", b"")], "“empty.txt” is empty. Choose another file."),
    ],
)
def test_bad_files_are_refused_with_a_sentence_and_the_words_stay(scene, as_, private_files, files, sentence):
    answer = send(as_(scene.ana.member), scene, *files)

    assert answer.status_code == 422
    assert sentence in unescape(answer.content.decode())
    assert "I was in hospital." in answer.content.decode()
    assert list(private_files.rglob("*")) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reason_code": ""}, "Choose what was in the way."),
        ({"text": ""}, "Say in a few words what happened."),
        ({"text": "x" * 2001}, "This is too long: 2000 characters fit, these are 2001."),
    ],
)
def test_what_is_missing_is_said(scene, as_, changes, sentence):
    answer = send(as_(scene.ana.member), scene, **changes)

    assert (answer.status_code, sentence in words(answer)) == (422, True)


def test_sent_twice_is_a_conflict_that_shows_what_was_said(scene, as_):
    client = as_(scene.ana.member)
    send(client, scene)
    answer = send(client, scene, text="Another story.")

    assert answer.status_code == 409
    assert "I was in hospital." in words(answer)
    with tenant_scope(scene.tenant):
        assert Explanation.objects.get().text == "I was in hospital."


def test_opening_the_page_changes_nothing(scene, as_):
    assert as_(scene.ana.member).get(explain_url(scene)).status_code == 200
    with tenant_scope(scene.tenant):
        assert not Explanation.objects.exists()


# --- files: who gets them, and how -----------------------------------------------------------------------------------


@pytest.fixture
def evidence(scene, as_):
    """The address of a file that Ana handed in, below a tenant's prefix."""
    send(as_(scene.ana.member), scene, file("..\\..//etc/pass'wd\u202e.pdf"))
    with tenant_scope(scene.tenant):
        return f"portal/standing/files/{EvidenceFile.objects.get().pk}/"


def test_a_file_is_a_download_and_never_a_page(scene, as_, evidence):
    answer = as_(scene.ana.member).get(f"/t/north/{evidence}")

    assert answer.status_code == 200
    assert answer.content == PDF
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "no-store"


def test_a_name_is_only_shown_and_never_a_path(scene, evidence, private_files):
    with tenant_scope(scene.tenant):
        row = EvidenceFile.objects.get()
    assert row.name == "pass'wd.pdf"
    assert re.fullmatch(rf"evidence/{scene.tenant.pk}/[0-9a-f]{{32}}", row.file.name)
    assert [path for path in private_files.rglob("*") if path.is_file()] == [private_files / row.file.name]


def test_staff_get_the_file_and_nobody_else(scene, as_, evidence):
    url = f"/t/north/{evidence}"
    with tenant_scope(scene.tenant):
        owner = factories.member("Priya Owner", roles=(Role.OWNER,))

    assert [as_(who).get(url).status_code for who in (scene.staff, owner)] == [200, 200]
    assert [as_(who).get(url).status_code for who in (scene.kim, scene.ben.member)] == [404, 404]


def test_another_tenants_staff_and_guests_find_no_file(scene, client, as_, evidence, south):
    assert client.__class__().get(f"/t/north/{evidence}").status_code == 302
    with tenant_scope(south):
        theirs = factories.member("Sam Elsewhere", roles=(Role.STAFF, Role.OWNER))

    assert [as_(theirs).get(f"/t/{slug}/{evidence}").status_code for slug in ("north", "south")] == [404, 404]


def test_a_suspended_provider_gets_no_file(scene, as_, evidence):
    member = scene.ana.member
    with tenant_scope(scene.tenant):
        member.suspended_at = scene.now
        member.save()

    assert as_(member).get(f"/t/north/{evidence}").status_code == 404


def test_a_file_that_is_gone_from_the_disk_is_not_found(scene, as_, evidence, private_files):
    [path] = [path for path in private_files.rglob("*") if path.is_file()]
    path.unlink()

    assert as_(scene.ana.member).get(f"/t/north/{evidence}").status_code == 404


def test_files_have_no_address_of_their_own(scene, client, evidence, settings):
    with tenant_scope(scene.tenant):
        name = EvidenceFile.objects.get().file.name
    for path in (
        f"/{name}",
        f"/static/{name}",
        f"/media/{name}",
        f"/t/north/{name}",
        f"/static/../.parley/files/{name}",
    ):
        assert client.get(path).status_code == 404
    assert not settings.FILES_ROOT.is_relative_to(settings.STATIC_ROOT)
    assert all(not settings.FILES_ROOT.is_relative_to(folder) for folder in settings.STATICFILES_DIRS)


def test_another_providers_late_change_is_not_found(scene, as_):
    client = as_(scene.ben.member)

    assert client.get(explain_url(scene)).status_code == 404
    assert send(client, scene).status_code == 404


def test_what_is_larger_than_any_form_takes_is_refused_before_it_is_read(scene, as_):
    """413 by the announced length; nothing of it is kept."""
    answer = as_(scene.ana.member).post(explain_url(scene), SAID, headers={"Content-Length": str(28 * 1024 * 1024)})

    assert answer.status_code == 413
    assert "too large" in words(answer)


# --- the page of the day, and what others see of it -----------------------------------------------------------------


def test_a_paused_topic_is_nowhere_to_be_found_and_says_so_on_the_form(scene, client):
    """S1.16, S1.22: directory, topic filter, search, profile, request form."""
    with tenant_scope(scene.tenant):
        later = scene.change.starts_at + timedelta(weeks=1)
        cancelled_late(scene.service, scene.kim, 2, first=later)
    with time_machine.travel(later + timedelta(weeks=2), tick=False):
        for url in ("experts/", f"experts/?topic={scene.topic.slug}", "experts/?q=tax"):
            assert "Tax planning" not in words(client.get(f"/t/north/{url}")).partition("Filter")[0]
        assert "Ana Nowak" not in words(client.get(f"/t/north/experts/?topic={scene.topic.slug}"))
        profile = words(client.get(f"/t/north/experts/{scene.ana.slug}/"))
        assert "Ana Nowak offers nothing to ask for right now" in profile
        form = client.get(f"/t/north/experts/{scene.ana.slug}/request/?service={scene.service.pk}")
        assert "Ana Nowak takes no new requests" in words(form)


def test_an_agreed_meeting_stays_open_to_its_client_while_topics_are_paused(scene, as_):
    """S1.16: existing bookings go on."""
    with tenant_scope(scene.tenant):
        later = scene.change.starts_at + timedelta(weeks=1)
        cancelled_late(scene.service, scene.kim, 2, first=later)
        start = later + timedelta(weeks=2)
        other = factories.service(scene.ana, "Other")
        booking = agree(other, scene.kim, start, asked=start - timedelta(days=6))
    with time_machine.travel(start - timedelta(days=3), tick=False):
        assert as_(scene.kim).get(f"/t/north/bookings/{booking.code}/").status_code == 200
        with tenant_scope(scene.tenant):
            assert cancel(booking, start - timedelta(days=3)).status == "cancelled"


def test_the_day_says_how_one_stands_where_anything_is_counted(scene, as_):
    """PG-40: the way to the page."""
    page = as_(scene.ana.member).get("/t/north/portal/")
    assert "Your standing: 1 of 2 late cancellations until Mon 6 Dec 2027" in words(page)
    assert f'href="{BASE}"' in page.text
    assert "Your standing: good" in words(as_(scene.ben.member).get("/t/north/portal/"))
    with tenant_scope(scene.tenant):
        adopt(late_change_hours=0)
    assert "Your standing" not in words(as_(scene.ana.member).get("/t/north/portal/"))


def test_the_page_to_cancel_says_what_it_leads_to_and_the_client_reads_nothing_of_it(scene, as_):
    """D-7: before the click, for this booking; a provider's standing is theirs."""
    start = scene.change.starts_at + timedelta(weeks=1)
    with tenant_scope(scene.tenant):
        booking = agree(scene.service, scene.kim, start, asked=start - timedelta(days=6))
    url = f"/t/north/bookings/{booking.code}/cancel/"
    with time_machine.travel(start - timedelta(hours=5), tick=False):
        said = words(as_(scene.ana.member).get(url))
        told = words(as_(scene.kim).get(url))

    assert "This is late cancellation 2 of 2 within 12 months. One more pauses “Tax planning”." in said
    assert "late cancellation" not in told
