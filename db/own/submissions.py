"""Submissions of own figures: added, withdrawn and put back, each in one transaction; every earlier figure is kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Row, func, insert, select, update

from db.domain import Period
from db.domain.own.figures import FigureKey, OwnFigure, Submission, SubmissionCounts, SubmissionMode
from db.domain.own.measures import LocalTarget, OwnMeasure
from db.own.checking.file import CheckedFile
from db.own.checking.numbers import number_text
from db.own.definitions import OWN_TURN
from db.own.errors import OwnMeasureError
from db.store import Store, audit
from db.store.schema import (
    own_definition,
    own_figure,
    own_submission,
    own_submission_count,
    own_target,
    own_turn,
)
from db.store.turns import wait_for_other_loads


@dataclass(frozen=True)
class OwnChanges:
    """What adding a file would change in one measure: figures by what becomes of them, changed ones with the figure
    that stands."""

    new: tuple[OwnFigure, ...] = ()
    changed: tuple[tuple[OwnFigure, OwnFigure], ...] = ()
    same: int = 0
    withdrawn: tuple[OwnFigure, ...] = ()
    targets: int = 0

    @property
    def any(self) -> bool:
        """Whether anything would be different."""
        return bool(self.new or self.changed or self.withdrawn or self.targets)


@dataclass(frozen=True)
class AddedSubmission:
    """What adding a file did: the submission's number, None where nothing was new, and the changes by measure."""

    number: int | None
    changes: dict[str, OwnChanges]


def own_state(connection: Connection) -> str:
    """What tells one state of definitions and submissions from the next: a check and an add are of the same state."""
    newest = connection.execute(select(func.coalesce(func.max(own_submission.c.number), 0))).scalar_one()
    turns, versions = (
        connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in (own_turn, own_definition)
    )
    return f"{newest}.{turns}.{versions}"


def standing_figures(connection: Connection, measure: str) -> dict[FigureKey, OwnFigure]:
    """The figures of a measure that stand: of each key that of the newest submission, from the last one that replaced
    the measure on."""
    numbers = _standing_numbers(connection, measure)
    if not numbers:
        return {}
    statement = (
        select(own_figure)
        .where(own_figure.c.measure == measure, own_figure.c.submission.in_(numbers))
        .order_by(own_figure.c.submission)
    )
    return {figure.key: figure for figure in map(_figure, connection.execute(statement))}


def _standing_numbers(connection: Connection, measure: str) -> list[int]:
    statement = (
        select(own_submission.c.number, own_submission.c.mode, own_submission_count.c.lines)
        .join(own_submission_count, own_submission_count.c.submission == own_submission.c.number)
        .where(own_submission_count.c.measure == measure, own_submission.c.stands)
        .order_by(own_submission.c.number)
    )
    numbers: list[int] = []
    for row in connection.execute(statement):
        if row.mode == SubmissionMode.REPLACE and row.lines:
            numbers = []
        numbers.append(row.number)
    return numbers


def _figure(row: Row[tuple[object, ...]]) -> OwnFigure:
    key = FigureKey(row.measure, row.organisation, row.unit, Period.from_key(row.period_id))
    return OwnFigure(
        key,
        row.numerator,
        row.denominator,
        row.value,
        row.provisional,
        row.missing_reason,
        row.note,
        row.line,
        row.submission,
    )


def standing_targets(connection: Connection, measure: OwnMeasure) -> tuple[LocalTarget, ...]:
    """A measure's targets in order of their first days: its definition's, and those handed in, which come before."""
    by_place = {(item.organisation, item.unit, item.effective_from): item for item in measure.targets}
    statement = (
        select(own_target)
        .join(own_submission, own_submission.c.number == own_target.c.submission)
        .where(own_target.c.measure == measure.id, own_submission.c.stands)
        .order_by(own_target.c.submission, own_target.c.line)
    )
    for row in connection.execute(statement):
        label = f"Local target {number_text(row.value)}"
        by_place[row.organisation, row.unit, row.effective_from] = LocalTarget(
            row.comparator,
            row.value,
            row.effective_from,
            row.effective_to,
            row.set_by,
            label,
            row.organisation,
            row.unit,
            row.note,
        )
    return tuple(sorted(by_place.values(), key=lambda item: item.effective_from))


