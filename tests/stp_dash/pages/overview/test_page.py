"""The overview as a page: over a store with known numbers, on a known day."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert, select

from db.catalogue import load_catalogue
from db.domain import Basis, Maturity, Period
from db.domain.decision import PlannedValue
from db.domain.observation import BASIS_CODES
from db.figures.decisions.plans import add_plan
from db.settings import load_settings
from db.store import Store
from db.store.schema import (
    breakdown,
    indicator,
    observation_revision,
    organisation,
    rebase_decision,
    source_file,
)
from stp_dash.frame.request import Site
from tests.support.plain_spc import plain_analyse
from tests.support.seed import (
    FDS,
    GPS,
    LEVEL,
    TREATED_31,
    TREATED_62,
    Row,
    ordinary_rows,
    seeded_store,
    staffing_rows,
    store_for_a_module,
    stroke_rows,
    three_subjects,
    write_rows,
)
from tests.support.site.page_parts import nodes, plain, title, words
from tests.support.site.pages import download_at, page_at

PageAt = Callable[..., dict[str, Any]]
SSNAP = "Sentinel Stroke National Audit Programme (SSNAP), King's College London"
TODAY = date(2026, 10, 20)
QUERIES = 4


def rows_of_the_store() -> list[Row]:
    """Three subjects; 28-day faster diagnosis lies below its mean from January 2026, after 33 ordinary months."""
    rows = []
    for row in three_subjects():
        low = row.indicator == FDS and row.organisation == "QKS" and row.period.start >= date(2026, 1, 1)
        rows.append(row if not low or row.period.start.month == 8 else lowered(row))
    area = Row(FDS, "91Q", Period.month(2026, 8), 6541, 9224, basis=Basis.SUB_ICB_LOCATION)
    return [*rows, area]


def lowered(row: Row) -> Row:
    """So many that its percentage lies below 72, the months not falling one after another."""
    numerator = 6_560 + 20 * (row.period.start.month % 3)
    return Row(FDS, "QKS", row.period, numerator, 9224, basis=Basis.COMMISSIONER, maturity=row.maturity)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    yield from store_for_a_module(tmp_path_factory, "overview", rows_of_the_store(), demonstration=True)


def site_of(store: Store, today: date = TODAY) -> Site:
    return Site(store, load_settings(), today=lambda: today)


@pytest.fixture
def page(store: Store) -> PageAt:
    def at(search: str = "", width: Any = "desktop", today: date = TODAY) -> dict[str, Any]:
        return plain(page_at(site_of(store, today), "/", search, width))

    return at


def line(shown: dict[str, Any], name: str) -> str:
    return next(text for item in nodes(shown, "Tr") if (text := words(item)).startswith(name))


def attention(shown: dict[str, Any]) -> list[str]:
    """The items of what needs attention, as words."""
    found = [item for item in nodes(shown, "Ol") if item["props"].get("className") == "att"]
    return [" ".join(words(item).split()) for item in nodes(found, "Li")]


def chips(shown: dict[str, Any]) -> list[str]:
    found = [item for item in nodes(shown, "Ul") if item["props"].get("className") == "chips"]
    return [" ".join(words(item).split()) for item in nodes(found, "Li")]


def test_title_and_lede_are_the_finding_on_its_day(page: PageAt) -> None:
    shown = page()
    assert title(shown) == (
        "Two of three cancer standards are missed. Fully qualified GPs are 121 posts short of England. "
        "Thrombolysis within 60 minutes: 9 patients more than at the rate of SSNAP national."
    )
    lede = next(words(item) for item in nodes(shown, "P") if item["props"].get("className") == "lede")
    assert lede == (
        "Kent and Medway on Tuesday 20 October 2026: seven indicators. Three need attention: two "
        "miss their standard, one is short of England."
    )


def test_attention_is_worse_and_failing_first_and_counts_lead(page: PageAt) -> None:
    found = attention(page())
    assert [item.split(" ")[0] for item in found] == ["839", "121", "86"]
    assert found[0].startswith(
        "839 patients short 28-day faster diagnosis: lower since January 2026, 71.3% against 73.7% before "
        "70.9% against 80% in August 2026, provisional. Missed in each of "
    )
    assert found[1].startswith(
        "121 posts short Fully qualified GPs: short of England 3.89 per 10,000 patients"
    )
    assert found[2].startswith(
        "86 patients short 62-day treatment missed its standard in each of the last 24 months"
    )


def test_attention_links_to_its_chart_and_has_both_icons(page: PageAt) -> None:
    item = nodes(nodes(page(), "Ol"), "Li")[0]
    assert nodes(item, "Link")[0]["props"]["href"] == f"/trend?indicator={FDS}"
    assert [picture["props"]["alt"] for picture in nodes(item, "Img")] == [
        "Variation: Worse since January 2026",
        "Assurance: Fails",
    ]


def test_a_row_has_everything_that_the_board_asks(page: PageAt) -> None:
    row = line(page(), "28-day faster diagnosis")
    for part in (
        "It has been below its mean of 73.2% since January 2026: 71.3% on average since then, 73.7% in",
        "By trust: East Kent is 731 short, two more are short; one meets it.",
        "70.9%",
        "6,541 of 9,224",
        "Aug 2026, provisional",
        "80% since 1 April 2026 75% before",
        "839 patients short of the 80% standard",
        "Worse since January 2026",
        "Fails",
        "East Kent  63.1%",
        "1 of 4 meets it",
    ):
        assert part in " ".join(row.split()) or part in row


def test_a_stroke_line_has_n_interval_and_comparator(page: PageAt) -> None:
    row = " ".join(line(page(), "Thrombolysis within 60 minutes").split())
    for part in (
        "75.6% 59 of 78 Apr to Jun 2026, final 95% interval 65.1% to 83.8%",
        "No standard SSNAP national 63.4% aspiration 100%",
        "19 later than 60 minutes 9 patients more than at the rate of SSNAP national",
        "Too few figures to say whether it is changing.",
        "3 of 3 trusts reach SSNAP national; Medway: no figure",
    ):
        assert part in row


def test_a_staffing_line_is_measured_by_the_average(page: PageAt) -> None:
    shown = page()
    row = " ".join(line(shown, "Fully qualified GPs").split())
    for part in (
        "3.89 per 10,000 793.8 for 2,041,741 registered patients 31 Aug 2026, final",
        "No standard England average 4.48",
        "Below England",
        "121 posts short of England",
        "0 of 8 former CCG areas reach England",
    ):
        assert part in row
    assert "15 posts above England" in line(shown, "GP nurses")


@pytest.mark.parametrize("code", [FDS, TREATED_31, TREATED_62])
def test_icons_and_limits_agree_with_a_slow_computation(store: Store, code: str) -> None:
    """The area's 41 months through the plain version of the rules, written from the rules alone."""
    held = load_catalogue().indicators[code]
    series = [
        (row.period.start, 100 * row.numerator / row.denominator)
        for row in rows_of_the_store()
        if (row.indicator, row.organisation) == (code, "QKS") and row.numerator and row.denominator
    ]
    starts = [sum(day < item.on for day, _ in series) for item in held.breaks]
    standard = held.standard_on(date(2026, 8, 1))
    assert len(series) == 41
    assert standard is not None
    points, _, variation, assurance = plain_analyse(
        [value for _, value in series],
        "increase",
        standard.value,
        [place for place in starts if 0 < place < 41],
    )
    found = download_at(site_of(store), "/", "?sheet=scorecard", "csv")
    assert found is not None
    row = next(item for item in read_csv(found[1])[1] if item["indicator"] == code)
    assert (row["variation"], row["assurance"]) == (variation, assurance)
    limits = [float(row[key]) for key in ("value", "mean", "lower_process_limit", "upper_process_limit")]
    assert limits == pytest.approx(points[-1][:4])


