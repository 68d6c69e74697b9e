"""A provider's own hours, as they send and see them (PG-42, F35, F36, F43, F44, S0.20, S4.40)."""

import re
from datetime import UTC, date, datetime
from html import unescape
from zoneinfo import ZoneInfo

import pytest
import time_machine

from accounts.tenancy import tenant_scope
from bookings import services
from bookings.enums import Action, Actor
from calendars import services as calendars
from calendars.enums import ClaimKind
from calendars.hours_queries import OtherDays, other_days, week_of
from calendars.models import Block, Claim
from tests import factories

BASE = "/t/north/portal/availability/"
PRAGUE = ZoneInfo("Europe/Prague")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def prague(day, hour, minute=0):
    """An instant of November 2026 by Ana's clock."""
    return datetime(2026, 11, day, hour, minute, tzinfo=PRAGUE).astimezone(UTC)


class Scene:
    """Ana, whose hours they are, and Kim, who asks her."""

    def ask(self, start):
        with tenant_scope(self.tenant):
            return services.request_session(client=self.kim, service=self.service, starts=[start], now=self.now)

    def agree(self, start):
        booking = self.ask(start)
        with tenant_scope(self.tenant):
            services.perform(
                booking=booking,
                action=Action.ACCEPT,
                actor=Actor.PROVIDER,
                by=self.ana.member,
                start=start,
                now=self.now,
            )
        return booking

    def week(self):
        with tenant_scope(self.tenant):
            return [(row.day, row.opens, row.closes) for row in week_of(self.ana.calendar)]

    def days(self):
        with tenant_scope(self.tenant):
            return other_days(self.ana.calendar, date(2026, 11, 23))


@pytest.fixture
def scene(north, now, client):
    made = Scene()
    made.tenant, made.now = north, now
    with tenant_scope(north):
        made.ana = factories.provider("Ana Nowak", now=now)
        made.service = factories.service(made.ana, "Tax planning", price=0)
        made.kim = factories.member("Kim Okafor")
    client.force_login(made.ana.member.user)
    made.client = client
    with time_machine.travel(now, tick=False):
        yield made


def words(response):
    body = response.content.decode()
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body[body.index("<main") :])).split())


def typed(**days):
    """A week as the page sends it: monday=[("9am", "5pm")]."""
    data = {}
    for number, name in enumerate(WEEKDAYS):
        lines = days.get(name.lower(), [])
        data[f"opens-{number}"] = [first for first, _ in lines]
        data[f"closes-{number}"] = [last for _, last in lines]
    return data


def values(response, name):
    body = response.content.decode()
    fields = re.findall(r"<input[^>]*>", body)
    mine = [field for field in fields if f'name="{name}"' in field]
    return [found[1] for field in mine if (found := re.search(r'value="([^"]*)"', field))]


# --- the week -------------------------------------------------------------------------------------------


def test_the_week_stands_as_it_is_kept_with_its_zone(scene):
    page = scene.client.get(BASE)

    assert (values(page, "opens-0"), values(page, "closes-0"), values(page, "opens-6")) == (["9am"], ["5pm"], [])
    assert "In Prague (GMT+1) time. Change the time zone" in words(page)
    assert "Sunday Sunday Not available" in words(page)
    # Ana lives where her hours are.
    assert "Other pages show you" not in words(page)


def test_a_saved_week_is_what_can_be_booked_at_once(scene):
    sent = {**typed(tuesday=[("9", "12"), ("13:00", "5pm")], friday=[("22:00", "24:00")]), "do": "save"}

    answer = scene.client.post(BASE, sent)

    assert answer.status_code == 303
    assert scene.week() == [(1, 540, 720), (1, 780, 1020), (4, 1320, 1440)]
    text = words(scene.client.get(BASE))
    assert "Your weekly hours are saved." in text
    assert "9am to midday and 1pm to 5pm" in text
    assert "Tue 24 Nov 9am to 11:30am and 1pm to 4:30pm , 14 times" in text
    assert "Fri 27 Nov 10pm to 11:30pm , 4 times" in text


