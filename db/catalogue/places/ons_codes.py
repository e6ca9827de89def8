"""The codes that the Office for National Statistics (ONS) gives to the areas of NHS organisations.

`ons_codes.csv` has the codes of CCGs of April 2019, 2020 and 2021, of sub-ICB locations of 2022 and of ICBs of 2022 to
2026 (E38..., E54...), each with the organisation's own code. An area whose boundary moved has a new code at the ONS,
while the organisation keeps its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from db.catalogue import load_catalogue
from db.catalogue.organisation_files import read_rows

ONS_CODES: Final = "ons_codes.csv"
_ONS_CODE = re.compile(r"E[0-9]{8}")
_FOLDER = Path(__file__).resolve().parent


@lru_cache(maxsize=1)
def codes_by_ons_code() -> Mapping[str, str]:
    """The organisation's code by the ONS's code of its area. Raises CatalogueError as `read_ons_codes` does."""
    return read_ons_codes(_FOLDER)


def read_ons_codes(folder: Path) -> Mapping[str, str]:
    """As `codes_by_ons_code`, from a folder. Raises CatalogueError for a malformed, unknown or repeated code."""
    organisations = load_catalogue().organisations
    found: dict[str, str] = {}
    for row in read_rows(folder / ONS_CODES, ("ons_code", "code")):
        ons_code = row.text("ons_code")
        if not _ONS_CODE.fullmatch(ons_code) or ons_code in found:
            raise row.fault("ons_code", "a letter E and 8 digits, each once")
        found[ons_code] = row.known("code", organisations)
    return MappingProxyType(found)
