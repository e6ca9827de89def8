"""What operators do on the operations page: each a form's POST, answered by the page again with what came of it.

The site files requests and decisions; the scheduler does the work.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from flask import Flask, Response, request, send_file
from sqlalchemy.exc import DBAPIError

from db.catalogue.policy_dates import EARLIEST_MONTH
from db.domain import RunState
from db.domain.file import HeldState, LoadedFile
from db.domain.run import Run, RunKind
from db.domain.timing import ScheduleError
from db.figures.files import file_by_id, loaded_together
from db.service.held_files import HeldFileError, decide, held_file_by_id
from db.service.overview import request_once
from db.service.queue import QueueError, request_cancel, request_run
from db.service.runs import findings_of, run_by_id
from db.service.schedules import LostEditError, save_schedule, schedules, set_enabled
from db.settings import Settings
from db.store import Store
from stp_dash.elements.links import OPERATIONS, href
from stp_dash.pages.operations.parts import HELD_FILE, UPLOAD
from stp_dash.pages.operations.schedule_words import COMMON, OF_KIND, defined, problem_words
from stp_dash.pages.operations.uploads.actions import (
    UploadActions,
    hints_typed,
    safe_name,
    source_typed,
)
from stp_dash.pages.operations.words import source_name
from stp_dash.web.access import current_operator, operator_required
from stp_dash.web.acting.forms import (
    ActionError,
    already,
    done,
    number_from,
    operator_name,
    typed_number,
    typed_text,
)

SITE = "site"
"""The trigger of runs that somebody asks for on the page."""
LARGEST_FORM = 1_000_000
_LOG = logging.getLogger(__name__)


def register_actions(server: Flask, store: Store, settings: Settings) -> None:
    """Give the site its actions. To be called before `access.secure`, whose protection reads forms."""
    actions, uploads = Actions(store, settings), UploadActions(store, settings)
    views: dict[str, Callable[[], Response]] = {
        "run": actions.run,
        "cancel": actions.cancel,
        "schedule": actions.schedule,
        "pause": actions.pause,
        "resume": actions.resume,
        "dry-run": actions.dry_run,
        "backfill": actions.backfill,
        "held": actions.held,
        "held-several": actions.held_several,
        "upload": uploads.upload,
        "load": uploads.load,
        "discard": uploads.discard,
        "check-again": uploads.check_again,
        "undo-plan": actions.undo_plan,
        "undo": actions.undo,
    }
    server.add_url_rule(HELD_FILE, "held_file", operator_required(_told(actions.held_file)))
    server.config["MAX_CONTENT_LENGTH"] = LARGEST_FORM
    server.before_request(_let_uploads_be_large(settings))
    for name, view in views.items():
        address = f"{OPERATIONS}/{name}"
        server.add_url_rule(address, f"operations-{name}", operator_required(_told(view)), methods=["POST"])


def _let_uploads_be_large(settings: Settings) -> Callable[[], None]:
    def allow() -> None:
        if request.path == UPLOAD and current_operator() is not None:
            request.max_content_length = settings.fetch.largest_file_megabytes * 1_000_000

    return allow


def _told(view: Callable[[], Response]) -> Callable[[], Response]:
    """An action whose refusal is said on the page."""

    def answer() -> Response:
        try:
            return view()
        except (ActionError, QueueError, LostEditError, HeldFileError) as error:
            return done(f"Nothing was changed: {error}.", OPERATIONS)
        except DBAPIError:
            _LOG.exception("the store cannot be written for %s", request.path)
            return done("Nothing was changed: the store cannot be written at this moment.", OPERATIONS)

    return answer


class Actions:
    """The actions over an open store. Each is the transaction of one operator."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings

    # Runs

    def run(self) -> Response:
        """Ask for a refresh of a source; one that waits or is at work is not asked for twice."""
        source, name = self._source()
        run_id, new = request_once(self._store, source, RunKind.REFRESH, {}, trigger=SITE, by=operator_name())
        words = f"Run {run_id} of {name} is in the queue." if new else already(run_id, name)
        return done(words, OPERATIONS)

    def cancel(self) -> Response:
        """Cancel a run that waits or is at work."""
        run_id = typed_number("run")
        state = request_cancel(self._store, run_id, by=operator_name())
        words = "is cancelled" if state is RunState.CANCELLED else "will be stopped in a moment"
        return done(f"Run {run_id} {words}.", href(OPERATIONS, run=str(run_id)))

    # Schedules

    def schedule(self) -> Response:
        """Save a schedule; one that is none comes back with what was typed and what is wrong with it."""
        source, name = self._source()
        kind, version = typed_text("kind"), typed_text("version")
        names = (*OF_KIND.get(kind, ()), *COMMON)
        fields = {field: typed_text(field) for field in names if field in request.form}
        typed = href(OPERATIONS, edit=source, kind=kind, seen=version, **fields)
        try:
            definition = defined(kind, fields)
        except ScheduleError as error:
            return done(f"Nothing was saved. {'; '.join(problem_words(str(error)))}.", typed)
        try:
            saved = save_schedule(
                self._store, source, definition, by=operator_name(), version=typed_number("version")
            )
        except LostEditError as error:
            return done(f"{error}.".capitalize(), typed)
        return done(f"The schedule of {name} is saved: {saved.words}.", href(OPERATIONS, edit=source))

    def pause(self) -> Response:
        """Stop a schedule until it is resumed."""
        return self._switch(enabled=False)

    def resume(self) -> Response:
        """Let a paused schedule run again."""
        return self._switch(enabled=True)

    def _switch(self, *, enabled: bool) -> Response:
        source, name = self._source()
        set_enabled(self._store, source, enabled=enabled, by=operator_name(), version=typed_number("version"))
        words = "runs again from now on" if enabled else "is paused; what it misses is not caught up"
        return done(f"The schedule of {name} {words}.", href(OPERATIONS, edit=source))

    # Missing periods

    def dry_run(self) -> Response:
        """Ask what a backfill would load."""
        source, name = self._source()
        first, last, mode = typed_text("first"), typed_text("last"), typed_text("mode") or "missing"
        typed = {"of": source, "first": first, "last": last, "mode": mode}
        try:
            _check_range(first, last, mode)
        except ActionError as error:
            return done(f"Nothing was asked: {error}.", href(OPERATIONS, **typed))
        asked = {"first": first, "last": last, "mode": mode, "dry_run": True}
        run_id, new = request_once(
            self._store, source, RunKind.BACKFILL, asked, trigger=SITE, by=operator_name()
        )
        words = f"The dry run is in the queue as run {run_id}." if new else already(run_id, name)
        return done(words, href(OPERATIONS, plan=str(run_id), **typed))

    def backfill(self) -> Response:
        """Load what a dry run has planned."""
        planned = self._planned()
        asked = {name: value for name, value in planned.request.items() if name != "dry_run"}
        run_id, new = request_once(
            self._store,
            planned.source,
            RunKind.BACKFILL,
            asked,
            trigger=SITE,
            by=operator_name(),
            same=lambda run: run.kind is RunKind.BACKFILL and run.request.get("dry_run") is not True,
        )
        words = f"Missing periods are loaded by run {run_id}." if new else already(run_id, "a backfill")
        return done(words, href(OPERATIONS, run=str(run_id)))

    def _planned(self) -> Run:
        number = typed_number("plan")
        with self._store.reading() as connection:
            run = run_by_id(connection, number)
        if run is None or run.kind is not RunKind.BACKFILL or run.request.get("dry_run") is not True:
            raise ActionError(f"run {number} is no dry run")
        if run.state is not RunState.SUCCEEDED and run.state is not RunState.UNCHANGED:
            raise ActionError(f"the dry run has not ended well: {run.state}")
        return run

    # Files held back

    def held(self) -> Response:
        """Settle a held file: try it again as what the form says it is, accept it or reject it with a reason."""
        asked: dict[str, object] = {}
        if typed_text("decision") == "retry" and "period" in request.form:
            asked = {"hints": hints_typed(), "source": source_typed(self._store) or ""}
        words = self._decide(
            typed_number("file"), typed_text("held_at"), typed_text("decision"), typed_text("reason"), asked
        )
        return done(words, OPERATIONS)

    def held_several(self) -> Response:
        """The same for every held file that is ticked; what is said of each is told."""
        decision, reason, told = typed_text("decision"), typed_text("reason"), []
        ticked = request.form.getlist("several")[:200]
        if not ticked:
            raise ActionError("no file is ticked")
        for item in ticked:
            number, _, held_at = item.partition("@")
            try:
                told.append(self._decide(number_from("several", number), held_at, decision, reason))
            except (ActionError, HeldFileError) as error:
                told.append(f"Not changed: {error}.")
        return done(" ".join(told), OPERATIONS)

    def _decide(
        self, number: int, held_at: str, decision: str, reason: str, said: Mapping[str, object] | None = None
    ) -> str:
        """What came of a decision on a held file, of which a form may have `said` more. Raises ActionError."""
        if decision not in {"retry", "accept", "reject"}:
            raise ActionError(f"wanted to retry, accept or reject, found {decision!r}")
        with self._store.reading() as connection:
            file = held_file_by_id(connection, number)
        if file.held_at.isoformat() != held_at:
            raise ActionError(f"{file.name} has been refused again since: look at its reason of today")
        if file.state is HeldState.LOADED:
            raise ActionError(f"{file.name} is loaded already")
        if decision != "retry" and not reason:
            raise ActionError(f"wanted a reason to {decision} {file.name}, found none")
        if decision == "reject":
            with self._store.writing() as connection:
                decide(connection, number, HeldState.REJECTED, by=operator_name(), decision=reason)
            return f"{file.name} is rejected."
        if decision == "accept" and not file.kind.acceptable:
            raise ActionError(f"{file.name} cannot be accepted: it is held for its {file.kind.value}")
        asked: dict[str, object] = {"held_file": number, **(said or {})}
        if decision == "accept":
            asked |= {"accept": True, "reason": reason, "held_at": held_at}
        run_id, new = request_once(
            self._store,
            str(asked.get("source", "")) or file.source or None,
            RunKind.RETRY_HELD_FILE,
            asked,
            trigger=SITE,
            by=operator_name(),
            same=lambda run: run.request.get("held_file") == number,
        )
        return f"{file.name} is in the queue as run {run_id}." if new else already(run_id, file.name)

    def held_file(self) -> Response:
        """The bytes of a held file, as they came."""
        typed = request.args.get("file", "")
        with self._store.reading() as connection:
            file = held_file_by_id(connection, number_from("file", typed))
        try:
            return send_file(
                Path(file.path).resolve(strict=True),
                mimetype="application/octet-stream",
                as_attachment=True,
                download_name=safe_name(file.name),
            )
        except OSError as error:
            raise ActionError(
                f"the bytes of {file.name} cannot be read: {error.strerror or error}"
            ) from error

    # Undo

    def undo_plan(self) -> Response:
        """Ask what undoing a file, or all files of its load, or putting them back, would change."""
        file, files = self._file(), []
        if typed_text("whole"):
            with self._store.reading() as connection:
                files = [item.id for item in loaded_together(connection, file)]
        asked = {"files": files or [file.id], "puts_back": file.undone_by is not None, "dry_run": True}
        run_id = request_run(
            self._store, file.source, kind=RunKind.UNDO, trigger=SITE, by=operator_name(), request=asked
        )
        words = f"What would change is worked out by run {run_id}."
        return done(words, href(OPERATIONS, file=str(file.id), plan=str(run_id)))

    def undo(self) -> Response:
        """Undo the files of a plan, or put them back, as it said: only while the data is as it was then."""
        file, plan, reason = self._file(), typed_number("plan"), typed_text("reason")
        here = href(OPERATIONS, file=str(file.id), plan=str(plan))
        if not reason:
            return done("Nothing was changed: wanted a reason, found none.", here)
        with self._store.reading() as connection:
            run, found = run_by_id(connection, plan), findings_of(connection, plan)
        states = [item.finding.message for item in found if item.finding.check == "state of the data"]
        files = run.request.get("files") if run is not None and run.kind is RunKind.UNDO else None
        if run is None or not isinstance(files, list) or file.id not in files or not states:
            raise ActionError(f"run {plan} has not said what would change")
        asked = {
            "files": files,
            "puts_back": run.request.get("puts_back") is True,
            "reason": reason,
            "state": int(states[0]),
        }
        run_id, new = request_once(
            self._store, file.source, RunKind.UNDO, asked, trigger=SITE, by=operator_name()
        )
        words = f"It is done by run {run_id}." if new else already(run_id, file.name)
        return done(words, href(OPERATIONS, run=str(run_id)))

    def _file(self) -> LoadedFile:
        number = typed_number("file")
        with self._store.reading() as connection:
            file = file_by_id(connection, number)
        if file is None:
            raise ActionError(f"the store holds no file {number}")
        return file

    def _source(self) -> tuple[str, str]:
        """The source that the form names, and its name in words. Raises ActionError where there is none."""
        asked = typed_text("source")
        topics = {item.source_id: item.topic for item in self._store.catalogue.indicators.values()}
        known = {*topics, *self._settings.schedules, *(item.source for item in schedules(self._store))}
        if asked not in known:
            raise ActionError(f"wanted one of the sources {', '.join(sorted(known))}, found {asked!r}")
        return asked, source_name(asked, topics)


def _check_range(first: str, last: str, mode: str) -> None:
    months = [_month("From", first), _month("To", last)]
    if mode not in {"missing", "all"}:
        raise ActionError(f"wanted missing or all periods, found {mode!r}")
    if not EARLIEST_MONTH <= months[0] <= months[1]:
        raise ActionError(
            f"wanted months from {EARLIEST_MONTH:%B %Y} on, the first not after the last, found {first} to {last}"
        )


def _month(label: str, typed: str) -> date:
    try:
        if len(typed) == 7 and typed.isascii():
            return date.fromisoformat(f"{typed}-01")
    except ValueError:
        pass
    raise ActionError(f"{label}: wanted a month such as 2022-04, found {typed!r}")
