"""Zip files of data files: what is inside, read one member at a time and never written to disk.

A zip is judged before anything is unpacked: names that point outside it, members that claim to grow too large or
too many, and locked members are refused. Every failure is an `UnreadableFileError` in plain words.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import IO, Final

from etl.source import LayoutError, RawFile, UnreadableFileError

LARGEST_MEMBER: Final = 300_000_000
LARGEST_TOTAL: Final = 4_000_000_000
LARGEST_RATIO: Final = 250
MOST_MEMBERS: Final = 1_000

_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"
_LOCKED = 0x1
_SMALL = 10_000_000
# A damaged directory makes zipfile raise ValueError (a seek before the start, a name that is no text) and OSError too.
_DAMAGE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
    OverflowError,
)


@dataclass
class CheckedStream:
    """A packed file's bytes in pieces. Raises UnreadableFileError, as `damaged` says, and where it grows too large."""

    opened: IO[bytes] | gzip.GzipFile
    damaged: str
    _left: int = LARGEST_MEMBER

    def read(self, size: int = -1, /) -> bytes:
        return self._bounded(lambda: self.opened.read(size if size >= 0 else self._left + 1))

    def readline(self) -> bytes:
        return self._bounded(lambda: self.opened.readline(self._left + 1))

    def _bounded(self, read: Callable[[], bytes]) -> bytes:
        try:
            content = read()
        except _DAMAGE as error:
            raise UnreadableFileError(self.damaged) from error
        self._left -= len(content)
        if self._left < 0:
            raise UnreadableFileError(f"{self.damaged} (more than {LARGEST_MEMBER:,} bytes)")
        return content


@dataclass(frozen=True)
class Archive:
    """An opened zip: `names` are those of its files, in its order, without folders and what macOS adds."""

    file_name: str
    names: tuple[str, ...]
    opened: zipfile.ZipFile

    def read(self, name: str) -> RawFile:
        """One member whole, its checksum verified. Raises UnreadableFileError."""
        return RawFile(base_name(name), self._read(name, LARGEST_MEMBER))

    def start(self, name: str, size: int = 65_536) -> RawFile:
        """The first bytes of a member, enough for a header row. Raises UnreadableFileError."""
        return RawFile(base_name(name), self._read(name, size))

    @contextmanager
    def stream(self, name: str) -> Iterator[CheckedStream]:
        """A member opened, to be read in pieces; its checksum is verified at its end. Raises UnreadableFileError."""
        with self.opened.open(name) as member:
            damaged = f"{self.file_name}: '{name}' is damaged or cut short: fetch the file again"
            yield CheckedStream(member, damaged)

    def _read(self, name: str, size: int) -> bytes:
        try:
            with self.opened.open(name) as member:
                return member.read(size)
        except _DAMAGE as error:
            raise UnreadableFileError(
                f"{self.file_name}: '{name}' is damaged or cut short: fetch the file again"
            ) from error


def is_zip(raw: RawFile) -> bool:
    """Whether the bytes begin as a zip does. Workbooks (xlsx, ods) do too: see `is_workbook_archive`."""
    return raw.content.startswith(_ZIP)


def is_gzip(raw: RawFile) -> bool:
    """Whether the bytes begin as a single file packed by gzip does."""
    return raw.content.startswith(_GZIP)


def gunzipped(raw: RawFile, size: int) -> RawFile:
    """The first bytes of the file that gzip packed, under its name without ".gz". Raises UnreadableFileError."""
    with gzip_stream(raw) as opened:
        return RawFile(raw.name.removesuffix(".gz"), opened.read(size))


@contextmanager
def gzip_stream(raw: RawFile) -> Iterator[CheckedStream]:
    """The file that gzip packed, opened, to be read in pieces. Raises UnreadableFileError."""
    with gzip.open(io.BytesIO(raw.content)) as opened:
        yield CheckedStream(opened, f"{raw.name} is cut short or damaged: fetch it again")


@contextmanager
def naming(table: str, zip_name: str = "") -> Iterator[None]:
    """Errors inside name the file, and the member of a zip."""
    file = f"{zip_name}, '{table}'" if zip_name else table
    try:
        yield
    except LayoutError as error:
        place = error.where.removeprefix(table).removeprefix(", ")
        raise LayoutError(f"{file}, {place}" if place else file, error.wanted, error.found) from error
    except UnreadableFileError as error:
        raise UnreadableFileError(f"{zip_name}: {error}" if zip_name else str(error)) from error


def is_workbook_archive(archive: Archive) -> bool:
    """Whether a zip is a workbook by its parts."""
    return any(name in {"[Content_Types].xml", "mimetype", "content.xml"} for name in archive.names)


def base_name(name: str) -> str:
    """A member's name without its folders."""
    return PurePosixPath(name.replace("\\", "/")).name


@contextmanager
def open_archive(raw: RawFile) -> Iterator[Archive]:
    """A zip, checked before anything of it is unpacked.

    Raises UnreadableFileError for bytes that are no zip, a zip that is cut short, and one that could do harm.
    """
    if not raw.content.strip():
        raise UnreadableFileError(f"{raw.name} is empty")
    if not is_zip(raw):
        raise UnreadableFileError(f"{raw.name} is not a zip file")
    try:
        opened = zipfile.ZipFile(io.BytesIO(raw.content))
    except _DAMAGE as error:
        raise UnreadableFileError(f"{raw.name} is cut short or damaged: fetch it again") from error
    with opened:
        files = [entry for entry in opened.infolist() if not entry.is_dir()]
        _check(raw.name, files)
        names = tuple(entry.filename for entry in files if not _of_macos(entry.filename))
        yield Archive(raw.name, names, opened)


def _check(file_name: str, entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_MEMBERS:
        raise UnreadableFileError(
            f"{file_name}: wanted at most {MOST_MEMBERS:,} files inside, found {len(entries):,}"
        )
    total = sum(entry.file_size for entry in entries)
    if total > LARGEST_TOTAL:
        raise UnreadableFileError(f"{file_name} unpacks to {total:,} bytes: too large to be read")
    twice = [name for name, count in Counter(entry.filename for entry in entries).items() if count > 1]
    if twice:
        raise UnreadableFileError(f"{file_name}: wanted each name once, found '{twice[0]}' twice")
    for entry in entries:
        _check_entry(file_name, entry)


def _check_entry(file_name: str, entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    if _points_outside(name):
        raise UnreadableFileError(f"{file_name}: '{name}' points outside the zip: the file is refused")
    if entry.flag_bits & _LOCKED:
        raise UnreadableFileError(f"{file_name}: '{name}' is locked with a password")
    if entry.file_size > LARGEST_MEMBER:
        raise UnreadableFileError(
            f"{file_name}: '{name}' unpacks to {entry.file_size:,} bytes: too large to be read"
        )
    if entry.file_size > _SMALL and entry.file_size > LARGEST_RATIO * max(entry.compress_size, 1):
        raise UnreadableFileError(
            f"{file_name}: '{name}' grows more than {LARGEST_RATIO} times when unpacked: the file is refused"
        )


def _points_outside(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    absolute = PurePosixPath(name.replace("\\", "/")).is_absolute() or PureWindowsPath(name).drive != ""
    return absolute or ".." in parts


def _of_macos(name: str) -> bool:
    return name.startswith("__MACOSX/") or base_name(name).startswith("._") or base_name(name) == ".DS_Store"
