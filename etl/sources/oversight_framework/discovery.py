"""Finding the files: names follow no rule and mostly do not say the quarter, which stands inside.

Wanted are the data file and the league table of each kind of trust, from the page that describes their columns.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from db.domain import Finding, Severity
from db.reading.spreadsheets import listed
from etl.reading.links import Link, links
from etl.source import Discovery, DiscoveryError, ReadPage, RemoteFile

_KIND: Final = re.compile(
    r"oversight-framework.*(?:non-acute-hospital|mental-health-and-community|acute|ambulance)-trust-"
    r"(?:data|league-table)"
)
_UPLOAD: Final = re.compile(r"/uploads/(?:sites/\d+/)?(\d{4}/\d{2})/")
_ISSUE: Final = re.compile(r"-v(\d+)(?=\.csv$)")


def discover(read_page: ReadPage, landing_url: str, today: date) -> Discovery:
    """The files that the page offers, in the order of their upload, a corrected issue after the one it corrects.

    Raises DiscoveryError where the page links to no such file.
    """
    found: dict[str, Link] = {}
    others: dict[str, Finding] = {}
    for link in links(read_page(landing_url), landing_url):
        if link.suffix != ".csv":
            continue
        if _KIND.search(link.name.casefold()):
            found[link.url] = link
        else:
            message = f"{landing_url}: {link.name} is no file of the framework that is known; not fetched"
            others[link.url] = Finding(Severity.WARNING, "file names", message)
    if not found:
        wanted = "links to files such as nhs-oversight-framework-acute-trust-data.csv"
        told = listed(link.rsplit("/", 1)[-1] for link in others)
        raise DiscoveryError(f"{landing_url}: wanted {wanted}, found {told}")
    files = sorted(found.values(), key=_order)
    return Discovery(
        tuple(RemoteFile(link.url, link.name, link.text) for link in files), tuple(others.values())
    )


def _order(link: Link) -> tuple[str, str, int]:
    """The month of its upload, its name without the number of its issue, and that number."""
    upload, name = _UPLOAD.search(link.url), link.name.casefold()
    issue = _ISSUE.search(name)
    return upload[1] if upload else "", _ISSUE.sub("", name), int(issue[1]) if issue else 1
