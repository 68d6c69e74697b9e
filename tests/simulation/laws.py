"""The laws of bookings (reliability.md, B1-B10), asked of the whole world after every step."""

from datetime import datetime, timedelta
from itertools import pairwise

from bookings import deadlines
from bookings.enums import (
    AGREED,
    AGREED_ONCE,
    OVER,
    Action,
    Actor,
    CreditStatus,
    LateChangeState,
    ProposalState,
    Status,
)
from bookings.workflow import TABLE
from calendars.enums import ClaimKind
from tests.bookings.legal import LEGAL, STAYS

# Where the policy decides between two targets (D12, D15).
ALSO = {Status.CONFIRMING: {Status.CONFIRMED}, Status.COMPLETED: {Status.CONFIRMED}}
# Where the client's credits do: too few wait, and what waited goes on where it would have been (decisions 19).
MAY_WAIT = {Action.REQUEST, Action.BOOK, Action.ACCEPT, Action.REOPEN}
PAID = {Status.CONFIRMING, Status.CONFIRMED}
CHOOSES = {Action.ACCEPT, Action.BOOK, Action.RESCHEDULE, Action.AMEND}
GIVES_UP = {Action.CANCEL, Action.REASSIGN}
CHANGES_WHAT_IS_AGREED = {Action.SUGGEST, Action.RESCHEDULE, Action.AMEND, *GIVES_UP}
CHANGES = {}
for (_status, _, _action, _actor), _target in LEGAL.items():
    _to = _status if _target == STAYS else _target
    _credits = {Status.WAITING} if _action in MAY_WAIT else PAID if _action == Action.PAY else set()
    if (_status, _action) == (Status.WAITING, Action.DECLINE):
        _credits = {Status.CANCELLED}
    CHANGES.setdefault((_status or "", _action, _actor), set()).update({_to, *ALSO.get(_to, ()), *_credits})


def hold(world):
    """Every law that holds at any moment."""
    nobody_is_in_two_places(world)
    for booking in world.bookings.values():
        claims_are_exactly_what_stands(world, booking)
        history_is_whole(world, booking)
        table_fits_the_status(world, booking)
        outcome_fits_the_status(booking)
        credits_fit_the_status(booking)
        the_agreed_time_is_what_was_chosen(world, booking)
        it_is_whose_the_timeline_says(world, booking)
        late_changes_are_what_happened(world, booking)
        the_clock_completes_in_its_time(world, booking)


def nobody_is_in_two_places(world):
    """B1: two agreed sessions of one person never overlap, buffers of providers included."""
    taken = {}
    for rows in world.claims.values():
        for claim in rows:
            if claim.kind == ClaimKind.SESSION:
                taken.setdefault(claim.calendar_id, []).append(claim.during)
    for spans in taken.values():
        for before, after in pairwise(sorted(spans, key=lambda span: span.lower)):
            assert before.upper <= after.lower, "B1: two agreed sessions overlap"


def claims_are_exactly_what_stands(world, booking):
    """B9: what is agreed stays taken until another time is agreed, and what is on the table is held beside it."""
    provider, expected = booking.provider.calendar_id, []
    if booking.status in AGREED_ONCE or (booking.status == Status.WAITING and booking.starts_at):
        client = world.calendar_of[booking.client_id]
        expected = [
            (provider, ClaimKind.SESSION, *world.span(booking, booking)),
            (client, ClaimKind.SESSION, booking.starts_at, booking.ends_at),
        ]
    if proposal := world.open_proposal(booking):
        expected += [(provider, ClaimKind.ASKED, *world.span(booking, row)) for row in world.times[proposal.pk]]
    rows = world.claims.get(booking.reference, [])
    found = [(row.calendar_id, row.kind, row.during.lower, row.during.upper) for row in rows]
    assert sorted(found) == sorted(expected), f"B9: {booking.code} ({booking.status}) holds other time than it says"


def history_is_whole(world, booking):
    """B3, B4, B5: no gap, each event begins where the last one ended, only legal changes, and time runs forward."""
    events = world.events[booking.pk]
    assert [event.sequence for event in events] == list(range(1, booking.last_sequence + 1)), "B3: a gap"
    assert [event.status_before for event in events] == ["", *(event.status for event in events[:-1])], "B3: a break"
    assert events[-1].status == booking.status, "B3: the last event says another status"
    for event in events:
        if "with" not in event.data:
            allowed = CHANGES.get((event.status_before, event.action, event.actor), set())
            assert event.status in allowed, f"B4: {event.status_before} -> {event.status} by {event.action}"
    assert all(before.at <= after.at for before, after in pairwise(events)), "B5: time ran backwards"


