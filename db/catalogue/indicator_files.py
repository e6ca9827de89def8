"""Indicators as people write them: one TOML file each, with its breaks and dated standards inside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations, pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from db.catalogue.errors import CatalogueError
from db.catalogue.toml_files import read_toml
from db.domain import (
    Break,
    Frequency,
    ImprovementDirection,
    Indicator,
    OrganisationType,
    Standard,
    StandardKind,
)
from db.domain.catalogue import INTERVAL

_COMPARATORS = {ImprovementDirection.INCREASE: ">=", ImprovementDirection.DECREASE: "<="}
_PER_CENT = "%"


def _paragraphs(text: str) -> str:
    """Lines joined; a blank line still parts two paragraphs."""
    parts = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text))
    joined = "\n\n".join(part for part in parts if part)
    if not joined:
        raise ValueError("wanted some text")
    return joined


Text = Annotated[str, AfterValidator(_paragraphs)]
Url = Annotated[str, Field(pattern=r"^https?://\S+$")]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Break(_Written):
    on: date
    reason: Text


class _Standard(_Written):
    kind: StandardKind
    comparator: Literal[">=", "<="]
    label: Text
    effective_from: date
    effective_to: date | None = None
    value: float | None = None
    computed_from: str | None = None
    reference_url: Url
    note: str = ""


class _Indicator(_Written):
    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
    name: Text
    short_name: Text
    topic: Text
    source_id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    unit: Text
    multiplier: Annotated[float, Field(gt=0)]
    numerator_label: Text
    denominator_label: Text
    gap_unit: Text
    frequency: Frequency
    organisation_types: Annotated[tuple[OrganisationType, ...], Field(min_length=1)]
    improvement_direction: ImprovementDirection
    definition: Text
    why_it_matters: Text
    caveats: Text
    definition_url: Url
    owner: Text
    reviewed_on: date
    review_due_on: date
    order: int
    valid_from: date | None = None
    valid_to: date | None = None
    breaks: tuple[_Break, ...] = ()
    standards: tuple[_Standard, ...] = ()
    shown_beside: tuple[str, ...] = ()
    definition_of: str = ""
    rolling_periods: Annotated[int | None, Field(ge=2)] = None
    topic_order: int = 50
    is_total: bool = False
    is_stock: bool = False
    without_limits: str = ""
    is_order: bool = False
    is_plan: bool = False
    projects: str = ""
    by_trust_kind: bool = False
    may_repeat: bool = False
    decimals: Annotated[int | None, Field(ge=0, le=4)] = None
    interval_label: str = INTERVAL


def read_indicators(folder: Path) -> dict[str, Indicator]:
    """Every `*.toml` of a folder by id, in display order.

    Raises CatalogueError naming the file and the key.
    """
    items = [read_indicator(path) for path in sorted(folder.glob("*.toml"))]
    items.sort(key=lambda item: (item.topic, item.order, item.id))
    for one, next_one in pairwise(items):
        if (one.topic, one.order) == (next_one.topic, next_one.order):
            raise CatalogueError(
                f"{one.id}.toml and {next_one.id}.toml: order: wanted a different number for each "
                f"indicator of a topic, found {one.order} in both"
            )
    known = {item.id: item for item in items}
    places = {item.topic: item.topic_order for item in items}
    for item in items:
        if item.topic_order != places[item.topic]:
            raise CatalogueError(
                f"{item.id}.toml: topic_order: wanted one number for all of {item.topic}, found "
                f"{item.topic_order} and {places[item.topic]}"
            )
        for other in item.shown_beside:
            if other not in known or other == item.id:
                raise CatalogueError(
                    f"{item.id}.toml: shown_beside: wanted the ids of other indicators, found {other!r}"
                )
        if item.projects and (item.projects not in known or known[item.projects].projects):
            raise CatalogueError(
                f"{item.id}.toml: projects: wanted the id of an indicator that is counted, found {item.projects!r}"
            )
        main = known.get(item.definition_of)
        if item.definition_of and (main is None or main is item or main.definition_of):
            raise CatalogueError(
                f"{item.id}.toml: definition_of: wanted the id of the main definition, found {item.definition_of!r}"
            )
    return known


def read_indicator(path: Path) -> Indicator:
    """One indicator file, with every rule checked.

    Raises CatalogueError naming the file and the key.
    """
    written = read_toml(path, _Indicator)
    item = _indicator(written)
    problems = list(_problems(item, path.stem))
    if problems:
        raise CatalogueError(f"{path.name}: {'; '.join(problems)}")
    return item


def _indicator(written: _Indicator) -> Indicator:
    plain = {name: getattr(written, name) for name in type(written).model_fields}
    plain["breaks"] = tuple(Break(item.on, item.reason) for item in written.breaks)
    plain["standards"] = tuple(Standard(**item.model_dump()) for item in written.standards)
    return Indicator(**plain)


def _problems(item: Indicator, stem: str) -> Iterator[str]:
    if item.id != stem:
        yield f"id: wanted the file's name, {stem}, found {item.id}"
    if item.review_due_on <= item.reviewed_on:
        yield f"review_due_on: wanted a day after {item.reviewed_on}, found {item.review_due_on}"
    if item.valid_from and item.valid_to and item.valid_to < item.valid_from:
        yield f"valid_to: wanted a day from {item.valid_from}, found {item.valid_to}"
    if len(set(item.organisation_types)) < len(item.organisation_types):
        yield "organisation_types: wanted each type once"
    if item.rolling_periods is not None and item.frequency is Frequency.SNAPSHOT:
        yield "rolling_periods: wanted none, because snapshots cannot be added up"
    if item.by_trust_kind and set(item.organisation_types) != {OrganisationType.TRUST}:
        yield f"by_trust_kind: wanted trusts only, found {', '.join(item.organisation_types)}"
    yield from _break_problems(item)
    for number, standard in enumerate(item.standards):
        yield from (f"standards.{number}.{problem}" for problem in _standard_problems(item, standard))
    yield from _order_problems(item.standards)


def _break_problems(item: Indicator) -> Iterator[str]:
    days = [one.on for one in item.breaks]
    if any(later <= earlier for earlier, later in pairwise(days)):
        yield f"breaks: wanted rising days, found {', '.join(map(str, days))}"
    for day in days:
        if (item.valid_from and day <= item.valid_from) or (item.valid_to and day > item.valid_to):
            yield f"breaks: wanted days within the indicator's life, found {day}"


def _standard_problems(item: Indicator, standard: Standard) -> Iterator[str]:
    if standard.effective_to and standard.effective_to < standard.effective_from:
        yield f"effective_to: wanted a day from {standard.effective_from}, found {standard.effective_to}"
    if (standard.value is None) == (standard.computed_from is None):
        yield "value: wanted a value or computed_from, and not both"
    if item.unit == _PER_CENT and standard.value is not None and not 0 <= standard.value <= 100:
        yield f"value: wanted 0 to 100 per cent, found {standard.value:g}"
    wanted = _COMPARATORS.get(item.improvement_direction)
    if wanted and standard.comparator != wanted:
        yield (
            f"comparator: wanted {wanted} where improvement is {item.improvement_direction}, "
            f"found {standard.comparator}"
        )


def _order_problems(standards: Sequence[Standard]) -> Iterator[str]:
    starts = [standard.effective_from for standard in standards]
    if starts != sorted(starts):
        yield f"standards: wanted in order of effective_from, found {', '.join(map(str, starts))}"
    for one, other in combinations(standards, 2):
        if one.kind is other.kind and (
            one.in_force(other.effective_from) or other.in_force(one.effective_from)
        ):
            yield (
                f"standards: wanted at most one {one.kind} in force on a day, "
                f"found {one.label!r} and {other.label!r}"
            )
