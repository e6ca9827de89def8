"""One organisation's page: its numbers, what they are compared with, its parts, and what it says of none."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from plotly.utils import PlotlyJSONEncoder
from sqlalchemy import event

from db.domain import ENGLAND, Basis, Frequency, Maturity, OrganisationType, Period
from db.domain.organisation import OrganisationChoice
from db.settings import load_settings
from db.store import Store
from stp_dash.analysis.claims import change_words
from stp_dash.analysis.control import SeriesInput, controlled
from stp_dash.analysis.stroke_cover import stroke_cover
from stp_dash.application import create_app
from stp_dash.frame.request import Site
from stp_dash.pages.organisation.matches import find, searchable
from stp_dash.statistics.proportions import wilson
from tests.support.read_back import readings_between
from tests.support.seed import (
    FDS,
    TREATED_31,
    TREATED_62,
    TWO_WEEK,
    WITHIN_60,
    Row,
    other_trusts,
    seeded_store,
    store_for_a_module,
    three_subjects,
)
from tests.support.site.page_parts import nodes, plain, title, words
from tests.support.site.pages import download_at, page_at

PageAt = Callable[..., dict[str, Any]]
AUGUST = Period.month(2026, 8)
GROUPS = (("Breast", 40, 50), ("Lung", 9, 20), ("Urological - Prostate", 30.5, 62.5), ("Skin", 60, 62))
"""Invented: treated within 62 days of all, by tumour group."""
ROUTES = (("Screening", 9, 16), ("Urgent suspected cancer", 120, 190))


def rows() -> list[Row]:
    found = [*three_subjects(), *other_trusts(60, AUGUST), *other_trusts(60, AUGUST, FDS)]
    for trust in ("RVV", ENGLAND):
        factor, basis = (100, Basis.NATIONAL) if trust == ENGLAND else (1, Basis.PROVIDER)
        for dimension, members in (("tumour group", GROUPS), ("route", ROUTES)):
            found += [
                Row(TREATED_62, trust, AUGUST, within * factor, total * factor, f"{dimension}: {name}", basis,
                    Maturity.PROVISIONAL)
                for name, within, total in members
            ]  # fmt: skip
    old = Period.month(2023, 8)
    found += [
        Row(TWO_WEEK, "RVV", old, 930, 1000),
        Row(TWO_WEEK, ENGLAND, old, 93, 100, basis=Basis.NATIONAL),
    ]
    return found


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    yield from store_for_a_module(tmp_path_factory, "organisation", rows())


@pytest.fixture(scope="module")
def site(store: Store) -> Site:
    return Site(store, load_settings(), today=lambda: date(2026, 11, 22))


@pytest.fixture
def page(site: Site) -> PageAt:
    def at(search: str = "", width: Any = "desktop") -> dict[str, Any]:
        shown: dict[str, Any] = json.loads(
            json.dumps(page_at(site, "/organisation", search, width), cls=PlotlyJSONEncoder)
        )
        return shown

    return at


def line(shown: dict[str, Any], name: str) -> str:
    """The row of the spine chart that a name heads."""
    table = next(item for item in nodes(shown, "Table") if item["props"].get("className") == "profile")
    return next(words(item) for item in nodes(table, "Tr") if words(item).strip().startswith(name))


def download(site: Site, search: str) -> list[dict[str, str]]:
    found = download_at(site, "/organisation", search, "csv")
    assert found is not None
    text = found[1].decode("utf-8-sig")
    lines = [item for item in io.StringIO(text) if not item.startswith(("#", '"#'))]
    return list(csv.DictReader(lines))


def test_the_first_of_our_trusts_is_the_default(page: PageAt) -> None:
    assert title(page()) == "East Kent Hospitals University NHS Foundation Trust"
    assert title(page("?organisation=RVV")) == title(page())
    assert title(page("?type=stroke+team")) == "Darent Valley Hospital"


def test_a_row_holds_value_counts_england_standard_and_gap(page: PageAt) -> None:
    """201.5 of 315 is 64.0%; 85% of 315 is 267.75, the next half patient 268: 66.5 short."""
    row = line(page(), "62-day treatment")
    for part in ("64.0%", "201.5 of 315", "85%", "66.5 short"):
        assert part in row
    nation = next(
        r
        for r in rows()
        if (r.indicator, r.organisation, r.period, r.breakdown) == (TREATED_62, ENGLAND, AUGUST, "all")
    )
    assert nation.numerator is not None
    assert nation.denominator is not None
    assert f"{100 * nation.numerator / nation.denominator:.1f}%" in row


@pytest.mark.parametrize("width", ["desktop", "tablet", "phone"])
def test_england_stands_beside_nobody(page: PageAt, width: str) -> None:
    said = words(page("?organisation=ENG", width))
    assert "Every indicator" in said
    for absent in ("Nothing to compare with", "Against", "better is always to the right", "Median country"):
        assert absent not in said


def test_the_spread_of_england_is_that_of_every_trust(site: Site) -> None:
    """The download holds the quartiles; here worked out by hand from the rows as written."""
    values = sorted(
        100 * r.numerator / r.denominator
        for r in rows()
        if (r.indicator, r.period, r.breakdown) == (TREATED_62, AUGUST, "all")
        and r.basis is Basis.PROVIDER and r.numerator is not None and r.denominator
    )  # fmt: skip
    found = next(
        r for r in download(site, "?organisation=RVV&sheet=profile")
        if (r["indicator"], r["breakdown"]) == (TREATED_62, "all")
    )  # fmt: skip
    assert (int(found["among_count"]), found["among"]) == (64, "trusts")
    assert float(found["among_lowest"]) == pytest.approx(values[0])
    assert float(found["among_highest"]) == pytest.approx(values[-1])
    assert float(found["among_median"]) == pytest.approx((values[31] + values[32]) / 2)
    assert float(found["among_lower_quarter"]) == pytest.approx(values[15] + 0.75 * (values[16] - values[15]))


def test_worse_and_better_are_of_the_whole_interval(site: Site) -> None:
    for found in download(site, "?organisation=RVV&sheet=profile"):
        if not found["lower_95"]:
            continue
        low, high = wilson(float(found["numerator"]), float(found["denominator"]))
        assert float(found["lower_95"]) == pytest.approx(100 * float(low))
        level = float(found["compared_value"])
        expected = (
            "worse" if 100 * float(high) < level else "better" if 100 * float(low) > level else "similar"
        )
        assert found["compared"] == expected


def test_variation_is_that_of_the_whole_series_as_on_every_page(
    site: Site, store: Store, page: PageAt
) -> None:
    known = site.store.catalogue.indicators
    for code in (FDS, TREATED_31, TREATED_62):
        with store.reading() as connection:
            series = readings_between(
                connection, indicators=[code], organisations=["RVV"], frequencies=[Frequency.MONTH],
                since=date(2020, 1, 1), until=date(2027, 1, 1),
            )  # fmt: skip
        expected = controlled(SeriesInput(known[code], series, "East Kent"))
        found = next(
            r for r in download(site, "?organisation=RVV&sheet=profile")
            if (r["indicator"], r["breakdown"]) == (code, "all")
        )  # fmt: skip
        assert found["variation"] == (expected.analysed.variation or "")
        assert float(found["mean"]) == pytest.approx(expected.analysed.mean[-1])
        assert change_words.change_word(expected) in line(page(), known[code].short_name)


def test_pathway_steps_stand_under_their_own_heading(page: PageAt) -> None:
    assert "Cancer pathways" in words(page())
    row = line(page(), "62-day treatment: screening")
    for part in ("56.3%", "9 of 16", "85%", "5 short"):
        assert part in row


def test_tumour_groups_most_patients_short_first(page: PageAt) -> None:
    """Prostate: 85% of 62.5 is 53.125, the next half 53.5, 23 short; lung 8; breast 3; skin meets it."""
    table = next(item for item in nodes(page(), "Table") if "groups" in item["props"].get("className", ""))
    shown = [words(item).split() for item in nodes(table, "Tr")[1:5]]
    assert [(row[0], row[-1]) for row in shown] == [
        ("Urological:", "23"), ("Lung", "8"), ("Breast", "3"), ("Skin", "met")
    ]  # fmt: skip
    assert "Urological: prostate (23 patients) is most of those short of 85% in August 2026." in words(page())
    assert "Line at 85%: the standard, which is of all patients together." in words(page())


def test_groups_download_with_englands_figures(site: Site) -> None:
    found = download(site, "?organisation=RVV&sheet=tumour-groups")
    prostate = next(r for r in found if r["tumour_group"] == "Urological - Prostate")
    assert (float(prostate["numerator"]), float(prostate["denominator"])) == (30.5, 62.5)
    assert float(prostate["short_of_standard"]) == 23
    assert float(prostate["national_value"]) == pytest.approx(48.8)


def test_stroke_adds_up_the_last_four_quarters_and_divides_once(page: PageAt) -> None:
    """69 of 98 within 60 minutes; 80 of 96 eligible treated."""
    text = words(page())
    assert (
        "16 patients of 96 eligible were not treated; 29 of the 98 treated waited longer than 60 minutes."
        in text
    )
    assert "70.4% of those thrombolysed, 29 later" in text
    assert "83.3% of eligible" in text
    assert "41 minutes in April to June 2026; SSNAP national 50 minutes" in text


def test_a_trusts_teams_lead_to_their_own_pages(page: PageAt) -> None:
    links = {item["props"]["href"]: words(item) for item in nodes(page(), "Link")}
    assert links["/organisation?organisation=SPMEKQ"] == "Invicta Ward Kent and Canterbury Hospital"
    assert "RVVKC, shared with Kent and Canterbury Hospital" in words(page())
    team = page("?organisation=SPMEKQ")
    assert "41 minutes" in line(team, "Door to needle")
    assert "East Kent (RVV), trust" in words(team)


def test_rows_lead_to_the_trend_and_to_all_of_the_kind(page: PageAt) -> None:
    links = [item["props"]["href"] for item in nodes(page(), "Link")]
    assert f"/trend?indicator={TREATED_62}&organisation=RVV" in links
    assert f"/variation?indicator={TREATED_62}&by=trust&period=2026-08" in links
    assert f"/trend?indicator={TREATED_62}&organisation=RVV&breakdown=route%3A+Screening" in links


def test_an_areas_posts_short_and_its_practices(page: PageAt) -> None:
    """793.8 posts for 2,041,741 patients where England's 28,000 for 62.5 million would give 914.7."""
    text = words(page("?organisation=QKS"))
    assert (
        "Fully qualified GPs: 121 posts short of England's rate on 31 August 2026. 793.8 posts for 2,041,741 patients, "
        "where 4.48 per 10,000 patients would give 914.7." in text
    )


