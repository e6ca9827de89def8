"""What a source is: one module with pure `discover`, `recognise` and `parse`.

A source reads no network and no database: it is given pages and bytes, and gives back links and the canonical
frame (`db.domain.OBSERVATION_COLUMNS`). Fetching, keeping, checking and loading are written once, elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from db.domain import Basis, Finding, Maturity, Organisation, OrganisationType, Period
from db.domain.reading import StatedFigure
from db.reading.files import LayoutError, RawFile, SourceError, UnreadableFileError

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "FEW_ROWS",
    "Discovery",
    "DiscoveryError",
    "Hints",
    "LayoutError",
    "PageGoneError",
    "ParsedFile",
    "RawFile",
    "ReadPage",
    "RemoteFile",
    "RollUp",
    "SiteRefusesError",
    "Source",
    "SourceError",
    "UnreadableFileError",
]

FEW_ROWS = "a few rows against themselves"
"""The check of a source's errors that concern so few rows of many that a person may accept the file with them."""


class PageGoneError(SourceError):
    """A publisher's site has no such page (any more): by its status, or by what the page says."""


class SiteRefusesError(SourceError):
    """A publisher's site does not let programs read something: a refusal, a challenge, or its robots.txt."""


class DiscoveryError(SourceError):
    """A publisher's page does not hold what was looked for: which page, what was wanted and what was found."""


@dataclass(frozen=True)
class Hints:
    """What a person or a landing page says of a file that the file itself may not say."""

    period: Period | None = None
    published_on: date | None = None
    maturity: Maturity | None = None

    def text(self) -> str:
        """A stable text of the hints given, "" for none: part of a file's identity in the store."""
        parts = (
            ("period", self.period.key if self.period else None),
            ("published", self.published_on),
            ("maturity", self.maturity.label if self.maturity is not None else None),
        )
        return " ".join(f"{name}={value}" for name, value in parts if value is not None)

    @classmethod
    def of_text(cls, text: str) -> Hints:
        """The hints whose `text` this is. Raises ValueError for any other text."""
        given = dict(part.split("=", 1) for part in text.split())
        if unknown := given.keys() - {"period", "published", "maturity"}:
            raise ValueError(f"wanted hints of period, published and maturity, found {sorted(unknown)}")
        return cls(
            period=Period.from_key(int(given["period"])) if "period" in given else None,
            published_on=date.fromisoformat(given["published"]) if "published" in given else None,
            maturity=Maturity[given["maturity"].upper()] if "maturity" in given else None,
        )


@dataclass(frozen=True)
class RemoteFile:
    """A file that a publisher's page links to.

    `first` and `last` are the days between which its figures lie, as far as its name or its page say.
    """

    url: str
    name: str
    link_text: str
    hints: Hints = Hints()
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Discovery:
    """What a landing page offers: its files, and what was odd about the page."""

    files: tuple[RemoteFile, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class ParsedFile:
    """A file's content as the canonical frame, and what the file says of itself.

    `percentage_tolerance` is how far a published value may lie from numerator / denominator, in the indicator's
    unit: half of the last digit that the publisher prints.
    `organisations` are those that the source vouches for and that the catalogue may not hold (stroke teams,
    practices); a code in neither becomes a finding.
    `edition_end` is the end of the period that a publication came out for, where a file of earlier periods says it, or
    one of later ones (a plan of the year): of two files without a publication date, the later edition stands.
    `withdraws_absent` says that a row which an earlier release of the same table had, and this one has not, no longer
    stands; False for a publisher that reprints earlier periods without those that closed since.
    `complete` says that the file has every column of places that its publisher gives it; one without is somebody's cut
    and is summed only to those whose known members it holds (`etl.pipeline.members`).
    `areas_vary` says that which areas a file has, and which of its years have them, is the publisher's or somebody's
    choice: it is not held against earlier ones, and nothing that it lacks is taken for lost.
    `stated` are figures of other sources' indicators, which ours are compared with (`db.service.agreement`).
    `demonstration` says that the numbers are invented: the pipeline sets it (`etl.reading.demonstration_mark`), no
    parser does.
    """

    frame: pd.DataFrame
    layout: str
    title: str
    published_on: date | None = None
    findings: tuple[Finding, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    percentage_tolerance: float = 0.0051
    withdraws_absent: bool = True
    edition_end: date | None = None
    demonstration: bool = False
    complete: bool = True
    areas_vary: bool = False
    stated: tuple[StatedFigure, ...] = ()


@dataclass(frozen=True)
class RollUp:
    """A sum to write at load time: rows of `basis` and `child_type` to their parents of `parent_type`.

    `child_type` None takes every row of the basis, and `parent_type` COUNTRY means England: such sums are written
    only where the file itself has no England row. With `skip_missing`, members whose counts are missing are left
    out of the sum; without it their parent is not totalled.
    `by_source` says that the parser has made the sums, of figures that cannot be made from its rows (a median of
    pathways by week): they stand where the file holds the parent's members, and are left out where it holds some.
    """

    basis: Basis
    child_type: OrganisationType | None
    parent_type: OrganisationType
    skip_missing: bool = False
    by_source: bool = False


ReadPage = Callable[[str], str]


@dataclass(frozen=True)
class Source:
    """One publication. `parser_version` rises with every change that alters what a file parses to.

    `older_landing_urls` are tried in order where `landing_url` fails: the publisher's site has moved before.
    `places` says where each member that the catalogue does not hold belongs, by code: what a file must hold of them
    for its sums to be written (`etl.pipeline.members`).
    """

    id: str
    name: str
    landing_url: str
    allowed_hosts: tuple[str, ...]
    parser_version: int
    discover: Callable[[ReadPage, str, date], Discovery]
    recognise: Callable[[RawFile], bool]
    parse: Callable[[RawFile, Hints], ParsedFile]
    roll_ups: tuple[RollUp, ...] = field(default=())
    older_landing_urls: tuple[str, ...] = ()
    places: Callable[[], Mapping[str, str]] = dict
