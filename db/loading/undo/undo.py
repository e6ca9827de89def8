"""Undo: files taken out of the figures, or put back, in one transaction that makes a data version of its own.

What the rules of the load make of the files that are left is worked out first (`replay.py`); only figures that
come out otherwise are written. What earlier data versions showed of them goes to `observation_former`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from sqlalchemy import Connection, func, insert, select, union, update

from db.domain.changes import FigureDifference, IndicatorDifferences, UndoEffect
from db.domain.holdings import CodeLists
from db.loading.keys import HELD_COLUMNS, REVISION_COLUMNS, STORED_COLUMNS, STORED_KEY
from db.loading.undo.effect import differences_of, headline_differences
from db.loading.undo.errors import UndoError
from db.loading.undo.replay import ROW, Scratch, SliceRows, read_slice
from db.store import audit
from db.store.bulk import delete_rows, insert_frame
from db.store.data_state import next_data_version, raise_data_version
from db.store.periods_held import note_periods_held
from db.store.schema import (
    NEVER,
    indicator,
    observation,
    observation_former,
    observation_revision,
    observation_unused,
    published_table,
    source_file,
    undo,
    undone_file,
)
from db.store.turns import wait_for_other_loads

_PART_ROWS = 150_000
_LONGEST_LIST = 200
_FORMER_COLUMNS = [*STORED_COLUMNS, "stood_from", "stood_until"]


@dataclass(frozen=True)
class _SliceChange:
    indicator_id: int
    before: SliceRows
    after: SliceRows


def undo_effect(
    connection: Connection,
    code_lists: CodeLists,
    files: Collection[int],
    *,
    puts_back: bool = False,
    headline: Collection[str] = (),
) -> UndoEffect:
    """What an undo of some files, or putting them back, would change; nothing is written.

    `headline` are the codes of the organisations whose figures are named. Raises UndoError as `undo_files` does.
    """
    _check(connection, files, puts_back=puts_back)
    return _effect(code_lists, _changes(connection, files, puts_back=puts_back), headline)


def undo_files(
    connection: Connection,
    code_lists: CodeLists,
    files: Collection[int],
    *,
    by: str,
    reason: str,
    puts_back: bool = False,
    headline: Collection[str] = (),
) -> UndoEffect:
    """Take some files' figures out, or put them back, in the caller's transaction; the effect names the data version.

    Figures are then those that the same loads without the files would have left. Raises UndoError where there is no
    such file, it is undone already (or counts already), or no reason is given.
    """
    if not reason.strip():
        raise UndoError("wanted a reason, which stays with the record, found none")
    sources = select(source_file.c.source).where(source_file.c.id.in_(list(files))).distinct()
    for source in sorted(connection.execute(sources).scalars()):
        wait_for_other_loads(connection, source)
    names = _check(connection, files, puts_back=puts_back)
    version = next_data_version(connection)
    connection.execute(
        insert(undo).values(
            id=version, at=datetime.now(UTC), by=by, reason=reason.strip(), puts_back=puts_back
        )
    )
    connection.execute(
        insert(undone_file), [{"undo_id": version, "source_file_id": number} for number in sorted(names)]
    )
    written = _written(connection, _changes(connection, files, puts_back=puts_back), version)
    effect = _effect(code_lists, written, headline, version)
    connection.execute(
        update(source_file)
        .where(source_file.c.id.in_(names))
        .values(undone_by=None if puts_back else version)
    )
    action = "put back" if puts_back else "undo"
    for number, name in sorted(names.items()):
        audit.record(connection, by, f"{action} file", f"file {number}: {name}", reason.strip())
    raise_data_version(connection)
    return effect


def files_of_run(connection: Connection, run_id: int, *, undone: bool = False) -> tuple[int, ...]:
    """The files that a run loaded and that count, or that are undone. Raises UndoError where there are none."""
    found = connection.execute(
        select(source_file.c.id)
        .where(source_file.c.load_run_id == run_id)
        .where(source_file.c.undone_by.is_not(None) if undone else source_file.c.undone_by.is_(None))
        .order_by(source_file.c.id)
    )
    if files := tuple(found.scalars()):
        return files
    wanted = "undone" if undone else "that counts"
    raise UndoError(f"run {run_id} loaded no file {wanted}")


def _check(connection: Connection, files: Collection[int], *, puts_back: bool) -> dict[int, str]:
    """The files' names by number."""
    columns = (source_file.c.id, source_file.c.name, source_file.c.undone_by)
    found = {
        row.id: row for row in connection.execute(select(*columns).where(source_file.c.id.in_(list(files))))
    }
    for number in files:
        if number not in found:
            raise UndoError(f"the store holds no file {number}")
        if (found[number].undone_by is not None) != puts_back:
            state = "counts already" if puts_back else "is undone already"
            raise UndoError(f"file {number} ({found[number].name}) {state}")
    if not found:
        raise UndoError("wanted the number of a file, found none")
    return {number: row.name for number, row in found.items()}


def _changes(connection: Connection, files: Collection[int], *, puts_back: bool) -> Iterator[_SliceChange]:
    held = connection.execute(select(source_file.c.id).where(source_file.c.undone_by.is_not(None)))
    now = {*held.scalars()}
    undone = now - {*files} if puts_back else now | {*files}
    scratch = Scratch(connection, undone)
    for indicator_id, periods in _slices(connection, files):
        before = read_slice(connection, indicator_id, periods)
        yield _SliceChange(indicator_id, before, scratch.replay(before, indicator_id, periods))


