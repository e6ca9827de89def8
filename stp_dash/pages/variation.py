"""Variation: every organisation of a kind in one period, ranked, with ours marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component
from sqlalchemy import Connection

from db.domain import ALL, Indicator, OrganisationType, Period
from db.queries import (
    DataVersion,
    breakdowns_with,
    latest_periods,
    members_of,
    periods_by_type,
    periods_with,
    slice_of,
)
from stp_dash.charts.ranked import BETTER, SIMILAR, WORSE, ranked_figure
from stp_dash.components import Choice, Control, card, card_foot, card_head, key, notice, plot, table, tabs
from stp_dash.links import OVERVIEW, VARIATION, href
from stp_dash.pages.page import Page
from stp_dash.pages.provenance import provenance_list
from stp_dash.pages.request import PageRequest, ParameterError
from stp_dash.views.comparator import comparator_code
from stp_dash.views.provenance import provenance
from stp_dash.views.series import holding
from stp_dash.views.variation import (
    COMPARISONS,
    LISTED,
    Comparison,
    OurFigure,
    RankedRow,
    Variation,
    VariationInput,
    breakdown_text,
    comparison_periods,
    in_comparison,
    variation,
)
from stp_dash.views.wording import capitalised, month_code, unit_text

_ENDS = 4

_MARK_WORDS = {BETTER: "better than", WORSE: "worse than", SIMILAR: "similar to"}


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page for `?indicator=&by=&period=&breakdown=&view=`; each has a default."""
    state = _State(request, connection)
    if state.period is None:
        return _nothing(request, state)
    view = variation(_read(request, connection, state))
    return Page(
        title=view.title,
        lede=view.lede,
        crumbs=_crumbs(request, state),
        body=[html.Div(_cards(request, state, view), className="grid loose")],
        controls=_controls(request, connection, state),
        state=state.address(),
        owners=[state.indicator.owner],
    )


class _State:
    """The page's state: what was asked, or the nearest default, checked against what there is."""

    def __init__(self, request: PageRequest, connection: Connection) -> None:
        self.indicator = request.indicator({item.indicator for item in latest_periods(connection)})
        asked = request.one_of("by", COMPARISONS, ", ".join(COMPARISONS))
        self.breakdown = request.parameters.get("breakdown", ALL)
        self.view = request.one_of("view", ("chart", "table"), "chart or table") or "chart"
        self.offered = _offered(request, connection, self.indicator)
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
        held = holding(self.periods, day)
        if held is not None:
            return held
        self.period = nearest = min(self.periods, key=lambda item: abs((item.start - day).days))
        links = ((nearest.label, self.address(period=month_code(nearest))),)
        wanted = f"a period with figures by {self.comparison.label}"
        raise ParameterError("period", f"{day:%Y-%m}", wanted, links)


def _offered(
    request: PageRequest, connection: Connection, indicator: Indicator
) -> dict[str, tuple[Period, ...]]:
    """The comparisons for which the store holds anything of an indicator, with the periods held.

    Areas of former CCGs are offered only where ours have figures: elsewhere their codes say nothing of the period.
    """
    kinds = {kind for item in COMPARISONS.values() for kind in item.types} & set(indicator.organisation_types)
    held = periods_by_type(connection, indicator_code=indicator.id, types=kinds)
    offered = {key: comparison_periods(item, indicator.frequency, held) for key, item in COMPARISONS.items()}
    for name, item in COMPARISONS.items():
        if item.as_at is not None and offered[name]:
            own = request.site.settings.area.ccgs
            ours = set(periods_with(connection, indicators=[indicator.id], organisations=own))
            offered[name] = tuple(period for period in offered[name] if period in ours)
    return {key: periods for key, periods in offered.items() if periods}


def _read(request: PageRequest, connection: Connection, state: _State) -> VariationInput:
    period = state.period or state.periods[0]
    organisations = request.site.store.catalogue.organisations
    kinds = [*state.comparison.types, OrganisationType.COUNTRY]
    found = slice_of(
        connection, indicator_code=state.indicator.id, at=period, types=kinds, breakdown_key=state.breakdown
    )
    national = {
        item.organisation: item for item in found if item.organisation_type is OrganisationType.COUNTRY
    }
    ours = _ours_of(request, connection, state.comparison)
    return VariationInput(
        area=request.site.settings.area,
        indicator=state.indicator,
        comparison=state.comparison,
        period=period,
        breakdown=state.breakdown,
        readings=[
            item
            for item in found
            if item.organisation not in national
            and in_comparison(state.comparison, organisations.get(item.organisation), period.start)
        ],
        comparator=national.get(comparator_code(state.indicator, period.start, national)),
        names=request.site.names(),
        ours=frozenset(ours),
        expected=_expected(request, state),
        table=state.view == "table",
        phone=request.width == "phone",
    )


