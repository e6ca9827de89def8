"""Every board beside the others: numbers, sides and places are those of the store's rows, in any order asked for."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Sequence
from statistics import fmean, pstdev
from typing import Any

import pytest
from sqlalchemy import text as sql

from db.catalogue import load_catalogue
from db.domain import ENGLAND, Maturity, OrganisationType, Period
from db.settings import load_settings
from stp_dash.frame.request import Site
from tests.support.built.demonstration import demonstration_store
from tests.support.seed import FDS, GPS, TREATED_62, WITHIN_60, Row, store_for_a_module
from tests.support.site.page_parts import nodes, plain, title, words
from tests.support.site.pages import download_at, page_at

MONTH, BEFORE = Period.month(2026, 8), Period.month(2026, 3)
MEDIAN = "rtt-median-wait"
OURS = "QKS"
OUTER = 3.090232306167813
"""Standard deviations beyond which chance puts 1 in 1,000 at each end."""


TRUSTS = {
    "RVV": 1000.0,
    "RWF": 5000.0,
    "RXC": 1100.0,
    "RTP": 1500.0,
    "RPA": 4000.0,
    "RXY": 1000.0,
    "RYR": 90.0,
}
"""Patients of trusts; RXY is a mental health trust."""


def boards(day: Period) -> list[str]:
    """The boards that were open on the first day of a period, by code."""
    found = load_catalogue().organisations.values()
    return sorted(
        item.code
        for item in found
        if item.type is OrganisationType.ICB
        and (item.opened_on is None or item.opened_on <= day.start)
        and (item.closed_on is None or item.closed_on >= day.start)
    )


def made_up() -> list[Row]:
    """Ours third on faster diagnosis, everybody alike on 62 days, GPs by size, and waits without counts."""
    rows: list[Row] = []
    for month in (MONTH, BEFORE):
        shares = {code: 700 + 5 * place for place, code in enumerate(boards(month))}
        shares |= {boards(month)[2]: shares[OURS], OURS: 710}
        counts = [(code, share * 4.0, 4000.0) for code, share in shares.items()]
        rows += [Row(FDS, code, month, x, n, maturity=Maturity.PROVISIONAL) for code, x, n in counts]
        rows.append(Row(FDS, ENGLAND, month, sum(x for _, x, _ in counts), 4000.0 * len(counts)))
    now = boards(MONTH)
    rows += [Row(TREATED_62, code, MONTH, 80 + place % 3, 100) for place, code in enumerate(now)]
    rows.append(Row(TREATED_62, ENGLAND, MONTH, 81 * len(now), 100 * len(now)))
    day = Period.snapshot(MONTH.end)
    patients = {code: 400_000.0 + 37_000 * ((7 * place) % 36) for place, code in enumerate(now)}
    rows += [Row(GPS, code, day, patients[code] / 2500, patients[code]) for code in now if code != now[-1]]
    rows.append(Row(GPS, ENGLAND, day, sum(patients.values()) / 2200, sum(patients.values())))
    rows += [Row(MEDIAN, code, MONTH, None, None, value=10 + place / 4) for place, code in enumerate(now)]
    rows.append(Row(MEDIAN, ENGLAND, MONTH, None, None, value=14.0))
    rows += [Row(FDS, code, MONTH, 0.7 * size, size) for code, size in TRUSTS.items()]
    return rows


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    for store in store_for_a_module(tmp_path_factory, "areas", made_up()):
        yield Site(store, load_settings())


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    for store in demonstration_store(tmp_path_factory):
        yield Site(store, load_settings())


def areas(site: Site, search: str = "") -> dict[str, Any]:
    return plain(page_at(site, "/areas", search))


def downloaded(site: Site, search: str) -> list[dict[str, str]]:
    found = download_at(site, "/areas", search, "csv")
    assert found is not None
    lines = [line for line in found[1].decode("utf-8-sig").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def table_of(page: dict[str, Any]) -> dict[str, Any]:
    """The table of all areas."""
    return next(item for item in nodes(page, "Table") if item["props"].get("className") == "ar")


def rows_of(page: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Each row's name and what its cells say, in the order of the page."""
    found = [item for body in nodes(table_of(page), "Tbody") for item in nodes(body, "Tr")]
    return [(words(nodes(item, "Th")).strip(), [words(cell) for cell in nodes(item, "Td")]) for item in found]


def heads_of(page: dict[str, Any]) -> list[dict[str, Any]]:
    return nodes(nodes(table_of(page), "Thead"), "Th")


