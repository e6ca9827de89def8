"""Files that are small and ask for more than any machine has: refused by a sentence before a cell is read."""

from __future__ import annotations

import io
import resource
import struct
import zipfile
from multiprocessing import get_context
from pathlib import Path

import pytest
from openpyxl import Workbook

from db.reading.bounds import LONGEST_LINE
from db.reading.old_workbook import OldExtent, old_extents
from db.reading.spreadsheets import decode_text, read_csv, read_workbook
from etl.source import RawFile, UnreadableFileError

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_GIGABYTE = 1 << 30


def _workbook(*cells: str) -> bytes:
    book = Workbook()
    for place in cells:
        book.worksheets[0][place] = 1
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _with_parts(content: bytes, parts: dict[str, bytes]) -> bytes:
    """A zip with some parts in place of its own."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys((*old.namelist(), *parts)):
            new.writestr(name, parts.get(name) or old.read(name))
    return kept.getvalue()


def _sheet(rows: str) -> bytes:
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def _open_document(rows: str) -> bytes:
    office, table = (
        "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
        "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    )
    text = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        names = f'xmlns:office="{office}" xmlns:table="{table}" xmlns:text="{text}"'
        body = f'<office:body><office:spreadsheet><table:table table:name="A">{rows}</table:table>'
        archive.writestr(
            "content.xml",
            f"<office:document-content {names}>{body}</office:spreadsheet></office:body></office:document-content>",
        )
    return kept.getvalue()


def _old_workbook(row: int, column: int) -> bytes:
    """A compound file whose workbook has one number, so far away."""
    begin = struct.pack("<HH16s", 0x0809, 16, b"")
    return _compound_file(begin + struct.pack("<HHHHHd", 0x0203, 14, row, column, 0, 1.0))


def _old_texts(cells: int, length: int, *, claimed: int = 2) -> bytes:
    """An old workbook whose sheet repeats one text, split over records and of both widths; the other is rich."""
    begin, end = struct.pack("<HH16s", 0x0809, 16, b"\x00\x06\x05"), struct.pack("<HH", 0x000A, 0)
    sheet = struct.pack("<HHIBB", 0x0085, 10, 0, 0, 0) + b"\x02\x00AB"
    rich = struct.pack("<HBHI", 3, 0x0C, 2, 5) + b"abc" + b"r" * 8 + b"extra"
    half = length // 2
    shared = struct.pack("<II", cells, claimed) + rich + struct.pack("<HB", length, 0) + b"x" * half
    table = struct.pack("<HH", 0x00FC, len(shared)) + shared
    rest = "y".encode("utf-16-le") * (length - half)
    for start in range(0, len(rest), 8_000):
        part = b"\x01" + rest[start : start + 8_000]
        table += struct.pack("<HH", 0x003C, len(part)) + part
    own = begin + b"".join(
        struct.pack("<HHHHHI", 0x00FD, 10, number % 60_000, number // 60_000, 0, 1) for number in range(cells)
    )
    globals_length = len(begin + sheet + table + end)
    sheet = struct.pack("<HHIBB", 0x0085, 10, globals_length, 0, 0) + b"\x02\x00AB"
    return _compound_file(begin + sheet + table + end + own + end)


def _compound_file(records: bytes) -> bytes:
    """A compound file with a workbook of these records."""
    count = max(8, -(-len(records) // 512))
    stream = records.ljust(512 * count, b"\x00")
    tables = -(-(count + 2) // 127)
    first = tables + 1
    table = [0xFFFFFFFD] * tables + [0xFFFFFFFE] + [*range(first + 1, first + count), 0xFFFFFFFE]
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        0x3E,
        3,
        0xFFFE,
        9,
        6,
        0,
        tables,
        tables,
        0,
        4096,
        0xFFFFFFFE,
        0,
        0xFFFFFFFE,
        0,
    )
    header += struct.pack("<109I", *range(tables), *[0xFFFFFFFF] * (109 - tables))
    entry = "Workbook".encode("utf-16-le").ljust(64, b"\x00") + struct.pack("<HBB", 18, 2, 1)
    root = "Root Entry".encode("utf-16-le").ljust(64, b"\x00") + struct.pack("<HBB", 22, 5, 1)
    directory = root.ljust(116, b"\x00") + struct.pack("<IQ", 0xFFFFFFFE, 0)
    directory += entry.ljust(116, b"\x00") + struct.pack("<IQ", first, len(stream))
    fat = struct.pack(f"<{128 * tables}I", *table, *[0xFFFFFFFF] * (128 * tables - len(table)))
    return header.ljust(512, b"\x00") + fat + directory.ljust(512, b"\x00") + stream


_MANY_TEXTS = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 2001))
_BLANK_ROWS = '<table:table-row table:number-rows-repeated="{}"><table:table-cell/></table:table-row>'
_CELL = '<table:table-cell office:value-type="float" office:value="1"{}><text:p>1</text:p></table:table-cell>'
_SO_OFTEN = ' table:number-columns-repeated="16384"'
_ALIKE = '<table:table-row table:number-rows-repeated="9000">{}</table:table-row>'
HARMFUL = {
    "far cell": _workbook("A1", "XFD1048576"),
    "far row": _workbook("A1", "K1048576"),
    "no places": _with_parts(
        _workbook("A1"),
        {
            "xl/worksheets/sheet1.xml": _sheet(
                '<row r="1048576"><c><v>1</v></c>'
                + "<c><v>1</v></c>" * 11
                + '</row><row r="1"><c><v>1</v></c></row>'
            )
        },
    ),
    "prefix": _with_parts(
        _workbook("A1"),
        {
            "xl/worksheets/sheet1.xml": _sheet(
                '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>2</v></c></row>'
            )
            .replace(b"<c ", b"<x:c ")
            .replace(b"</c>", b"</x:c>")
            .replace(b"<v>", b"<x:v>")
            .replace(b"</v>", b"</x:v>")
            .replace(b"xmlns=", f'xmlns:x="{_MAIN}" xmlns='.encode())
        },
    ),
    "shared texts": _with_parts(
        _workbook("A1"),
        {
            "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}"><si><t>{"x" * 300_000}</t></si></sst>'.encode(),
            "xl/worksheets/sheet1.xml": _sheet(_MANY_TEXTS),
        },
    ),
    "open document, columns": _open_document(_ALIKE.format(_CELL.format(_SO_OFTEN))),
    "open document, rows": _open_document(
        _BLANK_ROWS.format(1_048_000) + f"<table:table-row>{_CELL.format('') * 12}</table:table-row>"
    ),
    "open document, empty rows": _open_document(_BLANK_ROWS.format(4_000_000_000)),
    "old workbook": _old_workbook(65_535, 65_535),
    "old workbook, shared texts": _old_texts(20_000, 32_000),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_a_workbook_that_asks_for_too_much_is_refused_by_its_limits(name: str) -> None:
    with pytest.raises(UnreadableFileError, match=r"at most [\d,]+ (cells )?are read"):
        read_workbook(RawFile("far.xlsx", HARMFUL[name]))


def _refused_in_little_memory(content: bytes) -> str:
    resource.setrlimit(resource.RLIMIT_AS, (4 * _GIGABYTE, 4 * _GIGABYTE))
    try:
        read_workbook(RawFile("far.xlsx", content))
    except UnreadableFileError as error:
        return str(error)
    return ""


def test_they_are_refused_within_little_memory() -> None:
    with get_context("spawn").Pool(1) as pool:
        said = pool.map(_refused_in_little_memory, HARMFUL.values(), chunksize=1)
    assert [name for name, words in zip(HARMFUL, said, strict=True) if "are read" not in words] == []


def test_cells_that_are_only_formatted_far_away_are_no_harm() -> None:
    part = _sheet(
        '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="1"/></row><row r="1048576"><c r="B1048576" s="1"/></row>'
    )
    raw = RawFile("formatted.xlsx", _with_parts(_workbook("A1"), {"xl/worksheets/sheet1.xml": part}))
    (sheet,) = read_workbook(raw).values()
    assert sheet.rows == [[1.0]]


def test_a_sheet_that_is_wide_or_long_within_the_limit_is_read() -> None:
    (wide,) = read_workbook(RawFile("wide.xlsx", _workbook("A1", "XFD3"))).values()
    (long,) = read_workbook(RawFile("long.xlsx", _workbook("A1", "B1048576"))).values()
    assert (len(wide.rows), len(wide.rows[0])) == (3, 16_384)
    assert (len(long.rows), len(long.rows[0])) == (1_048_576, 2)


def test_an_old_workbook_is_measured_by_its_records() -> None:
    assert old_extents(RawFile("old.xls", _old_workbook(99, 4))) == [OldExtent(100, 5)]
    content = _old_texts(3, 12_000)
    assert old_extents(RawFile("old.xls", content)) == [OldExtent(3, 1, 36_000)]
    (sheet,) = read_workbook(RawFile("old.xls", content)).values()
    assert sheet.rows == [["x" * 6_000 + "y" * 6_000]] * 3


def test_an_old_workbook_that_is_damaged_says_so() -> None:
    content = _old_workbook(99, 4)
    endless = content[:512] + struct.pack("<128I", *range(128)) + content[1024:]
    too_many = _old_texts(3, 100, claimed=0x7FFFFFFF)
    for broken in (content[:600], endless, content[:2000], too_many):
        with pytest.raises(UnreadableFileError, match=r"not a workbook that can be read"):
            read_workbook(RawFile("old.xls", broken))


def test_a_line_without_an_end_is_refused() -> None:
    for line in (b"x" * (LONGEST_LINE + 10), b"a,b\n" + b"1," * LONGEST_LINE):
        with pytest.raises(UnreadableFileError, match="wanted at most 1,000,000 bytes in a line"):
            decode_text(RawFile("line.csv", line))
    assert len(decode_text(RawFile("fine.csv", b"a,b\r\n" * 500_000))) == 2_500_000


def test_too_many_columns_are_refused() -> None:
    with pytest.raises(UnreadableFileError, match="wanted at most 16,384 columns, found 20,001"):
        read_csv(RawFile("wide.csv", b"," * 20_000 + b"\n"))


def test_one_wide_row_among_many_is_refused() -> None:
    with pytest.raises(UnreadableFileError, match="2,001 rows of up to 10,001 columns"):
        read_csv(RawFile("wide.csv", b"a,b\n" * 2_000 + b"," * 10_000 + b"\n"))


def _of_real_workbooks(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in {".xlsx", ".xls", ".ods"})


@pytest.mark.real_data
def test_every_real_workbook_is_within_the_limits(shared_data: Path) -> None:
    paths = _of_real_workbooks(shared_data / "stroke") + _of_real_workbooks(shared_data / "diagnostics")
    assert len(paths) > 15
    for path in paths:
        assert read_workbook(RawFile(path.name, path.read_bytes()))
