"""Which of two releases of a row wins, and what becomes of the other: `docs/decisions.md` says the rules."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from db.domain import LoadCounts
from db.loading.details import tells_more
from db.loading.keys import STORED_COLUMNS, Ids, Mask
from db.loading.published import LaterTables
from db.loading.revisions import record_revisions, supersede
from db.store.bulk import insert_frame
from db.store.schema import observation, observation_unused


def merge_rows(
    connection: Connection,
    staged: pd.DataFrame,
    held: pd.DataFrame,
    places: Ids,
    tables: LaterTables,
) -> LoadCounts:
    """Write rows of one indicator into slices that the store already has."""
    found = places >= 0
    matched, new = staged[found], staged[~found]
    before = held.iloc[places[found]].set_axis(matched.index)
    wins, lost_to = _wins(matched, before, tables)
    same_numbers = _same_numbers(matched, before)
    same = same_numbers & (matched["maturity"] == before["maturity"]).to_numpy()
    same &= (matched["derived"] >= before["derived"]).to_numpy()
    same &= ~tells_more(connection, matched, before)
    replaced, refused = matched[wins & ~same], matched[~wins]
    mere_sum = _is_mere_sum(refused, before[~wins])
    releases = refused[~mere_sum]
    lacking = tables.lacking(new)
    withdrawn = new[new.index.isin(lacking.index)]
    new = new.drop(lacking.index)
    supersede(connection, before[wins & ~same], tables.order.file_id, "revised")
    record_revisions(connection, releases, _at(lost_to, releases.index), "older release")
    record_revisions(connection, withdrawn, _at(lacking, withdrawn.index), "older release")
    insert_frame(connection, observation, pd.concat([new, replaced]).sort_index()[list(STORED_COLUMNS)])
    unused = pd.concat([matched[wins & same], refused[mere_sum]])
    insert_frame(connection, observation_unused, unused[list(STORED_COLUMNS)])
    revised = int((wins & ~same_numbers).sum())
    return LoadCounts(
        new=len(new),
        revised=revised,
        unchanged=int(wins.sum()) - revised,
        superseded=len(refused) + len(withdrawn),
    )


def _wins(matched: pd.DataFrame, held: pd.DataFrame, tables: LaterTables) -> tuple[Mask, pd.Series[int]]:
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


def _at(files: pd.Series[int], rows: pd.Index[int]) -> Ids:
    return np.asarray(files.loc[rows], dtype=np.int64)
