"""Writing commentaries: each press of a button is a revision, and nobody's words are lost to somebody else's."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from db.domain.people.commentary import (
    CommentaryAbout,
    CommentaryRevision,
    CommentaryStep,
    PlannedAction,
    Remarks,
)
from db.domain.people.role import Person
from db.figures.commentary.read import history_of_commentary
from db.figures.decisions.words import plain_words
from db.store import Store, audit
from db.store.data_state import raise_data_version
from db.store.schema import commentary_revision, indicator

LONGEST_REMARK, LONGEST_ACTION, LONGEST_OWNER, MOST_ACTIONS = 600, 120, 60, 8
"""Characters of what happened and of the assurance, of an action, and of an owner or a role; and actions, in what
is shown to readers."""
LONGEST_DRAFT = 10_000
"""Characters that any field of a draft may have: more than anybody types."""
_TRIES = 5
_DAYS = ("%Y-%m-%d", "%d %b %Y", "%d %B %Y", "%d/%m/%Y")
_CHANGES = frozenset({CommentaryStep.SHOWN, CommentaryStep.WITHDRAWN})


class CommentaryError(Exception):
    """A commentary cannot be written: what was wanted and what was found."""


@dataclass(frozen=True)
class WrittenCommentary:
    """What a press of a button came to: the revision that it made, None for none, and what others did meanwhile.

    Where `others` is not empty nothing was shown or withdrawn: the words stand as a draft.
    """

    number: int | None
    others: tuple[CommentaryRevision, ...] = ()


def plain_lines(text: str) -> str:
    """Lines of plain words: no control characters, marks of direction or others that nobody sees, and no more than one
    empty line between two. Signs that mean something to HTML or to a spreadsheet stay: they are made harmless there."""
    lines: list[str] = []
    for line in map(plain_words, text.splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip()


def plain_remarks(typed: Remarks) -> Remarks:
    """What was typed as it is kept; rows of actions with nothing in them are left out.

    Raises CommentaryError for a field that is longer than a draft's may be.
    """
    actions = tuple(
        PlannedAction(plain_words(item.what), plain_words(item.owner), _day(plain_words(item.by)), item.state)
        for item in typed.actions
    )
    actions = tuple(item for item in actions if item.what or item.owner or item.by)
    kept = Remarks(
        plain_lines(typed.happened), actions, plain_lines(typed.assurance), plain_words(typed.role)
    )
    fields = [kept.happened, kept.assurance, kept.role]
    fields += [part for item in actions for part in (item.what, item.owner, item.by)]
    longest = max(map(len, fields))
    if longest > LONGEST_DRAFT:
        raise CommentaryError(
            f"wanted at most {LONGEST_DRAFT:,} characters in a field, found one of {longest:,}"
        )
    return kept


def _day(typed: str) -> str:
    """A day as it is kept, 2026-11-16, however people write it; what is none as it was typed."""
    for form in _DAYS:
        with suppress(ValueError):
            return datetime.strptime(typed, form).replace(tzinfo=UTC).date().isoformat()
    return typed


def write_commentary(
    store: Store,
    about: CommentaryAbout,
    typed: Remarks,
    step: CommentaryStep,
    *,
    base: int,
    by: Person,
    reason: str = "",
) -> WrittenCommentary:
    """Add a revision to a commentary. `base` is the number of the last one that its writer has seen, 0 for none.

    Where others have added one since, words that were to be shown are kept as a draft, and nothing is withdrawn or
    discarded: the answer says what they did. Raises CommentaryError for whoever may not write about the place, and
    as `plain_remarks` does.
    """
    if not by.writes_about(about.place):
        raise CommentaryError(
            f"wanted somebody who may write about {about.place}, found {by.name}, who may not"
        )
    revision = CommentaryRevision(
        about, 0, step, plain_remarks(typed), datetime.now(UTC), by.name, plain_words(reason)
    )
    if step is CommentaryStep.WITHDRAWN and not revision.reason:
        raise CommentaryError("reason: wanted why it is withdrawn, found nothing")
    for _ in range(_TRIES):
        try:
            with store.writing() as connection:
                return _added(connection, revision, base)
        except IntegrityError:
            # Somebody else's revision took the number: theirs is seen at the next try.
            continue
    raise CommentaryError("wanted a moment in which nobody else writes the same, found none: try again")


def _added(connection: Connection, revision: CommentaryRevision, base: int) -> WrittenCommentary:
    history = history_of_commentary(connection, revision.about)
    others = tuple(item for item in history if item.number > base)
    if others and revision.step in {CommentaryStep.WITHDRAWN, CommentaryStep.DISCARDED}:
        return WrittenCommentary(None, others)
    if others:
        revision = replace(revision, step=CommentaryStep.DRAFT)
    if revision.step is CommentaryStep.DRAFT and history and history[-1].remarks == revision.remarks:
        return WrittenCommentary(history[-1].number, others)
    revision = replace(revision, number=history[-1].number + 1 if history else 1)
    code = revision.about.indicator
    source = connection.execute(select(indicator.c.source).where(indicator.c.code == code)).scalar()
    connection.execute(insert(commentary_revision).values(_row(connection, revision)))
    if revision.step in _CHANGES:
        raise_data_version(connection, names=False, sources=[source] if source else [])
    subject = f"{code} {revision.about.place} {revision.about.period.label}"
    words = {CommentaryStep.DRAFT: "draft kept", CommentaryStep.DISCARDED: "draft discarded"}
    action = f"commentary {words.get(revision.step, revision.step.value)}"
    detail = revision.reason or f"revision {revision.number}, {revision.remarks.role}"
    audit.record(connection, revision.by, action, subject, detail)
    return WrittenCommentary(revision.number, others)


def _row(connection: Connection, revision: CommentaryRevision) -> dict[str, Any]:
    about, remarks = revision.about, revision.remarks
    number = connection.execute(select(indicator.c.id).where(indicator.c.code == about.indicator)).scalar()
    if number is None:
        raise CommentaryError(f"wanted an indicator that the store knows, found {about.indicator!r}")
    actions = [[item.what, item.owner, item.by, item.state.value] for item in remarks.actions]
    return {
        "indicator_id": number,
        "place": about.place,
        "period_id": about.period.key,
        "number": revision.number,
        "step": revision.step.value,
        "happened": remarks.happened,
        "actions": json.dumps(actions),
        "assurance": remarks.assurance,
        "role": remarks.role,
        "at": revision.at,
        "by": revision.by,
        "reason": revision.reason,
    }


def problems_of_remarks(remarks: Remarks) -> dict[str, str]:
    """What keeps words from being shown to readers, by the field: what to write there. Empty where nothing does.

    An action's fields are named by its place from 0: `what-0`, `owner-0`, `by-0`.
    """
    found: dict[str, str] = {}
    hints = {
        "happened": "Write what happened.",
        "assurance": "Write what you rely on, or “Nothing yet”.",
    }
    for name, hint in hints.items():
        text = getattr(remarks, name)
        if not text:
            found[name] = hint
        elif len(text) > LONGEST_REMARK:
            found[name] = f"Cut it to {LONGEST_REMARK} characters: these are {len(text)}."
    if not remarks.role:
        found["role"] = "Write what you do, such as “Planned care lead”."
    elif len(remarks.role) > LONGEST_OWNER or "@" in remarks.role:
        found["role"] = f"Write a role of at most {LONGEST_OWNER} characters, not an address."
    if len(remarks.actions) > MOST_ACTIONS:
        found["actions"] = f"Keep at most {MOST_ACTIONS} actions: these are {len(remarks.actions)}."
    for place, item in enumerate(remarks.actions):
        if not item.what or len(item.what) > LONGEST_ACTION:
            found[f"what-{place}"] = f"Write what is done, in at most {LONGEST_ACTION} characters."
        if not item.owner or len(item.owner) > LONGEST_OWNER or "@" in item.owner:
            found[f"owner-{place}"] = f"Write whose it is: a role of at most {LONGEST_OWNER} characters."
        if item.day is None:
            found[f"by-{place}"] = "Choose a day."
    return found
