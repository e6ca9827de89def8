"""Mid-year estimates: the workbook of an edition in both layouts, and what contradicts itself in it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from db.domain import ENGLAND, OrganisationType, Period
from etl.source import Hints, LayoutError, ParsedFile
from etl.sources.population import SOURCE
from tests.etl.sources.population.made_up import AREAS, Edition


def parsed(edition: Edition) -> ParsedFile:
    raw = edition.file()
    assert SOURCE.recognise(raw)
    return SOURCE.parse(raw, Hints())


def rows_of(found: ParsedFile, indicator: str) -> dict[tuple[str, int], dict[str, Any]]:
    """By organisation and year."""
    rows = [dict(zip(found.frame.columns, row, strict=True)) for row in found.frame.itertuples(index=False)]
    own = [row for row in rows if row["indicator"] == indicator]
    by_key = {(row["organisation"], Period.from_key(row["period"]).end.year): row for row in own}
    assert len(by_key) == len(own)
    return by_key


@pytest.mark.parametrize(
    ("old", "year", "census"), [(True, 2019, 2011), (False, 2020, 2011), (False, 2023, 2021)]
)
def test_both_layouts_give_totals_of_all_years_and_ages_of_their_own(
    old: bool, year: int, census: int
) -> None:
    found = parsed(Edition(year=year, old=old))
    assert (found.edition_end, found.title) == (
        date(year, 6, 30),
        f"Mid-{year} population estimates, based on the census of {census}",
    )
    totals = rows_of(found, "resident-population")
    assert {end for _, end in totals} == {year, year - 1, year - 2}
    assert (totals["E10000016", year]["value"], totals["E10000016", year - 1]["value"]) == (24_000, 23_760)
    period = Period.from_key(totals[ENGLAND, year]["period"])
    assert (period.start, period.end) == (date(year, 6, 30), date(year, 6, 30))
    assert not any(row["derived"] for row in totals.values())
    shares = rows_of(found, "resident-population-aged-70-and-over")
    assert {end for _, end in shares} == {year}
    medway = shares["E06000035", year]
    assert (medway["numerator"], medway["denominator"]) == (6 * (20 * 10 + 100), 6_000)
    assert rows_of(found, "resident-population-aged-65-and-over")["E06000035", year]["numerator"] == 6 * 350
    assert rows_of(found, "resident-population-aged-70-and-over-count")["E06000035", year]["value"] == 1_800


def test_areas_that_are_none_of_ours_are_left_out_and_districts_elsewhere_are_vouched_for() -> None:
    found = parsed(Edition())
    codes = set(found.frame["organisation"])
    assert codes == {ENGLAND, *AREAS} - {"K02000001", "E92000001", "E11000001", "W06000023"}
    assert set(found.frame.loc[found.frame["organisation"] == ENGLAND, "basis"]) == {"national"}
    (district,) = found.organisations
    assert (district.code, district.type) == ("E07000999", OrganisationType.DISTRICT)


@pytest.mark.parametrize(
    ("edition", "told"),
    [
        (Edition(at_ninety=1), "ages of Medway|males and females of Medway"),
        (Edition(females=1), "males and females of Medway that add up to 600 at 90"),
        (Edition(older_total=5), "6000 for Medway in 2019, as by age, found 6005"),
        (Edition(title_year=2018), "a title of mid-2019, the newest of the totals, found mid-2018"),
        (Edition(without="MYE2 - Males"), "mye2-males"),
        (Edition(ages=[*map(str, reversed(range(90))), "90+"]), "0 to 89 and 90.* in this order"),
        (
            Edition(residents={c: 2_000 if c == "E10000016" else r[2] for c, r in AREAS.items()}),
            "districts of Kent",
        ),
        (
            Edition(residents={c: -1000 if c == "W06000023" else r[2] for c, r in AREAS.items()}),
            "a whole number",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(edition: Edition, told: str) -> None:
    with pytest.raises(LayoutError, match=told):
        parsed(edition)


def test_a_workbook_without_totals_of_years_is_not_an_edition() -> None:
    assert not SOURCE.recognise(Edition(without="MYE 5").file())
