"""One file into the store, read downwards: known already, recognised, kept, parsed, checked, loaded or held."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from db.domain import FileState, Finding, LoadCounts, Organisation, Period, Severity, SourceFile
from db.domain.file import HeldKind, HeldState, UndoneFile
from db.figures.code_lists import read_code_lists
from db.loading.coverage import (
    Coverage,
    PastFigure,
    StoredFigure,
    coverage_before,
    figures_before,
    figures_like,
)
from db.loading.demonstration import DemonstrationError
from db.loading.load import load_frame
from db.loading.preview import load_preview
from db.loading.register import loaded_as, undone_as
from db.loading.stage import FrameError
from db.service import held_files
from db.store import Connection, DBAPIError, IntegrityError, Store
from db.store.transient import is_transient_error
from etl.pipeline.job import Arrival, FileResult, Job
from etl.pipeline.keep import KeepError, keep
from etl.pipeline.members import PartlyHeld, short_findings, shortfalls
from etl.pipeline.recognise import NOT_ENOUGH_MEMORY, parsed_file, source_of
from etl.pipeline.roll_up import roll_up, without_partial_sums
from etl.pipeline.validate import accepted, check, is_acceptable, refusal
from etl.pipeline.validate.knowledge import Knowledge
from etl.pipeline.validate.repeats import PROBES_ALIKE
from etl.registry import SOURCES
from etl.source import Hints, ParsedFile, RawFile, Source, SourceError

if TYPE_CHECKING:
    import pandas as pd

DEATHS_BEFORE_HOLDING = 2
_DEADLY = (
    f"the process that read it died {DEATHS_BEFORE_HOLDING} times, so it is not read again until a person has it tried "
    "again: it may ask for more memory than there is"
)

logger = logging.getLogger(__name__)


def load_arrival(job: Job, source: Source | None, arrival: Arrival) -> FileResult:
    """One file into the store, whole or not at all. Without a source it is recognised by its content.

    A file that cannot be parsed or that fails a check is held; a fault of the store or the disk only refuses it.
    """
    name = arrival.raw.name
    if loaded := _loaded_by(job.store, source, arrival):
        return FileResult(name, FileState.UNCHANGED, loaded)
    if left := _left_alone(job, source, arrival):
        return left
    return _read_and_load(job, source, arrival)


def _read_and_load(job: Job, source: Source | None, arrival: Arrival) -> FileResult:
    known = source
    try:
        with job.reading(arrival.sha256):
            known = source or source_of(arrival.raw)
        return _judge_and_load(job, known, arrival)
    except MemoryError:
        return job.hold(arrival, known.id if known else "", HeldKind.LAYOUT, NOT_ENOUGH_MEMORY)
    except (SourceError, FrameError, DemonstrationError, DBAPIError) as error:
        return _not_loaded(job, known, arrival, error)


def _judge_and_load(job: Job, source: Source, arrival: Arrival) -> FileResult:
    name = arrival.raw.name
    path = "" if job.only_checks else keep(arrival.raw, arrival.sha256, job.settings.store.raw_folder)
    with job.reading(arrival.sha256):
        parsed = whole_file(job.store, source, arrival.raw, arrival.hints)
        if job.beside is not None:
            job.beside.add(name, parsed.frame)
        findings = _judged(job, findings_on(job.store, source, parsed, job.settings.own_area.codes))
    if message := refusal(findings):
        kind = HeldKind.PLAUSIBILITY if is_acceptable(findings) else HeldKind.CONTRADICTION
        return job.hold(arrival, source.id, kind, message, findings)
    if job.only_checks:
        job.record(name, findings)
        return _checked(job, source, arrival, parsed, findings)
    counts = _load(job, source, arrival, parsed, path)
    job.record(name, findings)
    logger.info("%s: loaded, %d rows new and %d revised", name, counts.new, counts.revised)
    periods = file_periods(parsed)
    return FileResult(name, FileState.LOADED, source.id, parsed.title, periods, counts, tuple(findings))


def _loaded_by(store: Store, source: Source | None, arrival: Arrival) -> str | None:
    """The source by whose present parser the store already holds these bytes, if any."""
    with store.reading() as connection:
        held = loaded_as(connection, arrival.sha256, arrival.raw.name, arrival.hints.text())
    for source_id, version in held:
        known = source or SOURCES.get(source_id)
        if known and (known.id, known.parser_version) == (source_id, version):
            return source_id
    return None


def _left_alone(job: Job, source: Source | None, arrival: Arrival) -> FileResult | None:
    """What a person undid or rejected, or what kills its reader, is not read; None for all other bytes.

    A held file that a person tries again is read.
    """
    with job.store.reading() as connection:
        held = held_files.with_bytes(connection, arrival.sha256)
        undone = undone_as(connection, arrival.sha256, arrival.hints.text())
    for file in undone:
        known = source or SOURCES.get(file.source)
        if known and (known.id, known.parser_version) == (file.source, file.parser_version):
            return _leave(job, arrival, file.source, undone_words(file))
    tried_again = job.decision is not None and held is not None and job.decision.held.id == held.id
    if held is not None and held.state is HeldState.REJECTED and not tried_again:
        day = f"{held.decided_at:%d %B %Y}" if held.decided_at else "an unknown day"
        message = f"held file {held.id} was rejected by {held.decided_by} on {day}: {held.decision}"
        return _leave(job, arrival, held.source, message, held.id)
    deadly = held is not None and (held.state, held.kind) == (HeldState.HELD, HeldKind.DEADLY)
    if (deadly and not tried_again) or job.died_reading(arrival.sha256) >= DEATHS_BEFORE_HOLDING:
        return job.hold(arrival, source.id if source else "", HeldKind.DEADLY, _DEADLY)
    return None


def undone_words(undone: UndoneFile) -> str:
    """Why the bytes of an undone file are not loaded again, and how they are put back."""
    return (
        f"file {undone.id} ({undone.name}) was undone by {undone.by} on {undone.at:%d %B %Y}: {undone.reason}; "
        f"nothing was loaded: put it back with python -m etl put-back {undone.id}, or on its page"
    )


def _leave(
    job: Job, arrival: Arrival, source: str, message: str, held_file_id: int | None = None
) -> FileResult:
    """Not loaded, by a person's word: no failure of a refresh, yet said each time."""
    name = arrival.raw.name
    if not arrival.url:
        return job.refuse(name, source, message, held_file_id=held_file_id)
    findings = (Finding(Severity.WARNING, "left alone", message),)
    job.record(name, findings)
    return FileResult(name, FileState.UNCHANGED, source, findings=findings, held_file_id=held_file_id)