def test_a_practice_says_its_patients_and_what_it_belongs_to(page: PageAt) -> None:
    shown = page("?organisation=G82001")
    assert "3.1 for 9,000 registered patients" in line(shown, "Fully qualified GPs")
    assert "(91Q), sub-ICB location" in words(shown)


def test_a_closed_ccg_says_so_and_names_what_followed(page: PageAt) -> None:
    shown = page("?organisation=09C")
    text = words(shown)
    assert "Closed on 31 March 2020." in text
    assert "it merged into Kent and Medway (91Q)" in text
    assert "sums of the practices that were in its area on 31 March 2020" in text
    assert "/organisation?organisation=91Q" in [item["props"]["href"] for item in nodes(shown, "Link")]


def test_an_organisation_without_figures_says_so(page: PageAt) -> None:
    shown = page("?organisation=RXY")
    assert title(
        shown
    ) == "Kent and Medway NHS and Social Care Partnership Trust" or "Kent and Medway" in title(shown)
    assert "The store holds no figure of" in words(shown)
    assert nodes(shown, "Img") == []


def test_standards_that_ended_are_named_with_their_last_period(page: PageAt) -> None:
    assert "Two week wait, to August 2023" in words(page())
    past = page("?period=2023-08")
    assert "93.0%" in line(past, "Two week wait")
    assert "75%" in line(past, "28-day faster diagnosis")


