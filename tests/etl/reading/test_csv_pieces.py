"""A comma-separated file read in pieces gives the rows, and the places of errors, of the whole."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from db.reading.spreadsheets import read_csv_frame
from etl.reading.csv_pieces import csv_pieces, find_csv_header
from etl.source import LayoutError, RawFile

COLUMNS = {"Code": "category", "Count": "float64"}
ROWS = [
    f'R{n:02},"A ""TRUST"" OF\nTWO LINES, {n}",{n}' if n % 7 == 3 else f"R{n:02},A TRUST,{n}"
    for n in range(60)
]


def raw(*rows: str, above: str = "", end: str = "\n") -> RawFile:
    return RawFile("counts.csv", (above + end.join(["Code,Name,Count", *rows, ""])).encode())


def read(file: RawFile, size: int) -> list[pd.DataFrame]:
    return list(
        csv_pieces(io.BytesIO(file.content), find_csv_header(file, "Code", "Count"), COLUMNS, file.name, size)
    )


@pytest.mark.parametrize("size", [1, 40, 300, 5_000])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_pieces_are_the_whole(size: int, end: str) -> None:
    file = raw(*ROWS, end=end)
    pieces = read(file, size)
    together = pd.concat([piece.astype({"Code": "str"}) for piece in pieces])
    whole = read_csv_frame(file, COLUMNS)
    assert together["Code"].tolist() == whole["Code"].tolist()
    assert together["Count"].tolist() == whole["Count"].tolist()
    assert (len(pieces) > 1) is (size < 1_000)


@pytest.mark.parametrize("above", ["", "A title\nof two lines\n\n"])
def test_an_error_names_the_row_of_the_file(above: str) -> None:
    plain = [f"R{n:02},A TRUST,{n}" for n in range(60)]
    row = 44 + above.count("\n")
    for spoilt, wanted in (("R42,A TRUST,many", "a number"), ("R42,A TRUST,1,2", "3 fields")):
        file = raw(*plain[:42], spoilt, *plain[43:], above=above)
        with pytest.raises(LayoutError, match=rf"row {row}\b.*wanted {wanted}"):
            read(file, 100)


def test_a_file_in_utf_16_is_one_piece() -> None:
    file = RawFile("counts.csv", raw(*ROWS).content.decode().encode("utf-16"))
    (whole,) = read(file, 100)
    assert whole["Count"].tolist() == list(range(60))


def test_a_file_without_rows_is_refused() -> None:
    with pytest.raises(LayoutError, match=r"counts\.csv: wanted a header row, found no rows"):
        find_csv_header(RawFile("counts.csv", b"\n\n , \n"), "Code")