def the_clock_completes_in_its_time(world, booking):
    """T40: so long after the end, or after what was said was taken back, and never where the provider completes."""
    since = booking.ends_at if booking.starts_at else None
    for event in world.events[booking.pk]:
        if event.action == Action.UNDO:
            since = max(since, event.at)
        if event.action == Action.COMPLETE and event.actor == Actor.SYSTEM:
            assert booking.policy.completion != "provider"
            assert event.at >= since + timedelta(hours=booking.policy.complete_after_hours), "T40: too early"


def table_fits_the_status(world, booking):
    """Decisions 5: one open proposal at most, always on a pending booking, never on one that is over."""
    rows = world.proposals.get(booking.pk, [])
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    still_open = [row for row in rows if row.state == ProposalState.OPEN]
    assert still_open in ([], rows[-1:]), "only the newest proposal may be open"
    if booking.status == Status.PENDING:
        assert still_open
        assert booking.starts_at is None
    elif booking.status not in (*AGREED, Status.WAITING):
        assert not still_open, f"{booking.status} with times on the table"
    for row in rows:
        chosen = [time for time in world.times[row.pk] if time.is_chosen]
        assert len(chosen) == (row.state == ProposalState.ACCEPTED)
        assert (row.closed_at is None) == (row.state == ProposalState.OPEN)
    if still_open:
        starts = [time.starts_at for time in world.times[rows[-1].pk]]
        limits = [deadlines.closes_at(rows[-1].made_at, starts, booking.policy)]
        limits += [booking.starts_at] if booking.starts_at else []
        assert rows[-1].answer_by == min(limits), "decisions 9"


def outcome_fits_the_status(booking):
    """What is said about a session belongs to one that had an agreed time."""
    assert (booking.status == Status.NOSHOW) == bool(booking.absent)
    assert booking.contested_at is None or booking.status in OVER
    assert booking.starts_at or booking.status not in AGREED_ONCE


def credits_fit_the_status(booking):
    """B2, L8, decisions 18: what a booking that goes on costs is held, and what has ended holds nothing."""
    is_priced = booking.policy.price_unit == "credits" and booking.price
    if not is_priced or booking.status == Status.WAITING:
        assert booking.credit_status in (CreditStatus.NONE, CreditStatus.RETURNED)
    elif booking.status in AGREED:
        assert booking.credit_status == CreditStatus.BLOCKED
    elif booking.status == Status.COMPLETED:
        assert booking.credit_status == CreditStatus.CHARGED
    elif booking.status != Status.PENDING:
        assert booking.credit_status != CreditStatus.BLOCKED, f"{booking.status} with credits held"
    assert (booking.pay_by is not None) == (booking.status == Status.WAITING)


def the_agreed_time_is_what_was_chosen(world, booking):
    """S0.13, B9, R-MAIL-8: only a choice sets the time, and every change of a file sent before is its successor."""
    events = [event for event in world.events[booking.pk] if "with" not in event.data]
    chosen = [datetime.fromisoformat(event.data["start"]) for event in events if event.action in CHOOSES]
    assert booking.starts_at == (chosen[-1] if chosen else None)
    files = [
        e
        for e in events
        if e.action in (Action.CANCEL, Action.REOPEN)
        or (e.action in CHOOSES and e.status_before in AGREED)
        or (e.action == Action.REASSIGN and "was" in e.data)
    ]
    assert booking.calendar_sequence == len(files)


def it_is_whose_the_timeline_says(world, booking):
    """T34: provider and service change together, and only where a line of the timeline says so, from one to the next."""
    assert booking.service.provider_id == booking.provider_id
    given = [event.data["handover"] for event in world.events[booking.pk] if event.action == Action.REASSIGN]
    assert all(before["now"] == after["was"] for before, after in pairwise(given))
    assert not given or (given[-1]["now"], given[-1]["service"]) == (booking.provider.name, booking.service.name)


