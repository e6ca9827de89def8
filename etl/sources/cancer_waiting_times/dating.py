"""When a file's figures are from and how settled they are, where file, name and hints must not contradict."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from db.domain import Finding, Maturity, Period, Severity
from etl.reading.periods import span_in_name
from etl.source import Hints, RawFile, SourceError

_STATUS = (
    (re.compile(r"(?<![a-z])(provisional|prov)(?![a-z])"), Maturity.PROVISIONAL),
    (re.compile(r"(?<![a-z])(revised)(?![a-z])"), Maturity.REVISED),
    (re.compile(r"(?<![a-z])(final)(?![a-z])"), Maturity.FINAL),
)


class DatingError(SourceError):
    """When a file is from or how settled it is cannot be told, or file, name and hints do not agree."""


@dataclass(frozen=True)
class Said:
    """One thing said of a file, and where."""

    where: str
    maturity: Maturity


def maturity_in_text(text: str) -> Maturity | None:
    """The status that a file name, link text or front page names; "with Revisions" is none."""
    lowered = text.casefold().replace("_", "-")
    return next((maturity for pattern, maturity in _STATUS if pattern.search(lowered)), None)


def settle_maturity(
    raw: RawFile, hints: Hints, said: Iterable[Said] = (), silent: Maturity | None = None
) -> Maturity:
    """How settled a file's figures are: what the file says, else its name, else the hint, else `silent`.

    Raises DatingError where they disagree, and where nothing says it and `silent` is None.
    """
    in_name = maturity_in_text(raw.name)
    sayings = [*said]
    if in_name is not None:
        sayings.append(Said("the file name", in_name))
    if hints.maturity is not None:
        sayings.append(Said("the request or the page that links to it", hints.maturity))
    for saying in sayings[1:]:
        # A file that is revised may still call itself final on its front page; only "provisional" contradicts.
        if (saying.maturity is Maturity.PROVISIONAL) != (sayings[0].maturity is Maturity.PROVISIONAL):
            raise DatingError(
                f"{raw.name}: {sayings[0].where} says {sayings[0].maturity.label}, "
                f"but {saying.where} says {saying.maturity.label}"
            )
    if sayings:
        return max(saying.maturity for saying in sayings)
    if silent is None:
        raise DatingError(f"{raw.name}: nothing says whether its figures are provisional or final")
    return silent


def settle_period(raw: RawFile, hints: Hints, in_file: Period | None) -> Period:
    """The one period of a file: what the file says, else its name, else the hint.

    Raises DatingError where they disagree or none says it.
    """
    span = span_in_name(raw.name)
    in_name = span.first if span is not None and span.months == 1 else None
    sayings = [
        (where, period)
        for where, period in (
            ("the file", in_file),
            ("the file name", in_name),
            ("the request or the page that links to it", hints.period),
        )
        if period is not None
    ]
    if not sayings:
        raise DatingError(
            f"{raw.name} cannot be dated: neither the file nor its name says its period; give it with --period"
        )
    check_periods(raw, hints, {sayings[0][1]})
    return sayings[0][1]


def check_months(raw: RawFile, hints: Hints, found: set[Period]) -> tuple[Finding, ...]:
    """As `check_periods`, for a file of several months; a finding where it lacks one that its name says, as a file does
    that was cut or saved with a filter.
    """
    check_periods(raw, hints, found)
    span = span_in_name(raw.name)
    if span is None or len(found) >= span.months:
        return ()
    held = ", ".join(period.label for period in sorted(found))
    named = f"the {span.months} months {span.first.label} to {span.last.label} that the file's name says"
    message = f"wanted {named}, found {held}"
    return (Finding(Severity.WARNING, "months of the name", message, span.months - len(found)),)


def check_periods(raw: RawFile, hints: Hints, found: set[Period]) -> None:
    """Raise DatingError where a file's periods lie outside its name or do not hold the hint."""
    span = span_in_name(raw.name)
    for period in sorted(found):
        if span is not None and not span.holds(period):
            months = sorted(
                {span.first.label, span.last.label}, key=(span.first.label, span.last.label).index
            )
            raise DatingError(
                f"{raw.name}: the file holds {period.label}, but its name says {' to '.join(months)}"
            )
    if hints.period is not None and hints.period not in found:
        held = ", ".join(period.label for period in sorted(found))
        raise DatingError(
            f"{raw.name}: {hints.period.label} was asked for or announced, but the file holds {held}"
        )
