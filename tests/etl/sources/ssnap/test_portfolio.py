"""The results portfolio: made-up files of the layouts that are known, whole and broken."""

from __future__ import annotations

import math
from datetime import time
from types import SimpleNamespace

import pandas as pd
import pytest

from db.catalogue import load_catalogue
from db.domain import Basis, Organisation, OrganisationType, Parent, Period, Severity
from etl.pipeline.roll_up import roll_up
from etl.pipeline.validate import check
from etl.pipeline.validate.knowledge import Knowledge
from etl.source import Hints, LayoutError, ParsedFile, RawFile, SourceError
from etl.sources.ssnap import SOURCE, parse, recognise
from etl.sources.ssnap import vocabulary as words
from etl.sources.ssnap.rows import is_national
from tests.support.publications.stroke_files import (
    DARENT_VALLEY,
    INVICTA,
    ITEMS,
    NATIONAL,
    NON_ROUTINE,
    ROUTINE,
    TEAMS,
    Cell,
    Rows,
    Team,
    changed,
    csv_file,
    items_down,
    teams_down,
    workbook,
)

QUARTER = "JulSep2024-FullResultsPortfolio.xlsx"
SHEET = "H. Team centred 72h"
FOUR = {words.WITHIN_60_MINUTES, words.ELIGIBLE_THROMBOLYSED, words.THROMBOLYSED, words.DOOR_TO_NEEDLE}


def quarter(teams: tuple[Team, ...] = TEAMS) -> RawFile:
    return workbook(QUARTER, {"Cover": [["SSNAP"]], SHEET: items_down(teams)})


def with_team(**items: Cell) -> RawFile:
    """The made-up quarter with some items of Darent Valley Hospital changed."""
    team = TEAMS[1]
    return quarter((TEAMS[0], (*team[:4], changed(DARENT_VALLEY, **items)), *TEAMS[2:]))


def without(*references: str) -> Rows:
    return [row for row in items_down() if row[1] not in references]


def relabelled(reference: str, column: int, text: str) -> Rows:
    return [
        [*row[:column], text, *row[column + 1 :]] if row[1] == reference else list(row)
        for row in items_down()
    ]


def one(
    content: ParsedFile, organisation: str, indicator: str, period: Period | None = None
) -> SimpleNamespace:
    frame = content.frame
    chosen = frame[(frame["organisation"] == organisation) & (frame["indicator"] == indicator)]
    if period is not None:
        chosen = chosen[chosen["period"] == period.key]
    (record,) = chosen.to_dict("records")
    return SimpleNamespace(**{str(name): value for name, value in record.items()})


def assert_darent_valley(content: ParsedFile) -> None:
    """What the made-up figures of Darent Valley Hospital say, in any layout."""
    within = one(content, "S148", words.WITHIN_60_MINUTES)
    assert (within.numerator, within.denominator, within.value) == (7, 13, 53.8)
    eligible = one(content, "S148", words.ELIGIBLE_THROMBOLYSED)
    assert (eligible.numerator, eligible.denominator, eligible.value) == (12, 15, 80.0)
    given = one(content, "S148", words.THROMBOLYSED)
    assert (given.numerator, given.denominator, given.value) == (13, 150, 8.7)
    median = one(content, "S148", words.DOOR_TO_NEEDLE)
    assert median.value == 55
    assert math.isnan(median.denominator)
    assert within.basis == Basis.TEAM
    assert not within.derived


@pytest.mark.parametrize(
    "raw",
    [
        quarter(),
        workbook("Apr2022Mar2023-AnnualResultsPortfolio.xlsx", {"H": teams_down()}),
        csv_file("JulSep2024-portfolio.csv", items_down()),
        csv_file("Apr2022Mar2023-portfolio.csv", teams_down()),
    ],
    ids=["items down", "teams down", "items down, CSV", "teams down, CSV"],
)
def test_either_orientation_says_the_same(raw: RawFile) -> None:
    assert recognise(raw)
    content = parse(raw, Hints())
    assert_darent_valley(content)
    assert set(content.frame["indicator"]) == FOUR
    assert content.layout == "results-portfolio"
    assert [finding for finding in content.findings if finding.severity is not Severity.INFORMATION] == []


