"""The overview: whether the area meets its standards, what needs attention and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection

from db.domain import Period
from db.domain.changes import SourceUndo
from db.domain.holdings import DataVersion
from stp_dash.analysis.differences.difference import Difference
from stp_dash.analysis.differences.sheet import differences_sheet
from stp_dash.analysis.freshness import FreshnessChip, freshness_chips
from stp_dash.analysis.sheet import Sheet
from stp_dash.analysis.wording import date_text, month_code
from stp_dash.elements import Component, html
from stp_dash.elements.components import Choice, Control
from stp_dash.elements.links import OVERVIEW
from stp_dash.elements.menus import by_year
from stp_dash.frame.area import AreaCodes, area_codes, types_shown
from stp_dash.frame.figure_card import table_card
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.request import PageRequest
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from stp_dash.frame.subject import PageSubject
from stp_dash.pages.overview.attention import attention
from stp_dash.pages.overview.cards import (
    as_published,
    attention_card,
    changes_card,
    chip_list,
    fits_beside,
    how_card,
    matrix_card,
    stands_beside_how,
)
from stp_dash.pages.overview.changes import ReleaseNote, release_notes, undo_note, undone_figures
from stp_dash.pages.overview.commentary.card import commentary_list
from stp_dash.pages.overview.figures import BY_CCG, BY_TRUST
from stp_dash.pages.overview.matrix import matrix
from stp_dash.pages.overview.read import (
    AreaChanges,
    AreaHoldings,
    area_changes,
    day_of,
    holdings_of,
    overview_taken,
    read_overview,
    released_months,
)
from stp_dash.pages.overview.scorecard import scorecard_card
from stp_dash.pages.overview.sheet import PLACES, UNDONE_FIGURES, places_sheet, scorecard_sheet
from stp_dash.pages.overview.state import OverviewState
from stp_dash.pages.overview.words import Overview, overview

_Undone = tuple[tuple[SourceUndo, tuple[Difference, ...]], ...]
"""Of each source what undos did, and the figures that they changed."""


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page for `?period=YYYY-MM&by=trust|ccg`, or for the latest figures, as of `published` or `version`."""
    reader, codes = StoreReader(request, connection, version), area_codes(request)
    held = holdings_of(reader, codes)
    state = OverviewState(request, held.months, day_of(reader), held.days)
    view = overview(read_overview(reader, codes, held, state), profile=request.rules())
    area = request.area.name
    sheets = [scorecard_sheet(view, area, paper=request.printing)]
    if request.parameters.get("sheet") == PLACES:
        sheets.append(places_sheet(view, area))
    changed = _read_changes(reader, codes, held, state)
    undone = _undone(changed, state)
    if undone:
        sheets.append(_undone_sheet([item for _, found in undone for item in found], state))
    return Page(
        title=view.title,
        lede=view.lede,
        body=_body(view, held, state, sheets, changed, said=commentary_list(reader, held, state)),
        controls=overview_controls(held, state),
        state=state.address(),
        subject=PageSubject(period=state.values["period"]),
        owners=view.owners,
        sheets=sheets,
        rules=reader.rules_title,
    )


def _read_changes(
    reader: StoreReader, codes: AreaCodes, held: AreaHoldings, state: OverviewState
) -> AreaChanges | None:
    """What the newest releases changed, for the page of the latest figures; a page of another time tells none."""
    if not state.as_of.now or state.requested is not None:
        return None
    return area_changes(reader, codes, held)


def _undone(changed: AreaChanges | None, state: OverviewState) -> _Undone:
    """What undos changed of each source's figures since its newest release, on the page of the latest figures."""
    if changed is None:
        return ()
    area = state.request.area
    own = {area.commissioner, *area.trusts}
    found = ((undo, undone_figures(undo, own)) for undo in changed.undone)
    return tuple((undo, figures) for undo, figures in found if figures)


def _undone_sheet(found: Sequence[Difference], state: OverviewState) -> Sheet:
    return differences_sheet(
        found,
        state.request.site.store.catalogue.indicators,
        "Figures that an undo changed since the last release: before it, and as they stand now",
        name=UNDONE_FIGURES,
        title="Withdrawn by an undo",
        names=state.request.site.names(),
    )


