"""The variation page's words and numbers, worked out again by other means from the same rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from math import sqrt
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from sqlalchemy import event

from db.catalogue import load_catalogue
from db.domain import Basis, Maturity, OrganisationType, Period
from db.domain.columns import Columns
from db.domain.file import FileReference
from db.domain.observation import BASIS_CODES
from db.domain.organisation import OrganisationChoice
from db.figures.data_version import data_version
from db.settings import load_settings
from db.store import Store
from stp_dash.analysis.columns import RankingInput, Register, ranking
from stp_dash.analysis.control import SeriesInput, controlled
from stp_dash.analysis.kinds import (
    COMPARISONS,
    breakdowns_by_dimension,
    dimension_text,
)
from stp_dash.analysis.sheet import OnDemand, Sheet
from stp_dash.elements.links import read_search
from stp_dash.frame.request import PageRequest, ParameterError, Site
from stp_dash.frame.shell import Page
from stp_dash.pages.variation.deciles import deciles
from stp_dash.pages.variation.page import build
from tests.support.read_back import readings_between
from tests.support.seed import (
    NEEDLE,
    TREATED_62,
    Row,
    ordinary_rows,
    other_trusts,
    seeded_store,
    store_for_a_module,
    stroke_rows,
)
from tests.support.site.page_parts import nodes, plain, words
from tests.support.site.pages import page_at, page_shown, rows_downloaded

AUGUST = Period.month(2026, 8)
BuildPage = Callable[..., Page]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    rows = [*ordinary_rows()]
    for month in range(3, 9):
        rows += other_trusts(60, Period.month(2026, month))
    small = load_catalogue().organisations
    tiny = [
        code for code, item in small.items() if item.type is OrganisationType.TRUST and item.closed_on is None
    ]
    held = {row.organisation for row in rows}
    rows.append(Row(TREATED_62, next(code for code in sorted(tiny) if code not in held), AUGUST, 1, 5))
    yield from store_for_a_module(tmp_path_factory, "variation", rows)


@pytest.fixture(scope="module")
def site(store: Store) -> Site:
    return Site(store, load_settings())


@pytest.fixture
def page(store: Store, site: Site) -> BuildPage:
    def at(search: str = f"?indicator={TREATED_62}", width: Any = "desktop") -> Page:
        with store.reading() as connection:
            request = PageRequest(site, "/variation", read_search(search), width)
            return build(request, connection, data_version(connection))

    return at


def sheet(page: Page, name: str) -> Sheet:
    return next(item for item in page.sheets if item.name == name)


def raw(found: Sheet, key: str) -> list[object]:
    return list(next(column.raw for column in found.columns if column.key == key))


def by_code(found: Sheet, key: str) -> dict[object, Any]:
    return dict(zip(raw(found, "organisation_code"), raw(found, key), strict=True))


def test_the_ranking_is_the_rows_divided_and_in_order(page: BuildPage, store: Store) -> None:
    found = sheet(page(), "ranked")
    values = raw(found, "value")
    assert values == sorted(float(str(value)) for value in values)
    assert len(values) == 65
    shared = [values.index(value) + 1 for value in values]
    assert raw(found, "rank") == shared
    shown = list(next(column.shown for column in found.columns if column.key == "rank"))
    assert shown == [f"joint {n}" if shared.count(n) > 1 else str(n) for n in shared]

    for numerator, denominator, value in zip(
        raw(found, "numerator"), raw(found, "denominator"), values, strict=True
    ):
        assert float(str(numerator)) / float(str(denominator)) * 100 == pytest.approx(float(str(value)))


def test_organisations_with_equal_figures_share_a_rank(tmp_path: Path) -> None:
    counts = {"RVV": (80, 100), "RWF": (40, 50), "RPA": (90, 100), "RN7": (70, 100)}
    rows = [Row(TREATED_62, code, AUGUST, *pair) for code, pair in counts.items()]
    store = seeded_store(tmp_path / "ties.sqlite", rows)
    found = rows_downloaded(store, "/variation", f"?indicator={TREATED_62}&sheet=ranked")
    assert {row["organisation_code"]: row["rank"] for row in found} == {
        "RN7": "1",
        "RVV": "2",
        "RWF": "2",
        "RPA": "4",
    }
    shown = words(nodes(page_shown(store, "/variation", f"?indicator={TREATED_62}&table=ranked"), "Main"))
    assert shown.count("joint 2") == 2
    store.close()


@pytest.mark.parametrize(
    ("counts", "lede", "finding"),
    [
        (
            {"RVV": (140, 200), "RWF": (70, 100), "RPA": (140, 200), "RN7": (70, 100)},
            "Our four trusts all have 70.0%.",
            "Our four trusts have the same figure, 70.0%; Medway and East Kent are the most short, by 30 patients "
            "each.",
        ),
        (
            {"RVV": (70, 100), "RWF": (70, 100), "RPA": (70, 100), "RN7": (70, 100)},
            "Our four trusts all have 70.0%.",
            "Our four trusts have the same figure, 70.0%, and each is 15 patients short.",
        ),
        (
            {"RVV": (60, 100), "RWF": (30, 50), "RPA": (140, 200), "RN7": (90, 100)},
            "Our four trusts range from 60.0% to 90.0%.",
            "Of ours, East Kent, and Maidstone and Tunbridge Wells have the lowest figure, 60.0%; Medway is the most "
            "short, by 30 patients.",
        ),
    ],
)
def test_none_of_equals_is_said_to_be_the_lowest(
    tmp_path: Path, counts: dict[str, tuple[int, int]], lede: str, finding: str
) -> None:
    rows = [Row(TREATED_62, code, AUGUST, *pair) for code, pair in counts.items()]
    store = seeded_store(tmp_path / "level.sqlite", [*rows, Row(TREATED_62, "ENG", AUGUST, 700, 1000)])
    shown = words(nodes(page_shown(store, "/variation", f"?indicator={TREATED_62}"), "Main"))
    assert lede in shown
    assert finding in shown
    store.close()


def funnel_sentence(page: Page) -> str:
    """The sentence over the funnel, as the browser gets it."""
    found = [words(item) for item in nodes(plain(list(page.body)), "P")]
    return next(text for text in found if "outer limits of chance" in text)


def wilson_by_hand(x: float, n: float) -> tuple[float, float]:
    z = NormalDist().inv_cdf(0.975)
    centre = (x + z * z / 2) / (n + z * z)
    half = z * sqrt(x * (n - x) / n + z * z / 4) / (n + z * z)
    return 100 * (centre - half), 100 * (centre + half)


def test_intervals_and_comparisons_are_wilsons_against_england(page: BuildPage) -> None:
    found = sheet(page(), "ranked")
    england = (690 + 2 * ((40 * 7) % 11)) * 25 / (925 * 25 + 3000) * 100
    rows = zip(
        *(raw(found, key) for key in ("numerator", "denominator", "lower_95", "upper_95", "compared")),
        strict=True,
    )
    told = set()
    for x, n, lower, upper, compared in rows:
        low, high = wilson_by_hand(float(str(x)), float(str(n)))
        assert (lower, upper) == pytest.approx((low, high))
        word = "similar" if low <= england <= high else "better" if low > england else "worse"
        assert compared == word
        told.add(word)
    assert told == {"similar", "better", "worse"}


def test_title_lede_and_finding_say_what_intervals_say(page: BuildPage) -> None:
    shown = page()
    assert shown.title == "62-day treatment: one of our four trusts meets 85%"
    assert "Maidstone and Tunbridge Wells is higher than England." in shown.lede
    assert "Our four trusts range from 64.0% to 85.2%." in shown.lede
    assert "could be chance" in shown.lede
    assert shown.lede.startswith("August 2026, provisional and final.")


def test_a_small_one_is_in_the_table_and_not_on_the_charts(page: BuildPage) -> None:
    shown = page()
    found = sheet(shown, "ranked")
    assert min(float(str(n)) for n in raw(found, "denominator")) == 5
    texts = str(shown.body)
    assert "64 trusts with 20 patients or more, and ours; one is smaller and in the table only" in texts


def classes_by_hand(x: float, n: float, average: float) -> str:
    names = []
    for tail in (0.001, 0.025):
        half = NormalDist().inv_cdf(1 - tail) * sqrt(average * (1 - average) / n)
        share = x / n
        names.append(
            "high" if share > min(1, average + half) else "low" if share < max(0, average - half) else ""
        )
    if names[0]:
        return {"high": "above the outer limit", "low": "below the outer limit"}[names[0]]
    return {"high": "above the inner limit", "low": "below the inner limit", "": "inside the limits"}[
        names[1]
    ]


def test_the_numbers_behind_each_class_of_the_funnel(page: BuildPage) -> None:
    found = sheet(page(f"?indicator={TREATED_62}&dispersion=off"), "funnel")
    average = (690 + 2 * ((40 * 7) % 11)) * 25 / (925 * 25 + 3000)
    columns = ("numerator", "denominator", "expected", "excess", "funnel_class")
    counts: dict[str, int] = {}
    for row in zip(*(raw(found, key) for key in columns), strict=True):
        x, n, expected, excess = (float(str(cell)) for cell in row[:4])
        name = row[4]
        assert expected == pytest.approx(n * average)
        assert excess == pytest.approx(x - n * average)
        assert name == classes_by_hand(x, n, average)
        counts[str(name)] = counts.get(str(name), 0) + 1
    assert len(counts) >= 4
    for name, count in counts.items():
        assert f"{count} {name}" in found.note


def test_limits_are_widened_where_a_tenth_differ_by_more_than_chance_unless_asked(page: BuildPage) -> None:
    chance, wide = page(f"?indicator={TREATED_62}&dispersion=off"), page()
    before, after = (
        by_code(sheet(chance, "funnel"), "funnel_upper_95"),
        by_code(sheet(wide, "funnel"), "funnel_upper_95"),
    )
    outside = sum("outer" in str(name) for name in raw(sheet(chance, "funnel"), "funnel_class"))
    every = len(raw(sheet(chance, "funnel"), "funnel_class"))
    assert outside > every / 10
    told = f"{outside} of {every} trusts lie outside the outer limits of chance: they differ by more than chance."
    sentences = [funnel_sentence(shown) for shown in (chance, wide)]
    assert all(text.startswith(told) for text in sentences)
    assert "the difference from England could be chance" in sentences[0]
    assert "the difference from England is no more than usual among trusts" in sentences[1]
    assert "could be chance" not in sentences[1]
    assert after["RVV"] > before["RVV"]
    assert "Limits widened" in sheet(wide, "funnel").note
    assert "No adjustment for over-dispersion" in sheet(chance, "funnel").note
    widened = [name for name in raw(sheet(wide, "funnel"), "funnel_class") if name != "inside the limits"]
    assert len(widened) < len(
        [n for n in raw(sheet(chance, "funnel"), "funnel_class") if n != "inside the limits"]
    )


def test_deciles_are_percentiles_of_trusts_that_are_large_enough(page: BuildPage) -> None:
    shown = page()
    ranked, over_time = sheet(shown, "ranked"), sheet(shown, "over-time")
    values = [
        float(str(value))
        for value, n in zip(raw(ranked, "value"), raw(ranked, "denominator"), strict=True)
        if float(str(n)) >= 20
    ]
    assert re.search(r"Line at \d+%: the standard\.", over_time.note)
    rows = list(zip(raw(over_time, "organisation_code"), raw(over_time, "period_start"), strict=True))
    place = rows.index(("RVV", AUGUST.start))
    for tenth in range(10, 100, 10):
        column = raw(over_time, f"decile_{tenth}")
        assert column[place] == pytest.approx(float(np.quantile(values, tenth / 100)))
    assert [raw(over_time, f"decile_{tenth}")[place + 10] for tenth in (10, 90)] == [None, None]


def test_panels_are_ours_worst_first_then_the_area_and_england(page: BuildPage) -> None:
    found = sheet(page(), "over-time")
    names = list(dict.fromkeys(raw(found, "organisation_name")))
    assert names == [
        "East Kent",
        "Medway",
        "Dartford and Gravesham",
        "Maidstone and Tunbridge Wells",
        "Kent and Medway",
        "England",
    ]
    starts = [
        day
        for code, day in zip(raw(found, "organisation_code"), raw(found, "period_start"), strict=True)
        if code == "RVV"
    ]
    assert len(starts) == 24
    assert starts == sorted(starts, key=str, reverse=True)


def test_a_missing_month_has_no_value_in_the_panels_table(page: BuildPage) -> None:
    found = sheet(page(), "over-time")
    rows = zip(raw(found, "organisation_code"), raw(found, "period_start"), raw(found, "value"), strict=True)
    medway = {day: value for code, day, value in rows if code == "RPA"}
    assert medway[Period.month(2025, 6).start] is None
    assert medway[Period.month(2025, 7).start] is not None


def test_peers_stand_out_and_change_no_number(page: BuildPage) -> None:
    usual = page()
    some = [str(code) for code in raw(sheet(usual, "ranked"), "organisation_code")][:2]
    chosen = page(f"?indicator={TREATED_62}&peers={','.join(some)}")
    groups = by_code(sheet(chosen, "ranked"), "group")
    assert [code for code, group in groups.items() if group == "peer"] == some
    for key in ("value", "rank", "upper_95"):
        assert raw(sheet(chosen, "ranked"), key) == raw(sheet(usual, "ranked"), key)
    region = by_code(sheet(page(f"?indicator={TREATED_62}&peers=region"), "ranked"), "group")
    known = load_catalogue().organisations
    for code, group in region.items():
        if group == "peer":
            parents = {parent.code for parent in known[str(code)].parents}
            above = {p.code for parent in parents for p in known[parent].parents} | parents
            assert "Y59" in above


def test_columns_that_cannot_be_are_left_out() -> None:
    assert list(OnDemand(3, lambda row: f"row {row}")) == ["row 0", "row 1", "row 2"]
    assert OnDemand(3, str)[-1] == "2"
    assert OnDemand(3, str)[:2] == ["0", "1"]
    with pytest.raises(IndexError):
        OnDemand(3, str)[3]


def test_breakdowns_fold_by_their_dimensions() -> None:
    keys = ("all", "route: Screening; tumour group: Breast", "tumour group: Breast", "route: Screening")
    assert breakdowns_by_dimension(keys) == {
        "route": ("route: Screening",),
        "tumour group": ("tumour group: Breast",),
        "route; tumour group": ("route: Screening; tumour group: Breast",),
    }
    assert dimension_text(keys[1]) == "Route and tumour group"


FILE = FileReference(1, "file.csv", "A file", "", None, demonstration=False)


def register(codes: dict[int, str], kind: OrganisationType) -> Register:
    known = {key: OrganisationChoice(code, code, kind) for key, code in codes.items()}
    return Register(known, load_catalogue().organisations)


def columns(values: dict[int, float | None], period: Period, size: float = 100) -> Columns:
    basis = BASIS_CODES["commissioner"]
    return Columns.of(
        [
            (period.key, key, size, value, value, int(Maturity.FINAL), basis, 0, FILE.id)
            for key, value in values.items()
        ]
    )


def rank(known: Register, given: Columns, kind: str, period: Period) -> list[str]:
    indicator = load_catalogue().indicators[TREATED_62]
    found = ranking(
        RankingInput(known, {1: FILE}, indicator, COMPARISONS[kind], period, "all", given, ("09C",), (), {})
    )
    return [found.code(place) for place in range(len(found))]


def test_codes_of_ccgs_belong_to_the_day() -> None:
    """09C closed on 31 March 2020; 91Q took over the next day."""
    known = register({1: "09C", 2: "91Q"}, OrganisationType.CCG)
    before, after = Period.month(2020, 3), Period.month(2020, 4)
    assert rank(known, columns({1: 50.0, 2: 60.0}, before), "ccg", before) == ["09C"]
    assert rank(known, columns({1: 50.0, 2: 60.0}, after), "ccg", after) == ["91Q"]
    assert rank(known, columns({1: 50.0, 2: 60.0}, after), "former-ccg", after) == ["09C"]


def test_equal_values_are_in_order_of_code_and_missing_ones_out() -> None:
    known = register({1: "RZZ", 2: "RAA", 3: "RMM"}, OrganisationType.TRUST)
    found = rank(known, columns({1: 50.0, 2: 50.0, 3: None}, AUGUST), "trust", AUGUST)
    assert found == ["RAA", "RZZ"]


def test_too_few_organisations_have_no_deciles() -> None:
    known = register({i: f"R{i:02}" for i in range(1, 12)}, OrganisationType.TRUST)
    indicator = load_catalogue().indicators[TREATED_62]
    nine = columns({i: 50.0 + i for i in range(1, 10)}, AUGUST)
    assert deciles(known, indicator, COMPARISONS["trust"], nine, [AUGUST]) == {}
    ten = columns({i: 50.0 + i for i in range(1, 11)}, AUGUST)
    found = deciles(known, indicator, COMPARISONS["trust"], ten, [AUGUST])
    assert found[AUGUST][4] == pytest.approx(55.5)
    assert found[AUGUST][0] == pytest.approx(51.9)
    tiny = columns({i: 50.0 + i for i in range(1, 11)}, AUGUST, size=5)
    assert len(deciles(known, indicator, COMPARISONS["trust"], tiny, [AUGUST])) == 1


HOSTILE = ("peers=nobody", "peers=RVV,nobody", "dispersion=yes", "by=everything", "breakdown=route%3A+None")


@pytest.mark.parametrize("parameter", HOSTILE)
def test_what_there_is_not_is_refused_with_the_nearest(page: BuildPage, parameter: str) -> None:
    with pytest.raises(ParameterError) as refused:
        page(f"?indicator={TREATED_62}&{parameter}")
    assert refused.value.nearest


def test_limits_of_the_panels_are_those_of_the_whole_series(page: BuildPage, store: Store) -> None:
    """The same organisation and indicator have the same limits and signals wherever they stand."""
    with store.reading() as connection:
        series = readings_between(
            connection,
            indicators=[TREATED_62],
            organisations=["RVV"],
            frequencies=[AUGUST.frequency],
            since=date.min,
            until=date.max,
        )
    whole = controlled(SeriesInput(load_catalogue().indicators[TREATED_62], series, "East Kent"))
    found = sheet(page(), "over-time")
    rows = list(zip(raw(found, "organisation_code"), raw(found, "period_start"), strict=True))
    for place in range(5):
        row = rows.index(("RVV", whole.periods[-1 - place].start))
        for key in ("mean", "lower_process_limit", "upper_process_limit"):
            assert raw(found, key)[row] == pytest.approx(getattr(whole.analysed, key)[-1 - place])
        assert raw(found, "signals")[row] == "; ".join(whole.analysed.rules[-1 - place])


def test_as_published_by_a_day_reads_the_same_figures_another_way(page: BuildPage) -> None:
    now, then = page(), page(f"?indicator={TREATED_62}&published=2026-10-09")
    assert then.title == now.title
    for name in ("ranked", "funnel", "over-time"):
        for column in sheet(now, name).download:
            assert raw(sheet(then, name), column.key) == list(column.raw), (name, column.key)
    assert "published=2026-10-09" in then.state


def test_before_anything_was_published_the_page_says_so(page: BuildPage) -> None:
    before = page(f"?indicator={TREATED_62}&published=2020-01-01")
    assert before.title == "62-day treatment: no figures by trust in August 2026"
    assert before.sheets == ()


def test_a_warm_page_asks_the_store_twice(page: BuildPage, store: Store) -> None:
    """Besides the data version: all organisations' figures, and the series of a few; deciles are kept."""
    page()
    asked: list[str] = []

    def note(*arguments: Any) -> None:
        asked.append(arguments[2])

    event.listen(store.engine, "before_cursor_execute", note)
    page()
    event.remove(store.engine, "before_cursor_execute", note)
    selects = [text for text in asked if text.startswith("SELECT")]
    assert len(selects) == 3
    assert len([text for text in selects if "FROM observation" in text]) == 2


