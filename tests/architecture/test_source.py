"""What linters can't see in our source (docs/architecture.md 4 and 7)."""

import ast
import re

import pytest
from django.apps import apps
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from .source import APPS, ROOT, calls, height, modules, name_of

# Where the clock is read: the edges. Everything below is told `now`.
INTERFACES = re.compile(
    r"^config/|/views(/|\.py)|/pages(/|\.py)|/tasks\.py|/admin(/|\.py)|/api\.py|/management/commands/|/templatetags/|/middleware\.py"
)
CLOCKS = {
    "timezone.now", "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "timezone.localtime",
    "timezone.localdate", "time.time", "now", "localtime", "localdate",
}  # fmt: skip
# Signals of Django and Celery that we may listen to; between our own apps there are none.
FOREIGN_SIGNALS = {"django.db.models.signals": {"post_migrate"}, "celery.signals": {"worker_init"}}
DOORBELL = "notifications/doorbell.py"
STATUS_WRITER = re.compile(r"^bookings/services/")


def where(path: str, node: ast.AST) -> str:
    return f"{path}:{node.lineno}"


def test_all_apps_are_read():
    assert {path.partition("/")[0] for path in modules()} == set(APPS)
    assert len(modules()) > 80


def test_imports_obey_the_layers(capsys):
    """Contracts of pyproject.toml: apps downwards only, and the layers inside an app."""
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml")) == EXIT_STATUS_SUCCESS, capsys.readouterr().out


# --- foreign keys ------------------------------------------------------------------------------------------


def test_foreign_keys_obey_the_order_of_the_apps():
    """A key written as a string imports nothing, so import-linter can't see it."""
    upwards = [
        f"{field} -> {field.related_model._meta.label}"
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in APPS
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model._meta.app_label in APPS
        if not may_know(model._meta.app_label, field.related_model._meta.app_label)
    ]
    assert upwards == []


def may_know(app: str, other: str) -> bool:
    return app == other or height(app) < height(other)


@pytest.mark.parametrize(
    ("app", "other", "may"),
    [
        ("bookings", "accounts", True),
        ("accounts", "bookings", False),
        ("messaging", "credits", False),
        ("credits", "credits", True),
    ],
)
def test_may_know(app, other, may):
    assert may_know(app, other) is may


# --- one writer of a booking's status -----------------------------------------------------------------------


def status_writes(tree: ast.AST):
    """Assignments to `.status`, `setattr(x, "status", …)`, `update(status=…)` and its relatives."""
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and any(
            isinstance(target, ast.Attribute) and target.attr == "status" for target in targets
        ):
            yield node
        if isinstance(node, ast.Call) and _writes_status(node):
            yield node


def _writes_status(call: ast.Call) -> bool:
    last = name_of(call.func).rpartition(".")[2]
    if last == "setattr":
        return any(isinstance(word, ast.Constant) and word.value == "status" for word in call.args)
    named = {keyword.arg for keyword in call.keywords}
    if last in {"update", "create", "get_or_create", "update_or_create", "Booking"}:
        return "status" in named
    return last == "bulk_update" and any(
        isinstance(word, ast.Constant) and word.value == "status" for word in ast.walk(call)
    )


def test_only_the_booking_services_write_a_status():
    """architecture.md 4: `services.perform` is the only door; pages, admin and tasks go through it."""
    found = [
        where(path, node)
        for path, tree in modules().items()
        if not STATUS_WRITER.match(path)
        for node in status_writes(tree)
    ]
    assert found == []
    assert any(STATUS_WRITER.match(path) and list(status_writes(tree)) for path, tree in modules().items())


@pytest.mark.parametrize(
    "line",
    [
        "booking.status = 'x'", "booking.status: str = 'x'", "a = booking.status = 'x'", "setattr(booking, 'status', 'x')",
        "Booking.objects.filter().update(status='x')", "Booking(status='x')", "Booking.objects.create(status='x')",
        "Booking.objects.bulk_update(rows, ['status'])",
    ],
)  # fmt: skip
def test_status_writes_are_seen(line):
    assert list(status_writes(ast.parse(line)))


# --- the clock ---------------------------------------------------------------------------------------------


def clock_reads(tree: ast.AST):
    return (
        call for call in calls(tree) if name_of(call.func) in CLOCKS or name_of(call.func).endswith(".datetime.now")
    )


def test_only_interfaces_read_the_clock():
    """Services, workflow and pure functions take `now`, so that every rule can be tried at every moment."""
    found = [
        where(path, call)
        for path, tree in modules().items()
        if not INTERFACES.search(path)
        for call in clock_reads(tree)
    ]
    assert found == []


@pytest.mark.parametrize("line", ["timezone.now()", "datetime.now(UTC)", "dt.datetime.now()", "date.today()", "now()"])
def test_clock_reads_are_seen(line):
    assert list(clock_reads(ast.parse(line)))


# --- work that leaves -----------------------------------------------------------------------------------------


def test_only_the_doorbell_talks_to_the_broker():
    """decisions.md 28: effects are outbox rows; the broker only hears that there are some."""
    found = [
        where(path, call)
        for path, tree in modules().items()
        if path != DOORBELL
        for call in calls(tree)
        if name_of(call.func).rpartition(".")[2] in {"delay", "apply_async", "send_task"}
    ]
    assert found == []


def test_nothing_is_scheduled_at_the_broker():
    """decisions.md 28: no ETA and no countdown; a later moment is `due_at` of an outbox row."""
    found = [
        where(path, call)
        for path, tree in modules().items()
        for call in calls(tree)
        if {"eta", "countdown"} & {keyword.arg for keyword in call.keywords}
    ]
    assert found == []


# --- signals ----------------------------------------------------------------------------------------------------


def signal_uses(tree: ast.AST):
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module, names = node.module or "", {alias.name for alias in node.names}
            about_signals = module == "django.dispatch" or module.rpartition(".")[2] == "signals" or "signals" in names
            if about_signals and not names <= FOREIGN_SIGNALS.get(module, set()):
                yield node
        if isinstance(node, ast.FunctionDef) and any(
            name_of(getattr(decorator, "func", decorator)).endswith("receiver") for decorator in node.decorator_list
        ):
            yield node


def test_our_apps_do_not_signal_each_other():
    """architecture.md 1: effects are plain downward calls."""
    found = [where(path, node) for path, tree in modules().items() for node in signal_uses(tree)]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "from django.dispatch import Signal", "from django.db.models.signals import post_save", "from bookings import signals",
        "from allauth.account.signals import user_signed_up", "@receiver(done)\ndef f(): pass",
    ],
)  # fmt: skip
def test_signal_uses_are_seen(line):
    assert list(signal_uses(ast.parse(line)))
