"""What is kept of what was read or made at some cost, for as long as the data stays as it is."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any, ClassVar, Generic, TypeVar

from db.domain.holdings import DataVersion

Value = TypeVar("Value")
VERSIONS = 2
"""A replica may show the state of the data before, while the store itself shows the next: both are kept."""


@dataclass(frozen=True)
class CacheKey(Generic[Value]):
    """All that one thing was made from, the data apart. Each kind of thing has a class of its own."""

    most: ClassVar[int] = 512
    """How much of the kind is kept by weight, what was used last: where nothing weighs more than another, how many."""
    of_names: ClassVar[bool] = False
    """Whether it is made of no figure and no file, and so outlives a load of figures for known names."""

    @property
    def of_source(self) -> str:
        """The source whose figures and files alone it is made of, names apart; "" for all."""
        return ""

    def weight(self, value: Value) -> int:
        """What a value of the kind weighs against `most`. One that weighs more than that is not kept at all."""
        return 1


Stamp = tuple[str, DataVersion | tuple[int, ...]]
"""What must be the same for a thing to be as it was: the state of the data, or the counts of changes of names, or of
names and of a source. It begins with which of these it is.
"""


class Cache:
    """Values by the state of the data and by key: nothing in it ever grows old, and no kind grows without end."""

    def __init__(self) -> None:
        self._kinds: dict[type[CacheKey[Any]], OrderedDict[tuple[Stamp, CacheKey[Any]], Any]] = {}
        self._stamps: dict[str, OrderedDict[Stamp, None]] = {}
        self._lock = Lock()

    def get(self, version: DataVersion, key: CacheKey[Value], make: Callable[[], Value]) -> Value:
        """The value under a key, made now where none is kept. Two threads that ask at once may both make it."""
        stamp = _stamp(version, key)
        place = (stamp, key)
        with self._lock:
            kept = self._kinds.setdefault(type(key), OrderedDict())
            if place in kept:
                kept.move_to_end(place)
                found: Value = kept[place]
                return found
        made = make()
        if key.weight(made) > key.most:
            return made
        with self._lock:
            self._forget_before(stamp)
            kept[place] = made
            weight = sum(place[1].weight(value) for place, value in kept.items())
            while weight > key.most:
                (_, oldest), value = kept.popitem(last=False)
                weight -= oldest.weight(value)
        return made

    def _forget_before(self, stamp: Stamp) -> None:
        """Drop what belongs to states of the data, or of its names, that nobody reads any more."""
        stamps = self._stamps.setdefault(stamp[0], OrderedDict())
        if stamp in stamps:
            return
        stamps[stamp] = None
        while len(stamps) > VERSIONS:
            old, _ = stamps.popitem(last=False)
            for kept in self._kinds.values():
                for place in [place for place in kept if place[0] == old]:
                    del kept[place]


def _stamp(version: DataVersion, key: CacheKey[Any]) -> Stamp:
    if key.of_names:
        return "names", (version.names,)
    if key.of_source:
        return f"source {key.of_source}", (version.names, version.last_change([key.of_source]))
    return "data", version
