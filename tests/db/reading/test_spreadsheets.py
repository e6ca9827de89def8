"""Bytes to rows: what is read, and what is refused in plain words."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Callable
from datetime import date

import pytest

from db.reading import spreadsheets
from db.reading.spreadsheets import Header, Worksheet
from etl.source import LayoutError, RawFile, UnreadableFileError
from tests.support.publications.workbooks import workbook


def header(*labels: str) -> Header:
    return spreadsheets.header_at(Worksheet("X", [[], list(labels)]), 1)


def test_a_workbook_keeps_its_leading_empty_cells_and_types() -> None:
    content = workbook({"A": [[None], [None, "x", 1.5, 3, date(2023, 10, 1)]], "B": [["y"]]})
    sheets = spreadsheets.read_workbook(RawFile("f.xlsx", content))
    assert list(sheets) == ["A", "B"]
    assert sheets["A"].rows[1] == ["", "x", 1.5, 3.0, date(2023, 10, 1)]
    assert list(spreadsheets.read_workbook(RawFile("f.xlsx", content), {"B"})) == ["B"]


def test_only_the_top_of_a_sheet_can_be_read() -> None:
    content = workbook({"A": [[number] for number in range(10)]})
    assert len(spreadsheets.read_workbook(RawFile("f.xlsx", content), top=3)["A"].rows) == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "f.xlsx is empty"),
        (b"  \r\n", "f.xlsx is empty"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "f.xlsx is a web page"),
        (b"\xef\xbb\xbf \r\n<html>", "f.xlsx is a web page"),
        (b"PK\x03\x04 and then nothing", "f.xlsx is cut short or damaged"),
        (b"\x00\x01\x02 binary", "f.xlsx is neither a workbook nor text"),
        (b"a,b\r\n1,2\r\n", "f.xlsx is text, not a workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 too short", "f.xlsx is not a workbook that can be read"),
    ],
)
def test_what_is_no_workbook_is_refused_by_name(content: bytes, said: str) -> None:
    with pytest.raises(UnreadableFileError, match=said):
        spreadsheets.read_workbook(RawFile("f.xlsx", content))


def test_a_workbook_cut_short_is_refused() -> None:
    content = workbook({"A": [["x"] * 20] * 200})
    with pytest.raises(UnreadableFileError, match="cut short or damaged"):
        spreadsheets.read_workbook(RawFile("f.xlsx", content[: len(content) // 2]))


def test_a_workbook_with_a_broken_part_is_refused() -> None:
    content = bytearray(workbook({"A": [["x"] * 20] * 200}))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        offset = archive.getinfo("xl/worksheets/sheet1.xml").header_offset
    content[offset + 80] ^= 0xFF
    with pytest.raises(UnreadableFileError, match="damaged"):
        spreadsheets.read_workbook(RawFile("f.xlsx", bytes(content)))


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(UnreadableFileError, match=r"is a zip, not a workbook, of 'readme.txt': unpack it"):
        spreadsheets.sheet_names(RawFile("f.xlsx", stream.getvalue()))


def test_an_archive_that_unpacks_too_far_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "LARGEST_UNPACKED", 10)
    with pytest.raises(UnreadableFileError, match="too large"):
        spreadsheets.read_workbook(RawFile("f.xlsx", workbook({"A": [["x"]]})))


def test_a_workbook_whose_part_grows_beyond_all_reason_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 20_000_000)
    assert len(stream.getvalue()) < 50_000
    with pytest.raises(UnreadableFileError, match=r"'xl/worksheets/sheet1.xml' grows more than 250 times"):
        spreadsheets.sheet_names(RawFile("f.xlsx", stream.getvalue()))


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-8"),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("cp1252"),
        lambda text: text.encode("utf-16"),
    ],
)
def test_text_is_read_in_every_encoding_met(encode: Callable[[str], bytes]) -> None:
    raw = RawFile("f.csv", encode('Name,Value\r\n"Ynys Môn, Cymru",1\r\n'))
    assert spreadsheets.read_csv(raw).rows == [["Name", "Value"], ["Ynys Môn, Cymru", "1"]]


def test_a_workbook_is_not_text() -> None:
    with pytest.raises(UnreadableFileError, match="is a workbook, not text"):
        spreadsheets.read_csv(RawFile("f.csv", workbook({"A": [["x"]]})))


def test_a_row_of_other_width_is_refused_with_its_number() -> None:
    sheet = spreadsheets.read_csv(RawFile("f.csv", b"a,b,c\n1,2,3\n4,5\n"))
    with pytest.raises(LayoutError, match="row 3: wanted 3 fields, found 2"):
        spreadsheets.check_field_count(sheet)


COLUMNS = {"Code": "category", "Total": "float64"}


def test_chosen_columns_of_a_csv_become_a_frame() -> None:
    raw = RawFile("f.csv", b"Other,TOTAL (1),code\nx,1.5,A\ny,,B\n")
    frame = spreadsheets.read_csv_frame(raw, COLUMNS)
    assert list(frame.columns) == ["Code", "Total"]
    assert frame["Code"].tolist() == ["A", "B"]
    assert frame["Total"].iloc[0] == 1.5
    assert math.isnan(frame["Total"].iloc[1])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"Code,Totals\nA,1\n", "wanted a column 'Total', found 'Totals'"),
        (b"Code,Total\nA,1\nB\n", "row 3: wanted 2 fields, found 1: the file may be cut short"),
        (b"Code,Total\nA,many\nB,2\n", "row 2, column Total: wanted a number, found 'many'"),
        (b"Code,Total\nA,1,2,3\nB,2\n", "row 2: wanted 2 fields, found 4"),
    ],
)
def test_a_csv_that_does_not_fit_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(LayoutError, match=said):
        spreadsheets.read_csv_frame(RawFile("f.csv", content), COLUMNS)


def test_labels_are_compared_without_footnotes_spaces_and_case() -> None:
    assert spreadsheets.normalise_label("ACCOUNTABLE PROVIDER (4) (5) ") == "accountable provider"
    assert spreadsheets.normalise_label(" 91 TO  104\nDAYS ") == "91 to 104 days"
    assert spreadsheets.normalise_label("BOARD (ICB)") == "board (icb)"


def test_a_repeated_label_is_found_by_its_turn() -> None:
    found = header("", "TOTAL", "WITHIN 31 DAYS", " ", "WITHIN 31 DAYS ")
    assert found.column("Within 31 days") == 2
    assert found.column("Within 31 days", occurrence=1) == 4
    assert found.first_of(("Totals", "Total")) == 1


def test_a_missing_column_names_place_wanted_and_nearest() -> None:
    with pytest.raises(LayoutError) as caught:
        header("CODE", "TOTALS").column("TOTAL")
    assert str(caught.value) == "sheet 'X', row 2: wanted a column 'TOTAL', found 'TOTALS'"
    with pytest.raises(LayoutError, match="found 'CODE', 'NAME'"):
        header("CODE", "NAME").column("TOTAL")


def test_headers_are_found_by_their_labels() -> None:
    sheet = Worksheet("X", [["title"], ["", "Code (1)", "Total"], ["", "A", 1.0], ["", "CODE", "total"]])
    assert [found.index for found in spreadsheets.find_headers(sheet, "code", "total")] == [1, 3]
    with pytest.raises(LayoutError, match="sheet 'X': wanted a header row with 'Area', found none in 4 rows"):
        spreadsheets.find_header(sheet, "Area")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        *((1, 1.0), (0.5, 0.5), ("87.22%", 87.22), ("1,234", 1234.0), (" 12 ", 12.0), ("-3", -3.0)),
        ("-1,234,567.5", -1234567.5),
    ],
)
def test_numbers_are_read(cell: str | float, value: float) -> None:
    assert spreadsheets.number(cell, "row 1") == value


@pytest.mark.parametrize("cell", ["", " ", "-", "#DIV/0!", "n/a"])
def test_blanks_are_no_numbers(cell: str) -> None:
    assert math.isnan(spreadsheets.number(cell, "row 1"))


@pytest.mark.parametrize("cell", ["*", "many", True, "4,5", "1,23", "1.234,5", "12,3456"])
def test_other_cells_are_refused(cell: str) -> None:
    with pytest.raises(LayoutError, match="row 7: wanted a number"):
        spreadsheets.number(cell, "row 7")


def test_excel_serials() -> None:
    assert spreadsheets.excel_date(42917) == date(2017, 7, 1)
    assert spreadsheets.excel_date(61) == date(1900, 3, 1)
    with pytest.raises(ValueError, match="not an Excel day number"):
        spreadsheets.excel_date(60)


@pytest.mark.parametrize(
    "content",
    [
        b'Code,Total\n"A, or B",1\nC,2\n',
        b'Code,Total\r\n"A ""or"" B",1\r\n"C",2',
        b'Code,Total\n5" nails,1\n6" nails,2\n',
        b'Code,Total\n"A\nor B",1\nC,2\n',
        b"Code,Total\rA,1\rC,2\r",
        b"Code,Total\nA,1\n\nC,2\n",
    ],
)
def test_quotes_line_ends_and_empty_lines_make_no_other_width(content: bytes) -> None:
    raw = RawFile("f.csv", content)
    assert spreadsheets.read_csv_frame(raw, COLUMNS)["Total"].tolist() == [1.0, 2.0]
    assert spreadsheets.read_csv_text(raw, ["Total"])["Total"].tolist() == ["1", "2"]


@pytest.mark.parametrize(
    "content",
    [
        b'Code,Total\n"A",1,"B, C"\n',
        b'Code,Total\nA"b,c"d,1\n',
        b"Code,Total\nA,1\rB\n",
        b'Code,Total\n"A,1"\n',
    ],
)
def test_a_row_of_other_width_is_found_among_quotes(content: bytes) -> None:
    raw = RawFile("f.csv", content)
    with pytest.raises(LayoutError, match="wanted 2 fields, found"):
        spreadsheets.read_csv_frame(raw, COLUMNS)
    with pytest.raises(LayoutError, match="wanted 2 fields, found"):
        spreadsheets.read_csv_text(raw, ["Total"])
