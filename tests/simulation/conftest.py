"""After many long lives: which rows of the workflow table were walked. A full run that misses one has failed."""

import os
from collections import Counter

import pytest

ALL_ARE_EXPECTED_FROM = 500


def _walked(session):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    reports = [report for group in reporter.stats.values() for report in group if hasattr(report, "when")]
    found = [dict(report.user_properties).get("walked", {}) for report in reports if report.when == "call"]
    return sum((Counter(walked) for walked in found), Counter())


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """Say how often each row was walked, in the process that has every report."""
    is_worker, runs = hasattr(session.config, "workerinput"), int(os.environ.get("SIMULATE_RUNS", "0"))
    if is_worker or not runs:
        return
    from bookings.workflow import TABLE
    from tests.simulation.laws import name_of

    walked, reporter = _walked(session), session.config.pluginmanager.get_plugin("terminalreporter")
    rows = [name_of(row) for row in TABLE]
    reporter.section(f"{sum(row in walked for row in rows)} of {len(rows)} rows of the workflow table were walked")
    for row in rows:
        reporter.write_line(f"{walked[row]:8} {row}")
    if runs >= ALL_ARE_EXPECTED_FROM and not all(row in walked for row in rows):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
