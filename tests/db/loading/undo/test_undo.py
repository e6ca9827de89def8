"""Files undone and put back: figures are those that the same loads without them leave, then and now."""

from __future__ import annotations

import random
from collections.abc import Collection
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from db.domain import Frequency, Maturity, OrganisationType, Period
from db.domain.changes import UndoEffect
from db.domain.reading import NOW, AsOf
from db.figures.code_lists import read_code_lists
from db.figures.data_version import data_version
from db.figures.holdings import (
    breakdowns_with,
    holdings,
    latest_periods,
    newest_by_breakdown,
    organisations_with,
    periods_by_type,
    periods_with,
)
from db.loading.undo.errors import UndoError
from db.loading.undo.undo import files_of_run, undo_effect, undo_files
from db.store import Store
from db.store.audit import audit_entries
from tests.support.frames import FDS, NOVEMBER, OCTOBER, SIXTY_TWO, TRUSTS, file, random_rows, row
from tests.support.postgresql import in_turn
from tests.support.read_back import readings_between
from tests.support.releases import FOREVER, START, put, put_rows, random_file
from tests.support.slow_store import Figure, Key, Release, store_after

Shown = dict[Key, tuple[float | None, float | None, int, bool, str]]


def shown(store: Store, seen: AsOf = NOW) -> Shown:
    with store.reading() as connection:
        found = readings_between(
            connection,
            indicators=[FDS, SIXTY_TWO],
            organisations=TRUSTS,
            frequencies=[Frequency.MONTH],
            since=date(2023, 10, 1),
            until=date(2023, 11, 30),
            as_of=seen,
        )
    return {
        (item.indicator, item.period.key, item.breakdown, item.organisation): (
            item.numerator, item.denominator, int(item.maturity), item.derived, item.files[0].name
        )
        for item in found
    }  # fmt: skip


def wanted(standing: dict[Key, Figure]) -> Shown:
    return {
        key: (item.numerator, item.denominator, item.maturity, item.derived, item.file.name)
        for key, item in standing.items()
    }


def figures(store: Store, seen: AsOf = NOW) -> dict[str, float | None]:
    return {key[3]: figure[0] for key, figure in shown(store, seen).items()}


def undone(store: Store, *files: int, puts_back: bool = False, reason: str = "a test") -> UndoEffect:
    with store.writing() as connection:
        return undo_files(
            connection,
            read_code_lists(connection),
            files,
            by="a tester",
            reason=reason,
            puts_back=puts_back,
            headline=["RVV", "RWF"],
        )


def effect(store: Store, *files: int, puts_back: bool = False) -> UndoEffect:
    with store.reading() as connection:
        return undo_effect(
            connection, read_code_lists(connection), files, puts_back=puts_back, headline=["RVV", "RWF"]
        )


def latest(store: Store) -> set[tuple[object, ...]]:
    with store.reading() as connection:
        rows = connection.execute(
            text("SELECT indicator_id, organisation_type, period_id FROM latest_period")
        )
        return {tuple(item) for item in rows}


def latest_by_hand(store: Store) -> set[tuple[object, ...]]:
    with store.reading() as connection:
        rows = connection.execute(
            text(
                "SELECT c.indicator_id, o.type, max(c.period_id) FROM observation c "
                "JOIN organisation o ON o.id = c.organisation_id GROUP BY c.indicator_id, o.type"
            )
        )
        return {tuple(item) for item in rows}


def test_figures_fall_back_to_the_earlier_file_and_earlier_versions_stay(store: Store) -> None:
    first = put_rows(store, file("july"), row("RVV", 10, 20), row("RWF", 5, 9))
    second = put_rows(store, file("august"), row("RVV", 11, 20), row("RPA", 1, 2))
    before = effect(store, second)
    assert (before.gone, before.back, before.changed, before.version) == (1, 1, 1, None)
    assert [(item.organisation, item.before, item.after) for item in before.examples] == [
        ("RVV", pytest.approx(55.0), 50.0),
        ("RWF", None, pytest.approx(55.5556, abs=1e-4)),
    ]
    assert figures(store) == {"RVV": 11, "RPA": 1}
    done = undone(store, second, reason="The publisher withdrew it")
    assert (done.indicators, done.examples) == (before.indicators, before.examples)
    assert done.version == second + 1
    assert figures(store) == {"RVV": 10, "RWF": 5}
    assert figures(store, AsOf(version=first)) == {"RVV": 10, "RWF": 5}
    assert figures(store, AsOf(version=second)) == {"RVV": 11, "RPA": 1}
    assert figures(store, AsOf(version=second + 1)) == {"RVV": 10, "RWF": 5}
    with store.reading() as connection:
        assert data_version(connection).number == second + 1
        (entry,) = audit_entries(connection)
    assert (entry.actor, entry.action, entry.subject, entry.detail) == (
        "a tester", "undo file", f"file {second}: august", "The publisher withdrew it",
    )  # fmt: skip


