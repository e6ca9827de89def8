"""Variation: every organisation of a kind in one period, ranked, with ours marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dash import dcc, html
from dash.development.base_component import Component
from sqlalchemy import Connection

from db.domain import ALL, ENGLAND, Indicator, OrganisationType, Period
from db.queries import DataVersion, breakdowns_with, periods_by_type, slice_of
from stp_dash.charts.ranked import BETTER, SIMILAR, WORSE, ranked_figure
from stp_dash.components import Choice, Control, card, card_foot, card_head, key, notice, plot, table, tabs
from stp_dash.links import OVERVIEW, VARIATION, href
from stp_dash.pages.page import Page, framed
from stp_dash.pages.provenance import provenance_list
from stp_dash.pages.request import PageRequest, ParameterError
from stp_dash.views.provenance import provenance
from stp_dash.views.variation import (
    COMPARISONS,
    Comparison,
    OurFigure,
    Variation,
    VariationInput,
    breakdown_text,
    comparison_periods,
    variation,
)
from stp_dash.views.wording import month_code

_HEADS = (
    "Rank",
    "Organisation",
    "Value",
    "Within",
    "Total",
    "95% interval",
    "Against standard",
    "Status",
    "File",
)
_MARK_WORDS = {BETTER: "better than England", WORSE: "worse than England", SIMILAR: "similar to England"}


def layout(request: PageRequest, connection: Connection, version: DataVersion) -> Component:
    """The page for `?indicator=&by=&period=&breakdown=&view=`; each has a default."""
    state = _State(request, connection)
    if state.period is None:
        return framed(request, _nothing(request, state), version)
    view = variation(_read(request, connection, state))
    page = Page(
        title=view.title,
        lede=view.lede,
        crumbs=_crumbs(request, state),
        body=[html.Div(_cards(request, state, view), className="grid")],
        controls=_controls(request, connection, state),
        state=state.address(),
    )
    return framed(request, page, version)


class _State:
    """The page's state: what was asked, or the nearest default, checked against what there is."""

    def __init__(self, request: PageRequest, connection: Connection) -> None:
        self.indicator = request.indicator()
        asked = request.one_of("by", COMPARISONS, "trust, icb, ccg or sub-icb")
        self.breakdown = request.parameters.get("breakdown", ALL)
        self.view = request.one_of("view", ("chart", "table"), "chart or table") or "chart"
        self.offered = _offered(connection, self.indicator)
        self.by = asked or next(iter(self.offered), "trust")
        self.periods = self.offered.get(self.by, ())
        self.period = self._chosen(request)

    @property
    def comparison(self) -> Comparison:
        return COMPARISONS[self.by]

    def address(self, **changed: str | None) -> str:
        """The address of this state, or of one that differs from it in some parameters."""
        parameters: dict[str, str | None] = {
            "indicator": self.indicator.id,
            "by": self.by,
            "period": month_code(self.period) if self.period and self.period != self.periods[0] else None,
            "breakdown": None if self.breakdown == ALL else self.breakdown,
            "view": None if self.view == "chart" else self.view,
        }
        return href(VARIATION, **{**parameters, **changed})

    def _chosen(self, request: PageRequest) -> Period | None:
        day = request.month()
        if not self.periods:
            return None
        if day is None:
            return self.periods[0]
        held = next((item for item in self.periods if item.start <= day <= item.end), None)
        if held is not None:
            return held
        self.period = nearest = min(self.periods, key=lambda item: abs((item.start - day).days))
        links = ((nearest.label, self.address(period=month_code(nearest))),)
        wanted = f"a period with figures by {self.comparison.label}"
        raise ParameterError("period", f"{day:%Y-%m}", wanted, links)


def _offered(connection: Connection, indicator: Indicator) -> dict[str, tuple[Period, ...]]:
    """The comparisons for which the store holds anything of an indicator, with the periods held."""
    kinds = {kind for item in COMPARISONS.values() for kind in item.types}
    held = periods_by_type(connection, indicator_code=indicator.id, types=kinds)
    offered = {key: comparison_periods(item, indicator.frequency, held) for key, item in COMPARISONS.items()}
    return {key: periods for key, periods in offered.items() if periods}


def _read(request: PageRequest, connection: Connection, state: _State) -> VariationInput:
    period = state.period or state.periods[0]
    kinds = [*state.comparison.types, OrganisationType.COUNTRY]
    found = slice_of(
        connection, indicator_code=state.indicator.id, at=period, types=kinds, breakdown_key=state.breakdown
    )
    return VariationInput(
        area=request.site.settings.area,
        indicator=state.indicator,
        comparison=state.comparison,
        period=period,
        breakdown=state.breakdown,
        readings=[item for item in found if item.organisation_type is not OrganisationType.COUNTRY],
        england=next((item for item in found if item.organisation == ENGLAND), None),
        names=request.site.names(),
        table=state.view == "table",
        phone=request.width == "phone",
    )


