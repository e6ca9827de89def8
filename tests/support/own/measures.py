"""Two invented measures of RVV: falls by ward, added up, and incidents by the day on which they happened."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date

from openpyxl import Workbook

from db.catalogue import load_catalogue
from db.domain.own.figures import FigureKey, OwnFigure
from db.domain.own.measures import OwnMeasure
from db.own.checking.file import CheckedFile, check_own_file
from db.own.checking.keys import Known
from db.own.written import WrittenMeasure
from db.reading.files import RawFile

TODAY = date(2026, 11, 30)
HEAD = "measure,organisation,unit,period,numerator,denominator,value,status,missing_reason,note"
_COMMON: dict[str, object] = {
    "definition": "Invented for a test.",
    "why_it_matters": "Invented for a test.",
    "caveats": "Invented for a test.",
    "data_source": "Invented system",
    "owner": "Head of invention",
    "reviewed_on": date(2026, 1, 1),
    "review_due_on": date(2027, 1, 1),
}


def falls(**other: object) -> WrittenMeasure:
    """Falls per 1,000 bed days by ward; the trust's own figure is the sum."""
    given: dict[str, object] = {
        "id": "local-zebra-falls",
        "name": "Zebra falls of inpatients",
        "short_name": "Zebra falls",
        "kind": "rate",
        "unit": "per 1,000 zebra days",
        "multiplier": 1000,
        "numerator_label": "Falls",
        "denominator_label": "Bed days",
        "frequency": "month",
        "improvement_direction": "decrease",
        "total": "sum",
        "units": [unit("zebra-a"), unit("zebra-b")],
    }
    return WrittenMeasure.model_validate(_COMMON | given | other)


def incidents() -> WrittenMeasure:
    """Days between incidents, of one team."""
    given: dict[str, object] = {
        "id": "local-zebra-incidents",
        "name": "Zebra incidents",
        "short_name": "Zebra incidents",
        "kind": "days between events",
        "improvement_direction": "increase",
        "units": [unit("zebra-a")],
    }
    return WrittenMeasure.model_validate(_COMMON | given)


def unit(code: str, **other: object) -> dict[str, object]:
    return {
        "code": code,
        "name": code.replace("-", " ").title(),
        "type": "ward",
        "organisation": "RVV",
        **other,
    }


def lines(*rows: str, head: str = HEAD) -> bytes:
    """A CSV file of these lines."""
    return "\n".join((head, *rows)).encode()


def month(unit_code: str, period: str, numerator: object, denominator: object, *rest: str) -> str:
    """A line of falls."""
    more = ",".join(rest or ("", "final", "", ""))
    return f"local-zebra-falls,RVV,{unit_code},{period},{numerator},{denominator},{more}"


def workbook(**sheets: Sequence[Sequence[object]]) -> bytes:
    """A workbook of these sheets' rows."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def checked(
    content: bytes,
    *measures: OwnMeasure,
    standing: dict[FigureKey, OwnFigure] | None = None,
    name: str = "list.csv",
) -> CheckedFile:
    """A file checked against falls and incidents, or other measures."""
    known = {item.id: item for item in measures or (falls().measure, incidents().measure)}
    held = standing or {}
    return check_own_file(RawFile(name, content), Known(load_catalogue(), known, TODAY), lambda _: held)


def findings(found: CheckedFile) -> list[tuple[int | None, str | None, str]]:
    """Where findings are and how grave they are, in order of lines."""
    told = [(item.line, item.column, item.level.value) for item in found.findings.told()]
    return sorted(told, key=lambda item: (item[0] or 0, item[1] or "", item[2]))