def test_what_was_undone_is_put_back_and_versions_between_stay(store: Store) -> None:
    first = put_rows(store, file("july"), row("RVV", 10, 20))
    second = put_rows(store, file("august"), row("RVV", 11, 20), row("RVV", 3, 4, period=NOVEMBER))
    undo = undone(store, second)
    assert undo.indicators[0].emptied[0].key == NOVEMBER
    back = undone(store, second, puts_back=True)
    assert (back.back, back.changed, back.version) == (1, 1, second + 2)
    assert [shown(store, AsOf(version=first + n))[FDS, OCTOBER, "all", "RVV"][0] for n in range(4)] == [
        10, 11, 10, 11,
    ]  # fmt: skip
    assert latest(store) == latest_by_hand(store)
    third = put_rows(store, file("september"), row("RVV", 12, 20))
    assert shown(store)[FDS, OCTOBER, "all", "RVV"][0] == 12
    assert shown(store, AsOf(version=third - 1))[FDS, OCTOBER, "all", "RVV"][0] == 11


def test_a_figure_that_a_later_file_repeated_is_then_that_files(store: Store) -> None:
    first = put_rows(store, file("first"), row("RVV", 10, 20))
    second = put_rows(store, file("second"), row("RVV", 10, 20))
    assert effect(store, second).indicators[0].gone == 0
    assert undone(store, first).moved == 1
    assert shown(store)[FDS, OCTOBER, "all", "RVV"] == (10, 20, int(Maturity.FINAL), False, "second")
    assert shown(store, AsOf(version=second))[FDS, OCTOBER, "all", "RVV"][4] == "first"


def test_a_sum_of_ours_comes_back_when_the_printed_figure_goes(store: Store) -> None:
    printed = put_rows(store, file("printed"), row("RVV", 10, 20))
    put_rows(store, file("summed"), row("RVV", 9, 20, derived=True))
    assert undone(store, printed).changed == 1
    assert figures(store) == {"RVV": 9}


def test_what_a_version_before_an_undo_held_is_still_listed(store: Store) -> None:
    put_rows(store, file("first"), row("RVV", 10, 20))
    cut = row("RWF", 1, 2, period=NOVEMBER, breakdown="tumour group: Breast")
    second = put_rows(store, file("second"), row("RVV", 11, 20), row("RWF", 3, 4, period=NOVEMBER), cut)
    before = held(store, NOW)
    undone(store, second)
    assert held(store, AsOf(version=second)) == before
    assert held(store, NOW) != before
    undone(store, second, puts_back=True)
    assert held(store, NOW) == held(store, AsOf(version=second)) == before


def held(store: Store, as_of: AsOf) -> list[object]:
    """All that pages are told of what there is: periods, breakdowns and organisations."""
    trusts, november = [OrganisationType.TRUST], Period.from_key(NOVEMBER)
    with store.reading() as connection:
        lists = read_code_lists(connection)
        return [
            sorted(latest_periods(connection, as_of), key=lambda item: item.period.key),
            periods_with(connection, indicators=[FDS], organisations=TRUSTS, as_of=as_of),
            periods_by_type(connection, indicator_code=FDS, types=trusts, as_of=as_of),
            breakdowns_with(connection, indicator_code=FDS, at=november, as_of=as_of),
            breakdowns_with(connection, indicator_code=FDS, organisation_code="RWF", as_of=as_of),
            organisations_with(connection, indicator_code=FDS, types=trusts, as_of=as_of),
            holdings(connection, lists, TRUSTS, as_of),
            newest_by_breakdown(connection, lists, TRUSTS, as_of),
        ]


