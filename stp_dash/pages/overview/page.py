"""The overview: whether the area meets its standards, what needs attention and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection

from db.domain import Period
from db.domain.holdings import DataVersion
from stp_dash.analysis.freshness import FreshnessChip, freshness_chips
from stp_dash.analysis.sheet import Sheet
from stp_dash.analysis.wording import date_text, month_code
from stp_dash.elements import Component, html
from stp_dash.elements.components import Choice, Control
from stp_dash.elements.links import OVERVIEW, href, kept
from stp_dash.frame.area import area_codes, types_shown
from stp_dash.frame.request import PageRequest, ParameterError
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from stp_dash.pages.overview.attention import attention
from stp_dash.pages.overview.cards import (
    as_published,
    attention_card,
    changes_card,
    chip_list,
    how_card,
    matrix_card,
)
from stp_dash.pages.overview.changes import release_notes
from stp_dash.pages.overview.figures import BY_CCG, BY_TRUST
from stp_dash.pages.overview.matrix import matrix
from stp_dash.pages.overview.read import (
    Asked,
    Held,
    day_seen,
    held_of,
    read_overview,
    released_months,
)
from stp_dash.pages.overview.scorecard import scorecard_card
from stp_dash.pages.overview.sheet import PLACES, places_sheet, scorecard_sheet
from stp_dash.pages.overview.words import Overview, overview

_KEPT = ("published", "version", "rules")


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page for `?period=YYYY-MM&by=trust|ccg`, or for the latest figures, as of `published` or `version`."""
    codes, as_of = area_codes(request), request.as_of()
    held = held_of(request, connection, version, codes)
    asked = Asked(
        requested=_requested(request, held.months),
        as_of=as_of,
        by=request.one_of("by", (BY_TRUST, BY_CCG), "trust or ccg") or BY_TRUST,
        today=day_seen(request, connection, version, as_of),
    )
    view = overview(read_overview(request, connection, codes, held, asked), profile=request.rules())
    area = request.site.settings.area.name
    sheets = [scorecard_sheet(view, area, paper=request.printing)]
    if request.parameters.get("sheet") == PLACES:
        sheets.append(places_sheet(view, area))
    return Page(
        title=view.title,
        lede=view.lede,
        body=_body(request, view, held, asked, sheets[0]),
        controls=_controls(request, held, asked),
        state=_address(asked.requested, asked.by),
        owners=view.owners,
        sheets=sheets,
    )


def _body(request: PageRequest, view: Overview, held: Held, asked: Asked, sheet: Sheet) -> list[Component]:
    chips = _chips(request, view, held, asked)
    told = attention(view.rows, chips)
    fresh = chip_list(chips) if asked.as_of.now else as_published(request, asked)
    changed = [_changes(request, view, held)] if asked.as_of.now and asked.requested is None else []
    address = kept(_address(asked.requested, asked.by), request.parameters, _KEPT)
    first = attention_card(request, told, view, wide=not changed)
    score = scorecard_card(request, address, view, sheet)
    last = [matrix_card(request, matrix(view.rows)), how_card()] if view.rows else []
    if request.width == "phone":
        return [html.Div([first, fresh, *changed, score, *last], className="grid over")]
    return [fresh, html.Div([first, *changed, score, *last], className="grid over")]


def _changes(request: PageRequest, view: Overview, held: Held) -> Component:
    catalogue = request.site.store.catalogue.indicators
    return changes_card(request, release_notes(held.changes, view.rows, catalogue, request.site.names()))


def _chips(request: PageRequest, view: Overview, held: Held, asked: Asked) -> tuple[FreshnessChip, ...]:
    """How fresh each source is now; nothing on a page of another time."""
    if not asked.as_of.now:
        return ()
    statuses = view.statuses if asked.requested is None else {}
    catalogue = request.site.store.catalogue.indicators
    return freshness_chips(catalogue, held.latest, types_shown(request), asked.today, statuses)


def _requested(request: PageRequest, months: Sequence[Period]) -> Period | None:
    day = request.month()
    if day is None:
        return None
    found = next((item for item in months if item.start == day), None)
    if found is not None or not months:
        return found
    nearest = min(months, key=lambda item: abs((item.start - day).days))
    address = _address(nearest, request.parameters.get("by", BY_TRUST))
    raise ParameterError("period", f"{day:%Y-%m}", "a month that has figures", ((nearest.label, address),))


def _address(period: Period | None, by: str) -> str:
    chosen = BY_CCG if by == BY_CCG else None
    return href(OVERVIEW, period=month_code(period) if period else None, by=chosen)


def _controls(request: PageRequest, held: Held, asked: Asked) -> list[Control]:
    def address(period: Period | None, by: str) -> str:
        return kept(_address(period, by), request.parameters, _KEPT)

    requested, by = asked.requested, asked.by
    ways = ((BY_TRUST, "Trust"), (BY_CCG, "CCG"))
    months = [item for item in held.months if item.end < asked.today]
    return [
        Control("area", "Area", (Choice(request.site.settings.area.name, address(requested, by), True),)),
        Control(
            "by",
            "Compare by",
            tuple(Choice(words, address(requested, way), way == by) for way, words in ways),
        ),
        Control(
            "period",
            "Period",
            (
                Choice("Latest", address(None, by), requested is None),
                *(Choice(item.label, address(item, by), item == requested) for item in months),
            ),
        ),
        _published_control(request, held, asked),
    ]


def _published_control(request: PageRequest, held: Held, asked: Asked) -> Control:
    """Now, the data version or day asked for, and the last day of publication of every month."""
    own = _address(asked.requested, asked.by)
    rules = {name: value for name, value in request.parameters.items() if name == "rules"}

    def address(day: date | None) -> str:
        added = {**rules, **({"published": day.isoformat()} if day else {})}
        return kept(own, added, added)

    as_of = asked.as_of
    days = released_months(held.days)
    choices = [Choice(f"Now ({date_text(request.site.today())})", address(None), as_of.now)]
    if as_of.version is not None:
        words = f"Data version {as_of.version}"
        choices.append(Choice(words, kept(own, request.parameters, _KEPT), True))
    if as_of.published_by is not None and as_of.published_by not in days:
        choices.append(Choice(f"By {date_text(as_of.published_by)}", address(as_of.published_by), True))
    choices += [Choice(f"By {date_text(day)}", address(day), day == as_of.published_by) for day in days]
    return Control("published", "As published", tuple(choices))


PAGE = PageSpec(OVERVIEW, "Overview", build, in_navigation=True)