def whole_file(store: Store, source: Source, raw: RawFile, hints: Hints) -> ParsedFile:
    """A parsed file, without the sums of its own for organisations of which it holds only some members."""
    parsed = parsed_file(source, raw, hints)
    if not any(item.by_source for item in source.roll_ups):
        return parsed
    _, short = _short_of_members(store, source, parsed)
    return replace(parsed, frame=without_partial_sums(parsed.frame, short))


def findings_on(
    store: Store, source: Source, parsed: ParsedFile, area: Collection[str] = ()
) -> list[Finding]:
    """All that the parser and the checks have to say of a file, beside what the store holds.

    `area` are the codes of the organisations that the site is for: those must not vanish.
    """
    named, short = _short_of_members(store, source, parsed)
    with store.reading() as connection:

        def before(indicator: str, basis: str, period_key: int) -> Coverage | None:
            return coverage_before(
                connection, indicator, basis, period_key, demonstration=parsed.demonstration
            )

        def like(
            indicator: str, basis: str, period_key: int, probes: Sequence[StoredFigure]
        ) -> Mapping[int, Sequence[StoredFigure]]:
            return figures_like(
                connection,
                indicator,
                basis,
                period_key,
                probes,
                least=PROBES_ALIKE,
                demonstration=parsed.demonstration,
            )

        def figures(indicator: str, basis: str, period_key: int, periods: int) -> Sequence[PastFigure]:
            return figures_before(
                connection, indicator, basis, period_key, periods, demonstration=parsed.demonstration
            )

        knowledge = Knowledge(
            store.catalogue.indicators,
            store.catalogue.organisations,
            before,
            like,
            frozenset(area),
            figures,
        )
        return [*parsed.findings, *check(parsed, knowledge), *short_findings(short, named)]


def _short_of_members(
    store: Store, source: Source, parsed: ParsedFile
) -> tuple[Mapping[str, Organisation], Sequence[PartlyHeld]]:
    """The organisations known to the catalogue or the file, and those that the file has too few members of to sum.

    Only a file that lacks columns of places, and so is a cut of what was published, is measured by its members.
    """
    named = {**store.catalogue.organisations, **{item.code: item for item in parsed.organisations}}
    if parsed.complete or parsed.demonstration:
        return named, ()
    return named, shortfalls(parsed.frame, source.roll_ups, named, store.catalogue, source.places())


