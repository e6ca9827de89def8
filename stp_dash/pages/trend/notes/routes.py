"""What is done with the forms of a trend's notes: each a POST, answered by the page again with what came of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Flask, Response, request
from sqlalchemy.exc import DBAPIError

from db.domain.decision import EventWords
from db.domain.people.role import Role
from db.figures.decisions.events import change_event, organisation_of, record_event, withdraw_event
from db.figures.decisions.rebases import record_rebase, withdraw_rebase
from db.figures.decisions.rules import record_rules, withdraw_rules
from db.figures.decisions.words import DecisionError, LostChangeError
from stp_dash.elements.links import NOTES, href
from stp_dash.frame.request import Site
from stp_dash.pages.trend.notes.forms import (
    AREA,
    EVENT_FIELDS,
    EVERYONE,
    ORGANISATION,
    RESTART,
    RESTART_FIELDS,
    SAVE_EVENT,
    SERIES,
    WITHDRAW_EVENT,
    WITHDRAW_RESTART,
)
from stp_dash.pages.trend.notes.plans.routes import register_plan_actions
from stp_dash.pages.trend.notes.rules import CHOOSE_RULES, RULES_FIELDS, WITHDRAW_RULES
from stp_dash.statistics.profiles import NATIONAL, PROFILES
from stp_dash.web.access.people import current_person, role_required
from stp_dash.web.acting.forms import ActionError, done, typed_number, typed_text

_LOG = logging.getLogger(__name__)


def register_note_actions(server: Flask, site: Site) -> None:
    """Give the site the actions. To be called before `access.secure`, whose protection reads forms."""
    actions = NoteActions(site)
    register_plan_actions(server, site)
    views = {
        SAVE_EVENT: (actions.save_event, EVENT_FIELDS),
        WITHDRAW_EVENT: (actions.withdraw_event, ()),
        RESTART: (actions.restart, RESTART_FIELDS),
        WITHDRAW_RESTART: (actions.withdraw_restart, ()),
        CHOOSE_RULES: (actions.choose_rules, RULES_FIELDS),
        WITHDRAW_RULES: (actions.take_rules_back, ()),
    }
    for address, (view, fields) in views.items():
        server.add_url_rule(
            address, address, role_required(Role.EDITOR)(_answered(view, fields)), methods=["POST"]
        )


def _answered(act: Callable[[], str], fields: tuple[str, ...]) -> Callable[[], Response]:
    """An action whose refusal is said on the page, where what was typed stands again."""

    def answer() -> Response:
        try:
            return done(act(), _page())
        except LostChangeError as error:
            return done(f"Nothing was changed. {str(error)[:1].upper()}{str(error)[1:]}.", _page())
        except (DecisionError, ActionError) as error:
            typed = {name: typed_text(name) for name in fields}
            number = typed_text("number")
            return done(
                f"Nothing was changed: {error}.", _page(**typed, note_number=number if number != "0" else "")
            )
        except DBAPIError:
            _LOG.exception("the store cannot be written for %s", request.path)
            return done("Nothing was changed: the store cannot be written at this moment.", _page())

    return answer


def _page(**more: str) -> str:
    own = {name: typed_text(name) for name in ("indicator", "organisation", "area")}
    return href(NOTES, **own, **more)


class NoteActions:
    """The actions over an open store: each is one person's transaction, and says what came of it.

    Raises DecisionError, LostChangeError and ActionError.
    """

    def __init__(self, site: Site) -> None:
        self._site = site

    def save_event(self) -> str:
        """Record an event, or another version of one."""
        number, given = typed_number("number"), self._event()
        by = _writer(given.organisation)
        with self._site.store.writing() as connection:
            if number:
                _writer(organisation_of(connection, number))
                new = change_event(connection, number, given, by=by)
                return f"Event {number} is changed. It is event {new} now; the version before is kept."
            return f"Event {record_event(connection, given, by=by)} is recorded, and stands on its charts."

    def withdraw_event(self) -> str:
        """Take an event off the charts."""
        number = typed_number("number")
        with self._site.store.writing() as connection:
            by = _writer(organisation_of(connection, number))
            withdraw_event(connection, number, role=typed_text("note_role"), by=by)
        return f"Event {number} is withdrawn. It is kept among the earlier versions."

    def restart(self) -> str:
        """Start the limits again from a month on."""
        on = _month(typed_text("restart_month"))
        with self._site.store.writing() as connection:
            record_rebase(
                connection,
                indicator_code=typed_text("indicator"),
                organisation_code=typed_text("organisation"),
                on=on,
                reason=typed_text("restart_reason"),
                role=typed_text("restart_role"),
                by=_writer(typed_text("organisation")),
            )
        return f"Limits start again in {on:%B %Y}."

    def withdraw_restart(self) -> str:
        """Take a recorded restart back."""
        on = _month(typed_text("restart_month"))
        with self._site.store.writing() as connection:
            withdraw_rebase(
                connection,
                indicator_code=typed_text("indicator"),
                organisation_code=typed_text("organisation"),
                on=on,
                reason=typed_text("restart_reason"),
                role=typed_text("restart_role"),
                by=_writer(typed_text("organisation")),
            )
        return f"Limits no longer start again in {on:%B %Y}. The reason is kept in the audit trail."

    def choose_rules(self) -> str:
        """Judge the series by a set of rules."""
        profile = typed_text("rules_choice")
        if profile not in PROFILES:
            raise ActionError(f"rules: wanted one of {', '.join(PROFILES)}, found {profile[:20]!r}")
        with self._site.store.writing() as connection:
            record_rules(connection, profile=profile, **_about_rules())
        return f"This series is judged by the {PROFILES[profile].title} from now on, wherever it is shown."

    def take_rules_back(self) -> str:
        """Judge the series by the usual rules again."""
        with self._site.store.writing() as connection:
            withdraw_rules(connection, **_about_rules())
        return f"This series is judged by the {NATIONAL.title} again. The reason is kept in the audit trail."

    def _event(self) -> EventWords:
        scope, until = typed_text("note_scope"), typed_text("note_until")
        whose = {SERIES: typed_text("organisation"), EVERYONE: None}
        whose |= {ORGANISATION: whose[SERIES], AREA: self._commissioner()}
        if scope not in whose:
            raise ActionError(f"where it stands: wanted one of {', '.join(whose)}, found {scope[:20]!r}")
        return EventWords(
            on=_day("first day", typed_text("note_on")),
            until=_day("last day", until) if until else None,
            text=typed_text("note_text"),
            link=typed_text("note_link"),
            role=typed_text("note_role"),
            indicator=typed_text("indicator") if scope == SERIES else None,
            organisation=whose[scope],
            of_area=scope == AREA,
        )

    def _commissioner(self) -> str:
        """The organisation that the page's area is known by."""
        settings, asked = self._site.settings, typed_text("area")
        area = settings.area_called(asked) if asked else settings.own_area
        if area is None:
            raise ActionError(f"area: wanted the code of an area, found {asked[:20]!r}")
        return area.commissioner


def _about_rules() -> dict[str, Any]:
    """What both forms of rules send: whose they are, why, who decided, and the choice that its writer has seen."""
    return {
        "indicator_code": typed_text("indicator"),
        "organisation_code": typed_text("organisation"),
        "reason": typed_text("rules_reason"),
        "role": typed_text("rules_role"),
        "by": _writer(typed_text("organisation")),
        "seen": typed_number("rules_seen"),
    }


def _writer(organisation: str | None) -> str:
    """The name of who is signed in. Raises ActionError where they may write about some organisations, and not this."""
    person = current_person()
    if person is None:
        raise ActionError("nobody is signed in")
    if not person.writes_about(organisation or ""):
        found = organisation or "every organisation"
        wanted = ", ".join(sorted(person.organisations))
        raise ActionError(
            f"wanted a note on the charts of {wanted}, about which you may write, found {found}"
        )
    return person.name


def _day(name: str, typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise ActionError(f"{name}: wanted a day as 2026-01-31, found {typed[:20]!r}") from None


def _month(typed: str) -> date:
    try:
        return date.fromisoformat(f"{typed}-01")
    except ValueError:
        raise ActionError(f"month: wanted a month as 2026-01, found {typed[:20]!r}") from None