def _slices(connection: Connection, files: Collection[int]) -> Iterator[tuple[int, list[int]]]:
    """Each indicator of which the files printed anything, with its periods, a bounded number of rows at a time."""
    numbers = list(files)
    noted = {*connection.execute(
        select(published_table.c.source_file_id).where(published_table.c.source_file_id.in_(numbers)).distinct()
    ).scalars()}  # fmt: skip
    tables = [published_table]
    if noted != {*numbers}:
        tables += [observation, observation_revision, observation_unused]
    sources = select(source_file.c.source).where(source_file.c.id.in_(numbers))
    own = select(indicator.c.id).where(indicator.c.source.in_(sources))
    pairs = union(
        *(
            select(table.c.indicator_id, table.c.period_id)
            .where(table.c.source_file_id.in_(numbers), table.c.indicator_id.in_(own))
            .distinct()
            for table in tables
        )
    )
    by_indicator: dict[int, list[int]] = {}
    for indicator_id, period_id in connection.execute(pairs):
        by_indicator.setdefault(indicator_id, []).append(period_id)
    for indicator_id, periods in sorted(by_indicator.items()):
        counted = (
            select(observation.c.period_id, func.count())
            .where(observation.c.indicator_id == indicator_id, observation.c.period_id.in_(periods))
            .group_by(observation.c.period_id)
        )
        sizes = {row.period_id: row[1] for row in connection.execute(counted)}
        part: list[int] = []
        for number in sorted(periods):
            if part and sum(sizes.get(key, 0) for key in (*part, number)) > _PART_ROWS:
                yield indicator_id, part
                part = []
            part.append(number)
        yield indicator_id, part


def _effect(
    code_lists: CodeLists, changes: Iterator[_SliceChange], headline: Collection[str],
    version: int | None = None,
) -> UndoEffect:  # fmt: skip
    found: dict[str, IndicatorDifferences] = {}
    named: list[FigureDifference] = []
    ids = [code_lists.organisation_ids[code] for code in headline if code in code_lists.organisation_ids]
    for change in changes:
        code = code_lists.indicators[change.indicator_id]
        before, after = change.before.standing, change.after.standing
        differences = differences_of(code, before, after)
        found[code] = found[code] + differences if code in found else differences
        named += headline_differences(code_lists, before, after, ids)
    order = {code: place for place, code in enumerate(headline)}
    named.sort(key=lambda item: (-item.period.key, order[item.organisation], item.indicator))
    return UndoEffect(tuple(found.values()), tuple(named[:_LONGEST_LIST]), len(named), version)


def _written(connection: Connection, changes: Iterator[_SliceChange], version: int) -> Iterator[_SliceChange]:
    for change in changes:
        _write(connection, change, version)
        periods = {*change.before.standing["period_id"], *change.after.standing["period_id"]}
        note_periods_held(connection, [change.indicator_id], [int(key) for key in periods])
        yield change


def _write(connection: Connection, change: _SliceChange, version: int) -> None:
    """Write what changes of a slice: keys whose rows, or what they lost to, come out otherwise."""
    before, after = change.before, change.after
    keys = _changed_keys(before, after)
    insert_frame(
        connection,
        observation_former,
        _former(_of(before.standing, keys), _of(before.revised, keys), version),
    )
    for table in (observation, observation_revision):
        delete_rows(connection, table, STORED_KEY, (tuple(map(int, key)) for key in keys))
    standing = _of(after.standing, keys).assign(stands_from=version)
    revised = _of(after.revised, keys).assign(stands_from=NEVER)
    insert_frame(connection, observation, standing[list(HELD_COLUMNS)])
    insert_frame(connection, observation_revision, revised[list(REVISION_COLUMNS)])
    mine, theirs = (pd.MultiIndex.from_frame(rows.unused[list(ROW)]) for rows in (before, after))
    delete_rows(
        connection, observation_unused, ROW, (tuple(map(int, row)) for row in mine.difference(theirs))
    )
    insert_frame(connection, observation_unused, after.unused[~theirs.isin(mine)][list(STORED_COLUMNS)])


def _changed_keys(before: SliceRows, after: SliceRows) -> pd.MultiIndex:
    """The keys of which another row stands, or another row lost or lost to another file."""
    columns = [*ROW, "superseded_by_file_id", "reason"]
    rows = [
        pd.concat([part.standing.assign(superseded_by_file_id=0, reason=""), part.revised])[columns]
        for part in (before, after)
    ]
    both = rows[0].merge(rows[1], how="outer", indicator=True)
    differ = both.loc[both["_merge"] != "both", list(STORED_KEY)].drop_duplicates()
    return pd.MultiIndex.from_frame(differ)


def _of(rows: pd.DataFrame, keys: pd.MultiIndex) -> pd.DataFrame:
    return rows[pd.MultiIndex.from_frame(rows[list(STORED_KEY)]).isin(keys)]


def _former(standing: pd.DataFrame, revised: pd.DataFrame, version: int) -> pd.DataFrame:
    """What the data versions before this one show of some keys."""
    lived = pd.concat([standing.assign(superseded_by_file_id=version), revised])
    rows = lived.assign(
        stood_from=np.maximum(lived["source_file_id"], lived["stands_from"]),
        stood_until=lived["superseded_by_file_id"],
    )
    return rows.loc[rows["stood_from"] < rows["stood_until"], _FORMER_COLUMNS]
