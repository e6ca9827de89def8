"""Invented residents with a stroke, and the audit's annual portfolio of them by commissioner (CCG and LHB).

Set out as the portfolio of 2015/16: three financial years side by side, codes and names above them, the national
columns without a heading, percentages on the sheet of key indicators and numbers of patients on that of the CCG
Outcomes Indicator Set.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

import numpy as np

from db.domain import Catalogue, OrganisationType, Period
from etl.demo.ssnap.patients import INSUFFICIENT
from etl.demo.trusts import is_open
from etl.demo.workbook import Cell, workbook
from etl.reading.demonstration_mark import STATEMENT

Row = list[Cell]

YEARS = (Period.financial_year(2013), Period.financial_year(2014), Period.financial_year(2015))
_CCGS = (OrganisationType.CCG, OrganisationType.SUB_ICB_LOCATION)
_BOARDS = {
    "7A1": "Betsi Cadwaladr University Health Board",
    "7A4": "Cardiff and Vale University Health Board",
}
_GIVEN = "Percentage of all stroke patients given thrombolysis (all stroke types) (ref. G16.3)"
_WITHIN_HOUR = "Percentage of patients who were thrombolysed within 1 hour of clock start (ref. G16.74)"
_TIME = "Median time between clock start and thrombolysis (hours:mins) (ref. G16.42)"
_WITHIN, _WITHIN_SPREAD, _RISE = 0.52, 0.13, 0.02
_ONE_IN = 101


@dataclass(frozen=True)
class _AreaYear:
    """An area's patients in a year: admitted, thrombolysed, and those within an hour; `word` where none is reported."""

    admitted: int
    treated: int
    within: int
    word: str = ""


_Figure = Callable[[_AreaYear], Cell]


@dataclass(frozen=True)
class Residents:
    """The invented residents of every CCG of 2015/16 and of two Welsh boards."""

    catalogue: Catalogue
    seed: int

    def portfolio(self) -> bytes:
        """The workbook, as published."""
        figures = [area for _, _, years in self._areas for area in years]
        names: Row = [name for _, name, _ in self._areas for _ in YEARS]
        codes: Row = [code for code, _, _ in self._areas for _ in YEARS]
        periods: Row = [f"{year.start:%b %Y}-{year.end:%b %Y}" for _ in self._areas for year in YEARS]

        def line(lead: Sequence[Cell], figure: _Figure) -> Row:
            return [*lead, *(area.word or figure(area) for area in figures)]

        indicators: list[Row] = [
            ["SSNAP Key Indicators", "", "", *codes],
            ["Care both delivered within the first 72h and after 72h", "", "", *names],
            ["Time Period", "", "", *periods],
            line(["3. Thrombolysis key indicators", f"3.1 {_GIVEN}", "%"], _rate),
            line(["", f"3.3 {_WITHIN_HOUR}", "%"], _share),
            line(["", f"3.5 {_TIME}", "Median"], _median),
        ]
        outcomes: list[Row] = [
            ["CCG Outcomes Indicator Set (OIS) and SSNAP Key Indicators"],
            [],
            [],
            ["", "", "", *codes],
            ["Care delivered within the first 72h", "", "", *names],
            ["", "Time period", "", *periods],
            line(["Stroke patients who receive thrombolysis", "", "n"], lambda area: area.treated),
            line(["", "", "d"], lambda area: area.admitted),
            line(["", "Percentage of all stroke patients who receive thrombolysis (C3.6)", "%"], _rate),
        ]
        cover = [["CCG/LHB results portfolio for April 2015-March 2016"], [], [STATEMENT]]
        return workbook(
            [
                ("Introduction", cover),
                ("CCG OIS and additional info", outcomes),
                ("CCG & LHB SSNAP Key Indicators", indicators),
            ]
        )

    @cached_property
    def _areas(self) -> list[tuple[str, str, list[_AreaYear]]]:
        """Code, name and three years of each area; first the nation, which has neither."""
        names = {
            code: f"{item.name.removeprefix('NHS ').removesuffix(' CCG')} CCG"
            for code, item in sorted(self.catalogue.organisations.items())
            if item.type in _CCGS and is_open(item, YEARS[-1].start)
        }
        found = [(code, name, self._years(code)) for code, name in {**names, **_BOARDS}.items()]
        own = [
            [area for area in years if not area.word]
            for years in zip(*(item[2] for item in found), strict=True)
        ]
        nation = [
            _AreaYear(
                *(sum(getattr(area, count) for area in year) for count in ("admitted", "treated", "within"))
            )
            for year in own
        ]
        return [("", "", nation), *found]

    def _years(self, code: str) -> list[_AreaYear]:
        rng = np.random.default_rng([self.seed, 42, crc32(code.encode())])
        size, chance = (
            float(np.clip(np.exp(rng.normal(5.8, 0.4)), 120, 1200)),
            rng.normal(_WITHIN, _WITHIN_SPREAD),
        )
        found = []
        for number, year in enumerate(YEARS):
            admitted = int(rng.poisson(size))
            treated = int(rng.binomial(admitted, 0.115))
            within = int(rng.binomial(treated, float(np.clip(chance + _RISE * number, 0.05, 0.95))))
            word = INSUFFICIENT if crc32(f"{code} {year.key}".encode()) % _ONE_IN == 0 else ""
            found.append(_AreaYear(admitted, treated, within, word))
        return found


def _rate(area: _AreaYear) -> Cell:
    return round(100 * area.treated / area.admitted, 1)


def _share(area: _AreaYear) -> Cell:
    return round(100 * area.within / area.treated, 1) if area.treated else "."


def _median(area: _AreaYear) -> Cell:
    share = area.within / area.treated if area.treated else 0.5
    return f"0:{round(60 * (1.25 - 0.5 * share)):02}"
