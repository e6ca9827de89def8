"""Which periods have figures is always what counting the observations gives, on both databases."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from db.domain import Period
from db.figures.code_lists import read_code_lists
from db.loading.undo.undo import undo_files
from db.store import Store
from db.store.catalogue_rows import synchronise_catalogue
from db.store.opening import MIGRATIONS
from tests.support.frames import FDS, NOVEMBER, OCTOBER, SIXTY_TWO, file, row
from tests.support.kept_store import Rows, rows
from tests.support.releases import put_rows

BREAST = "tumour group: Breast"
KINDS = ("RVV", "RWF", "QKS", "ENG", "91Q", "ZZ9")
"""Trusts, an ICB, England, a sub-location, and a code that no catalogue knows."""


def counted(store: Store) -> tuple[Rows, Rows]:
    """What stands, counted here: indicator, breakdown, type and period; and the newest period of each length."""
    types = {item[0]: item[1] for item in rows(store, "SELECT id, type FROM organisation")}
    lengths = {item[0]: item[1] for item in rows(store, "SELECT id, frequency FROM period")}
    held, newest = set(), dict[tuple[object, ...], int]()
    for indicator, breakdown, organisation, period in rows(
        store, "SELECT indicator_id, breakdown_id, organisation_id, period_id FROM observation"
    ):
        held.add((indicator, breakdown, types[organisation], period))
        place = (indicator, types[organisation], lengths[period])
        newest[place] = max(newest.get(place, 0), int(str(period)))
    return sorted(held, key=repr), sorted(((*place, last) for place, last in newest.items()), key=repr)


def kept(store: Store) -> tuple[Rows, Rows]:
    """The same as the store keeps it."""
    held = "indicator_id, breakdown_id, organisation_type, period_id"
    newest = "indicator_id, organisation_type, frequency, period_id"
    return (
        sorted(rows(store, f"SELECT {held} FROM period_held"), key=repr),
        sorted(rows(store, f"SELECT {newest} FROM latest_period"), key=repr),
    )


def random_figures(chance: random.Random) -> list[dict[str, object]]:
    """A few rows of two indicators by every kind of organisation: months and a year, whole and broken down."""
    places = [
        (indicator, period, breakdown, code)
        for indicator in (FDS, SIXTY_TWO)
        for period in (OCTOBER, NOVEMBER, Period.financial_year(2022).key)
        for breakdown in ("all", BREAST)
        for code in KINDS
    ]
    return [
        row(code, chance.randint(1, 3), 5, indicator=indicator, period=period, breakdown=breakdown)
        for indicator, period, breakdown, code in chance.sample(places, k=chance.randint(1, 12))
    ]


def undo_some(store: Store, chance: random.Random) -> None:
    """Take one of the files out, or put one back."""
    files = rows(store, "SELECT id, undone_by FROM source_file ORDER BY id")
    number, undone_by = chance.choice(files)
    with store.writing() as connection:
        undo_files(
            connection,
            read_code_lists(connection),
            [int(str(number))],
            by="a tester",
            reason="a test",
            puts_back=undone_by is not None,
        )


def test_periods_held_are_those_of_the_figures_whatever_comes_and_goes(store: Store) -> None:
    chance, most = random.Random(1), 0
    for number in range(11):
        invented = number < 5
        if number % 3 == 2:
            undo_some(store, chance)
        else:
            source = file(demonstration=invented, published_on=date(2024, 1, chance.randint(1, 9)))
            put_rows(store, replace(source, name=f"{number}.csv"), *random_figures(chance))
        assert kept(store) == counted(store), number
        most = max(most, len(kept(store)[0]))
    assert most > 10


def test_an_organisation_of_another_kind_has_its_periods_under_that_kind(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(text("UPDATE organisation SET type = 'unknown' WHERE code = 'RVV'"))
    put_rows(store, file(), row("RVV", 1, 2), row("ENG", 3, 4))
    assert {kind for *_, kind, _ in kept(store)[0]} == {"unknown", "country"}
    with store.writing() as connection:
        synchronise_catalogue(connection, store.catalogue)
    assert {kind for *_, kind, _ in kept(store)[0]} == {"trust", "country"}
    assert kept(store) == counted(store)


def test_a_store_of_before_is_given_the_periods_of_its_figures(store: Store) -> None:
    put_rows(store, file(), *random_figures(random.Random(7)))
    before = kept(store)
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    for change, revision in ((command.downgrade, "0014"), (command.upgrade, "head")):
        with store.writing() as connection:
            configuration.attributes["connection"] = connection
            change(configuration, revision)
    assert kept(store) == before
