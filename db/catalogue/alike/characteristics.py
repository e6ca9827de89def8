"""The published characteristics by which organisations of a kind are likened, read from `characteristics.toml`."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from db.catalogue.errors import CatalogueError
from db.catalogue.toml_files import read_toml
from db.domain import OrganisationType

CHARACTERISTICS_FILE: Final = "characteristics.toml"
_FOLDER = Path(__file__).resolve().parent


class CharacteristicMeasure(StrEnum):
    """Which number of an indicator's figure is meant."""

    VALUE = "value"
    DENOMINATOR = "denominator"


class Characteristic(BaseModel):
    """One characteristic of organisations of a kind, and the indicators that hold it, the first loaded one of them.

    `share_of` are the indicators whose denominator it is a share of, in per cent. A `logarithm` of it is compared:
    twice as many is as far as half as many. Without indicators no loaded publication has it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    kind: OrganisationType
    name: Annotated[str, Field(min_length=1)]
    measure: CharacteristicMeasure
    indicators: tuple[str, ...] = ()
    share_of: tuple[str, ...] = ()
    logarithm: bool = False


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    characteristics: tuple[Characteristic, ...]


@lru_cache
def characteristics_of(kind: OrganisationType) -> tuple[Characteristic, ...]:
    """The characteristics of organisations of a kind, in the file's order. Raises CatalogueError as reading them."""
    return tuple(item for item in read_characteristics(_FOLDER) if item.kind is kind)


def read_characteristics(folder: Path, indicators: Collection[str] = ()) -> tuple[Characteristic, ...]:
    """The characteristics of a folder. With `indicators`, each must name only those.

    Raises CatalogueError naming the characteristic, what was wanted and what was found.
    """
    found = read_toml(folder / CHARACTERISTICS_FILE, _File).characteristics
    for place, item in enumerate(found):
        where = f"{CHARACTERISTICS_FILE}: {item.id}"
        if item.id in [other.id for other in found[:place]]:
            raise CatalogueError(f"{where}: wanted each id once, found it twice")
        unknown = [
            code for code in (*item.indicators, *item.share_of) if indicators and code not in indicators
        ]
        if unknown:
            raise CatalogueError(f"{where}: wanted indicators of the catalogue, found {', '.join(unknown)}")
    return found
