"""The demonstration publisher of diagnostics: pages, provider workbooks and full extracts, as at a day.

The workbooks have the cells of the publisher's old ones (xls) in the newer kind (xlsx).
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property, partial

import numpy as np

from db.domain import OrganisationType, Period
from etl.demo.diagnostics.lists import BANDS, TESTS, Counts, DiagnosticLists
from etl.demo.pairs import INDEPENDENT, pair_on
from etl.demo.publication import (
    BOARDS,
    SEED,
    File,
    Size,
    WholePublisher,
    months_before,
    second_thursday,
    write_years,
)
from etl.demo.workbook import Cell, workbook
from etl.reading.demonstration_mark import FILE_SUFFIX, NAME_SUFFIX

DIAGNOSTICS_PATH = (
    "/statistics/statistical-work-areas/diagnostics-waiting-times-and-activity/"
    "monthly-diagnostics-waiting-times-and-activity/"
)
_UPLOADS = "/statistics/wp-content/uploads/sites/2"
_MONTHS_TO_RELEASE, _MONTHS_TO_REVISION = 2, 12
_MONTHS = {Size.SMALL: 2, Size.STANDARD: 13, Size.NATIONAL: 24}
_TOTAL = 16
MEASURES = (
    *("Total Waiting List", "Number waiting 6+ Weeks", "Number waiting 13+ Weeks"),
    "Percentage waiting 6+ weeks",
    *("0 <01 weeks", *(f"{week:02} <{week + 1:02} weeks" for week in range(1, BANDS - 1)), "13+ weeks"),
    *("", "Planned tests / procedures", "Unscheduled tests / procedures"),
    "Waiting list tests / procedures (excluding planned)",
)
EXTRACT_COLUMNS = (
    *("Period", "Provider Parent Org Code", "Provider Parent Name", "Provider Org Code", "Provider Org Name"),
    *("Commissioner Parent Org Code", "Commissioner Parent Name", "Commissioner Org Code"),
    *("Commissioner Org Name", "Diagnostic Tests Sort Order", "Diagnostic Tests", "00 < 01 Week"),
    *(f"{week:02} < {week + 1:02} Weeks" for week in range(1, BANDS - 1)),
    *("13+ Weeks", "Total WL", "Waiting List Activity", "Planned Activity"),
    *("Unscheduled Activity", "Total Activity"),
)


class DiagnosticsPublisher(WholePublisher):
    """Publishes diagnostics into a folder. `today` fixes the newest month: two months before it."""

    source_id = "diagnostics"
    landing_path = DIAGNOSTICS_PATH
    title = "Monthly Diagnostics"
    leads = False

    def write_pages(self, files: Sequence[File]) -> None:
        write_years(self.folder, self.landing_path, self.title, "monthly-diagnostics-data-", files)

    @cached_property
    def lists(self) -> DiagnosticLists:
        last = months_before(Period.month(self.today.year, self.today.month), _MONTHS_TO_RELEASE)
        return DiagnosticLists(self.catalogue.organisations, last, SEED, BOARDS[self.size])

    def files(self) -> Iterator[File]:
        """The files of each month, oldest first; those of a year ago have been revised."""
        for back in reversed(range(_MONTHS[self.size])):
            month = months_before(self.lists.last, back)
            out = second_thursday(months_before(month, -_MONTHS_TO_RELEASE))
            revised = (
                second_thursday(months_before(month, -_MONTHS_TO_REVISION))
                if back >= _MONTHS_TO_REVISION
                else None
            )
            folder = f"{_UPLOADS}/{(revised or out).strftime('%Y/%m')}"
            named = f"{month.start:%B-%Y}{FILE_SUFFIX}"
            for path, text, content in (
                (
                    f"Monthly-Diagnostics-Web-File-Provider-{named}.xlsx",
                    f"Monthly Diagnostics Provider {month.start:%B %Y} (XLSX, 1MB)",
                    partial(self._workbook, month, out, revised),
                ),
                (
                    f"DM01-{month.start:%B-%Y}-full-extract{FILE_SUFFIX}.zip".replace(
                        f"{month.start:%B}", f"{month.start:%B}".upper()
                    ),
                    f"Monthly Diagnostics Full Extract {month.start:%B %Y} (ZIP, 1MB)",
                    partial(self._zip, month),
                ),
            ):
                yield File(f"{folder}/{path}", text, f"{month.start:%B %Y}", month, content)

    def _zip(self, month: Period) -> bytes:
        packed = io.BytesIO()
        member = f"{_period(month)}-full-extract.csv"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr(member, diagnostics_extract(self.lists, month))
        return packed.getvalue()

    def _workbook(self, month: Period, published: date, revised: date | None) -> bytes:
        return provider_workbook(self.lists, month, published, revised)


def diagnostics_extract(lists: DiagnosticLists, month: Period) -> str:
    """A month's table in the publisher's exact layout, every name marked as demonstration."""
    output = io.StringIO(newline="")
    writer = csv.writer(output, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(EXTRACT_COLUMNS)
    waiting, done = lists.month(month)
    names = {code: f"{item.name.upper()}{NAME_SUFFIX}" for code, item in lists.organisations.items()}
    names[INDEPENDENT] = f"INDEPENDENT HOSPITAL{NAME_SUFFIX}"
    for number, pair in enumerate(lists.pairs):
        then = pair_on(lists.organisations, pair, month.start)
        codes = (then.provider_parent, then.provider, then.commissioner_parent, then.commissioner)
        labels = [_period(month), *(text for code in codes for text in (code, names[code]))]
        for place, test in enumerate((*TESTS, _TOTAL)):
            bands, kinds = (
                cells[number, place] if test != _TOTAL else cells[number].sum(axis=0)
                for cells in (waiting, done)
            )
            name = TESTS[test][1] if test in TESTS else "TOTAL"
            planned, unscheduled, listed = kinds.tolist()
            counts = [int(bands.sum()), listed, planned, unscheduled, int(kinds.sum())]
            writer.writerow([*labels, test, name, *bands.tolist(), *counts])
    return output.getvalue()


def provider_workbook(lists: DiagnosticLists, month: Period, published: date, revised: date | None) -> bytes:
    """A month's workbook: both sheets, and notes that name nobody."""
    waiting, done = lists.month(month)
    providers = sorted({pair.provider for pair in lists.pairs}, key=lambda code: (_region(lists, code), code))
    of_provider = [
        np.array([pair.provider == code for pair in lists.pairs], dtype=bool) for code in providers
    ]
    totals: list[Sequence[Cell]] = []
    tests: list[Sequence[Cell]] = []
    for code, own in zip(providers, of_provider, strict=True):
        bands, kinds = waiting[own].sum(axis=0), done[own].sum(axis=0)
        region = _region(lists, code)
        known = lists.organisations
        name = known[code].name if code in known else "Independent Hospital"
        labels = [None, region, f"{known[region].name} Commissioning Region", code, name]
        everything = _figures(bands.sum(axis=0), kinds.sum(axis=0))
        totals.append([*labels, *everything])
        tests += [
            [*labels, float(test), TESTS[test][0], *_figures(bands[place], kinds[place])]
            for place, test in enumerate(TESTS)
            if bands[place].any() or kinds[place].any()
        ]
        tests.append([*labels, float(_TOTAL), "Total", *everything])
    england = _figures(waiting.sum(axis=(0, 1)), done.sum(axis=(0, 1)))
    top = _label_block(month, published, revised)
    heads = [None, "Regional Team Code", "Regional Team Name", "Provider Code", "Provider Name"]
    notes = "The following organisation did not submit Diagnostics (DM01) data this month:"
    return workbook(
        [
            ("Provider", [*top, [*heads, *MEASURES], [*[None] * 4, "Total", *england], [], *totals]),
            (
                "Provider by Test",
                [
                    *top,
                    [*heads, "Diagnostic ID", "Diagnostic Test Name", *MEASURES],
                    [*[None] * 4, "Total", None, None, *england],
                    [],
                    *tests,
                ],
            ),
            ("Guidance & Definitions", [[], [None, "Guidance"]]),
            ("Notes", [[], [None, "Notes"], [], [None, notes], [], [None, "Code", "Name"]]),
        ]
    )


