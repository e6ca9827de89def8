"""The results portfolio by commissioner, as a small made-up workbook of its layout."""

from __future__ import annotations

import pytest

from db.domain import Basis, Period
from etl.source import Hints, LayoutError, ParsedFile, SourceError
from etl.sources.ssnap import parse, recognise
from etl.sources.ssnap import vocabulary as words
from tests.support.publications.stroke_files import Cell, workbook

FILE = "CCG-LHB-Portfolio.xlsx"
YEARS = ("Apr 2014-Mar 2015", "Apr 2015-Mar 2016")
CODES = ("", "09C", "09W", "7A1")
NAMES = ("", "Ashford CCG", "Medway CCG", "Betsi Cadwaladr University Health Board")
WITHIN_HOUR = "3.3 Percentage of patients who were thrombolysed within 1 hour of clock start (ref. G16.74)"
SHARES: tuple[Cell, ...] = (55.9, 58.4, 22.6, 51.9, 25.9, "Insufficient records", 30, 48.5)
TREATED: tuple[Cell, ...] = (9242, 9109, 31, 27, 27, "Insufficient records", 80, 99)


def across(values: tuple[str, ...]) -> list[Cell]:
    return [value for value in values for _ in YEARS]


def portfolio_of(
    shares: tuple[Cell, ...] = SHARES,
    treated: tuple[Cell, ...] = TREATED,
    codes: tuple[str, ...] = CODES,
    label: str = WITHIN_HOUR,
    above: int = 0,
    years: tuple[str, ...] = YEARS,
    heading: str = "",
) -> ParsedFile:
    """The figures of a made-up workbook: two years side by side, national first, by default without a heading."""
    filler: list[list[Cell]] = [["", "", ""] for _ in range(above)]
    indicators: list[list[Cell]] = [
        *filler,
        ["SSNAP Key Indicators", "", "", *across((heading, *codes[1:]))],
        ["Care both delivered within the first 72h and after 72h", "", "", *across(NAMES)],
        ["Time Period", "", "", *years * len(codes)],
        ["3. Thrombolysis key indicators", "3.1 Percentage (ref. G16.3)", "%", *[11.1] * len(shares)],
        ["", label, "%", *shares],
    ]
    outcomes: list[list[Cell]] = [
        ["CCG Outcomes Indicator Set (OIS) and SSNAP Key Indicators"],
        ["", "", "", *across((heading, *codes[1:]))],
        ["Care delivered within the first 72h", "", "", *across(NAMES)],
        ["", "Time period", "", *years * len(codes)],
        ["Direct to stroke unit within 4 hours", "", "n", *[400] * len(treated)],
        ["Stroke patients who receive thrombolysis", "", "n", *treated],
        ["", "", "d", *[900] * len(treated)],
        ["", "Percentage of all stroke patients who receive thrombolysis", "%", *[11.1] * len(treated)],
    ]
    raw = workbook(FILE, {"CCG & LHB SSNAP Key Indicators": indicators, "CCG OIS": outcomes})
    assert recognise(raw)
    return parse(raw, Hints())


@pytest.mark.parametrize("above", [0, 4])
def test_residents_within_60_minutes_by_area_and_year_wherever_the_headings_stand(above: int) -> None:
    frame = portfolio_of(above=above).frame
    assert set(frame["indicator"]) == {words.RESIDENTS_WITHIN_60_MINUTES}
    year = frame[frame["period"] == Period.financial_year(2015).key].set_index("organisation")
    assert set(year.index) == {"SSNAP", "09C", "09W"}
    ashford = year.loc["09C"]
    assert (ashford["numerator"], ashford["denominator"], ashford["value"]) == (14, 27, 51.9)
    assert ashford["basis"] == Basis.RESIDENCE.value
    assert year.loc["09W", "missing_reason"] == words.area_reason(words.INSUFFICIENT_RECORDS)
    assert year["value"].isna()["09W"]


def test_where_several_counts_give_a_percentage_there_is_none() -> None:
    frame = portfolio_of().frame
    national = frame[frame["organisation"] == "SSNAP"]
    assert set(national["basis"]) == {Basis.NATIONAL.value}
    assert national["value"].tolist() == [55.9, 58.4]
    assert national["numerator"].isna().all()


def test_welsh_boards_are_left_out_and_named() -> None:
    assert any("Betsi Cadwaladr" in finding.message for finding in portfolio_of().findings)


def test_a_percentage_that_no_count_gives_is_refused_with_its_place() -> None:
    with pytest.raises(LayoutError, match=r"row 5, column G.*whole number of 27 patients.*'50'"):
        portfolio_of(shares=(*SHARES[:3], 50, *SHARES[4:]))


def test_an_area_that_stands_twice_is_refused() -> None:
    with pytest.raises(LayoutError, match="09C once in April 2014 to March 2015"):
        portfolio_of(codes=("", "09C", "09C", "7A1"))


def test_a_word_that_is_not_the_publishers_is_refused() -> None:
    with pytest.raises(LayoutError, match="'about half'"):
        portfolio_of(shares=(*SHARES[:3], "about half", *SHARES[4:]))


def test_another_reference_is_no_substitute() -> None:
    with pytest.raises(SourceError, match=r"G16\.74"):
        portfolio_of(label=WITHIN_HOUR.replace("G16.74", "G16.80"))


@pytest.mark.parametrize("heading", ["Overall", "National"])
def test_a_heading_of_the_national_columns_is_known(heading: str) -> None:
    assert portfolio_of(heading=heading).frame.equals(portfolio_of().frame)


def test_the_number_of_a_key_indicator_does_not_say_what_it_is() -> None:
    renumbered = portfolio_of(label=WITHIN_HOUR.replace("3.3", "3.4"))
    assert renumbered.frame.equals(portfolio_of().frame)


def test_no_figure_has_its_reason_in_words_of_an_area() -> None:
    words_printed: tuple[Cell, ...] = (*SHARES[:2], "Too few to report", ".", 0, *SHARES[5:])
    frame = portfolio_of(shares=words_printed, treated=(*TREATED[:2], 31, 0, 0, *TREATED[5:])).frame
    ashford = frame[frame["organisation"] == "09C"]["missing_reason"].tolist()
    assert ashford == ["Too few to report: under 20 patients of the area", words.NO_PATIENTS]
    medway = frame[frame["organisation"] == "09W"]
    assert medway["missing_reason"].iloc[0] == words.NO_PATIENTS
    assert medway["value"].isna().all()
    assert not frame["missing_reason"].str.contains("team").any()


def test_quarters_are_no_years() -> None:
    with pytest.raises(LayoutError, match=r"a year such as Apr 2015-Mar 2016.*'Jan-Mar 2016'"):
        portfolio_of(years=("Oct-Dec 2015", "Jan-Mar 2016")[::-1])


def test_another_year_of_the_same_layout_is_read() -> None:
    later = portfolio_of(years=("Apr 2016-Mar 2017", "Apr 2017 - Mar 2018")).frame
    assert {Period.from_key(key).short_label for key in later["period"]} == {"2016/17", "2017/18"}
