"""Definitions of own measures in the store: each version kept, the newest in force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Connection, delete, func, insert, select

from db.domain.own.figures import Approval
from db.domain.own.measures import Audience, OwnMeasure
from db.own.errors import OwnMeasureError
from db.own.written import WrittenMeasure
from db.store import Store, audit
from db.store.schema import (
    own_approval,
    own_commentary,
    own_definition,
    own_figure,
    own_submission,
    own_submission_count,
    own_target,
    own_turn,
)
from db.store.turns import wait_for_other_loads

OWN_TURN = "own measures"
"""Whose turn it is, among those who write own measures."""


class DefinitionChange(StrEnum):
    """What a new version of a definition changes: nothing before it, words alone, or what is counted."""

    FIRST = "first"
    WORDING = "wording"
    MEANING = "meaning"


@dataclass(frozen=True)
class DefinitionVersion:
    """One version of a definition, by whom and when."""

    measure: OwnMeasure
    version: int
    at: datetime
    by: str
    change: DefinitionChange


_FIXED = ("kind", "frequency")
_MEANING = ("unit", "multiplier", "total")


def define_measure(
    store: Store, written: WrittenMeasure, by: str, change: DefinitionChange = DefinitionChange.WORDING
) -> int | None:
    """Keep a definition as the newest version of its measure; its number, or None where nothing is different.

    A change of meaning needs a break of its own from the day on which it counts. Raises OwnMeasureError.
    """
    with store.writing() as connection:
        wait_for_other_loads(connection, OWN_TURN)
        former = _newest(connection, written.id)
        if former is not None and former[1] == written:
            return None
        number = 1 if former is None else former[0] + 1
        if former is None:
            change = DefinitionChange.FIRST
        elif problems := list(_problems(former[1], written, change)):
            raise OwnMeasureError(f"{written.id}: {'; '.join(problems)}")
        connection.execute(
            insert(own_definition).values(
                measure=written.id,
                version=number,
                at=datetime.now(UTC),
                by=by,
                change=change.value,
                written=written.model_dump_json(),
            )
        )
        audit.record(connection, by, "own measure defined", written.id, f"version {number}, {change}")
    return number


def _newest(connection: Connection, measure: str) -> tuple[int, WrittenMeasure] | None:
    statement = (
        select(own_definition.c.version, own_definition.c.written)
        .where(own_definition.c.measure == measure)
        .order_by(own_definition.c.version.desc())
        .limit(1)
    )
    row = connection.execute(statement).first()
    return None if row is None else (row.version, WrittenMeasure.model_validate_json(row.written))


def _problems(former: WrittenMeasure, written: WrittenMeasure, change: DefinitionChange) -> Iterator[str]:
    for name in _FIXED:
        before, after = getattr(former, name), getattr(written, name)
        if before != after:
            yield f"{name}: {before} cannot become {after}; give the new measure an id of its own"
    changed = [name for name in _MEANING if getattr(former, name) != getattr(written, name)]
    if change is DefinitionChange.WORDING and changed:
        yield f"{', '.join(changed)}: that is a change of meaning, not of wording: say so, with a break or a new id"
    if change is DefinitionChange.MEANING and not set(written.breaks) - set(former.breaks):
        yield "breaks: a change of meaning needs a break on the day from which it counts, or a new id"


def own_measures(connection: Connection) -> dict[str, OwnMeasure]:
    """Every measure by its id, as its newest definition says, in the order of the definitions."""
    newest = (
        select(own_definition.c.measure, func.max(own_definition.c.version).label("version"))
        .group_by(own_definition.c.measure)
        .subquery()
    )
    rows = connection.execute(
        select(own_definition.c.written).join(
            newest,
            (own_definition.c.measure == newest.c.measure) & (own_definition.c.version == newest.c.version),
        )
    ).scalars()
    found = [WrittenMeasure.model_validate_json(text).measure for text in rows]
    return {item.id: item for item in sorted(found, key=lambda item: (item.order, item.id))}


def written_measure(connection: Connection, measure: str) -> WrittenMeasure | None:
    """The newest definition of a measure as it was written; None for none such."""
    found = _newest(connection, measure)
    return None if found is None else found[1]


def definition_versions(connection: Connection, measure: str) -> list[DefinitionVersion]:
    """Every version of a measure's definition, the newest first."""
    statement = (
        select(own_definition)
        .where(own_definition.c.measure == measure)
        .order_by(own_definition.c.version.desc())
    )
    return [
        DefinitionVersion(
            WrittenMeasure.model_validate_json(row.written).measure,
            row.version,
            row.at,
            row.by,
            DefinitionChange(row.change),
        )
        for row in connection.execute(statement)
    ]


def erase_measure(store: Store, measure: str, by: str) -> int:
    """Erase a measure for good: definitions, figures, targets, and submissions that had nothing else. What is left is
    a line of the audit, without figures. The number of figures that went. Raises OwnMeasureError for none such."""
    with store.writing() as connection:
        wait_for_other_loads(connection, OWN_TURN)
        if _newest(connection, measure) is None:
            raise OwnMeasureError(f"wanted the id of an own measure, found {measure!r}")
        figures = connection.execute(delete(own_figure).where(own_figure.c.measure == measure)).rowcount
        for table in (own_target, own_submission_count, own_definition, own_approval, own_commentary):
            connection.execute(delete(table).where(table.c.measure == measure))
        left = select(own_submission_count.c.submission)
        connection.execute(delete(own_turn).where(own_turn.c.submission.not_in(left)))
        connection.execute(delete(own_submission).where(own_submission.c.number.not_in(left)))
        audit.record(connection, by, "own measure erased", measure)
    return int(figures)


def approve_public(store: Store, measure: str, by: str, *, public: bool) -> None:
    """Record that a measure may be shown to everybody, or no longer. Raises OwnMeasureError where it never may."""
    with store.writing() as connection:
        wait_for_other_loads(connection, OWN_TURN)
        found = _newest(connection, measure)
        if found is None or (public and found[1].visibility.audience is not Audience.PUBLIC):
            raise OwnMeasureError(
                f"{measure}: wanted a measure whose definition says that everybody may see it"
            )
        connection.execute(
            insert(own_approval).values(measure=measure, at=datetime.now(UTC), by=by, public=public)
        )
        audit.record(
            connection, by, "own measure made public" if public else "own measure made private", measure
        )


def public_approvals(connection: Connection) -> dict[str, Approval]:
    """The measures that everybody may see, with who approved that: those whose newest approval stands and whose
    definition still says so."""
    found: dict[str, Approval] = {}
    for row in connection.execute(select(own_approval).order_by(own_approval.c.id)):
        found.pop(row.measure, None)
        if row.public:
            found[row.measure] = Approval(row.by, row.at)
    known = own_measures(connection) if found else {}
    return {
        key: item for key, item in found.items() if key in known and known[key].audience is Audience.PUBLIC
    }
