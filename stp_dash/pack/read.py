"""A pack from the store: what the overview and the trend page read and say, gathered for paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from sqlalchemy import Connection

from db.domain.holdings import DataVersion
from db.domain.timing import TIME_ZONE
from db.figures.commentary.read import commentaries, newest_revision
from db.service.packs.issued import IssuedFigure
from stp_dash.analysis.wording import listing, month_code
from stp_dash.elements.links import TREND
from stp_dash.frame.area import area_codes
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.request import PageRequest, ParameterError
from stp_dash.frame.said.revised import revised_since
from stp_dash.frame.shell import DISCLAIMER, LICENCE, SITE_TITLE, version_words
from stp_dash.frame.state import KEPT
from stp_dash.pack.gather import (
    attention_lines,
    figures_shown,
    indicator_sheet,
    matrix_lines,
    release_lines,
    source_lines,
)
from stp_dash.pack.model import BoardPack, PackComment
from stp_dash.pack.own import own_sheets
from stp_dash.pack.said import pack_comment
from stp_dash.pack.state import LANDSCAPE, PackState
from stp_dash.pack.words import banner_words, last_periods_shown, pack_address, provisional_words
from stp_dash.pages.overview.attention import attention, rank_of
from stp_dash.pages.overview.page import overview_changes, overview_chips
from stp_dash.pages.overview.read import AreaHoldings, day_of, holdings_of, read_overview
from stp_dash.pages.overview.row import IndicatorRow
from stp_dash.pages.overview.words import Overview, overview
from stp_dash.pages.trend.read import TrendReader
from stp_dash.pages.trend.state import TrendState
from stp_dash.pages.trend.words import Trend, trend_words


@dataclass(frozen=True)
class PackReader:
    """One visit to the store for a pack: what is held, and what is asked for."""

    reader: StoreReader
    held: AreaHoldings
    state: PackState

    @classmethod
    def of(cls, request: PageRequest, connection: Connection, version: DataVersion) -> PackReader:
        """Raises ParameterError for a pack that there is not."""
        reader = StoreReader(request, connection, version)
        held = holdings_of(reader, area_codes(request))
        return cls(reader, held, PackState(request, held.months, day_of(reader), held.days))

    def overview(self) -> tuple[Overview, tuple[IndicatorRow, ...]]:
        """The overview of the state, and the rows that the pack has a sheet of, in the scorecard's order.

        Raises ParameterError where there is none: nothing is asked for, or of it there is no figure.
        """
        request, state = self.reader.request, self.state
        found = read_overview(self.reader, area_codes(request), self.held, state, named=state.chosen)
        view = overview(found, profile=request.rules())
        rows = tuple(row for row in view.rows if self._is_wanted(row))
        if rows:
            return view, rows
        every = [] if state.whole else [("The pack of every indicator", state.address(include=None))]
        told = f"There is no figure for a pack. {' '.join(view.absent) or view.title}"
        if state.chosen:
            known = request.site.store.catalogue.indicators
            names = listing([known[code].short_name for code in state.chosen])
            area = request.area.name
            told = f"There is no figure for a pack: the store holds none of {names} for {area} here."
        if state.failing and view.rows:
            told = "No indicator needs attention here, so that there is nothing for a pack of those that do."
        raise ParameterError("include", state.values["include"], "indicators", tuple(every), told=told)

    def _is_wanted(self, row: IndicatorRow) -> bool:
        """Whether a row has a sheet: what has no figure at all would be an empty one."""
        if not (row.value_known or row.line.shown_parts):
            return False
        if self.state.failing:
            return rank_of(row) is not None
        return not self.state.chosen or row.id in self.state.chosen

    def trend(self, row: IndicatorRow) -> Trend | None:
        """The trend page of a row's indicator, up to the row's period; None where the area has no figure over time."""
        if row.line.period is None or not row.value_known:
            return None
        request = self.reader.request
        asked = {name: request.parameters[name] for name in KEPT if name in request.parameters}
        asked |= {"indicator": row.id, "organisation": request.area.commissioner}
        if self.state.requested is not None:
            asked["to"] = month_code(row.line.period)
        own, codes = PageRequest(request.site, TREND, asked), area_codes(request)
        whole = {codes.own: self.held.own, codes.trusts: self.held.trusts}
        reader = TrendReader(own, self.reader.connection, self.reader.version, whole=whole)
        return trend_words(TrendState(reader).read())

    def comments(self, rows: Sequence[IndicatorRow]) -> tuple[int, dict[str, PackComment]]:
        """What people say of the area by indicator, the newest up to each row's period, and as of which revision.

        Nothing as of a data version, which words have none of, unless a revision is asked for beside it.
        """
        state, connection = self.state, self.reader.connection
        if not state.with_commentary or (state.revision is None and state.as_of.version is not None):
            return 0, {}
        day = state.as_of.published_by
        found = commentaries(
            connection,
            indicators=[row.id for row in rows],
            places=[self.reader.request.area.commissioner],
            until=None if day is None else datetime.combine(day, time(23, 59, 59), TIME_ZONE),
            revision=state.revision,
        )
        comments: dict[str, PackComment] = {}
        for row in rows:
            last = row.line.period
            said = next(
                (
                    i
                    for i in found
                    if i.about.indicator == row.id and last and i.about.period.start <= last.start
                ),
                None,
            )
            if said is not None and last is not None:
                revised = revised_since(self.reader, [said]).get(said.about, "")
                comments[row.id] = pack_comment(said, last, state.today, revised)
        if not comments:
            return 0, {}
        return newest_revision(connection) if state.revision is None else state.revision, comments


def read_pack(request: PageRequest, connection: Connection, version: DataVersion) -> BoardPack:
    """The whole pack that an address asks for. Raises ParameterError."""
    found = PackReader.of(request, connection, version)
    view, rows = found.overview()
    return _pack(found, view, rows, [found.trend(row) for row in rows])


def read_issue(
    request: PageRequest, connection: Connection, version: DataVersion
) -> tuple[BoardPack, tuple[IssuedFigure, ...], str]:
    """The same pack, every figure that it shows, and the address that asks for it. Raises ParameterError."""
    found = PackReader.of(request, connection, version)
    view, rows = found.overview()
    trends = [found.trend(row) for row in rows]
    return _pack(found, view, rows, trends), figures_shown(rows, trends), found.state.address()


def _pack(
    found: PackReader, view: Overview, rows: Sequence[IndicatorRow], trends: Sequence[Trend | None]
) -> BoardPack:
    request, state, version = found.reader.request, found.state, found.reader.version
    area, day = request.area.name, f"{state.today.day} {state.today:%B %Y}"
    groups = (replace(group, rows=tuple(row for row in group.rows if row in rows)) for group in view.groups)
    part = replace(view, groups=tuple(groups))
    bare = [row for row in view.rows if not (row.value_known or row.line.shown_parts)]
    made = datetime.combine(version.loaded_on or date(1970, 1, 1), time(), UTC)
    columns, lines = matrix_lines(rows)
    commentary, comments = found.comments(rows)
    asked, lying = state.as_of.version, state.values["paper"] == LANDSCAPE
    own = own_sheets(request, found.reader.connection, lying=lying) if state.with_own else ()
    return BoardPack(
        site=SITE_TITLE,
        area=area,
        paper=state.values["paper"],
        title=view.title if state.whole else part.summary,
        lede=view.lede if state.whole else f"{area} on {day}: {len(rows)} of {len(view.rows)} indicators.",
        day=day,
        period=state.requested.label if state.requested else "",
        version=f"Data version {version_words(version) if asked is None else asked}",
        stamp=int(made.timestamp()),
        banner=banner_words(version, own=bool(own)),
        mixed=version.mixed,
        periods=last_periods_shown(rows),
        attention=attention_lines(attention(rows, overview_chips(view, found.held, state))),
        columns=columns,
        matrix=lines,
        releases=release_lines(
            overview_changes(found.reader, view, found.held, state) if state.whole else ()
        ),
        sheets=tuple(
            indicator_sheet(row, trend, comments.get(row.id), lying=lying)
            for row, trend in zip(rows, trends, strict=True)
        ),
        summary=part.summary,
        provisional=provisional_words(rows),
        rules=view.rules,
        basis=view.basis,
        absent=(*view.absent, *(f"{row.name}: {row.sentence}" for row in bare)),
        sources=source_lines(rows),
        licence=LICENCE,
        disclaimer=DISCLAIMER,
        address=pack_address(state, version, commentary),
        commentary=commentary,
        own=own,
    )
