"""The trend page: its finding, its chart, its table and its downloads all say what the statistics say."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from db.domain import ENGLAND, Basis, Maturity, Period
from db.domain.decision import EventWords
from db.figures.decisions.events import record_event
from db.figures.decisions.rebases import record_rebase
from db.settings import load_settings
from db.store import Store
from stp_dash.frame.request import Site
from tests.support.plain_spc import plain_analyse
from tests.support.seed import (
    ELIGIBLE,
    FDS,
    GPS,
    LEVEL,
    TREATED_31,
    TREATED_62,
    WITHIN_60,
    Row,
    months,
    ordinary_rows,
    seeded_store,
    store_for_a_module,
    stroke_rows,
    three_subjects,
)
from tests.support.site.page_parts import nodes, plain, title, words
from tests.support.site.pages import download_at, page_at, page_shown

PageAt = Callable[..., dict[str, Any]]

TOLD = [75.0, 74.0, 76.0, 75.5, 74.5, 76.5, 75.0, 74.2, 75.8, 75.4, 74.6, 76.1, 74.9, 75.2, 74.4, 75.9, 75.1,
        74.8, 76.2, 75.3, 74.7, 75.6, 75.0, 74.3, 76.0, 75.2, 74.9, 72.4, 72.0, 71.8, 72.6, 71.5, 72.2, 71.0,
        70.9]  # fmt: skip
"""October 2023 to August 2026, in per cent: eight months below the mean at the end, so getting worse."""
STEADY = [97.0 + (place * 7 % 5) / 5 for place in range(35)]
"""31-day treatment in the same months: always above 96%."""


def worsening_rows() -> list[Row]:
    rows: list[Row] = []
    for place, item in enumerate(months(Period.month(2023, 10), 35)):
        late = item.start >= date(2026, 4, 1)
        maturity = Maturity.PROVISIONAL if late else Maturity.FINAL
        for code, value in ((FDS, TOLD[place]), (TREATED_31, STEADY[place])):
            rows += [
                Row(code, "QKS", item, value * 90, 9_000, basis=Basis.COMMISSIONER, maturity=maturity),
                Row(code, ENGLAND, item, 760_000, 1_000_000, basis=Basis.NATIONAL, maturity=maturity),
                Row(code, "RVV", item, value * 40, 4_000, maturity=maturity),
                Row(code, "Y59", item, 78_000, 100_000, basis=Basis.COMMISSIONER, maturity=maturity),
            ]
    return rows


@pytest.fixture(scope="module")
def worse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = seeded_store(tmp_path_factory.mktemp("trend") / "worse.sqlite", worsening_rows())
    with store.writing() as connection:
        for code, day, text in (
            ("RVV", date(2026, 1, 12), "Endoscopy rooms closed for refit"),
            (None, date(2024, 1, 3), "Industrial action, 3 to 9 January"),
        ):
            given = EventWords(day, text, "Chief operating officer", organisation=code)
            record_event(connection, given)
        record_rebase(
            connection,
            indicator_code=FDS,
            organisation_code="RVV",
            on=date(2025, 3, 1),
            reason="One-stop clinics at all sites, funded for three years",
            role="Head of cancer services",
        )
    yield store
    store.close()


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    yield from store_for_a_module(tmp_path_factory, "trend", three_subjects(), demonstration=True)


def shown_at(store: Store, search: str = "", width: Any = "desktop") -> dict[str, Any]:
    return page_shown(store, "/trend", search, width)


@pytest.fixture
def page(worse: Store) -> PageAt:
    return lambda search="", width="desktop": shown_at(worse, search, width)


@pytest.fixture
def subject(three: Store) -> PageAt:
    return lambda search="", width="desktop": shown_at(three, search, width)


def figure_of(shown: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = nodes(shown, "Graph")[0]["props"]["figure"]
    return found


def trace(shown: dict[str, Any], name: str) -> dict[str, Any]:
    return next(item for item in figure_of(shown)["data"] if item["name"] == name)


def labels(shown: dict[str, Any]) -> list[str]:
    return [mark["text"] for mark in figure_of(shown)["layout"]["annotations"]]


def card(shown: dict[str, Any], heading: str) -> str:
    """The words of the card with a heading, "" if there is none."""
    for item in nodes(shown, "Section"):
        heads = nodes(item, "H2")
        if heads and words(heads[0]) == heading:
            return " ".join(words(item).split())
    return ""


def table_rows(shown: dict[str, Any], caption: str = "") -> list[str]:
    return [" ".join(words(item).split()) for item in nodes(nodes(shown, "Table"), "Tr")]


def downloaded(store: Store, search: str) -> list[dict[str, str]]:
    found = download_at(Site(store, load_settings()), "/trend", f"{search}&sheet=trend", "csv")
    assert found is not None
    lines = found[1].decode("utf-8-sig").splitlines()
    return list(
        csv.DictReader(io.StringIO("\n".join(line for line in lines if not line.startswith(('"#', "#")))))
    )


# --- the finding ---------------------------------------------------------------------------------------------------


def test_the_title_is_the_finding(page: PageAt) -> None:
    assert title(page()) == (
        "28-day faster diagnosis has been lower since January 2026, 71.8% against 75.2% before, "
        "819 patients short of 80%"
    )
    assert title(page(f"?indicator={TREATED_31}")) == ("31-day treatment is steady, 96% met by 144 patients")


def test_another_organisation_is_named_in_the_title(page: PageAt) -> None:
    assert title(page(f"?indicator={TREATED_31}&organisation=RVV")).startswith("East Kent: 31-day treatment")


def test_the_key_figures_hold_value_standard_gap_and_both_icons_in_words(page: PageAt) -> None:
    strip = nodes(page(), "Dl")[0]
    told = " ".join(words(strip).split())
    assert told.startswith(
        "August 2026, provisional 70.9% 6,381 of 9,000 Standard 80% since 1 April 2026 · 75% before"
    )
    assert "Gap 819 patients short of the 80% standard" in told
    assert "Variation Worse since January 2026 shift since January 2026" in told
    assert "Assurance Fails upper limit" in told
    assert len(nodes(strip, "Img")) == 2


def test_the_sentence_says_the_run_the_limits_and_how_often_it_was_met(page: PageAt) -> None:
    points, _, _, _ = plain_analyse(TOLD, "increase", 80.0)
    mean, upper = points[0][1], points[0][3]
    text = words(page())
    assert (
        f"It has been below its mean of {mean:.1f}% since January 2026: 71.8% on average since then" in text
    )
    assert f"Even the best month within its limits, {upper:.1f}%, is below the standard of 80%." in text
    met = sum(v >= (75.0 if place < 30 else 80.0) for place, v in enumerate(TOLD))
    assert f"The standard was met in {met} of the 35 months with a figure and a standard." in text


def test_too_few_values_say_so_and_no_verdict_is_given(tmp_path: Path) -> None:
    few = [row for row in worsening_rows() if row.period.start >= date(2026, 1, 1)]
    store = seeded_store(tmp_path / "few.sqlite", few)
    shown = shown_at(store, f"?indicator={FDS}")
    assert title(shown) == "28-day faster diagnosis, 70.9% in August 2026, 819 patients short of 80%"
    text = words(shown)
    assert "Eight months are too few to say whether it is changing: 13 are needed." in text
    assert "Trial limits: fewer than 13 values." in text
    assert any(label.startswith("Trial limit") for label in labels(shown))
    other = shown_at(store, f"?indicator={FDS}&rules=nhs-r")
    assert "trial limits from 8 values, to be read with care" in words(other).lower()
    store.close()


# --- the chart, the table and the downloads are one result -----------------------------------------------------------


def test_chart_table_and_download_hold_the_limits_of_the_rules_written_out_slowly(
    worse: Store, page: PageAt
) -> None:
    points, types, variation, assurance = plain_analyse(TOLD, "increase", 80.0)
    assert (variation, assurance) == ("concern_low", "fail")
    shown, rows = page(f"?indicator={FDS}"), downloaded(worse, f"?indicator={FDS}")
    assert len(rows) == 35
    for row, point, kind, value in zip(reversed(rows), points, types, TOLD, strict=True):
        assert float(row["value"]) == pytest.approx(value)
        assert float(row["mean"]) == pytest.approx(point[1])
        assert float(row["lower_process_limit"]) == pytest.approx(point[2])
        assert float(row["upper_process_limit"]) == pytest.approx(point[3])
        assert row["point_type"] == kind
        assert (row["signal_words"] != "") == (kind != "common_cause")
    drawn = {
        round(x): y
        for item in figure_of(shown)["data"]
        if item.get("mode") == "markers" and item["name"] != "Events"
        for x, y in zip(item["x"], item["y"], strict=True)
    }
    assert [drawn[x] for x in sorted(drawn)] == pytest.approx(TOLD)
    worse_points = trace(shown, "Concern signal")["y"] + trace(shown, "Concern signal, provisional")["y"]
    concerning = [v for v, kind in zip(TOLD, types, strict=True) if kind == "concern"]
    assert sorted(worse_points) == pytest.approx(sorted(concerning))
    upper = [y for y in trace(shown, "Upper process limit")["y"] if y is not None]
    assert upper == pytest.approx([points[0][3]] * 2)
    assert f"Upper limit {points[0][3]:.1f}%" in labels(shown)
    assert f"Mean {points[0][1]:.1f}%" in labels(shown)


def test_the_table_tab_holds_every_month_with_limits_point_and_reason(page: PageAt) -> None:
    rows = table_rows(page(f"?indicator={FDS}&table=trend"))
    points, _, _, _ = plain_analyse(TOLD, "increase", 80.0)
    assert len(rows) == 36
    assert rows[0].split(" ")[:2] == ["Period", "Value"]
    limits = f"{points[0][2]:.1f}% to {points[0][3]:.1f}%"
    assert rows[1].startswith("Aug 2026 70.9% 6,381 9,000 70.0% to 71.8% 80% 819 short")
    assert f"{limits} Concern signal" in rows[1]
    assert "Shift: one of eight below the mean" in rows[1]
    assert rows[1].endswith("76.0% provisional seeded-file.xlsx")
    assert "Common cause" in rows[-1]


def test_the_short_table_leads_to_the_whole_and_to_both_files(page: PageAt) -> None:
    shown = page(f"?indicator={FDS}")
    assert len(table_rows(shown)) == 13
    links = {words(item): item["props"]["href"] for item in nodes(shown, "Link")}
    assert links["Show all 35 months"] == f"/trend?indicator={FDS}&organisation=QKS&table=trend"
    files = {words(item): item["props"].get("href", "") for item in nodes(shown, "A")}
    assert files["CSV"] == f"/download/trend.csv?indicator={FDS}&organisation=QKS&sheet=trend"
    assert files["XLSX"].startswith("/download/trend.xlsx")


def test_why_points_are_marked_has_each_signal_with_dates_and_rule(page: PageAt) -> None:
    told = card(page(), "Why points are marked")
    assert "January to August 2026 Concern signal: eight months in a row below the mean" in told
    assert "(shift)" in told


def test_the_rules_are_a_choice_that_every_link_keeps_and_the_chart_names(page: PageAt) -> None:
    shown = page(f"?indicator={FDS}&rules=nhs-r")
    assert "NHS-R rules: outlying moving ranges are left out once" in words(shown)
    hrefs = [item["props"]["value"] for item in nodes(shown, "Option")]
    assert hrefs
    assert all("rules=nhs-r" in address for address in hrefs)
    assert "National Making Data Count rules" in words(page(f"?indicator={FDS}"))


def test_events_are_rings_on_the_chart_and_a_list_beside_it(page: PageAt) -> None:
    area, trust = page(f"?indicator={FDS}"), page(f"?indicator={FDS}&organisation=RVV")
    told = card(area, "Notes on the chart")
    assert told.startswith("Notes on the chart 1 December 2022 to July 2024. Industrial action in the NHS")
    assert "3 to 8 January 2024: junior doctors wired-gov.net" in told
    assert "2 January 2024. Industrial action, 3 to 9 January Chief operating officer" in told
    assert "An event explains nothing by itself and changes no limit." in told
    assert "3 January 2026. Endoscopy rooms closed for refit" in card(trust, "Notes on the chart")
    assert "Endoscopy" not in told
    rings = trace(trust, "Events")["x"]
    assert len(rings) == 3
    assert {"<b>1</b>", "<b>2</b>", "<b>3</b>"} <= set(labels(trust))
    january_2024 = 2024 * 12
    assert january_2024 - 0.5 <= rings[1] < january_2024


# --- restarts -----------------------------------------------------------------------------------------------------


def test_a_recorded_decision_restarts_the_limits_and_says_who_and_why(page: PageAt) -> None:
    shown = page(f"?indicator={FDS}&organisation=RVV")
    points, _, variation, assurance = plain_analyse(TOLD, "increase", 80.0, [17])
    assert (variation, assurance) == ("concern_low", "fail")
    upper = [y for y in trace(shown, "Upper process limit")["y"] if y is not None]
    assert upper == pytest.approx([points[0][3], points[0][3], points[-1][3], points[-1][3]])
    assert any(
        "<b>Limits restart</b><br>1 Mar 2025<br>One-stop clinics at all sites" in text
        for text in labels(shown)
    )
    told = card(shown, "Limits")
    assert "Limits restart 1 March 2025 One-stop clinics at all sites, funded for three years." in told
    assert "Decided by: Head of cancer services." in told
    assert "Limits from 18 values since March 2025." in told
    assert (None, None) not in list(
        zip(trace(shown, "East Kent")["x"], trace(shown, "East Kent")["y"], strict=True)
    )


def test_a_preview_changes_the_chart_and_nothing_that_is_recorded(worse: Store, page: PageAt) -> None:
    plain, tried = page(f"?indicator={FDS}"), page(f"?indicator={FDS}&restart=2026-01")
    points, _, variation, _ = plain_analyse(TOLD, "increase", 80.0, [27])
    assert variation is None
    assert title(tried) == title(plain)
    assert words(nodes(tried, "Dl")[0]) == words(nodes(plain, "Dl")[0])
    upper = [y for y in trace(tried, "Upper process limit")["y"] if y is not None]
    assert upper == pytest.approx([points[0][3], points[0][3], points[-1][3], points[-1][3]])
    assert "<b>Preview: not recorded</b>" in labels(tried)
    assert any(text.startswith("<b>Preview: limits restart</b><br>1 Jan 2026") for text in labels(tried))
    told = card(tried, "Limits")
    assert (
        "As recorded Worse since January 2026; Fails With a restart in January 2026 Too few values to say"
        in told
    )
    assert "Whoever may change something on this site records the month (January 2026), what changed" in told
    rows = downloaded(worse, f"?indicator={FDS}&restart=2026-01")
    assert float(rows[0]["upper_process_limit"]) == pytest.approx(points[-1][3])
    assert (rows[0]["limits"], rows[-1]["limits"]) == ("trial", "firm")
    found = download_at(
        Site(worse, load_settings()), "/trend", f"?indicator={FDS}&restart=2026-01&sheet=trend", "csv"
    )
    assert found is not None
    assert "PREVIEW of a restart that nobody has recorded" in found[1].decode()
    assert shown_at(worse, f"?indicator={FDS}") == plain


def test_a_lasting_shift_is_proposed_with_a_way_to_preview_it(tmp_path: Path) -> None:
    lasting = [*TOLD[:20], *[value - 4 for value in TOLD[5:20]]]
    rows = [
        replace(row, numerator=90 * lasting[place])
        for place, row in enumerate(
            r for r in worsening_rows() if r.indicator == FDS and r.organisation == "QKS"
        )
    ]
    store = seeded_store(tmp_path / "lasting.sqlite", rows)
    shown = shown_at(store, f"?indicator={FDS}")
    told = card(shown, "Limits")
    assert "15 months in a row since June 2025 lie below the mean" in told
    assert "Nothing is redrawn until someone decides so and gives a reason." in told
    links = {words(item): item["props"]["href"] for item in nodes(shown, "Link")}
    assert links["Preview a restart in 2025-06"] == f"/trend?indicator={FDS}&organisation=QKS&restart=2025-06"
    assert "Whoever may change something on this site records the month, what changed" in told
    assert any(
        text.startswith("<b>Preview") for text in labels(shown_at(store, f"?indicator={FDS}&restart=2025-06"))
    )
    store.close()


# --- windows -------------------------------------------------------------------------------------------------------


def test_a_phone_draws_two_years_under_the_limits_of_the_whole_series(page: PageAt) -> None:
    wide, small = page(f"?indicator={FDS}"), page(f"?indicator={FDS}", "phone")
    assert len(trace(small, "Kent and Medway")["x"]) == 24
    assert len(trace(wide, "Kent and Medway")["x"]) == 35
    assert trace(small, "Mean")["y"][-1] == trace(wide, "Mean")["y"][-1]
    assert len(figure_of(small)["layout"]["xaxis"]["tickvals"]) <= 5
    assert "24 months to August 2026" in words(small)
    assert title(small) == title(wide)


def test_earlier_on_a_phone_moves_the_window_and_not_the_limits(page: PageAt) -> None:
    small = page(f"?indicator={FDS}", "phone")
    links = {words(item): item["props"]["href"] for item in nodes(small, "Link")}
    assert links["Earlier"] == f"/trend?indicator={FDS}&organisation=QKS&shown=2024-08"
    before = page(links["Earlier"].removeprefix("/trend"), "phone")
    assert title(before) == title(small)
    assert "11 months to August 2024" in words(before).replace("Eleven", "11")
    assert trace(before, "Mean")["y"][-1] == trace(small, "Mean")["y"][-1]
    later = {words(item): item["props"]["href"] for item in nodes(before, "Link")}["Later"]
    assert later == f"/trend?indicator={FDS}&organisation=QKS&shown=2025-07"


def test_looking_back_from_a_month_leaves_later_months_out_of_limits_and_verdict(page: PageAt) -> None:
    shown = page(f"?indicator={FDS}&to=2025-12")
    points, _, variation, assurance = plain_analyse(TOLD[:27], "increase", 75.0)
    assert (variation, assurance) == ("common_cause", "hit_or_miss")
    assert title(shown) == "28-day faster diagnosis is steady; whether it meets 75% is chance"
    assert trace(shown, "Mean")["y"][-1] == pytest.approx(points[0][1])
    links = {words(item): item["props"]["href"] for item in nodes(shown, "Link")}
    assert links["Later"] == f"/trend?indicator={FDS}&organisation=QKS"


def test_sixty_periods_are_drawn_and_earlier_ones_have_limits_of_their_own(tmp_path: Path) -> None:
    code = "cancer-two-week-wait"
    rows = [
        Row(code, "RVV", item, 900 + place % 7, 1_000)
        for place, item in enumerate(months(Period.month(2017, 9), 73))
    ]
    store = seeded_store(tmp_path / "long.sqlite", rows)
    shown = shown_at(store, f"?indicator={code}&organisation=RVV")
    assert len(trace(shown, "East Kent")["x"]) == 60
    assert "Limits rest on the last 60 months at most." in card(shown, "Limits")
    assert "The series ended in September 2023." in words(shown)
    earlier = {words(item): item["props"]["href"] for item in nodes(shown, "Link")}["Earlier"]
    assert earlier == f"/trend?indicator={code}&organisation=RVV&to=2018-09"
    assert len(trace(shown_at(store, earlier.removeprefix("/trend")), "East Kent")["x"]) == 13
    lost = shown_at(store, f"?indicator={code}&organisation=RVV&shown=2018-01")
    assert title(lost) == "This address asks for something that there is not"
    links = {words(item): item["props"]["href"] for item in nodes(nodes(lost, "Main"), "Link")}
    assert links["Looking back from January 2018"].endswith("&to=2018-01")
    store.close()


# --- comparison, time and empty states --------------------------------------------------------------------------------


def test_england_is_dotted_and_another_organisation_can_stand_in_its_place(page: PageAt) -> None:
    usual, region = page(f"?indicator={FDS}"), page(f"?indicator={FDS}&compare=Y59")
    assert trace(usual, "Comparator")["line"]["dash"] == "dot"
    assert "England 76.0%" in labels(usual)
    assert trace(region, "Comparator")["y"][-1] == pytest.approx(78.0)
    assert not any(text.startswith("England") for text in labels(region))
    offered = next(item for item in nodes(usual, "Div") if item["props"].get("aria-label") == "Compare with")
    assert words(offered).startswith("England")
    assert "East Kent" in words(offered)


def test_figures_of_another_basis_are_said_to_count_other_patients(page: PageAt) -> None:
    told = card(page(f"?indicator={FDS}&compare=RVV"), "Notes on the chart")
    assert "East Kent's figures are provider-based" in told
    assert "The two count different patients." in told


def test_as_published_by_a_day_is_said_and_later_files_are_left_out(page: PageAt) -> None:
    shown = page(f"?indicator={FDS}&published=2026-10-08")
    assert "As published by 8 October 2026: later figures and revisions are left out." in words(shown)
    assert title(shown).startswith("28-day faster diagnosis has been lower since January 2026")
    hrefs = [item["props"]["href"] for item in nodes(nodes(shown, "Main"), "Link")]
    assert f"/trend?indicator={FDS}" in hrefs
    assert all(
        "published=2026-10-08" in address for address in hrefs if "restart=" in address or "table=" in address
    )
    before = page(f"?indicator={FDS}&published=2026-10-07")
    assert title(before) == "28-day faster diagnosis: no figure for Kent and Medway"
    assert "that had been published by 7 October 2026" in words(before)


def test_a_data_version_of_now_says_nothing_and_one_that_never_was_says_so(page: PageAt) -> None:
    assert "As the store held them" not in words(page(f"?indicator={FDS}&version=1"))
    assert "There is no data version 7; the newest is 1." in words(page(f"?indicator={FDS}&version=7"))


@pytest.mark.parametrize(
    "search",
    [
        "?organisation=%3Cscript%3E",
        "?indicator=cancer-62-day",
        "?to=1999-01",
        "?to=banana",
        "?shown=1999-01",
        "?restart=2023-10",
        "?restart=2031-01",
        "?restart=soon",
        "?compare=nobody",
        "?compare=QKS",
        "?rules=mine",
        "?version=-1",
        "?published=yesterday",
    ],
)
def test_a_wrong_address_is_explained_and_leads_on(page: PageAt, search: str) -> None:
    shown = page(search)
    assert title(shown) == "This address asks for something that there is not"
    links = [item["props"]["href"] for item in nodes(nodes(shown, "Main"), "Link")]
    assert title(page(links[0].partition("?")[2] and f"?{links[0].partition('?')[2]}")) != title(shown)


def test_two_queries_a_visit_once_menus_are_known(worse: Store) -> None:
    site = Site(worse, load_settings())
    asked: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            asked.append(statement)

    for search in (f"?indicator={FDS}", f"?indicator={FDS}&organisation=RVV&compare=Y59&restart=2026-01"):
        page_at(site, "/trend", search)
        event.listen(worse.engine, "before_cursor_execute", note)
        page_at(site, "/trend", search)
        event.remove(worse.engine, "before_cursor_execute", note)
        assert len(asked) == 2
        asked.clear()


def test_a_decision_recorded_meanwhile_is_seen_at_once(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "meanwhile.sqlite", worsening_rows())
    site = Site(store, load_settings())

    def limits() -> str:
        return card(plain(page_at(site, "/trend", f"?indicator={FDS}")), "Limits")

    assert "Decided by" not in limits()
    with store.writing() as connection:
        record_rebase(
            connection,
            indicator_code=FDS,
            organisation_code="QKS",
            on=date(2025, 1, 1),
            reason="New pathway",
            role="Head of cancer services",
        )
    assert "New pathway. Decided by: Head of cancer services." in limits()
    store.close()


# --- every subject ------------------------------------------------------------------------------------------------


def test_the_table_of_a_trust_says_its_missing_month(three: Store) -> None:
    shown = shown_at(three, f"?indicator={TREATED_62}&organisation=RPA&table=trend")
    rows = table_rows(shown)[1:]
    assert len(rows) == 41
    assert rows[0].startswith("Aug 2026 67.7% 86 127 59.2% to 75.2% 85% 22 short")
    assert rows[0].endswith("seeded-file.xlsx")
    missing = next(row for row in rows if row.startswith("Jun 2025"))
    assert missing.startswith("Jun 2025 No figure 85%")
    assert missing.endswith("not loaded")
    notes = card(shown, "Notes on the chart")
    assert "One of the 41 months drawn has no figure and is hatched" in notes
    assert "Series restarts 1 October 2023" in notes
    assert "<b>Series restarts</b><br>1 Oct 2023" in labels(shown_at(three, f"?indicator={TREATED_62}"))[0]


def test_levels_get_no_limits_and_no_marks(subject: PageAt) -> None:
    shown = subject(f"?indicator={LEVEL}")
    assert title(shown) == "Darent Valley Hospital: SSNAP level, C in April to June 2026"
    heads = [words(item) for item in nodes(nodes(shown, "Thead"), "Th")]
    assert heads == ["Period", "Value", "Status"]
    assert "Levels are an order, not a measure, so no limits are drawn." in words(shown)
    assert "Upper process limit" not in [item["name"] for item in figure_of(shown)["data"]]
    assert card(shown, "Limits") == ""
    assert "No limits: levels" in words(nodes(shown, "Dl")[0])


def test_stroke_has_treated_eligible_and_four_quarters_beside(subject: PageAt) -> None:
    shown = subject(f"?indicator={WITHIN_60}")
    assert (
        title(shown)
        == "Thrombolysis within 60 minutes, 75.6% in April to June 2026, 9 patients more than at the rate of SSNAP "
        "national"
    )
    rail = next(item for item in nodes(shown, "Div") if "rail" in item["props"].get("className", ""))
    told = words(rail)
    assert (
        "Last four quarters 73.5% 228 of 310 95% interval 68.4% to 78.1% July 2025 to June 2026, final"
        in told
    )
    assert "Eligible patients thrombolysed 88.0% 73 of 83 95% interval 79.2% to 93.3%" in told
    assert "there is no commissioner's figure" in words(shown)
    assert "59 of 78 · 95% interval 65.1% to 83.8%" in words(nodes(shown, "Dl")[0])
    assert "Rolling" in [item["name"] for item in figure_of(shown)["data"]]
    assert any(text.startswith("Apr–Jun") for text in figure_of(shown)["layout"]["xaxis"]["ticktext"])
    assert any("Series restarts" in text for text in labels(shown))
    assert "Seven quarters since October to December 2024 are too few" in words(shown)


def test_the_table_of_quarters_has_n_interval_and_rolling(subject: PageAt) -> None:
    rows = table_rows(subject(f"?indicator={WITHIN_60}&table=trend"))
    assert rows[1].startswith("Apr to Jun 2026 75.6% 59 78 65.1% to 83.8% 9 patients more")
    assert "63.4% 73.5% (228 of 310) final" in rows[1]
    assert len(rows) == 10
    assert "of 310)" not in rows[5]


def test_the_rolling_line_is_only_where_it_is_asked_for(subject: PageAt) -> None:
    assert "Rolling" not in [item["name"] for item in figure_of(subject(f"?indicator={FDS}"))["data"]]
    assert "Last four quarters" in words(subject(f"?indicator={ELIGIBLE}"))


def test_snapshots_say_days_posts_and_unit_and_missing_ones_are_hatched(subject: PageAt) -> None:
    shown = subject(f"?indicator={GPS}")
    assert title(shown) == (
        "Fully qualified GPs, 3.89 per 10,000 patients on 31 August 2026, 121 posts short of England"
    )
    strip = words(nodes(shown, "Dl")[0])
    assert "31 August 2026, final 3.89 per 10,000 patients · 793.8 for 2,041,741 registered patients" in strip
    assert "No standard England average 4.48" in strip
    assert "121 posts short of England" in strip
    marked = sorted(
        x
        for item in figure_of(shown)["data"]
        if item.get("mode") == "markers" and item["name"] != "Comparator, alone"
        for x in item["x"]
    )
    assert len(marked) == 3
    assert trace(shown, "Comparator, alone")["y"] == trace(shown, "Comparator")["y"][-1:], (
        "alone, it is a dot"
    )
    assert marked[1] - marked[0] == pytest.approx(11, abs=0.1)
    assert "There are no limits, so nothing is said of the points." in card(shown, "Why points are marked")
    assert "No limits are drawn from 3 values: 7 are needed." in card(shown, "Limits")
    assert len(trace(shown, "No figure")["x"]) == 10
    assert "per 10,000 patients" in labels(shown)


def test_a_breakdown_has_limits_and_no_verdict(tmp_path: Path) -> None:
    cut = [
        replace(row, breakdown="tumour group: Breast")
        for row in ordinary_rows()
        if row.indicator == TREATED_62
    ]
    store = seeded_store(tmp_path / "cut.sqlite", [*ordinary_rows(), *cut])
    shown = shown_at(store, f"?indicator={TREATED_62}&breakdown=tumour+group%3A+Breast")
    assert title(shown) == "62-day treatment, Breast is steady"
    strip = words(nodes(shown, "Dl")[0])
    assert "a breakdown has no standard of its own" in strip
    assert "short" not in strip
    assert "Upper process limit" in [item["name"] for item in figure_of(shown)["data"]]
    store.close()


def test_stroke_quarters_share_no_limits_across_the_restart(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "stroke.sqlite", stroke_rows())
    rows = downloaded(store, f"?indicator={WITHIN_60}&organisation=RVV")
    values = [float(row["value"]) for row in reversed(rows)]
    points, *_ = plain_analyse(values, "increase", None, [2])
    limits = [row["upper_process_limit"] for row in reversed(rows)]
    assert limits[:2] == ["", ""]
    assert [float(limit) for limit in limits[2:]] == pytest.approx([point[3] for point in points[2:]])
    store.close()


# --- snapshots that depend on each other -----------------------------------------------------------------------------

SLOW = [3.92, 3.91, 3.90, 3.88, 3.86, 3.85, 3.83, 3.82, 3.81, 3.80, 3.80, 3.81, 3.82, 3.83, 3.85, 3.86, 3.88, 3.90,
        3.91, 3.92]  # fmt: skip
"""A year and a half of monthly snapshots that go down and come back: no month is far from the one before."""


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    days = [Period.snapshot(item.end) for item in months(Period.month(2025, 1), len(SLOW))]
    rows = [
        Row(GPS, "QKS", day, value * 200, 2_000_000, basis=Basis.PRACTICE, maturity=Maturity.FINAL)
        for day, value in zip(days, SLOW, strict=True)
    ]
    yield from store_for_a_module(tmp_path_factory, "slow", rows)


def test_where_neighbours_depend_on_each_other_it_is_said_with_one_reason_a_run(slow: Store) -> None:
    shown = shown_at(slow, f"?indicator={GPS}&organisation=QKS")
    assert "Neighbouring snapshots depend on each other (autocorrelation 0.8" in words(nodes(shown, "Main"))
    reasons = card(shown, "Why points are marked")
    assert "Concern signal" not in reasons
    assert "November 2025 to August 2026 Improvement signal: ten snapshots in a row, each higher" in reasons
    marked = {row["point_type"] for row in downloaded(slow, f"?indicator={GPS}&organisation=QKS")}
    assert {"improvement", "concern"} <= marked


def test_counted_months_are_never_called_dependent(page: PageAt) -> None:
    assert "depend on each other" not in words(nodes(page(f"?indicator={FDS}"), "Main"))