def _body(
    view: Overview,
    held: AreaHoldings,
    state: OverviewState,
    sheets: Sequence[Sheet],
    changed: AreaChanges | None,
    *,
    said: Sequence[Component],
) -> list[Component]:
    request, chips = state.request, overview_chips(view, held, state)
    fresh = chip_list(chips) if state.as_of.now else as_published(state)
    told = attention(view.rows, chips)
    notes = _changes(view, held, changed, state) if changed is not None else None
    beside = notes is not None and fits_beside(told, notes)
    first = attention_card(request, told, view, wide=not beside)
    news = [changes_card(request, notes, wide=not beside)] if notes is not None else []
    news += [
        table_card(request, state.address(), sheet, folded=True)
        for sheet in sheets
        if sheet.name == UNDONE_FIGURES
    ]
    score = scorecard_card(request, state.address(), view, sheets[0])
    last: list[Component] = []
    if view.rows:
        stands = matrix(view.rows)
        wide = not stands_beside_how(stands)
        last = [matrix_card(request, stands, wide=wide), how_card(wide=wide)]
    if request.width == "phone":
        return [html.Div([first, fresh, *news, score, *said, *last], className="grid over")]
    return [fresh, html.Div([first, *news, score, *said, *last], className="grid over")]


def overview_changes(
    reader: StoreReader, view: Overview, held: AreaHoldings, state: OverviewState
) -> tuple[ReleaseNote, ...]:
    """What each source's newest release changed, and undos since; nothing on a page of another time."""
    changed = _read_changes(reader, area_codes(state.request), held, state)
    return () if changed is None else _changes(view, held, changed, state)


def _changes(
    view: Overview, held: AreaHoldings, changed: AreaChanges, state: OverviewState
) -> tuple[ReleaseNote, ...]:
    request = state.request
    catalogue = request.site.store.catalogue.indicators
    spans: dict[str, list[Period]] = {}
    for where in (held.own, held.trusts, held.parts):
        for code, periods in where.periods.items():
            if code in catalogue and not catalogue[code].looks_ahead:
                spans.setdefault(catalogue[code].source_id, []).extend(periods)
    names = request.site.names()
    undos = (undo_note(undo, found, catalogue, names) for undo, found in _undone(changed, state))
    return (*undos, *release_notes(changed.changes, view.rows, catalogue, names, spans))


def overview_chips(view: Overview, held: AreaHoldings, state: OverviewState) -> tuple[FreshnessChip, ...]:
    """How fresh each source is now; nothing on a page of another time."""
    if not state.as_of.now:
        return ()
    statuses = view.statuses if state.requested is None else {}
    catalogue = state.request.site.store.catalogue.indicators
    return freshness_chips(
        catalogue, held.latest, types_shown(state.request), state.today, statuses, coming=held.coming
    )


def overview_controls(held: AreaHoldings, state: OverviewState) -> list[Control]:
    """What can be chosen: by which parts, as at which month, as of when."""
    ways = ((BY_TRUST, "Trust"), (BY_CCG, "CCG" if state.request.area.ccgs else "Sub-ICB location"))
    months = [item for item in held.months if item.end < state.today]
    past = [
        Choice(item.label, state.address(period=month_code(item)), item == state.requested) for item in months
    ]
    listed = [Choice("Latest", state.address(period=None), state.requested is None), *past]
    return [
        Control(
            "by",
            "Compare by",
            tuple(
                Choice(words, state.address(by=None if way == BY_TRUST else way), way == state.by)
                for way, words in ways
            ),
        ),
        Control("period", "Period", by_year(listed, {item.label: item.start.year for item in months})),
        _published_control(held, state),
    ]


def _published_control(held: AreaHoldings, state: OverviewState) -> Control:
    """Now, the data version or day asked for, and the last day of publication of every month."""

    def address(day: date | None) -> str:
        return state.address(version=None, published=day.isoformat() if day else None)

    as_of, days = state.as_of, released_months(held.days)
    today = state.request.site.today()
    choices = [Choice(f"Now ({date_text(today)})", address(None), as_of.now)]
    if as_of.version is not None:
        choices.append(Choice(f"Data version {as_of.version}", state.address(), True))
    if as_of.published_by is not None and as_of.published_by not in days:
        choices.append(Choice(f"By {date_text(as_of.published_by)}", address(as_of.published_by), True))
    published = {item.on for item in held.days if item.published}
    years: dict[str, int] = {}
    for day in days:
        words = f"By {date_text(day)}{'' if day in published else ', as loaded here'}"
        choices.append(Choice(words, address(day), day == as_of.published_by))
        years[words] = day.year
    return Control("published", "As published", by_year(choices, years))


PAGE = PageSpec(
    OVERVIEW,
    "Overview",
    build,
    parameters=OverviewState.parameter_names(),
    in_navigation=True,
    takes=overview_taken,
)
