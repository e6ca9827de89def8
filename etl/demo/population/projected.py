"""Projections of the invented residents: a zip with a table of persons, males and females, as the publisher's has."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from db.domain import ENGLAND, Organisation
from etl.demo.population.people import AGES, ENGLAND_CODE, InventedResidents
from etl.reading.demonstration_mark import NAME_SUFFIX

BASES: Final = (2014, 2018)
"""The years that projections are based on here."""
COLUMNS: Final = ("AREA_CODE", "AREA_NAME", "COMPONENT", "SEX", "AGE_GROUP")
_YEARS: Final = 26
_YOUNG, _OLD, _OLDER = 1.0045, 1.024, 70
"""Growth from year to year, of those below and from an age on."""
_SEXES: Final = {"persons": 1.0, "males": 0.49, "females": 0.51}


def projection_zip(residents: InventedResidents, areas: Sequence[Organisation], base: int) -> bytes:
    """The zip of the projection based on a year, the same bytes each time."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for sex, share in _SEXES.items():
            member = zipfile.ZipInfo(f"{base} SNPP Population {sex}.csv", (base + 2, 5, 25, 9, 30, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, _table(residents, areas, base, sex, share))
    return content.getvalue()


def _table(
    residents: InventedResidents, areas: Sequence[Organisation], base: int, sex: str, share: float
) -> bytes:
    output = io.StringIO(newline="")
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow([*COLUMNS, *range(base, base + _YEARS)])
    growth = np.where(np.arange(AGES) < _OLDER, _YOUNG, _OLD)[:, None] ** np.arange(_YEARS)
    for item in areas:
        people = residents.residents(item.code, base)[:, None] * growth * share
        code = ENGLAND_CODE if item.code == ENGLAND else item.code
        for age, years in _groups(people):
            writer.writerow([code, f"{item.name}{NAME_SUFFIX}", "Population", sex, age, *years])
    return output.getvalue().encode()


def _groups(people: npt.NDArray[np.floating]) -> Iterator[tuple[str, list[int]]]:
    """Each age's numbers by year, then those of all ages, each rounded by itself."""
    for age, years in enumerate(np.rint(people).astype(int).tolist()):
        yield "90 and over" if age == AGES - 1 else str(age), years
    yield "All ages", np.rint(people.sum(axis=0)).astype(int).tolist()