def test_the_icons_words_stand_in_sentence_attention_and_matrix(page: PageAt) -> None:
    shown = page()
    assert "Worse since January 2026" in words(shown)
    cell = next(item for item in nodes(shown, "Td") if item["props"].get("className") == "hot")
    assert words(cell).strip() == "28-day faster diagnosis  (worse since January 2026)"


def test_a_recorded_decision_starts_the_limits_again_and_a_plan_stands_under_the_gap(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "decided.sqlite", rows_of_the_store())
    with store.writing() as connection:
        ids = {
            table.name: connection.execute(select(table.c.id).where(table.c.code == code)).scalar_one()
            for table, code in ((indicator, FDS), (organisation, "QKS"))
        }
        connection.execute(
            insert(rebase_decision).values(
                indicator_id=ids["indicator"],
                organisation_id=ids["organisation"],
                on=date(2026, 1, 1),
                reason="a pathway moved",
                role="programme lead",
                recorded_at=datetime(2026, 10, 1, tzinfo=UTC),
            )
        )
        planned = [
            PlannedValue(FDS, "QKS", date(2026, 8, 1), 75.5),
            PlannedValue(FDS, "RVV", date(2026, 8, 1), 9.0),
        ]
        add_plan(connection, planned, name="Operating plan", role="planning lead")
    row = line(plain(page_at(site_of(store), "/", "")), "28-day faster diagnosis")
    assert "Too few figures to say whether it is changing." in row
    assert "behind plan of 75.5%" in row
    store.close()


