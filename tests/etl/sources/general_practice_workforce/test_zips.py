"""Zips of practice-level tables: one month, the whole back series, two candidates, and zips that could do harm."""

from __future__ import annotations

import io
import random
import zipfile
from datetime import date

import pytest

from db.domain import Maturity, Parent, Period
from etl.reading.archives import LARGEST_MEMBER, base_name, is_workbook_archive, open_archive
from etl.source import Hints, LayoutError, RawFile, SourceError, UnreadableFileError
from etl.sources.general_practice_workforce import SOURCE
from tests.support.publications.workforce_files import (
    APRIL,
    DETAILED,
    HIGH_LEVEL,
    KENT,
    MAY,
    practice,
    table,
    zipped,
)

NAME = "GPWPracticeCSV.042025.zip"
DEFINITIONS = "0 General Practice Detailed Practice-Level CSV. Overall Definitions.xlsx"
HIGH = "3 General Practice – April 2025 Practice Level - High level.csv"
HIGH_ROWS = (
    {
        "PRAC_CODE": "G82007",
        "STAFF_GROUP": "GP",
        "DETAILED_STAFF_ROLE": "Total",
        "MEASURE": "FTE",
        "VALUE": 9,
    },
)
HIGH_TABLE = table(*HIGH_ROWS, columns=HIGH_LEVEL)


def days(raw: RawFile, hints: Hints | None = None) -> list[date]:
    assert SOURCE.recognise(raw)
    frame = SOURCE.parse(raw, hints or Hints()).frame
    return [Period.from_key(int(key)).end for key in sorted(frame["period"].unique())]


def test_one_month_is_read_from_its_detailed_table_and_definitions_are_passed_over() -> None:
    raw = zipped(
        NAME,
        {
            DEFINITIONS: b"PK not read",
            APRIL: table(practice("G82007")),
            HIGH: HIGH_TABLE,
            "notes.csv": b"a,b\n",
        },
    )
    assert SOURCE.recognise(raw)
    parsed = SOURCE.parse(raw, Hints())
    assert parsed.layout == "practice-level detailed"
    assert 9 not in set(parsed.frame["numerator"])
    assert parsed.edition_end == date(2025, 4, 30)
    assert "30 April 2025 (edition of April 2025)" in parsed.title


def test_the_high_level_table_is_read_only_where_there_is_no_detailed_one() -> None:
    parsed = SOURCE.parse(zipped(NAME, {HIGH: HIGH_TABLE}), Hints())
    assert parsed.frame["numerator"].tolist() == [9]
    assert parsed.frame["maturity"].tolist() == [Maturity.PROVISIONAL.value]
    assert "no registered patients: no rates" in parsed.findings[0].message


def test_a_back_series_gives_every_snapshot_and_says_which_edition_it_is() -> None:
    raw = zipped(
        "GPWPracticeCSV.062021.zip",
        {
            f"{number}. General Practice – {month} Practice Level.csv": table(
                practice("G82007", 1_000 * number)
            )
            for number, month in enumerate(("September 2015", "March 2016", "June 2021"), start=1)
        },
    )
    assert days(raw) == [date(2015, 9, 30), date(2016, 3, 31), date(2021, 6, 30)]
    parsed = SOURCE.parse(raw, Hints(published_on=date(2021, 8, 26)))
    assert (parsed.published_on, parsed.edition_end) == (date(2021, 8, 26), date(2021, 6, 30))
    assert "30 September 2015 to 30 June 2021, 3 snapshots (edition of June 2021)" in parsed.title
    headline = parsed.frame[parsed.frame["indicator"].eq("gp-all-fte-rate")]
    assert headline["denominator"].tolist() == [1_000, 2_000, 3_000]
    assert days(raw, Hints(period=Period.month(2016, 3)))[1] == date(2016, 3, 31)
    with pytest.raises(LayoutError, match="wanted a table of May 2025"):
        SOURCE.parse(raw, Hints(period=Period.month(2025, 5)))


