"""What a page is called outside of it: in a browser's tab, in search results, and where its link is shared."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stp_dash.analysis.sheet import Subject
from stp_dash.elements.links import FEEDS, href
from stp_dash.frame.request import PageRequest
from stp_dash.frame.subject import PageSubject

LONGEST_TITLE = 69
LONGEST_DESCRIPTION = 160
_SHORT_NAMES = ("Standards monitor", "Monitor")
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_WHEN = re.compile(rf" (?:in|on|to) (?:\d+ )?{_MONTH}(?: \d{{4}})?(?: to {_MONTH})?(?: \d{{4}})?")


def document_title(finding: str, subject: Subject, area: str, site: str) -> str:
    """The finding, whose it is and the site's name, in fewer than 70 letters.

    The site's name is shortened first, then the finding, by whole statements: without its dates, to its first
    sentence, to the indicator with the last clause, to the indicator. `area` stands where a page is of no organisation.
    """
    organisation = subject.organisation or area
    said = finding.removeprefix(f"{organisation}: ")
    for words in _shorter(said, subject.indicator):
        whose = words if organisation in words else f"{words} · {organisation}"
        for name in (site, *_SHORT_NAMES):
            title = f"{whose} – {name}"
            if len(title) <= LONGEST_TITLE:
                return title
    end = f" – {_SHORT_NAMES[-1]}"
    return _cut(f"{subject.indicator or said} · {organisation}", LONGEST_TITLE - len(end)) + end


def _shorter(finding: str, indicator: str) -> Iterator[str]:
    """A finding in ever fewer words, each of which says nothing that the whole does not."""
    plain = _WHEN.sub("", finding).replace("England's rate", "England")
    sentence = re.split(r"[.;] ", plain)[0]
    yield from (finding, plain, sentence)
    clauses = sentence.split(", ")
    name = re.sub(r" by [A-Z].*", "", indicator)
    if len(clauses) > 1 and ":" not in sentence and name and sentence.startswith(name):
        yield f"{name}, {re.sub(' (?:patients|posts)', '', clauses[-1])}"
    if ": " in sentence:
        yield sentence.split(": ")[0]
    if name:
        yield name


def page_description(finding: str, subject: Subject, area: str, *, demonstration: bool) -> str:
    """The page in one sentence of at most 160 letters: the finding, whose it is, and that numbers are invented."""
    organisation = subject.organisation or area
    sentence = re.split(r"[.;] ", finding)[0].rstrip(".")
    whose = sentence if organisation in sentence else f"{organisation}: {sentence}"
    mark = "Demonstration data, all invented: " if demonstration else ""
    return _cut(f"{mark}{whose}", LONGEST_DESCRIPTION - 1) + "."


def feed_links(request: PageRequest, subject: PageSubject) -> list[tuple[str, str, str]]:
    """The feeds of the area and of what a page is about, for programs to find: content type, address, title."""
    area = request.area.name
    own = {"indicator": subject.indicator or None, "organisation": subject.organisation or None}
    ways: list[tuple[str, dict[str, str | None]]] = [(f"What changed: {area}", {})]
    if any(own.values()):
        ways.insert(0, (f"What changed of this page's subject: {area}", own))
    root, asked = request.site.settings.site.path, request.parameters.get("area")
    return [
        (kind, root + href(FEEDS + ending, area=asked, **narrower), title)
        for title, narrower in ways
        for ending, kind in ((".atom", "application/atom+xml"), (".json", "application/feed+json"))
    ]


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[:most].rpartition(' ')[0]}…"
