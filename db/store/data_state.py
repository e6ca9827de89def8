"""The count of changes to what pages read, loads and recorded decisions alike, and the numbers of data versions.

Each change is in its own transaction and counted in it. A run of several files says of each that more follow: what is
kept of whole pages may then be shown as before until the run has ended, and for SHOWN_SECONDS at most.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from time import time

from sqlalchemy import Connection, Integer, Text, cast, delete, func, insert, select, update

from db.store.schema import source_file, store_meta, undo

DATA_VERSION = "data_version"
"""The name in `store_meta` of the count."""
NAMES_VERSION = "names_version"
"""The name in `store_meta` of the count of all changes but loads of figures alone, whose places have names already."""
CHANGED = "changed"
"""The name in `store_meta` of the count at the last change that may touch anything; with a source's name behind it, at
the last that touched figures and files of that source alone."""
SHOWN_STATE = "shown_state"
"""The name in `store_meta` of the state that kept pages are shown in while a run goes on, and until when."""
SHOWN_SECONDS = 10
"""How long figures that a run has loaded may wait for the rest of its files: no longer, if it is killed, either."""


@dataclass(frozen=True)
class ShownState:
    """The count of changes, and an earlier count whose pages may be shown until a time (seconds since 1970).

    A time further ahead than SHOWN_SECONDS is another machine's wrong clock and counts as over.
    """

    held: int
    before: int = 0
    until: float = 0.0

    def at(self, now: float) -> int:
        """The count by which pages are kept."""
        waiting = self.before > 0 and now < self.until <= now + SHOWN_SECONDS
        return self.before if waiting else self.held

    @classmethod
    def read(cls, rows: dict[str, str]) -> ShownState:
        """The state as the rows of `store_meta` say it."""
        before, _, until = rows.get(SHOWN_STATE, "").partition(" ")
        held = int(rows.get(DATA_VERSION) or 0)
        return cls(held, int(before), float(until)) if until else cls(held)


def raise_data_version(
    connection: Connection, *, more_follow: bool = False, names: bool = True, sources: Collection[str] = ()
) -> None:
    """Count a change: whatever is kept from one state of the data is stale in the next.

    With `more_follow` the change is one of several, and whole pages may be shown as before for a while. Without
    `names` it changed figures and files alone: organisations, breakdowns, outlines and decisions stay as they are.
    With `sources` it changed figures and files of these alone: what is made of others' is as it was.
    """
    _count(connection, DATA_VERSION)
    _note_changed(connection, sources)
    if names:
        _count(connection, NAMES_VERSION)
    state, now = shown_state(connection), time()
    if not more_follow:
        show_all_loaded(connection)
    elif state.at(now) == state.held:
        show_all_loaded(connection)
        waiting = {"name": SHOWN_STATE, "value": f"{state.held - 1} {now + SHOWN_SECONDS}"}
        connection.execute(insert(store_meta).values(waiting))


def _count(connection: Connection, name: str) -> None:
    """Counted in the row itself: of two that change something at once, the second waits for the first's count."""
    following = cast(cast(store_meta.c.value, Integer) + 1, Text)
    counted = update(store_meta).where(store_meta.c.name == name).values(value=following)
    if not connection.execute(counted).rowcount:
        connection.execute(insert(store_meta).values(name=name, value="1"))


def _note_changed(connection: Connection, sources: Collection[str]) -> None:
    """A change that comes after one that was not noted here may touch anything, as that one may have."""
    held, noted = data_state(connection), _noted(connection)
    known = max(noted.values(), default=0) == held - 1
    names = [f"{CHANGED} {source}" for source in sources] if known and sources else [CHANGED]
    connection.execute(delete(store_meta).where(store_meta.c.name.in_(names)))
    connection.execute(insert(store_meta), [{"name": name, "value": str(held)} for name in names])


def _noted(connection: Connection) -> dict[str, int]:
    rows = connection.execute(select(store_meta.c.name, store_meta.c.value))
    return {row.name: int(row.value) for row in rows if row.name.split(" ")[0] == CHANGED}


def show_all_loaded(connection: Connection) -> None:
    """Let pages be shown in the newest state from now on: a run has ended, or a change stands alone."""
    connection.execute(delete(store_meta).where(store_meta.c.name == SHOWN_STATE))


def shown_state(connection: Connection) -> ShownState:
    """The state that kept pages are shown in."""
    columns = select(store_meta.c.name, store_meta.c.value)
    named = columns.where(store_meta.c.name.in_([DATA_VERSION, SHOWN_STATE]))
    return ShownState.read({row.name: row.value for row in connection.execute(named)})


def data_state(connection: Connection) -> int:
    """How many changes there have been; 0 in a store without any."""
    held = connection.execute(select(store_meta.c.value).where(store_meta.c.name == DATA_VERSION)).scalar()
    return int(held or 0)


def next_data_version(connection: Connection) -> int:
    """The number of the data version that comes next: files and undos are counted together."""
    if connection.dialect.name == "postgresql":
        following = select(func.nextval(func.pg_get_serial_sequence(source_file.name, "id")))
        return int(connection.execute(following).scalar_one())
    newest = [connection.execute(select(func.max(table.c.id))).scalar() or 0 for table in (source_file, undo)]
    return max(newest) + 1
