"""How fresh each source is, in one line each: what it holds, when more is expected, and what is overdue."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from db.catalogue.levels import LevelFreshness, level_freshness
from db.domain import Indicator, OrganisationType
from db.domain.holdings import LatestPeriod
from stp_dash.analysis.wording import listing
from stp_dash.elements.links import DATA

_SOON = 7


@dataclass(frozen=True)
class FreshnessChip:
    """How fresh a source is. `state` is `fresh`, `soon` or `late`, that of the level that is worst.

    `next` says when more is expected, or by how much each level is overdue; `overdue` and `expected` are the worst
    level's, in days and words. `late` names the levels that are overdue where not all of them are alike, else "".
    """

    source: str
    period: str
    next: str
    state: str
    overdue: int = 0
    expected: str = ""
    href: str = DATA
    late: str = ""


def freshness_chips(
    indicators: Mapping[str, Indicator],
    latest: Sequence[LatestPeriod],
    types: Mapping[OrganisationType, str],
    today: date,
    statuses: Mapping[str, str],
    *,
    coming: Collection[str] = (),
) -> tuple[FreshnessChip, ...]:
    """One line for each source that holds anything: the last period of each level that the area has, the worst first.

    `types` are the types with the words for them, in the order wanted; `statuses` say of each source how settled its
    latest figures are. A source is named by its topics. Those of `coming` are being loaded for the first time: what
    they lack is not overdue.
    """
    levels = {words: (kind,) for kind, words in types.items()}
    chips = []
    for source in dict.fromkeys(item.source_id for item in indicators.values()):
        own = [item for item in indicators.values() if item.source_id == source]
        found = level_freshness(own, latest, today, levels)
        if found:
            name = listing(list(dict.fromkeys(item.topic for item in own))) or source.replace("_", " ")
            chip = _chip(name, found, statuses.get(source, ""), today)
            if source in coming:
                chip = FreshnessChip(name, chip.period, "more is being loaded", "soon")
            chips.append(chip)
    return tuple(chips)


def _chip(name: str, levels: Sequence[LevelFreshness], status: str, today: date) -> FreshnessChip:
    alike = len({item.period for item in levels}) == 1
    period = ", ".join(f"{item.level} to {item.period.label}" for item in levels)
    if alike:
        period = f"{levels[0].period.label}, {status}" if status else levels[0].period.label
    due = [item.expected for item in levels if item.expected is not None]
    late = [item for item in levels if item.overdue]
    if late and late[0].expected is not None:
        one = len({item.overdue for item in levels}) == 1
        words = _overdue_words(late[:1] if one else late, named=not one)
        named = "" if one else listing([item.level for item in late])
        expected = f"{late[0].expected.words} {late[0].expected.on.year}"
        return FreshnessChip(name, period, words, "late", late[0].overdue, expected, late=named)
    if not due:
        return FreshnessChip(name, period, "", "fresh")
    following = min(due, key=lambda item: item.on)
    days, words = (following.on - today).days, f"next {following.words}"
    if 0 <= days <= _SOON and not following.about:
        when = {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
        words = f"next {when}, {following.words}"
    return FreshnessChip(name, period, words, "soon" if days <= _SOON else "fresh", 0, following.words)


def _overdue_words(late: Sequence[LevelFreshness], *, named: bool) -> str:
    """`6 days overdue`; of several levels `ICBs 444 days overdue, trusts 353 days, England 143 days`."""
    told = []
    for place, item in enumerate(late):
        days = f"{item.overdue} day{'' if item.overdue == 1 else 's'}"
        whose = f"{item.level} " if named else ""
        told.append(f"{whose}{days}{'' if place else ' overdue'}")
    return ", ".join(told)