def test_subjects_stand_in_the_catalogues_order(page: PageAt) -> None:
    heads = [words(i) for i in nodes(page(), "Th") if i["props"].get("scope") == "rowgroup"]
    assert heads == ["Stroke", "Cancer", "GP and nurse staffing"]


def test_supporting_figures_are_folded_at_the_end_of_their_subject(page: PageAt) -> None:
    shown = page()
    minor = [item for item in nodes(shown, "Tr") if item["props"].get("className") == "minor"]
    told = [" ".join(words(item).split()) for item in minor]
    assert len(told) == 2
    assert told[0].startswith("Supporting figures Door to needle, median; SSNAP level")
    assert "Darent Valley Hospital 49 minutes" in told[0]
    assert "SSNAP national 50 minutes, Apr to Jun 2026, final" in told[0]
    assert "Invicta Ward Kent and Canterbury Hospital B" in told[0]
    assert "GPs 98.6% Nurses 98.1% 31 Aug 2026, final" in told[1]


def test_posts_counted_under_several_definitions_are_short_once(tmp_path: Path) -> None:
    others = ("gp-all-fte-rate", "gp-qualified-permanent-fte-rate")
    rows = staffing_rows()
    rows += [replace(row, indicator=code) for row in rows if row.indicator == GPS for code in others]
    store = seeded_store(tmp_path / "definitions.sqlite", rows)
    shown = plain(page_at(site_of(store), "/", ""))
    assert "two indicators. One needs attention: it is short of England." in words(nodes(shown, "Main"))
    (folded,) = [item for item in nodes(shown, "Tr") if item["props"].get("className") == "minor"]
    assert "All GPs" in words(folded)
    assert "Qualified permanent GPs" in words(folded)
    store.close()


def test_chips_say_what_is_next(page: PageAt) -> None:
    assert chips(page()) == [
        "Cancer August 2026, provisional · next 12 November",
        "GP and nurse staffing 31 August 2026, final · next in 2 days, 22 October",
        "Stroke April to June 2026, final · next about 9 December",
    ]


def test_overdue_sources_are_said_in_words_and_stand_last_in_attention(page: PageAt) -> None:
    shown = page(today=date(2026, 11, 18))
    assert chips(shown)[0] == "Cancer August 2026, provisional · 6 days overdue"
    late = [item for item in nodes(shown, "Li") if item["props"].get("className") == "chip late"]
    assert len(late) == 2
    found = attention(shown)
    assert [item.split(" ")[0] for item in found] == ["839", "121", "86", "27", "6"]
    assert found[-1] == (
        "6 days overdue Cancer: new figures are overdue "
        "Expected 12 November 2026. The page still shows August 2026, provisional."
    )


