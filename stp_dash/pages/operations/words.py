"""The refresh service in words: is it well, is each source fresh, what ran and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from db.domain import RunState
from db.domain.refresh import Leader, OverdueSlot, SourceFacts
from db.domain.run import Run, RunActivity, RunKind, paths_of
from db.domain.timing import TIME_ZONE
from stp_dash.analysis.freshness import FreshnessChip
from stp_dash.analysis.wording import capitalised, date_text, listing, number_word

START = "python -m etl schedule"
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


@dataclass(frozen=True)
class Sign:
    """A state that stands with its mark: `mark` names the drawing of `site.css`."""

    mark: str
    words: str


@dataclass(frozen=True)
class HealthCell:
    """One cell of the strip at the top: what it is about, how it stands, and what more there is to know."""

    label: str
    sign: Sign
    note: str


@dataclass(frozen=True)
class FreshRow:
    """A source in the table of freshness. Words; `late` is how many days its figures are overdue, at the worst level.

    `late_levels` names the levels that are, where they are not all alike.
    """

    source: str
    name: str
    data_to: str
    published: str
    loaded: str
    expected: str
    sign: Sign
    looked: str
    schedule: str
    following: str = ""
    late: int = 0
    late_levels: str = ""
    waiting: bool = False


def duration(length: timedelta) -> str:
    """A length of time in its greatest whole unit: "4 seconds", "1 hour"."""
    seconds = max(int(length.total_seconds()), 0)
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= size), (1, "second"))
    return count_words(seconds // size, unit)


def count_words(number: int, unit: str) -> str:
    """A number of things: "1 day", "2,000 days"."""
    return f"{number:,} {unit}{'' if number == 1 else 's'}"


def clock(moment: datetime) -> str:
    """A time of the day on London's clocks."""
    return f"{moment.astimezone(TIME_ZONE):%H:%M}"


def day_text(day: date, today: date) -> str:
    """A day without its year where that is this year's."""
    return f"{day.day} {day:%b}" + ("" if day.year == today.year else f" {day.year}")


def moment_text(moment: datetime | None, now: datetime) -> str:
    """A moment on London's clocks, "never" for none: "8 Oct 09:41"."""
    if moment is None:
        return "never"
    local = moment.astimezone(TIME_ZONE)
    return f"{day_text(local.date(), now.astimezone(TIME_ZONE).date())} {local:%H:%M}"


def log_time(moment: datetime) -> str:
    """A moment of a log on London's clocks, to the second: "8 Oct 2026 09:41:07"."""
    local = moment.astimezone(TIME_ZONE)
    return f"{local.day} {local:%b %Y %H:%M:%S}"


def slot_text(moment: datetime) -> tuple[str, str, str]:
    """A time to come as weekday, day and time with the name of the clocks: ("Thu", "12 November 2026", "09:30 GMT")."""
    local = moment.astimezone(TIME_ZONE)
    return f"{local:%a}", f"{local.day} {local:%B %Y}", f"{local:%H:%M %Z}"


# Health


def scheduler_cell(leader: Leader | None) -> HealthCell:
    """Whether a scheduler leads, by its last sign."""
    if leader is not None and leader.live:
        return HealthCell("Scheduler", Sign("ok", "Running"), f"last sign {duration(leader.silent_for)} ago")
    since = "" if leader is None else f"last sign {duration(leader.silent_for)} ago. "
    return HealthCell("Scheduler", Sign("failed", "Not running"), f"{since}Start one: {START}")


def queue_cell(queue: Sequence[Run], names: Mapping[str, str], now: datetime) -> HealthCell:
    """What is at work and what waits."""
    running = [run for run in queue if run.state is RunState.RUNNING]
    words = f"{len(running)} running, {len(queue) - len(running)} waiting"
    if running:
        first = running[0]
        since = f", {duration(now - first.started_at)}" if first.started_at else ""
        return HealthCell("Queue", Sign("running", words), f"{source_name(first.source, names)}{since}")
    if not queue:
        return HealthCell("Queue", Sign("idle", words), "nothing to do")
    first = queue[0]
    begin = first.not_before
    note = f"next attempt at {clock(begin)}" if begin and begin > now else source_name(first.source, names)
    return HealthCell("Queue", Sign("due", words), note)


