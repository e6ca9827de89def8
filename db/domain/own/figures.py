"""Figures of own measures, and what a submission of them did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from db.domain.period import Period


@dataclass(frozen=True, slots=True)
class FigureKey:
    """What a figure is of; `unit` is "" for the organisation itself."""

    measure: str
    organisation: str
    unit: str
    period: Period


@dataclass(frozen=True, slots=True)
class OwnFigure:
    """One figure, or why there is none, and the line of its file."""

    key: FigureKey
    numerator: float | None
    denominator: float | None
    value: float | None
    provisional: bool
    missing_reason: str
    note: str
    line: int
    submission: int = 0

    @property
    def content(self) -> tuple[object, ...]:
        """All that it says, whatever file it came in."""
        return (
            self.numerator,
            self.denominator,
            self.value,
            self.provisional,
            self.missing_reason,
            self.note,
        )


class SubmissionMode(StrEnum):
    """What becomes of figures that a file does not have: they stay, or those of its measures are withdrawn."""

    ADD = "add and correct"
    REPLACE = "replace the measure"


@dataclass(frozen=True)
class SubmissionCounts:
    """What a submission did to one measure."""

    lines: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    withdrawn: int = 0
    targets: int = 0


@dataclass(frozen=True)
class Submission:
    """A file of figures: who handed it in, when, and what it did to each measure. One that does not stand has been
    withdrawn."""

    number: int
    at: datetime
    by: str
    role: str
    name: str
    sha256: str
    mode: SubmissionMode
    reason: str
    stands: bool
    counts: dict[str, SubmissionCounts]


@dataclass(frozen=True)
class Approval:
    """Who let a measure be shown to everybody, and when."""

    by: str
    at: datetime