def changes_of(
    connection: Connection, checked: CheckedFile, mode: SubmissionMode, measures: Mapping[str, OwnMeasure]
) -> dict[str, OwnChanges]:
    """What adding a checked file would change, by measure."""
    figures: dict[str, list[OwnFigure]] = defaultdict(list)
    for figure in checked.figures:
        figures[figure.key.measure].append(figure)
    return {
        measure: _changes(
            standing_figures(connection, measure),
            figures[measure],
            mode if figures[measure] else SubmissionMode.ADD,
            _new_targets(connection, checked, measures[measure]),
        )
        for measure in checked.measures
    }


def _new_targets(connection: Connection, checked: CheckedFile, measure: OwnMeasure) -> int:
    standing = set(standing_targets(connection, measure))
    return sum(item.measure == measure.id and item.target not in standing for item in checked.targets)


def _changes(
    standing: Mapping[FigureKey, OwnFigure], figures: Sequence[OwnFigure], mode: SubmissionMode, targets: int
) -> OwnChanges:
    new = tuple(item for item in figures if item.key not in standing)
    pairs = [(standing[item.key], item) for item in figures if item.key in standing]
    changed = tuple((old, item) for old, item in pairs if old.content != item.content)
    here = {item.key for item in figures}
    gone = (
        [item for key, item in standing.items() if key not in here] if mode is SubmissionMode.REPLACE else []
    )
    return OwnChanges(new, changed, len(pairs) - len(changed), tuple(gone), targets)


def add_submission(
    store: Store,
    checked: CheckedFile,
    measures: Mapping[str, OwnMeasure],
    *,
    by: str,
    role: str,
    mode: SubmissionMode = SubmissionMode.ADD,
    reason: str = "",
    seen: str | None = None,
) -> AddedSubmission:
    """Add a checked file in one transaction. `seen` is the `own_state` that it was checked in, None for whichever.

    Raises OwnMeasureError for a file with errors, and where somebody else has changed own measures meanwhile.
    """
    if not checked.accepted:
        raise OwnMeasureError(
            f"{checked.name} is refused: {checked.findings.errors} errors. Nothing was added"
        )
    with store.writing() as connection:
        wait_for_other_loads(connection, OWN_TURN)
        if seen is not None and own_state(connection) != seen:
            raise OwnMeasureError(
                f"{_last_change(connection)} while {checked.name} was being looked at. Nothing was added: check it "
                "again"
            )
        changes = changes_of(connection, checked, mode, measures)
        if not any(item.any for item in changes.values()):
            return AddedSubmission(None, changes)
        number = int(
            connection.execute(
                insert(own_submission)
                .values(
                    at=datetime.now(UTC),
                    by=by,
                    role=role,
                    name=checked.name[:200],
                    sha256=checked.sha256,
                    mode=mode.value,
                    reason=reason,
                    stands=True,
                )
                .returning(own_submission.c.number)
            ).scalar_one()
        )
        _write(connection, number, checked, changes)
        told = "; ".join(f"{name}: {counts_words(count_of(item))}" for name, item in changes.items())
        audit.record(connection, by, "own figures added", f"submission {number}", told)
    return AddedSubmission(number, changes)


def _last_change(connection: Connection) -> str:
    newest = connection.execute(
        select(own_submission.c.number, own_submission.c.by).order_by(own_submission.c.number.desc()).limit(1)
    ).first()
    return f"{newest.by} added submission {newest.number}" if newest else "A definition was changed"


def count_of(changes: OwnChanges) -> SubmissionCounts:
    """How many figures become what."""
    lines = len(changes.new) + len(changes.changed) + changes.same
    return SubmissionCounts(
        lines,
        len(changes.new),
        len(changes.changed),
        changes.same,
        len(changes.withdrawn),
        changes.targets,
    )