def test_what_changed_names_release_signal_and_step(page: PageAt) -> None:
    released = [item for item in nodes(page(), "Div") if item["props"].get("className") == "rel"]
    told = [" ".join(words(item).split()) for item in released]
    assert told[0].startswith("Cancer · released 8 October 2026 · August 2026 added, provisional")
    assert (
        "28-day faster diagnosis : lower since January 2026, 71.3% against 73.7% before ; the shortfall grew from"
        in told[0]
    )


def test_the_matrix_is_a_table_with_headings_on_both_sides(page: PageAt) -> None:
    tables = [item for item in nodes(page(), "Table") if item["props"].get("className") == "mx"]
    assert len(tables) == 1
    heads = nodes(tables, "Th")
    assert [words(i).strip() for i in heads if i["props"].get("scope") == "col"] == [
        "Passes", "Hit or miss", "Fails", "No standard",
    ]  # fmt: skip
    assert "Concern signal" in [words(i).strip() for i in heads if i["props"].get("scope") == "row"]
    named = [words(item) for item in nodes(nodes(tables, "Td"), "Link")]
    assert len(named) == len(set(named)) == 7


def test_the_table_tab_holds_every_row_with_its_file(page: PageAt) -> None:
    shown = page("?table=scorecard")
    tables = [item for item in nodes(shown, "Table") if "sheet" in item["props"].get("className", "")]
    rows = [" ".join(words(item).split()) for item in nodes(tables, "Tr")][1:]
    assert len(rows) == 7
    row = next(item for item in rows if item.startswith("28-day faster diagnosis"))
    assert "Sum of the four trusts, provider-based: 69.2% (6,207 of 8,975), provisional" in row
    assert row.endswith("seeded-file.xlsx")
    assert [item for item in nodes(shown, "Table") if item["props"].get("className") == "score"] == []


def test_no_total_of_trusts_when_one_is_missing(page: PageAt) -> None:
    shown = page("?period=2025-06&table=scorecard")
    row = next(text for item in nodes(shown, "Tr") if (text := words(item)).startswith("62-day treatment"))
    assert "Sum of the four trusts, provider-based: no total, Medway missing" in row


def read_csv(content: bytes) -> tuple[list[str], list[dict[str, str]]]:
    lines = content.decode("utf-8-sig").splitlines()
    about = [item for item in lines if item.startswith(("# ", '"# '))]
    return about, list(csv.DictReader(io.StringIO("\n".join(lines[len(about) :]))))


def test_the_download_has_unrounded_values_limits_and_the_demonstration_mark(store: Store) -> None:
    found = download_at(site_of(store), "/", "?sheet=scorecard", "csv")
    assert found is not None
    assert "DEMONSTRATION" in found[0]
    about, rows = read_csv(found[1])
    assert about[0].startswith("# Demonstration data")
    row = next(item for item in rows if item["indicator"] == FDS)
    assert float(row["value"]) == 100 * 6541 / 9224
    assert (float(row["numerator"]), float(row["denominator"]), float(row["short_of_standard"])) == (
        6541,
        9224,
        839,
    )
    assert (row["variation"], row["assurance"], row["signals"]) == (
        "concern_low",
        "fail",
        "two_in_three; shift",
    )
    assert float(row["lower_process_limit"]) < float(row["mean"]) < float(row["upper_process_limit"]) < 80
    assert {item["status_of_data"] for item in rows} == {"demonstration data"}


def test_each_trust_and_area_can_be_downloaded(store: Store) -> None:
    found = download_at(site_of(store), "/", "?sheet=places", "csv")
    assert found is not None
    _, rows = read_csv(found[1])
    own = [item for item in rows if item["indicator"] == FDS]
    assert [item["organisation_code"] for item in own] == ["RVV", "RWF", "RPA", "RN7"]
    assert sum(1 for item in rows if item["indicator"] == GPS) == 8


def test_compare_by_ccg_shows_areas_where_there_are_any(page: PageAt) -> None:
    shown = page("?by=ccg")
    assert "91Q" not in line(shown, "28-day faster diagnosis")
    assert "Kent and Medway  70.9%" in line(shown, "28-day faster diagnosis")
    assert "East Kent" in line(shown, "31-day treatment")
    links = {item["props"]["href"] for item in nodes(shown, "Link")}
    assert "/?by=ccg" not in links
    assert any(item["props"].get("value") == "/?period=2026-07&by=ccg" for item in nodes(shown, "Option"))


