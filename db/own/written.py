"""Definitions of own measures as people write them, in a TOML file or in the form, checked as they are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import combinations, pairwise
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from db.catalogue.errors import CatalogueError
from db.catalogue.indicator_files import Text
from db.catalogue.toml_files import read_toml, wrong_keys
from db.domain import Break, Catalogue, Frequency, ImprovementDirection
from db.domain.own.measures import (
    OWN_TOPIC,
    Audience,
    LocalTarget,
    MeasureEvent,
    MeasureKind,
    MeasureUnit,
    OwnMeasure,
    TotalKind,
    UnitType,
)

_FREQUENCIES = Literal[Frequency.DAY, Frequency.WEEK, Frequency.MONTH, Frequency.QUARTER, Frequency.YEAR]
_CODE = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_COMPARATORS = {ImprovementDirection.INCREASE: ">=", ImprovementDirection.DECREASE: "<="}
Comparator = Literal[">=", "<="]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Visibility(_Part):
    audience: Audience = Audience.SIGNED_IN
    minimum_count: Annotated[int, Field(ge=2, le=100)] = 8


class _Unit(_Part):
    code: Annotated[str, Field(pattern=_CODE, max_length=40)]
    name: Annotated[Text, Field(max_length=80)]
    type: UnitType
    organisation: Annotated[str, Field(pattern=r"^[A-Z0-9]{3,6}$")]
    opened_on: date | None = None
    closed_on: date | None = None
    part_of: str = ""


class _Target(_Part):
    kind: Literal["local target"] = "local target"
    comparator: Comparator
    value: float
    label: Annotated[str, Field(max_length=80)] = ""
    effective_from: date
    effective_to: date | None = None
    set_by: Annotated[str, Field(max_length=160)] = ""
    organisation: str = ""
    unit: str = ""
    note: Annotated[str, Field(max_length=160)] = ""


class _Break(_Part):
    on: date
    reason: Text


class _Event(_Part):
    on: date
    words: Annotated[Text, Field(max_length=120)]
    unit: str = ""


class WrittenMeasure(_Part):
    """A definition as it is written. `measure` gives it as the product knows it."""

    id: Annotated[str, Field(pattern=r"^local-[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
    name: Annotated[Text, Field(max_length=160)]
    short_name: Annotated[Text, Field(max_length=60)]
    topic: Annotated[str, Field(pattern=f"^{OWN_TOPIC}$")] = OWN_TOPIC
    order: int = 50
    kind: MeasureKind
    unit: Annotated[str, Field(max_length=60)] = ""
    multiplier: Annotated[float, Field(gt=0)] = 1.0
    decimals: Annotated[int, Field(ge=0, le=4)] = 1
    minimum: float | None = None
    maximum: float | None = None
    numerator_label: Annotated[str, Field(max_length=100)] = ""
    denominator_label: Annotated[str, Field(max_length=100)] = ""
    halves: bool = False
    frequency: _FREQUENCIES
    improvement_direction: ImprovementDirection
    total: TotalKind = TotalKind.NONE
    lag_days: Annotated[int, Field(ge=0, le=800)] = 30
    definition: Text
    why_it_matters: Text
    caveats: Text
    data_source: Text
    owner: Annotated[Text, Field(max_length=100)]
    reviewed_on: date
    review_due_on: date
    compares_with: str = ""
    visibility: _Visibility = _Visibility()
    units: tuple[_Unit, ...] = ()
    standards: tuple[_Target, ...] = ()
    breaks: tuple[_Break, ...] = ()
    events: tuple[_Event, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _usual(cls, given: object) -> object:
        """What follows from the kind need not be written: per cent, and days."""
        if not isinstance(given, Mapping):
            return given
        usual: dict[str, object] = {}
        if given.get("kind") == MeasureKind.PROPORTION:
            usual = {"unit": "%", "multiplier": 100.0}
        elif given.get("kind") == MeasureKind.DAYS_BETWEEN:
            usual = {"unit": "days", "frequency": Frequency.DAY, "decimals": 0}
        return {**usual, **given}

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        problems = [*_own_problems(self), *_unit_problems(self), *_target_problems(self)]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def measure(self) -> OwnMeasure:
        """The measure that it defines."""
        plain = {name: getattr(self, name) for name in type(self).model_fields}
        for name in ("topic", "visibility", "standards"):
            del plain[name]
        plain["units"] = tuple(MeasureUnit(**item.model_dump()) for item in self.units)
        plain["targets"] = tuple(
            LocalTarget(**item.model_dump(exclude={"kind", "label"}), label=item.label or _label(item))
            for item in self.standards
        )
        plain["breaks"] = tuple(Break(item.on, item.reason) for item in self.breaks)
        plain["events"] = tuple(MeasureEvent(item.on, item.words, item.unit) for item in self.events)
        return OwnMeasure(
            **plain, audience=self.visibility.audience, minimum_count=self.visibility.minimum_count
        )


def _label(target: _Target) -> str:
    return f"Local target {target.value:g}"


def _own_problems(item: WrittenMeasure) -> Iterator[str]:
    counted = ("numerator_label", "denominator_label") if item.kind.needs_counts else ()
    for name in ("numerator_label",) if item.kind is MeasureKind.COUNT else counted:
        if not getattr(item, name).strip():
            yield f"{name}: wanted what is counted for a {item.kind}, found none"
    if item.kind is MeasureKind.PROPORTION and (item.unit, item.multiplier) != ("%", 100):
        yield f"unit: wanted % with the multiplier 100 for a proportion, found {item.unit} and {item.multiplier:g}"
    if item.kind in {MeasureKind.RATE, MeasureKind.MEAN, MeasureKind.SCORE} and not item.unit.strip():
        yield f"unit: wanted what a {item.kind} is in, such as “per 1,000 bed days”, found none"
    if item.kind.needs_value and item.total is TotalKind.SUM:
        yield f"total: wanted given or none, because a {item.kind} cannot be added up, found sum"
    if item.minimum is not None and item.maximum is not None and item.maximum <= item.minimum:
        yield f"maximum: wanted more than {item.minimum:g}, found {item.maximum:g}"
    if item.review_due_on <= item.reviewed_on:
        yield f"review_due_on: wanted a day after {item.reviewed_on}, found {item.review_due_on}"
    if item.kind is MeasureKind.DAYS_BETWEEN and item.frequency is not Frequency.DAY:
        yield f"frequency: wanted day for days between events, found {item.frequency}"
    if item.kind is MeasureKind.DAYS_BETWEEN and item.visibility.audience is Audience.PUBLIC:
        yield "visibility.audience: wanted signed in or organisation for days between events, found public"
    days = [one.on for one in item.breaks]
    if any(later <= earlier for earlier, later in pairwise(days)):
        yield f"breaks: wanted rising days, found {', '.join(map(str, days))}"


def _unit_problems(item: WrittenMeasure) -> Iterator[str]:
    known = {(unit.organisation, unit.code): unit for unit in item.units}
    if len(known) < len(item.units):
        yield "units: wanted each code once in an organisation"
    for unit in item.units:
        if unit.opened_on and unit.closed_on and unit.closed_on < unit.opened_on:
            yield f"units.{unit.code}.closed_on: wanted a day from {unit.opened_on}, found {unit.closed_on}"
        above, steps = unit, 0
        while above.part_of:
            parent = known.get((unit.organisation, above.part_of))
            steps += 1
            if parent is None or steps > len(known):
                yield (
                    f"units.{unit.code}.part_of: wanted the code of another unit of {unit.organisation}, found "
                    f"{above.part_of!r}"
                )
                break
            above = parent


def _target_problems(item: WrittenMeasure) -> Iterator[str]:
    codes = {unit.code for unit in item.units}
    for place, event in enumerate(item.events):
        if event.unit and event.unit not in codes:
            named = ", ".join(sorted(codes)) or "no unit"
            yield f"events.{place}.unit: wanted one of {named}, found {event.unit!r}"
    wanted = _COMPARATORS.get(item.improvement_direction)
    for place, target in enumerate(item.standards):
        if target.effective_to and target.effective_to < target.effective_from:
            yield (
                f"standards.{place}.effective_to: wanted a day from {target.effective_from}, found "
                f"{target.effective_to}"
            )
        if target.unit and target.unit not in codes:
            named = ", ".join(sorted(codes)) or "no unit"
            yield f"standards.{place}.unit: wanted one of {named}, found {target.unit!r}"
        if wanted and target.comparator != wanted:
            yield (
                f"standards.{place}.comparator: wanted {wanted} where improvement is {item.improvement_direction}, "
                f"found {target.comparator}"
            )
        if item.kind is MeasureKind.PROPORTION and not 0 <= target.value <= 100:
            yield f"standards.{place}.value: wanted 0 to 100 per cent, found {target.value:g}"
    for one, other in combinations(item.standards, 2):
        if (one.unit, one.organisation) == (other.unit, other.organisation) and _meet(one, other):
            yield (
                f"standards: wanted one local target on a day, found those from {one.effective_from} and "
                f"{other.effective_from}"
            )


def _meet(one: _Target, other: _Target) -> bool:
    last = date.max
    return one.effective_from <= (other.effective_to or last) and other.effective_from <= (
        one.effective_to or last
    )


def read_written(path: Path, catalogue: Catalogue) -> WrittenMeasure:
    """A definition in a TOML file. Raises CatalogueError naming file, field, what was wanted and what was found."""
    written = read_toml(path, WrittenMeasure)
    check_against(written, catalogue, path.name)
    return written


def written_from(given: Mapping[str, object], catalogue: Catalogue, name: str) -> WrittenMeasure:
    """A definition from fields of a form, or of the store. Raises CatalogueError as `read_written` does."""
    try:
        written = WrittenMeasure.model_validate(given)
    except ValidationError as error:
        raise CatalogueError(f"{name}: {wrong_keys(error)}") from error
    check_against(written, catalogue, name)
    return written


def check_against(written: WrittenMeasure, catalogue: Catalogue, name: str) -> None:
    """Raise CatalogueError where a definition names an organisation or indicator that the catalogue does not have."""
    for unit in written.units:
        if unit.organisation not in catalogue.organisations:
            raise CatalogueError(
                f"{name}: units.{unit.code}.organisation: wanted an organisation of the catalogue, found "
                f"{unit.organisation!r}"
            )
    if written.compares_with and written.compares_with not in catalogue.indicators:
        raise CatalogueError(
            f"{name}: compares_with: wanted the id of a published indicator, found {written.compares_with!r}"
        )