def test_the_national_figure_is_not_england() -> None:
    content = parse(quarter(), Hints())
    national = one(content, "SSNAP", words.WITHIN_60_MINUTES)
    assert (national.basis, national.numerator, national.denominator) == (Basis.NATIONAL, 59, 74)
    (organisation,) = [item for item in content.organisations if item.code == "SSNAP"]
    assert organisation.type is OrganisationType.COUNTRY
    assert "ENG" not in set(content.frame["organisation"])


def test_quarters_four_months_and_years_go_by_their_dates() -> None:
    assert set(parse(quarter(), Hints()).frame["period"]) == {Period.quarter(2024, 7).key}
    year = parse(workbook("any.xlsx", {"H": teams_down(period="Apr 2022-Mar 2023")}), Hints())
    assert set(year.frame["period"]) == {Period.financial_year(2022).key}
    four = parse(workbook("any.xlsx", {"H": teams_down(period="Dec 2016-Mar 2017")}), Hints())
    assert {Period.from_key(key).end.isoformat() for key in four.frame["period"]} == {"2017-03-31"}
    assert {Period.from_key(key).start.isoformat() for key in four.frame["period"]} == {"2016-12-01"}


def test_several_years_side_by_side_are_several_periods() -> None:
    rows = items_down(periods=("Apr 2021-Mar 2022", "Apr 2022-Mar 2023"))
    content = parse(workbook("Apr2022Mar2023-AnnualResultsPortfolio.xlsx", {"H": rows}), Hints())
    assert set(content.frame["period"]) == {Period.financial_year(2021).key, Period.financial_year(2022).key}
    assert one(content, "S148", words.WITHIN_60_MINUTES, Period.financial_year(2021)).numerator == 7


def test_a_name_printed_once_over_its_years_is_carried_across() -> None:
    rows = items_down(periods=("Apr 2021-Mar 2022", "Apr 2022-Mar 2023"))
    rows[3] = [cell if place < 4 or place % 2 == 0 else "" for place, cell in enumerate(rows[3])]
    content = parse(workbook("Apr2022Mar2023-AnnualResultsPortfolio.xlsx", {"H": rows}), Hints())
    assert one(content, "S148", words.WITHIN_60_MINUTES, Period.financial_year(2022)).numerator == 7


def test_a_portfolio_without_the_period_of_its_name_is_refused() -> None:
    raw = workbook(
        "Apr2022Mar2023-AnnualResultsPortfolio.xlsx", {"H": teams_down(period="Apr 2021-Mar 2022")}
    )
    with pytest.raises(
        SourceError, match="its name says April 2022 to March 2023, but the file holds April 2021"
    ):
        parse(raw, Hints())


def test_a_portfolio_that_nothing_dates_is_refused() -> None:
    with pytest.raises(SourceError, match=r"portfolio\.xlsx cannot be dated"):
        parse(workbook("portfolio.xlsx", {"H": items_down()}), Hints())


@pytest.mark.parametrize(
    ("missing", "wanted"),
    [
        (("H16.73",), r"H16\.72 to H16\.74 .*data type 'd'"),
        (("H16.1",), r"H16\.1 to H16\.3 .*data type 'n'"),
        (tuple(item[1] for item in ITEMS if item[1] != "H16.4"), r"H16\.1 to H16\.3 .*H16: 'H16\.4'"),
    ],
)
def test_a_portfolio_with_part_of_a_family_or_with_none_is_refused(
    missing: tuple[str, ...], wanted: str
) -> None:
    with pytest.raises(LayoutError, match=f"wanted item {wanted}"):
        parse(workbook(QUARTER, {"H": without(*missing)}), Hints())


