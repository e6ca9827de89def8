"""Figures put together from several organisations: an area's earlier codes, and the sum of what makes it up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from db.catalogue import LineageStep
from db.domain import Area, Basis, Indicator, Maturity, OrganisationType, Period
from db.domain.organisation import AreaKind
from db.domain.reading import Reading
from stp_dash.statistics.counts import divided, pooled

_ADDABLE = frozenset({Basis.TEAM, Basis.RESIDENCE})
"""Team-centred: each patient belongs to one team, and each team to one trust, so that trusts may be added up. So may
upper-tier authorities: everybody lives in one."""

ReadingIndex = Mapping[tuple[str, str, Period], Reading]


def index_readings(readings: Iterable[Reading]) -> ReadingIndex:
    """Readings by indicator, organisation and period."""
    return {(item.indicator, item.organisation, item.period): item for item in readings}


def codes_of(code: str, steps: Sequence[LineageStep]) -> tuple[str, ...]:
    """An organisation's code and those of all that came before it."""
    return tuple(dict.fromkeys([code, *(earlier for step in steps for earlier in step.codes)]))


def own_reading(
    index: ReadingIndex, indicator: Indicator, code: str, steps: Sequence[LineageStep], period: Period
) -> Reading | None:
    """An organisation's figure in a period, under its own code or its predecessors' of that day.

    Several predecessors are summed, and only when every one of them has counts. A figure that was published under the
    present code for a time before it stands where the predecessors have none. A region's own figure comes before the
    sum of its boards.
    """
    own, step = index.get((indicator.id, code, period)), step_on(steps, period.start)
    if step is None or (step.beside and own is not None and own.value is not None):
        return own
    if len(step.codes) == 1:
        return index.get((indicator.id, step.codes[0], period)) or own
    return summed(index, indicator, step.codes, period) or own


def step_on(steps: Sequence[LineageStep], day: date) -> LineageStep | None:
    """The predecessors that stood for an organisation on a day; None where it stood for itself."""
    for item in steps:
        if _covers(item, day):
            return item
    return None


def of_step(reading: Reading, step: LineageStep) -> bool:
    """Whether a figure is of the organisations of a step, on a day of theirs."""
    ends = step.effective_to is None or reading.period.start <= step.effective_to
    return {*(reading.members or (reading.organisation,))} <= {*step.codes} and ends


def own_series(
    index: ReadingIndex, indicator: Indicator, code: str, steps: Sequence[LineageStep]
) -> tuple[Reading, ...]:
    """`own_reading` for every period that any of the codes has, in order."""
    codes = codes_of(code, steps)
    periods = _periods_of(index, indicator, codes)
    found = (own_reading(index, indicator, code, steps, period) for period in periods)
    return tuple(item for item in found if item is not None)


def _periods_of(index: ReadingIndex, indicator: Indicator, codes: Collection[str]) -> list[Period]:
    """The periods that any of the codes has, in order; as read they are in order by code, which spares comparisons."""
    own = (period for key, member, period in index if key == indicator.id and member in codes)
    return sorted(dict.fromkeys(own))


def only_by_council(indicator: Indicator, area: Area) -> bool:
    """Whether nobody publishes an indicator of the area, and the area has no councils whose figures add up to it."""
    kinds = indicator.organisation_types
    if OrganisationType.UPPER_TIER_AUTHORITY not in kinds or OrganisationType.ICB in kinds:
        return False
    return area.kind is not AreaKind.COUNTRY and not area.upper_tier_authorities


def adding_up(indicator: Indicator, area: Area) -> tuple[str, ...]:
    """The area's organisations whose figures of an indicator add up to its own where it has none; most have none."""
    if OrganisationType.STROKE_TEAM in indicator.organisation_types:
        return area.trusts
    if OrganisationType.UPPER_TIER_AUTHORITY in indicator.organisation_types:
        return area.upper_tier_authorities
    return ()


def summed(
    index: ReadingIndex, indicator: Indicator, members: Collection[str], period: Period
) -> Reading | None:
    """The sum of several organisations' counts, divided once; None unless every member has both counts.

    Figures of two bases are never added together. Values that count all that an organisation has are added as they are.
    """
    parts = [index.get((indicator.id, code, period)) for code in members]
    known = [part for part in parts if part is not None]
    if len(known) != len(members) or len({part.basis for part in known}) != 1:
        return None
    total = _added(known) if indicator.is_total else pooled_reading(indicator, known)
    if total is None:
        return None
    files = tuple({file.id: file for part in known for file in part.files}.values())
    return replace(total, organisation="", organisation_name="", files=files, members=tuple(members))