def test_published_by_a_day_leaves_an_undone_file_out(store: Store) -> None:
    put_rows(store, file(published_on=date(2024, 1, 11)), row("RVV", 10, 20))
    second = put_rows(store, file(published_on=date(2024, 2, 8)), row("RVV", 11, 20))
    put_rows(store, file(published_on=date(2024, 3, 14)), row("RVV", 12, 20))
    undone(store, second)
    seen = [AsOf(published_by=day) for day in (date(2024, 1, 11), date(2024, 2, 8), date(2024, 3, 14))]
    assert [figures(store, as_of)["RVV"] for as_of in seen] == [10, 10, 12]


def test_a_table_that_an_undone_file_printed_withdraws_nothing(store: Store) -> None:
    newest = put_rows(store, file(published_on=date(2024, 3, 14)), row("RVV", 10, 20))
    undone(store, newest)
    put_rows(store, file(published_on=date(2024, 2, 8)), row("RVV", 9, 20), row("RPA", 1, 2))
    assert figures(store) == {"RVV": 9, "RPA": 1}
    undone(store, newest, puts_back=True)
    assert figures(store) == {"RVV": 10}


@pytest.mark.parametrize(
    ("files", "puts_back", "reason", "said"),
    [
        ((1,), True, "why", "file 1 .* counts already"),
        ((9,), False, "why", "the store holds no file 9"),
        ((1,), False, "  ", "wanted a reason"),
        ((), False, "why", "wanted the number of a file"),
    ],
)
def test_what_cannot_be_undone_is_said(
    store: Store, files: Collection[int], puts_back: bool, reason: str, said: str
) -> None:
    put_rows(store, file("one"), row("RVV", 10, 20))
    with pytest.raises(UndoError, match=said):
        undone(store, *files, puts_back=puts_back, reason=reason)
    assert figures(store) == {"RVV": 10}
    with store.reading() as connection, pytest.raises(UndoError, match="run 7 loaded no file that counts"):
        files_of_run(connection, 7)


def repeated(
    chance: random.Random, releases: list[Release], rows: tuple[dict[str, object], ...]
) -> tuple[dict[str, object], ...]:
    """At times a release prints again what an earlier one printed."""
    if releases and chance.random() < 0.4:
        return chance.choice(releases).rows
    return rows


# With sums of ours (odd seeds) and without, with dates of publication (1 and 2) and without, on each database.
@pytest.mark.parametrize(("store_url", "seed"), in_turn((0, 2, 1, 3)), indirect=["store_url"])
def test_any_sequence_of_loads_undos_and_put_backs_is_what_the_slow_store_says(
    store: Store, seed: int
) -> None:
    chance = random.Random(seed)
    releases: dict[int, Release] = {}
    out: set[int] = set()
    states: dict[int, Shown] = {}
    for number in range(14):
        if releases and chance.random() < 0.45:
            puts_back = bool(out) and chance.random() < 0.5
            choices = sorted(out) if puts_back else sorted({*releases} - out)
            if not choices:
                continue
            chosen = chance.sample(choices, k=min(len(choices), chance.randint(1, 2)))
            # What is said before is worked out as what is done: it is asked for at one step of three.
            said = effect(store, *chosen, puts_back=puts_back) if number % 3 == 0 else None
            done = undone(store, *chosen, puts_back=puts_back)
            assert said is None or (said.indicators, said.examples) == (done.indicators, done.examples)
            version = done.version or 0
            out ^= {*chosen}
            came_or_went = done.gone + done.back
        else:
            came_or_went = None
            day = START + timedelta(days=chance.randint(0, 6))
            source = random_file(chance, f"file-{seed}-{number}", day, dated=seed % 3 != 0)
            rows = random_rows(chance, derived=0.3 if seed % 2 else 0.0)
            rows = repeated(chance, list(releases.values()), rows)
            release = Release(source, rows, withdraws_absent=chance.random() < 0.8)
            version = put(store, release)
            releases[version] = release
        counting = [releases[key] for key in sorted(releases) if key not in out]
        before = states[max(states)] if states else {}
        states[version] = wanted(store_after(counting))
        assert shown(store) == states[version]
        assert came_or_went in {None, len(set(states[version]) ^ set(before))}
        assert latest(store) == latest_by_hand(store)
    for version, state in states.items():
        assert shown(store, AsOf(version=version)) == state
    counting = [releases[key] for key in sorted(releases) if key not in out]
    if seed % 3:
        assert shown(store, AsOf(published_by=FOREVER)) == wanted(store_after(counting))
    with store.reading() as connection:
        kept = sum(
            connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in ("observation", "observation_revision", "observation_unused")
        )
    assert kept == sum(len(item.rows) for item in releases.values())
