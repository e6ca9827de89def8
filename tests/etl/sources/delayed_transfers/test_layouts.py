"""Files by local authority and the series of England in made-up files: every layout, traps of names and dashes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import pytest

from db.domain import ENGLAND, Maturity, Period
from etl.source import Hints, LayoutError, ParsedFile
from etl.sources.delayed_transfers import SOURCE
from tests.support.publications.delayed_transfers_files import (
    PLACES,
    SHEETS,
    Rows,
    authority_sheets,
    england_sheets,
    raw,
)

KENT, MEDWAY, CITY = "E10000016", "E06000035", "E09000001"
DAILY, SHARE = "delayed-transfers-daily-average", "delayed-transfers-nhs-share"


def parsed(sheets: Mapping[str, Rows], name: str = "LA-Type-B-April-2017.xls") -> ParsedFile:
    file = raw(sheets, name)
    assert SOURCE.recognise(file)
    return SOURCE.parse(file, Hints())


def of(found: ParsedFile, code: str, breakdown: str = "all") -> dict[str, tuple[float, float, float, str]]:
    rows = found.frame[(found.frame["organisation"] == code) & (found.frame["breakdown"] == breakdown)]
    columns = (rows[name] for name in ("indicator", "numerator", "denominator", "value", "missing_reason"))
    return {str(row[0]): (row[1], row[2], row[3], row[4]) for row in zip(*columns, strict=True)}


@pytest.mark.parametrize(
    "sheets",
    [
        authority_sheets(region=False),
        authority_sheets(ons=False),
        authority_sheets(),
        authority_sheets(days_in_month=30),
    ],
    ids=["to March 2013", "to June 2015", "to March 2017", "from April 2017"],
)
def test_each_layout_gives_the_same_figures(sheets: dict[str, Rows]) -> None:
    found = parsed(sheets)
    assert set(found.frame["period"]) == {Period.month(2017, 4).key}
    assert (found.published_on, set(found.frame["maturity"])) == (date(2018, 6, 14), {int(Maturity.REVISED)})
    assert of(found, KENT)[DAILY][2] == pytest.approx(156.9)
    assert of(found, MEDWAY)[DAILY][2] == pytest.approx(562 / 30)
    assert of(found, KENT)[SHARE][:2] == (2969, 4707)
    assert of(found, KENT, "care: Acute")[DAILY][2] == pytest.approx(2975 / 30)
    assert of(found, KENT, "reason: Care package in own home")[DAILY][2] == pytest.approx(30)
    assert of(found, ENGLAND)[DAILY][2] == pytest.approx((4707 + 562 + 15) / 30)
    assert set(found.frame["organisation"]) == {ENGLAND, KENT, MEDWAY, CITY}


def test_dashes_are_no_nought() -> None:
    city = of(parsed(authority_sheets()), CITY)
    assert {reason for *_, reason in city.values()} == {"no figures published"}


def test_the_month_is_the_one_inside_whatever_the_name_says() -> None:
    found = parsed(authority_sheets("January 2012"), "LA-Type-B-January-2011-12-revised-October-2012.xls")
    assert set(found.frame["period"]) == {Period.month(2012, 1).key}


def _england(sheets: dict[str, Rows]) -> None:
    sheets[SHEETS[0]][14][5] = 1.0


def _lost(sheets: dict[str, Rows]) -> None:
    del sheets[SHEETS[1]][16]


def _parts(sheets: dict[str, Rows]) -> None:
    sheets[SHEETS[1]][16][5] = 2970.0


def _daily(sheets: dict[str, Rows]) -> None:
    sheets[SHEETS[0]][16][11] = 200.0


def _dash(sheets: dict[str, Rows]) -> None:
    sheets[SHEETS[0]][16][5] = "-"


def _code(sheets: dict[str, Rows]) -> None:
    sheets[SHEETS[0]][16][2] = "E06000035"


def _reason(sheets: dict[str, Rows]) -> None:
    sheets[SHEETS[2]][13][6] = "Public funding"


def _sheet(sheets: dict[str, Rows]) -> None:
    del sheets[SHEETS[2]]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_england, r"England\): wanted parts that add up to 5284 days, found"),
        (_lost, r"in '.*', the sum of the rows"),
        (_parts, r"row 17 \(Kent\): wanted parts that add up to 4707 days, found 4708"),
        (_daily, r"row 17 \(Kent\): wanted 156.9 people a day, as 4707 days make, found 200"),
        (_dash, r"wanted a count of 'acute' beside a total of 4707, found none"),
        (_code, r"wanted the ONS code E10000016 of 820, found 'E06000035'"),
        (_reason, r"wanted a column of reason B\), found 9 reasons"),
        (_sheet, "wanted a sheet 'la - by reason'"),
    ],
)
def test_a_file_against_itself_is_refused(spoil: Callable[[dict[str, Rows]], None], message: str) -> None:
    sheets = authority_sheets(days_in_month=30)
    spoil(sheets)
    with pytest.raises(LayoutError, match=message):
        parsed(sheets)


def test_snapshots_trusts_and_unknown_authorities_are_refused() -> None:
    with pytest.raises(LayoutError, match="snapshots of patients are another count"):
        parsed(authority_sheets(summary="Number of patients delayed at midnight"))
    trusts = {name.replace("LA", "Trust"): rows for name, rows in authority_sheets().items()}
    with pytest.raises(LayoutError, match="files by trust are not read"):
        parsed(trusts)
    unknown = {("999", "", "Nowhere"): PLACES["820", KENT, "Kent"]}
    with pytest.raises(LayoutError, match="wanted the code of an upper-tier authority, found '999'"):
        parsed(authority_sheets(region=False, places=unknown))


def test_january_of_a_financial_year_is_of_the_next_calendar_year() -> None:
    found = parsed(
        england_sheets([("2016-17", "December", 31), ("2016-17", "January", 31), ("2016-17", "February", 28)])
    )
    assert list(dict.fromkeys(found.frame["period"])) == [
        Period.month(2016, 12).key,
        Period.month(2017, 1).key,
        Period.month(2017, 2).key,
    ]
    assert set(found.frame["organisation"]) == {ENGLAND}
    february = found.frame[
        (found.frame["period"] == Period.month(2017, 2).key) & (found.frame["breakdown"] == "all")
    ]
    assert february["value"].iloc[0] == pytest.approx(4707 / 28)
    with pytest.raises(LayoutError, match="wanted the month after December 2016, found February 2017"):
        parsed(england_sheets([("2016-17", "December", 31), ("2016-17", "February", 28)]))
