"""The tables of what stands behind an indicator: its standards, its series, its revisions and its files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from db.domain import Indicator, Standard
from db.domain.changes import RevisedFigure, Revision
from db.domain.file import LoadedFile
from db.domain.reading import Reading
from stp_dash.analysis.provenance import files_text, public_address
from stp_dash.analysis.sheet import Cell, Column, Sheet, Subject
from stp_dash.analysis.wording import (
    NO_FIGURE,
    capitalised,
    count_text,
    date_text,
    dates,
    level_text,
    status_text,
    value_text,
)
from stp_dash.elements.links import DATA, OPERATIONS, TREND, href
from stp_dash.pages.data.words import in_force

Row = TypeVar("Row")


_SHORT_HASH = 12


def standards_sheet(indicator: Indicator) -> Sheet:
    """Every level that an indicator was ever to reach, with its dates and its reference."""
    rows = sorted(indicator.standards, key=lambda item: (item.effective_from, item.kind.value))
    return Sheet(
        "standards",
        "Standards, ambitions and comparators",
        f"Standards of {indicator.short_name}",
        (
            _words("Kind", "kind", rows, lambda item: capitalised(item.kind.value)),
            Column("", (), "indicator", [indicator.id] * len(rows)),
            Column("", (), "unit", [indicator.unit] * len(rows)),
            Column(
                "Level", [_level(indicator, item) for item in rows], "level", [item.value for item in rows]
            ),
            _words("", "label", rows, lambda item: item.label, shown=False),
            Column(
                "From",
                [date_text(item.effective_from) for item in rows],
                "effective_from",
                [item.effective_from for item in rows],
            ),
            Column(
                "To", [_until(item) for item in rows], "effective_to", [item.effective_to for item in rows]
            ),
            _words("Note", "note", rows, lambda item: item.note),
            Column(
                "Reference",
                [item.reference_url and "Reference" for item in rows],
                "reference",
                [item.reference_url for item in rows],
                links=[item.reference_url for item in rows],
            ),
        ),
        indicator.owner,
        subject=Subject(indicator.short_name),
    )


def _level(indicator: Indicator, standard: Standard) -> str:
    return standard.label if standard.value is None else level_text(indicator, standard)


def _until(standard: Standard) -> str:
    return date_text(standard.effective_to) if standard.effective_to else "still in force"


def series_sheet(indicator: Indicator, name: str, readings: Sequence[Reading]) -> Sheet:
    """Every figure of a series, the newest first, with its counts, status and file."""
    rows = sorted(readings, key=lambda item: item.period, reverse=True)
    return Sheet(
        "series",
        "Every figure, with its file",
        f"{indicator.short_name}, {name}: every figure held",
        (
            Column("Period", [r.period.short_label for r in rows], "period", [r.period.label for r in rows]),
            Column("", (), "period_start", [r.period.start for r in rows]),
            Column("", (), "period_end", [r.period.end for r in rows]),
            _words("Organisation", "organisation_code", rows, lambda item: item.organisation),
            Column("", (), "organisation_name", [r.organisation_name for r in rows]),
            Column("", (), "indicator", [indicator.id] * len(rows)),
            Column("", (), "unit", [indicator.unit] * len(rows)),
            Column(
                "Value", [_value(indicator, r) for r in rows], "value", [r.value for r in rows], numeric=True
            ),
            _count(indicator.numerator_label, "numerator", rows, lambda item: item.numerator),
            _count(indicator.denominator_label, "denominator", rows, lambda item: item.denominator),
            _words("Status", "status", rows, lambda item: status_text(item.maturity)),
            _words("Counted by", "basis", rows, lambda item: item.basis.value),
            _words("Made by", "made_by", rows, lambda item: "this site" if item.derived else "the publisher"),
            _words("File", "file", rows, files_text),
            Column("", (), "file_published_on", [r.files[0].published_on for r in rows]),
            Column("", (), "missing_reason", [r.missing_reason for r in rows]),
        ),
        indicator.owner,
        demonstration=any(item.demonstration for item in rows),
        subject=Subject(indicator.short_name, name, dates(rows[-1].period, rows[0].period) if rows else ""),
    )


def _value(indicator: Indicator, reading: Reading) -> str:
    if reading.value is None:
        return f"{NO_FIGURE}: {reading.missing_reason}"
    return value_text(indicator, reading.value)


def revisions_sheet(indicator: Indicator, found: Sequence[Revision]) -> Sheet:
    """What later releases changed: each figure, and the one that replaced it."""
    before, after = [item.before for item in found], [item.after for item in found]
    return Sheet(
        "revisions",
        "What later releases changed",
        f"Revisions of {indicator.short_name}",
        (
            _words("Period", "period", found, lambda item: item.period.label),
            Column("", (), "period_start", [item.period.start for item in found]),
            Column("", (), "period_end", [item.period.end for item in found]),
            Column("", (), "indicator", [indicator.id] * len(found)),
            Column("", (), "unit", [indicator.unit] * len(found)),
            _words("Organisation", "organisation_name", found, lambda item: item.organisation_name),
            _words("", "organisation_code", found, lambda item: item.organisation, shown=False),
            _revised(indicator, "Before", "value_before", before),
            _revised(indicator, "After", "value_after", after),
            _words("Counts before", "", before, _counts),
            _words("Counts after", "", after, _counts),
            Column("", (), "numerator_before", [item.numerator for item in before]),
            Column("", (), "denominator_before", [item.denominator for item in before]),
            Column("", (), "numerator_after", [item.numerator if item else None for item in after]),
            Column("", (), "denominator_after", [item.denominator if item else None for item in after]),
            _words("What happened", "what_happened", found, lambda item: item.kind or ""),
            _words("Was in", "file_before", found, lambda item: item.file),
            _words("Replaced by", "replaced_by", found, lambda item: item.replaced_by),
        ),
        indicator.owner,
        demonstration=any(item.demonstration for item in found),
        subject=Subject(indicator.short_name),
    )


def _counts(figure: RevisedFigure | None) -> str:
    if figure is None or figure.numerator is None or figure.denominator is None:
        return ""
    return f"{count_text(figure.numerator)} of {count_text(figure.denominator)}"


def _revised(indicator: Indicator, heading: str, key: str, figures: Sequence[RevisedFigure | None]) -> Column:
    values = [item.value if item else None for item in figures]
    return Column(heading, [value_text(indicator, value) for value in values], key, values, numeric=True)


def files_sheet(owner: str, found: Sequence[LoadedFile]) -> Sheet:
    """The files that the store holds of a source, by their hash."""
    return Sheet(
        "files",
        "Files held",
        "Files held of this source, the newest release first",
        (
            Column(
                "File",
                [item.name for item in found],
                "file",
                [item.name for item in found],
                links=[public_address(item.url, demonstration=item.demonstration) for item in found],
            ),
            _words("What it is", "title", found, lambda item: item.title),
            Column(
                "Published",
                [date_text(item.published_on) for item in found],
                "published_on",
                [item.published_on for item in found],
            ),
            Column("", (), "loaded_at", [_moment(item) for item in found]),
            _words("Layout", "layout", found, lambda item: item.layout),
            Column(
                "Bytes",
                [count_text(item.size) for item in found],
                "bytes",
                [item.size for item in found],
                numeric=True,
            ),
            _words("State", "", found, lambda item: "undone" if item.undone_by else "counts"),
            Column(
                "More",
                [f"File {item.id}" for item in found],
                links=[href(OPERATIONS, file=str(item.id)) for item in found],
            ),
            _words("SHA-256", "", found, lambda item: item.sha256[:_SHORT_HASH]),
            _words("", "sha256", found, lambda item: item.sha256, shown=False),
        ),
        owner,
        demonstration=any(item.demonstration for item in found),
    )


def _moment(item: LoadedFile) -> str:
    return item.loaded_at.isoformat(timespec="seconds") if item.loaded_at else ""


def indicators_sheet(indicators: Sequence[Indicator]) -> Sheet:
    """Every indicator, with who owns it and when its definition was reviewed."""
    return Sheet(
        "indicators",
        "Every indicator",
        "Every indicator, its owner and its review dates",
        (
            Column(
                "Indicator",
                [item.short_name for item in indicators],
                "indicator",
                [item.id for item in indicators],
                links=[href(DATA, indicator=item.id) for item in indicators],
            ),
            _words("Topic", "topic", indicators, lambda item: item.topic),
            _words("Unit", "unit", indicators, lambda item: item.unit),
            Column("", (), "indicator_name", [item.name for item in indicators]),
            _words("In force", "", indicators, in_force),
            Column("", (), "valid_from", [item.valid_from for item in indicators]),
            Column("", (), "valid_to", [item.valid_to for item in indicators]),
            _words("Owner", "owner", indicators, lambda item: item.owner),
            Column(
                "Reviewed",
                [date_text(item.reviewed_on) for item in indicators],
                "reviewed_on",
                [item.reviewed_on for item in indicators],
            ),
            Column(
                "Review due",
                [date_text(item.review_due_on) for item in indicators],
                "review_due_on",
                [item.review_due_on for item in indicators],
            ),
            Column(
                "Over time",
                ["Trend" for _ in indicators],
                links=[href(TREND, indicator=item.id) for item in indicators],
            ),
        ),
        "This site's catalogue",
        subject=Subject("Every indicator"),
    )


def _words(
    heading: str, key: str, rows: Sequence[Row], text: Callable[[Row], str], *, shown: bool = True
) -> Column:
    cells = [text(row) for row in rows]
    raw: list[Cell] = [*cells]
    return Column(heading, cells if shown else (), key, raw)


def _count(heading: str, key: str, rows: Sequence[Row], count: Callable[[Row], float | None]) -> Column:
    counts = [count(row) for row in rows]
    shown = ["" if item is None else count_text(item) for item in counts]
    return Column(heading or key, shown, key, counts, numeric=True)
