"""Every claim about every series that a store holds, read back by the oracle: none may be false."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import text

from db.catalogue import load_catalogue
from db.domain import ALL, Basis, Maturity, OrganisationType, Period
from db.domain.reading import Reading
from db.store import Store
from etl.pipeline.keep import read_file
from etl.pipeline.recognise import parsed_file, source_of
from etl.pipeline.roll_up import roll_up
from etl.source import Hints
from stp_dash.analysis.claims.change_words import (
    change_claim,
    change_label,
    change_note,
    change_phrase,
    change_word,
)
from stp_dash.analysis.claims.claim import DEFINITIONS, Claim
from stp_dash.analysis.claims.standard_words import Measure, limits_against, met_of
from stp_dash.analysis.control import Controlled, SeriesInput, controlled_many
from stp_dash.analysis.standing.verdict import met
from stp_dash.statistics.profiles import PROFILES
from tests.support.built.demonstration import demonstration_store
from tests.support.claim_oracle import PlainSeries, check, check_met, read

ROOT = Path(__file__).resolve().parents[4]
SHAPES = Path(__file__).parent / "expected" / "sentences.txt"
NOT_READ = ("Technical-note", "Admitted-Commissioner")
"""Notes without figures, and a single month of another source."""
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_ALL_SERIES = """
    SELECT i.code, o.code, o.name, o.type, b.period_id, b.numerator, b.denominator, b.value, b.missing_reason,
           b.basis, b.maturity, b.derived
    FROM observation b JOIN indicator i ON i.id = b.indicator_id JOIN organisation o ON o.id = b.organisation_id
    WHERE b.breakdown_id = (SELECT id FROM breakdown WHERE key = 'all')