def column(page: dict[str, Any], place: int) -> list[float]:
    """The numbers of a column below ours, in the order of the page."""
    cells = [cells[place] for _, cells in rows_of(page)[1:]]
    return [float(found[0]) for cell in cells if (found := re.findall(r"[\d.]+", cell))]


def test_ours_is_first_and_every_board_has_a_row(site: Site) -> None:
    page = areas(site)
    assert title(page).startswith(
        "Kent and Medway is 3rd of 36 areas, lowest first, for 28-day faster diagnosis"
    )
    shown = rows_of(page)
    assert len(shown) == len(boards(MONTH)) == 36
    assert shown[0][0] == "Kent and Medway"
    assert "2 areas are lower than ours" in words(page) or "Two areas are lower than ours" in words(page)


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("turned", [False, True])
def test_each_heading_sorts_by_its_column(site: Site, place: int, turned: bool) -> None:
    search = f"?columns={FDS},{TREATED_62},{GPS}"
    head = heads_of(areas(site, search))[place + 1]
    found = areas(site, "?" + nodes(head, "Link")[0]["props"]["href"].partition("?")[2])
    if turned:
        head = heads_of(found)[place + 1]
        found = areas(site, "?" + nodes(head, "Link")[0]["props"]["href"].partition("?")[2])
    direction = {True: "descending", False: "ascending"}[turned is (place > 0)]
    values = column(found, place)
    assert heads_of(found)[place + 1]["props"]["aria-sort"] == direction
    assert values == sorted(values, reverse=direction == "descending")
    assert [item["props"].get("aria-sort") for item in heads_of(found)].count(None) == 3
    assert rows_of(found)[0][0] == "Kent and Medway"
    if place == 2:
        assert rows_of(found)[-1][1][2].startswith("–"), "without a figure comes last in either order"


def test_names_sort_both_ways(site: Site) -> None:
    names = [name for name, _ in rows_of(areas(site, "?sort=name"))[1:]]
    turned = [name for name, _ in rows_of(areas(site, "?sort=name&order=descending"))[1:]]
    plain = [name.removesuffix("peer").strip() for name in names]
    assert plain == sorted(plain)
    assert turned == names[::-1]


def test_sides_are_those_of_the_998_limits(site: Site) -> None:
    """Worked out again from counts, by the normal limits of a share."""
    rows = downloaded(site, f"?columns={FDS},{TREATED_62}&sheet=areas")
    seen = set()
    for row in rows:
        n, x, centre = float(row["denominator"]), float(row["numerator"]), float(row["compared_value"]) / 100
        width = OUTER * math.sqrt(centre * (1 - centre) / n)
        side = "lower" if x / n < centre - width else "higher" if x / n > centre + width else "similar"
        assert row["side"] == side
        assert float(row["funnel_lower_998"]) == pytest.approx(100 * (centre - width), abs=1e-6)
        seen.add((row["indicator"], side))
    assert (FDS, "lower") in seen
    assert {side for indicator, side in seen if indicator == TREATED_62} == {"similar"}


def test_a_side_has_its_shape_and_its_word(site: Site) -> None:
    rows = nodes(table_of(areas(site, f"?columns={FDS}")), "Td")
    shapes = {"lower": "diamond", "higher": "triangle", "similar": "dot"}
    for cell in rows:
        side = next(side for side in shapes if f" {side} " in f" {words(cell)} ")
        mark = nodes(cell, "Span")[-1]["props"]["className"]
        assert shapes[side] in mark
        assert "hollow" in mark, "provisional"


def test_no_place_is_given_where_all_are_similar(site: Site) -> None:
    said = words(areas(site, f"?columns={TREATED_62}"))
    assert "limits say that all areas are similar" in said
    assert "lowest first, for" not in said
    assert (
        title(areas(site, f"?columns={TREATED_62}"))
        == "Kent and Medway is similar to England on the one figure shown"
    )


def test_what_has_no_counts_is_not_judged(site: Site) -> None:
    page = areas(site, f"?columns={MEDIAN}")
    assert "not judged: published without counts" in words(page)
    assert {row["side"] for row in downloaded(site, f"?columns={MEDIAN}&sheet=areas")} == {""}


def test_boards_before_the_mergers_have_their_own_page(site: Site) -> None:
    found = areas(site, f"?of=2022&columns={FDS}")
    assert len(rows_of(found)) == len(boards(BEFORE)) == 42
    assert len(rows_of(areas(site, f"?period=2026-03&columns={FDS}"))) == 42
    assert "March 2026" in words(found)
    assert title(areas(site, "?of=2026&period=2020-03")).startswith("No figures by area")