def overdue_cell(rows: Sequence[FreshRow], slot: OverdueSlot | None, names: Mapping[str, str]) -> HealthCell:
    """The source whose figures are longest overdue; else the run that is latest."""
    worst = max((row for row in rows if row.late), key=lambda row: row.late, default=None)
    if worst is not None:
        words = f"{worst.name}, {count_words(worst.late, 'day')}"
        return HealthCell("Oldest overdue", Sign("late", words), f"expected {worst.expected}")
    if slot is not None:
        words = f"{source_name(slot.source, names)}, {duration(slot.late)}"
        return HealthCell(
            "Oldest overdue", Sign("late", words), f"the run of {clock(slot.slot)} has not ended"
        )
    return HealthCell("Oldest overdue", Sign("ok", "Nothing"), "every source is on time")


def failed_cell(
    states: Mapping[RunState, int], failed: Collection[RunState], newest: Run | None, names: Mapping[str, str]
) -> HealthCell:
    """How many runs of a week failed, and which did last."""
    number, total = sum(states.get(state, 0) for state in failed), sum(states.values())
    if not number:
        return HealthCell("Failed, last 7 days", Sign("ok", f"None of {count_words(total, 'run')}"), "")
    note = f"last: {source_name(newest.source, names)}" if newest else ""
    return HealthCell("Failed, last 7 days", Sign("failed", f"{number} of {count_words(total, 'run')}"), note)


def held_cell(count: int) -> HealthCell:
    """How many files wait for a person."""
    if not count:
        return HealthCell("Held back", Sign("ok", "No file"), "nothing waits for a decision")
    return HealthCell("Held back", Sign("late", count_words(count, "file")), "waiting for a decision")


def operations_title(*, leader: Leader | None, late: int, failing: int, held: int) -> str:
    """The page's finding: what is wrong, the worst first, or that nothing is."""
    told = []
    if leader is None or not leader.live:
        told.append("no scheduler is running")
    if late:
        told.append(f"{number_word(late)} source{' is' if late == 1 else 's are'} overdue")
    if failing:
        told.append(f"{number_word(failing)} source{'' if failing == 1 else 's'} failed at the last run")
    if held:
        told.append(f"{number_word(held)} file{' waits' if held == 1 else 's wait'} for a decision")
    return capitalised(listing(told)) if told else "Every source is on time and nothing waits for a decision"


def operations_lede(
    rows: Sequence[FreshRow], leader: Leader | None, *, failure: str = "", held: str = ""
) -> str:
    """The worst in one more sentence. `failure` is what the newest failed refresh said, `held` the newest held file."""
    worst = max((row for row in rows if row.late), key=lambda row: row.late, default=None)
    if worst is not None:
        return (
            f"{worst.name}: new figures{f' of {worst.late_levels}' if worst.late_levels else ''} were expected "
            f"{'from ' if worst.late_levels else ''}{worst.expected}. "
            f"The board pages still show {worst.data_to}, marked as overdue."
        )
    if leader is None or not leader.live:
        return f"Nothing is refreshed by itself until one is started: {START}"
    if failure:
        return failure
    if held:
        return f"{held} was refused. Nothing of it is shown until somebody decides."
    return "Nothing needs doing. Refreshes run by the schedules below."


# Freshness


