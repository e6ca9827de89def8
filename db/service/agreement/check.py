"""The check after every load: each stated figure beside ours where there are both, and what became of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, insert, select, update

from db.domain import ALL, Basis, Catalogue, Finding, Frequency, Period, Severity
from db.domain.observation import BASIS_CODES
from db.service.agreement.compare import AgreementVerdict, Counts, MonthCounts, our_value, verdict_on
from db.store.catalogue_rows import ids_by_code
from db.store.schema import (
    agreement,
    breakdown,
    indicator,
    observation,
    observation_revision,
    organisation,
    source_file,
    stated_figure,
)

CHECK = "agrees with another publication"
NAMED = 50
"""So many differences of a run are named one by one."""

_Key = tuple[int, int, int]
"""The numbers of indicator, period and organisation."""


@dataclass(frozen=True)
class StatedComparison:
    """A stated figure beside ours. `files` are ours, `stated_in` the other publication's; `since` is when it was found
    to be so.
    """

    indicator: str
    period: Period
    organisation: str
    name: str
    ours: float
    stated: float
    verdict: AgreementVerdict
    files: str
    stated_in: str
    source: str
    since: datetime

    @property
    def words(self) -> str:
        """The finding in one sentence."""
        return (
            f"{self.indicator}, {self.organisation}, {self.period.label}: ours {self.ours:.2f} ({self.files}), "
            f"stated {self.stated:.2f} ({self.stated_in})"
        )


def check_stated_figures(
    connection: Connection, catalogue: Catalogue, now: datetime | None = None
) -> tuple[Finding, ...]:
    """Compare all that can be compared, keep what it came to, and say what differs that did not before.

    A difference that stands is said once; one that is gone is kept no longer. With nothing stated nothing is read.
    """
    stated = _stated(connection)
    if not stated and not connection.execute(select(agreement.c.indicator_id).limit(1)).first():
        return ()
    moment = now or datetime.now(UTC)
    found = dict(_compared(connection, catalogue, stated))
    held = {tuple(row[:3]): row for row in connection.execute(select(agreement))}
    gone = [key for key in held if key not in found]
    for key in gone:
        connection.execute(delete(agreement).where(_is(key)))
    new = []
    for key, row in found.items():
        before = held.get(key)
        same = before is not None and before.verdict == row["verdict"]
        values = {**row, "since": before.since if before is not None and same else moment}
        if before is None:
            connection.execute(insert(agreement).values(**values))
        elif any(getattr(before, name) != value for name, value in values.items()):
            connection.execute(update(agreement).where(_is(key)).values(**values))
        if row["verdict"] == AgreementVerdict.DIFFERS and not same:
            new.append(key)
    return tuple(_findings(connection, new))


def _findings(connection: Connection, new: Sequence[_Key]) -> Iterable[Finding]:
    if not new:
        return
    wanted = set(new)
    told = [item for key, item in _read(connection, AgreementVerdict.DIFFERS) if key in wanted]
    for item in told[:NAMED]:
        yield Finding(Severity.WARNING, CHECK, item.words)
    if len(told) > NAMED:
        rest = len(told) - NAMED
        yield Finding(Severity.WARNING, CHECK, f"and {rest} more differences, which `etl status` lists", rest)


def stated_differences(connection: Connection) -> tuple[StatedComparison, ...]:
    """The comparisons that differ, by indicator, newest period first, then by trust."""
    return tuple(item for _, item in _read(connection, AgreementVerdict.DIFFERS))


def verdict_counts(connection: Connection) -> dict[AgreementVerdict, int]:
    """How many comparisons came to each verdict."""
    statement = select(agreement.c.verdict, func.count()).group_by(agreement.c.verdict)
    return {AgreementVerdict(verdict): int(count) for verdict, count in connection.execute(statement)}


def _read(connection: Connection, verdict: AgreementVerdict) -> list[tuple[_Key, StatedComparison]]:
    columns = (
        *(agreement.c[name] for name in ("indicator_id", "period_id", "organisation_id")),
        *(agreement.c[name] for name in ("ours", "stated", "verdict", "our_files", "since")),
        indicator.c.code.label("indicator"),
        organisation.c.code.label("organisation"),
        organisation.c.name.label("name"),
        source_file.c.name.label("stated_in"),
        source_file.c.source.label("source"),
    )
    statement = (
        select(*columns)
        .join(indicator, indicator.c.id == agreement.c.indicator_id)
        .join(organisation, organisation.c.id == agreement.c.organisation_id)
        .join(source_file, source_file.c.id == agreement.c.source_file_id)
        .where(agreement.c.verdict == verdict.value)
        .order_by(indicator.c.code, agreement.c.period_id.desc(), organisation.c.code)
    )
    return [
        (
            (row.indicator_id, row.period_id, row.organisation_id),
            StatedComparison(
                row.indicator,
                Period.from_key(row.period_id),
                row.organisation,
                row.name,
                row.ours,
                row.stated,
                AgreementVerdict(row.verdict),
                row.our_files,
                row.stated_in,
                row.source,
                row.since,
            ),
        )
        for row in connection.execute(statement)
    ]


def _stated(connection: Connection) -> dict[_Key, Any]:
    """The stated figures of files that count, of several files the latest edition's."""
    statement = (
        select(*stated_figure.c, source_file.c.demonstration)
        .join(source_file, source_file.c.id == stated_figure.c.source_file_id)
        .where(source_file.c.undone_by.is_(None))
        .order_by(source_file.c.latest_period_end, source_file.c.id)
    )
    return {
        (row.indicator_id, row.period_id, row.organisation_id): row for row in connection.execute(statement)
    }