def test_a_month_without_a_figure_shows_none_of_another_month(page: PageAt) -> None:
    """Medway has no row for June 2025: the page says so, and leads to the months before and after."""
    shown = page("?organisation=RPA&period=2025-06")
    assert "The store holds no figure of Medway NHS Foundation Trust for June 2025" in words(shown)
    links = {words(item): item["props"]["href"] for item in nodes(shown, "Link")}
    assert links["May 2025"] == "/organisation?organisation=RPA&period=2025-05"
    assert links["July 2025"] == "/organisation?organisation=RPA&period=2025-07"
    assert nodes(shown, "Img") == []


def test_one_indicator_without_a_row_says_so_beside_the_others(page: PageAt) -> None:
    """In September 2023 East Kent has figures of cancer waits, and no row of the two week wait."""
    row = line(page("?organisation=RVV&period=2023-09"), "Two week wait")
    assert "No figure" in row
    assert "no row published" in row
    assert "93.0%" not in row


def test_against_the_median_and_against_a_larger_area(page: PageAt, site: Site) -> None:
    found = download(site, "?organisation=RVV&against=median&sheet=profile")
    row = next(r for r in found if (r["indicator"], r["breakdown"]) == (TREATED_62, "all"))
    assert row["compared_with"] == "Median trust"
    assert float(row["compared_value"]) == pytest.approx(float(row["among_median"]))
    practice = download(site, "?organisation=G82001&against=91Q&sheet=profile")
    assert {r["indicator"] for r in practice} >= {"gp-fully-qualified-fte-rate"}


