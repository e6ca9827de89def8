"""What is done with the forms of plans: checked first, then added as it was checked, or withdrawn."""

from __future__ import annotations

import logging
from collections.abc import Callable

from flask import Flask, Response, request
from sqlalchemy.exc import DBAPIError

from db.domain.people.role import Role
from db.figures.decisions.plans import add_plan, organisations_planned, plan_changes, withdraw_plan
from db.figures.decisions.words import DecisionError, plain_words, role_said
from db.own.plan_files import CheckedPlan, check_plan_file
from db.reading.files import RawFile, UnreadableFileError
from db.reading.patients import PatientLevelError
from stp_dash.analysis.wording import counted
from stp_dash.elements.links import NOTES, href
from stp_dash.frame.request import Site
from stp_dash.pages.trend.notes.plans.forms import (
    ADD_PLAN,
    CHECK_PLAN,
    MONTH_FIELD,
    PLAN_FILE,
    WITHDRAW_PLAN,
    checked_page,
    plan_file_page,
)
from stp_dash.web.access.people import current_person, role_required
from stp_dash.web.acting.forms import ActionError, done, typed_number, typed_text

_LOG = logging.getLogger(__name__)
_PLACE = ("indicator", "organisation", "area")
_ABOUT = (*_PLACE, "plan_name", "plan_role")


def register_plan_actions(server: Flask, site: Site) -> None:
    """Give the site the actions. To be called before `access.secure`, whose protection reads forms."""
    actions = PlanActions(site)
    for address, view in (
        (CHECK_PLAN, actions.check),
        (ADD_PLAN, actions.add),
        (WITHDRAW_PLAN, actions.withdraw),
    ):
        server.add_url_rule(address, address, role_required(Role.EDITOR)(_answered(view)), methods=["POST"])
    server.add_url_rule(PLAN_FILE, PLAN_FILE, role_required(Role.EDITOR)(_file_form))


def _file_form() -> Response:
    given = {name: request.args.get(name, "")[:100] for name in _PLACE}
    return plan_file_page(given, href(NOTES, **given))


def _answered(act: Callable[[], Response]) -> Callable[[], Response]:
    def answer() -> Response:
        try:
            return act()
        except (DecisionError, ActionError, UnreadableFileError, PatientLevelError) as error:
            return done(f"Nothing was changed: {str(error).rstrip('.')}.", _page())
        except DBAPIError:
            _LOG.exception("the store cannot be written for %s", request.path)
            return done("Nothing was changed: the store cannot be written at this moment.", _page())

    return answer


def _page() -> str:
    return href(NOTES, **{name: typed_text(name) for name in _PLACE})


class PlanActions:
    """The actions over an open store. Raises DecisionError, ActionError and what reading a file raises."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def check(self) -> Response:
        """What is wrong with a plan, and what it would change. Nothing is stored."""
        checked = self._checked(_given())
        role_said(typed_text("plan_role"))
        changes = None
        if checked.accepted:
            with self._site.store.reading() as connection:
                changes = plan_changes(connection, checked.values)
        return checked_page(checked, changes, {name: typed_text(name) for name in _ABOUT}, _page())

    def add(self) -> Response:
        """Add a plan as it was checked, unless somebody has handed in another one since."""
        checked = self._checked(RawFile("plan.csv", request.form.get("plan", "").encode()))
        if not checked.accepted:
            raise ActionError("the plan is not as it was checked")
        with self._site.store.writing() as connection:
            add_plan(
                connection,
                checked.values,
                name=typed_text("plan_name"),
                role=typed_text("plan_role"),
                by=_person(),
                seen=typed_number("seen"),
            )
        return done(
            f"The plan is added: {counted(len(checked.values), 'months')}. It stands on the charts.", _page()
        )

    def withdraw(self) -> Response:
        """Withdraw a plan whole: what stood before it stands again."""
        number, person = typed_number("number"), current_person()
        with self._site.store.writing() as connection:
            planned = organisations_planned(connection, number)
            if person is None or not all(map(person.writes_about, planned)):
                raise ActionError("the plan is for organisations about which you may not write")
            withdraw_plan(connection, number, role=typed_text("plan_role"), by=person.name)
        return done("The plan is withdrawn; what stood before it stands again.", _page())

    def _checked(self, raw: RawFile) -> CheckedPlan:
        person = current_person()
        return check_plan_file(
            raw, self._site.store.catalogue, lambda code: person is not None and person.writes_about(code)
        )


def _person() -> str:
    person = current_person()
    if person is None:
        raise ActionError("nobody is signed in")
    return person.name


def _given() -> RawFile:
    """The file that was sent, or the months that were typed, as the list that a file would be."""
    sent = request.files.get("file")
    if sent is not None and sent.filename:
        return RawFile(plain_words(sent.filename)[:80] or "plan", sent.read())
    series = f"{typed_text('indicator')},{typed_text('organisation')}"
    months = [
        f'{series},{name.removeprefix(MONTH_FIELD)},"{typed_text(name).replace(chr(34), "")}"'
        for name in request.form
        if name.startswith(f"{MONTH_FIELD}2") and typed_text(name)
    ]
    return RawFile("the months typed", "\n".join(("measure,organisation,from,value", *months)).encode())
