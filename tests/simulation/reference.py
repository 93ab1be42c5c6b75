"""Read models folded one event at a time, beside those that are kept in batches by processes that die."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from projections.keyed import KeyedProjection
from tests.simulation.followers import Recorded, Tables, handling
from tests.simulation.log import Store
from tests.simulation.watch import Watch


class Reference:
    """What the read models should be at every position."""

    def __init__(self, store: Store, projections: Sequence[KeyedProjection[Any]], watch: Watch) -> None:
        self.store = store
        self.projections = projections
        self.watch = watch
        self.position = 0
        self._handling = handling(projections)
        self.rows: dict[tuple[str, Hashable], Any] = {}

    def compare(self, tables: Tables, position: int) -> None:
        """This will go on to the position, and compare what changed on the way."""
        touched: set[tuple[str, Hashable]] = set()
        for number in range(self.position, position):
            event = self.store.all[number]
            for projection in self._handling.get(type(event), ()):
                if (key := projection.key(event)) is not None:
                    handler = projection.handlers[type(event)]
                    place = (projection.tables[0].name, key)
                    self.rows[place] = handler(projection, self.rows.get(place), Recorded(number + 1, event))
                    touched.add(place)
        self.position = max(self.position, position)
        for table, key in touched:
            if tables.of(table).get(key) != self.rows[table, key]:
                self.watch.found(f"the read model {table} is not what its events make of it")

    def compare_all(self, tables: Tables) -> None:
        """This will compare every row."""
        self.compare(tables, len(self.store.all))
        for table in {projection.tables[0].name for projection in self.projections}:
            expected = {key: row for (name, key), row in self.rows.items() if name == table and row is not None}
            if tables.of(table) != expected:
                self.watch.found(f"the read model {table} is not the fold of the log")