def fresh_row(
    source: str,
    name: str,
    facts: SourceFacts,
    *,
    chip: FreshnessChip | None,
    ran: Run | None,
    schedule: tuple[str, datetime | None],
    now: datetime,
    waiting: bool,
) -> FreshRow:
    """One source. `chip` is the overview's; `schedule` is its words and when it looks next."""
    words, following = schedule
    return FreshRow(
        source=source,
        name=name,
        data_to=chip.period if chip else (facts.data_to.label if facts.data_to else "nothing"),
        published=published_words(facts.published_on, now) if facts.files else "",
        loaded=moment_text(facts.loaded_at, now),
        expected=chip.expected if chip and chip.expected else "no day named",
        sign=fresh_sign(chip, held=facts.data_to is not None),
        looked=looked_words(ran, now),
        schedule=words,
        following=f"next {moment_text(following, now)}" if following else "",
        late=chip.overdue if chip else 0,
        late_levels=chip.late if chip else "",
        waiting=waiting,
    )


def fresh_sign(chip: FreshnessChip | None, *, held: bool) -> Sign:
    """How a source stands, by the same arithmetic as the overview's chip, which there is of the area's figures."""
    if chip is None:
        return Sign("unchanged", "No figure of the area" if held else "Nothing loaded")
    if chip.state == "late":
        return Sign("late", chip.next)
    if chip.state == "soon":
        return Sign("due", _due_words(chip))
    return Sign("ok", "On time") if chip.next else Sign("unchanged", "No usual day")


def _due_words(chip: FreshnessChip) -> str:
    """ "next in 3 days, 12 November" as "Due in 3 days"."""
    when = chip.next.removeprefix("next ").partition(",")[0]
    return f"Due {when}"


def looked_words(run: Run | None, now: datetime) -> str:
    """When a source was last looked at and what came of it, "" where it never was."""
    if run is None:
        return ""
    return f"looked {moment_text(run.finished_at, now)}: {run.state.value}"


def source_name(source: str | None, names: Mapping[str, str]) -> str:
    """A source's name, or that it is a file that somebody gave."""
    if source is None:
        return "A file"
    return names.get(source, source.replace("_", " "))


def published_words(day: date | None, now: datetime) -> str:
    """The day on which a file was published, as seen from now."""
    return "no date given" if day is None else day_text(day, now.astimezone(TIME_ZONE).date())


# Runs

_SIGNS = {
    RunState.QUEUED: Sign("due", "Waiting"),
    RunState.RUNNING: Sign("running", "Running"),
    RunState.SUCCEEDED: Sign("ok", "Succeeded"),
    RunState.UNCHANGED: Sign("unchanged", "Unchanged"),
    RunState.FAILED: Sign("failed", "Failed"),
    RunState.TIMED_OUT: Sign("failed", "Timed out"),
    RunState.ABANDONED: Sign("failed", "Abandoned"),
    RunState.CANCELLED: Sign("idle", "Cancelled"),
}
_TRIGGERS = {"site": "This page", "upload": "Upload", "demonstration": "Demonstration"}


def run_sign(run: Run) -> Sign:
    """How a run stands or ended. One whose every file was refused has failed, for its files are held back."""
    if run.state is RunState.RUNNING and run.cancel_requested_by:
        return Sign("running", "Being stopped")
    if run.state is RunState.FAILED and run.files_refused:
        return Sign("late", "Held back")
    if run.kind is RunKind.CHECK and run.state is RunState.UNCHANGED:
        return Sign("ok", "Checked")
    return _SIGNS[run.state]


def started_by(run: Run, *, named: bool) -> str:
    """What began a run; with `named` also who."""
    words = _TRIGGERS.get(run.trigger, capitalised(run.trigger))
    who = run.requested_by if run.trigger in {"site", "upload", "command"} else ""
    return f"{words}, {who}" if named and who else words


def run_time(run: Run) -> datetime:
    """When a run began, or was asked for where it has not begun."""
    return run.started_at or run.requested_at


