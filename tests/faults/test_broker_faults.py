"""Redis stops, is emptied, or was never there: pages work, and everything happens a little later (F7-F9, F11, F13, F14)."""

import signal
import time

import pytest

from notifications import doorbell

pytestmark = pytest.mark.faults


def test_emptied_redis_loses_no_work(arena):
    """F8: all messages are gone before a worker starts."""
    arena.notify(40, transactions=40)
    arena.broker.empty()
    arena.worker()
    arena.wait(lambda: arena.states() == {"sent": 40})
    assert len(set(arena.mail.message_ids)) == len(arena.mail.message_ids) == 40


@pytest.mark.parametrize("in_hand", [0, 1], ids=["idle", "in mid-mail"])
def test_redis_killed_and_back_empty_is_used_again_without_a_restart(arena, in_hand):
    """F9: the mail in hand goes out once, and the worker hears doorbells again (config/broker.py)."""
    worker = arena.worker()
    arena.notify(1)
    arena.wait(lambda: arena.states() == {"sent": 1})
    arena.mail.on_data = arena.broker.kill if in_hand else None
    arena.notify(in_hand)
    arena.wait(lambda: arena.states() == {"sent": 1 + in_hand})
    arena.mail.on_data = None
    arena.broker.kill()
    arena.notify(5)
    arena.broker.start()
    arena.wait(lambda: arena.states() == {"sent": 6 + in_hand})
    assert worker.poll() is None
    assert len(set(arena.mail.message_ids)) == len(arena.mail.message_ids) == 6 + in_hand


def test_without_redis_the_dispatch_loop_does_everything(arena):
    """F11: no broker at all."""
    arena.broker.kill()
    arena.dispatch()
    arena.notify(20, transactions=2)
    arena.wait(lambda: arena.states() == {"sent": 20})
    assert len(set(arena.mail.message_ids)) == len(arena.mail.message_ids) == 20


def test_redis_that_hangs_costs_a_request_one_time_out(arena, monkeypatch):
    """F7, F14: at most 250 ms once, nothing while the circuit is open, and the work is done all the same."""

    def seconds_to_notify():
        began = time.perf_counter()
        arena.notify(1)
        return time.perf_counter() - began

    usual = min(seconds_to_notify() for _ in range(5))
    arena.broker.signal(signal.SIGSTOP)
    hanging = []
    for _ in range(5):
        monkeypatch.setattr(doorbell, "circuit", doorbell.Circuit())
        hanging.append(seconds_to_notify())
    # One time-out of 0.2 s, less what the usual ring costs.
    assert 0.15 <= min(hanging) - usual <= 0.25
    assert min(seconds_to_notify() for _ in range(5)) - usual < 0.05
    arena.dispatch()
    arena.wait(lambda: arena.states() == {"sent": 15})
    arena.broker.signal(signal.SIGCONT)


def test_two_workers_two_beats_and_a_dispatch_loop_send_nothing_twice(arena):
    """F13: any number of them at once."""
    arena.worker()
    arena.worker()
    arena.dispatch()
    arena.notify(40, transactions=10)
    arena.wait(lambda: arena.states() == {"sent": 40})
    assert len(set(arena.mail.message_ids)) == len(arena.mail.message_ids) == 40