def _nothing(request: PageRequest, state: _State) -> Page:
    links = [
        html.Li(dcc.Link(COMPARISONS[key].label, href=href(VARIATION, indicator=state.indicator.id, by=key)))
        for key in state.offered
    ]
    held = "There are figures by:" if links else "The store holds none for any kind of organisation."
    title = f"{state.indicator.short_name}: no figures by {state.comparison.label} are loaded"
    return Page(title, [html.Div(notice("What there is", html.P(held), html.Ul(links)), className="grid")])


def _crumbs(request: PageRequest, state: _State) -> tuple[tuple[str, str], ...]:
    area = request.site.settings.area.name
    return ((area, OVERVIEW), (state.indicator.topic, ""), (state.indicator.short_name, ""))


def _controls(request: PageRequest, connection: Connection, state: _State) -> list[Control]:
    indicators = request.site.store.catalogue.indicators.values()
    keys = breakdowns_with(connection, indicator_code=state.indicator.id, at=state.period)
    kinds = [
        Choice(COMPARISONS[key].label, state.address(by=key, period=_kept(state, periods)), key == state.by)
        for key, periods in state.offered.items()
    ]
    months = [Choice(p.label, state.address(period=month_code(p)), p == state.period) for p in state.periods]
    newest = state.periods[0]
    months[:1] = [Choice(f"{newest.label} (latest)", state.address(period=None), state.period == newest)]
    cuts = [
        Choice(
            breakdown_text(key), state.address(breakdown=None if key == ALL else key), key == state.breakdown
        )
        for key in keys
    ]
    return [
        Control("indicator", "Indicator", _indicator_choices(indicators, state)),
        Control("by", "Compare by", tuple(kinds)),
        Control("period", "Period", tuple(months)),
        Control("breakdown", "Breakdown", tuple(cuts) if len(cuts) > 1 else ()),
    ]


def _indicator_choices(indicators: Iterable[Indicator], state: _State) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            item.short_name,
            state.address() if item.id == state.indicator.id else href(VARIATION, indicator=item.id),
            item.id == state.indicator.id,
        )
        for item in indicators
    )


def _kept(state: _State, periods: Sequence[Period]) -> str | None:
    """The period to keep when the comparison changes: the same one, where there is one."""
    period = state.period
    return month_code(period) if period is not None and period in periods and period != periods[0] else None


def _cards(request: PageRequest, state: _State, view: Variation) -> list[Component]:
    views = tabs(
        "Chart or table",
        (
            ("Chart", state.address(view=None), state.view == "chart"),
            ("Table", state.address(view="table"), state.view == "table"),
        ),
    )
    head = card_head(f"Where ours stand among {state.comparison.plural}", views)
    body = _body(state, view)
    foot = card_foot(view.few, f"NHS England{' · Demonstration data' if view.demonstration else ''}")
    wide = state.view == "table"
    return [
        card(head, html.P(view.finding, className="say"), *body, foot, span=12 if wide else 8),
        card(card_head("Our figures"), *_ours(request, state, view), span=12 if wide else 4),
    ]


def _body(state: _State, view: Variation) -> list[Component]:
    if not view.count:
        return [html.P("No organisation of this kind has a figure for this choice.")]
    return [_table(state, view)] if state.view == "table" else [_figure(view), _key(view)]


def _figure(view: Variation) -> Component:
    words = f"Ranked dots: {view.title}. {view.finding} The Table view holds every number."
    return plot(ranked_figure(view.chart), words)


def _key(view: Variation) -> Component:
    marks = [("diamond", "Worse than England"), ("dot", "Similar"), ("triangle", "Better than England")]
    rest = [("bar", "95% Wilson interval"), ("dot small", "Others in England")]
    return key([*marks, *rest] if view.chart.england else rest)


def _table(state: _State, view: Variation) -> Component:
    rows = [
        (
            str(row.rank),
            html.Span(
                [dcc.Link(row.name, href=row.href), f" ({row.code})"], className="ours" if row.ours else ""
            ),
            row.value,
            row.within,
            row.total,
            row.interval,
            row.gap,
            row.status,
            row.file,
        )
        for row in view.rows
    ]
    caption = f"{state.indicator.short_name} by {state.comparison.label}, {state.period.label if state.period else ''}"
    return table(caption, _HEADS, rows, numeric=(2, 3, 4, 5, 6), class_name="long")


def _ours(request: PageRequest, state: _State, view: Variation) -> list[Component]:
    names = request.site.names()
    items = [_our(state, item, names) for item in reversed(view.ours)]
    absent = [html.P(view.absent, className="small sec")] if view.absent else []
    return [html.Ul(items, className="figures"), *absent]


def _our(state: _State, item: OurFigure, names: Mapping[str, str]) -> Component:
    words = [part for part in (item.gap, _MARK_WORDS.get(item.mark, "")) if part]
    return html.Li(
        [
            html.Div([dcc.Link(item.name, href=item.href), html.B(item.value)], className="pair"),
            html.P(
                f"{item.counts}{f' · interval {item.interval}' if item.interval else ''}",
                className="tiny sec",
            ),
            html.P(" · ".join(words), className="small"),
            provenance_list(provenance(state.indicator, item.reading, names)),
        ]
    )
