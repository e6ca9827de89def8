"""Which commentaries are about figures that were revised or withdrawn after they were written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from db.domain import Indicator
from db.domain.people.commentary import Commentary, CommentaryAbout
from db.domain.reading import AsOf, Reading, Selection
from db.figures.data_version import version_at
from db.figures.observations import readings
from stp_dash.analysis.area import adding_up, area_series, codes_of, index_readings, own_series
from stp_dash.analysis.noted.commentary import revised_words
from stp_dash.frame.area import as_of_area, steps_of
from stp_dash.frame.cache import CacheKey
from stp_dash.frame.reader import StoreReader


@dataclass(frozen=True)
class RevisedKey(CacheKey[Mapping[CommentaryAbout, str]]):
    """What is said of commentaries whose figures were revised since."""

    found: tuple[Commentary, ...]
    area: str
    most: ClassVar[int] = 200


def revised_since(reader: StoreReader, found: Iterable[Commentary]) -> Mapping[CommentaryAbout, str]:
    """In words, of each commentary whose figure is written differently now than when it was shown; of others nothing.

    Nothing on a page of a day of publication, whose figures are not those that anybody wrote beside.
    """
    known = reader.request.site.store.catalogue.indicators
    own = tuple(item for item in found if item.about.indicator in known)
    if not own or reader.request.as_of().published_by is not None:
        return {}
    key = RevisedKey(own, reader.request.area.code)
    return reader.cached(key, lambda: _revised(reader, own))


def _revised(reader: StoreReader, found: Sequence[Commentary]) -> Mapping[CommentaryAbout, str]:
    shown = reader.request.as_of().version or reader.version.number
    told = {}
    for item in found:
        version = version_at(reader.connection, item.shown_at)
        if not 0 < version < shown:
            continue
        before = _figure(reader, item.about, AsOf(version=version))
        words = revised_words(
            as_of_area(reader.request, _indicator(reader, item.about), item.about.place),
            before,
            _figure(reader, item.about, reader.request.as_of()),
        )
        if words:
            told[item.about] = words
    return told


def _indicator(reader: StoreReader, about: CommentaryAbout) -> Indicator:
    return reader.request.site.store.catalogue.indicators[about.indicator]


def _figure(reader: StoreReader, about: CommentaryAbout, as_of: AsOf) -> Reading | None:
    """The figure that a commentary is about as of a time; for an area without one the sum that its page shows."""
    request, area = reader.request, reader.request.area
    indicator = as_of_area(request, _indicator(reader, about), about.place)
    steps = steps_of(request, about.place)
    codes = codes_of(about.place, steps)
    members = adding_up(indicator, area) if about.place == area.commissioner else ()
    wanted = Selection((indicator.id,), tuple(dict.fromkeys([*codes, *members])), (about.period,))
    index = index_readings(readings(reader.connection, reader.code_lists, [wanted], as_of))
    series = (
        area_series(index, indicator, area, steps)
        if about.place == area.commissioner
        else own_series(index, indicator, about.place, steps)
    )
    return next((item for item in series if item.period == about.period and item.value is not None), None)
