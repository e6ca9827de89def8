"""Projections: residents of a year's projection by area, and the files beside it that are refused by name."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field, replace
from datetime import date
from math import isclose

import pytest

from db.domain import ENGLAND, Period
from etl.registry import SOURCES
from etl.source import Hints, LayoutError, ParsedFile, RawFile
from etl.sources.population import SOURCE
from tests.etl.sources.population.made_up import KENT
from tests.support.publications.workbooks import workbook

AGES = (*(str(age) for age in range(90)), "90 and over")
TEXTS = ("AREA_CODE", "AREA_NAME", "COMPONENT", "SEX", "AGE_GROUP")
SIZES = {
    "E92000001": 400.5, "E12000008": 300.0, "E11000001": 50.0, "E10000016": 120.6, "E06000035": 40.25,
    **dict.fromkeys(KENT, 10.05), "W06000023": 9.0,
}  # fmt: skip
"""Residents of each age; ten times as many of 90 and over. One in a hundred more each year."""
NAME = "2018 SNPP Population persons.csv"


@dataclass(frozen=True)
class Projection:
    """What a table is made of; what is set differently is wrong in it, or another file."""

    base: int = 2018
    years: int = 26
    sexes: tuple[str, ...] = ("persons",)
    texts: tuple[str, ...] = TEXTS
    sizes: dict[str, float] = field(default_factory=lambda: dict(SIZES))
    component: str = "Population"
    without: str = ""
    twice: str = ""
    more: float = 0.0
    above: str = ""
    end: str = "\r\n"
    after: str = ""

    def text(self) -> str:
        lines = [",".join([*self.texts, *map(str, range(self.base, self.base + self.years))]) + self.after]
        for code, size in self.sizes.items():
            groups = [(age, size * (10 if age == AGES[-1] else 1)) for age in AGES] + [
                ("All ages", size * 100)
            ]
            for sex in self.sexes:
                for age, people in groups:
                    if (code, age) != (KENT[0], self.without):
                        extra = self.more if code == "E06000035" and age == "5" else 0.0
                        years = [f"{people * 1.01**year + extra:.3f}" for year in range(self.years)]
                        row = ",".join([code, f"Area {code}", self.component, sex, age, *years]) + self.after
                        lines += [row, row] if (code, age) == (KENT[0], self.twice) else [row]
        return self.above + self.end.join(lines) + self.end

    def file(self, name: str = NAME, mark: bytes = b"") -> RawFile:
        return RawFile(name, mark + self.text().encode())


def zipped(members: dict[str, Projection], name: str = "2018snpppopulation.zip") -> RawFile:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for member, table in members.items():
            archive.writestr(member, table.text())
    return RawFile(name, content.getvalue())


def residents(found: ParsedFile, indicator: str, year: int) -> dict[str, float]:
    own = found.frame[found.frame["indicator"] == indicator]
    own = own[own["period"] == Period.snapshot(date(year, 6, 30)).key]
    return dict(zip(own["organisation"].tolist(), own["value"].tolist(), strict=True))


@pytest.mark.parametrize(
    "raw",
    [
        Projection().file(),
        Projection(texts=("area_code", "Area_Name", "COMPONENT", "SEX", "AGE_GROUP")).file("renamed.csv"),
        Projection(above="Population projections\r\n\r\n", after=",").file(mark=b"\xef\xbb\xbf"),
        Projection(end="\n", sexes=("males", "females", "persons")).file(),
        zipped(
            {
                "2018 SNPP Population males.csv": Projection(sexes=("males",)),
                NAME: Projection(),
                "2018 SNPP Population females.csv": Projection(sexes=("females",)),
            }
        ),
    ],
    ids=["as published", "labels in other letters", "title, mark and empty column", "three sexes", "zip"],
)
def test_each_area_has_its_residents_and_those_of_seventy_and_over_in_every_year(raw: RawFile) -> None:
    assert [item.id for item in SOURCES.values() if item.recognise(raw)] == ["population"]
    found = SOURCE.parse(raw, Hints())
    everybody, old = (
        "resident-population-projected-2018-based",
        "resident-population-projected-2018-based-aged-70-and-over",
    )
    assert set(found.frame["indicator"]) == {everybody, old}
    assert len(found.frame) == 2 * 26 * (len(SIZES) - 2)
    first, last = residents(found, everybody, 2018), residents(found, everybody, 2043)
    assert set(first) == {ENGLAND, "E12000008", "E10000016", "E06000035", *KENT}
    assert isclose(first["E06000035"], 4_025)
    assert isclose(last["E10000016"], 12_060 * 1.01**25, abs_tol=0.01)
    assert isclose(residents(found, old, 2018)["E06000035"], 40.25 * 30, abs_tol=0.02)
    assert (found.title, found.findings) == ("Population projections based on 2018", ())


@pytest.mark.parametrize(
    ("table", "name", "words"),
    [
        (Projection(sexes=("males",)), NAME, "wanted rows of persons for areas of England.*found rows of 'males'"),
        (Projection(base=2020), NAME.replace("2018", "2020"), "based on 2014 or 2016 or 2018 or 2022, found"),
        (Projection(), NAME.replace("2018", "2016"), "wanted the first year 2016, that of its name, found 2018"),
        (Projection(), "2018 SNPP Population persons high migration.csv", r"the principal projection.*\('high'\)"),
        (Projection(base=2022), "2022snpppopulationsyoa5yr.csv", r"the principal projection.*\('5yr'\)"),
        (Projection(years=20), NAME, "25 years later, found 2018 to 2037 in 20 columns"),
        (Projection(texts=(*TEXTS, "VARIANT")), NAME, "no others, found 'variant'"),
        (Projection(texts=("areacode", "AREA_NAME", "COMPONENT", "SEX", "AgeGroup")), NAME, "'AREA_CODE'.*'areacode'"),
        (Projection(component="Births"), NAME, "row 2: wanted 'Population' in 'COMPONENT', found 'Births'"),
        (Projection(without="44"), NAME, "wanted every age of Area E07000105, found no '44'"),
        (Projection(twice="44"), NAME, "wanted one row of Area E07000105 for '44', found another"),
        (Projection(more=50), NAME, "wanted ages of Area E06000035 that add up to 4,025 .* found 4,075"),
        (
            Projection(sizes={**SIZES, KENT[3]: 11.0}),
            NAME,
            "wanted districts of Area E10000016 that add up to 12,060 .*, found 12,155",
        ),
    ],
)  # fmt: skip
def test_what_is_another_file_or_denies_itself_is_refused_by_name(
    table: Projection, name: str, words: str
) -> None:
    raw = table.file(name)
    assert SOURCE.recognise(raw)
    with pytest.raises(LayoutError, match=words):
        SOURCE.parse(raw, Hints())


def test_cells_rows_and_files_that_are_not_as_described_are_refused_by_their_place() -> None:
    text = Projection().text()
    for found, words in (
        (text.replace(",4025.000,", ",-,", 1), "2018: wanted a number, found '-'"),
        (text.replace(",40.250,", ",-40.250,", 1), "2018: wanted a number of people, found '-40.250'"),
        (text + "1. See the notes,,\r\n", "wanted 31 fields as in the header, found 3"),
    ):
        with pytest.raises(LayoutError, match=words):
            SOURCE.parse(RawFile(NAME, found.encode()), Hints())
    one_sex = zipped({"2018 SNPP Population males.csv": Projection(sexes=("males",))})
    assert SOURCE.recognise(one_sex)
    with pytest.raises(LayoutError, match=r"wanted a projection's file of persons.*males\.csv"):
        SOURCE.parse(one_sex, Hints())
    rows: list[list[object]] = [
        ["Projections"],
        [],
        ["CODE", "AREA", "AGE GROUP", 2018.0],
        ["E10000016", "Kent", "All ages", 1568.6],
    ]
    summary = RawFile("2018snppz1.xlsx", workbook({"Contents": [["x"]], "Persons": rows}))
    assert SOURCE.recognise(summary)
    with pytest.raises(LayoutError, match="found its summary tables, which are in thousands"):
        SOURCE.parse(summary, Hints())
    assert not SOURCE.recognise(replace(one_sex, content=b"PK\x03\x04broken"))
