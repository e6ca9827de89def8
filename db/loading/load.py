"""The one way into the store: a file's canonical frame, compared with what stands and written in one transaction.

What a file changes is decided row by row. A final figure wins over a provisional one, a published one over one
that we summed, a later publication over an earlier one, and at last the file that came later. The value that loses
goes to `observation_revision` with its file, so that any past date can be shown as published then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, cast

import numpy as np
import pandas as pd
from sqlalchemy import Connection, func, insert, select, update

from db.domain import (
    OBSERVATION_COLUMNS,
    Catalogue,
    Frequency,
    LoadCounts,
    Organisation,
    OrganisationType,
    Period,
    SourceFile,
    breakdown_dimensions,
    frequency_code,
)
from db.domain.observation import BASIS_CODES
from db.loading.demonstration import admit_demonstration, remove_demonstration
from db.store.bulk import delete_rows, insert_frame, insert_rows
from db.store.catalogue_rows import ids_by_code
from db.store.data_state import raise_data_version
from db.store.schema import (
    breakdown,
    indicator,
    latest_period,
    observation,
    observation_revision,
    organisation,
    organisation_parent,
    period,
    published_table,
    source_file,
)

KEY = ("indicator_id", "period_id", "breakdown_id", "organisation_id")
TABLE_KEY = ("period_id", "basis", "dimensions")
TABLE_COLUMNS = ("indicator_id", *TABLE_KEY, "derived", "source_file_id", "maturity")
WRITING_ORDER = ["organisation_id", "indicator_id", "period_id", "breakdown_id"]
FACTS = ("numerator", "denominator", "value", "missing_reason", "basis", "maturity", "derived")
COLUMNS = (*KEY, *FACTS, "source_file_id")
REVISION_COLUMNS = (*COLUMNS, "superseded_by_file_id", "reason")
PART_ROWS = 150_000
ORGANISATION_COLUMNS = ("code", "name", "type", "opened_on", "closed_on")
PARENT_COLUMNS = ("organisation_id", "parent_id", "effective_from", "effective_to")

_NO_FILES = pd.Series([0]).iloc[:0]

Ids = np.ndarray[tuple[int], np.dtype[np.int64]]
Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


class FrameError(ValueError):
    """The frame breaks the store's contract: which column or key, what was wanted and what was found."""


def loaded_as(connection: Connection, sha256: str, name: str, hints: str) -> list[tuple[str, int]]:
    """The sources, and versions of their parsers, by which these bytes are loaded under this name and these hints."""
    rows = connection.execute(
        select(source_file.c.source, source_file.c.parser_version).where(
            source_file.c.sha256 == sha256, source_file.c.name == name, source_file.c.hints == hints
        )
    )
    return [(row.source, row.parser_version) for row in rows]


def load_frame(
    connection: Connection,
    frame: pd.DataFrame,
    file: SourceFile,
    *,
    catalogue: Catalogue,
    load_run_id: int | None = None,
    organisations: Sequence[Organisation] = (),
    withdraws_absent: bool = True,
) -> LoadCounts:
    """Write one file's rows, inside the caller's transaction, and say what changed.

    `frame` has the columns of `OBSERVATION_COLUMNS`; `value` is computed from the counts wherever both stand.
    With `withdraws_absent`, rows of the same tables that an earlier release had and this one has not are withdrawn,
    in whichever order the two are loaded.
    Raises FrameError for a frame that breaks the contract and DemonstrationError where invented numbers would
    mix with real ones.
    """
    _check_columns(frame)
    if file.demonstration:
        admit_demonstration(connection, file.source_id)
    file_id = _insert_file(connection, file, load_run_id)
    if not file.demonstration:
        remove_demonstration(connection, file.source_id)
    codes = _ensure_organisations(connection, frame, organisations)
    _ensure_parents(connection, file, catalogue, organisations, codes)
    counts = LoadCounts()
    for part in _parts(frame):
        staged = _stage(connection, part, catalogue, codes, file_id)
        counts += _write(connection, staged, file_id, withdraws_absent=withdraws_absent)
        _keep_latest_periods(connection, staged)
    raise_data_version(connection)
    return counts


