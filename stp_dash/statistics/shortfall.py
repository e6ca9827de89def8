"""How many more staff an area would have at England's rate: the measure of Kent and Medway's Case for Change.

shortfall = (England's full-time equivalents / England's patients) x local patients - local full-time equivalents

The patients on both sides are those of the practices that gave a valid staff return, as stored; what share of all
registered patients they are goes with the result, and nothing is scaled up for the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

from stp_dash.statistics.series import number


@dataclass(frozen=True)
class Shortfall:
    """The result, in full-time equivalents: `count` above 0 is a shortfall, below 0 more staff than at the rate.

    `expected` is what England's rate gives for the local patients. The two coverages are the shares (0 to 1) of all
    registered patients that the figures rest on, None where not given.
    """

    count: float
    expected: float
    england_rate: float
    local_rate: float
    england_coverage: float | None
    local_coverage: float | None


def shortfall(
    england_fte: float,
    england_patients: float,
    local_fte: float,
    local_patients: float,
    *,
    england_registered: float | None = None,
    local_registered: float | None = None,
) -> Shortfall | None:
    """The shortfall of an area on one day by one definition; None where it has no patients to compare by.

    Rates are staff a patient. `england_registered` and `local_registered` are all registered patients, with or
    without a staff return. Raises ValueError, naming the argument, for a negative, missing or infinite number, and
    where fewer patients are registered than the figures rest on.
    """
    england_staff, england = (
        _quantity(england_fte, "england_fte"),
        _quantity(england_patients, "england_patients"),
    )
    local_staff, local = _quantity(local_fte, "local_fte"), _quantity(local_patients, "local_patients")
    if not england or not local:
        return None
    expected = england_staff / england * local
    return Shortfall(
        count=expected - local_staff,
        expected=expected,
        england_rate=england_staff / england,
        local_rate=local_staff / local,
        england_coverage=_coverage(england, england_registered, "england_registered"),
        local_coverage=_coverage(local, local_registered, "local_registered"),
    )


def _quantity(value: float, name: str) -> float:
    given = number(value, name)
    if given < 0:
        raise ValueError(f"{name} must be 0 or more, not {given:g}")
    return given


def _coverage(patients: float, registered: float | None, name: str) -> float | None:
    if registered is None:
        return None
    whole = _quantity(registered, name)
    if whole < patients:
        raise ValueError(f"{name} must be at least the {patients:g} patients covered, not {whole:g}")
    return patients / whole
