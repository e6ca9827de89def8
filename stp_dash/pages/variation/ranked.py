"""The ranking of the variation page: its chart, and the sheet with the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from db.domain import ALL
from stp_dash.analysis.columns import Integers, Ranking, published
from stp_dash.analysis.provenance import files_text
from stp_dash.analysis.sheet import Cell, Column, OnDemand, Sheet
from stp_dash.analysis.standing.verdict import brief, short_of_national, short_of_standard
from stp_dash.analysis.wording import (
    LEVEL,
    PER_CENT,
    capitalised,
    count_text,
    counts_text,
    date_text,
    full_text,
    level_axis,
    level_text,
    status_text,
    uncapitalised,
    unit_text,
    value_text,
)
from stp_dash.charts.interactive.ranked import (
    BETTER,
    CROWD,
    SIMILAR,
    UNJUDGED,
    WORSE,
    RankedChart,
    RankedOthers,
    RankedPoint,
)
from stp_dash.pages.variation.words import (
    VariationInput,
    compared_words,
    distance_words,
    group_words,
    interval_words,
)

RANKED = "ranked"
COMPARED = {BETTER: "better", WORSE: "worse", SIMILAR: "similar"}
Made = TypeVar("Made")


def ranked_chart(given: VariationInput) -> RankedChart:
    """Lowest first: ours with their intervals and names, peers, and all the others."""
    ranking = given.ranking
    drawn = np.flatnonzero(ranking.drawn)
    stands_out = ranking.ours | ranking.peers
    orders = np.flatnonzero(~stands_out[drawn])
    marked = [(order, int(drawn[order])) for order in np.flatnonzero(stands_out[drawn]).tolist()]
    percent, letters = given.indicator.unit == PER_CENT, given.indicator.unit == LEVEL
    standard, level = given.standard, given.level
    return RankedChart(
        count=len(drawn),
        others=_others(given, orders, drawn[orders], crowded=len(drawn) > CROWD),
        ours=tuple(_point(given, order, place) for order, place in marked if ranking.ours[place]),
        peers=tuple(_point(given, order, place) for order, place in marked if ranking.peers[place]),
        standard=(standard.value, f"Standard {level_text(given.indicator, standard)}")
        if standard and standard.value is not None
        else None,
        comparator=None if level is None else (level, f"{given.beside} {value_text(given.indicator, level)}"),
        suffix="%" if percent else "",
        kind=given.comparison.plural,
        phone=given.phone,
        paper=given.paper,
        unit="" if percent or letters else given.indicator.unit,
        letters=level_axis(given.indicator),
        ends=("first", "last") if given.indicator.is_order else ("lowest", "highest"),
    )


def _others(given: VariationInput, orders: Integers, places: Integers, *, crowded: bool) -> RankedOthers:
    """The others at their places on the chart (`orders`) and in the ranking."""
    ranking = given.ranking
    intervals = ranking.has_intervals and not crowded
    shown = ~ranking.small[places]
    return RankedOthers(
        places=orders.tolist(),
        values=np.round(ranking.value[places], 4).tolist(),
        lower=np.where(shown, ranking.lower[places], np.nan).tolist() if intervals else (),
        upper=np.where(shown, ranking.upper[places], np.nan).tolist() if intervals else (),
        hover=() if crowded else [hover_words(given, place) for place in places.tolist()],
        codes=() if crowded else [ranking.code(place) for place in places.tolist()],
    )


def _point(given: VariationInput, order: int, place: int) -> RankedPoint:
    ranking = given.ranking
    value = float(ranking.value[place])
    ours = bool(ranking.ours[place])
    return RankedPoint(
        place=order,
        name=ranking.name(place),
        code=ranking.code(place),
        value=value,
        shown=given.value(value),
        hover=hover_words(given, place),
        lower=published(ranking.lower[place]),
        upper=published(ranking.upper[place]),
        mark=given.mark(place) if ours else UNJUDGED,
        upward=given.level is None or value >= given.level,
    )


def hover_words(given: VariationInput, place: int) -> str:
    """Name, figure and counts of one organisation; of many the table holds the counts."""
    if place not in given.hovers:
        given.hovers[place] = _hover(given, place)
    return given.hovers[place]


def _hover(given: VariationInput, place: int) -> str:
    ranking = given.ranking
    name, value = ranking.name(place), float(ranking.value[place])
    if given.crowded:
        return f"<b>{name}</b><br>{given.value(value)}"
    counts = counts_text(
        given.indicator, published(ranking.numerator[place]), published(ranking.denominator[place])
    )
    shown = full_text(given.indicator, value, given.standard)
    return f"<b>{name}</b><br>{shown}{': ' if counts else ''}{counts}"


def source_words(owner: str, ranking: Ranking) -> str:
    """Whose figures they are, and the day of the newest file."""
    newest = max((file.published_on for file in ranking.files if file.published_on), default=None)
    return f"{owner}, {date_text(newest)}" if newest else owner


def files_note(ranking: Ranking) -> str:
    """The names of the files that a ranking rests on, "" where there are none."""
    return "Files: " + "; ".join(file.name for file in ranking.files) if ranking.files else ""


class Rows:
    """The rows of a sheet of organisations: in order of value, of a crowd ours first, on paper only ours and peers."""

    def __init__(self, given: VariationInput) -> None:
        ranking = given.ranking
        every = np.arange(len(ranking))
        first = ranking.ours | ranking.peers
        ordered = np.concatenate([every[first], every[~first]]) if len(ranking) > CROWD else every
        if given.paper and first.any():
            ordered = every[first]
        self.given, self.places = given, ordered.tolist()

    def column(self, make: Callable[[int], Made]) -> Sequence[Made]:
        """A column made of each organisation's place."""
        places = self.places
        return OnDemand(len(places), lambda row: make(places[row]))

    def numbers(self, column: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Sequence[Cell]:
        """A download's column of numbers, None for what is not published."""
        numbers = column.tolist()
        return self.column(lambda place: published(numbers[place]))

    def identity(self) -> tuple[Column, ...]:
        """Who each row is: the first columns of every sheet."""
        given, ranking = self.given, self.given.ranking
        marked = bool((ranking.ours | ranking.peers).any())
        period = given.period
        constants: dict[str, Cell] = {
            "indicator": given.indicator.id,
            "unit": given.indicator.unit,
            "breakdown": given.breakdown,
            "period": period.label,
            "period_start": period.start,
            "period_end": period.end,
            "compared_with": given.beside if given.level is not None else None,
            "compared_value": given.level,
        }
        return (
            Column(
                "Organisation",
                self.column(ranking.name),
                "organisation_name",
                self.column(ranking.name),
                links=self.column(lambda place: given.trend(ranking.code(place))),
            ),
            Column("Code", self.column(ranking.code), "organisation_code", self.column(ranking.code)),
            Column(
                "Group",
                self.column(lambda place: group_words(given, place)) if marked else (),
                "group",
                self.column(lambda place: group_words(given, place)),
            ),
            *(self._same(key, cell) for key, cell in constants.items()),
        )

    def _same(self, key: str, cell: Cell) -> Column:
        """A column of the download that says the same in every row."""
        return Column("", key=key, raw=self.column(lambda _: cell))


def figures_columns(given: VariationInput, rows: Rows) -> tuple[Column, ...]:
    """Each organisation's figure, interval, distance, status and file."""
    return (*_figures(given, rows), *_judgement(given, rows), *_origin(rows))


def ranked_sheet(given: VariationInput) -> Sheet:
    """The ranking's numbers: every organisation with its counts, interval, distance, status and file."""
    ranking, rows = given.ranking, Rows(given)
    stand = "stands" if len(ranking.our_places) == 1 else "stand"
    noun = given.comparison.each if len(ranking.our_places) == 1 else given.comparison.plural
    indicator = given.indicator
    rank = Column(
        "Rank",
        rows.column(lambda place: f"{'joint ' if ranking.is_joint(place) else ''}{ranking.rank[place]:,}"),
        "rank",
        rows.column(lambda place: int(ranking.rank[place])),
        numeric=True,
    )
    return Sheet(
        name=RANKED,
        title=f"Where our {noun} {stand}{' in England' if given.beside == 'England' else ''}",
        caption=f"{given.subject} by {uncapitalised(given.comparison.label)}, {given.when}, lowest first",
        columns=(*rows.identity(), rank, *figures_columns(given, rows)),
        source=source_words(indicator.owner, ranking),
        note=files_note(ranking),
        demonstration=ranking.demonstration,
        subject=given.about,
    )


def _figures(given: VariationInput, rows: Rows) -> tuple[Column, ...]:
    ranking, indicator = given.ranking, given.indicator
    counts = bool(ranking.counted.any())
    return (
        Column(
            capitalised(unit_text(indicator)) or "Value",
            rows.column(lambda place: given.value(float(ranking.value[place]))),
            "value",
            rows.numbers(ranking.value),
            numeric=True,
        ),
        Column(
            capitalised(indicator.numerator_label),
            rows.column(lambda place: _count(ranking.numerator[place])) if counts else (),
            "numerator",
            rows.numbers(ranking.numerator),
            numeric=True,
        ),
        Column(
            capitalised(indicator.denominator_label),
            rows.column(lambda place: _count(ranking.denominator[place])) if counts else (),
            "denominator",
            rows.numbers(ranking.denominator),
            numeric=True,
        ),
    )


def _count(value: float) -> str:
    return "" if np.isnan(value) else count_text(float(value))


def _judgement(given: VariationInput, rows: Rows) -> tuple[Column, ...]:
    """Interval, distance and comparison; columns of what there cannot be are left out."""
    ranking = given.ranking
    compared = ranking.has_intervals and given.level is not None
    intervals = (
        Column(
            capitalised(given.indicator.interval_label),
            rows.column(lambda place: interval_words(given, place)),
            "lower_95",
            rows.numbers(ranking.lower),
            numeric=True,
        ),
        Column("", key="upper_95", raw=rows.numbers(ranking.upper)),
        Column(
            "Compared",
            rows.column(lambda place: compared_words(given, given.mark(place))) if compared else (),
            "compared",
            rows.column(lambda place: COMPARED.get(given.mark(place))),
        ),
    )
    return (*(intervals if ranking.has_intervals else ()), *_distance(given, rows))


def _distance(given: VariationInput, rows: Rows) -> tuple[Column, ...]:
    heading = "Against standard" if given.standard else f"Against {given.beside}"
    shown = given.standard is not None or given.averaged
    standard, headline = given.standard, given.breakdown == ALL

    def words(place: int) -> str:
        return brief(distance_words(given, given.ranking.reading(place)), given.beside)

    def of_standard(place: int) -> Cell:
        return short_of_standard(given.indicator, given.ranking.reading(place)) if headline else None

    def of_national(place: int) -> Cell:
        return short_of_national(given.indicator, given.ranking.reading(place), given.comparator)

    return (
        Column("", key="standard", raw=rows.column(lambda _: standard.value if standard else None)),
        Column(
            heading,
            rows.column(words) if shown else (),
            "short_of_standard",
            rows.column(of_standard),
            numeric=True,
        ),
        Column("", key="short_of_national", raw=rows.column(of_national)),
        Column(
            "", key="national_name", raw=rows.column(lambda _: given.beside if given.comparator else None)
        ),
    )


def _origin(rows: Rows) -> tuple[Column, ...]:
    """Status and file of each figure."""
    ranking = rows.given.ranking

    def status(place: int) -> str:
        return status_text(ranking.reading(place).maturity)

    def file(place: int) -> str:
        return files_text(ranking.reading(place))

    return (
        Column("Status", rows.column(status), "status", rows.column(status)),
        Column("File", () if rows.given.paper else rows.column(file), "file", rows.column(file)),
    )
