"""Values that lost to another release: out of the current ones, into the revisions, with the file and the reason."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from db.loading.keys import REVISION_COLUMNS, STORED_KEY, Ids
from db.store.bulk import delete_rows, insert_frame
from db.store.schema import observation, observation_revision


def supersede(connection: Connection, rows: pd.DataFrame, file_id: int, reason: str) -> None:
    """Move rows from the current values to the revisions."""
    delete_rows(
        connection, observation, STORED_KEY, zip(*(rows[name].tolist() for name in STORED_KEY), strict=True)
    )
    record_revisions(connection, rows, np.full(len(rows), file_id, dtype=np.int64), reason)


def record_revisions(connection: Connection, rows: pd.DataFrame, superseded_by: Ids, reason: str) -> None:
    """Keep rows as revisions; `superseded_by` holds for each the id of the file that it lost to."""
    revisions = rows.assign(
        superseded_by_file_id=superseded_by, reason=reason, stands_from=rows.get("stands_from", 0)
    )
    insert_frame(connection, observation_revision, revisions[list(REVISION_COLUMNS)])
