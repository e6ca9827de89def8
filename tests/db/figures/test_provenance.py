"""What later releases changed of a figure, and what they only repeated or confirmed."""

from __future__ import annotations

from typing import Any

from db.domain import Maturity
from db.domain.changes import Revision, RevisionKind
from db.figures.provenance import revisions
from db.store import Store
from tests.support.frames import FDS, TRUSTS, file, row
from tests.support.releases import put
from tests.support.slow_store import Release

FIRST = {
    "RWF": (1421, 1843, Maturity.PROVISIONAL),
    "RVV": (70, 100, Maturity.PROVISIONAL),
    "RPA": (1, 2, Maturity.FINAL),
}
SECOND = {
    "RWF": (1500, 1900, Maturity.PROVISIONAL),
    "RVV": (70, 100, Maturity.FINAL),
    "RPA": (1, 2, Maturity.FINAL),
}
THIRD = {
    "RWF": (1500, 1900, Maturity.FINAL),
    "RVV": (70, 100, Maturity.FINAL),
}


def loaded(store: Store, name: str, rows: dict[str, tuple[int, int, Maturity]], **more: Any) -> None:
    own = [row(code, within, total, maturity=maturity) for code, (within, total, maturity) in rows.items()]
    put(store, Release(file(name), tuple(own), **more))


def found(store: Store) -> dict[tuple[str, str], Revision]:
    with store.reading() as connection:
        rows = revisions(connection, indicator_code=FDS, organisations=TRUSTS)
    return {(item.organisation, item.file): item for item in rows}


def test_each_figure_stands_beside_the_one_that_replaced_it(store: Store) -> None:
    for name, rows in (("first", FIRST), ("second", SECOND), ("third", THIRD)):
        loaded(store, name, rows, withdraws_absent=name == "third")
    changed = found(store)
    assert {key: item.kind for key, item in changed.items()} == {
        ("RWF", "first"): RevisionKind.REVISED,
        ("RWF", "second"): RevisionKind.CONFIRMED,
        ("RVV", "first"): RevisionKind.CONFIRMED,
        ("RPA", "first"): RevisionKind.WITHDRAWN,
    }
    revised = changed["RWF", "first"]
    assert revised.after is not None
    assert (revised.before.numerator, revised.after.numerator) == (1421, 1500)
    assert (revised.replaced_by, revised.after.maturity) == ("second", Maturity.PROVISIONAL)
    withdrawn = next(item for key, item in changed.items() if key[0] == "RPA")
    assert withdrawn.after is None
