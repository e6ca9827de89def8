"""The Case for Change, tracked: over the overview's store with known numbers, on a known day."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from db.catalogue.challenges import challenges_of
from db.domain import Basis, Maturity, Period
from db.settings import load_settings
from db.store import Store
from stp_dash.charts.svg.sparkline import WIDTH
from stp_dash.charts.theme import GREY
from stp_dash.frame.request import Site
from stp_dash.pages.overview.challenges.row import challenge_row
from stp_dash.pages.overview.challenges.words import absence
from tests.stp_dash.pages.overview.test_page import rows_of_the_store, site_of
from tests.support.seed import (
    FDS,
    GPS,
    NURSES,
    TREATED_31,
    TREATED_62,
    WITHIN_60,
    Row,
    seeded_store,
    store_for_a_module,
)
from tests.support.site.page_parts import nodes, plain, title, words
from tests.support.site.pages import page_at, rows_downloaded

QUERIES = 6
PROJECTED = "resident-population-projected-2014-based"
RTT = "rtt-within-18-weeks"


RESIDENTS = {
    "E10000016": {2018: 1_568_623.0, 2019: 1_581_555.0},
    "E06000035": {2018: 277_855.0, 2019: 278_556.0},
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    people = [
        Row(
            "resident-population",
            code,
            Period.snapshot(date(year, 6, 30)),
            None,
            None,
            value=value,
            basis=Basis.RESIDENCE,
        )
        for code, years in RESIDENTS.items()
        for year, value in years.items()
    ]
    projected = [
        Row(
            PROJECTED,
            code,
            Period.snapshot(date(year, 6, 30)),
            None,
            None,
            value=value,
            basis=Basis.RESIDENCE,
        )
        for code, years in {
            "E10000016": {2019: 1_570_000.0, 2039: 1_800_000.0},
            "E06000035": {2039: 300_000.0},
        }.items()
        for year, value in {2019: 280_000.0, **years}.items()
    ]
    year = Period.financial_year(2025)
    plans = [
        Row("finance-planned-surplus-deficit", code, year, None, None, value=value)
        for code, value in {"RVV": -6.32, "RWF": 0.0, "RPA": -9.07, "RN7": -4.94}.items()
    ]
    rows = [*rows_of_the_store(), *people, *projected, *plans]
    yield from store_for_a_module(tmp_path_factory, "challenges", rows, demonstration=True)


def shown(store: Store, search: str = "", width: Any = "desktop") -> dict[str, Any]:
    return plain(page_at(site_of(store), "/challenges", search, width))


def row_of(page: dict[str, Any], number: int) -> str:
    return next(
        text for item in nodes(page, "Tr") if (text := " ".join(words(item).split())).startswith(f"{number} ")
    )


def headings(page: dict[str, Any]) -> list[str]:
    return [words(item) for item in nodes(page, "Tr") if item["props"].get("className") == "g"]


def test_the_title_counts_what_the_rows_say(store: Store) -> None:
    page = shown(store)
    assert title(page) == (
        "Of nine challenges named in 2017 one shows signs of worsening and two have too few figures to say; "
        "five have no figure here and one is quoted only"
    )
    assert headings(page) == [
        "Signs of worsening",
        "Too few figures to say",
        "Without a figure here",
        "Quoted only: no open figure means the same",
    ]
    counts = [words(item) for item in nodes(page, "H2") if item["props"].get("className") == "way"]
    assert [int(text.split()[0]) for text in counts] == [1, 2, 5, 1]


def test_a_rate_of_councils_stands_for_them_and_is_not_added_up(tmp_path: Path) -> None:
    year = Period.of_years(date(2024, 1, 1), 1)
    values = {"E10000016": 140.1, "E06000035": 165.7, "ENG": 145.8}
    rates = [
        Row("preventable-mortality-under-75", code, year, None, None, value=value, basis=Basis.RESIDENCE)
        for code, value in values.items()
    ]
    store = seeded_store(tmp_path / "store.sqlite", [*rows_of_the_store(), *rates])
    page = shown(store)
    store.close()
    assert (
        "one is published for parts of the area only; four have no figure here and one is quoted only"
        in title(page)
    )
    assert "Published for parts of the area only" in headings(page)
    assert (
        "Preventable deaths under 75, 2024, deaths per 100,000 people: Kent 140.1, 5.7 below England; and Medway "
        "165.7, 19.9 above England. Not added up to the area. Each of them"
    ) in row_of(page, 1)


def test_a_challenge_is_followed_by_a_number_that_has_no_standard(tmp_path: Path) -> None:
    month, values = Period.month(2024, 1), {"QKS": 479.1, "RVV": 184.4, "RN7": 39.5, "ENG": 13_708.8}
    people = [
        Row("discharge-remaining-daily-average", code, month, None, None, value=value)
        for code, value in values.items()
    ]
    store = seeded_store(tmp_path / "store.sqlite", [*rows_of_the_store(), *people])
    page = shown(store)
    store.close()
    followed = row_of(page, 4)
    assert "479.1" in followed
    assert "No standard" in followed
    assert "East Kent 184.4" in followed
    assert "fewer, and not comparable" in followed


def test_what_stands_behind_all_has_figures_and_no_verdict(store: Store) -> None:
    page = shown(store)
    text = " ".join(" ".join(words(item).split()) for item in nodes(page, "Section"))
    assert "By councils" in text
    behind = text[text.index("More of us, and older") :]
    for part in ("Residents 1,860,111 30 Jun 2019, final", "Medway 278,556", "Kent 1,581,555"):
        assert part in behind, behind
    assert (
        "Residents projected, 2014-based: 2,100,000 on 30 June 2039. For 30 June 2019 it has 1,850,000; 1,860,111 were "
        "estimated."
    ) in behind
    assert "Too few" not in behind[: behind.index("How to read")]
    (row,) = [
        item
        for item in rows_downloaded(store, "/challenges", "?sheet=challenges")
        if item["indicator"] == "resident-population"
    ]
    assert (row["value"], row["direction"]) == ("1860111.0", "Behind all, without a verdict")


def test_one_figure_that_worsens_makes_its_challenge_worsen_and_the_others_stand_beside_it(
    store: Store,
) -> None:
    row = row_of(shown(store), 7)
    for part in (
        "28-day faster diagnosis 70.9% 6,541 of 9,224 Aug 2026, provisional",
        "Worse since January 2026",
        "Also: 31-day treatment: steady, passes; 62-day treatment: steady, fails.",
        "839 patients short of the 80% standard",
        "1 of 4 meets it",
    ):
        assert part in row, row


def test_figures_that_go_both_ways_are_said_to_and_the_most_urgent_leads(tmp_path: Path) -> None:
    rows = [
        replace(row, numerator=1_890 + row.period.start.month % 3)
        if (row.indicator, row.organisation) == (TREATED_31, "QKS") and row.period.start >= date(2026, 1, 1)
        else row
        for row in rows_of_the_store()
    ]
    store = seeded_store(tmp_path / "store.sqlite", rows)
    page = shown(store)
    store.close()
    assert title(page).startswith(
        "Of nine challenges named in 2017 one has figures that are better and figures that are worse, and two "
    )
    assert headings(page)[0] == "Some figures better, some worse"
    row = row_of(page, 7)
    assert "28-day faster diagnosis 70.9%" in row
    assert (
        "Also: 31-day treatment: better since January 2026, passes; 62-day treatment: steady, fails." in row
    )


def test_only_the_sources_own_words_stand_in_inverted_commas(store: Store) -> None:
    page = shown(store)
    assert "“Across Kent and Medway there are 245 fewer GPs and 37 practice nurses" in row_of(page, 2)
    assert "“" not in row_of(page, 5)
    assert "24 March 2017 (in our words)" in row_of(page, 5)


def test_what_has_no_figure_says_why_and_draws_nothing(store: Store) -> None:
    page = shown(store)
    money = row_of(page, 9)
    assert "No open figure means the same. For context, not this claim's measure." in money
    assert "East Kent −6.32%" in money
    assert "Not added up to the area. Each of them" in money
    assert row_of(page, 3).endswith(
        "No figure of the area is held of what follows it: Avoidable admissions, chronic conditions; Avoidable "
        "admissions, acute conditions."
    )
    assert "this site does not read it yet" not in words(page)
    given = challenges_of("QKS")
    assert given is not None
    unread = given.background[0].model_copy(update={"indicators": (), "next_figure": "a figure of theirs"})
    told = absence(challenge_row(unread, {}, {}, (date(2017, 1, 1), date(2026, 9, 30))))
    assert (
        told
        == "No figure here yet. The nearest open one is a figure of theirs; this site does not read it yet."
    )
    assert row_of(page, 6).endswith(
        "No figure of the area is held of what follows it: Within 18 weeks; Over 6 weeks for a test."
    )


def test_by_number_the_challenges_stand_in_their_order(store: Store) -> None:
    page = shown(store, "?order=number")
    assert headings(page) == ["In the order of 2017"]
    found = [
        words(nodes(item, "Th")[0]).split()[0]
        for item in nodes(page, "Tr")
        if nodes(item, "Th") and nodes(item, "Th")[0]["props"].get("scope") == "row"
    ]
    assert found == [str(number) for number in range(1, 10)]
    assert title(page) == title(shown(store))


def test_the_line_lies_on_an_axis_from_2017_to_the_day_of_the_page(store: Store) -> None:
    """April 2023 lies 75 months after January 2017, August 2026 115, and October 2026 ends the axis with 118."""
    pictures = [item["props"] for item in nodes(shown(store), "Img")]
    (drawn,) = [item for item in pictures if item.get("alt", "").startswith("28-day faster diagnosis, ")]
    assert drawn["alt"].startswith("28-day faster diagnosis, Apr 2023 to Aug 2026: between 70.9% and ")
    svg = b64decode(drawn["src"].partition(",")[2]).decode()
    lines = re.findall(rf'<path d="M([^"]+)" fill="none" stroke="{GREY}" stroke-width="1.75"', svg)
    places = [float(point.split()[0]) for line in lines for point in line.split("L")]
    room = WIDTH - 14
    assert places[0] == pytest.approx(4 + room * 75 / 118, abs=0.06)
    assert places[-1] == pytest.approx(4 + room * 115 / 118, abs=0.06)


def test_the_download_has_each_challenge_with_every_figure_that_follows_it(store: Store) -> None:
    rows = rows_downloaded(store, "/challenges", "?sheet=challenges")
    by_indicator = {row["indicator"]: row for row in rows if row["indicator"]}
    assert {FDS, GPS, NURSES, WITHIN_60} <= set(by_indicator)
    assert (by_indicator[FDS]["numerator"], by_indicator[FDS]["denominator"]) == ("6541.0", "9224.0")
    assert float(by_indicator[FDS]["short_of_standard"]) == 839
    assert len({row["challenge"] for row in rows}) == 10, "nine, and what stands behind them"
    assert {row["claim_answer"] for row in rows} == {
        "Published data show it",
        "Can only be followed",
        "Cannot be followed",
    }


def test_an_earlier_month_is_judged_by_what_was_known_of_it(store: Store) -> None:
    page = shown(store, "?period=2025-12")
    assert "beside the figures of December 2025. " in str(page)
    assert "2017 to Dec 2025" in str(page)
    assert "28-day" in row_of(page, 7)
    assert "Aug 2026" not in row_of(page, 7)


def test_a_month_before_the_challenges_were_named_draws_no_line(tmp_path: Path) -> None:
    """Figures of 2016, and after them only months without one: nothing to draw is no error."""
    rows = [
        Row(TREATED_62, "QKS", Period.month(2016, month), 70, 100, basis=Basis.COMMISSIONER)
        for month in (5, 6)
    ]
    rows += [
        replace(rows[0], period=Period.month(2017, month), numerator=None, denominator=None)
        for month in (2, 3)
    ]
    store = seeded_store(tmp_path / "store.sqlite", rows)
    for search in ("?period=2016-05", ""):
        assert "challenges named in 2017" in title(shown(store, search))
    store.close()


def test_on_a_phone_what_worsens_is_open_and_the_rest_folds(store: Store) -> None:
    rows = {}
    for item in nodes(shown(store, "", "phone"), "Details"):
        names = [words(part) for part in nodes(item, "Span") if part["props"].get("className") == "nm"]
        if names:
            rows[names[0].split()[0]] = bool(item["props"].get("open"))
    assert rows == {str(number): number == 7 for number in range(1, 10)}


def test_the_page_asks_a_few_questions(store: Store) -> None:
    site = site_of(store)
    page_at(site, "/challenges", "")
    asked: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *found: asked.append(str(found[2])))
    page_at(site, "/challenges", "?order=number")
    assert len([item for item in asked if item != "BEGIN"]) <= QUERIES


def test_an_area_without_a_list_says_so(store: Store) -> None:
    settings = load_settings()
    elsewhere = settings.model_copy(
        update={"area": settings.area.model_copy(update={"code": "QNX", "commissioner": ""})}
    )
    site = Site(store, elsewhere, today=lambda: date(2026, 10, 20))
    page = plain(page_at(site, "/challenges", ""))
    assert title(page) == "No challenges are listed for Sussex"
    addresses = [item["props"]["href"] for item in nodes(page, "Link")]
    assert {"/?area=QNX", "/challenges?area=QKS"} <= set(addresses), "where there is something"
    (bar,) = [item for item in nodes(page, "Div") if item["props"].get("className") == "filters"]
    assert nodes(bar, "Select") == [], "its period and parts would change nothing"
    phone = plain(page_at(site, "/challenges", "", "phone"))
    (bar,) = [item for item in nodes(phone, "Div") if item["props"].get("className") == "filters"]
    assert words(nodes(bar, "Summary")[0]) == "Sussex Change", "the area can be switched"


def test_the_line_says_where_the_area_goes_on_under_another_code(tmp_path: Path) -> None:
    """The CCG of April 2020 stood for the area until its board began in July 2022."""
    months = [Period.month(2022, number) for number in range(4, 10)]
    rows = [
        Row(FDS, "91Q" if n < 3 else "QKS", month, 700 + n, 1_000, basis=Basis.COMMISSIONER)
        for n, month in enumerate(months)
    ]
    store = seeded_store(tmp_path / "store.sqlite", rows)
    (drawn,) = [alt for item in nodes(shown(store), "Img") if "Sep 2022" in (alt := item["props"]["alt"])]
    store.close()
    assert drawn == "28-day faster diagnosis, Apr 2022 to Sep 2022: between 70.0% and 70.5%; 91Q → QKS"


def test_what_ended_says_how_it_was_when_it_was_said(tmp_path: Path) -> None:
    residents, year = "stroke-residents-thrombolysis-within-60-minutes", Period.financial_year(2015)
    counts = {
        "09C": (14, 27),
        "09E": (11, 32),
        "09J": (4, 12),
        "09W": (7, 32),
        "10A": (31, 51),
        "10D": (5, 14),
    }
    counts |= {"10E": (16, 31), "99J": (25, 51)}
    rows = [
        Row(residents, code, year, within, treated, basis=Basis.RESIDENCE, maturity=Maturity.FINAL)
        for code, (within, treated) in counts.items()
    ]
    nation = Row(residents, "SSNAP", year, None, 9109, value=58.4, basis=Basis.NATIONAL)
    store = seeded_store(tmp_path / "store.sqlite", [*rows_of_the_store(), *rows, nation])
    (told,) = {
        row["claim_baseline"]
        for row in rows_downloaded(store, "/challenges", "?sheet=challenges")
        if row["claim_baseline"]
    }
    for width in ("desktop", "phone"):
        assert told in " ".join(words(shown(store, "", width)).split())
    whole, month = (" ".join(words(shown(store, search)).split()) for search in ("", "?period=2026-08"))
    store.close()
    assert told == (
        "Baseline, 2015/16. Thrombolysis within 60 minutes of arrival, by where patients live: 45.2% (113 of 250), "
        "13.2 points below SSNAP national; eight CCGs from Medway 21.9% to South Kent Coast 60.8%."
    )
    assert told in month
    assert "Sentinel Stroke National Audit Programme (SSNAP)" in whole
