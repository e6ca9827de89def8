"""How fresh each source is, in one line each: what it holds, when more is expected, and what is overdue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from db.catalogue.publication import Expected
from db.catalogue.source_files import expected_next
from db.domain import Indicator, OrganisationType, Period
from db.domain.holdings import LatestPeriod
from stp_dash.analysis.series import comparable_frequencies
from stp_dash.analysis.wording import listing
from stp_dash.elements.links import DATA

_SOON = 7


@dataclass(frozen=True)
class FreshnessChip:
    """`state` is `fresh`, `soon` or `late`; `next` says when more is expected, or by how much it is overdue."""

    source: str
    period: str
    next: str
    state: str
    overdue: int = 0
    expected: str = ""
    href: str = DATA


def freshness_chips(
    indicators: Mapping[str, Indicator],
    latest: Sequence[LatestPeriod],
    types: Mapping[OrganisationType, str],
    today: date,
    statuses: Mapping[str, str],
) -> tuple[FreshnessChip, ...]:
    """One line for each source that holds anything: the last period for each type of organisation that the area has.

    `types` are the types with the words for them, in the order wanted; `statuses` say of each source how settled its
    latest figures are. A source is named by its topics.
    """
    sources = dict.fromkeys(item.source_id for item in indicators.values())
    chips = []
    for source in sources:
        newest = _newest(source, indicators, latest, types)
        if newest:
            expected = expected_next(source, max(newest.values(), key=lambda period: period.end))
            status = statuses.get(source, "") if len(set(newest.values())) == 1 else ""
            told = (_periods(newest, types), status)
            period = ", ".join(part for part in told if part)
            chips.append(_chip(_topics(source, indicators), period, expected, today))
    return tuple(chips)


def _chip(name: str, period: str, expected: Expected | None, today: date) -> FreshnessChip:
    if expected is None:
        return FreshnessChip(name, period, "", "fresh")
    late, days = expected.overdue(today), (expected.on - today).days
    if late:
        words = f"{late} day{'' if late == 1 else 's'} overdue"
        return FreshnessChip(name, period, words, "late", late, f"{expected.words} {expected.on.year}")
    words = f"next {expected.words}"
    if 0 <= days <= _SOON and not expected.about:
        when = {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
        words = f"next {when}, {expected.words}"
    return FreshnessChip(name, period, words, "soon" if days <= _SOON else "fresh", 0, expected.words)


def _topics(source: str, indicators: Mapping[str, Indicator]) -> str:
    topics = dict.fromkeys(item.topic for item in indicators.values() if item.source_id == source)
    return listing(list(topics)) or source.replace("_", " ")


def _newest(
    source: str,
    indicators: Mapping[str, Indicator],
    latest: Iterable[LatestPeriod],
    types: Mapping[OrganisationType, str],
) -> dict[OrganisationType, Period]:
    """The last period of each type of organisation."""
    newest: dict[OrganisationType, Period] = {}
    for item in latest:
        known = indicators.get(item.indicator)
        if known is None or known.source_id != source or item.organisation_type not in types:
            continue
        if item.period.frequency in comparable_frequencies(known.frequency):
            before = newest.get(item.organisation_type, item.period)
            newest[item.organisation_type] = max(before, item.period)
    return newest


def _periods(newest: Mapping[OrganisationType, Period], types: Mapping[OrganisationType, str]) -> str:
    """Each type to its last period, or the one period that all have."""
    if len(set(newest.values())) == 1:
        return next(iter(newest.values())).label
    return ", ".join(f"{words} to {newest[kind].label}" for kind, words in types.items() if kind in newest)
