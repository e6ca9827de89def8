"""The indicators that are read of all those published: `listed.toml`, with what tells their rows from all others."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from db.catalogue.toml_files import read_toml
from db.domain import Basis, OrganisationType

_FILE: Final = Path(__file__).with_name("listed.toml")
Words = Annotated[str, Field(min_length=1)]


class ValueType(StrEnum):
    """What a value is. Of the first two count / denominator gives the value again; of the others nothing does."""

    PROPORTION = "proportion"
    CRUDE_RATE = "crude rate"
    STANDARDISED_RATE = "directly standardised rate"
    RATIO = "standardised ratio"
    SURVEY = "survey estimate"
    LIFE_EXPECTANCY = "life expectancy"

    @property
    def from_counts(self) -> bool:
        return self in {ValueType.PROPORTION, ValueType.CRUDE_RATE}


class YearType(StrEnum):
    """On which day a figure's years begin: 1 January or 1 April."""

    CALENDAR = "calendar"
    FINANCIAL = "financial"

    @property
    def first_month(self) -> int:
        return 1 if self is YearType.CALENDAR else 4


class ListedIndicator(BaseModel):
    """One series that is read: the catalogue's id and the publisher's, and what its rows are known by.

    `name_holds` is a part of the publisher's name, in small letters: a wrong id fails by it.
    `basis` is whose figures a council's are: its residents', or those of the practices that lie in it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    indicator: Words
    id: Annotated[int, Field(ge=1)]
    name_holds: Words
    value: ValueType
    sex: Words
    age: Words
    year_type: YearType
    years: Literal[1, 2, 3, 5]
    basis: Basis = Basis.RESIDENCE
    kinds: Annotated[tuple[OrganisationType, ...], Field(min_length=1)]

    @property
    def selection(self) -> str:
        """In words what is looked for: "Persons, <75 yrs, 1y, without a category"."""
        return f"{self.sex}, {self.age}, {self.years}y, without a category"


class _List(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    indicators: Annotated[tuple[ListedIndicator, ...], Field(min_length=1)]


@cache
def listed_indicators() -> tuple[ListedIndicator, ...]:
    """Every series that is read. Raises CatalogueError naming the file and the field."""
    return read_toml(_FILE, _List).indicators
