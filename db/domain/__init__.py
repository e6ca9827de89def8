"""The product's nouns, as frozen values: periods, organisations, indicators, observations, files, runs.

Standard library only; `columns` needs numpy, and `timing` (with `refresh`, which rests on it) cronsim and pydantic:
they are not named here, so that whoever needs a period loads none of them.
`docs/decisions.md` says why the nouns are what they are.
"""

from __future__ import annotations

from db.domain.catalogue import Break, Catalogue, ImprovementDirection, Indicator, Standard, StandardKind
from db.domain.file import FileState, SourceFile
from db.domain.observation import (
    ALL,
    DETAIL_COLUMNS,
    OBSERVATION_COLUMNS,
    Basis,
    Maturity,
    breakdown_dimensions,
    breakdown_key,
    breakdown_members,
)
from db.domain.organisation import (
    ENGLAND,
    Area,
    Organisation,
    OrganisationType,
    Parent,
    Succession,
    SuccessionKind,
)
from db.domain.period import Frequency, Period, comparable_frequencies, frequency_code
from db.domain.run import Finding, LoadCounts, RunKind, RunState, Severity

__all__ = [
    "ALL",
    "DETAIL_COLUMNS",
    "ENGLAND",
    "OBSERVATION_COLUMNS",
    "Area",
    "Basis",
    "Break",
    "Catalogue",
    "FileState",
    "Finding",
    "Frequency",
    "ImprovementDirection",
    "Indicator",
    "LoadCounts",
    "Maturity",
    "Organisation",
    "OrganisationType",
    "Parent",
    "Period",
    "RunKind",
    "RunState",
    "Severity",
    "SourceFile",
    "Standard",
    "StandardKind",
    "Succession",
    "SuccessionKind",
    "breakdown_dimensions",
    "breakdown_key",
    "breakdown_members",
    "comparable_frequencies",
    "frequency_code",
]
