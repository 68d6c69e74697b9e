"""Due work is done once, tried again when it fails, and nobody's work waits behind somebody's flood (6.1, W8, F1-F5, F12)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from accounts.tenancy import tenant_scope
from notifications import outbox, relay
from notifications.models import OutboxMessage
from tests import factories

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def note(tenant, *keys, due_at=factories.NOW, topic="test.topic"):
    with tenant_scope(tenant):
        for key in keys:
            outbox.enqueue(topic=topic, dedupe_key=key, payload={"key": key}, due_at=due_at)


def the_row(tenant, key="a"):
    with tenant_scope(tenant):
        return OutboxMessage.objects.get(dedupe_key=key)


def change(tenant, key="a", **values):
    with tenant_scope(tenant):
        OutboxMessage.objects.filter(dedupe_key=key).update(**values)


class Book:
    """A handler that writes down what it was given, and fails as often as told."""

    def __init__(self, *, failures=0):
        self.works, self.failures = [], failures

    def __call__(self, work):
        self.works.append(work)
        if len(self.works) <= self.failures:
            raise ConnectionError("Nobody answered.")

    @property
    def keys(self):
        return [work.payload["key"] for work in self.works]


def run(book, now=factories.NOW, **options):
    return relay.run_due({"test.topic": book}, now=now, **options)


def test_run_due_hands_over_tenant_payload_and_attempt(north):
    note(north, "a")
    book = Book()
    assert run(book) == 1
    assert book.works == [
        relay.Work(north, "test.topic", dedupe_key="a", payload={"key": "a"}, attempts=1, now=factories.NOW)
    ]
    row = the_row(north)
    assert (row.state, row.attempts, row.lease_until, row.last_error) == ("done", 1, None, "")
    assert row.done_at is not None


def test_run_due_does_each_row_once(north):
    note(north, "a", "b")
    book = Book()
    assert [run(book), run(book)] == [2, 0]
    assert sorted(book.keys) == ["a", "b"]


def test_run_due_leaves_what_is_due_later(north, now):
    note(north, "later", due_at=now + SECOND)
    book = Book()
    assert run(book, now) == 0
    assert run(book, now + SECOND) == 1
    assert book.keys == ["later"]


def test_run_due_does_the_oldest_first_and_stops_at_the_limit(north, now):
    for age, key in enumerate("edcba"):
        note(north, key, due_at=now - age * SECOND)
    book = Book()
    assert run(book, limit=3) == 3
    assert book.keys == ["a", "b", "c"]


def test_run_due_takes_ten_rows_of_each_tenant_in_turn(north, south, now):
    note(north, *(f"n{number:02}" for number in range(25)), due_at=now - SECOND)
    note(south, *(f"s{number:02}" for number in range(12)), due_at=now)
    book = Book()
    assert run(book) == 37
    assert [key[0] for key in book.keys] == [*"n" * 10, *"s" * 10, *"n" * 10, *"s" * 2, *"n" * 5]


def test_run_due_lets_the_tenant_that_waited_longest_begin(north, south, now):
    note(north, "n", due_at=now)
    note(south, "s", due_at=now - SECOND)
    book = Book()
    run(book)
    assert book.keys == ["s", "n"]


def test_run_due_leaves_a_row_in_other_hands_until_its_lease_ends(north):
    note(north, "a")
    change(north, state="claimed", attempts=1, lease_until=Now() + SECOND)
    book = Book()
    assert run(book) == 0
    change(north, lease_until=Now() - SECOND)
    assert run(book) == 1
    assert book.works[0].attempts == 2


def test_claim_holds_a_row_for_two_minutes(north):
    note(north, "a")
    seen = {}

    def look(work):
        with connection.cursor() as cursor:
            cursor.execute("SELECT statement_timestamp()")
            (moment,) = cursor.fetchone()
        seen.update(state=the_row(north).state, left=the_row(north).lease_until - moment)

    relay.run_due({"test.topic": look}, now=factories.NOW)
    assert seen["state"] == "claimed"
    assert timedelta(seconds=119) < seen["left"] <= timedelta(seconds=120)


def test_a_handler_that_raises_is_tried_again_after_a_growing_pause(north, now):
    note(north, "a")
    book = Book(failures=2)
    assert run(book) == 1
    row = the_row(north)
    assert (row.state, row.attempts, row.lease_until, row.last_error) == (
        "queued", 1, None, "ConnectionError: Nobody answered.",
    )  # fmt: skip
    assert 7 * SECOND <= row.due_at - now <= 13 * SECOND
    run(book, now + 13 * SECOND)
    assert 14 * SECOND <= the_row(north).due_at - (now + 13 * SECOND) <= 26 * SECOND
    run(book, now + 60 * SECOND)
    assert (the_row(north).state, the_row(north).attempts) == ("done", 3)


def test_a_failing_row_does_not_hold_up_the_next(north):
    note(north, "a", "b")
    book = Book(failures=1)
    assert run(book) == 2
    assert book.keys == ["a", "b"]
    assert the_row(north, "b").state == "done"


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 10), (2, 20), (5, 160), (9, 2560), (10, 3600), (12, 3600), (30_000, 3600)]
)
def test_back_off_doubles_up_to_an_hour(attempts, seconds):
    waits = [relay.back_off(attempts).total_seconds() for _ in range(200)]
    assert seconds * 0.7 <= min(waits) < max(waits) <= seconds * 1.3


def test_the_twelfth_failure_is_the_last(north):
    note(north, "a")
    change(north, attempts=11)
    book = Book(failures=99)
    run(book)
    row = the_row(north)
    assert (row.state, row.attempts, row.last_error) == ("dead", 12, "ConnectionError: Nobody answered.")
    assert run(book, factories.NOW + timedelta(days=1)) == 0


def test_a_row_that_kills_its_workers_dies_without_another_try(north):
    """F5: twelve claims, none of them recorded."""
    note(north, "a")
    change(north, state="claimed", attempts=12, lease_until=Now() - SECOND)
    book = Book()
    run(book)
    row = the_row(north)
    assert (row.state, row.last_error, book.works) == ("dead", "Every worker that tried it died.", [])


def test_an_unknown_topic_dies_with_the_reason(north):
    note(north, "a", topic="test.nobody")
    run(Book())
    assert (the_row(north).state, the_row(north).last_error) == ("dead", "Nobody handles the topic 'test.nobody'.")


def test_a_late_record_of_a_lost_lease_changes_nothing(north):
    """F4: the first worker comes back after its lease ended and a second one took over."""
    note(north, "a")

    def overtaken(work):
        change(north, attempts=2)

    relay.run_due({"test.topic": overtaken}, now=factories.NOW)
    row = the_row(north)
    assert (row.state, row.attempts) == ("claimed", 2)
    assert row.lease_until is not None


def test_replay_gives_a_dead_row_all_its_attempts_again(north, now):
    note(north, "a")
    change(north, state="dead", attempts=12, last_error="gone")
    with tenant_scope(north):
        relay.replay(OutboxMessage.objects.get(), now=now)
    book = Book()
    run(book)
    assert book.works[0].attempts == 1
    assert the_row(north).state == "done"


@pytest.mark.parametrize("state", ["queued", "claimed", "done"])
def test_replay_leaves_rows_alone_that_are_not_dead(north, now, state):
    note(north, "a")
    change(north, state=state, attempts=3)
    with tenant_scope(north):
        relay.replay(OutboxMessage.objects.get(), now=now + SECOND)
    assert (the_row(north).state, the_row(north).attempts, the_row(north).due_at) == (state, 3, now)


def test_lag_is_the_wait_of_the_oldest_due_row_of_all_tenants(north, south, now):
    assert relay.lag(now) == 0
    note(north, "n", due_at=now - 30 * SECOND)
    note(south, "s", due_at=now - 90 * SECOND)
    note(south, "later", due_at=now + SECOND)
    assert relay.lag(now) == 90
    change(south, "s", state="claimed", lease_until=Now() + SECOND)
    assert relay.lag(now) == 30
    run(Book())
    assert relay.lag(now) == 0


def test_run_tenant_leaves_other_tenants_alone(north, south, now):
    note(north, "n")
    note(south, "s")
    book = Book()
    assert relay.run_tenant(south, {"test.topic": book}, now=now) == 1
    assert book.keys == ["s"]
