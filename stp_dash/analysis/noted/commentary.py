"""What is told of commentaries: whose, of when, whether newer figures have come, and how far an action is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import SequenceMatcher

from db.domain import Indicator
from db.domain.people.commentary import (
    ActionState,
    Commentary,
    CommentaryRevision,
    CommentaryStep,
    PlannedAction,
)
from db.domain.period import Period
from db.domain.reading import Reading
from db.domain.timing import TIME_ZONE
from stp_dash.analysis.wording import date_text, told_apart, value_text

WRITTEN_BY_PEOPLE = "Written by people, not computed."


@dataclass(frozen=True)
class ActionWords:
    """How far an action is: the name of its mark (`done`, `time`, `late`, `stopped`) and words."""

    mark: str
    words: str


def action_words(action: PlannedAction, today: date) -> ActionWords:
    """How far an action is on a day."""
    if action.state is ActionState.DONE:
        return ActionWords("done", "Done")
    if action.state is ActionState.STOPPED:
        return ActionWords("stopped", "Stopped")
    if action.day is None or action.day >= today:
        return ActionWords("time", "On time")
    days = (today - action.day).days
    late = f"{days // 7} weeks late" if days >= 14 else f"{days} day{'' if days == 1 else 's'} late"
    return ActionWords("late", late)


def byline(item: Commentary) -> str:
    """When it was shown, and when it was changed, with the period that it is about."""
    first, last = london_day(item.first_shown_at), london_day(item.shown_at)
    changed = f", changed {date_text(last)}" if last != first else ""
    return f"{date_text(first)}{changed} · for {item.about.period.label}"


def stale_words(item: Commentary, newest: Period) -> str:
    """That figures have come since a commentary was written; "" where none have."""
    if not item.is_stale(newest):
        return ""
    return f"Older than the figures: they reach {newest.label}, this is about {item.about.period.label}."


def revised_words(indicator: Indicator, before: Reading | None, after: Reading | None) -> str:
    """That the figure a commentary is about was revised by more than rounding since, or withdrawn; "" for neither."""
    if before is None or before.value is None:
        return ""
    if after is None or after.value is None:
        return (
            f"The figure was withdrawn since this was written: it was {value_text(indicator, before.value)}."
        )
    if value_text(indicator, before.value) == value_text(indicator, after.value):
        return ""
    told = told_apart(indicator, before.value, after.value)
    return f"The figure was revised since this was written: from {told[0]} to {told[1]}."


def london_day(moment: datetime) -> date:
    """The day of a moment in London."""
    return moment.astimezone(TIME_ZONE).date()


def first_sentence(text: str, longest: int = 160) -> str:
    """The first sentence of some text, cut at a word where it is long."""
    first = text.split("\n", 1)[0]
    end = first.find(". ")
    first = first[: end + 1] if end > 0 else first
    return first if len(first) <= longest else first[:longest].rsplit(" ", 1)[0] + " …"


STEP_WORDS = {
    CommentaryStep.DRAFT: "Draft kept",
    CommentaryStep.SHOWN: "Shown to readers",
    CommentaryStep.WITHDRAWN: "Withdrawn",
    CommentaryStep.DISCARDED: "Draft discarded",
}


def step_text(item: CommentaryRevision) -> str:
    """What a revision did, by whom in which role, and why it withdrew what was shown."""
    why = f": {item.reason}" if item.reason else ""
    role = f"{item.remarks.role}, " if item.remarks.role else ""
    return f"{STEP_WORDS[item.step]}{why} · {role}{item.by}"


def london_moment(moment: datetime) -> str:
    """A moment in London: 16 October 2026, 14:20."""
    local = moment.astimezone(TIME_ZONE)
    return f"{date_text(local.date())}, {local:%H:%M}"


def actions_text(actions: Sequence[PlannedAction], today: date) -> str:
    """Actions as text, a line each."""
    return "\n".join(
        f"{item.what} ({item.owner}, by {date_text(item.day) if item.day else item.by}: "
        f"{action_words(item, today).words.lower()})"
        for item in actions
    )


def words_compared(before: str, after: str) -> list[tuple[str, str]]:
    """Two texts word by word: ("same", …), ("gone", …) and ("new", …) in their order."""
    one, other = before.split(), after.split()
    found: list[tuple[str, str]] = []
    for kind, first, last, start, stop in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("same", " ".join(one[first:last])))
            continue
        if last > first:
            found.append(("gone", " ".join(one[first:last])))
        if stop > start:
            found.append(("new", " ".join(other[start:stop])))
    return found