def test_a_past_month_shows_the_standard_and_the_figures_of_that_month(page: PageAt) -> None:
    shown = page("?period=2025-08")
    assert "3.92" in line(shown, "Fully qualified GPs")
    assert "Apr to Jun 2025" in line(shown, "Thrombolysis within 60 minutes")
    row = line(shown, "28-day faster diagnosis")
    assert "Aug 2025" in row
    assert "75% since 1 October 2021 interim 80%" in " ".join(row.split())
    assert "What changed" not in words(shown)


def test_a_past_month_knows_nothing_of_later_ones(page: PageAt) -> None:
    assert (
        "worse since"
        not in words(page("?period=2025-12")).lower().split("how to read")[0].split("where each")[0]
    )


def test_rules_and_as_of_are_kept_in_links_and_controls(page: PageAt) -> None:
    shown = page("?published=2026-10-20&rules=nhs-r")
    hrefs = [item["props"]["href"] for item in nodes(nodes(shown, "Main"), "Link")]
    trends = [item for item in hrefs if item.startswith("/trend")]
    assert trends
    assert all("published=2026-10-20&rules=nhs-r" in item for item in trends)
    assert "/?rules=nhs-r" in hrefs
    options = [
        item["props"]["value"]
        for item in nodes(shown, "Option")
        if "period=2026-07" in item["props"]["value"]
    ]
    assert options == ["/?period=2026-07&published=2026-10-20&rules=nhs-r"]


def test_the_rule_profile_changes_the_foot_and_is_refused_when_unknown(page: PageAt) -> None:
    assert "NHS-R rules" in words(nodes(page("?rules=nhs-r"), "Section"))
    assert "National Making Data Count rules" in words(nodes(page(), "Section"))
    assert title(page("?rules=mine")) == "This address asks for something that there is not"


def test_before_its_publication_a_figure_is_not_there(page: PageAt) -> None:
    shown = page("?published=2026-10-07")
    assert "839" not in words(nodes(shown, "Main"))
    assert "As published by 7 October 2026: later figures and revisions are left out." in words(shown)
    assert title(shown).startswith("No figures for Kent and Medway")
    assert "No figure for Kent and Medway was published by 7 October 2026 for stroke." in words(shown)


def revise(store: Store) -> None:
    """August 2026 as first published on 10 September: 6,500 of 9,300, replaced by what stands."""
    with store.writing() as connection:
        current = connection.execute(
            select(source_file.c.id).where(source_file.c.source == "cancer_waiting_times")
        ).scalar_one()
        older = connection.execute(
            insert(source_file).returning(source_file.c.id).values(
                source="cancer_waiting_times", sha256="a" * 64, parser_version=1, name="first.xlsx", size=1,
                published_on=date(2026, 9, 10), latest_period_end=date(2026, 8, 31),
                fetched_at=datetime(2026, 9, 10, tzinfo=UTC), loaded_at=datetime(2026, 9, 10, tzinfo=UTC),
                demonstration=False,
            )
        ).scalar_one()  # fmt: skip
        number = {
            table.name: connection.execute(select(table.c.id).where(column == name)).scalar_one()
            for table, column, name in (
                (indicator, indicator.c.code, FDS),
                (organisation, organisation.c.code, "QKS"),
                (breakdown, breakdown.c.key, "all"),
            )
        }
        connection.execute(
            insert(observation_revision).values(
                indicator_id=number["indicator"], organisation_id=number["organisation"],
                breakdown_id=number["breakdown"], period_id=Period.month(2026, 8).key,
                numerator=6500, denominator=9300, value=100 * 6500 / 9300,
                basis=BASIS_CODES["commissioner"], maturity=int(Maturity.PROVISIONAL), derived=0,
                source_file_id=older, superseded_by_file_id=current, reason="revised",
            )
        )  # fmt: skip


