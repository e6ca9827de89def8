"""Which trusts the demonstration's publications are about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from db.domain import Organisation, OrganisationType

_NOT_ACUTE = re.compile(
    r"ambulance|mental|community|partnership|social care|health and care|psychiatric", re.IGNORECASE
)
# Trusts for mental health or community care whose names do not say so.
_NOT_ACUTE_CODES = frozenset(
    {"RAT", "RDY", "RHA", "RKL", "RLY", "RMY", "RNU", "RP1", "RPG", "RT1", "RT2", "RV3"}
    | {"RV5", "RV9", "RW1", "RW4", "RW5", "RWK", "RWX", "RX3", "RX4", "RXE", "RXM"}
)


def acute_trusts(organisations: Mapping[str, Organisation], day: date) -> list[Organisation]:
    """Trusts open on a day that plausibly are acute hospitals, by code.

    The catalogue does not say which trusts are acute: those whose name speaks of ambulances, mental health,
    community care or partnership are left out, and some whose name does not but who do no such work.
    """
    return [
        item
        for _, item in sorted(organisations.items())
        if item.type is OrganisationType.TRUST
        and re.fullmatch(r"R[0-9A-Z]{2}", item.code)
        and item.code not in _NOT_ACUTE_CODES
        and not _NOT_ACUTE.search(item.name)
        and is_open(item, day)
    ]


def board_on(organisations: Mapping[str, Organisation], item: Organisation, day: date) -> str:
    """The integrated care board that an organisation belongs to on a day, "" for none."""
    codes = (
        parent.code
        for parent in item.parents
        if parent.in_force(day) and organisations[parent.code].type is OrganisationType.ICB
    )
    return next(codes, "")


def is_open(item: Organisation, day: date) -> bool:
    """Whether an organisation is open on a day, as far as the catalogue knows."""
    opened = item.opened_on is None or item.opened_on <= day
    return opened and (item.closed_on is None or day <= item.closed_on)