def test_a_practice_that_moves_within_a_back_series_is_in_each_place_for_its_time() -> None:
    moved = {**KENT, "SUB_ICB_CODE": "97R", "ICB_CODE": "QNX"}
    raw = zipped(NAME, {APRIL: table(practice("G82007")), MAY: table(practice("G82007", place=moved))})
    (own,) = [item for item in SOURCE.parse(raw, Hints()).organisations if item.code == "G82007"]
    end, start = date(2025, 5, 30), date(2025, 5, 31)
    assert own.parents == (
        Parent("91Q", None, end),
        Parent("97R", start, None),
        Parent("QKS", None, end),
        Parent("QNX", start, None),
        Parent("Y59"),
        Parent("10A"),
    )


def test_two_candidates_for_one_month_are_refused_by_name() -> None:
    again = "2 General Practice – April 2025 Practice Level - Detailed (revised).csv"
    raw = zipped(NAME, {APRIL: table(practice("G82007")), again: table(practice("G82007"))})
    with pytest.raises(LayoutError) as error:
        SOURCE.parse(raw, Hints())
    assert str(error.value) == (
        f"{NAME}: wanted one practice-level detailed file of 30 April 2025, found two: '{APRIL}' and '{again}'"
    )


def test_errors_inside_a_zip_name_the_zip_and_the_table() -> None:
    cut = table(practice("G82007"), practice("G82002"))[:-20]
    with pytest.raises(LayoutError) as error:
        SOURCE.parse(zipped(NAME, {APRIL: cut}), Hints())
    assert str(error.value).startswith(f"{NAME}, '{APRIL}', ")
    changed = table(practice("G82007"), columns=["CODE", *DETAILED[1:]])
    raw = zipped(NAME, {APRIL: changed})
    assert SOURCE.recognise(raw), "a table whose columns changed is refused by what it lacks"
    with pytest.raises(LayoutError, match="row 1: wanted the columns 'PRAC_CODE'"):
        SOURCE.parse(raw, Hints())


def test_a_table_in_a_zip_without_a_date_is_refused() -> None:
    raw = zipped(NAME, {"data/practice level.csv": table(practice("G82007"))})
    with pytest.raises(LayoutError, match=r"^practice level\.csv: wanted a month and year in the file name"):
        SOURCE.parse(raw, Hints())
    assert days(raw, Hints(period=Period.month(2025, 4))) == [date(2025, 4, 30)]


def test_workbooks_and_other_zips_are_not_claimed() -> None:
    workbook = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}
    individual = {
        "1 General Practice – April 2025 Individual Level.csv": b"UNIQUE_IDENTIFIER,STAFF_GROUP\n1,GP\n"
    }
    networks = {"1.Primary Care Networks - June 2026 Individual Level.csv": b"PCN_CODE,FTE\nU1,1\n"}
    for members in (workbook, individual, networks, {}):
        assert not SOURCE.recognise(zipped("file.zip", members))
    with pytest.raises(LayoutError, match="wanted a practice-level CSV file inside"):
        SOURCE.parse(zipped("GPWIndividualCSV.042025.zip", individual), Hints())