@pytest.mark.parametrize(
    ("line", "sentence", "field"),
    [
        (("9am", ""), "Enter when it ends as well, like 5pm.", "closes-0-0"),
        (("", "5pm"), "Enter when it begins as well, like 9am.", "opens-0-0"),
        (("5pm", "9am"), "The end must be later than the start.", "closes-0-0"),
        (("9:02", "17:00"), "Hours begin and end at full 5 minutes. Enter times like 9:00 or 9:05.", "opens-0-0"),
        (("<b>", "5pm"), "We could not read “<b>”. Enter a time like 9am or 17:30.", "opens-0-0"),
    ],
)
def test_hours_that_cannot_be_used_are_kept_as_typed_and_change_nothing(scene, line, sentence, field):
    before = scene.week()

    page = scene.client.post(BASE, typed(monday=[line], saturday=[("10:10", "noon")]))

    assert page.status_code == 422
    assert scene.week() == before
    assert [unescape(text) for text in (*values(page, "opens-0"), *values(page, "closes-0"))] == list(line)
    assert (values(page, "opens-5"), values(page, "closes-5")) == (["10:10"], ["noon"])
    body = page.content.decode()
    assert f'<a href="#{field}">Monday: {sentence}' in unescape(body)
    assert re.search(rf'id="{field}"[^>]* aria-describedby="0-0-error"[^>]*aria-invalid="true"', body)
    assert words(page).count(sentence) == 2


def test_overlapping_hours_are_named_and_can_be_joined(scene):
    page = scene.client.post(BASE, typed(monday=[("9am", "11am"), ("10am", "midday")]))

    assert page.status_code == 422
    assert "9am to 11am and 10am to midday overlap. Change one of them, or join them." in words(page)

    joined = scene.client.post(BASE, {**typed(monday=[("9am", "11am"), ("10am", "midday")]), "do": "join-0"})
    assert (values(joined, "opens-0"), values(joined, "closes-0")) == (["9am"], ["midday"])


def test_buttons_change_lines_without_script_and_save_nothing(scene):
    before, sent = scene.week(), typed(monday=[("9am", "half")], tuesday=[("8am", "9am"), ("10am", "11am")])

    added = scene.client.post(BASE, {**sent, "do": "add-0"})
    removed = scene.client.post(BASE, {**sent, "do": "remove-1-0"})
    copied = scene.client.post(BASE, {**sent, "do": "copy-1", "to-1": ["0", "6"]})
    nowhere = scene.client.post(BASE, {**sent, "do": "copy-1"})

    assert "Monday Monday Not clear yet" in words(added)
    assert "Tuesday Tuesday 8am to 9am and 10am to 11am" in words(added)
    assert (values(added, "opens-0"), values(added, "closes-0")) == (["9am", ""], ["half", ""])
    assert "One more line for Monday. Nothing is saved yet." in words(added)
    assert values(removed, "opens-1") == ["10am"]
    assert [values(copied, f"opens-{day}") for day in (0, 1, 2, 6)] == [
        ["8am", "10am"],
        ["8am", "10am"],
        [],
        ["8am", "10am"],
    ]
    assert "Tuesday is copied to Monday, Sunday. Nothing is saved yet." in words(copied)
    assert "Choose the days to copy to." in words(nowhere)
    assert {page.status_code for page in (added, removed, copied, nowhere)} == {200}
    assert scene.week() == before


@pytest.mark.parametrize(
    "button", ["add-7", "remove-0-9", "copy-x", "join--1", "remove-0", "add-٣", "nonsense", "-", "add-0-0-0"]
)
def test_buttons_that_are_none_of_ours_do_no_harm(scene, button):
    page = scene.client.post(BASE, {**typed(monday=[("9am", "5pm")]), "do": button})

    assert page.status_code == 200
    assert "9am" in values(page, "opens-0")


def test_script_gets_only_the_week(scene):
    page = scene.client.post(BASE, {**typed(monday=[("9am", "5pm")]), "do": "add-0"}, headers={"HX-Request": "true"})

    body = page.content.decode()
    assert "<main" not in body
    assert body.count('name="opens-0"') == 2
    assert "autofocus" in body


def test_a_day_has_so_many_lines_and_no_more(scene):
    lines = [(f"{hour}:00", f"{hour}:30") for hour in range(8, 17)]

    page = scene.client.post(BASE, typed(monday=lines))

    assert page.status_code == 422
    assert "A day has 8 lines at most. Make some of them one." in words(page)


