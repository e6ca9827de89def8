"""The filter bar of the variation page: each choice is the address of the page with it."""

from __future__ import annotations

from collections.abc import Sequence

from db.domain import ALL, Indicator, Period, breakdown_dimensions
from stp_dash.analysis.kinds import (
    COMPARISONS,
    breakdown_text,
    breakdowns_by_dimension,
    dimension_text,
)
from stp_dash.analysis.wording import month_code
from stp_dash.elements.components import LONGEST_LIST, Choice, Control
from stp_dash.elements.links import VARIATION
from stp_dash.elements.menus import by_topic, by_year, lettered
from stp_dash.frame.area import inside_region, region_name
from stp_dash.pages.variation.inputs import VariationFigures
from stp_dash.pages.variation.state import (
    CHOSEN_PEERS,
    ENGLAND_PEERS,
    REGION_PEERS,
    SIMILAR_KINDS,
    SIMILAR_PEERS,
    VariationState,
)

LISTED_PEERS = 400
"""Of more organisations than this no list is offered: peers are chosen by their codes in the address."""


def variation_controls(state: VariationState, page: VariationFigures | None = None) -> list[Control]:
    """Indicator, kind of organisation, period, breakdown and peers, each only where there is a choice."""
    found = [
        Control("indicator", "Indicator", _indicators(state)),
        Control("by", "Compare by", _kinds(state)),
    ]
    if page is None:
        return found
    return [
        *found,
        Control("period", "Period", _months(state, page.period)),
        *_breakdowns(state, page.period),
        *_peers(state, page),
    ]


def _indicators(state: VariationState) -> tuple[Choice, ...]:
    def choice(item: Indicator) -> Choice:
        if item.id == state.indicator.id:
            return Choice(item.short_name, state.address(), chosen=True)
        brought = state.request.parameters.get("organisation")
        address = state.elsewhere(VARIATION, indicator=item.id, organisation=brought)
        return Choice(item.short_name, address)

    return by_topic(state.request.site.store.catalogue.indicators.values(), choice)


def _kinds(state: VariationState) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            COMPARISONS[key].label,
            state.address(by=key, period=_same_period(state, periods), peers=_same_peers(state)),
            key == state.by,
        )
        for key, periods in state.offered.items()
    )


def _same_period(state: VariationState, periods: Sequence[Period]) -> str | None:
    """The period to keep when the comparison changes: the same one, where there is one."""
    period = state.period
    return month_code(period) if period is not None and period in periods and period != periods[0] else None


def _same_peers(state: VariationState) -> str | None:
    """Peers of another kind have other codes."""
    return REGION_PEERS if state.peers_asked == REGION_PEERS else None


def _months(state: VariationState, chosen: Period) -> tuple[Choice, ...]:
    newest = state.periods[0]
    months = [Choice(p.label, state.address(period=month_code(p)), p == chosen) for p in state.periods]
    latest = state.address(period=None) if state.request.as_of().now else months[0].address
    listed = (Choice(f"{newest.label} (latest)", latest, chosen == newest), *months[1:])
    return by_year(listed, {item.label: item.start.year for item in state.periods})


def _breakdowns(state: VariationState, period: Period) -> list[Control]:
    """First by what figures are broken down, then the member: dozens of keys fold into two short lists."""
    keys = state.reader.breakdowns(state.indicator, period)
    grouped = breakdowns_by_dimension(keys)
    if not grouped:
        return []
    chosen = breakdown_dimensions(state.breakdown)
    whole = [Choice(breakdown_text(ALL, state.indicator), state.address(breakdown=None), chosen == ALL)]
    dimensions = [
        Choice(dimension_text(members[0]), state.address(breakdown=members[0]), name == chosen)
        for name, members in grouped.items()
    ]
    first = Control("breakdown", "Breakdown", (*(whole if ALL in keys else ()), *dimensions))
    members = grouped.get(chosen, ())
    if not members:
        return [first]
    cuts = [
        Choice(breakdown_text(key), state.address(breakdown=key), key == state.breakdown) for key in members
    ]
    head = dimension_text(members[0])
    listed = lettered(head, cuts, str.casefold) if len(cuts) > LONGEST_LIST else cuts
    return [first, Control("member", head, tuple(listed))]


def _peers(state: VariationState, page: VariationFigures) -> list[Control]:
    kind = page.peers.key
    named = page.peers.codes if kind == CHOSEN_PEERS else frozenset()
    choices = [Choice("All England", state.address(peers=None), kind == ENGLAND_PEERS)]
    region = region_name(state.request)
    if region and state.by not in {"region"}:
        address = state.address(peers=REGION_PEERS)
        choices.append(Choice(region, address, kind == REGION_PEERS))
    if state.by in SIMILAR_KINDS:
        choices.append(Choice("Most like ours", state.address(peers=SIMILAR_PEERS), kind == SIMILAR_PEERS))
    listed = len(page.ranking) <= LISTED_PEERS
    if listed or named:
        words = f"Chosen: {len(named)}" if named else "Chosen"
        address = state.address() if kind == CHOSEN_PEERS else state.address(peers=CHOSEN_PEERS)
        choices.append(Choice(words, address, kind == CHOSEN_PEERS))
    found = [Control("peers", "Peers", tuple(choices))] if len(choices) > 1 else []
    if kind == CHOSEN_PEERS and listed:
        found.append(Control("peer", "Add a peer", _one_more(state, page, named)))
    return found


def _one_more(state: VariationState, page: VariationFigures, named: frozenset[str]) -> tuple[Choice, ...]:
    """Every other organisation by name: choosing it adds it to the peers, or takes it away."""
    ranking = page.ranking
    others = sorted(
        (ranking.name(place), ranking.code(place)) for place in range(len(ranking)) if not ranking.ours[place]
    )
    first = Choice(f"{len(named)} chosen" if named else "None chosen", state.address(), chosen=True)
    taken: list[Choice] = []
    near: list[Choice] = []
    far: list[Choice] = []
    region, inside = region_name(state.request), inside_region(state.reader)
    for name, code in others:
        address = state.address(peers=",".join(sorted(named ^ {code})) or CHOSEN_PEERS)
        if code in named:
            taken.append(Choice(f"Take away {name}", address))
        else:
            (near if code in inside else far).append(Choice(name, address))
    return (
        first,
        *taken,
        *lettered(region, near, str.casefold),
        *lettered(f"All {state.comparison.plural}", far, str.casefold),
    )
