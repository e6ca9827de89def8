"""Facts about each source as people write them: one TOML file each, `sources/<id>.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from db.catalogue.errors import CatalogueError
from db.catalogue.indicator_files import Text, Url
from db.catalogue.publication import Calendar, Expected, WeekdayOfMonth, WeeksAfterPeriod, due_after
from db.catalogue.toml_files import read_toml
from db.domain import Period

SOURCES_FOLDER = Path(__file__).resolve().parent / "sources"

Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Licence(StrEnum):
    """By which licence figures may be shown."""

    OPEN_GOVERNMENT = "Open Government Licence v3.0"
    ATTRIBUTION = "Free to use with attribution"


@dataclass(frozen=True)
class Publication:
    """What a source is: who publishes it, where, under which licence, and when its next figures are due.

    `licence_note` is what else the licence asks to be said, "" for nothing. `older_landing_urls` are tried in
    order where the landing page fails. `calendar` is None for a source that comes out on no usual day.
    """

    id: str
    name: str
    publisher: str
    licence: Licence
    licence_note: str
    landing_url: str
    older_landing_urls: tuple[str, ...]
    calendar: Calendar | None


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _WeekdayOfMonth(_Written):
    kind: Literal["weekday of a month"]
    week: Annotated[int, Field(ge=1, le=4)]
    weekday: Weekday
    months_after: Annotated[int, Field(ge=0, le=12)]


class _WeeksAfterPeriod(_Written):
    kind: Literal["weeks after the period"]
    weeks: Annotated[int, Field(ge=1, le=52)]
    grace_days: Annotated[int, Field(ge=0, le=365)] = 0


class _Publication(_Written):
    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$", max_length=64)]
    name: Text
    publisher: Text
    licence: Licence
    licence_note: Text = ""
    landing_url: Url
    older_landing_urls: tuple[Url, ...] = ()
    calendar: Annotated[_WeekdayOfMonth | _WeeksAfterPeriod, Field(discriminator="kind")] | None = None


@cache
def publications() -> dict[str, Publication]:
    """Every source's facts by its id. Raises CatalogueError naming the file and the field."""
    found = (read_publication(path) for path in sorted(SOURCES_FOLDER.glob("*.toml")))
    return {item.id: item for item in found}


def expected_next(source: str, latest: Period) -> Expected | None:
    """When the period after a source's latest should be published; None for a source without a usual day."""
    known = publications().get(source)
    return due_after(known.calendar, latest) if known else None


def read_publication(path: Path) -> Publication:
    """One source's file, checked. Raises CatalogueError naming the file and the field."""
    written = read_toml(path, _Publication)
    if written.id != path.stem:
        raise CatalogueError(f"{path.name}: id: wanted the file's name, {path.stem}, found {written.id}")
    plain = {name: getattr(written, name) for name in _Publication.model_fields}
    return Publication(**{**plain, "calendar": _calendar(written.calendar)})


def _calendar(written: _WeekdayOfMonth | _WeeksAfterPeriod | None) -> Calendar | None:
    if isinstance(written, _WeekdayOfMonth):
        return WeekdayOfMonth(written.week, _WEEKDAYS.index(written.weekday), written.months_after)
    return WeeksAfterPeriod(written.weeks, written.grace_days) if written else None
