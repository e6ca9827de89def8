"""What a release changed: periods added, values revised, settled, withdrawn or replaced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from db.domain.file import FileReference
from db.domain.observation import Maturity
from db.domain.period import Period
from db.domain.reading import Reading


@dataclass(frozen=True, slots=True)
class Release:
    """Files of a source that came out together, newest file first.

    `published_on` is None where the files do not say; `reaches` is the end of the last period that they cover.
    """

    source: str
    files: tuple[FileReference, ...]
    published_on: date | None
    reaches: date | None
    loaded_at: datetime | None


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
        """Whether the release only settled the figure: provisional before, final now."""
        before, after = self.before, self.after
        return (before.numerator, before.denominator, before.value, before.missing_reason) == (
            after.numerator, after.denominator, after.value, after.missing_reason,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SourceChanges:
    """What a source's newest release changed, the newest period first in each list.

    `revised` are figures whose numbers the publisher changed, `settled` those that were confirmed with the same
    numbers, `withdrawn` those that stand no longer. `replaced` are figures that now come from another table (printed
    where they had been summed, or of another basis): their numbers differ, and nobody revised them.
    """

    release: Release
    added: tuple[AddedPeriod, ...]
    revised: tuple[ValueChange, ...]
    settled: tuple[ValueChange, ...]
    withdrawn: tuple[Reading, ...]
    replaced: tuple[ValueChange, ...]


@dataclass(frozen=True, slots=True)
class Revision:
    """A value that a later release replaced, with the one that stands today: None where it was withdrawn."""

    period: Period
    organisation: str
    organisation_name: str
    before: float | None
    numerator_before: float | None
    denominator_before: float | None
    now: float | None
    numerator_now: float | None
    denominator_now: float | None
    reason: str
    maturity: Maturity
    file: str
    replaced_by: str
    replaced_on: date | None
    demonstration: bool
