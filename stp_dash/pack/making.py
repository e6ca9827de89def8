"""Documents of a pack, each made by a process of its own with a limit of time, one at a time, and kept by state."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar
from zipfile import BadZipFile, ZipFile

import orjson
from sqlalchemy import Connection

from db.domain.holdings import DataVersion
from db.figures.data_version import data_version
from db.settings import PackSettings
from stp_dash.frame.cache import CacheKey
from stp_dash.frame.reader import check_time
from stp_dash.frame.request import PageRequest
from stp_dash.frame.turns import Turns
from stp_dash.pack.model import BoardPack
from stp_dash.pack.read import read_pack

MAKERS = {"pdf": "pdf", "pptx": "slides", "xlsx": "workbook", "png": "pictures"}
"""The module that makes each kind of document; `png` are the pictures of all sheets."""
WAIT_SECONDS = 20
"""How long one waits for its turn: nobody waits behind two."""
_ROOT = Path(__file__).resolve().parents[2]
_TURNS = Turns(at_once=1, waiting=1, seconds=WAIT_SECONDS)
_LOG = logging.getLogger(__name__)


class NotMadeError(Exception):
    """A document could not be made; the words are for the reader."""


@dataclass(frozen=True)
class PackKey(CacheKey[BoardPack]):
    """A pack as it was asked for on a day."""

    day: date
    parameters: tuple[tuple[str, str], ...]
    most: ClassVar[int] = 8


@dataclass(frozen=True)
class DocumentKey(CacheKey[bytes]):
    """A document of a pack."""

    pack: PackKey
    kind: str
    most: ClassVar[int] = 32_000_000

    def weight(self, value: bytes) -> int:
        """Bytes, and some for the key."""
        return 1_000 + len(value)


def pack_of(request: PageRequest, connection: Connection, version: DataVersion) -> BoardPack:
    """The pack that an address asks for, kept for as long as the data. Raises ParameterError.

    One with own measures is made anew, and nothing of it is kept.
    """
    if "own" in request.parameters:
        return read_pack(request, connection, version)
    key = _key(request)
    return request.site.cache.get(version, key, lambda: read_pack(request, connection, version))


def _key(request: PageRequest) -> PackKey:
    asked = tuple(sorted(item for item in request.parameters.items() if item[0] not in {"print", "sheet"}))
    return PackKey(request.site.today(), asked)


def document_of(request: PageRequest, kind: str) -> tuple[BoardPack, bytes]:
    """The pack that an address asks for, and its document of a kind, from what is kept or made now.

    The store is left before the document is made. Raises ParameterError, BusyError where two are being made or waited
    for already, NotMadeError, and what the router calls UNREADABLE.
    """

    def read(connection: Connection) -> tuple[DataVersion, BoardPack]:
        version = version_of_pack(request, connection)
        return version, pack_of(request, connection, version)

    site = request.site
    version, pack = site.read(read, current="version" in request.parameters or request.signed_in is not None)
    if pack.own:
        return pack, documents_of(pack, (kind,), site.settings.pack)[kind]
    key = DocumentKey(_key(request), kind)

    def make() -> bytes:
        with _TURNS.turn():
            # Whoever had the turn before may have made the same.
            return site.cache.get(
                version,
                key,
                lambda: made_document(pack, kind, site.settings.pack.seconds, site.settings.pack.template),
            )

    return pack, site.cache.get(version, key, make)


def version_of_pack(request: PageRequest, connection: Connection) -> DataVersion:
    """The data version of now. Raises ParameterError for a time that there is not, NotMadeError for an empty store."""
    version = data_version(connection)
    check_time(request, connection, version)
    if not version.number:
        raise NotMadeError("No data is loaded yet, so that there is nothing for a pack.")
    return version


def documents_of(pack: BoardPack, kinds: Iterable[str], settings: PackSettings) -> dict[str, bytes]:
    """Documents of a pack by kind, made now in one turn. Raises BusyError and NotMadeError."""
    with _TURNS.turn():
        return {kind: made_document(pack, kind, settings.seconds, settings.template) for kind in kinds}


def made_document(pack: BoardPack, kind: str, seconds: float, template: Path | None = None) -> bytes:
    """The document, made now by a process that is ended after so many seconds. Raises NotMadeError."""
    if kind == "pptx" and template is not None and not template.is_file():
        raise NotMadeError(
            f"Setting pack.template: wanted a PowerPoint file, found none of the name {template.name}."
        )
    if kind == "pptx" and template is not None and not _is_presentation(template):
        raise NotMadeError(
            f"Setting pack.template: wanted a PowerPoint file, found that {template.name} is none."
        )
    maker = f"stp_dash.pack.documents.{MAKERS[kind]}"
    command = [
        sys.executable,
        "-m",
        maker,
        *([str(template.resolve())] if template and kind == "pptx" else []),
    ]
    try:
        done = subprocess.run(
            command,
            input=orjson.dumps(pack),
            capture_output=True,
            timeout=seconds,
            check=True,
            cwd=_ROOT,
            env={},
        )
    except subprocess.TimeoutExpired:
        raise NotMadeError(
            f"The pack took longer than {seconds:g} seconds and was stopped. Choose fewer indicators."
        ) from None
    except subprocess.CalledProcessError as error:
        told = error.stderr.decode(errors="replace").strip().splitlines()
        _LOG.error("a pack could not be made as %s: %s", kind, told[-1] if told else error.returncode)
        raise NotMadeError(
            "The pack could not be made. Whoever runs this site finds the reason in its log."
        ) from None
    return done.stdout


def _is_presentation(path: Path) -> bool:
    """Whether a file holds slides, or a template of slides."""
    try:
        with ZipFile(path) as file:
            return "ppt/presentation.xml" in file.namelist()
    except (BadZipFile, OSError):
        return False


def picture_addresses(content: bytes) -> list[str]:
    """The pictures of a document of kind `png`, one a sheet, as addresses of images."""
    return [f"data:image/png;base64,{sheet}" for sheet in orjson.loads(content)]
