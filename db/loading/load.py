"""The one way into the store: a file's canonical frame, compared with what stands and written in one transaction.

What a file changes is decided row by row. A final figure wins over a provisional one, a published one over one
that we summed, a later publication over an earlier one, and at last the file that came later. The value that loses
goes to `observation_revision` with its file, so that any past date can be shown as published then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd
from sqlalchemy import Connection

from db.domain import Catalogue, LoadCounts, Organisation, SourceFile
from db.domain.reading import StatedFigure
from db.loading.demonstration import admit_demonstration, remove_demonstration
from db.loading.details import write_stated
from db.loading.register import (
    names_held,
    register_file,
    register_organisations,
    register_parents,
    shape_held,
)
from db.loading.stage import check_columns, stage_rows
from db.loading.write import write_details, write_rows
from db.store.data_state import raise_data_version
from db.store.periods_held import note_periods_held
from db.store.turns import wait_for_other_loads

_PART_ROWS = 150_000


def load_frame(
    connection: Connection,
    frame: pd.DataFrame,
    file: SourceFile,
    *,
    catalogue: Catalogue,
    load_run_id: int | None = None,
    organisations: Sequence[Organisation] = (),
    withdraws_absent: bool = True,
    more_follow: bool = False,
    stated: Sequence[StatedFigure] = (),
) -> LoadCounts:
    """Write one file's rows, inside the caller's transaction, and say what changed.

    `frame` has the columns of `OBSERVATION_COLUMNS`, and may have those of `DETAIL_COLUMNS`; `value` is computed from
    the counts wherever both stand.
    With `withdraws_absent`, rows of the same tables that an earlier release had and this one has not are withdrawn,
    in whichever order the two are loaded. With `more_follow` other files of the same run come next: pages that are kept
    may be shown as before until the run ends, or for some seconds. What the file has `stated` of other sources'
    indicators is kept beside, and shown nowhere.
    Raises FrameError for a frame that breaks the contract and DemonstrationError where invented numbers would
    mix with real ones.
    """
    check_columns(frame)
    wait_for_other_loads(connection, file.source_id)
    if file.demonstration:
        admit_demonstration(connection, file.source_id)
    shape = shape_held(connection)
    file_id = register_file(connection, file, load_run_id)
    if not file.demonstration:
        remove_demonstration(connection, file.source_id)
    named = names_held(connection)
    codes = register_organisations(connection, frame, organisations)
    moved = register_parents(connection, file, catalogue, organisations, codes)
    counts = LoadCounts()
    for part in _parts(frame):
        staged = stage_rows(connection, part, catalogue, codes, file_id)
        counts += write_rows(connection, staged, file_id, withdraws_absent=withdraws_absent)
        write_details(connection, staged)
        for indicator_id, periods in staged.groupby("indicator_id")["period_id"].unique().items():
            note_periods_held(connection, [int(str(indicator_id))], periods.tolist())
    write_stated(connection, stated, file_id)
    names = moved > 0 or names_held(connection) != named
    alone = not names and shape_held(connection) == shape
    touched = {catalogue.indicators[name].source_id for name in frame["indicator"].unique()}
    sources = {file.source_id, *touched} if alone else ()
    raise_data_version(connection, more_follow=more_follow, names=names, sources=sources)
    return counts


def _parts(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The frame by whole periods, a bounded number of rows at a time: memory does not grow with a file's length."""
    sizes = frame["period"].value_counts().sort_index()
    shares = (sizes.cumsum() - 1) // _PART_ROWS
    for _, periods in sizes.groupby(shares):
        yield frame if len(periods) == len(sizes) else frame[frame["period"].isin(periods.index)]