def slow_distances(values: Sequence[Sequence[float]], own: int) -> list[float]:
    """The Euclidean distance from one row, each column less its mean and over its deviation, one number at a time."""
    scaled = []
    for column_values in zip(*values, strict=True):
        mean, deviation = fmean(column_values), pstdev(column_values)
        scaled.append([(value - mean) / deviation for value in column_values])
    return [math.sqrt(sum((line[row] - line[own]) ** 2 for line in scaled)) for row in range(len(values))]


def test_a_month_before_the_mergers_can_be_seen_by_todays_boards(site: Site) -> None:
    """What was whole then is summed from its members' counts; what boundaries do not add up to has no row, and both are
    said."""
    month = "of=2026&period=2026-03"
    page = areas(site, f"?{month}")
    found = {row["organisation_code"]: row for row in downloaded(site, f"?{month}&sheet=areas")}
    with site.store.reading() as connection:
        told = connection.execute(
            sql(
                "select organisation_code, numerator, denominator from current_observation "
                "where indicator = :indicator and period_start = :start"
            ),
            {"indicator": FDS, "start": BEFORE.start.isoformat()},
        ).all()
    counts = {code: (x, n) for code, x, n in told}
    london = [sum(counts[code][place] for code in ("QMJ", "QRV")) for place in (0, 1)]
    row = found["Z9B2Z"]
    assert [float(row["numerator"]), float(row["denominator"])] == london
    assert float(row["value"]) == pytest.approx(100 * london[0] / london[1], abs=1e-9)
    assert float(found["QKS"]["numerator"]) == counts["QKS"][0]
    assert not {"S9B9J", "S0E4D", "QMJ", "QNX"} & set(found)
    said = words(page)
    assert "Sums of what was theirs then, where all of it has a figure: West and North London." in said
    assert "the boundaries of before do not add up to Thames Valley, and Surrey and Sussex" in said


@pytest.mark.parametrize("search", ["", "?of=2022", "?of=2026&period=2026-03", "?sort=name"])
def test_the_map_has_every_area_of_its_time_and_leads_to_each(site: Site, search: str) -> None:
    page = areas(site, search)
    codes = boards(MONTH if "2022" not in search else BEFORE)
    mapped = next(item for item in nodes(page, "Div") if item["props"].get("className") == "map")
    found = re.findall(r"area=([A-Z0-9]+)", str(mapped))
    assert sorted(set(found)) == codes
    assert "No boundaries are loaded: each area is a tile" in words(page)
    sheet = [row["organisation_code"] for row in downloaded(site, f"{search or '?'}&sheet=map")]
    assert set(sheet) <= set(codes) and sheet


@pytest.mark.parametrize("code", [ENGLAND, "Y59"])
def test_what_is_no_board_has_no_place_among_them(site: Site, code: str) -> None:
    said = words(areas(site, f"?area={code}"))
    assert "The spread of 36 areas" in said and "of these rows is" in said
    assert "No figure of ours" not in said and "where we stand" not in said.lower()
    assert ("Areas of South East." in said) is (code == "Y59")
    assert "Areas of" not in said.replace("Areas of South East.", "")


def test_similar_peers_are_the_nearest_by_size(site: Site) -> None:
    rows = downloaded(site, "?sheet=peers")
    placed = [row for row in rows if row["distance"]]
    assert [row["organisation_code"] for row in rows if not row["distance"]] == [boards(MONTH)[-1]]
    sizes = [[math.log(float(row["characteristic_value"]))] for row in placed]
    assert placed[0]["organisation_code"] == OURS
    again = slow_distances(sizes, 0)
    assert [float(row["distance"]) for row in placed] == pytest.approx(again)
    assert again == sorted(again)
    assert (placed[1]["characteristic"], placed[1]["period"]) == ("Registered patients", "31 August 2026")
    groups = downloaded(site, "?nearest=5&sheet=areas")
    peers = {row["organisation_code"] for row in groups if row["group"] == "peer"}
    assert peers == {row["organisation_code"] for row in placed[1:6]}
    said = words(areas(site))
    assert "Not loaded by area, so not part of it: patients aged 18 and over." in said
    assert "Deprivation is not part of it: no publication that is read here has such a figure" in said