def test_worst_is_first_where_less_is_better(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "stroke.sqlite", stroke_rows())
    with store.reading() as connection:
        request = PageRequest(Site(store, load_settings()), "/variation", {"indicator": NEEDLE})
        shown = build(request, connection, data_version(connection))
    names = list(dict.fromkeys(raw(sheet(shown, "over-time"), "organisation_name")))
    assert names[0] == "Darent Valley Hospital"
    assert names[-1] == "SSNAP national"
    assert [item.name for item in shown.sheets] == ["ranked", "over-time"]
    store.close()


def test_shares_of_residents_have_no_interval_and_no_funnel(tmp_path: Path) -> None:
    """Everybody who lives in a place is counted: no share of them differs from England's by chance."""
    aged, day = "resident-population-aged-70-and-over", Period.snapshot(date(2019, 6, 30))
    people = {
        "E10000016": (236_000, 1_581_555),
        "E06000035": (32_000, 278_556),
        "E10000011": (90_000, 557_229),
    }
    rows = [
        Row(aged, code, day, old, every, basis=Basis.RESIDENCE, maturity=Maturity.FINAL)
        for code, (old, every) in people.items()
    ]
    nation = Row(aged, "ENG", day, 7_556_976, 56_286_961, basis=Basis.NATIONAL, maturity=Maturity.FINAL)
    store = seeded_store(tmp_path / "people.sqlite", [*rows, nation])
    shown = page_at(Site(store, load_settings()), "/variation", f"?indicator={aged}", "desktop")
    store.close()
    told = " ".join(words(plain(shown)).split())
    assert "Medway 11.5% to Kent 14.9%" in told
    assert "Where our upper-tier authorities stand" in told
    assert "Is it more than usual?" not in told
    assert "no intervals: everybody is counted" in told
    assert "Wilson" not in told
    assert "chance" not in told
