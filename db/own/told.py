"""What a check found, told: in lines for a person, as JSON for a program."""

from __future__ import annotations

import json
from collections.abc import Iterator

from db.own.handing_in import HandedIn
from db.own.submissions import count_of, counts_words


def told_in_lines(found: HandedIn) -> Iterator[str]:
    """Findings by place, then what would change, then the verdict."""
    checked = found.checked
    for item in checked.findings.told():
        yield f"{item.level}: {item.where}: {item.message}"
    if checked.findings.untold:
        yield f"... and {checked.findings.untold:,} more."
    if checked.sheets_unread:
        yield f"Sheets not read: {', '.join(checked.sheets_unread)}."
    for measure, changes in found.changes.items():
        yield f"{measure}: {counts_words(count_of(changes))}"
    errors, warnings = checked.findings.errors, checked.findings.warnings
    if not checked.accepted:
        yield f"Refused: {errors:,} error{'' if errors == 1 else 's'}. Nothing is stored."
        return
    missing = f", {checked.missing:,} of them without a figure and with a reason" if checked.missing else ""
    confirmed = f" {warnings:,} warning{'' if warnings == 1 else 's'} to confirm." if warnings else ""
    yield f"Fit to be added: {checked.lines:,} lines{missing}, {len(checked.targets):,} targets.{confirmed}"


def told_as_json(found: HandedIn) -> str:
    """The same, every finding with line, column and level."""
    checked = found.checked
    told = {
        "file": checked.name,
        "verdict": "accept" if checked.accepted else "refuse",
        "rows": checked.lines,
        "figures": len(checked.figures) - checked.missing,
        "missing_with_reason": checked.missing,
        "targets": len(checked.targets),
        "sheets_read": checked.sheets_read,
        "sheets_ignored": checked.sheets_unread,
        "findings": [
            {
                "row": item.line,
                "column": item.column,
                "level": item.level.value,
                "say": item.message,
                "found": item.found,
                "wanted": item.wanted,
                "nearest": item.nearest,
                "sheet": item.sheet,
            }
            for item in checked.findings.told()
        ],
        "more_findings": checked.findings.untold,
        "changes": {measure: count_of(changes).__dict__ for measure, changes in found.changes.items()},
    }
    return json.dumps(told, ensure_ascii=False, indent=1)
