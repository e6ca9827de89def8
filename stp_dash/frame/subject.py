"""What a page is about, so that the others can be about the same: it goes with the reader from page to page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from db.domain import ENGLAND
from stp_dash.analysis.wording import listing
from stp_dash.elements.links import ORGANISATION, TREND, href
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.state import UNTIL

_MONTH = re.compile(r"[12][0-9]{3}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class PageSubject:
    """An indicator, an organisation and a month as addresses write them, "" where a page is about none.

    `first` is what counts where the organisation has no figure of the indicator: the one that the reader has before
    them, not the one that was only brought along.
    """

    indicator: str = ""
    organisation: str = ""
    period: str = ""
    first: Literal["indicator", "organisation"] = "indicator"

    def over(self, brought: PageSubject) -> PageSubject:
        """This subject, with what was brought along in the places that it leaves free."""
        return PageSubject(
            self.indicator or brought.indicator,
            self.organisation or brought.organisation,
            self.period or brought.period,
            self.first,
        )

    def fitting(self, reader: StoreReader) -> PageSubject:
        """This subject, without what the other part of it has no figures of by its kind."""
        indicator = reader.request.site.store.catalogue.indicators.get(self.indicator)
        known = reader.code_lists.organisation(self.organisation) if self.organisation else None
        ours = {reader.request.area.commissioner, ENGLAND}
        if indicator is None or known is None or self.organisation in ours:
            return self
        if known.type in indicator.organisation_types:
            return self
        if self.first == "indicator":
            return PageSubject(self.indicator, "", self.period)
        return PageSubject("", self.organisation, self.period, self.first)


NO_SUBJECT = PageSubject()
Takes = Callable[[StoreReader, PageSubject], Mapping[str, str | None]]
"""The parameters by which a page is about a subject that another page had. What it has no choice of stays in its
address by the names of SUBJECT, for the pages after it; a month that it has no figures of by the name UNTIL."""


def takes_nothing(_: StoreReader, __: PageSubject) -> Mapping[str, str | None]:
    """Nothing, on a page that hands nothing on."""
    return {}


def takes_as_it_is(_: StoreReader, subject: PageSubject) -> Mapping[str, str | None]:
    """The whole subject, on a page that has no choice of any of it."""
    return {"indicator": subject.indicator, "organisation": subject.organisation, "period": subject.period}


def month_taken(subject: PageSubject, *, held: bool) -> Mapping[str, str | None]:
    """The month as a page's own if it has figures of it, else as what stays in its address."""
    return {"period" if held else UNTIL: subject.period}


def brought(reader: StoreReader) -> PageSubject:
    """What the address of a page brings along: an indicator, an organisation and a month that there are."""
    given = reader.request.parameters
    indicator, organisation = given.get("indicator", ""), given.get("organisation", "")
    period = given.get("period") or given.get(UNTIL, "")
    if organisation and reader.code_lists.organisation(organisation) is None:
        organisation = ""
    return PageSubject(
        indicator if indicator in reader.request.site.store.catalogue.indicators else "",
        organisation,
        period if _MONTH.fullmatch(period) else "",
    )


def ways_back(reader: StoreReader, own: PageSubject, along: PageSubject) -> tuple[tuple[str, str], ...]:
    """Links to what was brought along to a page that is about something else: words and address."""
    request = reader.request
    whole = PageSubject(along.indicator, along.organisation, along.period, own.first).fitting(reader)
    known = request.site.store.catalogue.indicators
    name = ""
    if along.organisation:
        name = reader.names.get(along.organisation, along.organisation)
    found = []
    if whole.indicator and (own.indicator != whole.indicator or not own.organisation):
        parts = [known[whole.indicator].short_name, *([name] if whole.organisation else [])]
        address = href(TREND, indicator=whole.indicator, organisation=whole.organisation)
        found.append((f"{', '.join(parts)}: over time", address))
    if along.organisation and not own.organisation:
        found.append((f"{name}: every indicator", href(ORGANISATION, organisation=along.organisation)))
    return tuple(found)


def brought_words(names: Sequence[str]) -> str:
    """That parts of an address, by their names, change nothing on a page and go on with the reader."""
    shown = [f"“{name}”" for name in names]
    if not shown:
        return ""
    stays = "it stays" if len(shown) == 1 else "they stay"
    return f"This page has no choice of {listing(shown)}: {stays} in the address for the pages that have one."
