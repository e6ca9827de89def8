"""What an operator does with files of their own: each a form's POST, answered by the page again.

Files are kept in the folder of uploads and a run checks them; another loads those that the operator then wants.
"""

from __future__ import annotations

import secrets
from collections import Counter
from datetime import date
from pathlib import Path, PurePosixPath
from shutil import rmtree

from flask import Response, request
from werkzeug.datastructures import FileStorage

from db.domain import Maturity, Period, RunState
from db.domain.run import CheckStep, Run, RunKind, paths_of
from db.service.overview import UPLOAD as UPLOADED
from db.service.overview import request_once
from db.service.queue import request_run
from db.service.runs import findings_of, run_by_id
from db.settings import Settings
from db.store import Store, audit
from db.store.private import private_folder
from stp_dash.elements.links import OPERATIONS, href
from stp_dash.web.acting.forms import (
    ActionError,
    already,
    done,
    operator_name,
    typed_number,
    typed_numbers,
    typed_text,
)

_CHUNK = 1 << 20
_LONGEST_NAME = 150
_MOST_FILES = 50


class UploadActions:
    """The actions over an open store. Each is the transaction of one operator."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings

    def upload(self) -> Response:
        """Keep files and file the run that checks them, with what the form says of them."""
        asked, source = self._said()
        given = [item for item in request.files.getlist("file") if item.filename]
        if not given:
            raise ActionError("wanted a file, found none")
        if len(given) > _MOST_FILES:
            raise ActionError(f"wanted at most {_MOST_FILES} files at once, found {len(given)}")
        names = Counter(safe_name(item.filename or "") for item in given)
        if twice := [name for name, count in names.items() if count > 1]:
            raise ActionError(f"wanted files of different names, found {', '.join(twice)} more than once")
        paths: list[Path] = []
        try:
            for item in given:
                paths.append(self._keep(item))
        except ActionError:
            for path in paths:
                rmtree(path.parent, ignore_errors=True)
            raise
        return self._check({"paths": [str(path) for path in paths], **asked}, source)

    def check_again(self) -> Response:
        """Check the same files once more, with what the form now says of them."""
        run = self._checked()
        paths = [path for path in paths_of(run.request) if Path(path).is_file()]
        if not paths:
            raise ActionError("these files were loaded or discarded already")
        asked, source = self._said()
        return self._check({"paths": paths, **asked}, source)

    def load(self) -> Response:
        """File the run that loads what a check has found fit, only while the figures are as they were then.

        `leave` are the places of files that are left out, `also` of those that would be refused and are loaded all the
        same: they are then held, for a person to decide.
        """
        run = self._checked()
        if run.state is not RunState.UNCHANGED:
            raise ActionError(f"the check has not ended well: {run.state}")
        with self._store.reading() as connection:
            found = findings_of(connection, run.id)
        versions = [item.finding.count for item in found if item.finding.check == CheckStep.DATA_VERSION]
        idle = {CheckStep.REFUSED.value, CheckStep.LOADED_ALREADY.value}
        unfit = {item.file_name for item in found if item.finding.check in idle}
        leave, also = typed_numbers("leave"), typed_numbers("also")
        paths = [
            path
            for place, path in enumerate(paths_of(run.request))
            if Path(path).is_file()
            and (place in also or (place not in leave and Path(path).name not in unfit))
        ]
        if not paths or not versions:
            raise ActionError("no file is left to load")
        asked: dict[str, object] = {"paths": paths, "version": versions[0]}
        if run.request.get("hints"):
            asked["hints"] = run.request["hints"]
        run_id, new = request_once(
            self._store, run.source, RunKind.LOAD, asked, trigger=UPLOADED, by=operator_name()
        )
        words = f"Run {run_id} loads what was checked." if new else already(run_id, "these files")
        return done(words, href(OPERATIONS, run=str(run_id)))

    def discard(self) -> Response:
        """Remove files that were checked."""
        run, by = self._checked(), operator_name()
        folder = self._settings.uploads_folder.resolve()
        names = []
        for path in map(Path, paths_of(run.request)):
            if path.is_file() and path.parent.parent.resolve() == folder:
                rmtree(path.parent, ignore_errors=True)
                names.append(path.name)
        with self._store.writing() as connection:
            audit.record(connection, by, "discard files", f"run {run.id}", ", ".join(names))
        return done(f"Discarded: {', '.join(names) or 'nothing was left'}.", OPERATIONS)

    def _check(self, asked: dict[str, object], source: str | None) -> Response:
        run_id = request_run(
            self._store, source, kind=RunKind.CHECK, trigger=UPLOADED, by=operator_name(), request=asked
        )
        count = len(paths_of(asked))
        words = "The file is" if count == 1 else f"{count} files are"
        return done(f"{words} checked by run {run_id}.", href(OPERATIONS, check=str(run_id)))

    def _checked(self) -> Run:
        number = typed_number("check")
        with self._store.reading() as connection:
            run = run_by_id(connection, number)
        if run is None or run.kind is not RunKind.CHECK:
            raise ActionError(f"run {number} is no check of files")
        return run

    def _said(self) -> tuple[dict[str, object], str | None]:
        """What the form says of the files: hints as a run takes them, and the source."""
        source, hints = source_typed(self._store), hints_typed()
        return ({"hints": hints} if hints else {}), source

    def _keep(self, given: FileStorage) -> Path:
        """Write a file under the raw folder, in a folder of its own. Raises ActionError."""
        name = safe_name(given.filename or "")
        folder = self._settings.uploads_folder.resolve() / secrets.token_hex(12)
        size = 0
        try:
            private_folder(self._settings.store.raw_folder)
            folder.mkdir(parents=True)
            with (folder / name).open("wb") as file:
                while chunk := given.stream.read(_CHUNK):
                    size += file.write(chunk)
            if not size:
                raise ActionError(f"{name}: the file is empty or did not arrive whole")
        except OSError as error:
            rmtree(folder, ignore_errors=True)
            raise ActionError(f"{name} cannot be kept: {error.strerror or error}") from error
        except ActionError:
            rmtree(folder, ignore_errors=True)
            raise
        return folder / name


def source_typed(store: Store) -> str | None:
    """The source that the form says files are of, None to have it recognised. Raises ActionError for none of ours."""
    source = typed_text("source") or None
    known = {item.source_id for item in store.catalogue.indicators.values()}
    if source is not None and source not in known:
        raise ActionError(f"wanted one of the sources {', '.join(sorted(known))}, found {source[:50]!r}")
    return source


def hints_typed() -> str:
    """What the form says of files that they may not say themselves, as a run takes it. Raises ActionError."""
    maturity, published, period = typed_text("maturity"), typed_text("published"), typed_text("period")
    if maturity and maturity not in {item.label for item in Maturity}:
        raise ActionError(f"wanted provisional, final or revised figures, found {maturity[:50]!r}")
    day = ""
    if published:
        day = _day("Published on", published).isoformat()
    given = (("period", _period_key(period)), ("published", day), ("maturity", maturity))
    return " ".join(f"{name}={value}" for name, value in given if value)


def _period_key(typed: str) -> str:
    if not typed:
        return ""
    if len(typed) == 7:
        month = _day("Period", f"{typed}-01")
        return str(Period.month(month.year, month.month).key)
    return str(Period.snapshot(_day("Period", typed)).key)


def _day(label: str, typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        wanted = "a day such as 2026-10-08" if label != "Period" else "2026-08, or 2026-08-31 for one day"
        raise ActionError(f"{label}: wanted {wanted}, found {typed[:50]!r}") from None


def safe_name(given: str) -> str:
    """A file's own name, without folders and what no name may hold. Raises ActionError for none."""
    last = PurePosixPath(given.replace("\\", "/")).name
    name = "".join(letter for letter in last if letter.isprintable()).strip().lstrip(".")
    if not name:
        raise ActionError(f"wanted a file with a name, found {given[:_LONGEST_NAME]!r}")
    stem, dot, ending = name.rpartition(".")
    return (
        f"{stem[: _LONGEST_NAME - len(ending)]}{dot}{ending}"
        if dot and len(ending) < 10
        else name[:_LONGEST_NAME]
    )
