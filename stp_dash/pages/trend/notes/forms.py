"""The forms for what stands on a trend: events, their withdrawal, restarts of limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from db.domain.decision import RecordedEvent
from db.figures.decisions.words import LONGEST_EVENT, LONGEST_LINK, LONGEST_REASON, LONGEST_ROLE
from stp_dash.elements import Component, html
from stp_dash.elements.forms import button, choice, entry, field, form
from stp_dash.elements.links import NOTES

SAVE_EVENT, WITHDRAW_EVENT = f"{NOTES}/event", f"{NOTES}/withdraw-event"
RESTART, WITHDRAW_RESTART = f"{NOTES}/restart", f"{NOTES}/withdraw-restart"
EVENT_FIELDS = ("note_on", "note_until", "note_text", "note_link", "note_scope", "note_role")
"""The fields of an event, which the address holds while what was typed in them is not accepted."""
RESTART_FIELDS = ("restart_month", "restart_reason", "restart_role")
SERIES, ORGANISATION, AREA, EVERYONE = "series", "organisation", "area", "everyone"


@dataclass(frozen=True)
class NotesPlace:
    """Whose notes are edited: an indicator and an organisation, as the area that the page is of knows them."""

    indicator: str
    indicator_name: str
    organisation: str
    organisation_name: str
    area: str
    area_code: str
    area_name: str

    @property
    def hidden(self) -> dict[str, str]:
        """What each form carries along."""
        return {"indicator": self.indicator, "organisation": self.organisation, "area": self.area}

    @property
    def scopes(self) -> list[tuple[str, str]]:
        """On which charts an event can stand."""
        found = [
            (SERIES, f"{self.indicator_name}, {self.organisation_name} alone"),
            (ORGANISATION, f"Every chart of {self.organisation_name}"),
            (AREA, f"Every chart of {self.area_name} and of all that belong to it"),
            (EVERYONE, "Every chart of everyone"),
        ]
        return [item for item in found if item[0] != AREA or self.area_code]


def scope_of(event: RecordedEvent) -> str:
    """The scope of an event, as the form has it."""
    if event.of_area:
        return AREA
    if event.organisation is None:
        return EVERYONE
    return ORGANISATION if event.indicator is None else SERIES


def event_typed(event: RecordedEvent) -> dict[str, str]:
    """An event that stands, as it would have been typed."""
    return {
        "note_on": event.on.isoformat(),
        "note_until": event.until.isoformat() if event.until else "",
        "note_text": event.text,
        "note_link": event.link,
        "note_scope": scope_of(event),
        "note_role": event.role,
    }


def event_form(place: NotesPlace, typed: Mapping[str, str], token: str, number: int) -> Component:
    """A new event, or another version of the one with a number."""
    day = "A day as 2026-01-31."
    parts = [
        field(
            "First day",
            entry("note_on", "note_on", typed.get("note_on", ""), longest=10),
            "note_on",
            hint=day,
        ),
        field(
            "Last day, if it was a span",
            entry("note_until", "note_until", typed.get("note_until", ""), longest=10),
            "note_until",
            hint="Empty for a single day.",
        ),
        field(
            "What happened",
            entry("note_text", "note_text", typed.get("note_text", ""), longest=LONGEST_EVENT),
            "note_text",
            hint=f"{LONGEST_EVENT} characters at most, plain text. A fact: it explains nothing by itself.",
        ),
        field(
            "Link, if there is more to read",
            entry("note_link", "note_link", typed.get("note_link", ""), longest=LONGEST_LINK),
            "note_link",
            hint="An address that begins with https://.",
        ),
        field(
            "Where it stands",
            choice("note_scope", "note_scope", place.scopes, typed.get("note_scope", SERIES)),
            "note_scope",
        ),
        field(
            "Written as",
            entry("note_role", "note_role", typed.get("note_role", ""), longest=LONGEST_ROLE),
            "note_role",
            hint="What you do, as Head of cancer services: readers see it, and no name.",
        ),
        html.Div([button("Save and show to readers", primary=True)], className="acts"),
    ]
    return form(SAVE_EVENT, token, parts, hidden={**place.hidden, "number": str(number)}, class_name="noting")


def withdrawal(place: NotesPlace, event: RecordedEvent, token: str) -> Component:
    """The button that takes an event off the charts; it stays among the earlier versions."""
    hidden = {**place.hidden, "number": str(event.id), "note_role": event.role}
    act = button("Withdraw", label=f"Withdraw: {event.text}")
    return form(WITHDRAW_EVENT, token, [act], hidden=hidden)


def restart_form(
    place: NotesPlace, months: list[tuple[str, str]], typed: Mapping[str, str], token: str
) -> Component:
    """A restart of limits: its month, its reason and the role of who decided."""
    parts = [
        field(
            "Limits start again in",
            choice(
                "restart_month",
                "restart_month",
                [("", "Choose a month"), *months],
                typed.get("restart_month", ""),
            ),
            "restart_month",
        ),
        field(
            "What changed, and why it will last",
            entry(
                "restart_reason", "restart_reason", typed.get("restart_reason", ""), longest=LONGEST_REASON
            ),
            "restart_reason",
            hint=f"{LONGEST_REASON} characters at most. Readers see it beside the limits.",
        ),
        field(
            "Who decided",
            entry("restart_role", "restart_role", typed.get("restart_role", ""), longest=LONGEST_ROLE),
            "restart_role",
            hint="Their role, and no name.",
        ),
        html.Div([button("Record the restart", primary=True)], className="acts"),
    ]
    return form(RESTART, token, parts, hidden=place.hidden, class_name="noting")


def restart_withdrawal(place: NotesPlace, month: str, words: str, role: str, token: str) -> Component:
    """A reason, and the button that takes a recorded restart back."""
    ident = f"withdraw-{month}"
    reason = html.Div(
        [
            html.Label("Why it is withdrawn", htmlFor=ident, className="l"),
            entry("restart_reason", ident, "", longest=LONGEST_REASON),
        ],
        className="f",
    )
    act = button("Withdraw", label=f"Withdraw: {words}")
    hidden = {**place.hidden, "restart_month": month, "restart_role": role}
    return form(WITHDRAW_RESTART, token, [reason, act], hidden=hidden, class_name="noting")
