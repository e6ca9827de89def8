"""Sentences on lines through mergers and splits: where they begin, what became of whom, what is lacking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from db.domain import Indicator, Period, SuccessionKind
from db.domain.reading import Reading
from stp_dash.analysis.area import ReadingIndex, step_on
from stp_dash.analysis.mergers.history import AreaHistory, divided_words, moved_words
from stp_dash.analysis.wording import date_text, listing

_MOST_CODES = 2
_MOST_NAMES = 4


def start_words(name: str, history: AreaHistory) -> str:
    """Why an organisation's figures do not reach further back; "" where nothing is known to stop them."""
    if history.start is None:
        return ""
    moved = f"{moved_words(history, history.start.parts)} on {date_text(history.start.on)}"
    return f"{moved}. What was there before does not add up to {name}, so its figures begin then."


def followed_words(name: str, history: AreaHistory) -> str:
    """What became of a closed organisation; "" for an open one."""
    if not history.followed:
        return ""
    on = date_text(history.followed[0].effective_on)
    to = [history.name(item.successor) for item in history.followed]
    if len(to) == 1 and history.followed[0].kind in (SuccessionKind.MERGER, SuccessionKind.RENAME):
        return f"{name} is part of {to[0]} since {on}."
    return f"{divided_words(name, to)} on {on}."


def joint_text(before: Reading, after: Reading) -> str:
    """From which codes to which a line goes on: `91Q → QKS`, `8 CCGs → 91Q`."""
    return f"{_codes_text(before)} → {_codes_text(after)}"


def _codes_text(reading: Reading) -> str:
    codes = reading.members or (reading.organisation,)
    if len(codes) <= _MOST_CODES:
        return " + ".join(codes)
    return f"{len(codes)} {reading.organisation_type.plural}"


def lacking_words(
    index: ReadingIndex, indicator: Indicator, history: AreaHistory, periods: Sequence[Period]
) -> str:
    """Why no sum is made for the first of some periods whose members have some figures: who lacks what; "" if none."""
    for period in periods:
        step = step_on(history.steps, period.start)
        held = {code: index.get((indicator.id, code, period)) for code in step.codes} if step else {}
        known = [reading for reading in held.values() if reading is not None and reading.value is not None]
        if len(held) > 1 and known and (why := _lack(indicator, history, held, known)):
            return f"No sum is made for {period.label}: {why}."
    return ""


def _lack(
    indicator: Indicator,
    history: AreaHistory,
    held: Mapping[str, Reading | None],
    known: Sequence[Reading],
) -> str:
    present = {item.organisation for item in known}
    absent = [history.name(code) for code in held if code not in present]
    if absent:
        more = [f"{len(absent) - _MOST_NAMES} more"] if len(absent) > _MOST_NAMES else []
        verb = "has" if len(absent) == 1 else "have"
        return f"{listing([*absent[:_MOST_NAMES], *more])} {verb} no figure"
    if len({item.basis for item in known}) > 1:
        return f"the figures of its {len(known)} parts count different patients"
    if any(item.denominator is None for item in known) and not indicator.is_total:
        return f"its {len(known)} parts have values without counts, which are neither added nor averaged"
    return ""