def _added(parts: Sequence[Reading]) -> Reading | None:
    """The last of some readings with the values of all added, as settled as the least settled; None where any lacks."""
    values = [part.value for part in parts if part.value is not None]
    if len(values) != len(parts):
        return None
    least = Maturity(min(part.maturity for part in parts))
    return replace(parts[-1], value=sum(values), maturity=least, derived=True)


def pooled_reading(indicator: Indicator, parts: Sequence[Reading]) -> Reading | None:
    """The last of some readings with the counts of all, summed and divided once; None where any lacks a count.

    The sum is as settled as its least settled part.
    """
    counts = pooled([part.numerator for part in parts], [part.denominator for part in parts])
    if counts is None:
        return None
    return replace(
        parts[-1],
        numerator=counts[0],
        denominator=counts[1],
        value=divided(*counts, indicator.multiplier),
        maturity=Maturity(min(part.maturity for part in parts)),
        derived=True,
        details=None,
    )


def area_reading(
    index: ReadingIndex,
    indicator: Indicator,
    area: Area,
    steps: Sequence[LineageStep],
    period: Period,
) -> Reading | None:
    """The area's figure in a period: its commissioner's, or the sum of what adds up to it.

    A commissioner's row that is such a sum names its members. After a closed area's last day there is no sum: what
    made it up is its successor's.
    """
    own = own_reading(index, indicator, area.commissioner, steps, period)
    if own is not None and own.basis not in _ADDABLE:
        return own
    if area.closed_on is not None and period.start > area.closed_on:
        return own
    present = _adding_up_in(index, indicator, adding_up(indicator, area), period)
    if own is None:
        return summed(index, indicator, present, period) if present else None
    counts = _counts_together(indicator, [index[indicator.id, code, period] for code in present])
    return replace(own, members=present) if counts == (own.numerator, own.denominator) else own


def area_series(
    index: ReadingIndex, indicator: Indicator, area: Area, steps: Sequence[LineageStep]
) -> tuple[Reading, ...]:
    """`area_reading` for every period that the area or what adds up to it has, in order."""
    codes = {*codes_of(area.commissioner, steps), *adding_up(indicator, area)}
    periods = _periods_of(index, indicator, codes)
    found = (area_reading(index, indicator, area, steps, period) for period in periods)
    return tuple(item for item in found if item is not None)


def _adding_up_in(
    index: ReadingIndex, indicator: Indicator, members: Collection[str], period: Period
) -> tuple[str, ...]:
    """The members that have a row in a period, where their figures may be added up; else none.

    None where a member is missing that has figures before and after: a gap is not a closure. Of residents every
    member must be there.
    """
    present = tuple(code for code in members if (indicator.id, code, period) in index)
    rows = [index[indicator.id, code, period] for code in present]
    if any(row.basis not in _ADDABLE for row in rows):
        return ()
    absent = [code for code in members if code not in present]
    residents = any(row.basis is Basis.RESIDENCE for row in rows)
    if any(residents or _has_gap(index, indicator, code, period) for code in absent):
        return ()
    return present


def _counts_together(indicator: Indicator, parts: Sequence[Reading]) -> tuple[float | None, ...] | None:
    """The counts of the sum that `summed` makes of some readings; None where it makes none."""
    if len({part.basis for part in parts}) != 1:
        return None
    if indicator.is_total:
        known = all(part.value is not None for part in parts)
        return (parts[-1].numerator, parts[-1].denominator) if known else None
    return pooled([part.numerator for part in parts], [part.denominator for part in parts])


def _has_gap(index: ReadingIndex, indicator: Indicator, code: str, period: Period) -> bool:
    held = [other for key, member, other in index if key == indicator.id and member == code]
    return any(other < period for other in held) and any(other > period for other in held)


def latest_period_of(readings: Iterable[Reading]) -> Period | None:
    """The last period that has a value."""
    return max((item.period for item in readings if item.value is not None), default=None)


def _covers(step: LineageStep, day: date) -> bool:
    after = step.effective_from is None or step.effective_from <= day
    return after and (step.effective_to is None or day <= step.effective_to)
