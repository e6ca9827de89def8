"""Files that somebody gave, checked before they are loaded: what each is and what it would change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from db.domain import FileState, Finding, Severity
from db.domain.file import HeldKind
from db.domain.run import CheckStep, Run
from db.figures.data_version import data_version
from db.service.runs import record_findings
from db.settings import Settings
from db.store import Store
from etl.pipeline.checking.beside import FilesBeside
from etl.pipeline.job import FileResult, Job
from etl.pipeline.progress import Progress
from etl.pipeline.run import RunSummary, load_path, period_span
from etl.pipeline.undo import figure_line
from etl.registry import source_by_id
from etl.source import Hints, Source

_SHOWN = 12
_WOULD_HOLD = {
    HeldKind.DEADLY: "held, for it ends the process that reads it",
    HeldKind.LAYOUT: "held, for it cannot be read as what it should be",
    HeldKind.CONTRADICTION: "held, for its figures contradict each other",
    HeldKind.PLAUSIBILITY: "held until a person accepts its figures, which surprise beside earlier periods",
}


def run_check_request(
    store: Store, settings: Settings, run: Run, paths: Sequence[Path], *, hints: Hints, progress: Progress
) -> RunSummary:
    """Say of each file what a load would do, and load, keep and hold nothing.

    Each is compared with what stands now, and with the others. The findings of the run say it, under the names of
    `CheckStep`; the first is the data version that the files were compared with. A run's end is its own: files that
    would be refused do not make it fail.
    """
    source = source_by_id(run.source) if run.source else None
    beside = FilesBeside(store.catalogue.indicators)
    job = Job(store, settings, run.id, only_checks=True, beside=beside)
    with store.reading() as connection:
        version = data_version(connection).number
    record_findings(store, run.id, "", [_said(CheckStep.DATA_VERSION, str(version), version)])
    progress.files(len(paths))
    for path in paths:
        progress.file_started(path.name)
        result = load_path(job, path, source, hints)
        if result.transient:
            return RunSummary(run.id, (), message=result.message, transient=True)
        record_findings(store, run.id, path.name, list(_findings(store, result, source)))
        progress.file_finished(path.name, result.state.value)
    for name, finding in beside.findings(settings.own_area.headline_codes):
        record_findings(store, run.id, name, [finding])
    return RunSummary(run.id, ())


def _findings(store: Store, result: FileResult, source: Source | None) -> Iterator[Finding]:
    known = source or (source_by_id(result.source_id) if result.source_id else None)
    if known:
        about = [words for words in (result.title, period_span(result.periods)) if words]
        yield _said(
            CheckStep.RECOGNISED,
            f"{known.name}: {', '.join(about)}" if about else known.name,
            len(result.periods),
        )
    if result.state is FileState.REFUSED:
        would = _WOULD_HOLD.get(result.would_hold, "refused") if result.would_hold else "refused"
        yield _said(CheckStep.REFUSED, f"It would be {would}: {result.message}", 1)
    elif result.effect is None:
        yield _said(CheckStep.LOADED_ALREADY, "These bytes are loaded already: nothing would change", 1)
    else:
        yield from _effect(store, result)


def _effect(store: Store, result: FileResult) -> Iterator[Finding]:
    effect = result.effect
    if effect is None:
        return
    counts = effect.counts
    for step, number, words in (
        (CheckStep.NEW, counts.new, "rows would be new"),
        (CheckStep.REVISED, counts.revised, "rows would be revised"),
        (CheckStep.WITHDRAWN, counts.withdrawn, "rows would be withdrawn: the file no longer holds them"),
        (CheckStep.SAME, counts.unchanged, "rows are the same as those that stand"),
        (
            CheckStep.OLDER,
            counts.superseded,
            "rows are of an older release than those that stand, which stay",
        ),
    ):
        yield _said(step, f"{number:,} {words}", number)
    if effect.invented:
        words = f"{effect.invented:,} demonstration files of this source would go: real figures replace them"
        yield _said(CheckStep.INVENTED, words, effect.invented)
    names = {code: item.name for code, item in store.catalogue.indicators.items()}
    for item in effect.indicators:
        parts = ((item.back, "new"), (item.changed, "revised"), (item.gone, "withdrawn"))
        told = ", ".join(f"{number:,} {word}" for number, word in parts if number)
        if told:
            total = item.back + item.changed + item.gone
            yield _said(CheckStep.INDICATOR, f"{names[item.indicator]}: {told}", total)
    for figure in effect.examples[:_SHOWN]:
        yield _said(CheckStep.FIGURE, figure_line(store, figure), 1)
    if effect.headlines > _SHOWN:
        rest = effect.headlines - _SHOWN
        yield _said(CheckStep.FIGURE, f"And {rest:,} more of the area, its trusts and England", rest)


def _said(step: CheckStep, words: str, number: int) -> Finding:
    return Finding(Severity.INFORMATION, step.value, words, number)
