"""Every board's and region's line against sums of its members' rows, worked out slowly from the files themselves."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from db.catalogue import FOLDER, lineage, load_catalogue
from db.domain import ENGLAND, Basis, Indicator, Period
from db.domain.reading import Reading, Selection
from db.figures.code_lists import read_code_lists
from db.figures.observations import readings
from db.store import Store
from stp_dash.analysis.area import codes_of, index_readings, own_series
from tests.support.seed import GPS, TREATED_62, Row, store_for_a_module

WAITING, MEDIAN = "rtt-waiting-list", "rtt-median-wait"
BOARDS_BEGAN = date(2022, 7, 1)
MONTHS = [
    Period.month(year, month)
    for year, month in (
        (2019, 12),
        (2020, 5),
        (2022, 5),
        (2022, 8),
        (2025, 12),
        (2026, 3),
        (2026, 4),
        (2026, 9),
    )
]


def day(cell: str, otherwise: date) -> date:
    return date.fromisoformat(cell) if cell else otherwise


@dataclass(frozen=True)
class Entry:
    """An organisation as the catalogue's file has it."""

    code: str
    kind: str
    opened: date
    closed: date


def lines(name: str) -> list[list[str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


ENTRIES = {
    code: Entry(code, kind, day(opened, date.min), day(closed, date.max))
    for code, _, kind, opened, closed in lines("organisations.csv")
}
PARENTS = [(code, above, day(a, date.min), day(z, date.max)) for code, above, a, z in lines("parents.csv")]
CHANGES = [
    (before, after, date.fromisoformat(on), kind) for before, after, on, kind in lines("successions.csv")
]
PLACES = {"CCG", "sub-ICB location"}


def open_on(on: date, kinds: set[str]) -> list[str]:
    return sorted(
        item.code for item in ENTRIES.values() if item.kind in kinds and item.opened <= on <= item.closed
    )


def within(above: str, on: date, kinds: set[str]) -> list[str]:
    own = [code for code, parent, a, z in PARENTS if parent == above and a <= on <= z]
    return sorted(code for code in own if ENTRIES[code].kind in kinds and ENTRIES[code].opened <= on)


@cache
def ground(code: str, on: date) -> frozenset[str]:
    """The pieces of land that an organisation has on a day: those of what it was made of, anew where a part moved."""
    if ENTRIES[code].kind == "ICB":
        return frozenset().union(*(ground(place, on) for place in within(code, on, PLACES)))
    own = frozenset({code})
    for when in sorted(
        {when for before, after, when, _ in CHANGES if when <= on and code in (before, after)}
    ):
        came = [(before, kind) for before, after, then, kind in CHANGES if after == code and then == when]
        left = [kind for before, _, then, kind in CHANGES if before == code and then == when]
        if any(kind in ("split", "transfer") for kind in [*(kind for _, kind in came), *left]):
            own = frozenset({f"{code} from {when}"})
        elif came:
            kept = own if ENTRIES[code].opened < when else frozenset()
            own = kept.union(*(ground(before, when.replace(year=when.year - 1)) for before, _ in came))
    return own


@cache
def members(code: str, on: date) -> list[str]:
    """Whose figures are an organisation's on a day; none where no whole organisations make up its ground."""
    entry = ENTRIES.get(code)
    if code == ENGLAND or (entry and entry.kind == "region"):
        boards = open_on(on, {"ICB"}) if code == ENGLAND else within(code, on, {"ICB"})
        return boards if on >= BOARDS_BEGAN else []
    if entry and entry.opened <= on:
        return [code] if on <= entry.closed else []
    whole = ground(code, ENTRIES[code].opened)
    for kinds in ({"ICB"}, PLACES):
        found = [item for item in open_on(on, kinds) if ground(item, on) <= whole]
        if found and frozenset().union(*(ground(item, on) for item in found)) == whole:
            return found
    return []


def seeded() -> Iterator[Row]:
    """Figures of every commissioner of each month, some of them missing or without counts."""
    random = Random(20_260_401)
    for month in MONTHS:
        for code in open_on(month.start, {"ICB", *PLACES}):
            board = ENTRIES[code].kind == "ICB"
            after = month.start >= BOARDS_BEGAN
            basis = Basis.SUB_ICB_LOCATION if after and not board else Basis.COMMISSIONER
            whole = random.randint(50, 5_000)
            share = random.randint(0, whole)
            if random.random() > 0.01:
                bare = random.random() < 0.01
                yield Row(TREATED_62, code, month, None if bare else share, whole, basis=basis)
            if random.random() > 0.01:
                yield Row(WAITING, code, month, None, None, basis=Basis.SUB_ICB_LOCATION, value=float(whole))
            yield Row(MEDIAN, code, month, None, None, basis=Basis.SUB_ICB_LOCATION, value=share / whole)
            posts = share / 4
            yield Row(GPS, code, Period.snapshot(month.end), posts, whole * 97, basis=Basis.PRACTICE)
    yield Row(TREATED_62, "Y59", MONTHS[-1], 1, 3, basis=Basis.COMMISSIONER)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    yield from store_for_a_module(tmp_path_factory, "every-line", list(seeded()))


Figure = tuple[float | None, float | None, float]


def rows_of(store: Store, indicator: str) -> dict[tuple[str, date], Any]:
    """The rows of `current_observation` by organisation and start of month."""
    with store.reading() as connection:
        rows = connection.execute(
            text(
                "SELECT organisation_code, period_end, numerator, denominator, value, basis "
                "FROM current_observation WHERE indicator = :indicator AND breakdown = 'all'"
            ),
            {"indicator": indicator},
        ).fetchall()
    return {(row[0], date.fromisoformat(str(row[1])).replace(day=1)): row for row in rows}


def slow_line(held: dict[tuple[str, date], Any], indicator: Indicator, code: str) -> dict[date, Figure]:
    """A line by its starts of months: counts and value where there is one."""
    found = {}
    for month in MONTHS:
        own, whose = held.get((code, month.start)), members(code, month.start)
        parts = [held.get((item, month.start)) for item in whose]
        known = [part for part in parts if part is not None]
        if own is not None and own.value is not None:
            found[month.start] = (own.numerator, own.denominator, own.value)
        elif len(whose) == 1 and known and known[0].value is not None:
            found[month.start] = (known[0].numerator, known[0].denominator, known[0].value)
        elif len(whose) > 1 and len(known) == len(whose) and len({part.basis for part in known}) == 1:
            if indicator.is_total:
                found[month.start] = (None, None, sum(part.value for part in known))
            elif all(part.numerator is not None and part.denominator is not None for part in known):
                top, foot = (sum(part[place] for part in known) for place in (2, 3))
                found[month.start] = (top, foot, indicator.multiplier * top / foot)
    return found


LINES = [
    *open_on(date(2026, 3, 31), {"ICB"}),
    *open_on(date(2026, 4, 1), {"ICB"}),
    *open_on(BOARDS_BEGAN, {"region"}),
]


def line(given: tuple[Reading, ...]) -> dict[date, Figure]:
    return {
        item.period.end.replace(day=1): (item.numerator, item.denominator, item.value)
        for item in given
        if item.value is not None
    }


@pytest.mark.parametrize("indicator_id", [TREATED_62, WAITING, MEDIAN, GPS])
def test_every_line_is_the_sum_of_its_members_rows(store: Store, indicator_id: str) -> None:
    catalogue = load_catalogue()
    indicator = catalogue.indicators[indicator_id]
    lengths, held = {}, rows_of(store, indicator_id)
    with store.reading() as connection:
        lists = read_code_lists(connection)
        codes = sorted(
            {item for code in [*LINES, ENGLAND] for item in codes_of(code, lineage(catalogue, code))}
        )
        periods = MONTHS if indicator_id != GPS else [Period.snapshot(month.end) for month in MONTHS]
        index = index_readings(
            readings(connection, lists, [Selection((indicator_id,), tuple(codes), tuple(periods))])
        )
    for code in dict.fromkeys([*LINES, ENGLAND]):
        found = line(own_series(index, indicator, code, lineage(catalogue, code)))
        assert found == slow_line(held, indicator, code), code
        lengths[code] = len(found)
    if indicator_id == GPS:
        # Every month since boards began is there, and before them where boundaries did not move.
        assert (lengths["QKS"], lengths["Z9B2Z"], lengths["D7T5G"], lengths["QRL"]) == (8, 8, 8, 8)
        assert (lengths["S1Y5D"], lengths["S9B9J"], lengths["QUA"], lengths["Y59"]) == (5, 2, 5, 5)


def test_the_slow_way_knows_what_is_known_of_mergers() -> None:
    assert members("QKS", date(2022, 5, 1)) == ["91Q"]
    assert len(members("QKS", date(2019, 12, 1))) == 8
    assert members("Z9B2Z", date(2026, 3, 1)) == ["QMJ", "QRV"]
    assert members("D7T5G", date(2026, 3, 1)) == ["06Q", "06T", "07G", "07H", "99E", "99F", "99G"]
    assert members("S9B9J", date(2026, 3, 1)) == []