def _ours_of(request: PageRequest, connection: Connection, comparison: Comparison) -> tuple[str, ...]:
    """The codes of the area's organisations of a kind: from the settings, or what belongs to those."""
    area = request.site.settings.area
    if OrganisationType.PRACTICE in comparison.types:
        parents = [area.commissioner, *area.sub_icb_locations, *area.ccgs]
        return _members(connection, parents, comparison)
    if OrganisationType.STROKE_TEAM in comparison.types:
        return _members(connection, area.trusts, comparison)
    if OrganisationType.REGION in comparison.types:
        known = request.site.store.catalogue.organisations
        codes = (area.commissioner, *area.sub_icb_locations)
        return tuple({p.code for code in codes if code in known for p in known[code].parents})
    by_key = {
        "trust": area.trusts,
        "icb": (area.commissioner,),
        "ccg": (*area.ccgs, *area.sub_icb_locations),
        "former-ccg": area.ccgs,
        "sub-icb": area.sub_icb_locations,
    }
    return by_key[comparison.key]


def _members(connection: Connection, parents: Sequence[str], comparison: Comparison) -> tuple[str, ...]:
    return tuple(item.code for item in members_of(connection, parents=parents, types=comparison.types))


def _expected(request: PageRequest, state: _State) -> tuple[str, ...]:
    """Ours that should have a figure: those of the settings. CCGs merge and close, so none is expected."""
    area = request.site.settings.area
    return {"trust": area.trusts, "icb": (area.commissioner,), "sub-icb": area.sub_icb_locations}.get(
        state.by, ()
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
            breakdown_text(key, state.indicator),
            state.address(breakdown=None if key == ALL else key),
            key == state.breakdown,
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
    owner = state.indicator.owner
    foot = card_foot(view.few, f"{owner} · Demonstration data" if view.demonstration else owner)
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
    chart = view.chart
    name = view.beside
    marks = [("diamond", f"Worse than {name}"), ("dot", "Similar"), ("triangle", f"Better than {name}")]
    interval = (
        [("bar", "95% Wilson interval")] if any(point.lower is not None for point in chart.points) else []
    )
    judged = any(point.mark in _MARK_WORDS for point in chart.points if point.ours)
    ours = marks if judged else [("dot ours", "Ours")]
    return key([*ours, *interval, ("dot small", "Others in England")])


def _table(state: _State, view: Variation) -> Component:
    """Columns without anything in them are left out: a median has no counts, a score no interval."""
    indicator = state.indicator
    columns: list[tuple[str, list[Any]]] = [
        ("Rank", [str(row.rank) for row in view.rows]),
        ("Organisation", [_organisation(row) for row in view.rows]),
        (_value_head(indicator), [row.value for row in view.rows]),
        (indicator.numerator_label, [row.within for row in view.rows]),
        (indicator.denominator_label, [row.total for row in view.rows]),
        ("95% interval", [row.interval for row in view.rows]),
        (
            "Against standard" if view.chart.standard else f"Against {view.beside}",
            [row.gap for row in view.rows],
        ),
        ("Status", [row.status for row in view.rows]),
        ("File", [row.file for row in view.rows]),
    ]
    shown = [(head, cells) for head, cells in columns if any(cells)]
    heads = [head for head, _ in shown]
    rows = list(zip(*(cells for _, cells in shown), strict=True))
    numeric = [i for i, head in enumerate(heads) if head not in {"Rank", "Organisation", "Status", "File"}]
    caption = (
        f"{indicator.short_name} by {state.comparison.label}, {state.period.label if state.period else ''}"
    )
    return table(caption, heads, rows, numeric=numeric, class_name="long")


def _value_head(indicator: Indicator) -> str:
    return capitalised(unit_text(indicator)) or "Value"


def _organisation(row: RankedRow) -> Component:
    words: list[Any] = [dcc.Link(row.name, href=row.href), f" ({row.code})"]
    return html.Span(words, className="ours" if row.ours else "")


def _ours(request: PageRequest, state: _State, view: Variation) -> list[Component]:
    """Each of ours; of very many the lowest and the highest few."""
    names = request.site.names()
    ranked = list(reversed(view.ours))
    many = len(ranked) > LISTED
    absent = [html.P(view.absent, className="small sec")] if view.absent else []
    if not many:
        return [html.Ul([_our(state, item, view, names) for item in ranked], className="figures"), *absent]
    told = (
        f"{len(ranked)} of ours have a figure. The table lists them all; here are the highest and the lowest."
    )
    parts: list[Component] = [html.P(told, className="small sec")]
    for items in (ranked[:_ENDS], ranked[-_ENDS:]):
        parts.append(html.Ul([_our(state, item, view, names) for item in items], className="figures"))
    return [*parts, *absent]


def _our(state: _State, item: OurFigure, view: Variation, names: Mapping[str, str]) -> Component:
    mark = f"{_MARK_WORDS[item.mark]} {view.beside}" if item.mark in _MARK_WORDS else ""
    mark = "" if view.beside in item.gap else mark
    words = [part for part in (item.gap, mark) if part]
    numbers = [part for part in (item.counts, f"interval {item.interval}" if item.interval else "") if part]
    return html.Li(
        [
            html.Div([dcc.Link(item.name, href=item.href), html.B(item.value)], className="pair"),
            html.P(" · ".join(numbers), className="tiny sec") if numbers else None,
            html.P(" · ".join(words), className="small") if words else None,
            provenance_list(provenance(state.indicator, item.reading, {**names, item.code: item.name})),
        ]
    )