def test_peers_can_be_the_region_chosen_or_none(site: Site) -> None:
    def ringed(search: str) -> set[str]:
        rows = downloaded(site, f"{search}&sheet=areas")
        return {row["organisation_code"] for row in rows if row["group"] == "peer"}

    now = boards(MONTH)
    known = load_catalogue().organisations
    own = {parent.code for parent in known[OURS].parents}
    region = {code for code in now if own & {parent.code for parent in known[code].parents}} - {OURS}
    assert ringed("?peers=all") == set()
    assert ringed("?peers=region") == region
    assert region
    assert ringed(f"?peers={now[0]},{now[5]}") == {now[0], now[5]}


def test_two_areas_stand_side_by_side(site: Site) -> None:
    other = boards(MONTH)[0]
    rows = downloaded(site, f"?beside={other}&columns={FDS},{GPS}&sheet=beside")
    found = {(row["organisation_code"], row["indicator"]): row["value"] for row in rows}
    assert len(rows) == 4
    assert (found[OURS, FDS], found[other, FDS]) == ("71.0", "70.0")
    said = words(areas(site, f"?beside={other}&columns={FDS},{GPS}"))
    assert "1.0 points higher" in said


def test_a_comparison_of_trusts_rings_those_of_the_same_kind_and_size(site: Site) -> None:
    search = f"?indicator={FDS}&by=trust&peers=similar&sheet=ranked"
    found = download_at(site, "/variation", search, "csv")
    assert found is not None
    lines = [line for line in found[1].decode("utf-8-sig").splitlines() if not line.startswith("#")]
    rows = {row["organisation_code"]: row["group"] for row in csv.DictReader(lines)}
    ours = {code for code, group in rows.items() if group == "ours"}
    assert {"RVV", "RWF"} <= ours
    acute = {code: math.log(size) for code, size in TRUSTS.items() if code != "RXY"}
    nearest = {
        other
        for own in ours - {"RXY"}
        for other in sorted(
            (code for code in acute if code != own), key=lambda c: abs(acute[c] - acute[own])
        )[:2]
    }
    assert {code for code, group in rows.items() if group == "peer"} == nearest - ours
    assert nearest - ours


WRONG = (
    "?columns=nothing",
    f"?columns={FDS},rtt-waiting-list",
    "?sort=banana",
    f"?sort={GPS}&columns={FDS}",
    "?order=up",
    "?of=1999",
    "?period=2026-13",
    "?peers=nobody",
    "?peers=,",
    "?peers=%3Cscript%3E",
    "?nearest=0",
    "?nearest=1e3",
    "?beside=QNX",
    "?beside=%27%20OR%201%3D1--",
    "?dispersion=maybe",
    "?columns=" + ",".join([FDS] * 3 + ["x" * 300]),
)


@pytest.mark.parametrize("search", WRONG)
def test_a_wrong_address_is_explained(site: Site, search: str) -> None:
    shown = areas(site, search)
    assert title(shown) == "This address asks for something that there is not"
    links = [item["props"]["href"] for item in nodes(nodes(shown, "Main"), "Link")]
    nearest = areas(site, "?" + links[0].partition("?")[2])
    assert title(nearest) != title(shown)


def test_the_demonstrations_numbers_are_the_stores_rows(demonstration: Site) -> None:
    """By a query of the test's own; the page shows what the download holds."""
    search = f"?columns={FDS},{TREATED_62},{WITHIN_60},{GPS}"
    rows = downloaded(demonstration, f"{search}&sheet=areas")
    statement = sql(
        "SELECT o.numerator, o.denominator, o.value FROM observation o"
        " JOIN indicator i ON i.id = o.indicator_id JOIN organisation g ON g.id = o.organisation_id"
        " JOIN period p ON p.id = o.period_id JOIN breakdown b ON b.id = o.breakdown_id"
        " WHERE i.code = :indicator AND g.code = :code AND b.key = 'all' AND g.type = 'ICB'"
        " ORDER BY p.start DESC LIMIT 1"
    )
    with demonstration.store.reading() as connection:
        for row in rows:
            given = {"indicator": row["indicator"], "code": row["organisation_code"]}
            held = connection.execute(statement, given).one()
            assert (row["numerator"], row["denominator"], row["value"]) == tuple(map(repr, held)), row
    shown = rows_of(areas(demonstration, search))
    by_name = dict(shown)
    own = [row for row in rows if row["group"] == "ours"]
    assert len(own) == 4
    for row, cell in zip(own, by_name["Kent and Medway"], strict=True):
        assert cell.startswith(
            f"{float(row['value']):.2f}" if row["indicator"] == GPS else f"{float(row['value']):.1f}%"
        )
    assert len(rows) == 4 * len(shown)