def _label_block(month: Period, published: date, revised: date | None) -> list[Sequence[Cell]]:
    said = (
        ("Title:", "Monthly Diagnostics"),
        ("Summary:", "Waiting times and activity for Diagnostic tests and procedures"),
        None,
        ("Period:", f"{month.start:%B %Y}"),
        ("Source:", "DM01, collected via SDCS"),
        ("Basis:", "Provider"),
        ("Published:", _day(published)),
        ("Revised:", _day(revised) if revised else ""),
        ("Status:", "Published"),
        ("Contact:", "nobody@demonstration.invalid"),
        None,
        ("Provider level data", ""),
    )
    return [[], *([None, *line] if line else [] for line in said)]


def _figures(bands: Counts, kinds: Counts) -> list[Cell]:
    total, over_6, over_13 = (float(bands[first:].sum()) for first in (0, 6, 13))
    share = over_6 / total if total else 0.0
    return [total, over_6, over_13, share, *map(float, bands), None, *map(float, kinds)]


def _region(lists: DiagnosticLists, code: str) -> str:
    """The region of a provider's board; the independent provider is in Kent."""
    board = next(pair.provider_parent for pair in lists.pairs if pair.provider == code)
    known = lists.organisations
    regions = (
        parent.code
        for parent in known[board].parents
        if parent.in_force(lists.last.start) and known[parent.code].type is OrganisationType.REGION
    )
    return next(regions)


def _period(month: Period) -> str:
    return f"DM01-{month.start:%B-%Y}".upper()


def _day(day: date) -> str:
    suffix = "th" if 10 < day.day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    return f"{day.day}{suffix} {day:%B %Y}"
