"""Workbooks of plain cells (xlsx, ECMA-376), written in one go: the same cells give the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from xml.sax.saxutils import escape, quoteattr

from etl.reading.demonstration_mark import STATEMENT

Cell = str | float | date | None
Sheets = Sequence[tuple[str, Iterable[Sequence[Cell]]]]

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_FIRST_DAY = date(1899, 12, 30).toordinal()
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf/><xf numFmtId="17" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_PROPERTIES = (
    f'{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/">'
    f"<dc:title>{STATEMENT}</dc:title><dc:description>{STATEMENT}</dc:description></cp:coreProperties>"
)


def workbook(sheets: Sheets) -> bytes:
    """A workbook of named sheets; its document properties carry the mark of demonstration data.

    A cell is text, a number, a date (shown as month and year) or nothing.
    """
    names = [name for name, _ in sheets]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        parts = {
            "[Content_Types].xml": _content_types(len(names)),
            "_rels/.rels": _relationships(
                ("officeDocument", f"{_OFFICE}/officeDocument", "xl/workbook.xml"),
                ("core", f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
            ),
            "docProps/core.xml": _PROPERTIES,
            "xl/workbook.xml": _book(names),
            "xl/_rels/workbook.xml.rels": _relationships(
                ("styles", f"{_OFFICE}/styles", "styles.xml"),
                *(
                    (f"sheet{number}", f"{_OFFICE}/worksheet", f"worksheets/sheet{number}.xml")
                    for number in range(1, len(names) + 1)
                ),
            ),
            "xl/styles.xml": _STYLES,
        }
        for number, (_, rows) in enumerate(sheets, start=1):
            parts[f"xl/worksheets/sheet{number}.xml"] = _sheet(rows)
        for path, text in parts.items():
            archive.writestr(zipfile.ZipInfo(path), text, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _content_types(sheets: int) -> str:
    kinds = {
        "/xl/workbook.xml": f"{_SHEET_TYPE}.sheet.main+xml",
        "/xl/styles.xml": f"{_SHEET_TYPE}.styles+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        **{f"/xl/worksheets/sheet{n}.xml": f"{_SHEET_TYPE}.worksheet+xml" for n in range(1, sheets + 1)},
    }
    overrides = "".join(f'<Override PartName="{path}" ContentType="{kind}"/>' for path, kind in kinds.items())
    defaults = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
    )
    return f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">{defaults}{overrides}</Types>'


def _relationships(*targets: tuple[str, str, str]) -> str:
    lines = "".join(
        f'<Relationship Id="{name}" Type="{kind}" Target="{target}"/>' for name, kind, target in targets
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def _book(names: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="sheet{number}"/>'
        for number, name in enumerate(names, start=1)
    )
    return f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'


def _sheet(rows: Iterable[Sequence[Cell]]) -> str:
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = "".join(
            _cell(f"{_column(place)}{number}", cell)
            for place, cell in enumerate(row)
            if cell is not None and cell != ""
        )
        lines.append(f'<row r="{number}">{cells}</row>')
    return f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def _cell(place: str, cell: Cell) -> str:
    if isinstance(cell, str):
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
    if isinstance(cell, date):
        return f'<c r="{place}" s="1"><v>{cell.toordinal() - _FIRST_DAY}</v></c>'
    return f'<c r="{place}"><v>{cell!r}</v></c>'


@cache
def _column(place: int) -> str:
    """A column's letters from its number, which counts from 0."""
    letters = ""
    number = place + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
