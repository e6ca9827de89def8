"""What is told of the figures, in words: a heading that stands alone, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from db.catalogue.levels import LevelFreshness
from db.domain.changes import ValueChange
from db.domain.reading import Reading
from db.service.follow.news import News, NewsKind, Tone
from stp_dash.analysis.claims.change_words import change_claim, change_label
from stp_dash.analysis.standing.limits import LOWER
from stp_dash.analysis.standing.verdict import gap_of, short_or_met, standard_of
from stp_dash.analysis.wording import (
    capitalised,
    count_text,
    counts_text,
    full_text,
    level_text,
    listing,
    number_word,
    periods_word,
    status_text,
    told_apart,
    value_text,
    within,
)
from stp_dash.elements.links import DATA, TREND, href
from stp_dash.follow.standing import MET, STEADY, STOOD, WITHIN, Aspect, FollowedSeries
from stp_dash.statistics.profiles import CONCERN, IMPROVEMENT


@dataclass(frozen=True)
class Telling:
    """Beside what news are worded: names of organisations by code, the area whose pages show them ("" for the site's
    own), the data version and the moment of telling."""

    names: Mapping[str, str]
    area: str
    data_version: int
    at: datetime
    earlier: bool = False

    def named(self, code: str, name: str = "") -> str:
        return self.names.get(code) or name or code


def series_news(telling: Telling, series: FollowedSeries, aspect: Aspect, state: str) -> News | None:
    """What a new state of an aspect is told as; None without a figure."""
    latest = series.latest
    if latest is None:
        return None
    where = telling.named(series.organisation, latest.organisation_name)
    kind, tone, heading, words = {
        Aspect.VARIATION: _variation,
        Aspect.STANDARD: _standard,
        Aspect.FUNNEL: _funnel,
    }[aspect](series, latest, state)
    lead = f"{series.indicator.short_name}, {where}: "
    return News(
        key=f"{aspect.value}|{series.indicator.id}|{series.organisation}|{latest.period.key}|{state}",
        kind=kind,
        tone=tone,
        source=series.indicator.source_id,
        indicator=series.indicator.id,
        organisation=series.organisation,
        period_key=latest.period.key,
        heading=lead + heading,
        words=f"{words} {_figure(series, latest)}",
        path=_trend(telling, series.indicator.id, series.organisation),
        demonstration=latest.demonstration,
        data_version=telling.data_version,
        told_at=telling.at,
        earlier=telling.earlier,
    )


Told = tuple[NewsKind, Tone, str, str]


def _variation(series: FollowedSeries, latest: Reading, state: str) -> Told:
    claim = change_claim(series.controlled).text
    if state == STEADY:
        periods = f"{number_word(STOOD)} {periods_word(series.indicator)}"
        return NewsKind.ENDED, Tone.CHANGED, f"back within its limits for {periods}", claim
    tone = Tone.NEITHER
    if state.startswith(CONCERN):
        tone = Tone.WORSE
    elif state.startswith(IMPROVEMENT):
        tone = Tone.BETTER
    return NewsKind.BEGAN, tone, change_label(series.controlled), claim


def _standard(series: FollowedSeries, latest: Reading, state: str) -> Told:
    indicator = series.indicator
    level = level_text(indicator, standard_of(indicator, latest))
    periods = f"{number_word(STOOD)} {periods_word(indicator)} in a row"
    if state == MET:
        heading = f"meets its {level} standard"
        return NewsKind.MET, Tone.BETTER, heading, f"It has met the standard of {level} for {periods}."
    heading = f"misses its {level} standard"
    return NewsKind.MISSED, Tone.WORSE, heading, f"It has missed the standard of {level} for {periods}."


def _funnel(series: FollowedSeries, latest: Reading, state: str) -> Told:
    periods = f"{number_word(STOOD)} {periods_word(series.indicator)} in a row"
    if state == WITHIN:
        words = f"For {periods} it has lain within the limits of chance for its size."
        return NewsKind.WITHIN, Tone.CHANGED, "within the funnel's outer limits again", words
    side = "below" if state == LOWER else "above"
    good = series.indicator.improvement_direction.value
    tone = Tone.NEITHER
    if good != "neutral":
        tone = Tone.BETTER if (good == "increase") is (side == "above") else Tone.WORSE
    words = f"For {periods} it has lain further {side} England than chance would put one of its size."
    return NewsKind.BEYOND, tone, f"{side} the funnel's outer limits", words


def _figure(series: FollowedSeries, latest: Reading) -> str:
    """`70.9% in August 2026, provisional, 839 short: 6,543 of 9,224.`"""
    indicator, found = series.indicator, gap_of(series.indicator, latest)
    parts = [
        f"{full_text(indicator, latest.value, standard_of(indicator, latest))} {within(latest.period)}",
        status_text(latest.maturity),
    ]
    if found is not None:
        parts.append(short_or_met(indicator, found))
    counts = counts_text(indicator, latest.numerator, latest.denominator)
    return f"{', '.join(parts)}{f': {counts}' if counts else ''}."


def new_data_news(telling: Telling, topics: Sequence[str], source: str, reading: Reading) -> News:
    """That a source's figures of a period are there."""
    where = telling.named(reading.organisation, reading.organisation_name)
    return News(
        key=f"new|{source}|{reading.organisation}|{reading.period.key}",
        kind=NewsKind.NEW_DATA,
        tone=Tone.CHANGED,
        source=source,
        indicator="",
        organisation=reading.organisation,
        period_key=reading.period.key,
        heading=f"{listing(topics)}, {where}: figures of {reading.period.label}",
        words=f"The figures of {reading.period.label} are loaded, {status_text(reading.maturity)}.",
        path=href(DATA, area=telling.area),
        demonstration=reading.demonstration,
        data_version=telling.data_version,
        told_at=telling.at,
        earlier=telling.earlier,
    )


