"""The addresses of the files: which there are, and each of them, so that a transfer that broke off can go on."""

from __future__ import annotations

import re
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from flask import Blueprint, Response, current_app, redirect, request
from pydantic import BaseModel, Field
from werkzeug.utils import send_file

from db.figures.data_version import data_version, store_mark
from db.settings.sections import SiteSettings
from stp_dash.api.bulk.keeping import notes_folder, notes_kept, versions_kept
from stp_dash.api.bulk.package import MEDIA_TYPES, PACKAGES, SUMS
from stp_dash.api.bulk.tables import NOTED_TABLES
from stp_dash.api.problems import ProblemError
from stp_dash.elements.links import BULK
from stp_dash.frame.request import Site

_SUM = re.compile(r"([0-9a-f]{64})  ([a-zA-Z0-9.-]+)")
_YEAR_SECONDS = 365 * 86_400
_NOTES = "notes"
_NOTED = frozenset(f"{table.name}.{ending}" for table in NOTED_TABLES for ending in PACKAGES)
_NOTES_NOT_YET = (
    "What people wrote, or the data, changed since these files were made. They are made anew when nothing has changed "
    "for a minute."
)
_RETRY_SECONDS = 90
_NOT_YET = "The files are not made yet: that is done some minutes after data have been loaded."


class BulkFile(BaseModel):
    """A file of the whole store."""

    name: str = Field(description="The file's name.")
    address: str = Field(description="Where it is; this address always has the same bytes.")
    bytes: int = Field(ge=0, description="Its size.")
    sha256: str = Field(description="The SHA-256 of its bytes, as SHA256SUMS has it.")


class BulkFiles(BaseModel):
    """The files of the newest data version that there are files of."""

    version: int = Field(description="The data version that they hold.")
    demonstration: bool = Field(description="Whether some of the numbers are invented; rows of such say so.")
    created: date | None = Field(description="The day on which the data version was made.")
    package: str = Field(description="The data package (Frictionless) that describes the CSV files.")
    files: list[BulkFile] = Field(description="The files.")
    notes: list[BulkFile] = Field(
        description="The files of events, plans, commentary and issued packs, as readers see them: made anew whenever "
        "one of them changes, at the same addresses. None while they are being made anew."
    )


def add_bulk(blueprint: Blueprint) -> None:
    """Answer what is asked for at /api/v1/bulk and below."""
    add = partial(blueprint.add_url_rule, methods=["GET"], provide_automatic_options=False)
    add("/bulk", "bulk", _listed)
    add("/bulk/latest/<name>", "bulk-latest", _latest)
    add("/bulk/notes/<name>", "bulk-notes", _notes_file)
    add("/bulk/<int:version>/<name>", "bulk-file", _file)


def _listed() -> Response:
    """Which files there are."""
    version, folder = _newest()
    package = orjson.loads((folder / PACKAGES["csv.gz"]).read_bytes())
    notes = _notes_of_now()
    told = BulkFiles(
        version=version,
        demonstration="demonstration" in package["title"],
        created=package.get("created", "")[:10] or None,
        package=f"{_site_settings().path}{BULK}/{version}/{PACKAGES['csv.gz']}",
        files=_files(folder, str(version)),
        notes=_files(notes, _NOTES) if notes else [],
    )
    return Response(
        told.model_dump_json(), mimetype="application/json", headers={"Cache-Control": "no-cache"}
    )


def _files(folder: Path, place: str) -> list[BulkFile]:
    """The files of a folder, which are at a place below /bulk."""
    root = f"{_site_settings().path}{BULK}/{place}"
    return [
        BulkFile(name=name, address=f"{root}/{name}", bytes=(folder / name).stat().st_size, sha256=known)
        for name, known in _sums(folder).items()
    ]


def _latest(name: str) -> Response:
    """To the newest file of a name."""
    if name in _NOTED:
        place = _NOTES
    else:
        version, folder = _newest()
        _known(folder, name)
        place = str(version)
    found = redirect(f"{_site_settings().path}{BULK}/{place}/{name}")
    found.headers["Cache-Control"] = "no-cache"
    return Response(found.response, found.status_code, found.headers)


def _file(version: int, name: str) -> Response:
    """A file, or the part of it that is asked for."""
    folder = _folder()
    if version not in versions_kept(folder):
        known = ", ".join(map(str, versions_kept(folder))) or "none"
        raise ProblemError(404, f"There are no files of data version {version}. There are files of: {known}.")
    sent = _sent(folder / str(version), name, str(version))
    sent.cache_control.max_age = _YEAR_SECONDS
    sent.headers["Data-Version"] = str(version)
    return sent


def _notes_file(name: str) -> Response:
    """A file of what people wrote, as it is now, or the part of it that is asked for."""
    folder = _notes_of_now()
    if folder is None:
        raise ProblemError(503, _NOTES_NOT_YET, headers={"Retry-After": str(_RETRY_SECONDS)})
    sent = _sent(folder, name, _NOTES)
    sent.cache_control.no_cache = True
    return sent


def _sent(folder: Path, name: str, place: str) -> Response:
    tag = _known(folder, name)
    path = folder / name
    sent = send_file(
        path,
        _with_one_range(path.stat().st_size),
        mimetype=MEDIA_TYPES[path.suffix],
        as_attachment=True,
        download_name=f"performance-standards-{place}-{name}",
        etag=tag,
        response_class=Response,
    )
    return current_app.make_response(sent)


def _with_one_range(size: int) -> dict[str, Any]:
    """What is asked, with the range where it asks for one of bytes: else for all of a file of some size, as RFC 9110
    lets a server answer what it does not know, and has it answer an end that is longer than the file."""
    asked = {name: value for name, value in request.environ.items() if name != "HTTP_RANGE"}
    wanted = request.range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return asked
    start, _ = wanted.ranges[0]
    return asked if start < 0 and start < -size else {**asked, "HTTP_RANGE": request.environ["HTTP_RANGE"]}


def _known(folder: Path, name: str) -> str:
    """The hash of a file of a folder. Raises ProblemError for a name that there is not."""
    sums = _sums(folder)
    if name == SUMS:
        return f"sums-of-{folder.name}"
    if name not in sums:
        raise ProblemError(404, f"There is no file “{name[:80]}”. There are {', '.join(sums)} and {SUMS}.")
    return sums[name]


def _sums(folder: Path) -> dict[str, str]:
    told = (folder / SUMS).read_text("ascii")
    return {name: known for known, name in _SUM.findall(told)}


def _newest() -> tuple[int, Path]:
    """The newest version that there are files of, and their folder. Raises ProblemError."""
    folder = _folder()
    kept = versions_kept(folder)
    if not kept:
        raise ProblemError(404, _NOT_YET)
    return kept[0], folder / str(kept[0])


def _notes_of_now() -> Path | None:
    """The folder of the files of what people wrote, if they are of this state of it: of an earlier one they may hold
    words that were taken back since. Raises ProblemError for a site that makes no files.
    """
    folder, version = _folder(), _site().read(data_version)
    return notes_folder(folder, version.state) if version.state in notes_kept(folder) else None


def _folder() -> Path:
    site = _site()
    folder = site.settings.bulk.folder
    if folder is None:
        raise ProblemError(
            404, "This site makes no such files: its settings name no folder for them (bulk.folder)."
        )
    return folder.absolute() / site.read(store_mark)


def _site() -> Site:
    site: Site = current_app.extensions["api"].site
    return site


def _site_settings() -> SiteSettings:
    return _site().settings.site