def late_changes_are_what_happened(world, booking):
    """S1.16, S1.21: whatever goes back to the provider of that time inside the window, once for each booking and kind."""
    expected, was_asked, window = {}, False, timedelta(hours=booking.policy.late_change_hours)
    given = [event.data["handover"]["was"] for event in world.events[booking.pk] if event.action == Action.REASSIGN]
    whose = given[0] if given else booking.provider.name
    for event in world.events[booking.pk]:
        is_change = (
            "with" not in event.data and event.status_before in AGREED and event.action in CHANGES_WHAT_IS_AGREED
        )
        is_theirs = event.actor == Actor.PROVIDER or (event.actor == Actor.CLIENT and was_asked)
        if is_change and (is_theirs or event.on_behalf_of == Actor.PROVIDER):
            was = datetime.fromisoformat(event.data["was"])
            if was - event.at < window:
                kind = "cancel" if event.action in GIVES_UP else "reschedule"
                expected.setdefault((whose, kind), (was, event.at))
        is_anew = event.action in (Action.REOPEN, Action.REASSIGN)
        was_asked = (was_asked or event.action == Action.ASK_TO_CANCEL) and not is_anew
        if event.action == Action.REOPEN:
            expected.pop((whose, "cancel"), None)
        if event.action == Action.REASSIGN:
            whose = event.data["handover"]["now"]
    rows = [row for row in world.late if row.booking_id == booking.pk and row.state != LateChangeState.UNDONE]
    found = {(row.provider.name, row.kind): (row.starts_at, row.at) for row in rows}
    assert found == expected, "S1.16: other late changes are counted than there were"


def rows_walked(world):
    """Which rows of the workflow table the timeline shows; every line comes from exactly one."""
    walked = []
    for booking in world.bookings.values():
        for event in world.events[booking.pk]:
            if "with" not in event.data:
                rows = [row for row in TABLE if _wrote(row, event)]
                assert len(rows) == 1, f"{event.name} by {event.actor} in {event.status_before}: {len(rows)} rows"
                walked.append(name_of(rows[0]))
    return walked


def name_of(row):
    """A row as people say it: its number, its action, who may."""
    return f"{row.ids} {row.action} by {' or '.join(row.actors)}"


def _wrote(row, event):
    if row.action != event.action or event.actor not in row.actors:
        return False
    words = row.events[event.actor]
    names = (words,) if isinstance(words, str) else words
    is_named = callable(names) or names[0] == event.name
    return is_named and (event.status_before in row.from_ or not (event.status_before or row.from_))


def nothing_is_left_behind(world, now):
    """B8, T16, T28, T40, D11: after the clock's work nothing waits longer than it may."""
    for booking in world.bookings.values():
        proposal = world.open_proposal(booking)
        assert proposal is None or now <= proposal.answer_by, f"B8: {booking.code} waits for ever"
        assert booking.pay_by is None or now <= booking.pay_by, "B8: waits for credits for ever"
        assert booking.status != Status.CONFIRMING, "B8: nothing stays in setting up"
        if booking.status == Status.CONFIRMED and booking.policy.completion != "provider":
            due = _said_last(world, booking) + timedelta(hours=booking.policy.complete_after_hours)
            assert now < due, "T40"
        if booking.status == Status.PENDING:
            assert not _all_gone(world, booking, proposal), f"D11: {booking.code} asks for what others have"


def _said_last(world, booking):
    # Who takes back what was said gets as long again to say how it was.
    undone = [event.at for event in world.events[booking.pk] if event.action == "undo"]
    return max([booking.ends_at, *undone])


def _all_gone(world, booking, proposal):
    # What waits for its client's credits may still give the time back.
    waiting = {other.reference for other in world.bookings.values() if other.status == Status.WAITING}
    agreed = [
        claim.during
        for reference, rows in world.claims.items()
        for claim in rows
        if reference not in {booking.reference, *waiting}
        and claim.kind == ClaimKind.SESSION
        and claim.calendar_id == booking.provider.calendar_id
    ]
    spans = [world.span(booking, row) for row in world.times[proposal.pk]]
    return all(any(span.lower < end and start < span.upper for span in agreed) for start, end in spans)


def started_before(world, booking, now):
    """B7: whether the moment of the session (or of every time asked for) had come before this step."""
    if booking.starts_at:
        return now >= booking.starts_at
    return all(now >= row.starts_at for row in world.times[world.proposals[booking.pk][-1].pk])
