"""A file as it came, and what people hear when it cannot be read."""

from __future__ import annotations

from dataclasses import dataclass

from db.redaction import without_secrets


class SourceError(Exception):
    """Something that a person must hear about, in plain words. Never shown as a traceback, and never with a secret."""

    def __str__(self) -> str:
        return without_secrets(super().__str__())


class LayoutError(SourceError):
    """A file is not of the layout that it should have: where, what was wanted and what was found."""

    def __init__(self, where: str, wanted: str, found: str) -> None:
        self.where, self.wanted, self.found = where, wanted, found
        place = f"{where}: " if where else ""
        super().__init__(f"{place}wanted {wanted}, found {found}")


class UnreadableFileError(SourceError):
    """The bytes are not the kind of file that they should be: empty, cut short, a web page."""


@dataclass(frozen=True)
class RawFile:
    """A file as it came: its published name and its bytes."""

    name: str
    content: bytes