@pytest.mark.parametrize(
    ("missing", "said", "left"),
    [
        (
            ("H16.72", "H16.73", "H16.74"),
            "no items 'H16.72 to H16.74 (thrombolysed within 1 hour of clock start)'",
            FOUR - {words.WITHIN_60_MINUTES},
        ),
        (("H16.42",), "'H16.42 (clock start to thrombolysis, median)'", FOUR - {words.DOOR_TO_NEEDLE}),
        (
            tuple(f"H16.{number}" for number in (*range(48, 58), *range(72, 75))),
            "thrombolysed, of eligible patients)', 'H16.72 to H16.74",
            {words.THROMBOLYSED, words.DOOR_TO_NEEDLE},
        ),
    ],
)
def test_a_portfolio_without_a_family_of_items_loads_the_others_and_says_which_are_missing(
    missing: tuple[str, ...], said: str, left: set[str]
) -> None:
    content = parse(workbook("OctDec2024-FullResultsPortfolio.xlsx", {"H": without(*missing)}), Hints())
    assert set(content.frame["indicator"]) == left
    (finding,) = [item for item in content.findings if item.check == "items"]
    assert finding.severity is Severity.WARNING
    assert said in finding.message


def headed(heads: tuple[str, str, str, str], periods: tuple[str, ...] = ()) -> ParsedFile:
    """A portfolio whose national column has these four headings, the last in the row of the teams' names."""
    teams = ((*heads, NATIONAL), *TEAMS[1:])
    return parse(workbook(QUARTER if not periods else "a.xlsx", {"H": items_down(teams, periods)}), Hints())


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize(
    "word", ["National", "Overall", "All teams", "England, Wales and Northern Ireland", ""]
)
@pytest.mark.parametrize("periods", [(), ("Apr 2021-Mar 2022", "Apr 2022-Mar 2023")])
def test_the_national_column_is_named_in_any_heading_row_or_in_none(
    word: str, place: int, periods: tuple[str, ...]
) -> None:
    heads = ["", "", "", ""]
    heads[place] = word
    content = headed((heads[0], heads[1], heads[2], heads[3]), periods)
    held = content.frame[content.frame["organisation"] == "SSNAP"]
    assert set(held["indicator"]) == FOUR
    assert len(held) == 4 * max(1, len(periods))
    assert set(content.frame["organisation_name"]) == {
        "SSNAP national (England, Wales and Northern Ireland)",
        *(team[3].strip() for team in TEAMS[1:]),
    }


def test_overall_printed_once_above_its_years_is_carried_across() -> None:
    rows = items_down(
        (("", "", "Overall", "", NATIONAL), *TEAMS[1:]), ("Apr 2021-Mar 2022", "Apr 2022-Mar 2023")
    )
    rows[2][5] = ""
    content = parse(workbook("Apr2022Mar2023-Portfolio.xlsx", {"H": rows}), Hints())
    assert one(content, "SSNAP", words.WITHIN_60_MINUTES, Period.financial_year(2022)).numerator == 59
    assert set(content.frame.groupby("organisation")["period"].nunique()) == {2}


def test_a_country_above_each_team_does_not_make_its_later_years_national() -> None:
    teams = tuple((*team[:1], "England", *team[2:]) for team in TEAMS)
    rows = items_down(teams, ("Apr 2021-Mar 2022", "Apr 2022-Mar 2023"))
    rows[3] = [cell if place < 4 or place % 2 == 0 else "" for place, cell in enumerate(rows[3])]
    content = parse(workbook("Apr2022Mar2023-Portfolio.xlsx", {"H": rows}), Hints())
    assert one(content, "S148", words.WITHIN_60_MINUTES, Period.financial_year(2022)).numerator == 7


def test_a_column_with_figures_and_a_trust_but_no_team_is_refused() -> None:
    with pytest.raises(LayoutError, match="the name of a team"):
        headed(("", "", "Dartford and Gravesham NHS Trust", ""))


