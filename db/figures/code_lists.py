"""The store's code lists: what its numbers of indicators, breakdowns, organisations and files stand for."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, exists, select

from db.domain import OrganisationType
from db.domain.file import FileReference
from db.domain.holdings import CodeLists
from db.domain.organisation import OrganisationChoice
from db.figures.observations import known_ids
from db.store.schema import (
    breakdown,
    indicator,
    organisation,
    organisation_parent,
    source_file,
    value_details,
)


def read_code_lists(connection: Connection, names: CodeLists | None = None) -> CodeLists:
    """All of them in five small queries, for a caller who keeps them for a state of the data.

    With `names`, lists whose names are still those of the store, only the files are read, and which
    indicators have details.
    """
    organisations = select(organisation.c.id, organisation.c.code, organisation.c.name, organisation.c.type)
    named = (source_file.c.name, source_file.c.title, source_file.c.url, source_file.c.published_on)
    files = select(source_file.c.id, *named, source_file.c.demonstration)
    files_by_number = {
        row.id: FileReference(row.id, row.name, row.title, row.url, row.published_on, bool(row.demonstration))
        for row in connection.execute(files)
    }
    any_details = exists().where(value_details.c.indicator_id == indicator.c.id)
    detailed = frozenset(connection.execute(select(indicator.c.id).where(any_details)).scalars())
    if names is not None:
        return CodeLists(names.indicators, names.breakdowns, names.organisations, files_by_number, detailed)
    return CodeLists(
        {row.id: row.code for row in connection.execute(select(indicator.c.id, indicator.c.code))},
        {row.id: row.key for row in connection.execute(select(breakdown.c.id, breakdown.c.key))},
        {
            row.id: OrganisationChoice(row.code, row.name, OrganisationType(row.type))
            for row in connection.execute(organisations)
        },
        files_by_number,
        detailed,
    )


def members_of(
    connection: Connection,
    code_lists: CodeLists,
    *,
    parents: Collection[str],
    types: Collection[OrganisationType],
) -> tuple[OrganisationChoice, ...]:
    """The organisations of some types that belong, or once belonged, to any of a few others, by name."""
    statement = select(organisation_parent.c.organisation_id).where(
        organisation_parent.c.parent_id.in_(known_ids(code_lists.organisation_ids, parents))
    )
    found = {code_lists.organisations[number] for number in connection.execute(statement).scalars()}
    return tuple(sorted((m for m in found if m.type in types), key=lambda m: (m.name, m.code)))


def parents_of(
    connection: Connection, code_lists: CodeLists, codes: Collection[str]
) -> dict[str, tuple[OrganisationChoice, ...]]:
    """What each of a few organisations belongs or belonged to, by its code."""
    statement = select(organisation_parent.c.organisation_id, organisation_parent.c.parent_id).where(
        organisation_parent.c.organisation_id.in_(known_ids(code_lists.organisation_ids, codes))
    )
    found: dict[str, dict[str, OrganisationChoice]] = {}
    for member, parent in connection.execute(statement):
        above = code_lists.organisations[parent]
        found.setdefault(code_lists.organisations[member].code, {})[above.code] = above
    return {code: tuple(above.values()) for code, above in found.items()}
