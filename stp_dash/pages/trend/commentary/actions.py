"""What the form of commentary sends, and how it is answered: by the page again, with every word that was typed."""

from __future__ import annotations

import logging
from dataclasses import replace
from itertools import zip_longest

from flask import Flask, Response, request
from sqlalchemy.exc import DBAPIError

from db.domain.people.commentary import (
    ActionState,
    CommentaryAbout,
    CommentaryRevision,
    CommentaryStep,
    PlannedAction,
    Remarks,
)
from db.domain.people.role import Person, Role
from db.domain.period import Period
from db.figures.commentary.write import (
    MOST_ACTIONS,
    CommentaryError,
    WrittenCommentary,
    plain_remarks,
    problems_of_remarks,
    write_commentary,
)
from stp_dash.analysis.noted.commentary import STEP_WORDS, london_moment
from stp_dash.analysis.wording import uncapitalised
from stp_dash.elements.links import TREND
from stp_dash.frame.request import Site
from stp_dash.pages.trend.commentary.editor import ACTION
from stp_dash.pages.trend.commentary.read import AGAINST, REVISION, ROWS, WRITE, WRITING
from stp_dash.web.access import current_person, role_required
from stp_dash.web.acting.forms import ActionError, done, typed_number

_LOG = logging.getLogger(__name__)
_STEPS = {
    "show": CommentaryStep.SHOWN,
    "discard": CommentaryStep.DISCARDED,
    "withdraw": CommentaryStep.WITHDRAWN,
}
_ENDS = {
    CommentaryStep.SHOWN: "Readers see it now.",
    CommentaryStep.DISCARDED: "The draft is discarded; it stays in the list of who and when.",
    CommentaryStep.WITHDRAWN: "It is withdrawn: readers see it no longer.",
}


def register_commentary(server: Flask, site: Site) -> None:
    """Add where the form is sent. To be called before `access.secure`, whose protection reads forms."""

    def written() -> Response:
        person = current_person()
        back = _back()
        try:
            if person is None:
                raise ActionError("nobody is signed in")
            return _written(site, person, back)
        except (ActionError, CommentaryError) as error:
            return done(f"Nothing was changed: {error}.", back)
        except DBAPIError:
            _LOG.exception("the store cannot be written for commentary")
            return done("Nothing was changed: the store cannot be written at this moment.", back)

    server.add_url_rule(ACTION, "commentary", role_required(Role.EDITOR)(written), methods=["POST"])


def _back() -> str:
    """The page that the form stood on, of this site only."""
    back = request.form.get("back", "")
    return back if back == TREND or back.startswith(f"{TREND}?") else TREND


def _written(site: Site, person: Person, back: str) -> Response:
    asked, base = request.form.get("do", ""), typed_number("base")
    about, typed = _about(site), plain_remarks(_typed(asked))
    wanted = _STEPS.get(asked, CommentaryStep.DRAFT)
    problems = problems_of_remarks(typed) if wanted is CommentaryStep.SHOWN else {}
    step = CommentaryStep.DRAFT if problems else wanted
    reason = request.form.get("reason", "")
    found = write_commentary(site.store, about, typed, step, base=base, by=person, reason=reason)
    here = {WRITE: str(about.period.key)}
    if found.others:
        return _second(found, wanted, back, here)
    if found.number is not None:
        here[REVISION] = str(found.number)
    if problems:
        here[WRITING] = "check"
        return done("Kept as a draft. Readers do not see it yet: see what is wanted below.", _at(back, here))
    if step in _ENDS:
        return done(_ENDS[step], f"{back}#card-commentary")
    rows = len(typed.actions) + 1
    more = {"add": {ROWS: str(min(rows, MOST_ACTIONS))}, "preview": {WRITING: "preview"}}
    return done("Kept as a draft.", _at(back, {**here, **more.get(asked, {})}))


def _second(found: WrittenCommentary, wanted: CommentaryStep, back: str, here: dict[str, str]) -> Response:
    """What the second of two is told, with their own words in the form and the other's beside."""
    other: CommentaryRevision = found.others[-1]
    role = f"{other.remarks.role}, " if other.remarks.role else ""
    did = f"{other.by} ({role}{london_moment(other.at)}): {uncapitalised(STEP_WORDS[other.step])}"
    here[AGAINST] = str(other.number)
    if found.number is None:
        return done(f"Nothing was changed. Somebody wrote while you looked: {did}.", _at(back, here))
    here[REVISION] = str(found.number)
    kept = "Nothing was shown" if wanted is CommentaryStep.SHOWN else "Nothing of theirs was changed"
    words = (
        f"Somebody wrote while you did: {did}. {kept}; your words are kept as a draft, and stand in the form."
    )
    return done(f"{words} Theirs are compared below it.", _at(back, here))


def _at(back: str, here: dict[str, str]) -> str:
    joined = "&".join(f"{name}={value}" for name, value in here.items())
    return f"{back}{'&' if '?' in back else '?'}{joined}#card-editor"


def _about(site: Site) -> CommentaryAbout:
    code, place = request.form.get("indicator", ""), request.form.get("place", "")
    if code not in site.store.catalogue.indicators:
        raise ActionError("indicator: wanted one of the catalogue, found another")
    known = place in site.store.catalogue.organisations or place in site.settings.areas
    if not known:
        raise ActionError("organisation: wanted one that the catalogue has, found another")
    try:
        period = Period.from_key(int(request.form.get("period", "")))
    except (ValueError, KeyError):
        raise ActionError("period: wanted one of the list, found none") from None
    if period.start > site.today():
        raise ActionError(f"period: wanted one that has begun, found {period.label}")
    return CommentaryAbout(code, place, period)


def _typed(asked: str) -> Remarks:
    """What stands in the form, without the action whose button was pressed to remove it."""
    fields = [request.form.getlist(name)[: 4 * MOST_ACTIONS] for name in ("what", "owner", "by", "state")]
    states = {one.value: one for one in ActionState}
    actions = [
        PlannedAction(what, owner, by, states.get(state, ActionState.IN_HAND))
        for what, owner, by, state in zip_longest(*fields, fillvalue="")
    ]
    typed = Remarks(
        request.form.get("happened", ""),
        tuple(actions),
        request.form.get("assurance", ""),
        request.form.get("role", ""),
    )
    place = asked.removeprefix("remove-")
    if asked.startswith("remove-") and place.isdigit():
        kept = tuple(item for number, item in enumerate(actions) if str(number) != place)
        typed = replace(typed, actions=kept)
    return typed