@pytest.mark.parametrize("width", ["desktop", "tablet", "phone"])
def test_a_figure_of_more_than_a_year_ago_bears_its_date_beside_the_value(store: Store, width: Any) -> None:
    """The team's last quarter ended on 30 June 2026."""

    def shown(today: date, period: str = "") -> str:
        late = Site(store, load_settings(), today=lambda: today)
        return words(
            nodes(plain(page_at(late, "/organisation", f"?organisation=S148{period}", width)), "Main")
        )

    dated = "49 minutes April to June 2026"
    assert dated in shown(date(2027, 7, 3))
    assert dated not in shown(date(2027, 6, 30))
    assert dated not in shown(date(2027, 7, 3), "&period=2026-06")


def test_few_are_warned_of_by_the_interval(site: Site) -> None:
    stroke = next(
        r for r in download(site, "?organisation=RVV&sheet=stroke") if r["period_start"] == "2026-04-01"
    )
    assert (float(stroke["numerator"]), float(stroke["denominator"]), float(stroke["eligible"])) == (
        18,
        25,
        24,
    )


@pytest.mark.parametrize("width", ["desktop", "tablet", "phone"])
def test_every_width_says_the_same_numbers(page: PageAt, width: str) -> None:
    text = words(page("?organisation=RVV", width))
    for part in ("64.0%", "201.5 of 315", "66.5 short", "Urological: prostate", "83.3% of eligible"):
        assert part in text


@pytest.mark.parametrize("width", ["desktop", "tablet", "phone"])
def test_every_spine_says_in_words_what_it_shows(page: PageAt, width: str) -> None:
    spines = [
        item["props"]["alt"]
        for item in nodes(page("", width), "Img")
        if "middle half" in item["props"]["alt"]
    ]
    own = next(alt for alt in spines if alt.startswith("62-day treatment, East Kent 64.0%"))
    assert len(spines) >= 3
    assert "95% interval 58.5% to 69.1%" in own
    assert "64 trusts from" in own
    assert own.endswith("; standard 85%; similar")


def test_the_table_holds_the_numbers_of_the_chart(page: PageAt) -> None:
    text = words(page("?table=profile"))
    for part in ("201.5 of 315", "58.5% to 69.1%", "66.5 short", "64 trusts"):
        assert part in text


