"""Trusts that a publisher placed in leagues: each is shown among its own kind, and places with their likely ranges."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from db.domain import Basis, Period
from db.loading.load import load_frame
from db.store import Store, open_store
from etl.source import Hints
from etl.sources.oversight_framework import SOURCE
from tests.etl.sources.oversight_framework.made_up import (
    AMBULANCE,
    COMMUNITY,
    LEAGUE,
    Row,
    place,
    row,
    summary,
    table,
)
from tests.support.frames import file, frame
from tests.support.frames import row as counted
from tests.support.seed import Row as SeedRow
from tests.support.seed import seeded_store
from tests.support.site.page_parts import nodes, title, words
from tests.support.site.pages import page_shown, rows_downloaded

ACUTE_TRUSTS = ("RVV", "RWF", "RPA", "RN7", "RTP", "RXC")


def league_of_acute_trusts() -> list[Row]:
    """Six acute trusts with scores from 1.5 to 2.5, two community trusts and an ambulance trust far from them."""
    scores = {code: f"{1.5 + number / 5:.2f}" for number, code in enumerate(ACUTE_TRUSTS)}
    acute = [
        summary(code, "2.0", score, f"{number}.0") for number, (code, score) in enumerate(scores.items(), 1)
    ]
    plans = [row("RVV", "OF0079", "-6.32"), row("RVV", "OF0081", "-3.66")]
    return [
        *(item for own in acute for item in own),
        *plans,
        row("RTP", "OF4004", "2.0"),
        row("RXY", "OF4004", "3.0", Trust_type=COMMUNITY),
        *summary("RYY", "1.0", "1.1", "1.0", Trust_type=COMMUNITY),
        *summary("RXY", "4.0", "3.9", "2.0", Trust_type=COMMUNITY),
        *summary("RYD", "4.0", "4.0", "1.0", Trust_type=AMBULANCE),
    ]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The data file of a quarter, and the league table of the community trusts."""
    opened = open_store(f"sqlite:///{tmp_path_factory.mktemp('leagues') / 'store.sqlite'}")
    league = [place("RYY", "1.1", "1.0", "1.0", "1 to 2"), place("RXY", "3.9", "4.0", "2.0", "1 to 2")]
    league = [{**item, "Likely_range_of_average_score": "1 to 4"} for item in league]
    for raw in (table(league_of_acute_trusts()), table(league, LEAGUE)):
        frame = SOURCE.parse(raw, Hints()).frame
        with opened.writing() as connection:
            load_frame(connection, frame, file(), catalogue=opened.catalogue, withdraws_absent=False)
    yield opened
    opened.close()


def scores_shown(store: Store, query: str) -> dict[str, str]:
    """The scores in the ranking of a comparison, by trust."""
    rows = rows_downloaded(store, "/variation", f"?indicator=oversight-average-score&sheet=ranked{query}")
    return {item["organisation_code"]: item["value"] for item in rows}


def test_trusts_are_compared_with_their_own_kind_only(store: Store) -> None:
    assert set(scores_shown(store, "")) == set(ACUTE_TRUSTS)
    assert set(scores_shown(store, "&by=mental-health-and-community-trust")) == {"RYY", "RXY"}
    assert set(scores_shown(store, "&by=ambulance-trust")) == {"RYD"}
    assert set(scores_shown(store, "&by=trust&organisation=RXY")) == {"RYY", "RXY"}, "trusts are three kinds"
    said = words(page_shown(store, "/variation", "?indicator=oversight-average-score"))
    assert "6 acute trusts; no intervals: published without counts" in said


def test_the_kind_first_shown_is_one_that_a_trust_of_ours_is_of(store: Store) -> None:
    rows = rows_downloaded(store, "/variation", "?indicator=oversight-domain-people&sheet=ranked")
    assert {item["organisation_code"] for item in rows} == {"RXY"}, "of acute trusts only RTP has a figure"


def test_the_middle_of_a_kind_is_of_that_kind(store: Store) -> None:
    rows = rows_downloaded(store, "/organisation", "?organisation=RVV&sheet=profile")
    score = next(item for item in rows if item["indicator"] == "oversight-average-score")
    assert (score["value"], score["compared_value"]) == ("1.5", "2.0"), "with the others it would be 2.1"
    assert score["compared_with"] == "Median acute trust"
    assert score["compared"] == "", "a score is not judged"
    said = words(page_shown(store, "/organisation", "?organisation=RVV"))
    assert "Median acute trust" in said
    assert "Median trust" not in said, "the choice is named as the table names it"
    segment = next(item for item in rows if item["indicator"] == "oversight-segment")
    assert segment["compared_with"] == "", "segments have no middle"


