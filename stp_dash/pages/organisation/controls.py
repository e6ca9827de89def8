"""The menus of an organisation's page, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence

from db.domain import ENGLAND, OrganisationType
from stp_dash.analysis.wording import capitalised, uncapitalised
from stp_dash.elements.components import LONGEST_LIST, Choice, Control
from stp_dash.elements.links import ORGANISATION, OVERVIEW
from stp_dash.elements.menus import by_year, lettered
from stp_dash.pages.organisation.state import NATION, OrganisationState
from stp_dash.pages.organisation.words import MEDIAN

KIND_WORDS = {OrganisationType.CCG: "CCG area"}
_MENU = (
    OrganisationType.TRUST,
    OrganisationType.STROKE_TEAM,
    OrganisationType.ICB,
    OrganisationType.SUB_ICB_LOCATION,
    OrganisationType.CCG,
    OrganisationType.UPPER_TIER_AUTHORITY,
    OrganisationType.DISTRICT,
    OrganisationType.PRACTICE,
)


def kind_words(kind: OrganisationType) -> str:
    """A type of organisation as the page says it."""
    return KIND_WORDS.get(kind, capitalised(kind.value))


def plural_words(kind: OrganisationType) -> str:
    """Several organisations of a type as the page says them."""
    return f"{KIND_WORDS[kind]}s" if kind in KIND_WORDS else capitalised(kind.plural)


def crumbs(state: OrganisationState) -> tuple[tuple[str, str], ...]:
    """Area, type, organisation."""
    area = state.request.area.name
    return (
        (area, state.elsewhere(OVERVIEW)),
        (plural_words(state.kind), ""),
        (state.name, ""),
    )


def organisation_controls(state: OrganisationState, kinds_compared: Sequence[str] = ()) -> list[Control]:
    """Organisation type, organisation, period, and what is compared with.

    kinds_compared: the kinds that the figures stand among, one of each, as the table names their medians.
    """
    kinds = [
        Choice(kind_words(kind), state.elsewhere(ORGANISATION, type=kind.value), kind is state.kind)
        for kind in (_MENU if state.kind in _MENU else (*_MENU, state.kind))
    ]
    against = _against(state, kinds_compared or [uncapitalised(kind_words(state.kind))])
    return [
        Control("type", "Organisation type", tuple(kinds)),
        Control("organisation", "Organisation", _organisations(state)),
        Control("period", "Period", _months(state)),
        *([Control("against", "Against", against)] if state.code != ENGLAND else []),
    ]


def _against(state: OrganisationState, kinds: Sequence[str]) -> tuple[Choice, ...]:
    beside = [
        (NATION, state.names.get(ENGLAND, "England")),
        (MEDIAN, f"Median {' or '.join(kinds)}"),
        *((item.code, state.names.get(item.code, item.name)) for item in state.larger),
    ]
    return tuple(
        Choice(words, state.address(against=None if key == NATION else key), key == state.against)
        for key, words in beside
    )


def _organisations(state: OrganisationState) -> tuple[Choice, ...]:
    """The area's own of the type, the one shown if it is another's, and the way to all others."""
    codes = list(state.ours_of(state.kind))
    if state.kind is OrganisationType.PRACTICE:
        area = next((item for item in state.larger if item.type is OrganisationType.CCG), None)
        codes = [item.code for item in state.reader.members((area.code,), state.kind)] if area else []
    chosen = [
        Choice(
            f"{state.names.get(code, code)} ({code})",
            state.address() if code == state.code else state.to(code),
            code == state.code,
        )
        for code in dict.fromkeys([*codes, state.code])
    ]
    if len(chosen) > LONGEST_LIST:
        chosen = lettered(plural_words(state.kind), chosen, str.casefold)
    another = state.elsewhere(ORGANISATION, find="@").replace("find=%40", "find=")
    return (*chosen, Choice("Find another…", another))


def _months(state: OrganisationState) -> tuple[Choice, ...]:
    """The latest figures of each indicator, or those of one month."""
    months = state.months
    if not months:
        return ()
    other = state.addresses("period")
    past = [Choice(f"{month:%B %Y}", other(f"{month:%Y-%m}"), state.month == month) for month in months]
    latest = Choice("Latest", state.address(period=None), state.month is None)
    return by_year([latest, *past], {f"{month:%B %Y}": month.year for month in months})