def revised_news(telling: Telling, series: FollowedSeries, changes: Sequence[ValueChange]) -> News:
    """What a release revised of one organisation's indicator: the newest period, and how many more."""
    change, indicator = max(changes, key=lambda item: item.after.period.end), series.indicator
    before, after = change.before, change.after
    where, way = telling.named(series.organisation, after.organisation_name), "revised"
    if before.value is not None and after.value is not None:
        way = f"revised {'up' if after.value > before.value else 'down'}"
        told = told_apart(indicator, before.value, after.value)
    else:
        told = value_text(indicator, before.value), value_text(indicator, after.value)
    more = len(changes) - 1
    counts = _counts(series, change)
    rest = f" So were {count_text(more)} more of its figures." if more > 1 else ""
    rest = " So was one more of its figures." if more == 1 else rest
    return News(
        key=f"revised|{indicator.id}|{series.organisation}|{after.period.key}|{telling.data_version}",
        kind=NewsKind.REVISED,
        tone=Tone.CHANGED,
        source=indicator.source_id,
        indicator=indicator.id,
        organisation=series.organisation,
        period_key=after.period.key,
        heading=f"{indicator.short_name}, {where}: {after.period.label} {way}, {told[0]} to {told[1]}",
        words=f"{after.period.label} was {told[0]} and is {told[1]}{counts}, {status_text(after.maturity)}.{rest}",
        path=_trend(telling, indicator.id, series.organisation),
        demonstration=after.demonstration,
        data_version=telling.data_version,
        told_at=telling.at,
    )


def _counts(series: FollowedSeries, change: ValueChange) -> str:
    """` (2 more of patients treated within 62 days)`."""
    then, now = change.before.numerator, change.after.numerator
    if then is None or now is None or then == now:
        return ""
    label = series.indicator.numerator_label
    return f" ({label[:1].lower()}{label[1:]}: {count_text(abs(now - then))} {'more' if now > then else 'fewer'})"


def overdue_news(
    telling: Telling, late: tuple[str, Sequence[str], str], found: LevelFreshness, *, demonstration: bool
) -> News:
    """That a source's figures of a level did not come. `late`: the source, its topics and the area's organisation."""
    (source, topics, organisation), expected = late, found.expected
    due = f"{expected.words} {expected.on.year}" if expected else "before now"
    return News(
        key=f"overdue|{source}|{organisation}|{found.level}|{found.period.key}",
        kind=NewsKind.OVERDUE,
        tone=Tone.WORSE,
        source=source,
        indicator="",
        organisation=organisation,
        period_key=found.period.key,
        heading=f"{listing(topics)}: new figures of {found.level} are overdue",
        words=f"They were expected {due}. The pages still show {found.period.label}.",
        path=href(DATA, area=telling.area),
        demonstration=demonstration,
        data_version=telling.data_version,
        told_at=telling.at,
    )


def correction_news(
    telling: Telling, source: str, topics: Sequence[str], found: Sequence[Reading], *, undone_on: date | None
) -> News:
    """That figures of an organisation stand no longer: withdrawn by their publisher, or undone here on a day.

    `found` are those that changed, the newest first.
    """
    first = found[0]
    organisation, number = first.organisation, len(found)
    where = telling.named(organisation, first.organisation_name)
    figures = "one figure" if number == 1 else f"{count_text(number)} figures"
    by = (
        f"by an undo of {undone_on.day} {undone_on:%B %Y}" if undone_on else "by the publisher's newest files"
    )
    verb = "was" if number == 1 else "were"
    return News(
        key=f"correction|{source}|{organisation}|{telling.data_version}",
        kind=NewsKind.CORRECTION,
        tone=Tone.CHANGED,
        source=source,
        indicator="",
        organisation=organisation,
        period_key=first.period.key,
        heading=f"{listing(topics)}, {where}: {figures} corrected",
        words=f"{capitalised(figures)} {verb} changed or withdrawn {by}, the newest of {first.period.label}.",
        path=href(DATA, area=telling.area),
        demonstration=first.demonstration,
        data_version=telling.data_version,
        told_at=telling.at,
    )


def at_its_day(item: News, on: datetime) -> News:
    """A piece of news of earlier, told as of the day on which its figures came out."""
    return replace(item, told_at=on, earlier=True)


def _trend(telling: Telling, indicator: str, organisation: str) -> str:
    return href(TREND, indicator=indicator, organisation=organisation, area=telling.area)
