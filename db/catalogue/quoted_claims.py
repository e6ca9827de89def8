"""Claims about staffing as others made them: word for word, with their source, never computed here."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from db.catalogue.errors import CatalogueError
from db.catalogue.toml_files import read_toml

QUOTED_CLAIMS: Final = "quoted_claims.toml"
_FOLDER = Path(__file__).resolve().parent
Words = Annotated[str, Field(min_length=1)]


class QuotedClaim(BaseModel):
    """One number that somebody published about an area.

    `indicator` is the figure that it is to be set beside; `shortfall` is in posts. `said_on` is None where the source
    has no date, and `said_in` then says when in words. `reproduces` says whether published data give the number.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    indicator: Words
    organisation: Annotated[str, Field(pattern=r"^[A-Z0-9]{3,6}$")]
    shortfall: Annotated[float, Field(gt=0)]
    staff: Words
    said_on: date | None = None
    said_in: str = ""
    said_by: Words
    quote: Words
    source_title: Words
    source_url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    reproduces: Literal["yes", "no"]
    note: Words


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    claims: tuple[QuotedClaim, ...]


@lru_cache(maxsize=1)
def quoted_claims() -> tuple[QuotedClaim, ...]:
    """The catalogue's claims, in its order. Raises CatalogueError as `read_quoted_claims` does."""
    return read_quoted_claims(_FOLDER)


def read_quoted_claims(folder: Path, indicators: Collection[str] = ()) -> tuple[QuotedClaim, ...]:
    """The claims of a folder. With `indicators`, each claim must name one of them.

    Raises CatalogueError naming the claim and the key, what was wanted and what was found.
    """
    path = folder / QUOTED_CLAIMS
    claims = read_toml(path, _File).claims
    for number, claim in enumerate(claims):
        _check(claim, [other.id for other in claims[:number]], indicators)
    return claims


def _check(claim: QuotedClaim, earlier: Collection[str], indicators: Collection[str]) -> None:
    if claim.id in earlier:
        raise CatalogueError(f"{QUOTED_CLAIMS}: {claim.id}: wanted each id once, found it twice")
    if (claim.said_on is None) == (not claim.said_in):
        raise CatalogueError(f"{QUOTED_CLAIMS}: {claim.id}: wanted said_on or said_in, and not both")
    if f"{claim.shortfall:g}" not in claim.quote:
        wanted = f"the number {claim.shortfall:g} in its own words"
        raise CatalogueError(f"{QUOTED_CLAIMS}: {claim.id}: wanted {wanted}, found {claim.quote!r}")
    if indicators and claim.indicator not in indicators:
        wanted = "an indicator of the catalogue"
        raise CatalogueError(f"{QUOTED_CLAIMS}: {claim.id}: wanted {wanted}, found {claim.indicator!r}")
