"""Held files, settled by a person: tried again after a fix, accepted with a reason, or rejected."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from db.domain import FileState
from db.domain.file import HeldFile, HeldState
from db.domain.run import RunKind
from db.service import held_files
from db.service.held_files import HeldFileError
from db.settings import Settings
from db.store import Store, audit
from etl.pipeline.job import Arrival, FileResult, HeldFileDecision, Job
from etl.pipeline.load_or_hold import load_arrival
from etl.pipeline.progress import Progress, Silent
from etl.pipeline.run import OpenRun, RunSummary, summary_of
from etl.registry import source_by_id
from etl.source import Hints, RawFile, SourceError

TRIGGER = "held file"


def retry(
    store: Store,
    settings: Settings,
    held_file_id: int,
    *,
    by: str,
    accept: bool = False,
    reason: str = "",
    hints: Hints | None = None,
    source_id: str | None = None,
    held_at: datetime | None = None,
    run_id: int | None = None,
) -> FileResult:
    """Load a held file from the bytes that were kept, through the same pipeline as any other file.

    With `accept` and a reason, errors of plausibility are loaded as warnings that say who accepted them and why:
    only where they are, word for word, those that the held file is held for. Nothing else is ever accepted.
    `held_at` is when the file was held as that person saw it: a file refused again since must be looked at again.
    `hints` stand in for those that the file came with, and `source_id` for its source: None keeps them, and with ""
    the source is recognised from the content.
    Afterwards the held file is `loaded`, or as before with the reason of today. The decision is in the audit.
    Raises SourceError where there is no such held file, it is loaded already, its bytes are lost, or the acceptance
    lacks a reason or may not be given.
    """
    decision = _decision(store, held_file_id, by, accept=accept, reason=reason.strip(), held_at=held_at)
    return retry_decided(store, settings, decision, hints=hints, source_id=source_id, run_id=run_id).results[
        0
    ]


def retry_decided(
    store: Store,
    settings: Settings,
    decision: HeldFileDecision,
    *,
    hints: Hints | None = None,
    source_id: str | None = None,
    run_id: int | None = None,
) -> RunSummary:
    """As `retry`, giving the whole run."""
    held = decision.held
    arrival = _kept(held)
    if hints is not None:
        arrival = replace(arrival, hints=hints)
    known = held.source if source_id is None else source_id
    source = source_by_id(known) if known else None
    with store.writing() as connection:
        action = "accept held file" if decision.accept else "retry held file"
        audit.record(connection, decision.by, action, held_files.subject(held), decision.reason)
    run = OpenRun.of(
        store,
        run_id,
        source=known or None,
        kind=RunKind.RETRY_HELD_FILE,
        trigger=TRIGGER,
        requested_by=decision.by,
    )
    if run is None:
        raise SourceError(f"held file {held.id}: the run could not be recorded")
    result = load_arrival(Job(store, settings, run.id, decision), source, arrival)
    if decision.accept and result.state is FileState.REFUSED and result.held_file_id == held.id:
        message = f"not as it was when it was accepted, so look again: {result.message}"
        result = replace(result, message=message)
    if result.state is FileState.UNCHANGED:
        _settled(store, decision)
    return run.finish(summary_of(run, [result]))


def _settled(store: Store, decision: HeldFileDecision) -> None:
    """The store has the bytes already: the held file is settled."""
    with store.writing() as connection:
        held_files.decide(
            connection, decision.held.id, HeldState.LOADED, by=decision.by, decision="loaded already"
        )


def reject(store: Store, held_file_id: int, *, by: str, reason: str) -> None:
    """Settle that a held file is not to be loaded; a refresh that meets its bytes again leaves them alone.

    Raises SourceError where there is no such held file, it is loaded already, or no reason is given.
    """
    try:
        with store.writing() as connection:
            held_files.decide(connection, held_file_id, HeldState.REJECTED, by=by, decision=reason.strip())
    except HeldFileError as error:
        raise SourceError(str(error)) from error


def run_load_request(
    store: Store,
    settings: Settings,
    request: dict[str, Any],
    progress: Progress | None = None,
    *,
    by: str,
    run_id: int | None = None,
) -> RunSummary:
    """What the queue asks for: {"held_file": 3, "accept": true, "reason": "..."}.

    The last two may be left out, and so may "held_at" (ISO 8601), "hints" and "source": `retry` says what they mean.
    Raises SourceError as `retry` does, and for a request that lacks its file.
    """
    held_file_id = request.get("held_file")
    if not isinstance(held_file_id, int):
        raise SourceError(f"request {request}: wanted the number of a held file, found {held_file_id!r}")
    decision = _decision(
        store,
        held_file_id,
        by,
        accept=request.get("accept") is True,
        reason=str(request.get("reason", "")).strip(),
        held_at=_moment(request.get("held_at")),
    )
    watcher = progress or Silent()
    watcher.files(1)
    watcher.file_started(decision.held.name)
    summary = retry_decided(
        store,
        settings,
        decision,
        hints=_hints(request["hints"]) if "hints" in request else None,
        source_id=str(request["source"]) if "source" in request else None,
        run_id=run_id,
    )
    watcher.file_finished(decision.held.name, summary.results[0].state.value)
    return summary


def _hints(text: object) -> Hints:
    try:
        return Hints.of_text(str(text))
    except (ValueError, KeyError) as error:
        raise SourceError(f"wanted what is said of a held file, found {text!r}: {error}") from error


def _moment(text: object) -> datetime | None:
    try:
        return None if text is None else datetime.fromisoformat(str(text))
    except ValueError as error:
        raise SourceError(f"wanted the moment when the file was held, found {text!r}") from error


def _decision(
    store: Store, held_file_id: int, by: str, *, accept: bool, reason: str, held_at: datetime | None
) -> HeldFileDecision:
    try:
        with store.reading() as connection:
            held = held_files.held_file_by_id(connection, held_file_id)
    except HeldFileError as error:
        raise SourceError(str(error)) from error
    named = held_files.subject(held)
    if held.state is HeldState.LOADED:
        raise SourceError(f"{named} is loaded already")
    if held_at is not None and held.held_at != held_at:
        raise SourceError(
            f"{named} has been refused again since: look at its reason of today ({held.reason})"
        )
    if accept and not held.kind.acceptable:
        raise SourceError(
            f"{named} cannot be accepted, for it is held for its {held.kind.value} and not for its plausibility: "
            f"{held.reason}"
        )
    if accept and not reason:
        raise SourceError(f"wanted a reason to accept {named}, found none")
    return HeldFileDecision(held, by, accept, reason)


def _kept(held: HeldFile) -> Arrival:
    """The file as it came. Raises SourceError where its bytes are gone or are no longer those that were kept."""
    named = held_files.subject(held)
    try:
        content = Path(held.path).read_bytes()
    except OSError as error:
        raise SourceError(f"{named}: {held.path} cannot be read: {error.strerror or error}") from error
    if hashlib.sha256(content).hexdigest() != held.sha256:
        raise SourceError(f"{named}: {held.path} is not the file that was kept: its SHA-256 differs")
    return Arrival(RawFile(held.name, content), _hints(held.hints), held.url)
