"""How fresh each source is, in one line each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from db.domain import Indicator, OrganisationType, Period
from db.queries import Freshness, LatestPeriod
from stp_dash.views.series import comparable_frequencies
from stp_dash.views.wording import date_text, listing


@dataclass(frozen=True)
class FreshnessChip:
    source: str
    periods: str
    published: str


def freshness_chips(
    indicators: Mapping[str, Indicator],
    latest: Sequence[LatestPeriod],
    sources: Iterable[Freshness],
    types: Mapping[OrganisationType, str],
) -> tuple[FreshnessChip, ...]:
    """One line for each source: the last period for each type of organisation that the area looks at.

    `types` are the types with the words for them, in the order wanted. A source is named by its topics.
    """
    return tuple(
        FreshnessChip(
            _topics(item.source, indicators),
            _periods(item.source, indicators, latest, types),
            f"last file published {date_text(item.published_on)}" if item.published_on else "",
        )
        for item in sources
    )


def _topics(source: str, indicators: Mapping[str, Indicator]) -> str:
    topics = dict.fromkeys(item.topic for item in indicators.values() if item.source_id == source)
    return listing(list(topics)) or source.replace("_", " ")


def _periods(
    source: str,
    indicators: Mapping[str, Indicator],
    latest: Sequence[LatestPeriod],
    types: Mapping[OrganisationType, str],
) -> str:
    """Each type to its last period, or the one period that all have."""
    newest: dict[OrganisationType, Period] = {}
    for item in latest:
        known = indicators.get(item.indicator)
        if known is None or known.source_id != source:
            continue
        if (
            item.period.frequency in comparable_frequencies(known.frequency)
            and item.organisation_type in types
        ):
            before = newest.get(item.organisation_type, item.period)
            newest[item.organisation_type] = max(before, item.period)
    if len(set(newest.values())) == 1:
        return next(iter(newest.values())).label
    return ", ".join(f"{words}: {newest[kind].label}" for kind, words in types.items() if kind in newest)
