"""The filter bar of the page of areas: each choice is the address of the page with it."""

from __future__ import annotations

from collections.abc import Sequence

from db.domain import Period
from stp_dash.analysis.wording import month_code
from stp_dash.elements.components import Choice, Control
from stp_dash.elements.menus import by_topic, by_year, lettered
from stp_dash.frame.area import region_name
from stp_dash.frame.peers.neighbours import periods_of_kind
from stp_dash.pages.areas.editions import BoardEdition
from stp_dash.pages.areas.read import BOARD
from stp_dash.pages.areas.state import (
    ALL_PEERS,
    MOST_CHOSEN,
    MOST_COLUMNS,
    REGION_PEERS,
    SIMILAR_PEERS,
    AreasState,
)
from stp_dash.pages.areas.words import AreasView

_NUMBERS = (3, 5, 10)


def areas_controls(state: AreasState, edition: BoardEdition, view: AreasView | None) -> list[Control]:
    """Which areas, which indicators, the month, the peers, and the area beside ours."""
    found = [
        Control(
            "of",
            "Areas",
            tuple(
                Choice(
                    item.label,
                    state.address(of=item.key, beside=None, peers=_kept_peers(state)),
                    item is edition,
                )
                for item in state.editions
            ),
        ),
        Control("columns", "Indicators", _columns(state)),
        Control("period", "Period", _months(state)),
    ]
    if view is None:
        return found
    return [
        *found,
        Control("peers", "Peers", _peers(state, view)),
        Control("beside", "Beside ours", _beside(state, view)),
    ]


def _kept_peers(state: AreasState) -> str | None:
    """Peers of another time have other codes."""
    return None if state.peers_named or state.values["peers"] == SIMILAR_PEERS else state.values["peers"]


def _columns(state: AreasState) -> tuple[Choice, ...]:
    """The usual columns, all of a topic, and each indicator to add or to leave out."""
    shown = [item.id for item in state.indicators]

    def address(codes: Sequence[str]) -> str:
        usual = [item.id for item in state.usual]
        sort = state.values["sort"] if state.values["sort"] in {*codes, "name"} else None
        return state.address(columns=None if list(codes) == usual else ",".join(codes), sort=sort)

    usual = [item.id for item in state.usual]
    own = not state.values["columns"] or shown == usual
    found = [Choice(f"The usual {len(usual)}", address(usual), own)]
    if not own:
        found.append(Choice(f"Chosen {len(shown)}", address(shown), chosen=True))
    topics: dict[str, list[str]] = {}
    for item in state.offered:
        if item.valid_to is None:
            topics.setdefault(item.topic, []).append(item.id)
    found += [
        Choice(f"Only {topic}", address(codes[:MOST_COLUMNS]))
        for topic, codes in topics.items()
        if codes != shown
    ]
    if len(shown) > 1:
        found += [
            Choice(item.short_name, address([code for code in shown if code != item.id]), group="Leave out")
            for item in state.indicators
        ]
    if len(shown) < MOST_COLUMNS:
        others = [item for item in state.offered if item.id not in shown]
        added = by_topic(others, lambda item: Choice(item.short_name, address([*shown, item.id])))
        found += [Choice(item.label, item.address, group=f"Add: {item.group}") for item in added]
    return tuple(found)


def _months(state: AreasState) -> tuple[Choice, ...]:
    """The months in which the periods of the first column end; others show the newest figures by then."""
    periods: Sequence[Period] = (
        periods_of_kind(state.reader, state.indicators[0].id, BOARD) if state.indicators else ()
    )
    ends = {Period.month(item.end.year, item.end.month) for item in periods}
    asked = state.values["period"]
    month = state.request.month()
    if month is not None:
        ends.add(Period.month(month.year, month.month))
    ordered = sorted(ends, reverse=True)
    first = Choice("Latest", state.address(period=None), not asked)
    listed = [
        Choice(item.label, state.address(period=month_code(item), of=None), month_code(item) == asked)
        for item in ordered
    ]
    return by_year([first, *listed], {item.label: item.start.year for item in ordered})


def _peers(state: AreasState, view: AreasView) -> tuple[Choice, ...]:
    """All alike, the region's, of a board the nearest by number, and each area to choose or to leave out."""
    kind, region = state.values["peers"], region_name(state.request)
    if kind == SIMILAR_PEERS and not view.own:
        # Nearest neighbours are a board's: what is no board has its region's, or none.
        kind = REGION_PEERS if region else ALL_PEERS
    found = [Choice("All alike", state.address(peers=ALL_PEERS, nearest=None), kind == ALL_PEERS)]
    if region:
        found.append(Choice(region, state.address(peers=REGION_PEERS, nearest=None), kind == REGION_PEERS))
    numbers = sorted({*_NUMBERS, *([state.nearest] if kind == SIMILAR_PEERS else [])})
    found += [
        Choice(
            f"{number} nearest",
            state.address(peers=None, nearest=None if number == _NUMBERS[0] else str(number)),
            kind == SIMILAR_PEERS and number == state.nearest,
        )
        for number in numbers
        if view.own
    ]
    named = kind.split(",") if state.peers_named else []
    if named:
        found.append(Choice(f"Chosen: {len(named)}", state.address(), chosen=True))
    out = [(code, [other for other in named if other != code]) for code in named]
    found += [
        Choice(view.name(code), state.address(peers=",".join(rest) or None, nearest=None), group="Leave out")
        for code, rest in out
    ]
    if len(named) < MOST_CHOSEN:
        others = [code for code in view.rows if code not in view.ours and code not in named]
        choices = [
            Choice(view.name(code), state.address(peers=",".join([*named, code]), nearest=None))
            for code in others
        ]
        found += lettered("Choose", choices, lambda label: label)
    return tuple(found)


def _beside(state: AreasState, view: AreasView) -> tuple[Choice, ...]:
    if not view.own:
        return ()
    found = [Choice("Nobody", state.address(beside=None), not view.beside)]
    others = [code for code in view.rows if code not in view.ours]
    choices = [Choice(view.name(code), state.address(beside=code), code == view.beside) for code in others]
    return (*found, *lettered("Areas", choices, lambda label: label))
