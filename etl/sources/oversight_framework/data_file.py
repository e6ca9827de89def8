"""The data file of a kind of trust: a row for each quarter, trust and metric, told apart by the metric's id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from db.domain import Frequency, Period
from db.domain.organisation import TrustKind
from db.domain.reading import StatedFigure
from etl.source import LayoutError, RawFile
from etl.sources.oversight_framework import vocabulary as words
from etl.sources.oversight_framework.figures import (
    LeagueTrust,
    OversightFigure,
    OversightFile,
    league_is_whole,
    place_words,
    segment_words,
)
from etl.sources.oversight_framework.rows import REPORTED, OversightRow, oversight_rows, reported_period

METRIC, VALUE, RANK = "Metric_ID", "Value", "Rank"
DATA_COLUMNS = ("Trust_type", "Trust_code", "Trust_name", METRIC, REPORTED, VALUE, RANK)
_HUNDRED = 100.0


class _Place(NamedTuple):
    quarter: Period
    trust: LeagueTrust


_Rows = Mapping[_Place, OversightRow]


def data_file(raw: RawFile) -> OversightFile:
    """All figures of a data file that are shown, and those that it states of other sources' indicators.

    Raises LayoutError and UnreadableFileError.
    """
    found = _by_metric(oversight_rows(raw, DATA_COLUMNS, words.READ))
    if not found:
        wanted = f"rows of metrics that are known, such as {' or '.join(words.SUMMARY_IDS.values())}"
        raise LayoutError("", wanted, "none")
    sizes, cuts = _leagues([row for id_ in words.SUMMARY_IDS.values() for row in found[id_].values()])
    figures = [
        *_segments(found, sizes),
        *_scores(found),
        *_shares_of_turnover(found),
    ]
    last = max(place.quarter for rows in found.values() for place in rows)
    return OversightFile(tuple(figures), last, tuple(_stated(found)), cuts)


def _by_metric(rows: Iterator[OversightRow]) -> Mapping[str, _Rows]:
    """The rows of each metric, none for one without rows. Raises LayoutError for a second one of a trust and quarter,
    and for an id of another year.
    """
    found: dict[str, dict[_Place, OversightRow]] = defaultdict(dict)
    for row in rows:
        metric, new = row.cells[METRIC], row.quarter.start >= words.NEW_IDS_FROM
        if metric in (words.OLD_IDS if new else words.NEW_IDS):
            wanted = f"the ids of {row.quarter.label}, such as {words.SUMMARY_IDS[new]}"
            raise LayoutError(row.where, f"{wanted}, in '{METRIC}'", f"'{metric}'")
        place = _Place(row.quarter, row.trust)
        if place in found[metric]:
            wanted = f"{metric} of {row.trust.code} once in {row.quarter.label}"
            raise LayoutError(row.where, wanted, "a second row")
        found[metric][place] = row
    return found


def _leagues(
    segments: Sequence[OversightRow],
) -> tuple[Mapping[tuple[Period, TrustKind], int], tuple[str, ...]]:
    """How many trusts each league has, and in words which of them lack rows: of those it is not known."""
    places: dict[tuple[Period, TrustKind], list[int]] = defaultdict(list)
    for row in segments:
        places[row.quarter, row.trust.kind].append(row.place(RANK))
    sizes = {league: len(own) for league, own in places.items() if league_is_whole(own)}
    cuts = [
        f"{quarter.label}, {kind.plural}: places in the league that nobody has, so rows are missing"
        for quarter, kind in places
        if (quarter, kind) not in sizes
    ]
    return sizes, tuple(cuts)


def _segments(
    found: Mapping[str, _Rows], sizes: Mapping[tuple[Period, TrustKind], int]
) -> Iterator[OversightFigure]:
    """The segment with what decided it in words, and the place in the league, which is the segment's rank.

    A place stands in its own indicator alone, for there a league table puts its likely range beside it.
    """
    alone = {place: row for id_ in words.UNADJUSTED_IDS for place, row in found[id_].items()}
    override = {place: row for id_ in words.OVERRIDE_IDS for place, row in found[id_].items()}
    decided = {
        place: row.bounded(VALUE, 0, 1, "the financial override") == 1 for place, row in override.items()
    }
    scored = {place: row.segment(VALUE) for place, row in alone.items()}
    for id_ in words.SUMMARY_IDS.values():
        for place, row in found[id_].items():
            segment, rank = row.segment(VALUE), row.place(RANK)
            of = place_words(place.trust.kind, sizes.get((place.quarter, place.trust.kind), 0))
            note = segment_words(segment, scored.get(place), override=decided.get(place, False))
            yield OversightFigure(words.SEGMENT, place.trust, place.quarter, segment, note)
            yield OversightFigure(words.LEAGUE_PLACE, place.trust, place.quarter, rank, of)


def _scores(found: Mapping[str, _Rows]) -> Iterator[OversightFigure]:
    for id_, indicator in words.SCORES.items():
        for place, row in found[id_].items():
            yield OversightFigure(indicator, place.trust, place.quarter, row.score(VALUE))


def _shares_of_turnover(found: Mapping[str, _Rows]) -> Iterator[OversightFigure]:
    """The year's plan as the newest quarter of the file has it, since plans are restated, and each quarter's variance.

    A plan is of the whole year, from its first quarter on.
    """
    plans: dict[tuple[LeagueTrust, Period], OversightRow] = {}
    for place, row in sorted(found["OF0079"].items(), key=lambda item: item[0].quarter):
        first = place.quarter.start.year - (place.quarter.start.month < 4)
        plans[place.trust, Period.financial_year(first)] = row
    for (trust, year), row in plans.items():
        yield OversightFigure(words.PLAN, trust, year, _share(row))
    for place, row in found["OF0081"].items():
        yield OversightFigure(words.VARIANCE, place.trust, place.quarter, _share(row))


def _share(row: OversightRow) -> float:
    return row.bounded(VALUE, -_HUNDRED, _HUNDRED, "a share of turnover")


def _stated(found: Mapping[str, _Rows]) -> Iterator[StatedFigure]:
    """The metrics that are indicators of other sources, in the period that they are of."""
    for id_, metric in words.STATED.items():
        for place, row in found[id_].items():
            period = _period_stated(row, whole_quarter=metric.whole_quarter)
            if period is not None and place.quarter.start >= metric.since:
                value = row.bounded(VALUE, 0, _HUNDRED, "a percentage")
                yield StatedFigure(metric.indicator, place.trust.code, period, value)


def _period_stated(row: OversightRow, *, whole_quarter: bool) -> Period | None:
    """The quarter, or its last month; None where the label that stands beside the value names another."""
    quarter, told = row.quarter, reported_period(row.cells[REPORTED])
    own = quarter if whole_quarter else Period.month(quarter.end.year, quarter.end.month)
    return own if told is None or told in {own, quarter} or told.frequency is Frequency.YEAR else None
