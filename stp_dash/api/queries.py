"""The parameters of the API's addresses as typed models: what each wants, in patterns and in words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from db.domain import OrganisationType
from db.domain.organisation import ENGLAND
from stp_dash.analysis.kinds import COMPARISONS
from stp_dash.statistics.profiles import PROFILES

USUAL_ROWS, MOST_ROWS = 1_000, 10_000
ON_OR_OFF = ("on", "off")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(found: object) -> object:
    if isinstance(found, str) and not _DAY.fullmatch(found):
        raise ValueError("wanted a day")
    return found


def _digits(found: object) -> object:
    if isinstance(found, str) and not (found.isascii() and found.isdigit()):
        raise ValueError("wanted a whole number")
    return found


def _wanting(words: str, example: str = "") -> dict[str, Any]:
    """What stands beside a parameter in the description: in words what it wants, and an example."""
    return {"x-wanted": words, **({"examples": [example]} if example else {})}


def _choices(values: Iterable[str]) -> dict[str, Any]:
    """The same of a parameter that is one of some values."""
    known = [str(value) for value in values]
    return {"x-wanted": f"one of {', '.join(known)}", "enum": known}


def _any_of(values: Iterable[str]) -> str:
    return f"^({'|'.join(values)})$"


VersionNumber = Annotated[int, Field(ge=1, lt=2**31), BeforeValidator(_digits)]
RowCount = Annotated[int, Field(ge=1, le=MOST_ROWS), BeforeValidator(_digits)]
Day = Annotated[date, BeforeValidator(_day)]
IndicatorId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
OrganisationCode = Annotated[str, Field(pattern=r"^[A-Z0-9]{2,12}$")]
Month = Annotated[str, Field(pattern=r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$")]
Words = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
_AN_INDICATOR = _wanting("the id of an indicator, as /api/v1/indicators lists them", "cancer-62-day-combined")
_A_CODE = _wanting("the code of an organisation, as /api/v1/organisations lists them", ENGLAND)


class Asked(BaseModel):
    """What every address takes: for which area, as of when, and which page of how many rows."""

    model_config = ConfigDict(extra="forbid")

    area: Words | None = Field(
        None,
        description="As the pages of this area show it: its organisations are ours, and its own figure stands where no "
        "organisation is asked for; without it the site's own area.",
        json_schema_extra=_wanting(
            "the code of an integrated care board, a region, England or a list of this site's", "QNX"
        ),
    )
    version: VersionNumber | None = Field(
        None,
        description="As the store held the figures at this data version.",
        json_schema_extra=_wanting("the number of a data version"),
    )
    published: Day | None = Field(
        None,
        description="As the figures had been published by this day.",
        json_schema_extra=_wanting("a day as 2024-03-31"),
    )
    limit: RowCount = Field(
        USUAL_ROWS,
        description="How many rows at most.",
        json_schema_extra=_wanting(f"a whole number from 1 to {MOST_ROWS:,}"),
    )
    cursor: str | None = Field(
        None,
        pattern="^[A-Za-z0-9_-]{1,64}$",
        description="Where to go on: taken from “next” of the page before.",
        json_schema_extra=_wanting("the cursor of the “next” of an earlier page"),
    )


class OfIndicators(Asked):
    """An indicator, or all."""

    indicator: IndicatorId | None = Field(
        None, description="Of this indicator alone.", json_schema_extra=_AN_INDICATOR
    )


class NotedQuery(OfIndicators):
    """What is noted of an indicator, of an organisation, or of both."""

    organisation: OrganisationCode | None = Field(
        None, description="On the charts of this organisation.", json_schema_extra=_A_CODE
    )


class IndicatorsQuery(OfIndicators):
    """The indicators of a topic or of a source."""

    topic: Words | None = Field(
        None,
        description="Of this topic alone.",
        json_schema_extra=_wanting("a topic of the catalogue", "Cancer"),
    )


class OrganisationsQuery(Asked):
    """A search for organisations."""

    search: Words | None = Field(
        None,
        description="Words of a name, an earlier name, a code or a place: the fifty nearest, the nearest first.",
        json_schema_extra=_wanting("words of 1 to 200 letters", "east kent"),
    )
    organisation: OrganisationCode | None = Field(
        None, description="This organisation alone.", json_schema_extra=_A_CODE
    )
    type: str | None = Field(
        None,
        pattern=_any_of(OrganisationType),
        description="Organisations of this type alone.",
        json_schema_extra=_choices(OrganisationType),
    )
    parent: OrganisationCode | None = Field(
        None,
        description="What belongs or belonged to this organisation.",
        json_schema_extra=_wanting("the code of an organisation"),
    )


class CommentaryQuery(OfIndicators):
    """What is said of an indicator, of an organisation or area, or of all."""

    organisation: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{2,64}$")] | None = Field(
        None, description="Of this organisation or area alone.", json_schema_extra=_A_CODE
    )


class SuccessionsQuery(Asked):
    """Who followed whom."""

    organisation: OrganisationCode | None = Field(
        None, description="Where this organisation is on either side.", json_schema_extra=_A_CODE
    )


class FiguresQuery(Asked):
    """An indicator of an organisation, or of the area."""

    indicator: IndicatorId = Field(description="The indicator.", json_schema_extra=_AN_INDICATOR)
    organisation: OrganisationCode | None = Field(
        None, description="The organisation; without it the area.", json_schema_extra=_A_CODE
    )


class SeriesQuery(FiguresQuery):
    """A control chart."""

    breakdown: Words | None = Field(
        None,
        description="A breakdown of the indicator, such as “tumour group: Breast”; without it the headline.",
        json_schema_extra=_wanting("a breakdown that the store holds"),
    )
    compare: OrganisationCode | None = Field(
        None,
        description="Whom to set beside; without it the national comparator.",
        json_schema_extra=_wanting("the code of another organisation"),
    )
    to: Month | None = Field(
        None,
        description="The month to look back from, as if it were the latest.",
        json_schema_extra=_wanting("a month as 2024-03"),
    )
    rules: str | None = Field(
        None,
        pattern=_any_of(PROFILES),
        description="The set of control chart rules; without it those recorded for the series, else the national ones.",
        json_schema_extra=_choices(PROFILES),
    )


class VariationQuery(Asked):
    """A comparison of organisations in one period."""

    indicator: IndicatorId = Field(description="The indicator.", json_schema_extra=_AN_INDICATOR)
    by: str | None = Field(
        None,
        pattern=_any_of(COMPARISONS),
        description="By which kind of organisation; without it the first that there are figures by.",
        json_schema_extra=_choices(COMPARISONS),
    )
    period: Month | None = Field(
        None,
        description="A month that the period lies in; without it the latest.",
        json_schema_extra=_wanting("a month as 2024-03"),
    )
    breakdown: Words | None = Field(
        None,
        description="A breakdown of the indicator, such as “tumour group: Breast”; without it the headline.",
        json_schema_extra=_wanting("a breakdown that the store holds"),
    )
    dispersion: str | None = Field(
        None,
        pattern=_any_of(ON_OR_OFF),
        description="Whether funnel limits allow for over-dispersion; without it where they fit.",
        json_schema_extra=_choices(ON_OR_OFF),
    )


class FilesQuery(Asked):
    """The files of a source, or of all."""

    source: Annotated[str, Field(pattern="^[a-z0-9_]{1,64}$")] | None = Field(
        None,
        description="Of this source alone.",
        json_schema_extra=_wanting(
            "the id of a source, as /api/v1/indicators names them", "cancer_waiting_times"
        ),
    )
