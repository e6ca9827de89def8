"""Made-up editions: a workbook of either layout, and a table of components of change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from etl.source import RawFile
from tests.support.publications.workbooks import workbook

KENT = tuple(f"E07000{number}" for number in range(105, 117))
FOOTNOTE = "1. Further information, on how the different tiers fit together, is given elsewhere."
AREAS: dict[str, tuple[str, str, int]] = {
    "K02000001": ("UNITED KINGDOM", "Country", 40_000),
    "E92000001": ("ENGLAND", "Country", 36_000),
    "E12000008": ("SOUTH EAST", "Region", 36_000),
    "E06000035": ("Medway", "Unitary Authority", 6_000),
    "E10000016": ("Kent", "County", 24_000),
    **{code: (f"District {code[-3:]}", "Non-metropolitan District", 2_000) for code in KENT},
    "E07000999": ("A district elsewhere", "Non-metropolitan District", 6_000),
    "E11000001": ("A metropolitan county", "Metropolitan County", 0),
    "W06000023": ("Powys", "Unitary Authority", 4_000),
}
"""Code, name, geography and residents: of each thousand, 10 at each age below 90 and 100 from 90 on."""


@dataclass
class Edition:
    """What a workbook is made of. `old` is the layout of mid-2019: header in row 5, ages as numbers, a footnote."""

    year: int = 2019
    old: bool = True
    residents: dict[str, int] = field(default_factory=lambda: {code: row[2] for code, row in AREAS.items()})
    ages: list[object] = field(default_factory=list)
    years: int = 3
    title_year: int = 0
    females: int = 0
    at_ninety: int = 0
    older_total: int = 0
    without: str = ""

    def file(self) -> RawFile:
        """The workbook; what is set above is wrong in it."""
        sheets: dict[str, Sequence[Sequence[object]]] = {
            "Contents ": [["", "Contents"]],
            "MYE2 - Persons": self._by_age(10, 100, self.at_ninety),
            "MYE2 - Males": self._by_age(4, 40, 0),
            "MYE2 - Females": self._by_age(6, 60, self.females),
            "MYE4": [["Country Code/Year", "K02000001"], ["Mid-1971", 55_928_000.0]],
            "MYE 5": self._by_year(),
        }
        return RawFile("renamed.xlsx", workbook({n: r for n, r in sheets.items() if n != self.without}))

    def _by_age(self, each: int, last: int, more: int) -> list[list[object]]:
        ages: list[object] = [float(age) if self.old else str(age) for age in range(90)]
        heads = self.ages or [*ages, "90+"]
        rows: list[list[object]] = []
        for code, total in self.residents.items():
            size = total // 1000
            own: list[object] = [size * each] * 90
            everybody = size * (90 * each + last)
            rows.append(
                [*self._labels(code), everybody, *own, size * last + (more if code == "E06000035" else 0)]
            )
        return self._sheet(f"MYE2, mid-{self.title_year or self.year}", ["All ages", *heads], rows)

    def _by_year(self) -> list[list[object]]:
        letter = "P" if self.old else "p"
        years = range(self.year, self.year - self.years, -1)
        heads = [
            text for y in years for text in (f"Estimated {letter}opulation mid-{y}", f"{y} people per sq. km")
        ]
        rows: list[list[object]] = []
        for code, total in self.residents.items():
            more = self.older_total if code == "E06000035" else 0
            figures = [cell for y in years for cell in (total - (self.year - y) * total // 100 + more, 1.0)]
            rows.append([*self._labels(code), 100.0, *figures])
        title = f"MYE5: mid-{self.year - self.years + 1} to mid-{self.year}"
        return self._sheet(title, ["Area (sq km)", *heads], rows)

    def _labels(self, code: str) -> list[object]:
        return [code, *AREAS[code][:2]]

    def _sheet(self, title: str, heads: list[object], rows: list[list[object]]) -> list[list[object]]:
        above: list[list[object]] = [["Contents"], [""], [title, "This met my needs"], [""]]
        if not self.old:
            above += [[""], [""], [""]]
        below: list[list[object]] = [[""], [FOOTNOTE]] if self.old else []
        geography = "Geography1" if self.old else "Geography"
        return [*above, ["Code", "Name", geography, *heads], *rows, *below]


COLUMNS = "births,deaths,natchange,internal_in,internal_out,internal_net,international_in,international_out"
CHANGES = (*COLUMNS.split(","), "international_net", "other_change")


def components(
    rows: dict[str, tuple[int, int]], *, prefix: str = "lad", year: int = 19, mark: bytes = b""
) -> RawFile:
    """A table of 2001 and 2002: each authority's residents in 2001, and how its 2002 differs from its changes."""
    heads = [f"{prefix}code{year}", f"{prefix}name{year}", "country", "population_2001"]
    lines = [[*heads, *(f"{name}_2002" for name in CHANGES), "population_2002"]]
    for code, (first, apart) in rows.items():
        changes = [20, 10, 10, 9, 4, 5, 3, 2, 1, 4]
        lines.append([code, f'"Area, {code}"', code[0], *map(str, (first, *changes, first + 20 + apart))])
    return RawFile("renamed.csv", mark + "\r\n".join(",".join(line) for line in lines).encode() + b"\r\n")
