"""The challenges that a plan named for an area: what was said of each, and which indicators follow it.

The words are the plan's or ours about it; whether published data give what was said is written out, never computed.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from db.catalogue.errors import CatalogueError
from db.catalogue.toml_files import read_toml

CHALLENGES_FILE: Final = "challenges.toml"
_FOLDER = Path(__file__).resolve().parent
Words = Annotated[str, Field(min_length=1)]


class ClaimAnswer(StrEnum):
    """What published data can do with what was said: give it, follow the nearest to it, or neither."""

    REPRODUCED = "reproduced"
    FOLLOWED = "followed"
    NEITHER = "neither"


class Saying(BaseModel):
    """Words of a time and a source. `quoted` says that they are the source's own; else they are ours about it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: Words
    quoted: bool
    said_in: Words
    source_title: Words
    source_url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""


class Challenge(BaseModel):
    """One challenge. `indicators` are those of the catalogue that follow it, none where no open figure is read.

    `answer` and `why` say what published data can do with the saying; `next_figure` names an open figure of the
    nearest meaning that is not read. `context` are indicators of another meaning that stand beside a challenge without
    a figure, and are said not to be its measure. `baselines` are indicators that have ended and say how it was when it
    was said.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: Annotated[int, Field(ge=1)]
    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    name: Words
    meaning: Words
    sayings: Annotated[tuple[Saying, ...], Field(min_length=1)]
    answer: ClaimAnswer
    why: Words
    indicators: tuple[Words, ...] = ()
    baselines: tuple[Words, ...] = ()
    context: tuple[Words, ...] = ()
    next_figure: str = ""


class ChallengeList(BaseModel):
    """The challenges of one area, by the code of its commissioner, and what stands behind them all.

    `year` is when it was said: from its first day on figures are drawn.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    organisation: Annotated[str, Field(pattern=r"^[A-Z0-9]{3,6}$")]
    title: Words
    year: Annotated[int, Field(ge=1948)]
    by: Words
    challenges: Annotated[tuple[Challenge, ...], Field(min_length=1)]
    background: tuple[Challenge, ...] = ()


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    lists: tuple[ChallengeList, ...]


def challenges_of(organisation: str) -> ChallengeList | None:
    """The challenges of an area by its commissioner's code; None where the catalogue has none.

    Raises CatalogueError as `read_challenges` does.
    """
    return next((item for item in challenge_lists() if item.organisation == organisation), None)


@lru_cache(maxsize=1)
def challenge_lists() -> tuple[ChallengeList, ...]:
    """The challenges of every area that has a list, in the file's order. Raises CatalogueError as `read_challenges`."""
    return read_challenges(_FOLDER)


def read_challenges(folder: Path, indicators: Collection[str] = ()) -> tuple[ChallengeList, ...]:
    """The lists of a folder. With `indicators`, each challenge must name only those.

    Raises CatalogueError naming the challenge and the key, what was wanted and what was found.
    """
    path = folder / CHALLENGES_FILE
    found = read_toml(path, _File).lists
    for item in found:
        _check(item, indicators)
    return found


def _check(given: ChallengeList, indicators: Collection[str]) -> None:
    every = (*given.challenges, *given.background)
    numbers = [item.number for item in given.challenges]
    if numbers != list(range(1, len(numbers) + 1)):
        wanted = f"numbers 1 to {len(numbers)} in order"
        raise CatalogueError(f"{CHALLENGES_FILE}: {given.organisation}: wanted {wanted}, found {numbers}")
    for place, item in enumerate(every):
        where = f"{CHALLENGES_FILE}: {item.id}"
        if item.id in [other.id for other in every[:place]]:
            raise CatalogueError(f"{where}: wanted each id once, found it twice")
        named = (*item.indicators, *item.baselines, *item.context)
        unknown = [code for code in named if indicators and code not in indicators]
        if unknown:
            raise CatalogueError(f"{where}: wanted indicators of the catalogue, found {', '.join(unknown)}")
        if item.context and item.answer is not ClaimAnswer.NEITHER:
            raise CatalogueError(
                f"{where}: wanted 'context' beside '{ClaimAnswer.NEITHER}' only, found {item.answer}"
            )
        if item.answer is ClaimAnswer.NEITHER and item.indicators:
            raise CatalogueError(f"{where}: wanted no indicators beside '{ClaimAnswer.NEITHER}', found some")