SEARCHES = (
    ("east kent", "RVV", "East Kent Hospitals University NHS Foundation Trust"),
    ("rvv", "RVV", "East Kent Hospitals University NHS Foundation Trust"),
    ("KENT medway icb", "QKS", ""),
    ("example", "G82001", "Example practice"),
    ("g82001", "G82001", "Example practice"),
    ("kent and medway ccg", "91Q", ""),
    ("invicta", "SPMEKQ", "Invicta Ward Kent and Canterbury Hospital"),
)


@pytest.mark.parametrize(("asked", "code", "name"), SEARCHES)
def test_organisations_are_found_by_name_earlier_name_and_code(
    page: PageAt, asked: str, code: str, name: str
) -> None:
    if asked == "KENT medway icb":
        asked = "kent medway integrated"
    shown = page("?find=" + asked.replace(" ", "+"))
    first = nodes(shown, "Link")
    found = {item["props"]["href"]: words(item) for item in first}
    assert f"/organisation?organisation={code}" in found
    assert not name or found[f"/organisation?organisation={code}"] == name


def test_practices_are_found_by_the_place_that_they_lie_in() -> None:
    near = OrganisationChoice("G82001", "The Example Surgery", OrganisationType.PRACTICE)
    far = OrganisationChoice("Y00001", "Another Surgery", OrganisationType.PRACTICE)
    area = OrganisationChoice("10E", "NHS Thanet CCG", OrganisationType.CCG)
    known = searchable([near, far, area], {}, {"G82001": ["NHS Thanet CCG"]})
    assert [item.code for item in find("thanet", known).choices] == ["10E", "G82001"]
    assert [item.code for item in find("surgery thanet", known).choices] == ["G82001"]
    assert [item.code for item in find("surgery (Y00001)", known).choices] == ["Y00001"]


def test_suggestions_say_name_code_and_what_it_was(store: Store) -> None:
    client = create_app(store).server.test_client()
    found = client.get("/organisation/suggest?find=kent+and+medway+ccg").get_json()
    assert any(item["address"] == "/organisation?organisation=91Q" for item in found)
    assert len(client.get("/organisation/suggest?find=e").get_json()) <= 8
    assert client.get("/organisation/suggest?find=").get_json() == []


def test_a_trust_without_a_stroke_figure_says_why_and_who_serves(page: PageAt) -> None:
    text = words(page("?organisation=RPA"))
    assert "Medway Maritime Hospital closed as a stroke team on 30 June 2020" in text
    assert "Darent Valley Hospital (Dartford and Gravesham)" in text
    assert "Medway has no stroke figure" not in words(page("?organisation=RVV"))


def test_who_serves_is_said_only_where_the_table_of_teams_says_it() -> None:
    names = {"RPA": "Medway", "RN7": "Dartford and Gravesham", "RWF": "Maidstone and Tunbridge Wells"}
    before = stroke_cover("RPA", "Medway", names, date(2019, 6, 1))
    assert [name for name, _ in before.teams] == ["Medway Maritime Hospital"]
    assert before.text == (
        "Medway has no stroke figure of its own: the audit counts by team, and its team is Medway Maritime Hospital."
    )
    after = stroke_cover("RPA", "Medway", names, date(2024, 6, 1))
    assert [code for _, code in after.teams] == ["S148", "S196"]
    unknown = stroke_cover("RXY", "Kent and Medway Mental Health", names, date(2024, 6, 1))
    assert unknown.teams == ()
    assert "the audit's files do not say" in unknown.text


def test_the_search_without_words_is_a_form_with_our_own(page: PageAt) -> None:
    shown = page("?find=")
    assert title(shown) == "Find an organisation"
    (form,) = nodes(shown, "Form")
    assert (form["props"]["action"], form["props"]["method"]) == ("/organisation", "GET")
    (asked,) = nodes(form, "Input")
    assert asked["props"]["name"] == "find"
    assert nodes(form, "Label")[0]["props"]["htmlFor"] == asked["props"]["id"]
    assert "East Kent Hospitals University NHS Foundation Trust" in words(shown)


