"""A run's log as a text file: what it was, what it did, what the checks found and every line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from db.domain.run import LogLine, Run, RunFinding
from db.domain.timing import TIME_ZONE
from stp_dash.pages.operations.words import activity_facts


def log_file(run: Run, lines: Sequence[LogLine], findings: Sequence[RunFinding]) -> str:
    """The text, with every line of the log; moments are London's, with their distance to UTC."""
    return "\n".join(_lines(run, lines, findings)) + "\n"


def _lines(run: Run, lines: Sequence[LogLine], findings: Sequence[RunFinding]) -> Iterator[str]:
    moments = {
        "scheduled for": run.slot,
        "asked for": run.requested_at,
        "began": run.started_at,
        "ended": run.finished_at,
    }
    yield f"Run {run.id}: {run.source or 'files'}, {run.kind.value}, by {run.trigger}"
    yield f"State: {run.state.value}, attempt {run.attempt}, version {run.code_version}"
    yield from (f"{name.capitalize()}: {_moment(at)}" for name, at in moments.items() if at)
    yield (
        f"Files: {run.files_loaded} loaded, {run.files_unchanged} unchanged, {run.files_refused} refused. "
        f"Rows: {run.rows_new} new, {run.rows_revised} revised, {run.rows_withdrawn} withdrawn"
    )
    if run.message:
        yield f"Message: {_one_line(run.message)}"
    if run.activity:
        yield "Last heard of: " + "; ".join(words for _, words in activity_facts(run.activity))
    yield ""
    yield f"What the checks found ({len(findings)})"
    for item in findings:
        about = f"{item.file_name}: " if item.file_name else ""
        said = item.finding
        yield _one_line(f"{said.severity.value}: {about}{said.check}: {said.message} ({said.count:,} rows)")
    yield ""
    yield f"Log ({len(lines)} lines)"
    yield from (_one_line(f"{_moment(line.at)} {line.level.lower():7} {line.message}") for line in lines)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(TIME_ZONE):%Y-%m-%d %H:%M:%S %z}"


def _one_line(text: str) -> str:
    return " ".join(text.split("\n"))
