"""Accounts: who may change something, by a password that only its hash is kept of (argon2), and in which role."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address, ip_network
from math import ceil

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, insert, select, union, update

from db.domain.people.role import Person, Role
from db.store import Store, audit
from db.store.schema import (
    held_file,
    issued_pack,
    load_run,
    operator,
    operator_session,
    pack_order,
    schedule_change,
    sign_in_attempt,
)

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1_000
NO_PEOPLE = frozenset({"config.toml", "scheduler", "demonstration"})
"""What acts without anybody: it stands where a name would."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_HASHER = PasswordHasher()


class OperatorError(Exception):
    """An operator cannot be made or changed: what was wanted and what was found."""


@dataclass(frozen=True)
class Operator:
    """Somebody who may sign in, until the moment at which they were disabled."""

    name: str
    role: Role
    organisations: frozenset[str]
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True)
class SignInLimits:
    """How many failed attempts are let pass within a time: from one address for one name, and for all names.

    Nobody is kept out by what others try elsewhere: a name alone is never counted.
    """

    by_name_and_address: int = 5
    by_address: int = 20
    within: timedelta = timedelta(minutes=15)


def add_operator(
    store: Store,
    name: str,
    password: str,
    *,
    by: str,
    role: Role | None = None,
    organisations: Collection[str] = (),
) -> None:
    """Make an account, an operator's without a role, or give one a new password and let them in again.

    A new password ends the account's sessions everywhere; role and organisations change only where they are given.
    Raises OperatorError for a name that is none, for a password of fewer than 12 characters, and for organisations
    that the catalogue does not have.
    """
    if not _NAME.fullmatch(name):
        raise OperatorError(
            f"name {name!r}: wanted 2 to 64 small letters, digits and . _ @ -, the first a letter or a digit"
        )
    _check_password(password)
    covered = _covered(store, organisations)
    values = {"password_hash": _HASHER.hash(password), "disabled_at": None}
    if role is not None:
        values["role"] = role.word
    if covered:
        values["organisations"] = covered
    with store.writing() as connection:
        known = connection.execute(select(operator.c.name).where(operator.c.name == name)).first()
        if known:
            connection.execute(update(operator).where(operator.c.name == name).values(values))
            end_sessions(connection, name)
        else:
            connection.execute(insert(operator).values(name=name, created_at=datetime.now(UTC), **values))
        detail = _described(role, covered) if role is not None or covered else ""
        audit.record(connection, by, "password set" if known else "operator made", name, detail)


def enter_by_provider(
    store: Store, subject: str, wanted: str, role: Role | None, address: str
) -> tuple[str, Role]:
    """Let somebody in whom a provider of OpenID Connect has named, and give their name and role here.

    `subject` is the provider's own mark of them, which never goes to somebody else; `wanted` the name that they are
    given at their first sign-in. Without a role, one of before stays, and whoever is new is a viewer.
    Raises OperatorError where they may no longer sign in, and where the name is another account's.
    """
    name = re.sub(r"[^a-z0-9._@-]+", "-", wanted.strip().lower())[:64].strip("-._@")
    with store.writing() as connection:
        known = connection.execute(select(operator).where(operator.c.subject == subject)).first()
        if known is not None and known.disabled_at is not None:
            raise OperatorError(f"{known.name} may no longer sign in")
        if known is None:
            name = name if _NAME.fullmatch(name) else f"person-{_hashed(subject)[:12]}"
            if connection.execute(select(operator.c.name).where(operator.c.name == name)).first():
                raise OperatorError(f"the name {name} is another account's here")
            given = role or Role.VIEWER
            row = {"name": name, "created_at": datetime.now(UTC), "password_hash": "", "role": given.word}
            connection.execute(insert(operator).values(subject=subject, **row))
            audit.record(connection, name, "account made", name, f"{given.word}, by the provider")
        else:
            name, before = known.name, Role.of_word(known.role)
            given = before if role is None else role
            if given is not before:
                connection.execute(update(operator).where(operator.c.name == name).values(role=given.word))
                detail = f"{given.word} by the provider's groups; before: {before.word}"
                audit.record(connection, name, "role given", name, detail)
        audit.record(connection, name, "signed in", name, f"by the provider, from {address}")
    return name, given


