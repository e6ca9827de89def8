"""Issued packs: documents kept by their hashes, with what they were made of and who issued them; never erased."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Row, insert, select, update

from db.domain import Period
from db.store import Store, StoreError, audit
from db.store.data_state import raise_data_version
from db.store.private import keep_bytes
from db.store.schema import issued_document, issued_figure, issued_pack
from db.version import code_version

PACKS = "board packs"
"""What a change of issued packs is counted as: pages of figures alone stay as they are."""


class PackError(StoreError):
    """An issued pack cannot be kept, opened or withdrawn: why, in plain words."""


@dataclass(frozen=True)
class IssuedDocument:
    """A document of an issued pack: `kind` is its ending, `size` in bytes."""

    kind: str
    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class IssuedFigure:
    """What a pack shows of an organisation in a period, or of several (codes with spaces between) added up."""

    indicator: str
    organisations: str
    period: Period
    numerator: float | None
    denominator: float | None
    value: float | None


@dataclass(frozen=True)
class PackIssue:
    """What is to be issued. `address` asks for the same pack of the figures of now, `commentary` is the newest revision
    of commentary in it (0: none), `order` the standing order that it is for."""

    title: str
    area: str
    address: str
    data_version: int
    demonstration: bool
    figures: tuple[IssuedFigure, ...]
    commentary: int = 0
    order: int | None = None


@dataclass(frozen=True)
class IssuedPack:
    """A pack that was issued, at a moment in UTC, and perhaps withdrawn since."""

    id: int
    title: str
    area: str
    address: str
    issued_at: datetime
    issued_by: str
    order_id: int | None
    data_version: int
    demonstration: bool
    commentary: int
    code_version: str
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    withdrawn_because: str | None
    documents: tuple[IssuedDocument, ...]


def issue_pack(
    store: Store, folder: Path, issue: PackIssue, documents: Mapping[str, tuple[str, bytes]], *, by: str
) -> int:
    """Keep the documents (kind: name and bytes) and then record the pack, in the audit too; its number.

    A process that is killed in between leaves bytes without a row, never a row without bytes. Raises PackError where
    the bytes cannot be kept.
    """
    kept = []
    for kind, (name, content) in documents.items():
        digest = hashlib.sha256(content).hexdigest()
        try:
            keep_bytes(folder, digest, f".{kind}", content)
        except OSError as error:
            raise PackError(f"{folder}: the pack cannot be kept: {error.strerror or error}") from error
        kept.append(IssuedDocument(kind, name, digest, len(content)))
    with store.writing() as connection:
        number = _record(connection, issue, kept, by)
        raise_data_version(connection, names=False, sources=[PACKS])
    return number


def _record(connection: Connection, issue: PackIssue, kept: Collection[IssuedDocument], by: str) -> int:
    row = {
        "title": issue.title,
        "area": issue.area,
        "address": issue.address,
        "issued_at": datetime.now(UTC),
        "issued_by": by,
        "order_id": issue.order,
        "data_version": issue.data_version,
        "demonstration": issue.demonstration,
        "commentary": issue.commentary,
        "code_version": code_version(),
    }
    statement = insert(issued_pack).values(row).returning(issued_pack.c.id)
    number = int(connection.execute(statement).scalar_one())
    connection.execute(insert(issued_document), [{"pack_id": number, **asdict(item)} for item in kept])
    figures = [
        {
            "pack_id": number,
            "indicator": item.indicator,
            "organisations": item.organisations,
            "period_id": item.period.key,
            "numerator": item.numerator,
            "denominator": item.denominator,
            "value": item.value,
        }
        for item in issue.figures
    ]
    if figures:
        connection.execute(insert(issued_figure), figures)
    audit.record(connection, by, "issue pack", f"pack {number}", f"{issue.title}, {issue.address}")
    return number


def withdraw_pack(store: Store, number: int, *, by: str, reason: str) -> None:
    """Say of an issued pack that it counts no longer, and why. Its documents stay. Raises PackError."""
    if not reason:
        raise PackError(f"wanted a reason to withdraw pack {number}, found none")
    with store.writing() as connection:
        now = {"withdrawn_at": datetime.now(UTC), "withdrawn_by": by, "withdrawn_because": reason}
        open_one = (issued_pack.c.id == number) & issued_pack.c.withdrawn_at.is_(None)
        if not connection.execute(update(issued_pack).where(open_one).values(now)).rowcount:
            raise PackError(f"there is no pack {number} that could be withdrawn")
        audit.record(connection, by, "withdraw pack", f"pack {number}", reason)
        raise_data_version(connection, names=False, sources=[PACKS])


def issued_packs(
    connection: Connection, *, area: str | None = None, most: int | None = None
) -> tuple[IssuedPack, ...]:
    """The packs that were issued, of an area or of all, the newest first."""
    statement = select(issued_pack).order_by(issued_pack.c.id.desc()).limit(most)
    if area is not None:
        statement = statement.where(issued_pack.c.area == area)
    return _with_documents(connection, connection.execute(statement).all())


def issued_pack_by_id(connection: Connection, number: int) -> IssuedPack | None:
    """An issued pack by its number."""
    rows = connection.execute(select(issued_pack).where(issued_pack.c.id == number)).all()
    return next(iter(_with_documents(connection, rows)), None)


def figures_issued(connection: Connection, number: int) -> tuple[IssuedFigure, ...]:
    """What an issued pack shows, by indicator, organisations and period, the newest period first."""
    key = (issued_figure.c.indicator, issued_figure.c.organisations, issued_figure.c.period_id.desc())
    rows = connection.execute(select(issued_figure).where(issued_figure.c.pack_id == number).order_by(*key))
    return tuple(
        IssuedFigure(
            row.indicator,
            row.organisations,
            Period.from_key(row.period_id),
            row.numerator,
            row.denominator,
            row.value,
        )
        for row in rows
    )


def issued_bytes(folder: Path, document: IssuedDocument) -> bytes:
    """The bytes of a document as they were issued. Raises PackError where they are gone or others."""
    path = folder / document.sha256[:2] / f"{document.sha256}.{document.kind}"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PackError(f"{document.name} cannot be read: {error.strerror or error}") from error
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise PackError(f"{document.name} is not as it was issued: its bytes have been changed since")
    return content


def _with_documents(
    connection: Connection, rows: Collection[Row[tuple[object, ...]]]
) -> tuple[IssuedPack, ...]:
    numbers = [row.id for row in rows]
    statement = select(issued_document).where(issued_document.c.pack_id.in_(numbers))
    documents: dict[int, list[IssuedDocument]] = {number: [] for number in numbers}
    for row in connection.execute(statement.order_by(issued_document.c.kind)):
        documents[row.pack_id].append(IssuedDocument(row.kind, row.name, row.sha256, row.size))
    return tuple(IssuedPack(**row._mapping, documents=tuple(documents[row.id])) for row in rows)
