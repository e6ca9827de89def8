"""The nearest neighbours of an organisation by what the store holds of all of its kind."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from db.catalogue.alike.characteristics import Characteristic, CharacteristicMeasure, characteristics_of
from db.catalogue.areas.facts import area_facts
from db.domain import OrganisationType, Period, comparable_frequencies
from db.domain.file import FileReference
from db.domain.reading import Reading, Selection
from db.figures.holdings import periods_by_type
from stp_dash.analysis.standing.neighbours import CharacteristicFigures, Neighbours, nearest_neighbours
from stp_dash.frame.cache import CacheKey
from stp_dash.frame.reader import StoreReader
from stp_dash.statistics.counts import divided

_OF_EACH = 2
_LOOKED_BACK = 8
"""As of another time a figure is looked for in so many periods."""


@dataclass(frozen=True)
class PeriodsOfKindKey(CacheKey[tuple[Period, ...]]):
    """The periods in which organisations of a type have figures of an indicator."""

    indicator: str
    kind: OrganisationType


@dataclass(frozen=True)
class NeighboursKey(CacheKey[Neighbours]):
    """The nearest neighbours of an organisation among others, by what there is up to a day."""

    of: str
    among: frozenset[str]
    kind: OrganisationType
    until: date
    as_of: str
    most: ClassVar[int] = 64


def newest_periods(
    reader: StoreReader, indicator: str, kind: OrganisationType, until: date = date.max, count: int = 1
) -> tuple[Period, ...]:
    """The last periods, newest first, that end by a day and have figures of a type; as of another time a few more,
    since what has come since was not known then."""
    frequency = reader.request.site.store.catalogue.indicators[indicator].frequency
    fitting = comparable_frequencies(frequency)
    now = reader.request.as_of().now
    if now and count == 1 and until == date.max:
        held = [
            item.period
            for item in reader.latest
            if item.indicator == indicator and item.organisation_type is kind
        ]
        return tuple(sorted((item for item in held if item.frequency in fitting), reverse=True)[:1])
    periods = periods_of_kind(reader, indicator, kind)
    found = [item for item in periods if item.end <= until]
    return tuple(found[: count if now else max(count, _LOOKED_BACK)])


def periods_of_kind(reader: StoreReader, indicator: str, kind: OrganisationType) -> tuple[Period, ...]:
    """Every period, newest first, in which organisations of a type have figures of an indicator."""
    fitting = comparable_frequencies(reader.request.site.store.catalogue.indicators[indicator].frequency)

    def read() -> tuple[Period, ...]:
        held = periods_by_type(
            reader.connection, indicator_code=indicator, types=[kind], as_of=reader.request.as_of()
        )
        return tuple(item for item in held.get(kind, ()) if item.frequency in fitting)

    return reader.cached(PeriodsOfKindKey(indicator, kind), read)


def neighbours_of(
    reader: StoreReader, of: str, among: Collection[str], kind: OrganisationType, until: date = date.max
) -> Neighbours:
    """The organisations among some of a type, by how alike they are to one by the newest figures up to a day."""
    others = frozenset(among)
    key = NeighboursKey(of, others, kind, until, str(reader.request.as_of()))
    return reader.cached(key, lambda: _neighbours(reader, of, others, kind, until))


def most_alike(
    reader: StoreReader, codes: Collection[str], among: Collection[str], kind: OrganisationType, until: date
) -> frozenset[str]:
    """The two nearest neighbours of each of some organisations of a type among others: trusts of the same kind."""
    kinds, found = area_facts().kinds, set[str]()
    for code in codes:
        alike = [other for other in among if kinds.get(other) == kinds.get(code)]
        if code in alike:
            found |= set(neighbours_of(reader, code, alike, kind, until).codes(_OF_EACH))
    return frozenset(found - set(codes))


def _neighbours(
    reader: StoreReader, of: str, among: frozenset[str], kind: OrganisationType, until: date
) -> Neighbours:
    figures, lacking = [], []
    for item in characteristics_of(kind):
        found = _figures(reader, item, {*among, of}, until)
        if found is None:
            lacking.append(item)
        else:
            figures.append(found)
    return nearest_neighbours(of, among, figures, lacking)


def _figures(
    reader: StoreReader, item: Characteristic, codes: Collection[str], until: date
) -> CharacteristicFigures | None:
    """A characteristic by the first of its indicators that has any figure; None where none has."""
    for indicator in item.indicators:
        for period in newest_periods(reader, indicator, item.kind, until):
            own = _numbers(_readings(reader, indicator, codes, period), item.measure)
            values, files = own
            if item.share_of:
                whole, more = _whole(reader, item, codes, period)
                values = {
                    code: 100 * share
                    for code, value in values.items()
                    if (share := divided(value, whole.get(code))) is not None
                }
                files = {**files, **more}
            positive = {code: value for code, value in values.items() if value > 0 or not item.logarithm}
            if positive:
                return CharacteristicFigures(item, period, positive, tuple(files.values()))
    return None


_Numbers = tuple[Mapping[str, float], Mapping[int, FileReference]]


def _whole(reader: StoreReader, item: Characteristic, codes: Collection[str], period: Period) -> _Numbers:
    """What the characteristic is a share of, in the same period."""
    for indicator in item.share_of:
        found = _numbers(_readings(reader, indicator, codes, period), item.measure)
        if found[0]:
            return found
    return {}, {}


def _readings(
    reader: StoreReader, indicator: str, codes: Collection[str], period: Period
) -> tuple[Reading, ...]:
    return reader.readings([Selection((indicator,), tuple(sorted(codes)), (period,))])


def _numbers(readings: Iterable[Reading], measure: CharacteristicMeasure) -> _Numbers:
    values: dict[str, float] = {}
    files: dict[int, FileReference] = {}
    for item in readings:
        number = item.denominator if measure is CharacteristicMeasure.DENOMINATOR else item.value
        if number is not None:
            values[item.organisation] = number
            files |= {file.id: file for file in item.files}
    return values, files
