"""Our own source, read as trees."""

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Lowest last: an app knows only those after it (docs/architecture.md 1).
LAYERS = [
    ["config"],
    ["bookings"],
    ["messaging", "credits"],
    ["marketplace"],
    ["calendars"],
    ["notifications"],
    ["accounts"],
]
APPS = [app for layer in LAYERS for app in layer]


def height(app: str) -> int:
    """How low an app stands: 0 is the top."""
    return next(place for place, layer in enumerate(LAYERS) if app in layer)


@lru_cache(maxsize=1)
def modules() -> dict[str, ast.Module]:
    """Every module of our apps but migrations, by its path below the checkout."""
    files = (file for app in APPS for file in sorted((ROOT / app).rglob("*.py")))
    return {
        str(file.relative_to(ROOT)): ast.parse(file.read_text(encoding="utf-8"))
        for file in files
        if "migrations" not in file.parts
    }


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call in a tree."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def name_of(node: ast.AST) -> str:
    """The dotted name of an expression: "timezone.now"; only its last part where it hangs on a call."""
    if isinstance(node, ast.Attribute):
        before = name_of(node.value)
        return f"{before}.{node.attr}" if before else node.attr
    return node.id if isinstance(node, ast.Name) else ""