def _judged(job: Job, findings: list[Finding]) -> list[Finding]:
    """The findings, with errors that a person has seen and accepted as warnings.

    What that person has not seen stands as an error: the store or the parser may have changed since.
    """
    decision = job.decision
    if decision is None or not decision.accept or refusal(findings) != decision.held.reason:
        return findings
    return accepted(findings, decision.by, decision.reason) if is_acceptable(findings) else findings


def _load(job: Job, source: Source, arrival: Arrival, parsed: ParsedFile, path: str) -> LoadCounts:
    """Write a parsed file with its sums, and settle a held file of the same bytes, in one transaction."""
    store = job.store
    with_sums = _with_sums(store, source, parsed)
    with store.writing() as connection:
        counts = load_frame(
            connection,
            with_sums,
            _described(source, arrival, parsed, path),
            catalogue=store.catalogue,
            load_run_id=job.run_id,
            organisations=parsed.organisations,
            withdraws_absent=parsed.withdraws_absent,
            more_follow=job.of_several,
            stated=parsed.stated,
        )
        _settle(connection, job, arrival.sha256)
    return counts


def _with_sums(store: Store, source: Source, parsed: ParsedFile) -> pd.DataFrame:
    named, short = _short_of_members(store, source, parsed)
    return roll_up(parsed.frame, source.roll_ups, named, short)


def _checked(
    job: Job, source: Source, arrival: Arrival, parsed: ParsedFile, findings: Sequence[Finding]
) -> FileResult:
    """What a load of a parsed file would change: the load itself, taken back."""
    store, with_sums = job.store, _with_sums(job.store, source, parsed)
    with store.writing() as connection:
        effect = load_preview(
            connection,
            read_code_lists(connection),
            with_sums,
            _described(source, arrival, parsed, ""),
            catalogue=store.catalogue,
            organisations=parsed.organisations,
            withdraws_absent=parsed.withdraws_absent,
            headline=job.settings.own_area.headline_codes,
        )
    return FileResult(
        arrival.raw.name,
        FileState.UNCHANGED,
        source.id,
        parsed.title,
        file_periods(parsed),
        findings=tuple(findings),
        effect=effect,
    )


def _described(source: Source, arrival: Arrival, parsed: ParsedFile, path: str) -> SourceFile:
    return SourceFile(
        name=arrival.raw.name,
        sha256=arrival.sha256,
        size=len(arrival.raw.content),
        source_id=source.id,
        layout=parsed.layout,
        title=parsed.title,
        path=path,
        url=arrival.url,
        etag=arrival.etag,
        last_modified=arrival.last_modified,
        parser_version=source.parser_version,
        hints=arrival.hints.text(),
        published_on=arrival.hints.published_on or parsed.published_on,
        latest_period_end=parsed.edition_end or max(period.end for period in file_periods(parsed)),
        demonstration=parsed.demonstration,
        fetched_at=datetime.now(UTC),
    )


def _settle(connection: Connection, job: Job, sha256: str) -> None:
    """Note in the load's own transaction that held bytes are loaded, and by whose decision."""
    decision = job.decision
    if decision is None:
        held_files.settle(connection, sha256, f"loaded by run {job.run_id}")
    else:
        held_files.decide(
            connection, decision.held.id, HeldState.LOADED, by=decision.by, decision=decision.text
        )


def _not_loaded(job: Job, source: Source | None, arrival: Arrival, error: Exception) -> FileResult:
    """Refuse a file whose load failed; hold it where the fault is the file's own. No source: it was not recognised."""
    name, source_id = arrival.raw.name, source.id if source else ""
    if isinstance(error, IntegrityError) and _loaded_by(job.store, source, arrival):
        # Another process has loaded the same bytes meanwhile.
        return FileResult(name, FileState.UNCHANGED, source_id)
    if isinstance(error, DBAPIError):
        message = f"the store could not be written: {error.orig}"
        return job.refuse(name, source_id, message, transient=is_transient_error(error))
    if isinstance(error, KeepError | DemonstrationError):
        return job.refuse(name, source_id, str(error))
    return job.hold(arrival, source_id, HeldKind.LAYOUT, str(error))


def file_periods(parsed: ParsedFile) -> tuple[Period, ...]:
    """The periods of a parsed file, in order."""
    return tuple(Period.from_key(int(key)) for key in sorted(parsed.frame["period"].unique()))