def test_as_published_shows_the_figure_of_then_and_now_shows_its_revision(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "revised.sqlite", ordinary_rows())
    revise(store)
    then = plain(page_at(site_of(store), "/", "?published=2026-09-15"))
    row = line(then, "28-day faster diagnosis")
    assert "69.9%" in row
    assert "6,500 of 9,300" in row
    now = plain(page_at(site_of(store), "/", ""))
    assert "6,541 of 9,224" in line(now, "28-day faster diagnosis")
    assert "28-day faster diagnosis , Kent and Medway, August 2026 revised up,  69.9% to 70.9%" in words(now)
    chosen = [words(item) for item in nodes(then, "A") if item["props"].get("aria-current") == "true"]
    chosen += [words(item) for item in nodes(then, "Option") if item["props"].get("selected")]
    assert "By 15 September 2026" in chosen
    store.close()


def test_a_version_is_a_permalink_and_unknown_ones_do_no_harm(page: PageAt) -> None:
    shown = page("?version=1")
    assert "As held at data version 1, 8 October 2026: what was loaded later is left out." in words(shown)
    assert title(page("?version=99999"))
    assert title(page("?version=0")) == "This address asks for something that there is not"


@pytest.mark.parametrize(
    "search",
    ["?by=everything", "?published=soon", "?version=-1", "?rules=%00", "?period=2026-13", "?version=1e3"],
)
def test_a_wrong_parameter_is_explained_and_leads_on(page: PageAt, search: str) -> None:
    shown = page(search)
    assert title(shown) == "This address asks for something that there is not"
    assert "839" not in words(shown)
    link = nodes(nodes(shown, "Main"), "Link")[0]["props"]["href"]
    assert title(page(link.partition("?")[2] and "?" + link.partition("?")[2])).startswith(("Two of", "No "))


@pytest.mark.parametrize("width", ["desktop", "tablet", "phone"])
@pytest.mark.parametrize("value", ["75.6%", "70.9%", "3.89", "839 patients", "1 of 4 meets it"])
def test_every_width_says_the_same(page: PageAt, width: str, value: str) -> None:
    assert value in " ".join(words(page("", width)).split())


def test_a_phone_opens_what_needs_attention(page: PageAt) -> None:
    shown = page("", "phone")
    rows = next(item for item in nodes(shown, "Div") if item["props"].get("className") == "rows")
    opened = [
        words(nodes(item, "Span")[0])
        for item in nodes(rows, "Details")
        if item["props"].get("open") and item["props"].get("className") != "minor"
    ]
    assert opened == ["28-day faster diagnosis", "62-day treatment", "Fully qualified GPs"]


def test_every_picture_has_words_or_stands_beside_them(page: PageAt) -> None:
    pictures = nodes(nodes(page(), "Main"), "Img")
    charts = [
        item for item in pictures if item["props"]["height"] in {24, 48} and item["props"]["width"] > 100
    ]
    assert len(charts) == 14
    assert all(len(item["props"]["alt"]) > 20 for item in charts)
    assert all("alt" in item["props"] for item in pictures)


def test_paper_has_the_scorecard_and_its_table(page: PageAt) -> None:
    shown = page("?print=1", "tablet")
    classes = [item["props"].get("className", "") for item in nodes(shown, "Table")]
    assert "score" in classes
    assert any("sheet" in item for item in classes)


def test_demonstration_files_and_the_audits_name(page: PageAt) -> None:
    shown = page()
    assert f"Source: {SSNAP}." in words(nodes(shown, "Footer"))
    assert [i for i in nodes(shown, "A") if "seeded-file" in i["props"].get("href", "")] == []


