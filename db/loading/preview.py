"""What a load would change, by the load itself: done in a transaction that is taken back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import pandas as pd
from sqlalchemy import Connection, func, select

from db.domain import Catalogue, Organisation, SourceFile
from db.domain.changes import FigureDifference, IndicatorDifferences, LoadEffect
from db.domain.holdings import CodeLists
from db.loading.keys import STORED_COLUMNS
from db.loading.load import load_frame
from db.loading.undo.effect import differences_of, headline_differences
from db.store.bulk import frame_of_rows
from db.store.schema import observation, observation_revision, source_file

_LONGEST_LIST = 200
_PERIODS_AT_ONCE = 24


def load_preview(
    connection: Connection,
    code_lists: CodeLists,
    frame: pd.DataFrame,
    file: SourceFile,
    *,
    catalogue: Catalogue,
    organisations: Sequence[Organisation] = (),
    withdraws_absent: bool = True,
    headline: Collection[str] = (),
) -> LoadEffect:
    """What `load_frame` would do with the same arguments; the caller's transaction is left as it was.

    `headline` are the codes of the organisations whose figures are named. Raises what `load_frame` raises.
    """
    taken_back = connection.begin_nested()
    try:
        invented = _invented_files(connection, file.source_id)
        counts = load_frame(
            connection,
            frame,
            file,
            catalogue=catalogue,
            organisations=organisations,
            withdraws_absent=withdraws_absent,
        )
        newest = select(func.max(source_file.c.id)).where(
            source_file.c.source == file.source_id, source_file.c.sha256 == file.sha256
        )
        number = int(connection.execute(newest).scalar_one())
        indicators, named = _differences(connection, code_lists, frame, number, headline)
    finally:
        taken_back.rollback()
    order = {code: place for place, code in enumerate(headline)}
    named.sort(
        key=lambda item: (item.before is None, -item.period.key, order[item.organisation], item.indicator)
    )
    removed = 0 if file.demonstration else invented
    return LoadEffect(counts, indicators, tuple(named[:_LONGEST_LIST]), len(named), removed)


def _invented_files(connection: Connection, source: str) -> int:
    invented = select(func.count()).where(
        source_file.c.source == source, source_file.c.demonstration.is_(True)
    )
    return int(connection.execute(invented).scalar_one())


def _differences(
    connection: Connection,
    code_lists: CodeLists,
    frame: pd.DataFrame,
    file_id: int,
    headline: Collection[str],
) -> tuple[tuple[IndicatorDifferences, ...], list[FigureDifference]]:
    """What a file that was just loaded did, by indicator, and the headline figures that it changed.

    A row that it replaced or withdrew lost to it; a row that stands from it and replaced none is new.
    """
    places = [code_lists.organisation_ids[code] for code in headline if code in code_lists.organisation_ids]
    found: list[IndicatorDifferences] = []
    named: list[FigureDifference] = []
    for code, rows in frame.groupby("indicator", sort=True):
        periods = [int(key) for key in sorted(rows["period"].unique())]
        own: IndicatorDifferences | None = None
        for start in range(0, len(periods), _PERIODS_AT_ONCE):
            before, after = _rows_of(
                connection,
                file_id,
                code_lists.indicator_ids[str(code)],
                periods[start : start + _PERIODS_AT_ONCE],
            )
            part = replace(differences_of(str(code), before, after), emptied=())
            own = part if own is None else own + part
            named += headline_differences(code_lists, before, after, places)
        if own is not None and any((own.gone, own.back, own.changed, own.moved)):
            found.append(own)
    return tuple(found), named


def _rows_of(
    connection: Connection, file_id: int, indicator_id: int, periods: Sequence[int]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of a slice that lost to a file, and those that stand from it."""
    lost, stands = (
        frame_of_rows(
            connection,
            table,
            STORED_COLUMNS,
            table.c.indicator_id == indicator_id,
            table.c.period_id.in_(periods),
            *conditions,
        )
        for table, conditions in (
            (
                observation_revision,
                (
                    observation_revision.c.superseded_by_file_id == file_id,
                    observation_revision.c.reason.in_(("revised", "withdrawn")),
                ),
            ),
            (observation, (observation.c.source_file_id == file_id,)),
        )
    )
    return lost, stands