def counts_words(counts: SubmissionCounts) -> str:
    """Counts in words: `54 new, 2 changed, 1 withdrawn`."""
    parts = [
        f"{count:,} {words}"
        for count, words in (
            (counts.new, "new"),
            (counts.changed, "changed"),
            (counts.same, "the same"),
            (counts.withdrawn, "withdrawn"),
            (counts.targets, "targets" if counts.targets > 1 else "target"),
        )
        if count
    ]
    return ", ".join(parts) or "nothing"


def _write(
    connection: Connection, number: int, checked: CheckedFile, changes: Mapping[str, OwnChanges]
) -> None:
    counts = {measure: count_of(item) for measure, item in changes.items()}
    connection.execute(
        insert(own_submission_count),
        [
            {
                "submission": number,
                "measure": measure,
                "lines": item.lines,
                "new": item.new,
                "changed": item.changed,
                "same": item.same,
                "withdrawn": item.withdrawn,
                "targets": item.targets,
            }
            for measure, item in counts.items()
        ],
    )
    if checked.figures:
        connection.execute(insert(own_figure), [_figure_row(number, item) for item in checked.figures])
    if checked.targets:
        connection.execute(
            insert(own_target),
            [
                {
                    "measure": item.measure,
                    "submission": number,
                    "line": item.line,
                    "organisation": item.target.organisation,
                    "unit": item.target.unit,
                    "comparator": item.target.comparator,
                    "value": item.target.value,
                    "effective_from": item.target.effective_from,
                    "effective_to": item.target.effective_to,
                    "set_by": item.target.set_by,
                    "note": item.target.note,
                }
                for item in checked.targets
            ],
        )


def _figure_row(number: int, item: OwnFigure) -> dict[str, object]:
    return {
        "measure": item.key.measure,
        "submission": number,
        "organisation": item.key.organisation,
        "unit": item.key.unit,
        "period_id": item.key.period.key,
        "line": item.line,
        "numerator": item.numerator,
        "denominator": item.denominator,
        "value": item.value,
        "provisional": item.provisional,
        "missing_reason": item.missing_reason,
        "note": item.note,
    }


def turn_submission(store: Store, number: int, by: str, reason: str, *, puts_back: bool) -> None:
    """Withdraw a submission, so that what stood before it stands again, or put it back. Raises OwnMeasureError."""
    with store.writing() as connection:
        wait_for_other_loads(connection, OWN_TURN)
        stands = connection.execute(
            select(own_submission.c.stands).where(own_submission.c.number == number)
        ).scalar()
        if stands is None:
            raise OwnMeasureError(f"wanted the number of a submission, found {number}")
        if stands == puts_back:
            state = "stands already" if stands else "is withdrawn already"
            raise OwnMeasureError(f"submission {number} {state}. Nothing was changed")
        connection.execute(
            update(own_submission).where(own_submission.c.number == number).values(stands=puts_back)
        )
        row = {
            "submission": number,
            "at": datetime.now(UTC),
            "by": by,
            "reason": reason,
            "puts_back": puts_back,
        }
        connection.execute(insert(own_turn).values(row))
        action = "own figures put back" if puts_back else "own figures withdrawn"
        audit.record(connection, by, action, f"submission {number}", reason)


def own_submissions(connection: Connection, measure: str | None = None) -> list[Submission]:
    """Every submission, or those that had a measure, the newest first."""
    counts: dict[int, dict[str, SubmissionCounts]] = defaultdict(dict)
    for row in connection.execute(select(own_submission_count)):
        counts[row.submission][row.measure] = SubmissionCounts(
            row.lines, row.new, row.changed, row.same, row.withdrawn, row.targets
        )
    rows = connection.execute(select(own_submission).order_by(own_submission.c.number.desc()))
    found = (
        Submission(
            row.number,
            row.at,
            row.by,
            row.role,
            row.name,
            row.sha256,
            SubmissionMode(row.mode),
            row.reason,
            row.stands,
            counts[row.number],
        )
        for row in rows
    )
    return [item for item in found if measure is None or measure in item.counts]


def organisations_in(connection: Connection, number: int) -> frozenset[str]:
    """The organisations that a submission has figures or targets of."""
    found: set[str] = set()
    for table in (own_figure, own_target):
        rows = select(table.c.organisation).where(table.c.submission == number).distinct()
        found.update(connection.execute(rows).scalars())
    return frozenset(found)
