"""The menus of an organisation's page, and where it stands."""

from __future__ import annotations

from db.domain import ENGLAND, OrganisationType
from stp_dash.analysis.wording import capitalised, topic_in_sentence
from stp_dash.elements.components import Choice, Control
from stp_dash.elements.links import ORGANISATION, OVERVIEW
from stp_dash.pages.organisation.state import NATION, OrganisationState
from stp_dash.pages.organisation.words import MEDIAN

FIND = f"{ORGANISATION}?find="
KIND_WORDS = {OrganisationType.CCG: "CCG area"}
PLURALS = {
    OrganisationType.TRUST: "Trusts",
    OrganisationType.STROKE_TEAM: "Stroke teams",
    OrganisationType.PRACTICE: "Practices",
    OrganisationType.CCG: "CCG areas",
    OrganisationType.SUB_ICB_LOCATION: "Sub-ICB locations",
    OrganisationType.ICB: "ICBs",
    OrganisationType.REGION: "Regions",
}
_MENU = (
    OrganisationType.TRUST,
    OrganisationType.STROKE_TEAM,
    OrganisationType.ICB,
    OrganisationType.SUB_ICB_LOCATION,
    OrganisationType.CCG,
    OrganisationType.PRACTICE,
)


def kind_words(kind: OrganisationType) -> str:
    """A type of organisation as the page says it."""
    return KIND_WORDS.get(kind, capitalised(kind.value))


def crumbs(asked: OrganisationState) -> tuple[tuple[str, str], ...]:
    """Area, type, organisation."""
    area = asked.request.site.settings.area.name
    return (
        (area, asked.elsewhere(OVERVIEW)),
        (PLURALS.get(asked.kind, kind_words(asked.kind)), ""),
        (asked.name, ""),
    )


def organisation_controls(asked: OrganisationState) -> list[Control]:
    """Organisation type, organisation, period, and what is compared with."""
    kinds = [
        Choice(kind_words(kind), asked.elsewhere(ORGANISATION, type=kind.value), kind is asked.kind)
        for kind in (_MENU if asked.kind in _MENU else (*_MENU, asked.kind))
    ]
    return [
        Control("type", "Organisation type", tuple(kinds)),
        Control("organisation", "Organisation", _organisations(asked)),
        Control("period", "Period", _months(asked)),
        Control("against", "Against", _against(asked)),
    ]


def _against(asked: OrganisationState) -> tuple[Choice, ...]:
    beside = [
        (NATION, asked.names.get(ENGLAND, "England")),
        (MEDIAN, f"Median {topic_in_sentence(kind_words(asked.kind))}"),
        *((item.code, asked.names.get(item.code, item.name)) for item in asked.larger),
    ]
    return tuple(
        Choice(words, asked.address(against=None if key == NATION else key), key == asked.against)
        for key, words in beside
    )


def _organisations(asked: OrganisationState) -> tuple[Choice, ...]:
    """The area's own of the type, the one shown if it is another's, and the way to all others."""
    codes = list(asked.ours_of(asked.kind))
    if asked.kind is OrganisationType.PRACTICE:
        area = next((item for item in asked.larger if item.type is OrganisationType.CCG), None)
        codes = [item.code for item in asked.reader.members((area.code,), asked.kind)] if area else []
    chosen = [
        Choice(
            f"{asked.names.get(code, code)} ({code})",
            asked.address() if code == asked.code else asked.to(code),
            code == asked.code,
        )
        for code in dict.fromkeys([*codes, asked.code])
    ]
    return (*chosen, Choice("Find another…", FIND))


def _months(asked: OrganisationState) -> tuple[Choice, ...]:
    """The latest figures of each indicator, or those of one month."""
    months = asked.months
    if not months:
        return ()
    other = asked.addresses("period")
    past = (Choice(f"{month:%B %Y}", other(f"{month:%Y-%m}"), asked.month == month) for month in months)
    return (Choice("Latest", asked.address(period=None), asked.month is None), *past)