def test_a_hospital_called_national_is_a_team() -> None:
    assert not is_national("National Hospital for Neurology and Neurosurgery")


@pytest.mark.parametrize("names", [("Barking and Dagenham CCG", "Barnet CCG"), ("07L", "07M")])
def test_the_portfolio_by_commissioner_without_its_key_indicators_is_refused(
    names: tuple[str, str],
) -> None:
    heads: list[Cell] = ["Category", "Item Reference", "Item", "Data type", "", *names]
    body: Rows = [["", "F1.1", "Number of stroke patients", "d", 300, 100, 200]]
    raw = workbook("Apr2016Mar2017-CCG.xlsx", {"Casemix": [heads, *body]})
    assert recognise(raw)
    with pytest.raises(SourceError, match=r"wanted one row .*G16\.74"):
        parse(raw, Hints())


def test_section_g_is_no_substitute_for_section_h() -> None:
    rows = [[cell if place != 1 else str(cell).replace("H16", "G16") for place, cell in enumerate(row)]
            for row in items_down()]  # fmt: skip
    with pytest.raises(LayoutError, match=r"wanted item H16\.1 to H16\.3"):
        parse(workbook(QUARTER, {"G": rows}), Hints())


def test_items_are_found_by_reference_wherever_they_stand() -> None:
    head, body = items_down()[:4], items_down()[4:]
    within = body[17:20]
    rest: Rows = [["Key indicator 3.3", "H2.1", "Another item", "n", 9, 9, 9, 9, 9], *body[:17], *body[20:]]
    assert_darent_valley(parse(workbook(QUARTER, {"H": [*head, *within, *rest]}), Hints()))


def test_the_order_within_a_triple_is_that_of_the_data_types() -> None:
    rows = items_down()
    place = next(index for index, row in enumerate(rows) if row[1] == "H16.72")
    for column in range(3, len(rows[0])):
        rows[place][column], rows[place + 1][column] = rows[place + 1][column], rows[place][column]
    assert_darent_valley(parse(workbook(QUARTER, {"H": rows}), Hints()))


def test_an_item_that_bears_another_label_is_refused() -> None:
    rows = relabelled("H16.72", 2, "Thrombectomy given")
    rows = [[cell if cell != "Timeliness" else "" for cell in row] for row in rows]
    with pytest.raises(LayoutError, match=r"row 22: wanted H16\.72 to H16\.74: thrombolysed within 1 hour"):
        parse(workbook(QUARTER, {"H": rows}), Hints())


def test_an_item_that_stands_twice_is_refused() -> None:
    rows = items_down()
    twice = next(row for row in rows if row[1] == "H16.74")
    with pytest.raises(LayoutError, match=r"wanted one row of H16\.72 to H16\.74 .*'%', found 2"):
        parse(workbook(QUARTER, {"H": [*rows, ["Timeliness", *twice[1:]]]}), Hints())


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (
            {"i74": 61.0},
            r"sheet 'H\. Team centred 72h', row 24, column F: wanted 53\.8% from its counts 7 of 13, found",
        ),
        ({"i72": 14}, r"row 22, column F: wanted no more than the denominator 13, found 14"),
        ({"i74": 138.0}, r"row 24, column F: wanted a number from 0 to 100"),
        ({"i72": "seven"}, r"row 22, column F: wanted a number, found 'seven'"),
        ({"i72": 6.5}, r"row 22, column F: wanted a whole number of patients, found '6\.5'"),
        ({"i73": -1}, r"row 23, column F: wanted a number from 0"),
        ({"i42": 0.0368}, r"row 9, column F: wanted minutes or h:mm, found '0\.0368'"),
        ({"i77": 12.0}, r"row 27, column F: wanted 60\.0% from its counts 90 of 150"),
    ],
)
def test_figures_that_cannot_be_are_refused_with_their_place(items: dict[str, Cell], message: str) -> None:
    with pytest.raises(LayoutError, match=message):
        parse(with_team(**items), Hints())


