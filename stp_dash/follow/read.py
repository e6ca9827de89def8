"""What news are worked out of: the series of an area and its organisations, as their pages read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from db.domain import ENGLAND, Indicator, OrganisationType, Period, comparable_frequencies
from db.domain.organisation import Area, AreaKind
from db.domain.reading import PeriodSpan, Reading, Selection
from db.figures.columns import observation_columns
from stp_dash.analysis.area import adding_up, area_series, codes_of, index_readings, own_series
from stp_dash.analysis.control import WINDOW, SeriesInput, controlled_many
from stp_dash.analysis.series import window_start
from stp_dash.follow.funnel import outer_sides
from stp_dash.follow.standing import FollowedSeries
from stp_dash.frame.area import as_of_area, steps_of
from stp_dash.frame.reader import StoreReader
from stp_dash.pages.overview.supporting import is_supporting
from stp_dash.statistics.rebasing import RebaseDecision

_FUNNELS_OF = frozenset({OrganisationType.TRUST, OrganisationType.ICB})
"""The kinds that are compared with all of their own."""


@dataclass(frozen=True)
class SeriesFigures:
    """One organisation's readings of one indicator in order, and what else `FollowedSeries` are made of."""

    organisation: str
    indicator: Indicator
    readings: tuple[Reading, ...]
    decisions: tuple[RebaseDecision, ...] = ()
    sides: dict[int, str] = field(default_factory=dict)
    rules: str = ""

    def up_to(self, last: Reading) -> SeriesInput:
        """The series as it was when a reading was its last."""
        known = tuple(item for item in self.readings if item.period <= last.period)
        return SeriesInput(self.indicator, known, "", decisions=self.decisions, rules=self.rules)


def followed(area: Area) -> tuple[str, ...]:
    """Whose news an area's are, itself first: of a board and a list its trusts and places, of others their boards.

    The only place of a board has the board's figures.
    """
    codes: tuple[str, ...] = area.boards
    if area.kind in {AreaKind.BOARD, AreaKind.LIST}:
        places = area.sub_icb_locations if len(area.sub_icb_locations) > 1 else ()
        codes = (*area.trusts, *area.other_trusts, *places, *area.boards)
    return tuple(dict.fromkeys([area.commissioner, *codes]))


def told_indicators(reader: StoreReader, source: str = "") -> list[Indicator]:
    """The indicators that news are told of: those that the overview has rows of, of what has happened; of a source
    alone, if one is named."""
    known, held = reader.request.site.store.catalogue.indicators.values(), reader.indicators_held
    own = [item for item in known if item.id in held and source in {"", item.source_id}]
    return [item for item in own if not item.looks_ahead and not is_supporting(item)]


def followed_series(
    reader: StoreReader, organisations: Sequence[str], *, further_back: int = 0, source: str = ""
) -> list[SeriesFigures]:
    """The series of some organisations, of those that any figure is held of: one query and the funnels' own.

    As many periods as limits rest on, and so many more `further_back`. Of a source alone, if one is named.
    """
    request, area = reader.request, reader.request.area
    indicators = told_indicators(reader, source)
    today, wanted = request.site.today(), []
    steps = {code: steps_of(request, code) for code in organisations}
    codes = [own for code in organisations for own in codes_of(code, steps[code])]
    for item in indicators:
        members = adding_up(item, area) if area.commissioner in organisations else ()
        span = PeriodSpan(
            comparable_frequencies(item.frequency),
            window_start(today, item.frequency, WINDOW + further_back + 6),
            date.max,
        )
        wanted.append(Selection((item.id,), tuple(dict.fromkeys([*codes, *members])), span))
    index = index_readings(reader.readings(wanted)) if wanted else {}
    found = []
    for code in organisations:
        decided = [item for item in reader.decisions if item.organisation == code]
        for item in indicators:
            own = as_of_area(request, item, code)
            series = (
                area_series(index, own, area, steps[code])
                if code == area.commissioner
                else own_series(index, own, code, steps[code])
            )
            if not any(reading.value is not None for reading in series):
                continue
            decisions = tuple(
                RebaseDecision(mark.on, mark.reason, mark.role)
                for mark in decided
                if mark.indicator == item.id
            )
            named = tuple(replace(reading, organisation=code) for reading in series)
            rules = reader.rules_of(item.id, code)
            found.append(SeriesFigures(code, own, named, decisions, rules=rules))
    return found


def with_sides(reader: StoreReader, found: Iterable[SeriesFigures], periods: int) -> list[SeriesFigures]:
    """The series with the sides of their funnels in their last periods, where they have funnels."""
    series = list(found)
    kinds = {code: reader.code_lists.organisation(code) for code in {item.organisation for item in series}}
    groups: dict[tuple[str, OrganisationType], list[SeriesFigures]] = {}
    for item in series:
        own = kinds[item.organisation]
        if own is not None and own.type in _FUNNELS_OF and not item.indicator.by_trust_kind:
            groups.setdefault((item.indicator.id, own.type), []).append(item)
    for (_, kind), members in groups.items():
        _add_sides(reader, members, kind, periods)
    return series


def _add_sides(
    reader: StoreReader, members: Sequence[SeriesFigures], kind: OrganisationType, periods: int
) -> None:
    indicator, numbers = members[0].indicator, reader.code_lists.organisation_ids
    at = sorted({item.period for series in members for item in series.readings[-periods:]})
    england = {
        item.period: item for item in reader.readings([Selection((indicator.id,), (ENGLAND,), tuple(at))])
    }
    if not england:
        return
    every = observation_columns(
        reader.connection, reader.code_lists, indicator_code=indicator.id, at=list(england), types=(kind,)
    )
    for period, comparator in england.items():
        sides = outer_sides(indicator, comparator, every, [numbers[item.organisation] for item in members])
        for item in members:
            side = sides.get(numbers[item.organisation])
            if side is not None:
                item.sides[period.key] = side


def under_limits(found: Sequence[tuple[SeriesFigures, Reading]]) -> list[FollowedSeries]:
    """Each series up to a reading of it under its limits: one call of the statistics."""
    controlled = controlled_many([series.up_to(last) for series, last in found])
    return [
        FollowedSeries(series.organisation, made, series.sides)
        for (series, _), made in zip(found, controlled, strict=True)
    ]


def last_reading(series: SeriesFigures) -> Reading:
    """The newest reading that has a value."""
    return next(item for item in reversed(series.readings) if item.value is not None)


def newest_by_source(found: Iterable[SeriesFigures]) -> dict[tuple[str, str], Reading]:
    """The newest reading of each organisation from each source."""
    newest: dict[tuple[str, str], Reading] = {}
    for series in found:
        key, last = (series.organisation, series.indicator.source_id), last_reading(series)
        if key not in newest or _place(last.period) > _place(newest[key].period):
            newest[key] = last
    return newest


def _place(period: Period) -> tuple[date, date]:
    return period.end, period.start