@contextmanager
def statements(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """What is asked of the store meanwhile, with its parameters."""
    asked: list[tuple[str, Any]] = []

    def note(*given: Any) -> None:
        asked.append((given[2], given[3]))

    event.listen(store.engine, "before_cursor_execute", note)
    yield asked
    event.remove(store.engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    "search", ["", "?period=2025-06", "?published=2026-10-09", "?version=2&rules=nhs-r", "?by=ccg"]
)
def test_a_warm_page_asks_at_most_four_queries(store: Store, search: str) -> None:
    site = site_of(store)
    page_at(site, "/", search)
    with statements(store) as asked:
        page_at(site, "/", search)
    queries = [text for text, _ in asked if text.lstrip().upper().startswith(("SELECT", "WITH"))]
    assert 1 < len(queries) <= QUERIES


def test_no_query_scans_the_observations(store: Store) -> None:
    site = site_of(store)
    page_at(site, "/", "")
    with statements(store) as asked:
        page_at(site, "/", "")
    read = [(text, given) for text, given in asked if "FROM observation" in text]
    assert read
    with store.reading() as connection:
        for text, given in read:
            plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", given)]
            assert [step for step in plan if step.startswith("SCAN observation")] == []
            assert [step for step in plan if step.startswith("SEARCH observation")]


def test_a_subject_without_data_is_one_sentence(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "two.sqlite", [*ordinary_rows(), *staffing_rows()])
    text = words(plain(page_at(site_of(store), "/", "")))
    assert "No figure for Kent and Medway is loaded yet for stroke." in text
    assert "Thrombolysis" not in text
    assert SSNAP not in text
    store.close()


def test_stroke_alone_is_a_whole_overview(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "stroke.sqlite", stroke_rows())
    shown = plain(page_at(site_of(store), "/", ""))
    assert (
        title(shown)
        == "Thrombolysis within 60 minutes: 9 patients more than at the rate of SSNAP national in Kent and Medway"
    )
    assert "loaded yet for cancer." in words(shown)
    store.close()


def test_levels_of_teams_alone_are_shown_and_the_rest_is_said_to_be_missing(tmp_path: Path) -> None:
    rows = [row for row in stroke_rows() if row.indicator == LEVEL]
    store = seeded_store(tmp_path / "levels.sqlite", rows)
    shown = plain(page_at(site_of(store), "/", ""))
    assert title(shown) == "Kent and Medway: supporting figures only are loaded"
    assert "Maidstone District General Hospital   A" in words(shown)
    assert "is loaded yet of stroke: Thrombolysis within 60 minutes; Eligible patients" in words(shown)
    store.close()


def test_real_and_invented_subjects_are_told_apart(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "mixed.sqlite", stroke_rows(), demonstration=True)
    write_rows(store, ordinary_rows())
    shown = plain(page_at(site_of(store), "/", ""))
    heads = [words(item) for item in nodes(shown, "Th") if item["props"].get("scope") == "rowgroup"]
    assert heads == ["Stroke · demonstration data", "Cancer"]
    banner = words(nodes(shown, "Aside"))
    assert "Numbers marked as demonstration data are invented" in banner
    store.close()


def test_trusts_without_an_area_are_still_shown(tmp_path: Path) -> None:
    rows = [row for row in ordinary_rows() if row.organisation != "QKS"]
    store = seeded_store(tmp_path / "trusts.sqlite", rows)
    row = line(plain(page_at(site_of(store), "/", "")), "62-day treatment")
    assert "No figure for Kent and Medway is loaded." in row
    assert "East Kent" in row
    store.close()


def test_the_area_and_its_trusts_are_never_one_number(page: PageAt) -> None:
    foot = words(next(i for i in nodes(page(), "Div") if i["props"].get("className") == "foot"))
    assert "the two are never added together" in foot


@pytest.mark.parametrize("code", [FDS, TREATED_31, TREATED_62, GPS])
def test_trend_has_the_same_icons_for_the_area(store: Store, page: PageAt, code: str) -> None:
    name = load_catalogue().indicators[code].short_name
    row = next(i for i in nodes(page(), "Tr") if words(i).startswith(name))
    own = [i["props"]["src"] for i in nodes(row, "Img") if i["props"]["width"] == i["props"]["height"] == 32]
    assert len(own) == 2
    trend = plain(page_at(site_of(store), "/trend", f"?indicator={code}"))
    shown = {item["props"]["src"] for item in nodes(trend, "Img")}
    assert set(own) <= shown
