"""What is wrong with the lines of a list, each finding by line and column, for whoever keeps the list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum

MOST_FINDINGS = 200
"""So many are told one by one; the others are counted."""


class FindingLevel(StrEnum):
    """An error refuses its file, a warning wants to be confirmed, a note only informs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class LineFinding:
    """What was found at a line, as spreadsheets number them, and a column; None for the whole file or line.

    `nearest` is the known code that is nearest to what was found, "" for none; `sheet` is "" for a text file.
    """

    line: int | None
    column: str | None
    level: FindingLevel
    message: str
    found: str = ""
    wanted: str = ""
    nearest: str = ""
    sheet: str = ""

    @property
    def where(self) -> str:
        """The place in words: "sheet targets, line 4, period"."""
        parts = (
            f"sheet {self.sheet}" if self.sheet else "",
            f"line {self.line}" if self.line else "",
            self.column or "",
        )
        return ", ".join(part for part in parts if part) or "the whole file"


@dataclass
class LineFindings:
    """Findings as they come: the first `MOST_FINDINGS` in full, errors before others, and a count of all."""

    sheet: str = ""
    kept: dict[FindingLevel, list[LineFinding]] = field(default_factory=lambda: {k: [] for k in FindingLevel})
    counts: dict[FindingLevel, int] = field(default_factory=lambda: dict.fromkeys(FindingLevel, 0))

    def add(
        self,
        line: int | None,
        column: str | None,
        level: FindingLevel,
        message: str,
        *,
        found: str = "",
        wanted: str = "",
        nearest: str = "",
    ) -> None:
        """Keep a finding, or count it where enough are kept."""
        self.counts[level] += 1
        if len(self.kept[level]) < MOST_FINDINGS:
            told = LineFinding(line, column, level, message, found, wanted, nearest, self.sheet)
            self.kept[level].append(told)

    def error(
        self,
        line: int | None,
        column: str | None,
        message: str,
        *,
        found: str = "",
        wanted: str = "",
        nearest: str = "",
    ) -> None:
        self.add(line, column, FindingLevel.ERROR, message, found=found, wanted=wanted, nearest=nearest)

    def note(self, line: int | None, column: str | None, message: str, *, found: str = "") -> None:
        self.add(line, column, FindingLevel.NOTE, message, found=found)

    def warning(self, line: int | None, column: str | None, message: str, *, found: str = "") -> None:
        self.add(line, column, FindingLevel.WARNING, message, found=found)

    @property
    def errors(self) -> int:
        return self.counts[FindingLevel.ERROR]

    @property
    def warnings(self) -> int:
        return self.counts[FindingLevel.WARNING]

    @property
    def untold(self) -> int:
        """How many findings there are besides those of `told`."""
        return sum(self.counts.values()) - len(self.told())

    def told(self) -> list[LineFinding]:
        """At most `MOST_FINDINGS`: errors first, then warnings, then notes, each in the order of lines."""
        found = [item for level in FindingLevel for item in self.kept[level]][:MOST_FINDINGS]
        order = list(FindingLevel)
        return sorted(found, key=lambda item: (order.index(item.level), item.sheet, item.line or 0))

    def take(self, other: LineFindings) -> None:
        """Add those of another sheet."""
        for level, count in other.counts.items():
            self.counts[level] += count
            self.kept[level] = (self.kept[level] + other.kept[level])[:MOST_FINDINGS]


def nearest_code(found: str, known: Iterable[str]) -> str:
    """The known code most like one that was found, whatever its case; "" where none is near."""
    by_folded = {code.casefold(): code for code in known}
    close = get_close_matches(found.strip().casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[close[0]] if close else ""
