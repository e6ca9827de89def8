"""The demonstration publisher of delayed transfers of care: files by local authority, and England's series.

The workbooks have the cells of the publisher's old ones (xls) in the newer kind (xlsx). The series has ended: its
last months are those of the real one, whatever the day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from db.domain import Organisation, OrganisationType, Period
from etl.demo.publication import (
    SEED,
    File,
    Size,
    WholePublisher,
    months_before,
    second_thursday,
)
from etl.demo.trusts import is_open
from etl.demo.workbook import Cell, workbook
from etl.reading.demonstration_mark import FILE_SUFFIX, NAME_SUFFIX
from etl.sources.delayed_transfers.authorities import authority_codes

DELAYED_PATH = "/statistics/statistical-work-areas/delayed-transfers-of-care/"
_UPLOADS = "/statistics/wp-content/uploads/sites/2"
_LAST_BY_AUTHORITY, _LAST = Period.month(2019, 12), Period.month(2020, 2)
_MONTHS = {Size.SMALL: 2, Size.STANDARD: 24, Size.NATIONAL: 32}
"""Months by authority, all after the guidance of April 2017."""
_BY_DAY = "Average Number of People Delayed per Day"
_CARE = ("Acute", "Non-Acute")
_RESPONSIBLE = ("NHS", "Social Care", "Both")
_REASONS = (
    *("A) Awaiting completion of assessment", "B) Awaiting public funding"),
    *("C) Awaiting further non-acute NHS care", "Di) Awaiting residential home placement or availability"),
    *("Dii) Awaiting nursing home placement or availability", "E) Awaiting care package in own home"),
    *("F) Awaiting community equipment and adaptations", "G) Patient or family choice", "H) Disputes"),
    *("I) Housing - patients not covered by NHS and Community Care Act", "O) Other"),
)
_SHARES = {
    _CARE: (0.65, 0.35),
    _RESPONSIBLE: (0.6, 0.32, 0.08),
    _REASONS: (0.16, 0.03, 0.17, 0.12, 0.13, 0.2, 0.03, 0.11, 0.02, 0.02, 0.01),
}
Counts = NDArray[np.int64]


class DelayedTransfersPublisher(WholePublisher):
    """Publishes delayed transfers into a folder, as at any day after they ended."""

    source_id = "delayed_transfers"
    landing_path = DELAYED_PATH
    title = "Delayed Transfers of Care"
    leads = False

    @cached_property
    def authorities(self) -> tuple[Organisation, ...]:
        """The upper-tier authorities that were open through the months published."""
        return tuple(
            item
            for _, item in sorted(self.catalogue.organisations.items())
            if item.code in self._codes
            and item.type is OrganisationType.UPPER_TIER_AUTHORITY
            and is_open(item, _LAST.start)
        )

    @cached_property
    def months(self) -> tuple[Period, ...]:
        """The months by authority, oldest first."""
        return tuple(months_before(_LAST_BY_AUTHORITY, back) for back in reversed(range(_MONTHS[self.size])))

    def files(self) -> Iterator[File]:
        """A file of each month, oldest first, and the series."""
        for month in self.months:
            out = second_thursday(months_before(month, -2))
            yield File(
                f"{_UPLOADS}/{out:%Y/%m}/LA-Type-B-{month.start:%B-%Y}{FILE_SUFFIX}.xlsx",
                f"Local Authority, delayed days, {month.start:%B %Y} (XLSX, 140KB)",
                "Delayed transfers of care",
                month,
                partial(self.by_authority, month, out),
            )
        yield File(
            f"{_UPLOADS}/2020/04/DTOC-England-Data_Set{FILE_SUFFIX}.xlsx",
            "DTOC England time series (XLSX, 160KB)",
            "Delayed transfers of care",
            _LAST,
            self.series,
        )

    def days(self, month: Period, labels: Sequence[str]) -> Counts:
        """Delayed days by authority and part; every way of parting them has the same total."""
        shares = _SHARES[tuple(labels)]
        found = np.zeros((len(self.authorities), len(labels)), dtype=np.int64)
        for place, item in enumerate(self.authorities):
            own = np.random.default_rng([SEED, *map(ord, item.code)])
            level = own.uniform(10, 60) * (3 if item.code.startswith("E10") else 1)
            chance = np.random.default_rng([SEED, month.key, *map(ord, item.code)])
            total = int(chance.poisson(level)) * month.end.day
            found[place] = np.random.default_rng([SEED, month.key, len(labels), place]).multinomial(
                total, shares
            )
        return found

    def by_authority(self, month: Period, published: date) -> bytes:
        """A month's workbook: three sheets, each with the days and the people a day side by side but for reasons."""
        top = _top(f"{month.start:%B %Y}", "Local Authority", published)
        sheets: list[tuple[str, list[Sequence[Cell]]]] = [("England", [*top, []])]
        for name, labels in (
            ("LA - by type of care", _CARE),
            ("LA - by responsible org", _RESPONSIBLE),
            ("LA - by reason", _REASONS),
        ):
            days = self.days(month, labels)
            twice = labels is not _REASONS
            heads: list[Cell] = [*labels, "Total"]
            rows = [
                [
                    None,
                    "South East",
                    item.code,
                    self._codes[item.code],
                    f"{item.name}{NAME_SUFFIX}",
                    *_figures(days[place], month, twice=twice),
                ]
                for place, item in enumerate(self.authorities)
            ]
            groups: list[Cell] = [*[None] * 5, "Delayed Days", *[None] * len(heads), _BY_DAY] if twice else []
            labelled = [
                None,
                "Region",
                "ONS Geography",
                "Code",
                "Name",
                *heads,
                *([None, *heads] if twice else []),
            ]
            england = [None, "-", "-", "-", "England", *_figures(days.sum(axis=0), month, twice=twice)]
            sheets.append((name, [*top, groups, labelled, england, [], *rows]))
        return workbook(sheets)

    def series(self) -> bytes:
        """England's series over the months by authority and the two after them."""
        months = [*self.months, Period.month(2020, 1), _LAST]
        top = _top(f"{months[0].start:%B %Y} - {_LAST.start:%B %Y}", "Provider", date(2020, 4, 9))
        sheets: list[tuple[str, list[Sequence[Cell]]]] = []
        for name, labels in (
            ("Delayed Days by type", _CARE),
            ("Delayed Days by responsible org", _RESPONSIBLE),
            ("Delayed Days by reason", _REASONS),
        ):
            twice = labels is not _REASONS
            heads: list[Cell] = [*labels, *(["Total", None, *labels, "Total"] if twice else [])]
            rows: list[Sequence[Cell]] = [
                *top,
                [None, "Provider Level Data"],
                [],
                [None, "Year", "Period", *heads],
                [],
            ]
            for month in months:
                figures = _figures(self.days(month, labels).sum(axis=0), month, twice=twice)
                year = month.start.year if month.start.month > 3 else month.start.year - 1
                shown = figures if twice else figures[:-1]
                rows.append([None, f"{year}-{(year + 1) % 100:02}", f"{month.start:%B}", *shown])
            sheets.append((name, rows))
        return workbook(sheets)

    @cached_property
    def _codes(self) -> Mapping[str, str]:
        """The publisher's codes by authority; one that followed another has its code."""
        own = {authority: code for code, authority in authority_codes().items()}
        followed = {
            item.successor: own[item.predecessor]
            for item in self.catalogue.successions
            if item.predecessor in own
        }
        return {**followed, **own}


def _figures(days: Counts, month: Period, *, twice: bool) -> list[Cell]:
    counts = [*map(float, days), float(days.sum())]
    return [*counts, *([None, *(count / month.end.day for count in counts)] if twice else [])]


def _top(period: str, basis: str, published: date) -> list[Sequence[Cell]]:
    return [
        [],
        [None, "Title:", "Delayed Transfer of Care, NHS Organisations, England"],
        [None, "Summary:", f"Number of Delayed Days during the reporting period{NAME_SUFFIX}"],
        [],
        [None, "Period:", period],
        [None, "Source:", "Nobody"],
        [None, "Basis:", basis],
        [None, "Published:", f"{published.day} {published:%B %Y}"],
        [None, "Revised:", ""],
        [None, "Status:", "Published"],
        [None, "Contact:", "nobody@demonstration.invalid"],
        [],
    ]
