"""Monthly workbooks and the daily series in made-up files: every trap of days, dates and sheets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from math import isnan

import pytest

from db.domain import Maturity, Period
from etl.source import Hints, LayoutError, ParsedFile, SourceError
from etl.sources.acute_discharge import SOURCE
from tests.support.publications.acute_discharge_files import LABELS, Rows, cover_rows, month_rows, raw

FIRST, LAST = date(2023, 10, 1), date(2023, 10, 31)
FULL: list[tuple[float, float] | None] = [(100.0, 60.0)] * 31
ONE_DAY: list[tuple[float, float] | None] = [(91.0, 59.0), *[None] * 30]
MOST_DAYS: list[tuple[float, float] | None] = [*[(80.0, 20.0)] * 20, *[None] * 11]
TRUSTS = {"RVV": FULL, "RPA": ONE_DAY, "RTP": FULL}
REMAINING, SHARE = "discharge-remaining-daily-average", "discharge-not-discharged-share"


def book(rows: Rows, **more: Rows) -> dict[str, Rows]:
    return {**more, "Cover Sheet": cover_rows(FIRST, LAST), "Table 2": rows}


def parsed(sheets: dict[str, Rows], name: str = "acute.xlsx", hints: Hints = Hints()) -> ParsedFile:
    file = raw(sheets, name)
    assert SOURCE.recognise(file)
    return SOURCE.parse(file, hints)


def cell(found: ParsedFile, code: str, indicator: str = REMAINING) -> tuple[float, str, str]:
    row = found.frame[(found.frame["organisation"] == code) & (found.frame["indicator"] == indicator)]
    assert len(row) == 1
    return float(row["value"].iloc[0]), str(row["missing_reason"].iloc[0]), str(row["note"].iloc[0])


@pytest.mark.parametrize("above", [3, 4])
def test_means_are_of_the_days_sent_and_a_month_of_few_days_is_withheld(above: int) -> None:
    found = parsed(book(month_rows(TRUSTS, FIRST, above=above)))
    assert set(found.frame["period"]) == {Period.month(2023, 10).key}
    assert (found.published_on, set(found.frame["maturity"])) == (
        date(2024, 2, 8),
        {int(Maturity.PROVISIONAL)},
    )
    assert cell(found, "RVV") == (60.0, "", "")
    assert cell(found, "RVV", SHARE) == (60.0, "", "")
    value, reason, note = cell(found, "RPA")
    assert isnan(value)
    assert (reason, note) == ("figures of 1 of 31 days only", "days sent in: 1 of 31")
    assert cell(found, "ENG")[0] == pytest.approx(120 + 59 / 31)
    board = cell(found, "QKS")
    assert board[0] == pytest.approx(60 + 59 / 31)
    assert board[2] == "without Medway NHS Foundation Trust on 30 days"
    assert cell(found, "QXU")[2] == ""


def test_twenty_days_are_enough_and_are_told() -> None:
    found = parsed(book(month_rows({**TRUSTS, "RPA": MOST_DAYS}, FIRST)))
    assert cell(found, "RPA") == (20.0, "", "days sent in: 20 of 31")
    assert cell(found, "RPA", SHARE) == (25.0, "", "days sent in: 20 of 31")


def test_a_day_of_nought_is_a_day_not_sent_in_and_a_whole_month_of_it_no_figure() -> None:
    some: list[tuple[float, float] | None] = [*[(50.0, 10.0)] * 30, (0.0, 0.0)]
    found = parsed(book(month_rows({"RVV": FULL, "RPA": some, "RTP": [(0.0, 0.0)] * 31}, FIRST)))
    assert cell(found, "RPA") == (10.0, "", "days sent in: 30 of 31")
    assert cell(found, "RTP")[1:] == ("no figures sent in", "days sent in: 0 of 31")
    assert any("RPA, RTP" in item.message for item in found.findings)


def test_nobody_remaining_of_those_ready_is_a_figure() -> None:
    found = parsed(book(month_rows({**TRUSTS, "RPA": [(5.0, 0.0)] * 31}, FIRST)))
    assert cell(found, "RPA") == (0.0, "", "")


def test_a_day_on_which_england_is_nought_is_nobodys() -> None:
    lost = {
        code: [None if day == 18 else item for day, item in enumerate(own)] for code, own in TRUSTS.items()
    }
    found = parsed(book(month_rows(lost, FIRST, closed=[18])))
    assert cell(found, "RVV") == (60.0, "", "days sent in: 30 of 31")
    assert cell(found, "ENG")[0] == pytest.approx(120 + 59 / 30)
    assert any("no figures on day 19" in item.message for item in found.findings)


def test_hidden_lookup_sheets_may_stand_first() -> None:
    lookups: Rows = [["Date", "Row"], [FIRST, 1.0]]
    found = parsed(book(month_rows(TRUSTS, FIRST), **{"Lkp - Discharges": lookups, "Lkp - Dates": lookups}))
    assert cell(found, "RVV")[0] == 60


def _england(rows: Rows) -> None:
    rows[4][6] = 500.0
    rows[4][4] = 500.0 + float(str(rows[4][5]))


def _trust_lost(rows: Rows) -> None:
    del rows[-1]


def _dash_alone(rows: Rows) -> None:
    rows[-1][5] = "-"


def _four_columns(rows: Rows) -> None:
    for row in rows:
        row[6:6] = [None]
    rows[3][5:7] = ["Number of patients discharged by 17:00", "Number of patients discharged 17:01-23:59"]


def _day_lost(rows: Rows) -> None:
    for row in rows:
        del row[10:13]


def _twice(rows: Rows) -> None:
    rows.append(list(rows[-1]))


def _unknown_region(rows: Rows) -> None:
    rows[-1][1] = "SOUTH"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_england, r"'Table 2', row 5: wanted .* the sum of the regions, found"),
        (_trust_lost, "row 6: wanted 191 on day 1, the sum of its trusts, found 291"),
        (_dash_alone, "wanted counts of day 1 that agree"),
        (_four_columns, r"row 4: wanted three columns for 2023-10-01.*by 17:00"),
        (_day_lost, "row 3: wanted the 31 days of October 2023, each once, in order, found 30 dates"),
        (_twice, "wanted RTP once, found also in row 15"),
        (_unknown_region, "wanted a region's name, such as SOUTH EAST, found 'SOUTH'"),
    ],
)
def test_a_table_against_itself_is_refused(spoil: Callable[[Rows], None], message: str) -> None:
    rows = month_rows(TRUSTS, FIRST)
    spoil(rows)
    with pytest.raises(LayoutError, match=message):
        parsed(book(rows))


def test_cover_name_and_table_must_be_of_one_month() -> None:
    sheets = {
        "Cover Sheet": cover_rows(date(2023, 9, 1), date(2023, 9, 30)),
        "Table 2": month_rows(TRUSTS, FIRST),
    }
    with pytest.raises(SourceError, match="says October 2023, but the cover sheet says September 2023"):
        parsed(sheets)
    with pytest.raises(SourceError, match="but the file name says November 2023"):
        parsed(book(month_rows(TRUSTS, FIRST)), "Daily-discharge-sitrep-webfile-November2023.xlsx")


def test_community_beds_are_another_series() -> None:
    cover = cover_rows(FIRST, LAST, title="Community Discharge Situation Report ")
    with pytest.raises(LayoutError, match="community beds are another series"):
        parsed({"Cover Sheet": cover, "Table 2": month_rows(TRUSTS, FIRST)})


def series(days: int, *, lost: tuple[int, ...] = ()) -> Rows:
    """England's days from 1 April 2021 on, empty on some."""
    start = date(2021, 4, 1)
    return [
        *([] for _ in range(7)),
        [None, None, None, None, None, "Number of patients discharged"],
        [None, "Date", *LABELS],
        *(
            [None, start + timedelta(days=day), *((100.0, 40.0, 60.0) if day not in lost else (None,) * 3)]
            for day in range(days)
        ),
    ]


def test_the_daily_series_gives_englands_months_and_withholds_a_begun_one() -> None:
    sheets = {"Cover Sheet": cover_rows(date(2021, 4, 1), LAST), "Daily Series": series(40, lost=(3,))}
    found = parsed(sheets)
    own = found.frame[found.frame["indicator"] == REMAINING]
    assert list(own["period"]) == [Period.month(2021, 4).key, Period.month(2021, 5).key]
    assert list(own["note"]) == ["days sent in: 29 of 30", "days sent in: 10 of 31"]
    assert own["value"].iloc[0] == 60
    assert own["missing_reason"].iloc[1] == "figures of 10 of 31 days only"


def test_a_day_lost_from_the_series_is_refused() -> None:
    rows = series(40)
    del rows[20]
    with pytest.raises(LayoutError, match="wanted the day after 2021-04-11, found 2021-04-13"):
        parsed({"Cover Sheet": cover_rows(date(2021, 4, 1), LAST), "Daily Series": rows})