def set_role(store: Store, name: str, role: Role, organisations: Collection[str] = (), *, by: str) -> None:
    """Give an account another role and the organisations that it may write about, from its next click on.

    Raises OperatorError for an unknown name, and for organisations that the catalogue does not have.
    """
    covered = _covered(store, organisations)
    with store.writing() as connection:
        before = connection.execute(select(operator).where(operator.c.name == name)).first()
        if before is None:
            raise OperatorError(f"name {name!r}: wanted somebody who has an account")
        changed = {"role": role.word, "organisations": covered}
        connection.execute(update(operator).where(operator.c.name == name).values(changed))
        was = _described(Role.of_word(before.role), before.organisations)
        audit.record(connection, by, "role given", name, f"{_described(role, covered)}; before: {was}")


def _covered(store: Store, organisations: Collection[str]) -> str:
    unknown = sorted(set(organisations) - store.catalogue.organisations.keys())
    if unknown:
        raise OperatorError(
            f"organisation {unknown[0]!r}: wanted the code of an organisation, found none in the catalogue"
        )
    return " ".join(sorted(set(organisations)))


def _described(role: Role | None, covered: str) -> str:
    return (role or Role.OPERATOR).word + (f" for {covered.replace(' ', ', ')}" if covered else "")


def _check_password(password: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise OperatorError(
            f"password: wanted {SHORTEST_PASSWORD} to {LONGEST_PASSWORD:,} characters, found {len(password):,}"
        )


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
        end_sessions(connection, name)
        audit.record(connection, by, "operator disabled", name)


def operators(connection: Connection) -> list[Operator]:
    """Every account there was, by name."""
    return [
        Operator(
            row.name,
            Role.of_word(row.role),
            frozenset(row.organisations.split()),
            row.created_at,
            row.disabled_at,
        )
        for row in connection.execute(select(operator).order_by(operator.c.name))
    ]


def people(connection: Connection) -> frozenset[str]:
    """The names of all who have done something here: operators, and whoever asked, decided or changed."""
    columns = (
        operator.c.name,
        load_run.c.requested_by,
        load_run.c.cancel_requested_by,
        held_file.c.decided_by,
        schedule_change.c.changed_by,
        issued_pack.c.issued_by,
        issued_pack.c.withdrawn_by,
        pack_order.c.made_by,
    )
    found = connection.execute(union(*(select(column.label("name")) for column in columns))).scalars()
    return frozenset(name for name in found if name) - NO_PEOPLE


def any_operator(connection: Connection) -> bool:
    """Whether anybody can sign in."""
    return (
        connection.execute(select(operator.c.name).where(operator.c.disabled_at.is_(None)).limit(1)).first()
        is not None
    )


def sign_in(
    store: Store,
    name: str,
    password: str,
    address: str,
    *,
    device: str = "",
    limits: SignInLimits = SignInLimits(),
) -> bool:
    """Whether name and password let somebody in from an address; every attempt is recorded.

    After too many failures from the address the answer is no, whatever the password, until the time has passed. An
    unknown name takes as long as a known one. `device` is a browser in which the name has signed in before, ""
    for none: its failures are counted by themselves, so whoever shares the address cannot keep it out.
    Raises TooManyAttemptsError while attempts are refused.
    """
    succeeded = _attempted(store, name, password, device or address, limits)
    if succeeded:
        with store.writing() as connection:
            audit.record(connection, name, "signed in", name, f"from {address}")
    return succeeded


def change_password(
    store: Store,
    name: str,
    old: str,
    new: str,
    address: str,
    *,
    device: str = "",
    limits: SignInLimits = SignInLimits(),
) -> None:
    """Give an operator a new password of their own choice, for their old one, and end their sessions everywhere.

    Raises OperatorError where the old password is wrong or the new one is too short or the same, and
    TooManyAttemptsError as `sign_in` does: wrong passwords are counted alike.
    """
    _check_password(new)
    if new == old:
        raise OperatorError("new password: wanted another than the old one, found the same")
    if not _attempted(store, name, old, device or address, limits):
        raise OperatorError("old password: wanted the one that you sign in with, found another")
    with store.writing() as connection:
        changed = {"password_hash": _HASHER.hash(new)}
        connection.execute(update(operator).where(operator.c.name == name).values(changed))
        end_sessions(connection, name)
        audit.record(connection, name, "password changed", name, f"from {address}")


def _attempted(store: Store, name: str, password: str, address: str, limits: SignInLimits) -> bool:
    now, place = datetime.now(UTC), _counted_place(address)
    with store.writing() as connection:
        _check_limits(connection, name[:64], place, now, limits)
        known = select(operator.c.password_hash).where(
            operator.c.name == name, operator.c.disabled_at.is_(None)
        )
        kept = connection.execute(known).scalar()
        # Recorded as failed first: attempts made at the same time cannot slip past the limit together.
        row = {"at": now, "name": name[:64], "address": place, "succeeded": False}
        attempt = connection.execute(
            insert(sign_in_attempt).values(row).returning(sign_in_attempt.c.id)
        ).scalar_one()
    nobody = _nobody()
    succeeded = _verified(kept or nobody, password) and kept is not None
    if succeeded:
        with store.writing() as connection:
            connection.execute(
                update(sign_in_attempt).where(sign_in_attempt.c.id == attempt).values(succeeded=True)
            )
    return succeeded


class TooManyAttemptsError(Exception):
    """Attempts are refused for `wait` from now on."""

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        super().__init__(f"too many attempts failed: wait {self.minutes} minutes")

    @property
    def minutes(self) -> int:
        """Whole minutes until attempts are taken again, at least 1."""
        return max(1, ceil(self.wait.total_seconds() / 60))


def _check_limits(connection: Connection, name: str, place: str, now: datetime, limits: SignInLimits) -> None:
    """Raise TooManyAttemptsError where the place, or the name there, has as many recent failures as are let pass."""
    failed = (
        select(sign_in_attempt.c.at, sign_in_attempt.c.name)
        .where(sign_in_attempt.c.address == place, sign_in_attempt.c.succeeded.is_(False))
        .where(sign_in_attempt.c.at > now - limits.within)
        .order_by(sign_in_attempt.c.at.desc())
    )
    rows = connection.execute(failed).all()
    of_name = [row.at for row in rows if row.name == name]
    counted = ((of_name, limits.by_name_and_address), ([row.at for row in rows], limits.by_address))
    # The oldest failure that must pass out of the time before another attempt is taken.
    waits = [moments[most - 1] + limits.within - now for moments, most in counted if len(moments) >= most]
    if waits:
        raise TooManyAttemptsError(max(waits))


def _counted_place(address: str) -> str:
    """What an address is counted as: of IPv6 the network, whose addresses are all one household's."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


# Sessions


def open_session(store: Store, name: str, length: timedelta) -> str:
    """Begin a session and return its token, which is kept as a hash alone. Sessions that have run out are removed."""
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    with store.writing() as connection:
        connection.execute(delete(operator_session).where(operator_session.c.expires_at <= now))
        row = {"token_hash": _hashed(token), "name": name, "opened_at": now, "expires_at": now + length}
        connection.execute(insert(operator_session).values(row))
    return token


def session_person(connection: Connection, token: str) -> Person | None:
    """Whose session a token is of; None where it is over, or its account may no longer sign in."""
    found = (
        select(operator.c.name, operator.c.role, operator.c.organisations, operator.c.password_hash)
        .join(operator_session, operator_session.c.name == operator.c.name)
        .where(operator_session.c.token_hash == _hashed(token), operator.c.disabled_at.is_(None))
        .where(operator_session.c.expires_at > datetime.now(UTC))
    )
    row = connection.execute(found).first()
    if row is None:
        return None
    about = frozenset(row.organisations.split())
    return Person(row.name, Role.of_word(row.role), about, has_password=bool(row.password_hash))


def end_session(store: Store, token: str) -> None:
    """End one session, in every copy of its cookie."""
    with store.writing() as connection:
        connection.execute(delete(operator_session).where(operator_session.c.token_hash == _hashed(token)))


def sign_out_everywhere(store: Store, name: str, *, by: str) -> int:
    """End all of an operator's sessions, and return how many there were."""
    with store.writing() as connection:
        ended = end_sessions(connection, name)
        audit.record(connection, by, "signed out everywhere", name, f"{ended} sessions")
    return ended


def end_sessions(connection: Connection, name: str) -> int:
    """End all of an operator's sessions in a transaction that is open."""
    return connection.execute(delete(operator_session).where(operator_session.c.name == name)).rowcount


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@cache
def _nobody() -> str:
    """A hash that no password fits, so that an unknown name takes as long to be refused as a known one."""
    return _HASHER.hash("nobody has this name")


def _verified(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False
