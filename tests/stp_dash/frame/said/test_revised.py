"""Commentary on a figure that was revised after it was written: marked in other words than newer figures."""

from __future__ import annotations

from db.domain import Period
from db.domain.people.commentary import CommentaryAbout, CommentaryStep, Remarks
from db.domain.people.role import Person, Role
from db.figures.commentary.write import write_commentary
from db.settings import Settings
from db.store import Store
from tests.support.seed import FDS
from tests.support.site.page_parts import nodes, words
from tests.support.site.pages import page_shown
from tests.support.site.released import Releases, wobbling

ADDRESS = f"?indicator={FDS}&organisation=QKS"


def said_about(store: Store, period: Period) -> None:
    remarks = Remarks("Two rooms are closed.", (), "Nothing yet", "Care lead")
    about, ada = CommentaryAbout(FDS, "QKS", period), Person("ada", Role.EDITOR)
    write_commentary(store, about, remarks, CommentaryStep.SHOWN, base=0, by=ada)


def shown(store: Store, path: str, search: str) -> str:
    return " ".join(words(nodes(page_shown(store, path, search), "Main")).split())


def test_a_figure_revised_since_is_told_with_both_values(store: Store, settings: Settings) -> None:
    found = Releases(store, settings)
    found.history({"QKS": wobbling(0.70, 14), "RVV": wobbling(0.70, 14)})
    about, before = found.month, Period.month(2025, 1)
    said_about(store, before)
    said_about(store, about)
    assert "since this was written" not in shown(store, "/trend", ADDRESS)
    found.release({"QKS": 0.701}, revised={about: 0.7321, before: 0.7})
    told = shown(store, "/trend", ADDRESS)
    was, number = (
        f"{wobbling(0.70, 14)[-1]:.1%}",
        told.count("The figure was revised since this was written: from"),
    )
    assert number == 2
    assert f"The figure was revised since this was written: from {was} to 73.2%." in told
    assert "Older than the figures: they reach March 2025, this is about February 2025." in told
    assert f"The figure was revised since this was written: from {was} to 73.2%." in shown(store, "/", "")
    assert "since this was written" not in shown(store, "/trend", f"{ADDRESS}&published=2025-12-31")


def test_what_is_written_alike_after_a_revision_is_no_news(store: Store, settings: Settings) -> None:
    found = Releases(store, settings)
    found.history({"QKS": [0.70] * 14, "RVV": [0.70] * 14})
    about = found.month
    said_about(store, about)
    found.patients = 100_000
    found.release({"QKS": 0.701}, revised={about: 0.70004})
    assert "since this was written" not in shown(store, "/trend", ADDRESS)