def _compared(
    connection: Connection, catalogue: Catalogue, stated: Mapping[_Key, Any]
) -> Iterable[tuple[_Key, dict[str, Any]]]:
    """What each comparison comes to, where we have every month's counts; invented figures beside invented ones."""
    names = {number: code for code, number in ids_by_code(connection, indicator).items()}
    ours = _our_counts(connection, stated)
    for key, row in stated.items():
        months = [ours.get((key[0], month.key, key[2])) for month in _months(Period.from_key(key[1]))]
        known = [month for month in months if month is not None and month.demonstration == row.demonstration]
        multiplier = catalogue.indicators[names[key[0]]].multiplier
        if len(known) < len(months):
            continue
        counts = [MonthCounts(month.standing, month.former) for month in known]
        verdict = verdict_on(counts, multiplier, row.value)
        value = our_value([month.standing for month in known], multiplier)
        if verdict is not None and value is not None:
            yield (
                key,
                {
                    **dict(zip(("indicator_id", "period_id", "organisation_id"), key, strict=True)),
                    "ours": value,
                    "stated": row.value,
                    "verdict": verdict.value,
                    "our_files": ", ".join(dict.fromkeys(month.file for month in known)),
                    "source_file_id": row.source_file_id,
                },
            )


@dataclass
class _OurMonth:
    standing: Counts
    file: str
    demonstration: bool
    former: list[Counts]


def _our_counts(connection: Connection, stated: Iterable[_Key]) -> dict[_Key, _OurMonth]:
    """Our months' counts of what is stated, each with what earlier releases had: two queries an indicator."""
    wanted: dict[int, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    for number, period, place in stated:
        periods, places = wanted[number]
        periods.update(month.key for month in _months(Period.from_key(period)))
        places.add(place)
    found: dict[_Key, _OurMonth] = {}
    for number, (periods, places) in wanted.items():
        for row in _counts(connection, observation, number, periods, places):
            key = (number, row.period_id, row.organisation_id)
            found[key] = _OurMonth((row.numerator, row.denominator), row.name, row.demonstration, [])
        for row in _counts(connection, observation_revision, number, periods, places):
            key = (number, row.period_id, row.organisation_id)
            if key in found:
                found[key].former.append((row.numerator, row.denominator))
    return found


def _counts(
    connection: Connection, rows: Table, number: int, periods: Iterable[int], places: Iterable[int]
) -> Sequence[Any]:
    headline = select(breakdown.c.id).where(breakdown.c.key == ALL).scalar_subquery()
    columns = (rows.c.period_id, rows.c.organisation_id, rows.c.numerator, rows.c.denominator)
    statement = (
        select(*columns, source_file.c.name, source_file.c.demonstration)
        .join(source_file, source_file.c.id == rows.c.source_file_id)
        .where(
            rows.c.indicator_id == number,
            rows.c.period_id.in_(sorted(periods)),
            rows.c.breakdown_id == headline,
            rows.c.organisation_id.in_(sorted(places)),
            rows.c.basis == BASIS_CODES[Basis.PROVIDER.value],
            rows.c.numerator.is_not(None),
            rows.c.denominator.is_not(None),
        )
    )
    return connection.execute(statement).all()


def _months(period: Period) -> tuple[Period, ...]:
    """The months of a quarter, or a month itself."""
    if period.frequency is Frequency.MONTH:
        return (period,)
    return tuple(Period.month(period.start.year, period.start.month + offset) for offset in range(3))


def _is(key: _Key) -> ColumnElement[bool]:
    columns = (agreement.c.indicator_id, agreement.c.period_id, agreement.c.organisation_id)
    return and_(*(column == number for column, number in zip(columns, key, strict=True)))