def test_a_place_stands_with_its_likely_range_and_has_no_limits(store: Store) -> None:
    page = page_shown(store, "/trend", "?indicator=oversight-league-place&organisation=RXY")
    said = words(page)
    assert title(page) == "Kent and Medway Mental Health: League place, 2 in January to March 2026"
    assert "of 2 mental health and community trusts · likely range by NHS England 1 to 2" in said
    assert "Published likely range by NHS England" in said
    assert "95%" not in said
    assert "Places say who is before and behind, and are not a measure, so no limits are drawn" in said
    assert "Process limits" not in said


def test_intervals_are_said_to_be_published_only_where_they_are(store: Store) -> None:
    place_of = "?indicator=oversight-league-place&by="
    assert "with the intervals that are published" in words(
        page_shown(store, "/variation", f"{place_of}mental-health-and-community-trust")
    )
    assert "with the intervals that are published" not in words(
        page_shown(store, "/variation", f"{place_of}acute-trust")
    )


def test_a_share_of_turnover_is_said_with_its_sign_and_as_the_publisher_gives_it(store: Store) -> None:
    page = page_shown(store, "/trend", "?indicator=finance-variance-to-plan&organisation=RVV")
    assert (
        title(page)
        == "East Kent: Variance to plan, year to date, −3.66% of turnover in January to March 2026"
    )
    said = words(page)
    assert "Each figure is of the year to date and holds the one before it, so no limits are drawn" in said
    assert "Compare with Nobody" in said, "no figure of England is published"
    assert "−3.66% of turnover" in words(page_shown(store, "/organisation", "?organisation=RVV"))


@pytest.mark.parametrize(
    ("ours", "compared"),
    [
        (["E10000016", "E12000008"], "Recorded smokers (general practice): Kent is similar to England"),
        (
            ["E12000008"],
            "Recorded smokers (general practice): South East (statistical region) is similar to England",
        ),
    ],
)
def test_a_comparison_opens_with_a_kind_of_which_ours_have_a_figure(
    tmp_path: Path, ours: list[str], compared: str
) -> None:
    year = Period.financial_year(2019)
    figures = {"00L": 200, "91Q": 170, "ENG": 150, **dict.fromkeys(ours, 165)}
    rows = [
        SeedRow("smoking-prevalence-qof", code, year, count, 1_000, basis=Basis.RESIDENCE)
        for code, count in figures.items()
    ]
    opened = seeded_store(tmp_path / "store.sqlite", rows)
    assert title(page_shown(opened, "/variation", "?indicator=smoking-prevalence-qof")) == compared
    opened.close()


def test_what_is_judged_beside_england_is_said_to_be_so_among_medians_of_a_kind(tmp_path: Path) -> None:
    opened = open_store(f"sqlite:///{tmp_path}/store.sqlite")
    faster = [counted("RYY", 900, 1000), counted("ENG", 7_000, 10_000, basis="national")]
    domains = [
        row(code, f"OF400{number}", f"{2 + place / 10:.1f}", Trust_type=COMMUNITY)
        for place, code in enumerate(("RYY", "RXY", "RWK", "RX2", "RW1", "RNU"))
        for number in (0, 2, 3, 4)
    ]
    for found in (SOURCE.parse(table(domains), Hints()).frame, frame(*faster)):
        with opened.writing() as connection:
            load_frame(connection, found, file(), catalogue=opened.catalogue, withdraws_absent=False)
    said = words(page_shown(opened, "/organisation", "?organisation=RYY"))
    opened.close()
    assert "Against Median mental health and community trust, every indicator" in said
    assert "One indicator is better than England." in said
    assert "Furthest better than England" in said


def test_panels_end_with_numbers_that_have_room_and_phones_name_years_in_short(tmp_path: Path) -> None:
    years = [Period.of_years(date(first, 1, 1), 3) for first in (2020, 2021)]
    rows = [
        SeedRow("life-expectancy-at-birth-male", code, year, None, None, value=value, basis=Basis.RESIDENCE)
        for code, value in {"E10000016": 79.4, "E06000035": 77.6, "ENG": 78.0}.items()
        for year in years
    ]
    rows += [
        SeedRow("smoking-prevalence-qof", "E10000016", Period.financial_year(first), 165, 1_000)
        for first in (2018, 2019)
    ]
    opened = seeded_store(tmp_path / "store.sqlite", rows)
    page = page_shown(opened, "/variation", "?indicator=life-expectancy-at-birth-male")
    (drawn,) = (
        b64decode(item["props"]["src"].partition(",")[2]).decode()
        for item in nodes(page, "Img")
        if "Medway, " in item["props"]["alt"]
    )
    assert ">77.6<" in drawn
    assert "77.6 years<" not in drawn
    small = page_shown(
        opened, "/trend", "?indicator=smoking-prevalence-qof&organisation=E10000016", width="phone"
    )
    assert "Two years to 2019/20" in words(small)
    opened.close()
