"""What happened to the whole health service, with a published source for every day: `national_events.toml`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from db.catalogue.errors import CatalogueError
from db.catalogue.toml_files import read_toml

NATIONAL_EVENTS: Final = "national_events.toml"
_FOLDER = Path(__file__).resolve().parent


class EventDay(BaseModel):
    """A day, or a span of which both days belong to it; who did it, "" where the event's text says it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: date
    until: date | None = None
    who: str = ""
    addresses: Annotated[tuple[Annotated[str, Field(pattern=r"^https://\S+$")], ...], Field(min_length=1)]

    @property
    def last(self) -> date:
        return self.until or self.on

    @model_validator(mode="after")
    def _in_order(self) -> EventDay:
        if self.last < self.on:
            raise ValueError(f"until: wanted a day after {self.on}, found {self.until}")
        return self


class NationalEvent(BaseModel):
    """A fact: one day, or several that charts show as one span. `sources`: whose charts show it, none for all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    text: Annotated[str, Field(min_length=1, max_length=160)]
    sources: tuple[str, ...] = ()
    days: Annotated[tuple[EventDay, ...], Field(min_length=1)]

    @property
    def first(self) -> date:
        return min(day.on for day in self.days)

    @property
    def last(self) -> date:
        return max(day.last for day in self.days)

    def concerns(self, source: str) -> bool:
        """Whether the charts of a source's indicators show it."""
        return not self.sources or source in self.sources


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    events: tuple[NationalEvent, ...]


@lru_cache(maxsize=1)
def national_events() -> tuple[NationalEvent, ...]:
    """The catalogue's events, the earliest first. Raises CatalogueError as `read_national_events` does."""
    return read_national_events(_FOLDER)


def read_national_events(folder: Path, sources: Collection[str] = ()) -> tuple[NationalEvent, ...]:
    """The events of a folder. With `sources`, each that an event names must be one of them.

    Raises CatalogueError naming the event and the key, what was wanted and what was found.
    """
    file = read_toml(folder / NATIONAL_EVENTS, _File)
    named: set[str] = set()
    for event in file.events:
        if event.id in named:
            raise CatalogueError(f"{NATIONAL_EVENTS}: events: {event.id}: wanted one of each id, found two")
        named.add(event.id)
        unknown = [name for name in event.sources if sources and name not in sources]
        if unknown:
            found = ", ".join(unknown)
            raise CatalogueError(
                f"{NATIONAL_EVENTS}: {event.id}: sources: wanted a known source, found {found}"
            )
    return tuple(sorted(file.events, key=lambda event: event.first))
