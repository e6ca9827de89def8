"""Made-up files of diagnostics waiting times and activity: provider workbooks and full extracts."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from etl.source import RawFile
from tests.support.publications.workbooks import workbook

NAME = "Monthly-Diagnostics-Web-File-Provider-April-2025_3EY67.xlsx"
ZIP, MEMBER = "DM01-MAY-2026-full-extract.zip", "DM01-MAY-2026-full-extract.csv"
TEST_NAMES = (
    *("Magnetic Resonance Imaging", "Computed Tomography", "Non-obstetric Ultrasound", "Barium Enema"),
    *("DEXA Scan", "Audiology - Audiology Assessments", "Cardiology - Echocardiography"),
    *("Cardiology - Electrophysiology", "Neurophysiology - Peripheral Neurophysiology"),
    *("Respiratory physiology - Sleep Studies", "Urodynamics - Pressures & Flows", "Colonoscopy"),
    *("Flexi Sigmoidoscopy", "Cystoscopy", "Gastroscopy", "Total"),
)
EXTRACT_TESTS = (
    *("MRI", "CT", "NON_OBSTETRIC_ULTRASOUND", "BARIUM_ENEMA", "DEXA_SCAN", "AUDIOLOGY_ASSESSMENTS"),
    *("ECHOCARDIOGRAPHY", "ELECTROPHYSIOLOGY", "PERIPHERAL_NEUROPHYS", "SLEEP_STUDIES", "URODYNAMICS"),
    *("COLONOSCOPY", "FLEXI_SIGMOIDOSCOPY", "CYSTOSCOPY", "GASTROSCOPY", "TOTAL"),
)
TOTAL = 16
MRI, ULTRASOUND, GASTROSCOPY = 1, 3, 15

HEADS = ("", "Regional Team Code", "Regional Team Name", "Provider Code", "Provider Name")
MEASURES = (
    *("Total Waiting List", "Number waiting 6+ Weeks", "Number waiting 13+ Weeks"),
    *("Percentage waiting 6+ weeks", "0 <01 weeks"),
    *(f"{week:02} <{week + 1:02} weeks" for week in range(1, 13)),
    *("13+ weeks", "", "Planned tests / procedures", "Unscheduled tests / procedures"),
    *("Waiting list tests / procedures (excluding planned)", ""),
)

Rows = list[list[object]]
Sheets = dict[str, Rows]


@dataclass(frozen=True)
class Waiting:
    """A provider's people waiting for a test by band of weeks (13 is 13 or more), and tests done of each kind."""

    provider: str
    test: int
    bands: Mapping[int, int]
    done: tuple[int, int, int] = (0, 0, 0)
    """Planned, unscheduled, from the waiting list."""
    commissioner: str = "91Q"
    parent: str = "QKS"
    region: str = "Y59"

    @property
    def cells(self) -> list[int]:
        return [self.bands.get(week, 0) for week in range(14)]


def added(rows: Iterable[Waiting], like: Waiting) -> Waiting:
    """A row that adds up others, otherwise like one of them."""
    own = list(rows)
    bands = {week: sum(row.cells[week] for row in own) for week in range(14)}
    done = tuple(sum(row.done[kind] for row in own) for kind in range(3))
    return replace(like, bands=bands, done=(done[0], done[1], done[2]))


def sheets(
    rows: Sequence[Waiting],
    *,
    period: object = "April 2025",
    basis: str = "Provider",
    revised: object = "",
    absent: Sequence[tuple[str, str]] = (),
    empty: Sequence[str] = (),
) -> Sheets:
    """Both sheets and the notes in the publisher's layout; `empty` providers have no row of a test at all."""
    top = _top(period, basis, revised)
    first: dict[str, Waiting] = {}
    for row in rows:
        first.setdefault(row.provider, row)
    providers = {
        code: added((row for row in rows if row.provider == code), like) for code, like in first.items()
    }
    providers |= {code: Waiting(code, TOTAL, {}) for code in empty}
    england = added(rows, rows[0])
    totals = [[*_labels(row), *_figures(row)] for row in providers.values()]
    tests = [
        [*_labels(row), float(row.test), TEST_NAMES[row.test - 1], *_figures(row)]
        for code in first
        for row in (
            *(row for row in rows if row.provider == code),
            replace(providers[code], test=TOTAL),
        )
    ]
    nobody = ["", "", "", "", "Total"]
    return {
        "Provider": [*map(list, top), [*HEADS, *MEASURES], [*nobody, *_figures(england)], [], *totals],
        "Provider by Test": [
            *map(list, top),
            [*HEADS, "Diagnostic ID", "Diagnostic Test Name", *MEASURES],
            [*nobody, "", "", *_figures(england)],
            [],
            *tests,
        ],
        "Guidance & Definitions": [[], [], [], [], ["", "", "31st January 2013"]],
        "Notes": _notes(absent),
    }


