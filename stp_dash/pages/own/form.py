"""The form of a definition: its fields, how they are filled, and how they are read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from db.catalogue import CatalogueError
from db.domain import Frequency
from db.domain.own.measures import OWN_PREFIX, Audience, MeasureKind, TotalKind, UnitType
from db.own.written import WrittenMeasure


@dataclass(frozen=True)
class FormField:
    """One field: `kind` is line, text, choice, number or date; `hint` stands under its label."""

    name: str
    label: str
    kind: str = "line"
    hint: str = ""
    choices: Sequence[str] = ()
    needed: bool = True


_UNITS = ("code", "name", "type", "organisation", "opened_on", "closed_on", "part_of")
_TARGETS = ("comparator", "value", "effective_from", "effective_to", "set_by", "unit")
_BREAKS = ("on", "reason")
_EVENTS = ("on", "words", "unit")
FIELDS = (
    FormField(
        "id",
        "Id",
        hint=f"Begins with {OWN_PREFIX}: small letters, digits and hyphens, such as local-ward-falls",
    ),
    FormField("name", "Name"),
    FormField("short_name", "Short name", hint="As charts and lists write it"),
    FormField("kind", "Kind", "choice", choices=tuple(MeasureKind)),
    FormField("frequency", "How often", "choice", choices=("month", "week", "day", "quarter", "year")),
    FormField(
        "unit",
        "Unit",
        hint="Such as per 1,000 bed days; a proportion is in %",
        needed=False,
    ),
    FormField("multiplier", "Multiplier", "number", hint="1000 for a rate per 1,000", needed=False),
    FormField("decimals", "Decimals shown", "number", needed=False),
    FormField("numerator_label", "What the numerator counts", needed=False),
    FormField("denominator_label", "What the denominator counts", needed=False),
    FormField(
        "improvement_direction", "Better when it goes", "choice", choices=("increase", "decrease", "neutral")
    ),
    FormField(
        "total",
        "The organisation's own figure",
        "choice",
        "sum: its units together; given: it has lines of its own; none",
        choices=tuple(TotalKind),
    ),
    FormField("lag_days", "Days that a figure may take after a period's end", "number", needed=False),
    FormField("definition", "Definition", "text"),
    FormField("why_it_matters", "Why it matters", "text"),
    FormField("caveats", "What to bear in mind", "text"),
    FormField("data_source", "Where the data come from"),
    FormField("owner", "Owner", hint="A role, not a person's name"),
    FormField("compares_with", "The id of a published indicator that it compares with", needed=False),
    FormField("reviewed_on", "Reviewed on", "date"),
    FormField("review_due_on", "Next review", "date"),
    FormField(
        "audience",
        "Seen by",
        "choice",
        choices=tuple(Audience),
        hint="public: everybody, once an administrator approves it",
    ),
    FormField(
        "units",
        "Units",
        "text",
        f"One a line: code; name; type ({', '.join(UnitType)}); ODS code; opened; closed; part of. The last three may "
        "be left out: ward-a; Ward A; ward; RVV",
        needed=False,
    ),
    FormField(
        "standards",
        "Local targets",
        "text",
        "One a line: >= or <=; level; from; to; set by; unit. The last three may be left out: <=; 5.5; 2026-04-01",
        needed=False,
    ),
    FormField(
        "breaks",
        "Breaks",
        "text",
        "One a line: day; reason, where figures before cannot be compared: limits restart there",
        needed=False,
    ),
    FormField(
        "events",
        "Events that the chart shows",
        "text",
        "One a line: day; what happened; unit. The last may be left out: 2026-04-01; New bed rails",
        needed=False,
    ),
)


def form_values(written: WrittenMeasure | None, today: date) -> dict[str, str]:
    """What stands in the fields at first: the newest definition, or what is usual."""
    if written is None:
        days = {"reviewed_on": today.isoformat(), "review_due_on": (today + timedelta(days=365)).isoformat()}
        return {"id": OWN_PREFIX, "decimals": "1", "lag_days": "30", "total": TotalKind.SUM.value, **days}
    plain = written.model_dump(mode="json")
    values = {item.name: str(plain.get(item.name, "")) for item in FIELDS}
    values["audience"] = written.visibility.audience.value
    for name, parts in (("units", _UNITS), ("standards", _TARGETS), ("breaks", _BREAKS), ("events", _EVENTS)):
        values[name] = "\n".join(_line(item, parts) for item in plain[name])
    return values


def _line(item: Mapping[str, object], parts: Sequence[str]) -> str:
    words = ["" if item[part] is None else str(item[part]) for part in parts]
    return "; ".join(words).rstrip("; ")


def fields_read(typed: Callable[[str], str], former: WrittenMeasure | None) -> dict[str, object]:
    """A definition as its form says it. What the form has no field for stays as it was.

    Raises CatalogueError for a line of a list that has too few parts.
    """
    given: dict[str, object] = {} if former is None else former.model_dump()
    for item in FIELDS:
        text = typed(item.name).strip()
        if text or item.needed:
            given[item.name] = text
        else:
            given.pop(item.name, None)
    least = given.get("visibility")
    count = least["minimum_count"] if isinstance(least, dict) else 8
    given["visibility"] = {"audience": given.pop("audience"), "minimum_count": count}
    lists = (("units", _UNITS, 4), ("standards", _TARGETS, 3), ("breaks", _BREAKS, 2), ("events", _EVENTS, 2))
    for name, parts, needed in lists:
        given[name] = _parts(typed(name), name, parts, needed)
    if given["kind"] == MeasureKind.DAYS_BETWEEN:
        given |= {"frequency": Frequency.DAY.value, "unit": "days", "decimals": 0, "multiplier": 1}
    if given["kind"] == MeasureKind.PROPORTION:
        given |= {"unit": "%", "multiplier": 100}
    return given


def _parts(text: str, name: str, parts: Sequence[str], needed: int) -> list[dict[str, str]]:
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split(";")]
        if not needed <= len(cells) <= len(parts):
            wanted = "; ".join(parts[:needed])
            raise CatalogueError(f"{name}, line {number}: wanted {wanted}, found {line.strip()[:80]!r}")
        found.append({part: cell for part, cell in zip(parts, cells, strict=False) if cell})
    return found