def test_sessions_outside_the_new_hours_stay_and_are_named_with_their_links(scene):
    agreed, asked = scene.agree(prague(24, 10)), scene.ask(prague(25, 11))
    inside = scene.agree(prague(26, 15))

    scene.client.post(BASE, typed(thursday=[("2pm", "5pm")]))

    page = scene.client.get(BASE)
    text = words(page)
    assert "1 agreed meeting and 1 time that is asked for lie outside your hours: they stay as they are." in text
    for code in (agreed.code, asked.code):
        assert f"/t/north/bookings/{code}/" in page.content.decode()
    assert f"/t/north/bookings/{inside.code}/" not in page.content.decode()
    assert "Tax planning with Kim Okafor , Tue 24 Nov, 10am to 10:30am" in text
    assert "Tax planning with Kim Okafor, asked for , Wed 25 Nov, 11am to 11:30am" in text
    with tenant_scope(scene.tenant):
        agreed.refresh_from_db()
        assert agreed.status == "confirming"


def test_another_zone_reads_the_hours_anew_and_keeps_what_is_agreed(scene):
    booking = scene.agree(prague(24, 10))

    answer = scene.client.post(f"{BASE}zone/", {"zone": "America/Chicago"})

    assert answer.status_code == 303
    text = words(scene.client.get(BASE))
    assert "Your hours are in Chicago time now. What is agreed stays at the moment it was agreed for." in text
    assert "1 agreed meeting lies outside your hours: it stays as it is." in text
    assert "In Chicago (GMT−6) time." in text
    assert "Other pages show you Prague time." in text
    with tenant_scope(scene.tenant):
        booking.refresh_from_db()
        assert booking.starts_at == prague(24, 10)
    assert scene.client.post(f"{BASE}zone/", {"zone": "Mars/Base"}).status_code == 422


# --- other days -----------------------------------------------------------------------------------------


def away(first, last="", **more):
    return {"first": first, "last": last, "kind": "away", "opens-date": "", "closes-date": "", **more}


def other(first, *lines, **more):
    return {
        "first": first, "last": "", "kind": "hours", "opens-date": [one for one, _ in lines],
        "closes-date": [one for _, one in lines], **more,
    }  # fmt: skip


def test_days_away_are_looked_at_first_and_then_saved(scene):
    agreed = scene.agree(prague(25, 10))

    look = scene.client.post(f"{BASE}days/", away("2026-11-24", "2026-11-26", do="look"))

    text = words(look)
    assert "Nobody can ask you for any of these days: Tue 24 Nov to Thu 26 Nov." in text
    assert "47 times of “Tax planning” can't be asked for any more." in text
    assert "1 agreed meeting lies at that time" in text
    assert f"/t/north/bookings/{agreed.code}/" in look.content.decode()
    assert scene.days() == []

    saved = scene.client.post(f"{BASE}days/", away("2026-11-24", "2026-11-26", do="save"))

    assert saved.status_code == 303
    assert scene.days() == [OtherDays(date(2026, 11, 24), date(2026, 11, 26), ())]
    text = words(scene.client.get(f"{BASE}days/"))
    assert "1 agreed meeting lies within: it stays as it is." in text
    assert "Tue 24 Nov to Thu 26 Nov Away Remove" in text
    assert "Tue 24 Nov 9am" not in text
    assert "Fri 27 Nov 9am to 4:30pm" in text


def test_other_hours_on_a_date_replace_what_was_said_of_it(scene):
    scene.client.post(f"{BASE}days/", away("2026-11-24", "2026-11-25"))

    look = scene.client.post(f"{BASE}days/", other("2026-11-24", ("6pm", "8pm"), do="look"))
    scene.client.post(f"{BASE}days/", other("2026-11-24", ("6pm", "8pm")))

    assert "On Tue 24 Nov you can be booked 6pm to 8pm, in place of your weekly hours." in words(look)
    assert "What you said before of these days is replaced: Tue 24 Nov to Wed 25 Nov." in words(look)
    assert scene.days() == [
        OtherDays(date(2026, 11, 24), date(2026, 11, 24), ((1080, 1200),)),
        OtherDays(date(2026, 11, 25), date(2026, 11, 25), ()),
    ]
    assert "Tue 24 Nov 6pm to 7:30pm , 4 times" in words(scene.client.get(f"{BASE}days/"))


