"""Operators: who may change something, by a password that only its hash is kept of (argon2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, func, insert, or_, select, update

from db.store import Store, audit
from db.store.schema import operator, sign_in_attempt

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1_000
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_HASHER = PasswordHasher()


class OperatorError(Exception):
    """An operator cannot be made or changed: what was wanted and what was found."""


@dataclass(frozen=True)
class Operator:
    """Somebody who may sign in and change things, until the moment at which they were disabled."""

    name: str
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True)
class SignInLimits:
    """How many failed attempts are let pass within a time, for one name and from one address."""

    by_name: int = 5
    by_address: int = 20
    within: timedelta = timedelta(minutes=15)


def add_operator(store: Store, name: str, password: str, *, by: str) -> None:
    """Make an operator, or give one a new password and let them in again.

    Raises OperatorError for a name that is none, and for a password of fewer than 12 characters.
    """
    if not _NAME.fullmatch(name):
        raise OperatorError(
            f"name {name!r}: wanted 2 to 64 small letters, digits and . _ @ -, the first a letter or a digit"
        )
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise OperatorError(
            f"password: wanted at least {SHORTEST_PASSWORD} characters, found {len(password)}"
        )
    values = {"password_hash": _HASHER.hash(password), "disabled_at": None}
    with store.writing() as connection:
        known = connection.execute(select(operator.c.name).where(operator.c.name == name)).first()
        if known:
            connection.execute(update(operator).where(operator.c.name == name).values(values))
        else:
            connection.execute(insert(operator).values(name=name, created_at=datetime.now(UTC), **values))
        audit.record(connection, by, "password set" if known else "operator made", name)


def disable_operator(store: Store, name: str, *, by: str) -> None:
    """Let an operator in no more; what they did stays in the audit. Raises OperatorError for an unknown name."""
    with store.writing() as connection:
        changed = connection.execute(
            update(operator)
            .where(operator.c.name == name, operator.c.disabled_at.is_(None))
            .values(disabled_at=datetime.now(UTC))
        )
        if not changed.rowcount:
            raise OperatorError(f"name {name!r}: wanted an operator who may sign in")
        audit.record(connection, by, "operator disabled", name)


def operators(connection: Connection) -> list[Operator]:
    """Every operator there was, by name."""
    columns = (operator.c.name, operator.c.created_at, operator.c.disabled_at)
    return [Operator(*row) for row in connection.execute(select(*columns).order_by(operator.c.name))]


def is_operator(connection: Connection, name: str) -> bool:
    """Whether somebody of this name may sign in."""
    found = select(operator.c.name).where(operator.c.name == name, operator.c.disabled_at.is_(None))
    return connection.execute(found).first() is not None


def any_operator(connection: Connection) -> bool:
    """Whether anybody can sign in."""
    return (
        connection.execute(select(operator.c.name).where(operator.c.disabled_at.is_(None)).limit(1)).first()
        is not None
    )


def sign_in(
    store: Store, name: str, password: str, address: str, *, limits: SignInLimits = SignInLimits()
) -> bool:
    """Whether name and password let somebody in from an address; every attempt is recorded.

    After too many failures for the name or from the address the answer is no, whatever the password, until the time
    has passed. An unknown name takes as long as a known one.
    Raises TooManyAttemptsError while attempts are refused.
    """
    now = datetime.now(UTC)
    with store.writing() as connection:
        if _is_limited(connection, name, address, now, limits):
            raise TooManyAttemptsError(limits.within)
        known = select(operator.c.password_hash).where(
            operator.c.name == name, operator.c.disabled_at.is_(None)
        )
        kept = connection.execute(known).scalar()
        # Recorded as failed first: attempts made at the same time cannot slip past the limit together.
        row = {"at": now, "name": name[:64], "address": address[:64], "succeeded": False}
        attempt = connection.execute(
            insert(sign_in_attempt).values(row).returning(sign_in_attempt.c.id)
        ).scalar_one()
    succeeded = _verified(kept or _nobody(), password) and kept is not None
    if succeeded:
        with store.writing() as connection:
            connection.execute(
                update(sign_in_attempt).where(sign_in_attempt.c.id == attempt).values(succeeded=True)
            )
            audit.record(connection, name, "signed in", name, f"from {address}")
    return succeeded


class TooManyAttemptsError(Exception):
    """Attempts are refused for `wait` after the last failures."""

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        super().__init__(f"too many attempts: wait {wait.total_seconds() / 60:.0f} minutes")


def _is_limited(connection: Connection, name: str, address: str, now: datetime, limits: SignInLimits) -> bool:
    recent = (
        select(
            func.count().filter(sign_in_attempt.c.name == name[:64]).label("by_name"),
            func.count().filter(sign_in_attempt.c.address == address[:64]).label("by_address"),
        )
        .where(sign_in_attempt.c.at > now - limits.within)
        .where(sign_in_attempt.c.succeeded.is_(False))
        .where(or_(sign_in_attempt.c.name == name[:64], sign_in_attempt.c.address == address[:64]))
    )
    row = connection.execute(recent).one()
    return bool(row.by_name >= limits.by_name or row.by_address >= limits.by_address)


@cache
def _nobody() -> str:
    """A hash that no password fits, so that an unknown name takes as long to be refused as a known one."""
    return _HASHER.hash("nobody has this name")


def _verified(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False