def test_at_most_fifty_are_listed_and_none_is_said(page: PageAt) -> None:
    shown = page("?find=nhs")
    results = [item for item in nodes(shown, "Ul") if item["props"].get("className") == "results"]
    assert len(nodes(results[0], "Li")) == 50
    assert "The first 50; more words find fewer." in words(shown)
    assert title(page("?find=xyzzy")) == "No organisation bears “xyzzy”"


HOSTILE = (
    "?organisation=ZZZ9",
    "?organisation=%3Cscript%3E",
    "?organisation=RVV&against=moon",
    "?organisation=RVV&period=1999-01",
    "?organisation=RVV&period=soon",
    "?organisation=RVV&groups=everything",
    "?organisation=RVV&rules=mine",
    "?organisation=RVV&published=yesterday",
    "?organisation=RVV&version=x",
    "?type=planet",
)


@pytest.mark.parametrize("search", HOSTILE)
def test_a_wrong_address_is_explained(page: PageAt, search: str) -> None:
    shown = page(search)
    assert title(shown) == "This address asks for something that there is not"
    assert nodes(shown, "Img") == []


def test_an_unknown_code_leads_to_the_nearest_and_to_the_search(page: PageAt) -> None:
    links = [item["props"]["href"] for item in nodes(page("?organisation=RVVX"), "Link")]
    assert "/organisation?organisation=RVV" in links
    assert "/organisation?find=RVVX" in links


def test_as_published_before_the_first_file_there_is_nothing(page: PageAt) -> None:
    shown = page("?organisation=RVV&published=2020-01-01")
    assert "published by 1 January 2020" in words(shown)
    assert nodes(shown, "Img") == []
    assert "64.0%" in words(page("?organisation=RVV&published=2026-10-20"))


@pytest.mark.parametrize(
    "search", ["", "?organisation=QKS", "?organisation=91Q", "?organisation=09C", "?find=kent"]
)
def test_a_warm_page_asks_at_most_four_times(page: PageAt, store: Store, search: str) -> None:
    page(search)
    asked: list[str] = []

    def listen(_c: object, _k: object, statement: str, _p: object, _x: object, _m: object) -> None:
        asked.append(statement)

    event.listen(store.engine, "before_cursor_execute", listen)
    try:
        page(search)
    finally:
        event.remove(store.engine, "before_cursor_execute", listen)
    assert 1 <= len([statement for statement in asked if "SELECT" in statement]) <= 4


def test_seeded_quarters_are_those_that_the_page_adds_up() -> None:
    """The last four quarters of East Kent as written: 18, 19, 14 and 18 of 25, 29, 19 and 25."""
    last = sorted(
        (r for r in rows() if (r.indicator, r.organisation) == (WITHIN_60, "RVV")), key=lambda r: r.period
    )[-4:]
    assert [sum(column) for column in zip(*((r.numerator, r.denominator) for r in last), strict=True)] == [
        69,
        98,
    ]


def test_no_page_holds_the_path_of_a_machine(page: PageAt) -> None:
    assert str(Path(__file__).resolve().parents[4]) not in json.dumps(page())


def test_figures_that_others_still_have_are_said_to_have_ended(tmp_path: Path) -> None:
    july = Period.month(2026, 7)
    boards = [Row(item, "QNX", AUGUST, 70, 100, basis=Basis.COMMISSIONER) for item in (FDS, TREATED_62)]
    boards += [Row(item, "QKS", july, 60, 100, basis=Basis.COMMISSIONER) for item in (FDS, TREATED_62)]
    store = seeded_store(tmp_path / "store.sqlite", boards)
    site = Site(store, load_settings(), today=lambda: date(2026, 11, 22))
    ended = words(page_at(site, "/organisation", "?organisation=QKS"))
    assert (
        "28-day faster diagnosis and 62-day treatment: the last figures are of July 2026. The files of later periods, "
        "to August 2026, have figures of other ICBs and none of this organisation." in ended
    )
    assert "have ended" not in words(page_at(site, "/organisation", "?organisation=QNX"))
    store.close()
