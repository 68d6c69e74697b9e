"""Queries that nearly every page asks: the ORM writes their SQL once in a process, and after that only fills values in.

Writing the SQL of a small query takes several times as long as running it. Both walls stay as they are: the tenant is
one of the values, read from the scope each time.
"""

from collections.abc import Callable, Iterable
from copy import copy
from datetime import UTC, date, datetime
from functools import cached_property
from types import SimpleNamespace
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django_scopes import scope

from .tenancy import active_tenant_id

Row = TypeVar("Row", bound=Model)

# What a query is written for. The compiler hands these objects on as they are, so that each is known again in its place.
_STANDING_FOR: dict[type, Callable[[], Any]] = {
    str: lambda: "".join(("a", "value")),
    int: lambda: int("1000000007"),
    UUID: lambda: UUID(int=0),
    date: lambda: date(2000, 1, 1),
    datetime: lambda: datetime(2000, 1, 1, tzinfo=UTC),
}


class CompiledQuery(Generic[Row]):
    """A query for objects, or for their `values()`, as a function of its values: `CompiledQuery(_by_slug, str)`.

    `build` makes the query of as many values as there are `types` (str, int, UUID, date or datetime), comparing each as it is.
    Calling it raises ScopeError where the query needs a tenant and there is no scope, and TypeError for a query whose values
    are not compared as they are (`contains`, `iexact`, some sizes of integers).
    """

    def __init__(self, build: Callable[..., QuerySet[Row]], *types: type) -> None:
        self.build, self.types = build, types

    def __call__(self, *values: Any) -> list[Row]:
        """The objects, as `build(*values)` would find them. One statement."""
        written = self._written
        if written.needs_tenant:
            tenant = active_tenant_id()
            if tenant is None:  # scopes are disabled on purpose: there is no tenant to fill in
                return list(self.build(*values))
            values = (*values, tenant)
        params = [item if place is None else values[place] for item, place in written.params]
        compiler = copy(written.compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        compiler.as_sql = lambda *args, **kwargs: (written.sql, params)
        query = SimpleNamespace(get_compiler=lambda using: compiler, selected=compiler.query.selected)
        wanted = SimpleNamespace(db=DEFAULT_DB_ALIAS, query=query, _known_related_objects={})
        return list(written.iterable(wanted))

    def first(self, *values: Any) -> Row | None:
        """The first of the objects, or None."""
        return next(iter(self(*values)), None)

    @cached_property
    def _written(self) -> "_Written":
        values = [_STANDING_FOR[kind]() for kind in self.types]
        tenant = SimpleNamespace(pk=_STANDING_FOR[int]())
        with scope(tenant=tenant):
            wanted = self.build(*values)
            compiler = wanted.query.get_compiler(DEFAULT_DB_ALIAS)
            sql, params = compiler.as_sql()
        places = [(item, _place(item, [*values, tenant.pk])) for item in params]
        if not set(range(len(values))) <= {place for _, place in places}:
            raise TypeError(
                "The ORM changes a value of this query on its way into SQL, so it can't be filled in later."
            )
        return _Written(wanted._iterable_class, compiler, sql, places, any(place == len(values) for _, place in places))


class _Written(NamedTuple):
    """A query's SQL. Each parameter comes with the place of its value, or None for what is always the same."""

    iterable: Callable[[Any], Iterable[Any]]
    compiler: SQLCompiler
    sql: str
    params: list[tuple[Any, int | None]]
    needs_tenant: bool


def _place(item: Any, standing: Iterable[Any]) -> int | None:
    return next((place for place, other in enumerate(standing) if other is item), None)
