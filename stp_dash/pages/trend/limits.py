"""What the card beside the chart says of its limits: what they rest on, what was decided, and what could be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote

from db.domain import Period
from stp_dash.analysis import signals
from stp_dash.analysis.control import WINDOW, Controlled
from stp_dash.analysis.wording import capitalised, date_text, month_code, periods_word
from stp_dash.pages.trend.figures import PREVIEW, TrendInput


@dataclass(frozen=True)
class Decision:
    """A recorded restart: its day, its reason and the role of who decided."""

    heading: str
    text: str


@dataclass(frozen=True)
class PreviewWords:
    """A restart that is tried out: what is recorded now, and what it would be."""

    month: str
    recorded: str
    tried: str


@dataclass(frozen=True)
class LimitsCard:
    """`basis` are sentences on what limits rest on. `proposal` is what the statistics suggest and `propose_at` its
    month for an address; `months` are those that can be tried, code and words; `command` records a restart."""

    basis: tuple[str, ...]
    decisions: tuple[Decision, ...]
    proposal: str
    propose_at: str
    months: tuple[tuple[str, str], ...]
    command: str
    preview: PreviewWords | None


def limits_card(given: TrendInput) -> LimitsCard | None:
    """The card's words; None for levels, which have no limits."""
    control = given.control
    if not control.charted or control.analysed.latest is None:
        return None
    proposed = control.proposal
    return LimitsCard(
        basis=tuple(_basis(control)),
        decisions=tuple(_decisions(given)),
        proposal=signals.proposal_text(control, proposed) if proposed else "",
        propose_at=month_code(control.periods[proposed.first]) if proposed else "",
        months=tuple((month_code(item), item.label) for item in reversed(triable(control))),
        command=_command(given, control, proposed.first if proposed else None),
        preview=_preview(given),
    )


def triable(control: Controlled) -> Sequence[Period]:
    """The periods at which limits could restart: all but the first, up to the latest figure's."""
    latest = control.analysed.latest
    return () if latest is None else control.periods[1 : latest + 1]


def _decisions(given: TrendInput) -> list[Decision]:
    """The restarts that people decided: those of the series, then those that wait for a figure."""
    found = [
        Decision(f"Limits restart {date_text(item.on)}", _decided(item.reason, item.role))
        for item in given.control.rebases
        if item.role and PREVIEW not in item.role
    ]
    waiting = given.control.waiting if given.until is None else ()
    return found + [
        Decision(
            f"Limits restart {date_text(item.on)}",
            f"{_decided(item.reason, item.role)} Takes effect with the first figure from {item.on:%B %Y}.",
        )
        for item in waiting
    ]


def _decided(reason: str, role: str) -> str:
    return f"{capitalised(reason.rstrip('.'))}. Decided by: {role}."


def _basis(control: Controlled) -> list[str]:
    noun = periods_word(control.given.indicator)
    found = [f"{capitalised(signals.limits_basis(control))}."]
    if len(control.periods) == WINDOW:
        found.append(f"Limits rest on the last {WINDOW} {noun} at most.")
    uneven = control.uneven
    if uneven:
        found.append(
            f"Snapshots are {uneven[0]} to {uneven[1]} months apart; limits take each with the one before it."
        )
    return found


def _preview(given: TrendInput) -> PreviewWords | None:
    if given.preview is None:
        return None
    recorded, tried = (
        f"{signals.variation_words(item)}; {signals.assurance_words(item)}"
        for item in (given.control, given.drawn)
    )
    return PreviewWords(f"{given.preview:%B %Y}", recorded, tried)


def _command(given: TrendInput, control: Controlled, proposed: int | None) -> str:
    """The command that records a restart, with the month that is tried or suggested."""
    month = f"{given.preview:%Y-%m}" if given.preview else "MONTH"
    if given.preview is None and proposed is not None:
        month = month_code(control.periods[proposed])
    parts = (
        f"rebase {given.indicator.id} {quote(given.organisation)} {month}",
        '--reason "what changed, and why it will last"',
        '--role "what you do, no name"',
    )
    return "python -m etl " + " ".join(parts)
