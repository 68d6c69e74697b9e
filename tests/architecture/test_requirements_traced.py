"""docs/requirements.md names every requirement, and a test that exists for everything it calls proved or partly proved."""

import ast
import re
from dataclasses import dataclass
from functools import lru_cache

from .source import ROOT

DOCUMENT = ROOT / "docs" / "requirements.md"
# How many ids each part of the requirements has: S0.1 to S0.23 and so on.
LAST = {"S0.": 23, "S1.": 22, "S2.": 19, "S3.": 20, "S4.": 42, "C": 28, "T": 45, "D": 19}
BETWEEN = ("T7b", "T7c")
ID = re.compile(r"S[0-4]\.\d+|[CTD]\d+[a-z]?")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@dataclass(frozen=True)
class Row:
    """One requirement as the document has it."""

    id: str
    words: str
    state: str
    proof: str

    @property
    def tests(self) -> list[tuple[str, str]]:
        return TEST.findall(self.proof)


@lru_cache(maxsize=1)
def rows() -> tuple[Row, ...]:
    """Every line of the tables that begins with an id."""
    cells = (
        [cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|")]
        for line in DOCUMENT.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")
    )
    return tuple(Row(*row) for row in cells if ID.fullmatch(row[0]))


@lru_cache(maxsize=1)
def capabilities() -> set[str]:
    """What the document says will bring the rest: the rows of its first table."""
    first_table = DOCUMENT.read_text(encoding="utf-8").split("\n## ")[0]
    return set(re.findall(r"^\| ([a-z ]+) \|", first_table, re.MULTILINE))


@lru_cache
def written_in(path: str) -> set[str]:
    """The names of the tests in a file; none where there is no such file."""
    file = ROOT / path
    if not file.exists():
        return set()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_requirement_has_one_row():
    expected = [f"{part}{number}" for part, last in LAST.items() for number in range(1, last + 1)] + list(BETWEEN)

    assert sorted(row.id for row in rows()) == sorted(expected)
    assert all(row.words for row in rows())


def test_every_named_test_exists():
    missing = [
        f"{row.id}: {path}::{name}" for row in rows() for path, name in row.tests if name not in written_in(path)
    ]

    assert missing == []


def test_a_test_stands_behind_everything_that_is_built_and_nothing_else():
    """What is only planned has no test, and says which capability brings it."""
    assert {row.state for row in rows()} == {"proved", "partly", "later"}
    assert [row.id for row in rows() if bool(row.tests) == (row.state == "later")] == []


def test_what_is_missing_is_named_with_the_capability_that_brings_it():
    def said(row: Row) -> bool:
        _, colon, capability = row.proof.rpartition(": ")
        return bool(colon) and capability in capabilities()

    assert [row.id for row in rows() if said(row) != (row.state != "proved")] == []
