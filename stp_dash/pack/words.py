"""What a pack says of itself: that it is of demonstration data, what is provisional, and how it is opened again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from db.domain import Maturity
from db.domain.holdings import DataVersion
from stp_dash.analysis.wording import listing, uncapitalised
from stp_dash.elements.links import kept
from stp_dash.pack.model import BoardPack
from stp_dash.pack.state import PackState
from stp_dash.pages.overview.row import IndicatorRow


def banner_words(version: DataVersion, *, own: bool = False) -> str:
    """What every sheet says where figures are invented; "" where none is. `own`: the pack has own measures beside."""
    if not version.demonstration:
        return ""
    if version.mixed:
        return "Numbers marked as demonstration data are invented. Do not use them for decisions."
    if own:
        return "Every number in this pack but those of own measures is invented. Do not use it for decisions."
    return "Every number in this pack is invented. Do not use it for decisions."


def provisional_words(rows: Sequence[IndicatorRow]) -> str:
    """Which topics' latest figures are provisional; "" where none is."""
    found = [row for row in rows if row.line.reading and row.line.reading.maturity is Maturity.PROVISIONAL]
    if not found:
        return ""
    topics = listing([uncapitalised(topic) for topic in dict.fromkeys(row.topic for row in found)])
    return f"The latest figures of {topics} are provisional and may change. They are drawn hollow."


def pack_address(state: PackState, version: DataVersion, commentary: int) -> str:
    """The address that makes the same pack again: what is asked for, and the data version and the revision of
    commentary that it is of."""
    site = state.request.site.settings
    base = site.notify.site.rstrip("/")
    own = state.address(commentary=str(commentary)) if commentary else state.address()
    if state.as_of.now:
        own = kept(own, {"version": str(version.number)}, ("version",))
    return f"{base}{site.site.path}{own}"


def last_periods_shown(rows: Sequence[IndicatorRow]) -> tuple[tuple[str, str], ...]:
    """Of each topic the last period that a figure is shown of, as a label."""
    found = []
    for topic in dict.fromkeys(row.topic for row in rows):
        periods = [row.line.period for row in rows if row.topic == topic and row.line.period is not None]
        if periods:
            found.append((topic, max(periods, key=lambda item: item.end).label))
    return tuple(found)


def pack_file_name(pack: BoardPack, kind: str) -> str:
    """`board-pack-kent-and-medway-30-november-2026-DEMONSTRATION.pdf`."""
    words = re.sub(r"[^a-z0-9]+", "-", f"board pack {pack.area} {pack.period or pack.day}".lower()).strip("-")
    return f"{words[:80]}{'-DEMONSTRATION' if pack.banner else ''}{'-LOCAL' if pack.own else ''}.{kind}"