def test_days_are_taken_off_the_list(scene):
    scene.client.post(f"{BASE}days/", away("2026-11-24", "2026-11-25"))

    scene.client.post(f"{BASE}days/", {"do": "clear", "from": "2026-11-24", "until": "2026-11-25"})
    again = scene.client.post(f"{BASE}days/", {"do": "clear", "from": "2026-11-24", "until": "2026-11-25"}, follow=True)
    unclear = scene.client.post(f"{BASE}days/", {"do": "clear", "from": "soon"}, follow=True)

    assert scene.days() == []
    assert "Tue 24 Nov to Wed 25 Nov: your weekly hours count again." in words(again)
    assert "These days are as every week already." in words(unclear)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (away(""), "Enter the first day."),
        (away("2026-11-22"), "That day has passed. Enter today or a later day."),
        (away("2026-12-02", "2026-12-01"), "The last day is before the first one. Enter a later day, or change the first."),
        (away("2026-12-02", "2028-01-01"), "366 days fit at once. Enter an earlier last day."),
        (away("2036-12-02"), "That is more than two years ahead. Enter an earlier day."),
        (away("0001-01-01"), "That day has passed. Enter today or a later day."),
        (away("soon"), "We could not read this day. Enter it like 24/12/2026."),
        (away("2026-11-24", kind=""), "Choose whether you are away or have other hours."),
        (other("2026-11-24", ("", "")), "Enter from when to when, or choose that you are away."),
        (other("2026-11-24"), "Enter from when to when, or choose that you are away."),
        (other("2026-11-24", ("9am", "")), "Enter when it ends as well, like 5pm."),
        (other("2026-11-24", ("9am", "11am"), ("10am", "1pm")), "9am to 11am and 10am to 1pm overlap."),
        (
            other("2027-03-28", ("2:30", "5am")),
            "The clocks go forward on Sun 28 Mar 2027: 2am to 3am does not exist. Enter a time before 2am, or 3am or later.",
        ),
        (other("2027-03-27", ("2:30", "5am"), last="2027-03-29"), "The clocks go forward on Sun 28 Mar 2027"),
    ],
)  # fmt: skip
def test_days_that_cannot_be_are_kept_as_typed_and_change_nothing(scene, sent, sentence):
    page = scene.client.post(f"{BASE}days/", sent)

    assert page.status_code == 422
    assert words(page).count(sentence) == 2
    typed_lines = sent["opens-date"]
    assert values(page, "opens-date") == ([typed_lines] if isinstance(typed_lines, str) else typed_lines or [""])
    assert scene.days() == []


def test_lines_for_other_hours_can_be_added_without_script(scene):
    page = scene.client.post(f"{BASE}days/", other("2026-11-24", ("9am", "1"), do="add"))

    assert (values(page, "opens-date"), values(page, "closes-date")) == (["9am", ""], ["1", ""])
    assert values(page, "first") == ["2026-11-24"]
    assert scene.days() == []


# --- blocked time ---------------------------------------------------------------------------------------


def blocked(day, opens, closes, **more):
    return {"day": day, "opens-block": opens, "closes-block": closes, "note": "Dentist", **more}


def test_blocked_time_is_not_offered_and_its_note_is_for_its_owner_alone(scene, client):
    scene.client.post(f"{BASE}blocks/", blocked("2026-11-24", "10am", "11:30"))

    text = words(scene.client.get(f"{BASE}blocks/"))
    assert "Blocked: Tue 24 Nov, 10am to 11:30am. Nobody is offered this time." in text
    assert "Tue 24 Nov, 10am to 11:30am Dentist Remove" in text
    assert "Tue 24 Nov 9am, 9:30am and 11:30am to 4:30pm" in text
    with tenant_scope(scene.tenant):
        claim = Claim.objects.get()
        assert (claim.kind, claim.reference) == (ClaimKind.BLOCKED, Block.objects.get().reference)
        assert "Dentist" not in claim.reference
    client.force_login(scene.kim.user)
    public = client.get("/t/north/experts/ana-nowak/").content.decode()
    assert "Dentist" not in public
    assert "2026-11-24T08:30Z" in public
    assert "2026-11-24T09:00Z" not in public


def test_a_block_is_removed_once(scene):
    scene.client.post(f"{BASE}blocks/", blocked("2026-11-24", "10am", "11am"))
    with tenant_scope(scene.tenant):
        key = Block.objects.get().pk

    first = scene.client.post(f"{BASE}blocks/", {"do": "clear", "block": key}, follow=True)
    second = scene.client.post(f"{BASE}blocks/", {"do": "clear", "block": key}, follow=True)

    assert "The time can be booked again." in words(first)
    assert "This time is not blocked any more." in words(second)
    assert scene.client.post(f"{BASE}blocks/", {"do": "clear", "block": "x"}).status_code == 303
    with tenant_scope(scene.tenant):
        assert not Claim.objects.exists()


