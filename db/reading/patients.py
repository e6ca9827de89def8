"""Lists of patients, told by their headings and by NHS numbers: they are refused before anything else is read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from db.reading.spreadsheets import Cell, text_of

_IDENTIFIERS = frozenset(
    [
        "nhsnumber",
        "nhsno",
        "nhsnum",
        "nhs",
        "nhsid",
        "districtnumber",
        "districtno",
        "patientaddress",
        "homeaddress",
        "dateofbirth",
        "dob",
        "birthdate",
        "birthday",
        "postcode",
        "postalcode",
        "hospitalnumber",
        "hospitalno",
        "hospnumber",
        "hospno",
        "mrn",
        "patient",
        "patientname",
        "patientid",
        "patientnumber",
        "patientno",
        "pasnumber",
        "pasid",
        "casenote",
        "casenotenumber",
        "crn",
    ]
)
_NAMES = frozenset(
    [
        "name",
        "surname",
        "forename",
        "forenames",
        "firstname",
        "lastname",
        "familyname",
        "givenname",
        "fullname",
    ]
)
_INSIDE = ("nhsnumber", "dateofbirth", "postcode", "hospitalnumber", "patientname", "patientid")
_TEN_DIGITS = re.compile(r"(?<!\d)(?<!\d[ .-])\d{3}[ .\u00a0-]?\d{3}[ .\u00a0-]?\d{4}(?![ .-]?\d)")
_LETTERS = re.compile(r"[^a-z]+")


class PatientLevelError(Exception):
    """A file has one line a patient: the first line that shows it and the columns. Never what is in its cells."""

    def __init__(self, line: int, column: str, sheet: str = "") -> None:
        self.line, self.column, self.sheet = line, column, sheet
        super().__init__("This file has one line a patient. It was not kept. Upload counts only.")


def is_patient_heading(cell: Cell, *, names: bool = True) -> bool:
    """Whether a heading tells of one person: an NHS number, a date of birth, a postcode or, with `names`, a name."""
    letters = _LETTERS.sub("", str(cell).casefold()) if isinstance(cell, str) else ""
    return (
        letters in _IDENTIFIERS or (names and letters in _NAMES) or any(part in letters for part in _INSIDE)
    )


def is_nhs_number(digits: str) -> bool:
    """Whether ten digits are an NHS number by their check digit (modulus 11; NHS Data Dictionary, NHS NUMBER)."""
    if len(set(digits)) == 1:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), digits[:9], strict=True))
    return (11 - total % 11) % 11 == int(digits[9])


def holds_nhs_number(cell: Cell) -> bool:
    """Whether a cell is, or a text holds, a number that is an NHS number by its check digit."""
    if isinstance(cell, float | int):
        text = text_of(cell) if 1e8 <= cell < 1e10 else ""
    else:
        text = cell if isinstance(cell, str) and len(cell) > 9 else ""
    if not text:
        return False
    return any(
        is_nhs_number("".join(filter(str.isdecimal, found[0]))) for found in _TEN_DIGITS.finditer(text)
    )


def refuse_patients(
    rows: Sequence[Sequence[Cell]], headings: int | None, sheet: str = "", *, names: bool = True
) -> None:
    """Raise PatientLevelError where a row down to that of the headings has such a heading, or any cell such a number.

    `headings` is the row's place from 0; the column of a number is named by it. With `names`, headings for names of
    people count.
    """
    tops = range(0 if headings is None else headings + 1)
    for top in tops:
        named = [str(cell).strip() for cell in rows[top] if is_patient_heading(cell, names=names)]
        if named:
            raise PatientLevelError(top + 1, ", ".join(named), sheet)
    for index, row in enumerate(rows):
        for column, cell in enumerate(row):
            if holds_nhs_number(cell):
                known = headings is not None and index > headings and column < len(rows[headings])
                heading = rows[headings][column] if known and headings is not None else ""
                safe = "" if holds_nhs_number(heading) else str(heading).strip()
                raise PatientLevelError(index + 1, safe or f"column {column + 1}", sheet)