"""


def series_of(readings: Iterable[Reading]) -> list[SeriesInput]:
    """Every series of the readings as pages lay it out, without decisions of people."""
    found: dict[tuple[str, str], list[Reading]] = defaultdict(list)
    indicators = load_catalogue().indicators
    for item in readings:
        if item.period.frequency is indicators[item.indicator].frequency:
            found[item.indicator, item.organisation].append(item)
    return [SeriesInput(indicators[code], items, where) for (code, where), items in found.items()]


def readings_of_store(store: Store) -> Iterator[Reading]:
    with store.reading() as connection:
        for row in connection.execute(text(_ALL_SERIES)):
            yield _reading(row[:3], OrganisationType(row[3]), row[4], row[5:8], row[8], row[10:])


def readings_of_files(paths: Iterable[Path]) -> Iterator[Reading]:
    """The headline figures of published files, parsed and summed as a load does it; of each the most settled one.

    To load them too costs four times as much, for breakdowns of which no claim is made.
    """
    catalogue = load_catalogue()
    places, frames = dict(catalogue.organisations), []
    for path in paths:
        raw = read_file(path)
        source = source_of(raw)
        parsed = parsed_file(source, raw, Hints())
        places = {item.code: item for item in parsed.organisations} | places
        headline = parsed.frame[parsed.frame["breakdown"] == ALL]
        frames.append(
            roll_up(headline, source.roll_ups, places).assign(published=str(parsed.published_on or ""))
        )
    key = ["indicator", "organisation", "period"]
    whole = pd.concat(frames).sort_values([*key, "maturity", "published"]).drop_duplicates(key, keep="last")
    rows: Iterable[Any] = whole.itertuples(index=False)
    for row in rows:
        place = places.get(row.organisation)
        if place is not None:
            part, total, value = (
                None if math.isnan(n) else n for n in (row.numerator, row.denominator, row.value)
            )
            if value is None and part is not None and total:
                value = catalogue.indicators[row.indicator].multiplier * part / total
            named = (row.indicator, row.organisation, row.organisation_name or place.name)
            settled = (row.maturity, row.derived)
            yield _reading(named, place.type, row.period, (part, total, value), row.missing_reason, settled)


def _reading(
    named: tuple[str, str, str],
    kind: OrganisationType,
    period: int,
    counts: tuple[float | None, float | None, float | None],
    reason: str | None,
    settled: tuple[int, bool],
) -> Reading:
    of, maturity, derived = Period.from_key(period), Maturity(settled[0]), bool(settled[1])
    return Reading(*named, kind, of, ALL, *counts, reason or "", Basis.PROVIDER, maturity, derived, ())


def controlled_series(inputs: Sequence[SeriesInput], profile: str) -> Iterator[Controlled]:
    """The series under control limits."""
    for first in range(0, len(inputs), 200):
        yield from controlled_many(inputs[first : first + 200], profile=profile)


def claims_of(series: Controlled) -> Iterator[Claim]:
    """What pages may say of a series; a claim that is not made is left out."""
    latest = series.latest
    standard = series.given.indicator.standard_on(latest.period.start) if latest else None
    level = f"{standard.value:g}%" if standard and standard.value is not None else "none"
    measured = series.analysed.target is not None
    made = (
        change_claim(series),
        limits_against(series, Measure(f"the standard of {level}", standard))
        if measured and standard
        else None,
        met_of(
            series.given.indicator, [met(series.given.indicator, r) for r in series.readings if r is not None]
        ),
    )
    yield from (claim for claim in made if claim is not None)


def false_claims(
    inputs: Sequence[SeriesInput], profile: str
) -> tuple[Counter[str], list[str], dict[str, str]]:
    """How many claims were checked of each kind, those that the oracle denies, and an example of each shape."""
    checked: Counter[str] = Counter()
    denied: list[str] = []
    shapes: dict[str, str] = {}
    for series in controlled_series(inputs, profile):
        analysed = series.analysed
        if analysed.latest is None or not series.charted or analysed.latest < analysed.phases[-1].first:
            continue
        starts = [item.position for item in series.rebases]
        given = series.given
        plain = read(
            PlainSeries(given.indicator, series.periods, series.readings, starts, analysed.target, profile)
        )
        for claim in claims_of(series):
            checked[claim.id] += 1
            fault = check_met(plain, claim.text) if claim.id == "met-of" else check(plain, claim.text)
            if fault:
                denied.append(f"{given.indicator.id}, {given.where}: {claim.text} But: {fault}")
            shapes.setdefault(shape_of(claim), claim.text)
            denied += [
                f"too long: {part}" for part in re.split(r"(?<=\.) ", claim.text) if len(part.split()) > 25
            ]
        for words in (change_word(series), change_label(series), change_phrase(series), change_note(series)):
            shapes.setdefault(f"words: {_plain(words)}", words)
    return checked, denied, shapes


def shape_of(claim: Claim) -> str:
    return f"{claim.id}: {_plain(claim.text)}"


def _plain(words: str) -> str:
    """A text without its numbers and dates."""
    dated = re.sub(
        rf"(\d{{1,2}} )?({_MONTHS})( to ({_MONTHS}))?( \d{{4}})?( to ({_MONTHS}))?( \d{{4}})?", "DATE", words
    )
    numbers = "one|two|three|four|five|six|seven|eight|nine|ten"
    counted = re.sub(rf"\b({numbers})\b", "N", dated, flags=re.IGNORECASE)
    return re.sub(r"-?\d[\d,.]*\d|\d", "N", counted)


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> list[SeriesInput]:
    (inputs,) = (series_of(readings_of_store(store)) for store in demonstration_store(tmp_path_factory))
    return inputs


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_no_claim_about_the_demonstration_is_false(demonstration: list[SeriesInput], profile: str) -> None:
    checked, denied, _ = false_claims(demonstration, profile)
    assert sum(checked.values()) > 3_000
    assert denied == []


@pytest.mark.real_data
def test_no_claim_about_the_real_files_is_false(shared_data: Path) -> None:
    """Cancer and stroke; what shapes sentences have is a golden file, to be read by a person when it changes."""
    cancer, stroke = shared_data / "cancer", shared_data / "stroke" / "scoring_summary"
    files = [*sorted(cancer.rglob("*.xlsx")), *sorted(cancer.rglob("*.csv")), *sorted(stroke.glob("*.csv"))]
    files += sorted((shared_data / "stroke" / "ccg_portfolio").glob("*.xlsx"))
    inputs = series_of(readings_of_files(item for item in files if not item.name.startswith(NOT_READ)))
    shapes: dict[str, str] = {}
    for profile in sorted(PROFILES):
        checked, denied, found = false_claims(inputs, profile)
        assert sum(checked.values()) > 3_000
        assert denied == []
        shapes = {**found, **shapes}
    written = "".join(f"{shape}\n    {shapes[shape]}\n" for shape in sorted(shapes))
    assert {line for line in written.splitlines() if not line.startswith(" ")} == {
        line for line in SHAPES.read_text(encoding="utf-8").splitlines() if not line.startswith(" ")
    }, written


def test_the_document_of_statistics_lists_each_definition() -> None:
    statistics = (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")
    for claim, definition in DEFINITIONS.items():
        assert f"| `{claim}` | {definition} |" in statistics
