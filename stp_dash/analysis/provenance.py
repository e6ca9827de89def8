"""What stands behind a number: organisation, basis, period, counts, status and file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from db.domain import Indicator
from db.domain.file import FileReference
from db.domain.reading import Reading
from stp_dash.analysis.wording import (
    BASIS_WORDS,
    capitalised,
    count_text,
    date_text,
    listing,
    status_text,
)


@dataclass(frozen=True)
class FileLine:
    """A file as a page names it, by its number; `url` is "" where the publisher's address is not known."""

    id: int
    name: str
    title: str
    published: str
    url: str
    demonstration: bool


@dataclass(frozen=True)
class Provenance:
    """Facts in pairs of a heading and words, and the files."""

    facts: tuple[tuple[str, str], ...]
    files: tuple[FileLine, ...]


def provenance(indicator: Indicator, reading: Reading, names: Mapping[str, str]) -> Provenance:
    """Where a figure comes from, in words. `names` are organisations' names by code."""
    facts = [
        ("Organisation", organisation_text(reading, names)),
        ("Period", reading.period.label),
        *_counts(indicator, reading),
        ("Basis", capitalised(BASIS_WORDS[reading.basis])),
        ("Status", capitalised(status_text(reading.maturity))),
        ("Publisher", indicator.owner),
    ]
    if reading.derived:
        counted = indicator.is_total or reading.numerator is not None or reading.denominator is not None
        made = "the sum of the counts" if counted else "worked out from all that is counted"
        facts.append(("Made by", f"This site: {made} of the organisations or rows concerned"))
    return Provenance(tuple(facts), tuple(file_line(file) for file in reading.files))


def _counts(indicator: Indicator, reading: Reading) -> list[tuple[str, str]]:
    if reading.numerator is None and reading.denominator is None:
        return [("Counts", "None published")]
    return [
        (capitalised(indicator.numerator_label), count_text(reading.numerator)),
        (capitalised(indicator.denominator_label), count_text(reading.denominator)),
    ]


def organisation_text(reading: Reading, names: Mapping[str, str]) -> str:
    """Whose figure it is, with its code; all members of a sum."""
    if reading.members:
        return listing([f"{names.get(code, code)} ({code})" for code in reading.members])
    return f"{reading.organisation_name or reading.organisation} ({reading.organisation})"


def file_line(file: FileReference) -> FileLine:
    """A file as a list of sources shows it, with its address where that is public."""
    address = public_address(file.url, demonstration=file.demonstration)
    return FileLine(file.id, file.name, file.title, date_text(file.published_on), address, file.demonstration)


def public_address(url: str, *, demonstration: bool) -> str:
    """A file's address, where a reader can follow it: not that of a demonstration served to this machine."""
    parts = urlsplit(url)
    if demonstration or parts.scheme not in {"https", "http"} or _is_loopback(parts.hostname or ""):
        return ""
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return not host or host == "localhost" or host.endswith(".localhost")


def files_text(reading: Reading) -> str:
    """The names of the files of a figure, for a table cell."""
    return listing([file.name for file in reading.files])
