"""What people say of a figure: what happened, what is being done, and what tells them that it works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from db.domain.period import Period


class ActionState(StrEnum):
    """How far an action has come. Whether one in hand is late follows from its day."""

    IN_HAND = "in hand"
    DONE = "done"
    STOPPED = "stopped"


class CommentaryStep(StrEnum):
    """What one row of a commentary's history did."""

    DRAFT = "draft"
    SHOWN = "shown"
    WITHDRAWN = "withdrawn"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """What is done, who owns it (a role, not a name), by which day as it was typed, and how far it is."""

    what: str
    owner: str
    by: str
    state: ActionState = ActionState.IN_HAND

    @property
    def day(self) -> date | None:
        """The day by which it is to be done; None where what was typed is none."""
        try:
            return date.fromisoformat(self.by)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Remarks:
    """The words of a commentary as somebody typed them. `role` is what they do, "Planned care lead"."""

    happened: str = ""
    actions: tuple[PlannedAction, ...] = ()
    assurance: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class CommentaryAbout:
    """What a commentary is about: an indicator, an organisation or area by its code, and a period."""

    indicator: str
    place: str
    period: Period


@dataclass(frozen=True, slots=True)
class CommentaryRevision:
    """One row of a commentary's history: nothing of it is ever changed or deleted.

    `number` counts within the commentary from 1; `by` is the name that its writer signed in with, `reason` why it was
    withdrawn.
    """

    about: CommentaryAbout
    number: int
    step: CommentaryStep
    remarks: Remarks
    at: datetime
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Commentary:
    """What readers see of a commentary: its last shown revision, and when one was first shown."""

    about: CommentaryAbout
    number: int
    remarks: Remarks
    first_shown_at: datetime
    shown_at: datetime

    def is_stale(self, newest: Period) -> bool:
        """Whether figures of a later period have come since the one that it is about."""
        return newest.start > self.about.period.start
