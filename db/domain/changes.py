"""What a release changed: periods added, values revised, settled, withdrawn or replaced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from db.domain.file import FileReference
from db.domain.observation import Basis, Maturity
from db.domain.period import Period
from db.domain.reading import Reading
from db.domain.run import LoadCounts


@dataclass(frozen=True, slots=True)
class Release:
    """Files of a source that came out together, newest file first.

    `published_on` is None where the files do not say; `reaches` is the end of the last period that they cover. `first`
    says that nothing of the source was loaded on an earlier day: the release and what stood before it came together.
    """

    source: str
    files: tuple[FileReference, ...]
    published_on: date | None
    reaches: date | None
    loaded_at: datetime | None
    first: bool = False


@dataclass(frozen=True, slots=True)
class AddedPeriod:
    """A period for which a release gave some of the organisations their first figure of an indicator."""

    indicator: str
    period: Period
    organisations: tuple[str, ...]
    maturity: Maturity


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One organisation's figure of one period before a release, and as it stands now."""

    before: Reading
    after: Reading

    @property
    def same_table(self) -> bool:
        """Whether both figures were counted alike: of one basis, and both printed or both summed by us."""
        return (self.before.basis, self.before.derived) == (self.after.basis, self.after.derived)

    @property
    def same_numbers(self) -> bool:
        """Whether both figures are equal, or missing for the same reason."""
        before, after = self.before, self.after
        return (before.numerator, before.denominator, before.value, before.missing_reason) == (
            after.numerator, after.denominator, after.value, after.missing_reason,
        )  # fmt: skip

    @property
    def settled(self) -> bool:
        """Whether the release only settled the figure: equal, and provisional before or final before its revision."""
        return self.same_numbers and self.after.maturity > self.before.maturity


@dataclass(frozen=True, slots=True)
class SourceChanges:
    """What a source's newest release changed, the newest period first in each list.

    `revised` are figures whose numbers the publisher changed, `settled` those that were confirmed with the same
    numbers, `withdrawn` those that stand no longer. `replaced` are figures that now come from another table (printed
    where they had been summed, or of another basis): their numbers differ, and nobody revised them. A release that
    repeats a figure and its status is in no list: it changed nothing.
    """

    release: Release
    added: tuple[AddedPeriod, ...]
    revised: tuple[ValueChange, ...]
    settled: tuple[ValueChange, ...]
    withdrawn: tuple[Reading, ...]
    replaced: tuple[ValueChange, ...]


@dataclass(frozen=True, slots=True)
class SourceUndo:
    """Figures of a source that undos of files, or their putting back, have touched since its newest release.

    `before` are those that stood at data version `version`, before the first of the undos, `after` those that stand
    now; `on` is the day of the last.
    """

    source: str
    version: int
    on: date
    before: tuple[Reading, ...]
    after: tuple[Reading, ...]


class RevisionKind(StrEnum):
    """What a later release did to a figure."""

    REVISED = "revised"
    ANOTHER_TABLE = "from another table"
    CONFIRMED = "confirmed as final"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class RevisedFigure:
    """A figure as one release gave it."""

    value: float | None
    numerator: float | None
    denominator: float | None
    missing_reason: str | None
    maturity: Maturity
    basis: Basis
    derived: bool


@dataclass(frozen=True, slots=True)
class Revision:
    """A figure that a later release replaced, with the one that replaced it: None where it was withdrawn."""

    period: Period
    organisation: str
    organisation_name: str
    before: RevisedFigure
    after: RevisedFigure | None
    file: str
    replaced_by: str
    replaced_on: date | None
    demonstration: bool

    @property
    def kind(self) -> RevisionKind | None:
        """What happened; None where a release brought the same figure with the same status."""
        before, after = self.before, self.after
        if after is None:
            return RevisionKind.WITHDRAWN
        numbers = ("value", "numerator", "denominator", "missing_reason")
        if all(getattr(before, name) == getattr(after, name) for name in numbers):
            return RevisionKind.CONFIRMED if after.maturity > before.maturity else None
        same_table = (before.basis, before.derived) == (after.basis, after.derived)
        return RevisionKind.REVISED if same_table else RevisionKind.ANOTHER_TABLE


@dataclass(frozen=True, slots=True)
class FigureDifference:
    """One figure in two states of the data, in the indicator's unit; None where there is no figure."""

    indicator: str
    organisation: str
    organisation_name: str
    period: Period
    breakdown: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class IndicatorDifferences:
    """How many of an indicator's figures differ between two states of the data.

    `gone` stand only in the first, `back` only in the second, `changed` in both with other numbers, `moved` with the
    same numbers from another file. `emptied` are the periods that have no figure left at all.
    """

    indicator: str
    gone: int
    back: int
    changed: int
    moved: int
    emptied: tuple[Period, ...]

    def __add__(self, other: IndicatorDifferences) -> IndicatorDifferences:
        return IndicatorDifferences(
            self.indicator,
            self.gone + other.gone,
            self.back + other.back,
            self.changed + other.changed,
            self.moved + other.moved,
            tuple(sorted({*self.emptied, *other.emptied}, key=lambda item: item.key)),
        )


@dataclass(frozen=True, slots=True)
class UndoEffect:
    """What an undo changes of the figures that stand: by indicator, and headline figures of a few organisations.

    `examples` are the newest of `headlines` such figures; `version` is the data version that was made, None before.
    """

    indicators: tuple[IndicatorDifferences, ...]
    examples: tuple[FigureDifference, ...]
    headlines: int
    version: int | None = None

    @property
    def gone(self) -> int:
        return sum(item.gone for item in self.indicators)

    @property
    def back(self) -> int:
        return sum(item.back for item in self.indicators)

    @property
    def changed(self) -> int:
        return sum(item.changed for item in self.indicators)

    @property
    def moved(self) -> int:
        return sum(item.moved for item in self.indicators)


@dataclass(frozen=True, slots=True)
class LoadEffect:
    """What loading a file would change: its rows by what becomes of them, by indicator, and headline figures.

    `examples` are the first of `headlines` headline figures of a few organisations, those that stand already before
    those that are new. `invented` is how many demonstration files of the source would go.
    """

    counts: LoadCounts
    indicators: tuple[IndicatorDifferences, ...]
    examples: tuple[FigureDifference, ...]
    headlines: int
    invented: int = 0