def test_the_place_is_named_as_in_the_file_when_teams_go_down() -> None:
    teams = (TEAMS[0], (*TEAMS[1][:4], changed(DARENT_VALLEY, i74=61.0)))
    raw = workbook("Apr2022Mar2023-Portfolio.xlsx", {"H": teams_down(teams)})
    with pytest.raises(LayoutError, match=r"sheet 'H', row 6, column Z: wanted 53\.8%"):
        parse(raw, Hints())


@pytest.mark.parametrize(
    ("cell", "found"), [("0:55", 55), ("1:05", 65), (time(0, 55), 55), (55, 55), ("55", 55)]
)
def test_a_median_is_minutes_however_printed(cell: Cell, found: float) -> None:
    assert one(parse(with_team(i42=cell), Hints()), "S148", words.DOOR_TO_NEEDLE).value == found


@pytest.mark.parametrize(("cell", "found"), [("53.8%", 53.8), (7 / 13, 100 * 7 / 13), ("53.8", 53.8)])
def test_a_percentage_is_known_by_its_counts_however_printed(cell: Cell, found: float) -> None:
    value = one(parse(with_team(i74=cell), Hints()), "S148", words.WITHIN_60_MINUTES).value
    assert value == pytest.approx(found)


def test_nobody_treated_is_no_percentage() -> None:
    content = parse(with_team(i72=0, i73=0, i74="."), Hints())
    nobody = one(content, "S148", words.WITHIN_60_MINUTES)
    assert (nobody.numerator, nobody.denominator) == (0, 0)
    assert math.isnan(nobody.value)
    assert nobody.missing_reason == words.NOT_APPLICABLE
    assert one(
        parse(with_team(i72=0, i73=0, i74=0), Hints()), "S148", words.WITHIN_60_MINUTES
    ).missing_reason == (words.NO_PATIENTS)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (("S", "S", "S"), words.SUPPRESSED),
        (("", "", "."), words.NOT_APPLICABLE),
        (("Too few to report", "", ""), words.TOO_FEW),
        (("S", 13, ""), words.SUPPRESSED),
    ],
)
def test_a_figure_that_is_not_printed_has_its_reason(cells: tuple[Cell, Cell, Cell], reason: str) -> None:
    content = parse(with_team(i72=cells[0], i73=cells[1], i74=cells[2]), Hints())
    found = one(content, "S148", words.WITHIN_60_MINUTES)
    assert math.isnan(found.value)
    assert found.missing_reason == reason


def test_a_team_reported_separately_is_taken_from_the_other_sheet() -> None:
    elsewhere = tuple((*team[:4], ("Reported separately",) * len(ITEMS)) for team in TEAMS[1:2])
    first = (TEAMS[0], *elsewhere, *TEAMS[2:4])
    raw = workbook(QUARTER, {"H1": items_down(first), "H2": items_down(TEAMS[1:2])})
    assert_darent_valley(parse(raw, Hints()))
    twice = workbook(QUARTER, {"H1": items_down(TEAMS), "H2": items_down(TEAMS[1:2])})
    with pytest.raises(LayoutError, match=r"wanted Darent Valley Hospital once .*, found it twice"):
        parse(twice, Hints())


def rolled(content: ParsedFile) -> pd.DataFrame:
    """Sums as the pipeline writes them, by organisation, of thrombolysis within 60 minutes."""
    known: dict[str, Organisation] = {
        **load_catalogue().organisations,
        **{item.code: item for item in content.organisations},
    }
    whole = roll_up(content.frame, SOURCE.roll_ups, known)
    chosen = whole[(whole["indicator"] == words.WITHIN_60_MINUTES) & whole["derived"]]
    return chosen.set_index("organisation")[["numerator", "denominator"]]


