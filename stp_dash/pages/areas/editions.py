"""The boards of each time: those of today, and those before the last mergers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from db.domain import Catalogue, OrganisationType
from stp_dash.analysis.kinds import open_on

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class BoardEdition:
    """The integrated care boards between two days (both inclusive), by their codes. `key` names them in addresses."""

    key: str
    first: date
    last: date
    codes: tuple[str, ...]

    @property
    def label(self) -> str:
        """`36 areas now`, `42 before April 2026`."""
        if self.last == date.max:
            return f"{len(self.codes)} areas now"
        return f"{len(self.codes)} before {self.last + _DAY:%B %Y}"


def board_editions(catalogue: Catalogue) -> tuple[BoardEdition, ...]:
    """The editions of the boards, the newest first: one from each day on which a board opened."""
    boards = [item for item in catalogue.organisations.values() if item.type is OrganisationType.ICB]
    days = sorted({item.opened_on for item in boards if item.opened_on})
    ends = [*(day - _DAY for day in days[1:]), date.max]
    found = [
        BoardEdition(f"{day:%Y}", day, end, tuple(sorted(item.code for item in boards if open_on(item, day))))
        for day, end in zip(days, ends, strict=True)
    ]
    return tuple(reversed(found))