def test_sessions_within_a_block_stay_and_are_named(scene):
    booking = scene.agree(prague(24, 10))

    scene.client.post(f"{BASE}blocks/", blocked("2026-11-24", "9am", "midnight"))

    page = scene.client.get(f"{BASE}blocks/")
    assert "1 agreed meeting lies within: it stays as it is." in words(page)
    assert "Tue 24 Nov, 9am to midnight" in words(page)
    assert f"/t/north/bookings/{booking.code}/" in page.content.decode()


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (blocked("", "9am", "10am"), "Enter the day."),
        (blocked("2026-11-20", "9am", "10am"), "That day has passed. Enter today or a later day."),
        (blocked("2026-11-23", "8am", "9am"), "That time has passed. Enter a later one."),
        (blocked("2026-11-24", "", ""), "Enter from when to when."),
        (blocked("2026-11-24", "5pm", "9am"), "The end must be later than the start."),
        (blocked("2027-03-28", "2:30", "4am"), "The clocks go forward on Sun 28 Mar 2027"),
        (blocked("2026-11-24", "9am", "10am", note="x" * 121), "This is too long: 120 characters fit, these are 121."),
    ],
)
def test_blocks_that_cannot_be_are_kept_as_typed_and_change_nothing(scene, sent, sentence):
    page = scene.client.post(f"{BASE}blocks/", sent)

    assert page.status_code == 422
    assert words(page).count(sentence) == 2
    assert (values(page, "opens-block"), values(page, "note")) == ([sent["opens-block"]], [sent["note"]])
    with tenant_scope(scene.tenant):
        assert not Block.objects.exists()


def test_a_block_over_a_repeated_hour_takes_both(scene):
    scene.client.post(f"{BASE}blocks/", blocked("2027-10-31", "2:30", "2:45"))

    with tenant_scope(scene.tenant):
        block = Block.objects.get()
    assert (block.starts_at, block.ends_at) == (
        datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 1, 45, tzinfo=UTC),
    )  # fmt: skip


# --- rules ----------------------------------------------------------------------------------------------


def test_rules_say_what_they_do(scene):
    with tenant_scope(scene.tenant):
        factories.service(scene.ana, "Deep dive", minutes=60, step_minutes=60, buffer_after=15, notice_minutes=26 * 60)

    text = words(scene.client.get(f"{BASE}rules/"))

    assert "Start every 30 minutes In open hours, meetings begin at 9am, 9:30am, 10am and so on." in text
    assert "A meeting may begin the moment another one ends." in text
    assert "15 minutes after A meeting of 1 hour keeps 75 minutes of your time free of others." in text
    assert "26 hours Asked now, the first time that can be had is Tue 24 Nov, 11:14am or later." in text
    assert "60 days Today, times can be asked for until Fri 22 Jan 2027. The marketplace sets this." in text


def test_changed_rules_are_what_can_be_booked(scene):
    change = f"{BASE}rules/?service={scene.service.pk}&change=1"
    assert values(scene.client.get(change), "step_minutes") == ["30"]

    sent = {"step_minutes": "60", "buffer_before": "0", "buffer_after": "15", "notice": "2", "unit": "1440"}
    answer = scene.client.post(change, sent)

    assert answer.status_code == 303
    text = words(scene.client.get(f"{BASE}rules/"))
    assert "30 minutes, starting every 60 minutes." in text
    assert "Wed 25 Nov 10am to 4pm , 7 times" in text
    assert "Tue 24 Nov" not in text.split("What can be booked")[1]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"step_minutes": "7"}, "Enter a multiple of 5 minutes."),
        ({"step_minutes": ""}, "Enter a whole number of minutes, like 15."),
        ({"buffer_after": "125"}, "Enter 120 minutes or less."),
        ({"notice": "-1"}, "Enter a whole number, like 24. 0 is none."),
        ({"notice": "61", "unit": "1440"}, "Enter 60 days or less."),
    ],
)
def test_rules_that_cannot_be_change_nothing(scene, changes, sentence):
    sent = {"step_minutes": "60", "buffer_before": "0", "buffer_after": "15", "notice": "2", "unit": "60", **changes}

    page = scene.client.post(f"{BASE}rules/", sent)

    assert page.status_code == 422
    assert words(page).count(sentence) == 2
    with tenant_scope(scene.tenant):
        scene.service.refresh_from_db()
    assert scene.service.step_minutes == 30


# --- who, and how much ------------------------------------------------------------------------------------


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