def _top(period: object, basis: str, revised: object) -> Rows:
    """The label block."""
    return [
        [],
        ["", "Title:", "Monthly Diagnostics"],
        ["", "Summary:", "Waiting times and activity for Diagnostic tests and procedures"],
        [],
        ["", "Period:", period],
        ["", "Source:", "DM01, collected via SDCS"],
        ["", "Basis:", basis],
        ["", "Published:", "12th June 2025"],
        ["", "Revised:", revised],
        ["", "Status:", "Published"],
        ["", "Contact:", "england.diagnosticsdata@nhs.net"],
        [],
        ["", "Provider level data"],
    ]


def _notes(absent: Sequence[tuple[str, str]]) -> Rows:
    rows: Rows = [[], ["", "Notes"], [], ["", "The following did not submit"], [], ["", "Code", "Name"]]
    for code, name in absent:
        rows.append(["", code, name])
    return rows


def _labels(row: Waiting) -> list[object]:
    return ["", row.region, "A Commissioning Region", row.provider, f"Trust {row.provider}"]


def _figures(row: Waiting) -> list[object]:
    total, over_6, over_13 = (float(sum(row.cells[first:])) for first in (0, 6, 13))
    share = over_6 / total if total else 0.0
    return [total, over_6, over_13, share, *map(float, row.cells), "", *map(float, row.done), ""]


def raw_workbook(book: Mapping[str, Rows], name: str = NAME) -> RawFile:
    """The sheets as a file."""
    return RawFile(name, workbook(book))


EXTRACT_COLUMNS = (
    *("Period", "Provider Parent Org Code", "Provider Parent Name", "Provider Org Code", "Provider Org Name"),
    *("Commissioner Parent Org Code", "Commissioner Parent Name", "Commissioner Org Code"),
    *("Commissioner Org Name", "Diagnostic Tests Sort Order", "Diagnostic Tests", "00 < 01 Week"),
    *(f"{week:02} < {week + 1:02} Weeks" for week in range(1, 13)),
    *("13+ Weeks", "Total WL", "Waiting List Activity", "Planned Activity"),
    *("Unscheduled Activity", "Total Activity"),
)


def extract(
    rows: Sequence[Waiting],
    *,
    totals: bool = True,
    period: str = "DM01-MAY-2026",
    changed: Mapping[tuple[int, str], object] | None = None,
    columns: Sequence[str] = EXTRACT_COLUMNS,
) -> bytes:
    """A full extract, with a row TOTAL of each provider and commissioner; `changed` are cells by row and column."""
    pairs: dict[tuple[str, str], Waiting] = {}
    for row in rows:
        pairs.setdefault((row.provider, row.commissioner), row)
    own = list(rows)
    if totals:
        own += [
            replace(
                added((row for row in rows if (row.provider, row.commissioner) == pair), like), test=TOTAL
            )
            for pair, like in pairs.items()
        ]
    output = io.StringIO(newline="")
    writer = csv.writer(output, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    for number, row in enumerate(own):
        planned, unscheduled, listed = row.done
        labels = [
            *(period, "QKS", "A BOARD", row.provider, f"TRUST {row.provider}"),
            *(row.parent, "A BOARD", row.commissioner, f"AREA {row.commissioner}"),
            *(row.test, EXTRACT_TESTS[row.test - 1]),
        ]
        counts = [sum(row.cells), listed, planned, unscheduled, sum(row.done)]
        cells = dict(zip(EXTRACT_COLUMNS, [*labels, *row.cells, *counts], strict=True))
        cells |= {column: cell for (at, column), cell in (changed or {}).items() if at == number}
        writer.writerow(list(cells.values()))
    return output.getvalue().encode()


def packed_extract(content: bytes, name: str = ZIP, member: str = MEMBER) -> RawFile:
    """The extract as published: in a zip."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, content)
    return RawFile(name, stream.getvalue())
