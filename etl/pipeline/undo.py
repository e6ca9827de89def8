"""Undo as the queue asks for it, and in words: what would change, and then the change itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from db.domain import Finding, Severity
from db.domain.changes import FigureDifference, UndoEffect
from db.domain.file import LoadedFile
from db.domain.run import Run
from db.figures.code_lists import read_code_lists
from db.figures.files import all_files
from db.loading.undo.errors import UndoError
from db.loading.undo.undo import undo_effect, undo_files
from db.service.runs import record_findings
from db.settings import Settings
from db.store import Store
from db.store.data_state import data_state
from etl.pipeline.run import RunSummary, record_agreement
from etl.source import SourceError

_SHOWN = 15


def run_undo_request(store: Store, settings: Settings, run: Run) -> RunSummary:
    """{"files": [41], "puts_back": false, "reason": "...", "state": 57}, or with "dry_run": true what would change.

    "state" is the state of the data as the person saw it who asks: nothing is undone where it has changed since.
    Raises SourceError where it cannot be done.
    """
    asked = run.request.get("files")
    if not isinstance(asked, list) or not all(isinstance(number, int) for number in asked):
        raise SourceError(f"wanted the numbers of files, found {asked!r}")
    puts_back, headline = run.request.get("puts_back") is True, settings.own_area.headline_codes
    try:
        if run.request.get("dry_run") is True:
            with store.reading() as connection:
                lists, state = read_code_lists(connection), data_state(connection)
                effect = undo_effect(connection, lists, asked, puts_back=puts_back, headline=headline)
        else:
            with store.writing() as connection:
                state = data_state(connection)
                if run.request.get("state") != state:
                    raise SourceError("the figures have changed since this was looked at: look again")
                effect = undo_files(
                    connection,
                    read_code_lists(connection),
                    asked,
                    by=run.requested_by,
                    reason=str(run.request.get("reason", "")),
                    puts_back=puts_back,
                    headline=headline,
                )
    except UndoError as error:
        raise SourceError(str(error)) from error
    with store.reading() as connection:
        files = [file for file in all_files(connection) if file.id in asked]
    lines = [*effect_lines(store, files, effect, puts_back=puts_back)]
    findings = [Finding(Severity.INFORMATION, "undo", line) for line in lines]
    if effect.version is None:
        findings.append(Finding(Severity.INFORMATION, "state of the data", str(state)))
    record_findings(store, run.id, "", findings)
    if effect.version is not None:
        record_agreement(store, run.id)
    return RunSummary(run.id, (), tuple(findings), changed=effect.version is not None)


def effect_lines(
    store: Store, files: Sequence[LoadedFile], effect: UndoEffect, *, puts_back: bool
) -> Iterator[str]:
    """What an undo changes, a line each: files, counts, periods left empty, and headline figures from and to."""
    names = {code: item.name for code, item in store.catalogue.indicators.items()}
    for file in files:
        yield f"{'Put back' if puts_back else 'Undo'} file {file.id}: {file.name}"
    yield (
        f"Figures: {effect.gone:,} go, {effect.back:,} come back, {effect.changed:,} change, "
        f"{effect.moved:,} stay as they are and are then another file's."
    )
    for item in effect.indicators:
        if item.emptied:
            periods = ", ".join(period.label for period in item.emptied[:6])
            more = f" and {len(item.emptied) - 6} more" if len(item.emptied) > 6 else ""
            yield f"Without any figure: {names[item.indicator]}, {periods}{more}"
    for figure in effect.examples[:_SHOWN]:
        yield figure_line(store, figure)
    if effect.headlines > _SHOWN:
        yield f"And {effect.headlines - _SHOWN:,} more of the area, its trusts and England"


def figure_line(store: Store, figure: FigureDifference) -> str:
    """One figure in two states of the data, in its indicator's unit: from and to."""
    indicator = store.catalogue.indicators[figure.indicator]
    before, after = (
        "none" if value is None else f"{value:,.2f}".rstrip("0").rstrip(".")
        for value in (figure.before, figure.after)
    )
    where = f"{figure.period.label}, {figure.organisation_name}, {indicator.name}"
    return f"{where} ({indicator.unit}): {before} -> {after}"
