"""What a command prints: a summary that a person can read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from db.domain import FileState, Finding, Period, Severity
from db.schema import indicator, latest_period, load_run, source_file
from db.settings import TIME_ZONE, Settings
from db.store import Store
from etl.pipeline import FileResult, RunSummary
from etl.registry import SOURCES

SHOWN_RUNS = 10
SHOWN_FINDINGS = 3


def print_summary(console: Console, summary: RunSummary, *, checked: bool = False) -> None:
    """Files, periods, rows and findings of a run; `checked` for one that loads nothing."""
    for result in summary.results:
        _print_file(console, result, checked=checked)
    for finding in summary.findings:
        _line(console, f"{finding.severity}: {finding.message}", finding.severity)
    if summary.message:
        _line(console, f"refresh failed: {summary.message}", Severity.ERROR)
    totals = summary.totals
    refused = totals.files[FileState.REFUSED]
    if checked:
        console.print(
            f"{len(summary.results)} files checked, {refused} would be refused; nothing was loaded."
        )
        return
    if summary.run_id is None:
        console.print("Another process has taken this run.")
        return
    counts = totals.counts
    console.print(
        f"{totals.files[FileState.LOADED]} files loaded, {totals.files[FileState.UNCHANGED]} unchanged, "
        f"{refused} refused. Rows: {counts.new:,} new, {counts.revised:,} revised, "
        f"{counts.unchanged:,} unchanged, {counts.withdrawn:,} withdrawn, "
        f"{counts.superseded:,} older than what is held.",
        highlight=False,
        soft_wrap=True,
    )


def _print_file(console: Console, result: FileResult, *, checked: bool) -> None:
    if result.state is FileState.REFUSED:
        _line(console, f"REFUSED {result.name}: {result.message}", Severity.ERROR)
        return
    outcome = "fit to load" if checked else result.state.value
    counts = result.counts
    changed = counts.new or counts.revised
    rows = f", {counts.new:,} new and {counts.revised:,} revised rows" if changed else ""
    span = f": {_span(result.periods)}" if result.periods else ""
    console.print(f"{outcome} {result.name}{span}{rows}", markup=False, highlight=False, soft_wrap=True)
    _print_findings(console, result.findings)


def _print_findings(console: Console, findings: Sequence[Finding]) -> None:
    """The first few of each check; all of them are kept with the run."""
    kinds = Counter((item.severity, item.check) for item in findings)
    shown: Counter[tuple[Severity, str]] = Counter()
    for item in findings:
        kind = (item.severity, item.check)
        shown[kind] += 1
        if shown[kind] <= SHOWN_FINDINGS:
            _line(console, f"  {item.severity}: {item.check}: {item.message}", item.severity)
        if shown[kind] == kinds[kind] > SHOWN_FINDINGS:
            rest = kinds[kind] - SHOWN_FINDINGS
            _line(console, f"  {item.severity}: {item.check}: and {rest} more of this kind", item.severity)


def _span(periods: tuple[Period, ...]) -> str:
    first, last = min(periods, key=lambda item: item.start), max(periods, key=lambda item: item.end)
    if len(periods) == 1:
        return first.label
    return f"{first.start:%B %Y} to {last.end:%B %Y} ({len(periods)} periods)"


def _line(console: Console, text: str, severity: Severity) -> None:
    style = {Severity.ERROR: "red", Severity.WARNING: "yellow"}.get(severity, "")
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def print_status(console: Console, store: Store, settings: Settings) -> None:
    """Freshness of each source, and the last runs."""
    _plain(console, f"Store: {store.label}")
    console.print(_freshness(store, settings))
    _print_runs(console, store)


def _freshness(store: Store, settings: Settings) -> Table:
    table = Table("Source", "Data to", "Files", "Last loaded", "Schedule", title="Freshness")
    with store.reading() as connection:
        for source in SOURCES.values():
            newest = connection.execute(
                select(func.max(latest_period.c.period_id))
                .join(indicator, indicator.c.id == latest_period.c.indicator_id)
                .where(indicator.c.source == source.id)
            ).scalar()
            files, loaded_at = connection.execute(
                select(func.count(), func.max(source_file.c.loaded_at)).where(
                    source_file.c.source == source.id
                )
            ).one()
            schedule = settings.schedules.get(source.id)
            table.add_row(
                source.name,
                Period.from_key(newest).label if newest else "nothing loaded",
                str(files),
                _local(loaded_at),
                schedule.cron if schedule and schedule.enabled else "none",
            )
    return table


def _print_runs(console: Console, store: Store) -> None:
    statement = select(load_run).order_by(load_run.c.id.desc()).limit(SHOWN_RUNS)
    with store.reading() as connection:
        runs = connection.execute(statement).all()
    console.print("Last runs" if runs else "No run yet.")
    for run in runs:
        name = SOURCES[run.source].name if run.source in SOURCES else "files"
        by = f"{run.trigger} ({run.requested_by})" if run.requested_by else run.trigger
        _plain(console, f"  {run.id}  {run.state}, {_local(run.started_at)}, {name}, by {by}")
        _plain(
            console,
            f"     {run.files_loaded} files loaded, {run.files_unchanged} unchanged, {run.files_refused} refused; "
            f"{run.rows_new:,} rows new, {run.rows_revised:,} revised",
        )
        if run.message:
            _plain(console, f"     {run.message}")


def _plain(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _local(moment: datetime | None) -> str:
    """A stored moment (UTC) in London time."""
    return "never" if moment is None else _aware(moment).astimezone(TIME_ZONE).strftime("%d %b %Y %H:%M")


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
