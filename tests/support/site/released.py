"""Monthly releases of the 28-day standard for Kent and Medway and its trusts, loaded one after another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from db.domain import Maturity, Period
from db.settings import Settings
from db.store import Store
from stp_dash.frame.request import Site
from tests.support.frames import file, row
from tests.support.releases import put_rows

FIRST = Period.month(2024, 1)
BASES = {"QKS": "commissioner"}


@dataclass
class Releases:
    """A store that gets a release a month: shares in time, of each organisation's patients."""

    store: Store
    settings: Settings
    patients: int = 1000
    count: int = 0
    demonstration: bool = True

    @property
    def month(self) -> Period:
        """The month of the newest release."""
        at = FIRST.start.year * 12 + FIRST.start.month - 1 + self.count - 1
        return Period.month(at // 12, at % 12 + 1)

    @property
    def site(self) -> Site:
        """The site on the day after the newest release."""
        today = self.month.end + timedelta(days=41)
        return Site(self.store, self.settings, today=lambda: today)

    def release(self, shares: Mapping[str, float], *, revised: Mapping[Period, float] | None = None) -> None:
        """The next month: the share of each organisation, and new shares of the area in earlier months."""
        self.count += 1
        rows = [self._row(code, self.month, share, Maturity.PROVISIONAL) for code, share in shares.items()]
        rows += [self._row("QKS", month, share, Maturity.FINAL) for month, share in (revised or {}).items()]
        self.load(self.month, rows)

    def history(self, shares: Mapping[str, list[float]]) -> None:
        """Some months in one file."""
        rows = []
        for place in range(len(next(iter(shares.values())))):
            self.count += 1
            rows += [
                self._row(code, self.month, found[place], Maturity.FINAL) for code, found in shares.items()
            ]
        self.load(self.month, rows)

    def load(self, month: Period, rows: list[dict[str, object]]) -> None:
        source = file(
            published_on=month.end + timedelta(days=40),
            latest_period_end=month.end,
            demonstration=self.demonstration,
        )
        put_rows(self.store, replace(source, name=f"release {self.count}.xlsx"), *rows)

    def _row(self, code: str, month: Period, share: float, maturity: Maturity) -> dict[str, object]:
        return row(
            code,
            round(self.patients * share),
            self.patients,
            period=month.key,
            basis=BASES.get(code, "provider"),
            maturity=maturity,
        )


def wobbling(share: float, months: int) -> list[float]:
    """Some months of a share that goes up and down a little, and breaks no rule."""
    return [share + (0.012, -0.009, 0.004, -0.012, 0.009)[place % 5] for place in range(months)]
