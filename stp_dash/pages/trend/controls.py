"""The menus of the trend page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from db.domain import ALL, ENGLAND, Indicator, OrganisationType
from db.domain.organisation import RESIDENTS, OrganisationChoice
from stp_dash.analysis.kinds import breakdown_text, breakdowns_by_dimension, dimension_text
from stp_dash.analysis.standing.comparator import comparator_code
from stp_dash.elements.components import Choice, Control
from stp_dash.elements.menus import by_nearness, by_topic, lettered
from stp_dash.frame.area import inside_region, region_name
from stp_dash.frame.request import PageRequest
from stp_dash.pages.trend.state import AREAS, TrendState
from stp_dash.statistics.profiles import PROFILES


def trend_controls(request: PageRequest, state: TrendState) -> list[Control]:
    """Indicator, organisation, comparison, breakdown and rules: each choice is the address of the page with it."""
    rules = tuple(
        Choice(
            _rules_words(state, name),
            state.address(rules=None if name == state.usual_rules else name),
            name == state.rules,
        )
        for name in PROFILES
    )
    return [
        Control("indicator", "Indicator", _indicators(request, state)),
        Control("organisation", "Organisation", _organisations(request, state)),
        Control("compare", "Compare with", _compared(request, state)),
        Control("breakdown", "Breakdown", _breakdowns(state)),
        Control("rules", "Rules", rules),
    ]


def _rules_words(state: TrendState, name: str) -> str:
    words = {"national": "National", "nhs-r": "NHS-R"}.get(name, name)
    return f"{words}, as recorded" if state.chosen_rules and name == state.usual_rules else words


def _breakdowns(state: TrendState) -> tuple[Choice, ...]:
    """The headline, then the members of each dimension under its name; nothing where there is no choice."""
    cut = state.addresses("breakdown")
    if len(state.breakdowns) < 2:
        return ()
    headline = state.address(breakdown=None)
    found = [Choice(breakdown_text(ALL, state.indicator), headline, state.breakdown == ALL)]
    for members in breakdowns_by_dimension(state.breakdowns).values():
        choices = [Choice(breakdown_text(key), cut(key), key == state.breakdown) for key in members]
        found += lettered(dimension_text(members[0]), choices, str.casefold)
    return tuple(found if ALL in state.breakdowns else found[1:])


def _indicators(request: PageRequest, state: TrendState) -> tuple[Choice, ...]:
    left_out = {"breakdown": None, "compare": None, "to": None, "shown": None, "restart": None}
    other = state.addresses("indicator", **left_out)

    def choice(item: Indicator) -> Choice:
        chosen = item.id == state.indicator.id
        return Choice(item.short_name, state.address() if chosen else other(item.id), chosen)

    return by_topic(request.site.store.catalogue.indicators.values(), choice)


def _organisations(request: PageRequest, state: TrendState) -> tuple[Choice, ...]:
    """Ours where they have figures or could have, and England; then the others of our region, then all."""
    area, names = state.area, request.site.names()
    held = {item.code: item for item in state.choices}
    places = [code for code in (*area.upper_tier_authorities, *area.ccgs) if code in held]
    first = [area.commissioner, *area.trusts, *places, ENGLAND]
    types = set(state.indicator.organisation_types)
    if OrganisationType.TRUST not in types:
        first = [code for code in first if code not in area.trusts]
    if not AREAS & types:
        first = [code for code in first if code in held]
    if state.organisation not in first and state.organisation not in held:
        first.append(state.organisation)
    other = state.addresses("organisation", breakdown=None, to=None, shown=None, restart=None, compare=None)

    def choice(code: str, name: str) -> Choice:
        chosen = code == state.organisation
        words = "England" if code == ENGLAND else f"{name} ({code})"
        return Choice(words, state.address() if chosen else other(code), chosen)

    named = {**names, state.organisation: state.name}
    ours = [choice(code, named.get(code, code)) for code in first]
    others = _in_little_room((item for item in state.choices if item.code not in first), names)
    return by_nearness(ours, others, choice, (region_name(request), inside_region(state.reader)))


def _in_little_room(
    found: Iterable[OrganisationChoice], names: Mapping[str, str]
) -> list[OrganisationChoice]:
    """Organisations by the names that pages write."""
    return [OrganisationChoice(item.code, names.get(item.code, item.name), item.type) for item in found]


_COMPARED = frozenset(
    {
        OrganisationType.TRUST,
        OrganisationType.SUB_ICB_LOCATION,
        OrganisationType.ICB,
        OrganisationType.REGION,
        *RESIDENTS,
    }
)
"""Of all organisations, not only ours, these kinds can be drawn beside another."""


def _compared(request: PageRequest, state: TrendState) -> tuple[Choice, ...]:
    """The usual comparator, then ours and any other of a kind that is compared, as far as they have figures."""
    names = request.site.names()
    held = {item.code: item.name for item in state.choices}
    usual = comparator_code(
        state.indicator, state.reader.version.loaded_on or request.site.today(), set(held)
    )
    ours = [state.area.commissioner, *state.area.trusts, *state.area.upper_tier_authorities, *state.area.ccgs]
    if state.compare and state.compare not in held:
        ours.append(state.compare)
    ours = [code for code in ours if (code in held or code == state.compare) and code != state.organisation]
    other = state.addresses("compare")

    def choice(code: str, name: str) -> Choice:
        return Choice(name, other(code), code == state.compare)

    compared = usual in held and usual != state.organisation
    first = held[usual].split(" (", 1)[0] if compared else "Nobody"
    passed = {*ours, state.organisation, usual, ENGLAND}
    others = _in_little_room(
        (
            item
            for item in state.choices
            if item.code not in passed and (item.type in _COMPARED or item.code == state.compare)
        ),
        names,
    )
    near = (region_name(request), inside_region(state.reader))
    return (
        Choice(first, state.address(compare=None), not state.compare),
        *by_nearness([choice(c, names.get(c) or held.get(c, c)) for c in ours], others, choice, near),
    )