def test_trusts_area_and_england_are_sums_of_counts() -> None:
    sums = rolled(parse(quarter(), Hints()))
    assert tuple(sums.loc["RN7"]) == (7, 13)
    assert tuple(sums.loc["RWF"]) == (24, 30)
    assert tuple(sums.loc["RVV"]) == (28, 31)
    assert tuple(sums.loc["QKS"]) == (59, 74)
    assert tuple(sums.loc["ENG"]) == (59, 74)
    assert set(sums.index) == {"RN7", "RWF", "RVV", "QKS", "ENG"}


def test_sums_leave_out_other_nations_and_teams_that_do_not_routinely_admit() -> None:
    wrexham = (
        ROUTINE,
        "Wales",
        "Betsi Cadwaladr University Health Board",
        "Maelor Hospital",
        INVICTA,
    )
    not_routine = (NON_ROUTINE, *TEAMS[4][1:4], INVICTA)
    content = parse(quarter((*TEAMS[1:4], wrexham, not_routine)), Hints())
    sums = rolled(content)
    assert tuple(sums.loc["RVV"]) == (28, 31)
    assert tuple(sums.loc["ENG"]) == (59, 74)
    assert one(content, "S178", words.WITHIN_60_MINUTES).numerator == 28
    (finding,) = content.findings
    assert finding.severity is Severity.INFORMATION
    assert "Kent and Canterbury Hospital" in finding.message


def test_medians_are_never_added_up() -> None:
    content = parse(quarter(), Hints())
    known = {**load_catalogue().organisations, **{item.code: item for item in content.organisations}}
    whole = roll_up(content.frame, SOURCE.roll_ups, known)
    assert not (whole["derived"] & (whole["indicator"] == words.DOOR_TO_NEEDLE)).any()


def test_a_trust_is_the_one_of_the_period() -> None:
    """Royal Bournemouth General Hospital: RDZ until University Hospitals Dorset (R0D) on 1 October 2020."""
    team = (ROUTINE, "Wessex", "any", "Royal Bournemouth General Hospital", INVICTA)
    old = parse(workbook("JulSep2019-portfolio.xlsx", {"H": items_down((team,))}), Hints())
    assert "RDZ" in rolled(old).index
    new = parse(workbook("JulSep2021-portfolio.xlsx", {"H": items_down((team,))}), Hints())
    assert "R0D" in rolled(new).index
    (bournemouth,) = new.organisations
    assert len(bournemouth.parents) == 2
    assert isinstance(bournemouth.parents[0], Parent)


def test_teams_that_do_not_add_up_to_the_national_figure_are_said() -> None:
    content = parse(quarter(TEAMS[:3]), Hints())
    messages = [finding.message for finding in content.findings]
    assert any("the denominator is 74 nationally, the teams' add up to 43" in message for message in messages)


def test_items_that_count_the_same_patients_differently_are_said() -> None:
    content = parse(with_team(i72=7, i73=14, i74=50.0), Hints())
    messages = [finding.message for finding in content.findings if finding.check == "items agree"]
    assert messages == [
        "denominator of H16.72 to H16.74 and numerator of H16.1 to H16.3 differ: "
        "Darent Valley Hospital, Jul to Sep 2024: 14 against 13"
    ]


def test_the_checks_before_a_load_pass() -> None:
    catalogue = load_catalogue()
    knowledge = Knowledge(catalogue.indicators, catalogue.organisations, lambda *_: None)
    findings = check(parse(quarter(), Hints()), knowledge)
    assert [item for item in findings if item.severity is Severity.ERROR] == []


def test_a_csv_cut_in_mid_row_is_refused() -> None:
    raw = csv_file("JulSep2024-portfolio.csv", items_down())
    cut = RawFile(raw.name, raw.content[: raw.content.index(b"H16.74") + 12])
    with pytest.raises(LayoutError, match="fields, found"):
        parse(cut, Hints())


def test_a_workbook_cut_short_is_refused() -> None:
    raw = quarter()
    assert not recognise(RawFile(raw.name, raw.content[:3000]))
    with pytest.raises(SourceError, match="cut short or damaged"):
        parse(RawFile(raw.name, raw.content[:3000]), Hints())
