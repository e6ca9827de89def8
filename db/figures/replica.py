"""Pages may be read from a replica of the store; where it cannot serve them, the store itself does."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from db.store import Store, open_replica, stale_preparation, store_fault
from db.store.data_state import data_state

CHECK_SECONDS = 5
"""How long a verdict on the replica stands before it is looked at again."""
PATIENCE_SECONDS = 60
"""How long the replica may lack a change that the store holds."""
_LOG = logging.getLogger(__name__)

Found = TypeVar("Found")


@dataclass(frozen=True)
class ReplicaState:
    """How the replica stands. `problem` says why pages are read from the store itself, "" where they are not.

    `behind` counts the changes of the data that it lacks; None where either side cannot be asked.
    """

    problem: str
    behind: int | None


class Replica:
    """A read replica of a store. Whoever reads through it gets one state of the data: the replica's or the store's.

    It is not used while it cannot be reached, was prepared by another version of this program, or lacks a change
    for longer than PATIENCE_SECONDS. When the store itself cannot be asked, a replica that answers is used.
    """

    def __init__(self, primary: Store, replica: Store, clock: Callable[[], float] = monotonic) -> None:
        self.primary, self.replica, self._clock = primary, replica, clock
        self._checking = Lock()
        self._checked_at: float | None = None
        self._state = ReplicaState("", None)
        self._awaited: tuple[int, float] | None = None

    def read(self, work: Callable[[Connection], Found]) -> Found:
        """What a piece of work reads, from one of the two and not from both. `work` may be done twice.

        Raises DBAPIError where the store itself cannot be read either.
        """
        if not self.state().problem:
            try:
                with self.replica.reading() as connection:
                    return work(connection)
            except DBAPIError as error:
                self._keep(ReplicaState(_cannot_be_read(error), None))
        with self.primary.reading() as connection:
            return work(connection)

    def state(self) -> ReplicaState:
        """How the replica stands, looked at again when the last look is old. Readers do not wait for another's look."""
        first = self._checked_at is None
        if not self._is_due() or not self._checking.acquire(blocking=first):
            return self._state
        try:
            if self._is_due():
                self._keep(self._look())
        finally:
            self._checking.release()
        return self._state

    def _is_due(self) -> bool:
        return self._checked_at is None or self._clock() - self._checked_at >= CHECK_SECONDS

    def _keep(self, state: ReplicaState) -> None:
        before, self._state = self._state.problem, state
        self._checked_at = self._clock()
        if state.problem and state.problem != before:
            _LOG.warning("pages are read from the store itself: the read replica %s", state.problem)
        elif before and not state.problem:
            _LOG.warning("pages are read from the read replica again")

    def _look(self) -> ReplicaState:
        try:
            with self.replica.reading() as connection:
                prepared_otherwise = stale_preparation(connection)
                theirs = 0 if prepared_otherwise else data_state(connection)
        except DBAPIError as error:
            return ReplicaState(_cannot_be_read(error), None)
        if prepared_otherwise:
            return ReplicaState(f"is not used: {prepared_otherwise}", None)
        try:
            with self.primary.reading() as connection:
                ours = data_state(connection)
        except DBAPIError:
            return ReplicaState("", None)
        return self._compared(ours, theirs)

    def _compared(self, ours: int, theirs: int) -> ReplicaState:
        """Its lag: a change that it is waited for is one that the store held PATIENCE_SECONDS ago."""
        now = self._clock()
        if theirs >= ours:
            self._awaited = None
            return ReplicaState("", 0)
        if self._awaited is None or theirs >= self._awaited[0]:
            self._awaited = (ours, now)
        waited = now - self._awaited[1]
        late = waited > PATIENCE_SECONDS
        problem = f"has lacked a change of the figures for {PATIENCE_SECONDS} seconds" if late else ""
        return ReplicaState(problem, ours - theirs)


def replica_of(store: Store, url: str) -> Replica | None:
    """The read replica of a store at a URL, None where the URL is "".

    Raises StoreError when it is none of PostgreSQL.
    """
    return Replica(store, open_replica(url)) if url else None


def _cannot_be_read(error: DBAPIError) -> str:
    return f"cannot be read: {store_fault(error)}"