def happened(run: Run, line: str, now: datetime, place: tuple[int, int] | None = None) -> str:
    """What a run did or does, in one line. `line` is its log's last, `place` its place of so many in the queue."""
    what = _asked_for(run)
    if run.state is RunState.RUNNING:
        since = f"{duration(now - run.started_at)}" if run.started_at else ""
        doing = run.activity.words if run.activity else line
        return " · ".join(part for part in (what, capitalised(doing), since) if part)
    if run.state is RunState.QUEUED:
        again = run.not_before is not None and run.not_before > now
        wait = f"place {place[0]} of {place[1]} in the queue" if place else "in the queue"
        if again and run.not_before:
            wait = f"next attempt not before {clock(run.not_before)}"
        return " · ".join(part for part in (what, capitalised(wait), run.message) if part)
    message = run.message.replace(f"{what}: ", "") if what else run.message
    return " · ".join(part for part in (what, message, _counts(run)) if part)


def activity_facts(activity: RunActivity) -> list[tuple[str, str]]:
    """What a run does, or was last heard to do, as headings and words; what does not apply is left out."""
    asked = bool(activity.address)
    size = f" of {size_text(activity.size)}" if activity.size else ""
    file = f"{activity.file} of {activity.files}: {activity.name}" if activity.file else activity.name
    told = [
        ("Step", capitalised(str(activity.step))),
        ("File", file),
        ("Address", activity.address),
        ("Received", f"{size_text(activity.received)}{size}" if asked and activity.received else ""),
        ("Request", f"attempt {activity.attempt} of {activity.attempts}" if asked else ""),
    ]
    return [(head, words) for head, words in told if words]


def _asked_for(run: Run) -> str:
    if run.kind is RunKind.BACKFILL:
        dry = "Dry run" if run.request.get("dry_run") is True else "Missing periods"
        return f"{dry}, {run.request.get('first')} to {run.request.get('last')}"
    if run.kind in {RunKind.CHECK, RunKind.LOAD}:
        names = listing([path.replace("\\", "/").rpartition("/")[2] for path in paths_of(run.request)])
        return f"What would change: {names}" if run.kind is RunKind.CHECK else names
    if run.kind is RunKind.UNDO:
        looks = "What would change: " if run.request.get("dry_run") is True else ""
        return f"{looks}{'files put back' if run.request.get('puts_back') is True else 'files undone'}"
    if run.kind is RunKind.PACK:
        return f"Board pack {run.request.get('title', '')}, {run.request.get('period', '')}"
    return "A held file again" if run.kind is RunKind.RETRY_HELD_FILE else ""


def _counts(run: Run) -> str:
    parts = []
    if run.files_loaded:
        parts.append(count_words(run.files_loaded, "file"))
    rows = ((run.rows_new, "new"), (run.rows_revised, "revised"), (run.rows_withdrawn, "withdrawn"))
    told = [f"{count_words(number, 'row')} {word}" for number, word in rows if number]
    if run.files_refused:
        told.append(f"{count_words(run.files_refused, 'file')} refused")
    if run.state is RunState.UNCHANGED and not run.message and run.files_unchanged:
        told.append("The same as before")
    return ", ".join([*parts, *told])


def updated_words(now: datetime, code_version: str) -> str:
    """The time of day, in UK time, at which the page was made, and the version of the program that made it."""
    return f"Updated {now.astimezone(TIME_ZONE):%H:%M:%S} by version {code_version}"


def size_text(size: int) -> str:
    """Bytes as a person says them."""
    if size >= 1_000_000:
        return f"{size / 1_000_000:,.1f} MB"
    return f"{max(size / 1_000, 0.1):,.1f} kB"


def changed_words(when: datetime, who: str, before: str, after: str) -> str:
    """One change of a schedule: when, who, from and to."""
    day = date_text(when.astimezone(TIME_ZONE).date())
    return f"{day} by {who}: " + (f"from {before} to {after}" if before else after)


def now_utc() -> datetime:
    """This moment."""
    return datetime.now(UTC)
