"""Observations: the canonical frame, and whose, how settled and by what cut a count is."""

from __future__ import annotations

from enum import IntEnum, StrEnum

OBSERVATION_COLUMNS = (
    "indicator",
    "organisation",
    "organisation_name",
    "basis",
    "period",
    "breakdown",
    "numerator",
    "denominator",
    "value",
    "missing_reason",
    "maturity",
    "derived",
)
"""The canonical frame: all that a source may produce and all that the store accepts.

indicator          str    indicator id of the catalogue
organisation       str    code as published (`ENG` for England)
organisation_name  str    name as published, "" if the file gives none
basis              str    a `Basis` value
period             int    `Period.key`
breakdown          str    "all", or the key that `breakdown_key` makes
numerator          float  NaN where not published
denominator        float  NaN where not published
value              float  as published, in the indicator's unit (per cent is 0 to 100), else NaN
missing_reason     str    "" where a value can be had, else the publisher's reason by name
maturity           int    a `Maturity` value
derived            bool   True for a row that we summed, False for one that the publisher printed
"""

DETAIL_COLUMNS = (
    "lower_95",
    "upper_95",
    "lower_998",
    "upper_998",
    "count",
    "population",
    "note",
    "trust_kind",
)
"""What a frame may have besides: what is published beside a value, NaN and "" where it is not.

lower_95 to upper_998  float  the published 95% and 99.8% limits of the value, in the indicator's unit; of an indicator
                              with an `interval_label` the first two are what that says instead
count, population      float  counts that the value is not numerator / denominator of (a standardised rate's deaths)
note                   str    what the publisher says of the value
trust_kind             str    a `TrustKind` value: the trusts among which the publisher places this one
"""

DETAIL_WORDS = frozenset({"note", "trust_kind"})
"""Those of them that are words."""


class Basis(StrEnum):
    """Whom a count belongs to. Figures of two bases are never added together."""

    PROVIDER = "provider"
    COMMISSIONER = "commissioner"
    SUB_ICB_LOCATION = "sub-ICB location"
    TEAM = "team"
    PRACTICE = "practice"
    RESIDENCE = "residence"
    NATIONAL = "national"


class Maturity(IntEnum):
    """How settled a published figure is. A higher one wins over a lower one."""

    PROVISIONAL = 0
    FINAL = 1
    REVISED = 2

    @property
    def label(self) -> str:
        return self.name.lower()


ALL = "all"


def breakdown_key(members: dict[str, str]) -> str:
    """The text key of one labelled member of each named dimension: "route: Screening; tumour group: Breast".

    Dimensions stand in alphabetical order; no members means `all`.
    """
    return "; ".join(f"{name}: {members[name]}" for name in sorted(members)) or ALL


def breakdown_members(key: str) -> dict[str, str]:
    """The dimensions and members of a breakdown key; empty for `all`."""
    if key == ALL:
        return {}
    return dict(part.split(": ", 1) for part in key.split("; "))


def breakdown_dimensions(key: str) -> str:
    """The names of a key's dimensions: "route; tumour group", or `all`."""
    return "; ".join(breakdown_members(key)) or ALL


BASIS_CODES = {
    "provider": 1,
    "commissioner": 2,
    "sub-ICB location": 3,
    "team": 4,
    "practice": 5,
    "national": 6,
    "residence": 7,
}


_BASES = {code: Basis(name) for name, code in BASIS_CODES.items()}


def basis_of(code: int) -> Basis:
    """The basis that a number of `Columns.bases` stands for."""
    return _BASES[code]