def _parts(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The frame by whole periods, a bounded number of rows at a time: memory does not grow with a file's length."""
    sizes = frame["period"].value_counts().sort_index()
    shares = (sizes.cumsum() - 1) // PART_ROWS
    for _, periods in sizes.groupby(shares):
        yield frame if len(periods) == len(sizes) else frame[frame["period"].isin(periods.index)]


def _check_columns(frame: pd.DataFrame) -> None:
    missing = [name for name in OBSERVATION_COLUMNS if name not in frame.columns]
    if missing:
        raise FrameError(f"the frame lacks the columns {', '.join(missing)}")


def _insert_file(connection: Connection, file: SourceFile, load_run_id: int | None) -> int:
    now = datetime.now(UTC)
    row = {
        "load_run_id": load_run_id,
        "source": file.source_id,
        "sha256": file.sha256,
        "parser_version": file.parser_version,
        "hints": file.hints,
        "name": file.name,
        "url": file.url,
        "title": file.title,
        "layout": file.layout,
        "size": file.size,
        "path": file.path,
        "etag": file.etag,
        "last_modified": file.last_modified,
        "published_on": file.published_on,
        "latest_period_end": file.latest_period_end,
        "fetched_at": file.fetched_at or now,
        "loaded_at": now,
        "demonstration": file.demonstration,
    }
    return int(connection.execute(insert(source_file).values(row).returning(source_file.c.id)).scalar_one())


def _stage(
    connection: Connection,
    frame: pd.DataFrame,
    catalogue: Catalogue,
    organisation_ids: dict[str, int],
    file_id: int,
) -> pd.DataFrame:
    """The frame in integer keys and the store's columns; the value is computed from its counts.

    Rows stand by organisation: the index by organisation is swept once, and the few places where the table in key
    order grows stay at hand. In key order a month of practices takes half as long again.
    """
    numerator = frame["numerator"].to_numpy(dtype=np.float64)
    denominator = frame["denominator"].to_numpy(dtype=np.float64)
    codes, multipliers = _indicators(connection, frame["indicator"], catalogue)
    computed = np.full(len(frame), np.nan)
    np.divide(numerator, denominator, out=computed, where=denominator != 0)
    computed = np.where(np.isnan(computed), frame["value"].to_numpy(dtype=np.float64), computed * multipliers)
    _ensure_periods(connection, frame)
    staged = pd.DataFrame(
        {
            "indicator_id": codes,
            "period_id": frame["period"].to_numpy(dtype=np.int64),
            "breakdown_id": _ids(frame["breakdown"], _ensure_breakdowns(connection, frame)),
            "organisation_id": _ids(frame["organisation"], organisation_ids),
            "numerator": numerator,
            "denominator": denominator,
            "value": computed,
            "missing_reason": _reasons(frame["missing_reason"], computed),
            "basis": _ids(frame["basis"], BASIS_CODES),
            "maturity": frame["maturity"].to_numpy(dtype=np.int64),
            "derived": frame["derived"].to_numpy(dtype=np.int64),
            "source_file_id": np.full(len(frame), file_id, dtype=np.int64),
        }
    )
    (numbers,) = _numbers(WRITING_ORDER, staged)
    order = np.argsort(numbers)
    twice = int((np.diff(numbers[order]) == 0).sum())
    if twice:
        raise FrameError(f"wanted one row a key, found {twice} keys twice")
    return staged.iloc[order].reset_index(drop=True)


def _numbers(names: Sequence[str], *frames: pd.DataFrame) -> list[Ids]:
    """Each row's whole numbers in some columns as one number, by which rows of all the frames are equal or sort alike.

    No store has so many of each that the product would leave 64 bits.
    """
    numbers = [np.zeros(len(frame), dtype=np.int64) for frame in frames]
    for name in names:
        different = np.unique(np.concatenate([frame[name].to_numpy() for frame in frames]))
        for place, frame in enumerate(frames):
            numbers[place] = numbers[place] * len(different) + np.searchsorted(different, frame[name])
    return numbers


def _indicators(
    connection: Connection, column: pd.Series[str], catalogue: Catalogue
) -> tuple[Ids, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    known = ids_by_code(connection, indicator)
    codes, names = pd.factorize(column)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise FrameError(f"the catalogue has no indicator {', '.join(map(repr, unknown))}")
    ids = np.array([known[name] for name in names], dtype=np.int64)
    multipliers = np.array([catalogue.indicators[name].multiplier for name in names], dtype=np.float64)
    return ids[codes], multipliers[codes]


def _ids(column: pd.Series[str], known: dict[str, int]) -> Ids:
    codes, names = pd.factorize(column)
    return np.array([known[name] for name in names], dtype=np.int64)[codes]


def _reasons(column: pd.Series[str], values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> pd.Series[Any]:
    missing = np.isnan(values)
    reasons: list[str | None] = [None] * len(values)
    if missing.any():
        given = column.astype(object).to_numpy()
        for place in np.flatnonzero(missing):
            if not given[place]:
                raise FrameError("wanted a reason for every missing value, found a row with neither")
            reasons[place] = str(given[place])
    return pd.Series(reasons, dtype=object)


def _ensure_organisations(
    connection: Connection, frame: pd.DataFrame, given: Sequence[Organisation]
) -> dict[str, int]:
    """The ids of all organisations by code, with those added that the store lacked.

    Those that the source vouches for come as it says, other codes as of no known kind.
    """
    known = ids_by_code(connection, organisation)
    rows = {
        item.code: (item.name, item.type.value, item.opened_on, item.closed_on)
        for item in given
        if item.code not in known
    }
    names = frame[["organisation", "organisation_name"]].drop_duplicates("organisation")
    for code, name in names.itertuples(index=False):
        if code not in known and code not in rows:
            rows[code] = (name or code, OrganisationType.UNKNOWN.value, None, None)
    if not rows:
        return known
    insert_rows(
        connection, organisation, ORGANISATION_COLUMNS, ((code, *values) for code, values in rows.items())
    )
    return ids_by_code(connection, organisation)


def _ensure_parents(
    connection: Connection,
    file: SourceFile,
    catalogue: Catalogue,
    given: Sequence[Organisation],
    ids: dict[str, int],
) -> None:
    """Where the newest file of a source says that an organisation of its own belongs."""
    theirs = [item for item in given if item.code not in catalogue.organisations and item.parents]
    if not theirs or _is_older(connection, file):
        return
    wanted = {
        ids[item.code]: [
            (ids[parent.code], parent.effective_from, parent.effective_to)
            for parent in item.parents
            if parent.code in ids
        ]
        for item in theirs
    }
    held = _held_parents(connection)
    changed = {member: own for member, own in wanted.items() if set(own) != held.get(member, set())}
    delete_rows(connection, organisation_parent, ("organisation_id",), ((member,) for member in changed))
    rows = ((member, *place) for member, own in changed.items() for place in own)
    insert_rows(connection, organisation_parent, PARENT_COLUMNS, rows)


def _held_parents(connection: Connection) -> dict[int, set[tuple[int, date | None, date | None]]]:
    held: dict[int, set[tuple[int, date | None, date | None]]] = {}
    columns = (organisation_parent.c[name] for name in PARENT_COLUMNS)
    for member, parent, start, end in connection.execute(select(*columns)):
        held.setdefault(member, set()).add((parent, start, end))
    return held


def _is_older(connection: Connection, file: SourceFile) -> bool:
    newest = connection.execute(
        select(func.max(source_file.c.latest_period_end)).where(source_file.c.source == file.source_id)
    ).scalar()
    return newest is not None and file.latest_period_end is not None and file.latest_period_end < newest


def _ensure_periods(connection: Connection, frame: pd.DataFrame) -> None:
    known = set(connection.execute(select(period.c.id)).scalars())
    new = [Period.from_key(int(key)) for key in frame["period"].unique() if int(key) not in known]
    if new:
        connection.execute(
            insert(period),
            [
                {"id": item.key, "start": item.start, "end": item.end, "frequency": item.frequency.value}
                for item in new
            ],
        )


def _ensure_breakdowns(connection: Connection, frame: pd.DataFrame) -> dict[str, int]:
    known = _breakdown_ids(connection)
    new = [str(key) for key in frame["breakdown"].unique() if key not in known]
    if new:
        connection.execute(
            insert(breakdown), [{"key": key, "dimensions": breakdown_dimensions(key)} for key in new]
        )
        known = _breakdown_ids(connection)
    return known


def _breakdown_ids(connection: Connection) -> dict[str, int]:
    return {row.key: row.id for row in connection.execute(select(breakdown.c.key, breakdown.c.id))}


def _write(
    connection: Connection, staged: pd.DataFrame, file_id: int, *, withdraws_absent: bool
) -> LoadCounts:
    """Write the staged rows, an indicator at a time in slices (indicator and period) that the store already has."""
    dimensions = _breakdown_dimensions(connection)
    occupied = _occupied_slices(connection, staged)
    slices = pd.MultiIndex.from_arrays([staged["indicator_id"], staged["period_id"]])
    meets = slices.isin(occupied) if occupied else np.zeros(len(staged), dtype=bool)
    fresh = staged[~meets]
    insert_frame(connection, observation, fresh[list(COLUMNS)])
    counts = LoadCounts(new=len(fresh))
    if meets.any():
        order = _FileOrder(connection, file_id)
        for _, group in staged[meets].groupby("indicator_id", sort=False):
            part = group.reset_index(drop=True)
            held = _held_rows(connection, part, dimensions)
            places = _places_among(held, part)
            tables = _LaterTables(connection, part, dimensions, order)
            counts += _merge(connection, part, held, places, tables)
            if withdraws_absent:
                absent = held[~np.isin(np.arange(len(held)), places)]
                counts += _withdraw(connection, _withdrawn(absent, part, tables), order.file_id)
    if withdraws_absent:
        key = [name for name in TABLE_COLUMNS if name != "maturity"]
        insert_frame(connection, published_table, _tables(staged, key, dimensions)[list(TABLE_COLUMNS)])
    return counts


def _tables(rows: pd.DataFrame, key: Sequence[str], dimensions: dict[int, str]) -> pd.DataFrame:
    """Each table among the rows, with the lowest maturity in it: first by breakdown, since numbers group sooner."""
    by_breakdown = [name if name != "dimensions" else "breakdown_id" for name in key]
    parts = rows.groupby(by_breakdown, as_index=False).agg(maturity=("maturity", "min"))
    return _named(parts, dimensions).groupby(list(key), as_index=False).agg(maturity=("maturity", "min"))


def _named(rows: pd.DataFrame, dimensions: dict[int, str]) -> pd.DataFrame:
    return rows.assign(dimensions=rows["breakdown_id"].map(dimensions))


def _occupied_slices(connection: Connection, staged: pd.DataFrame) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    pairs = staged[["indicator_id", "period_id"]].drop_duplicates()
    for indicator_id in pairs["indicator_id"].unique().tolist():
        periods = pairs.loc[pairs["indicator_id"] == indicator_id, "period_id"].tolist()
        held = (
            select(observation.c.organisation_id)
            .where(observation.c.indicator_id == indicator_id, observation.c.period_id == period.c.id)
            .exists()
        )
        wanted = select(period.c.id).where(period.c.id.in_(periods), held)
        found.extend((indicator_id, key) for key in connection.execute(wanted).scalars())
    return found


@dataclass(frozen=True)
class _FileDates:
    published_on: date | None
    latest_period_end: date | None
    out_on: date


class _FileOrder:
    """Which of two files came out later, as far as their dates tell; the one being loaded wins a draw."""

    def __init__(self, connection: Connection, file_id: int) -> None:
        self.file_id = file_id
        names = ("id", "published_on", "latest_period_end", "fetched_at")
        self._dates = {
            row.id: _FileDates(
                row.published_on, row.latest_period_end, row.published_on or row.fetched_at.date()
            )
            for row in connection.execute(select(*(source_file.c[name] for name in names)))
        }

    def not_older_than(self, files: pd.Series[int]) -> Mask:
        """For each file id: True where the file being loaded came out later or at the same time."""
        codes, names = pd.factorize(files)
        return np.array([self._not_older(self.file_id, int(other)) for other in names], dtype=bool)[codes]

    def came_after(self, files: pd.Series[int], others: pd.Series[int]) -> Mask:
        """For each pair of file ids: True where the first was loaded after the second and is not older."""
        codes, pairs = pd.factorize(pd.MultiIndex.from_arrays([files, others]))
        after = [file > other and self._not_older(file, other) for file, other in pairs]
        return np.array(after, dtype=bool)[codes]

    def out_on(self, file_id: int) -> date:
        return self._dates[file_id].out_on

    def _not_older(self, file_id: int, other_id: int) -> bool:
        mine, other = self._dates[file_id], self._dates[other_id]
        if mine.published_on and other.published_on and mine.published_on != other.published_on:
            return mine.published_on > other.published_on
        if mine.latest_period_end and other.latest_period_end:
            return mine.latest_period_end >= other.latest_period_end
        return True


class _LaterTables:
    """What files that came out after the one being loaded printed whole, of one indicator in some periods."""

    def __init__(
        self, connection: Connection, part: pd.DataFrame, dimensions: dict[int, str], order: _FileOrder
    ) -> None:
        names = [*TABLE_KEY, "derived", "source_file_id", "maturity"]
        statement = select(*(published_table.c[name] for name in names)).where(
            published_table.c.indicator_id == int(part["indicator_id"].iloc[0]),
            published_table.c.period_id.in_(part["period_id"].unique().tolist()),
        )
        rows = [tuple(row) for row in connection.execute(statement)]
        tables = pd.DataFrame.from_records(rows, columns=names)
        self.order, self.dimensions = order, dimensions
        self._tables = tables.assign(
            later=~order.not_older_than(tables["source_file_id"]),
            out=[order.out_on(int(file)).toordinal() for file in tables["source_file_id"]],
        )

    def lacking(self, rows: pd.DataFrame) -> pd.Series[int]:
        """The first file of those that withdrew each row, for rows that the store does not hold; by the rows' index.

        The question that `_withdrawn` asks, of files that come in the other order.
        """
        key = [*TABLE_KEY, "source_file_id", "later", "out"]
        if rows.empty or self._tables.empty:
            return _NO_FILES
        whole = self._tables.groupby(key, as_index=False).agg(maturity=("maturity", "min"))
        both = self._beside(rows, whole)
        settled = both["maturity_printed"] == both["maturity"]
        return _first(both[np.where(settled, both["later"], both["maturity_printed"] > both["maturity"])])

    def confirming(self, held: pd.DataFrame) -> pd.Series[int]:
        """The first file of those that printed each held row again, by the rows' index.

        A later table, of the row's maturity, would have withdrawn or revised the row if it had not printed it alike.
        """
        later = self._tables[self._tables["later"]]
        if later.empty:
            return _NO_FILES
        both = self._beside(held, later)
        alike = both["maturity_printed"] == both["maturity"]
        alike &= both["derived_printed"] == both["derived"]
        both = both[alike]
        return _first(both[self.order.came_after(both["source_file_id"], both["source_file_id_held"])])

    def _beside(self, rows: pd.DataFrame, tables: pd.DataFrame) -> pd.DataFrame:
        names = [*TABLE_KEY, "derived", "maturity", "source_file_id"]
        mine = _named(rows, self.dimensions)[names].rename_axis("row").reset_index()
        renamed = {"derived": "derived_printed", "maturity": "maturity_printed"}
        return mine.rename(columns={"source_file_id": "source_file_id_held"}).merge(
            tables.rename(columns=renamed), on=list(TABLE_KEY)
        )


def _first(found: pd.DataFrame) -> pd.Series[int]:
    return found.sort_values(["out", "source_file_id"]).groupby("row")["source_file_id"].first()


def _breakdown_dimensions(connection: Connection) -> dict[int, str]:
    columns = (breakdown.c.id, breakdown.c.dimensions)
    return {row.id: row.dimensions for row in connection.execute(select(*columns))}


def _places_among(held: pd.DataFrame, staged: pd.DataFrame) -> Ids:
    """For each staged row of one indicator the place of the held row with its key; -1 where there is none."""
    mine, theirs = _numbers(KEY[1:], staged, held)
    return np.asarray(pd.Index(theirs).get_indexer(pd.Index(mine)), dtype=np.int64)


def _merge(
    connection: Connection,
    staged: pd.DataFrame,
    held: pd.DataFrame,
    places: Ids,
    tables: _LaterTables,
) -> LoadCounts:
    """Write rows of one indicator into slices that the store already has."""
    found = places >= 0
    matched, new = staged[found], staged[~found]
    before = held.iloc[places[found]].set_axis(matched.index)
    wins, lost_to = _wins(matched, before, tables)
    same_numbers = _same_numbers(matched, before)
    same = same_numbers & (matched["maturity"] == before["maturity"]).to_numpy()
    same &= (matched["derived"] >= before["derived"]).to_numpy()
    replaced, refused = matched[wins & ~same], matched[~wins]
    releases = refused[~_is_mere_sum(refused, before[~wins])]
    lacking = tables.lacking(new)
    withdrawn = new[new.index.isin(lacking.index)]
    new = new.drop(lacking.index)
    _supersede(connection, before[wins & ~same], tables.order.file_id, "revised")
    _record(connection, releases, _at(lost_to, releases.index), "older release")
    _record(connection, withdrawn, _at(lacking, withdrawn.index), "older release")
    insert_frame(connection, observation, pd.concat([new, replaced]).sort_index()[list(COLUMNS)])
    revised = int((wins & ~same_numbers).sum())
    return LoadCounts(
        new=len(new),
        revised=revised,
        unchanged=int(wins.sum()) - revised,
        superseded=len(refused) + len(withdrawn),
    )


def _held_rows(connection: Connection, staged: pd.DataFrame, dimensions: dict[int, str]) -> pd.DataFrame:
    """What the store holds in the staged rows' periods, of breakdowns by the same dimensions."""
    wanted = {dimensions[key] for key in staged["breakdown_id"].unique().tolist()}
    columns = [observation.c[name] for name in COLUMNS]
    statement = select(*columns).where(
        observation.c.indicator_id == int(staged["indicator_id"].iloc[0]),
        observation.c.period_id.in_(staged["period_id"].unique().tolist()),
        observation.c.breakdown_id.in_([key for key, names in dimensions.items() if names in wanted]),
    )
    # Rows as the driver gives them: row objects would cost more than the query.
    with connection.execute(statement) as result:
        rows = result.cursor.fetchall() if result.cursor is not None else []
    kinds = staged[list(COLUMNS)].dtypes.items()
    held = np.fromiter(rows, dtype=[(str(name), kind) for name, kind in kinds], count=len(rows))
    return pd.DataFrame({name: pd.Series(held[name], dtype=held[name].dtype) for name in COLUMNS})


def _wins(matched: pd.DataFrame, held: pd.DataFrame, tables: _LaterTables) -> tuple[Mask, pd.Series[int]]:
    """Which rows win over those held, and the file that each of the others lost to."""
    mine, other = matched["maturity"].to_numpy(), held["maturity"].to_numpy()
    summed, other_summed = matched["derived"].to_numpy(), held["derived"].to_numpy()
    not_older = tables.order.not_older_than(held["source_file_id"])
    confirming = tables.confirming(held).reindex(matched.index)
    later = not_older & confirming.isna().to_numpy()
    settled = np.where(summed != other_summed, summed < other_summed, later)
    wins = np.asarray(np.where(mine != other, mine > other, settled), dtype=bool)
    tied = (mine == other) & (summed == other_summed) & not_older
    lost_to = held["source_file_id"].where(~(tied & confirming.notna()), confirming).astype(np.int64)
    return wins, lost_to


def _is_mere_sum(refused: pd.DataFrame, held: pd.DataFrame) -> Mask:
    """A sum of ours that lost to a figure that the publisher printed is no release, and no history."""
    summed = refused["derived"] > held["derived"]
    return np.asarray(summed & (refused["maturity"] == held["maturity"]), dtype=bool)


def _same_numbers(matched: pd.DataFrame, held: pd.DataFrame) -> Mask:
    same = (matched["missing_reason"].to_numpy() == held["missing_reason"].to_numpy()).astype(bool)
    for name in ("numerator", "denominator", "value"):
        mine, other = matched[name].to_numpy(), held[name].to_numpy()
        same &= (mine == other) | (np.isnan(mine) & np.isnan(other))
    return np.asarray(same, dtype=bool)


def _withdraw(connection: Connection, gone: pd.DataFrame, file_id: int) -> LoadCounts:
    _supersede(connection, gone, file_id, "withdrawn")
    return LoadCounts(withdrawn=len(gone))


def _withdrawn(absent: pd.DataFrame, staged: pd.DataFrame, tables: _LaterTables) -> pd.DataFrame:
    """Rows that the store holds and the file has not, of tables that the file printed and is a newer release of.

    The same table: the same indicator, period, basis and dimensions. A publisher prints no row for an organisation
    without activity, so a row that vanishes between two releases is a revision like any other.
    """
    if absent.empty:
        return absent
    printed = _tables(staged, TABLE_KEY, tables.dimensions).rename(columns={"maturity": "lowest"})
    theirs = _named(absent, tables.dimensions).merge(printed, on=list(TABLE_KEY))
    later = tables.order.not_older_than(theirs["source_file_id"])
    later &= ~theirs.index.isin(tables.confirming(theirs).index)
    wins = np.where(theirs["lowest"] != theirs["maturity"], theirs["lowest"] > theirs["maturity"], later)
    return theirs[wins.astype(bool)]


def _supersede(connection: Connection, rows: pd.DataFrame, file_id: int, reason: str) -> None:
    """Move rows from the current values to the revisions."""
    delete_rows(connection, observation, KEY, zip(*(rows[name].tolist() for name in KEY), strict=True))
    _record(connection, rows, np.full(len(rows), file_id, dtype=np.int64), reason)


def _record(connection: Connection, rows: pd.DataFrame, superseded_by: Ids, reason: str) -> None:
    revisions = rows.assign(superseded_by_file_id=superseded_by, reason=reason)
    insert_frame(connection, observation_revision, revisions[list(REVISION_COLUMNS)])


def _at(files: pd.Series[int], rows: pd.Index[int]) -> Ids:
    return np.asarray(files.loc[rows], dtype=np.int64)


def _keep_latest_periods(connection: Connection, staged: pd.DataFrame) -> None:
    """Raise the newest period of each indicator, organisation type and frequency to what this file brings."""
    types = {row.id: row.type for row in connection.execute(select(organisation.c.id, organisation.c.type))}
    rows = staged[["indicator_id", "organisation_id", "period_id"]].drop_duplicates()
    newest = (
        rows.assign(
            organisation_type=rows["organisation_id"].map(types),
            frequency=(rows["period_id"] % 100).map({frequency_code(item): item.value for item in Frequency}),
        )
        .groupby(["indicator_id", "organisation_type", "frequency"])["period_id"]
        .max()
    )
    held = {
        (row.indicator_id, row.organisation_type, row.frequency): row.period_id
        for row in connection.execute(select(latest_period))
    }
    for key, period_id in newest.items():
        indicator_id, organisation_type, frequency = cast("tuple[int, str, str]", key)
        place = {
            "indicator_id": int(indicator_id),
            "organisation_type": organisation_type,
            "frequency": frequency,
        }
        before = held.get((int(indicator_id), organisation_type, frequency))
        if before is None:
            connection.execute(insert(latest_period).values(**place, period_id=int(period_id)))
        elif period_id > before:
            where = [latest_period.c[name] == value for name, value in place.items()]
            connection.execute(update(latest_period).where(*where).values(period_id=int(period_id)))
