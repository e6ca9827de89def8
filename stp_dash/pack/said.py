"""What people say of an indicator, for a pack: sentence by sentence, so that a sheet can be cut at one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from db.domain import Period
from db.domain.people.commentary import Commentary
from stp_dash.analysis.noted.commentary import (
    WRITTEN_BY_PEOPLE,
    action_words,
    byline,
    london_day,
    stale_words,
)
from stp_dash.analysis.wording import date_text
from stp_dash.pack.model import PackAction, PackComment

_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?])\s+")


def pack_comment(item: Commentary, newest: Period, today: date, revised: str = "") -> PackComment:
    """A commentary as a pack tells it on a day; `newest` is the period of the figure beside it, `revised` says that
    its own was revised since."""
    remarks = item.remarks
    actions = []
    for action in remarks.actions:
        told = action_words(action, today)
        by = date_text(action.day) if action.day else action.by
        actions.append(PackAction(action.what, action.owner, by, told.words, late=told.mark == "late"))
    return PackComment(
        period=item.about.period.label,
        happened=tuple(_sentences(remarks.happened)),
        actions=tuple(actions),
        assurance=tuple(_sentences(remarks.assurance)),
        role=remarks.role,
        shown_on=london_day(item.shown_at).isoformat(),
        written=f"{WRITTEN_BY_PEOPLE} {remarks.role} · {byline(item)}",
        stale=" ".join(words for words in (revised, stale_words(item, newest)) if words),
    )


def _sentences(text: str) -> Iterator[str]:
    for number, line in enumerate(line for line in text.split("\n") if line):
        for place, sentence in enumerate(_BETWEEN_SENTENCES.split(line)):
            yield f"\n{sentence}" if number and not place else sentence