def test_a_zip_that_is_cut_short_or_damaged_is_refused() -> None:
    raw = zipped(NAME, {APRIL: table(*(practice(f"G82{number:03}") for number in range(400)))})
    cut = RawFile(NAME, raw.content[: len(raw.content) // 2])
    assert SOURCE.recognise(cut), "known by its name, so that it is refused by why"
    assert not SOURCE.recognise(RawFile("file.zip", cut.content))
    with pytest.raises(UnreadableFileError, match=f"^{NAME} is cut short or damaged"):
        SOURCE.parse(cut, Hints())
    middle = len(raw.content) // 2
    damaged = RawFile(NAME, raw.content[:middle] + b"\xff" * 64 + raw.content[middle + 64 :])
    with pytest.raises(UnreadableFileError, match=f"^{NAME}: '{APRIL}' is damaged"):
        SOURCE.parse(damaged, Hints())


def test_a_zip_with_a_piece_lost_or_a_byte_changed_is_refused_in_plain_words() -> None:
    """Wherever the damage lies: checksums catch it in the table, and the directory must not break the reader."""
    raw = zipped(NAME, {APRIL: table(practice("G82007"), practice("G82011"))})
    generator, refused = random.Random(20_250_430), 0
    for number in range(400):
        place = generator.randrange(len(raw.content) - 8)
        rest = raw.content[place + 8 :] if number % 2 else b"\xff" + raw.content[place + 1 :]
        try:
            SOURCE.parse(RawFile(NAME, raw.content[:place] + rest), Hints())
        except SourceError:
            refused += 1
    assert refused > 300


@pytest.mark.parametrize(
    "name",
    [
        "../April 2025.csv",
        "/etc/April 2025.csv",
        "C:\\April 2025.csv",
        "a\\..\\..\\April 2025.csv",
        "C:x.csv",
    ],
)
def test_a_member_that_points_outside_the_zip_is_refused(name: str) -> None:
    with pytest.raises(UnreadableFileError, match="points outside the zip"):
        SOURCE.parse(zipped(NAME, {name: table(practice("G82007"))}), Hints())


def test_a_member_that_grows_too_much_is_refused_before_it_is_unpacked() -> None:
    bomb = zipped(NAME, {APRIL: b"0," * 10_000_000})
    assert len(bomb.content) < 100_000
    with pytest.raises(UnreadableFileError, match="grows more than 250 times"):
        SOURCE.parse(bomb, Hints())


def with_size(raw: RawFile, size: int) -> RawFile:
    """The zip with another unpacked size claimed in its directory, where readers look first."""
    place = raw.content.rindex(b"PK\x01\x02") + 24
    return RawFile(raw.name, raw.content[:place] + size.to_bytes(4, "little") + raw.content[place + 4 :])


def test_a_member_that_claims_to_be_too_large_or_too_small_is_refused() -> None:
    raw = zipped(NAME, {APRIL: table(practice("G82007"))})
    with pytest.raises(UnreadableFileError, match="too large to be read"):
        SOURCE.parse(with_size(raw, LARGEST_MEMBER + 1), Hints())
    with pytest.raises(UnreadableFileError, match="is damaged or cut short"):
        SOURCE.parse(with_size(raw, 100), Hints())


def test_a_locked_member_a_name_twice_and_too_many_members_are_refused() -> None:
    raw = zipped(NAME, {APRIL: table(practice("G82007"))})
    flags = raw.content.rindex(b"PK\x01\x02") + 8
    locked = RawFile(NAME, raw.content[:flags] + b"\x01" + raw.content[flags + 1 :])
    with pytest.raises(UnreadableFileError, match="locked with a password"):
        SOURCE.parse(locked, Hints())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(APRIL, b"a")
        archive.writestr(APRIL, b"b")
    with pytest.raises(UnreadableFileError, match="wanted each name once"):
        SOURCE.parse(RawFile(NAME, buffer.getvalue()), Hints())
    many = zipped(NAME, {f"{number}.csv": b"" for number in range(1_001)})
    with pytest.raises(UnreadableFileError, match="wanted at most 1,000 files inside, found 1,001"):
        SOURCE.parse(many, Hints())


def test_what_macos_adds_and_folders_are_left_out() -> None:
    raw = zipped(NAME, {"__MACOSX/._a.csv": b"x", "data/": b"", "data/a.csv": b"1", ".DS_Store": b"x"})
    with open_archive(raw) as archive:
        assert archive.names == ("data/a.csv",)
        assert archive.read("data/a.csv") == RawFile("a.csv", b"1")
        assert not is_workbook_archive(archive)
    assert base_name("a\\b/c.csv") == "c.csv"
    for content in (b"", b"text"):
        with pytest.raises(UnreadableFileError), open_archive(RawFile("x.zip", content)):
            pytest.fail("opened")
