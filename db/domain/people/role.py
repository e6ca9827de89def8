"""What somebody may do here: four roles, each of which may do all that those before it may."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import IntEnum


class Role(IntEnum):
    """From least to most: a viewer changes nothing, an editor writes about figures, an operator refreshes and loads
    files, an administrator looks after people."""

    VIEWER = 1
    EDITOR = 2
    OPERATOR = 3
    ADMINISTRATOR = 4

    @property
    def word(self) -> str:
        """The role as people write it."""
        return self.name.lower()

    @classmethod
    def of_word(cls, word: str) -> Role:
        """The role that a word names, in large or small letters. Raises ValueError for a word that names none."""
        for role in cls:
            if role.word == word.strip().lower():
                return role
        raise ValueError(f"wanted a role ({', '.join(role.word for role in cls)}), found {word!r}")


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in. `organisations` are the codes that they may write about; none stands for all.
    `has_password` is whether this site keeps one for them: whom a provider or a proxy names has theirs there."""

    name: str
    role: Role
    organisations: frozenset[str] = frozenset()
    has_password: bool = True

    def writes_about(self, code: str) -> bool:
        """Whether they may write about an organisation or an area, by its code."""
        return self.role >= Role.EDITOR and (not self.organisations or code in self.organisations)


def role_of_groups(groups: Collection[str], roles: Mapping[str, Role]) -> Role:
    """The highest role that somebody's groups give. Where `roles` says of no group which, groups named as roles give
    them. Whoever is in none of these is a viewer."""
    given = roles or {role.word: role for role in Role}
    return max((given[group] for group in groups if group in given), default=Role.VIEWER)


def groups_in(header: str) -> frozenset[str]:
    """The groups that a header names: divided by semicolons or bars, and each of these by commas.

    What stands between semicolons counts as a whole too: a directory's names (CN=editors,OU=trust) hold commas.
    """
    wholes = [part.strip() for part in header.replace("|", ";").split(";")]
    parts = [part.strip() for whole in wholes for part in whole.split(",")]
    return frozenset(part for part in (*wholes, *parts) if part)
