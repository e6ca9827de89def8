"""A file held against the store: what is wrong with it, and what adding it would change in the state that was seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from db.domain import Catalogue
from db.domain.own.figures import SubmissionMode
from db.domain.own.measures import OwnMeasure
from db.own.checking.file import CheckedFile, check_own_file
from db.own.checking.keys import Known
from db.own.definitions import own_measures
from db.own.submissions import OwnChanges, changes_of, own_state, standing_figures
from db.reading.files import RawFile


@dataclass(frozen=True)
class HandedIn:
    """A checked file with what adding it would change, by measure: nothing where it is refused."""

    checked: CheckedFile
    changes: dict[str, OwnChanges]
    measures: Mapping[str, OwnMeasure]
    state: str


def hand_in(
    connection: Connection,
    catalogue: Catalogue,
    raw: RawFile,
    *,
    today: date,
    mode: SubmissionMode = SubmissionMode.ADD,
    may_write: Callable[[str], bool] = lambda _code: True,
) -> HandedIn:
    """Check a file against the store. Nothing is stored."""
    measures = own_measures(connection)
    known = Known(catalogue, measures, today, may_write)
    checked = check_own_file(raw, known, lambda measure: standing_figures(connection, measure))
    changes = changes_of(connection, checked, mode, measures) if checked.accepted else {}
    return HandedIn(checked, changes, measures, own_state(connection))
