"""What a command prints: a summary that a person can read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console

from db.domain import FileState, Finding, Severity
from db.redaction import without_secrets
from etl.pipeline.job import FileResult
from etl.pipeline.run import RunSummary, period_span

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


def refused_line(name: str, reason: str) -> str:
    """A refused file and why, its name said once where the reason begins with it."""
    return (
        f"REFUSED {reason}" if reason.startswith((f"{name}: ", f"{name} ")) else f"REFUSED {name}: {reason}"
    )


def _print_file(console: Console, result: FileResult, *, checked: bool) -> None:
    if result.state is FileState.REFUSED:
        _line(console, refused_line(result.name, result.message), Severity.ERROR)
        return
    outcome = "fit to load" if checked else result.state.value
    counts = result.counts
    changed = counts.new or counts.revised
    rows = f", {counts.new:,} new and {counts.revised:,} revised rows" if changed else ""
    span = f": {period_span(result.periods)}" if result.periods else ""
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


def _line(console: Console, text: str, severity: Severity) -> None:
    style = {Severity.ERROR: "red", Severity.WARNING: "yellow"}.get(severity, "")
    console.print(without_secrets(text), style=style, markup=False, highlight=False, soft_wrap=True)
