"""How fresh each source is, in one line each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from db.domain import Indicator, OrganisationType, Period
from db.queries import Freshness, LatestPeriod
from stp_dash.views.wording import capitalised, date_text


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

    `types` are the types with the words for them, in the order wanted.
    """
    return tuple(
        FreshnessChip(
            source_words(item.source),
            _periods(item.source, indicators, latest, types),
            f"last file published {date_text(item.published_on)}" if item.published_on else "",
        )
        for item in sources
    )


def source_words(source_id: str) -> str:
    return capitalised(source_id.replace("_", " "))


def _periods(
    source: str,
    indicators: Mapping[str, Indicator],
    latest: Sequence[LatestPeriod],
    types: Mapping[OrganisationType, str],
) -> str:
    newest: dict[OrganisationType, Period] = {}
    for item in latest:
        known = indicators.get(item.indicator)
        if known is None or known.source_id != source or item.period.frequency is not known.frequency:
            continue
        if item.organisation_type in types:
            before = newest.get(item.organisation_type, item.period)
            newest[item.organisation_type] = max(before, item.period)
    return ", ".join(f"{words} to {newest[kind].label}" for kind, words in types.items() if kind in newest)
