"""What the store holds: periods by indicator and kind of organisation, names by number, freshness and data version."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from db.domain.file import FileReference
from db.domain.observation import breakdown_dimensions
from db.domain.organisation import OrganisationChoice, OrganisationType
from db.domain.period import Period


@dataclass(frozen=True, slots=True)
class LatestPeriod:
    """The last period for which the store holds an indicator for a type of organisation."""

    indicator: str
    organisation_type: OrganisationType
    period: Period


@dataclass(frozen=True, slots=True)
class PublicationDay:
    """A day on which a source published something. `published` is False where only the day of fetching is known."""

    on: date
    source: str
    published: bool


@dataclass(frozen=True, slots=True)
class DataVersion:
    """Which state of the data a page shows: the last file loaded, and when. `number` 0 is an empty store.

    `demonstration` says that some numbers are invented, `mixed` that others are not. `state` rises with every
    change of what pages read, loads and recorded decisions alike: what is kept from one state is stale in the next.
    `last_undo` is the data version that the last undo or putting back made, 0 without one. `filling` says that the
    store's first figures are not all there yet: `Filling` tells which. `names` rises with every change but loads that
    bring figures alone: of organisations, what they belong to, breakdowns, outlines, decisions. `changes` are the
    counts at the last change of each source's figures and files alone, by its id, and of anything else, by "".
    """

    number: int
    loaded_on: date | None
    demonstration: bool
    mixed: bool = False
    state: int = 0
    last_undo: int = 0
    filling: bool = False
    names: int = 0
    changes: tuple[tuple[str, int], ...] = ()

    def last_change(self, sources: Collection[str]) -> int:
        """The count of changes after which figures and files of some sources, and all that is no source's, are as they
        are.

        Where changes were not noted by their sources (by an earlier version of the program), the count of all.
        """
        noted = dict(self.changes)
        if max(noted.values(), default=0) != self.state:
            return self.state
        return max(noted.get(name, 0) for name in ("", *sources))


@dataclass(frozen=True)
class SourceFilling:
    """A source that a store is being filled from: `done` of `files`, 0 where they are not counted yet."""

    source: str
    files: int
    done: int

    @property
    def whole(self) -> bool:
        return 0 < self.files <= self.done


@dataclass(frozen=True)
class Filling:
    """The first filling of a store, its sources in order; none where none is under way.

    `stopped` where the process that did it is no more.
    """

    sources: tuple[SourceFilling, ...]
    stopped: bool = False

    @property
    def files(self) -> int:
        return sum(item.files for item in self.sources)

    @property
    def done(self) -> int:
        return sum(item.done for item in self.sources)

    @property
    def coming(self) -> frozenset[str]:
        """The sources that are not whole yet."""
        return frozenset(item.source for item in self.sources if not item.whole)


NOT_FILLING = Filling(())


@dataclass(frozen=True, slots=True)
class MadeVersion:
    """A data version, the day (UTC) on which it was made, and what made it: a file's name, an undo, a putting back."""

    number: int
    made_on: date | None
    by: str


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the store holds of some organisations together: each indicator's headline periods, newest first."""

    periods: Mapping[str, tuple[Period, ...]]


@dataclass(frozen=True)
class CodeLists:
    """The store's own keys: indicators', breakdowns', organisations' and files' names by number.

    `detailed` are the numbers of indicators that have anything published beside a value.
    """

    indicators: Mapping[int, str]
    breakdowns: Mapping[int, str]
    organisations: Mapping[int, OrganisationChoice]
    files: Mapping[int, FileReference]
    detailed: frozenset[int] = frozenset()

    @cached_property
    def indicator_ids(self) -> Mapping[str, int]:
        return {code: number for number, code in self.indicators.items()}

    @cached_property
    def breakdown_ids(self) -> Mapping[str, int]:
        return {key: number for number, key in self.breakdowns.items()}

    @cached_property
    def organisation_ids(self) -> Mapping[str, int]:
        return {item.code: number for number, item in self.organisations.items()}

    @cached_property
    def names(self) -> dict[str, str]:
        """Organisations' names by code, as the store has them."""
        return {item.code: item.name for item in self.organisations.values()}

    @cached_property
    def dimensions(self) -> Mapping[str, str]:
        """What each breakdown key is by: `tumour group`, `modality; stage`."""
        return {key: breakdown_dimensions(key) for key in self.breakdowns.values()}

    def organisation(self, code: str) -> OrganisationChoice | None:
        number = self.organisation_ids.get(code)
        return None if number is None else self.organisations[number]
