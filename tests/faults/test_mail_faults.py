"""Workers die by `kill -9` while mails go out: none is lost, and none goes twice where that can be known (F1-F4, W1, W2)."""

import os
import signal
from collections import Counter

import pytest

from notifications.models import MailboxMessage

from .crashing import POINTS

pytestmark = pytest.mark.faults
MAILS, DEATHS = 24, 2
MAILBOX = {"ANYMAIL_BACKEND": "notifications.mailbox.MailboxBackend"}


def die_everywhere(arena, folder, points, **environment):
    """Send with a worker that dies DEATHS times at each point; then let the leases of the dead end."""
    for point in points:
        for number in range(DEATHS):
            token = folder / "tokens" / point / str(number)
            token.parent.mkdir(parents=True, exist_ok=True)
            token.touch()
    arena.notify(MAILS)
    arena.worker("tests.faults.crashing", CRASH_TOKENS=str(folder / "tokens"), **environment)
    held = DEATHS * sum(POINTS[point].holds_work for point in points)
    arena.wait(lambda: arena.work() == {"done": MAILS - held, "claimed": held})
    assert not list((folder / "tokens").glob("*/*"))
    assert arena.let_leases_end() == held
    arena.wait(lambda: arena.work() == {"done": MAILS})
    assert arena.states() == {"sent": MAILS}


def test_a_worker_killed_at_every_point_of_sending_over_smtp_loses_no_mail(arena, tmp_path):
    """Each mail once per Message-ID; a second, equal copy only where the first one's fate can't be known (6.3, W7)."""
    die_everywhere(arena, tmp_path, POINTS)
    copies = Counter(arena.mail.message_ids)
    assert copies.keys() == {email.message_id for email in arena.mails()}
    assert Counter(copies.values()) == {1: MAILS - DEATHS, 2: DEATHS}
    bodies = {(message["Message-ID"], message.get_body(("plain",)).get_content()) for message in arena.mail.taken}
    assert len(bodies) == MAILS


def test_a_worker_killed_at_every_point_of_sending_to_a_server_that_can_tell_sends_each_mail_once(arena, tmp_path):
    """F80: asked by Message-ID before a second try, so no copy at all."""
    die_everywhere(arena, tmp_path, [point for point in POINTS if "SMTP" not in point], **MAILBOX)
    kept = MailboxMessage.objects.values_list("pk", "message_id")
    assert Counter(message_id for _, message_id in kept) == Counter(email.message_id for email in arena.mails())
    # A mail that is offered twice is not kept twice, but uses up a number.
    numbers = [number for number, _ in kept]
    assert max(numbers) - min(numbers) + 1 == MAILS


def test_a_worker_killed_by_its_mail_server_sends_the_same_mail_again(arena):
    """The server has read the whole mail and not answered yet when the worker dies (F86)."""
    arena.notify(1)
    worker = arena.worker()
    arena.mail.on_data = lambda: os.killpg(worker.pid, signal.SIGKILL)
    arena.wait(lambda: len(arena.mail.taken) == 1)
    worker.wait()
    assert arena.states() == {"sending": 1}
    arena.mail.on_data = None
    assert arena.let_leases_end() == 1
    arena.worker()
    arena.wait(lambda: arena.states() == {"sent": 1})
    (email,) = arena.mails()
    assert arena.mail.message_ids == [email.message_id] * 2


def test_whole_workers_killed_again_and_again_send_every_mail_once(arena):
    """F2, F3: three times both workers, whatever they do at that moment; the server can tell what it took."""
    arena.environment |= MAILBOX
    arena.notify(120, transactions=12)
    for _ in range(3):
        before = arena.states().get("sent", 0)
        workers = [arena.worker(), arena.worker()]
        arena.wait(lambda before=before: arena.states().get("sent", 0) > before + 10)
        for worker in workers:
            arena.kill(worker)
        arena.let_leases_end()
    arena.worker()
    arena.wait(lambda: arena.work() == {"done": 120})
    assert arena.states() == {"sent": 120}
    kept = Counter(MailboxMessage.objects.values_list("message_id", flat=True))
    assert kept == Counter(email.message_id for email in arena.mails())


def test_a_worker_asked_to_stop_finishes_the_mail_in_hand(arena):
    """F16: SIGTERM while mails go out; nothing is left claimed."""
    arena.notify(40, transactions=4)
    worker = arena.worker()
    arena.wait(lambda: len(arena.mail.taken) >= 3)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    assert set(arena.work()) <= {"done", "queued"}
    assert set(arena.states()) <= {"sent", "queued"}
    assert arena.states()["sent"] == len(arena.mail.taken)
