"""Why does it say so? Each claim about a series, with its definition and the facts that it rests on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import isnan

from db.domain import Indicator
from db.domain.decision import RecordedDecision
from db.domain.reading import Reading
from stp_dash.analysis.area import ReadingIndex
from stp_dash.analysis.claims.change_words import change_claim
from stp_dash.analysis.claims.claim import DEFINITIONS, Claim, Fact
from stp_dash.analysis.claims.standard_words import Measure, limits_against, met_of
from stp_dash.analysis.control import Controlled, SeriesInput, controlled
from stp_dash.analysis.standing.verdict import met
from stp_dash.analysis.wording import level_text
from stp_dash.statistics.rebasing import RebaseDecision


@dataclass(frozen=True)
class Reason:
    """A claim's text, when it may be said, and its facts as `name: value`."""

    text: str
    definition: str
    facts: str


@dataclass(frozen=True)
class ReasonInput:
    """A series of an organisation, with every reading that the page has and the restarts that people recorded."""

    indicator: Indicator
    name: str
    series: Sequence[Reading]
    index: ReadingIndex
    decisions: Collection[RecordedDecision]
    profile: str
    rules: str = ""


def reasons(given: ReasonInput) -> tuple[Reason, ...]:
    """What the trend page claims of the whole series, each with what it rests on; none without a figure."""
    latest = next((item for item in reversed(given.series) if item.value is not None), None)
    if latest is None:
        return ()
    decided = [RebaseDecision(item.on, item.reason, item.role) for item in given.decisions]
    where = SeriesInput(given.indicator, given.series, given.name, decisions=decided, rules=given.rules)
    series = controlled(where, profile=given.profile)
    claims = (change_claim(series), _against(series), _met(given.indicator, series))
    return tuple(
        Reason(
            claim.text,
            DEFINITIONS[claim.id],
            "; ".join(f"{name}: {_plain(fact)}" for name, fact in claim.facts),
        )
        for claim in claims
        if claim is not None
    )


def _against(series: Controlled) -> Claim | None:
    latest, indicator = series.latest, series.given.indicator
    standard = indicator.standard_on(latest.period.start) if latest is not None else None
    if standard is None or series.analysed.target is None:
        return None
    return limits_against(series, Measure(f"the standard of {level_text(indicator, standard)}", standard))


def _met(indicator: Indicator, series: Controlled) -> Claim | None:
    known = [item for item in series.readings if item is not None and item.value is not None]
    return met_of(indicator, [met(indicator, item) for item in known])


def _plain(fact: Fact) -> str:
    """A fact as it is, to six figures; `none` where there is none, as of limits that cannot be drawn."""
    if fact is None or (isinstance(fact, float) and isnan(fact)):
        return "none"
    return f"{fact:.6g}" if isinstance(fact, float) else str(fact)
