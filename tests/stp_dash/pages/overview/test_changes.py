"""What changed with a release, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from db.domain import Maturity, Period
from db.domain.changes import AddedPeriod, Release, SourceChanges, SourceUndo, ValueChange
from db.domain.reading import Reading
from db.figures.code_lists import read_code_lists
from db.loading.undo.undo import undo_files
from db.store import open_store
from stp_dash.pages.overview.changes import (
    BETTER,
    CHANGED,
    REVISED,
    UNDONE,
    WORSE,
    ReleaseNote,
    release_notes,
    undo_note,
    undone_figures,
)
from tests.support.frames import file, row
from tests.support.releases import put_rows
from tests.support.site.overview_readings import (
    CATALOGUE,
    FDS,
    FILE,
    GPS,
    TREATED_31,
    TREATED_62,
    falling,
    reading,
    shares,
    staffing,
    steady,
    view_of,
)
from tests.support.site.page_parts import words
from tests.support.site.pages import page_shown, rows_downloaded

LAST = Period.month(2026, 8)
NAMES = {"QKS": "Kent and Medway"}


def changed(indicators: Sequence[Any], **more: Any) -> SourceChanges:
    """A release of 8 October 2026 that added August 2026 of some indicators."""
    release = Release(
        indicators[0].source_id, (FILE,), date(2026, 10, 8), LAST.end, datetime(2026, 10, 8, tzinfo=UTC)
    )
    added = tuple(AddedPeriod(item.id, LAST, ("QKS",), Maturity.PROVISIONAL) for item in indicators)
    parts = {"added": added, "revised": (), "settled": (), "withdrawn": (), "replaced": (), **more}
    return SourceChanges(release, **parts)


def notes(found: SourceChanges, readings: Sequence[Reading]) -> ReleaseNote:
    return release_notes([found], view_of(readings).rows, CATALOGUE.indicators, NAMES, {})[0]


def told(note: ReleaseNote) -> list[str]:
    return [f"{item.lead}{item.strong}{item.rest}" for item in note.changes]


def test_a_signal_comes_with_its_run_and_the_step_of_the_shortfall() -> None:
    note = notes(changed([FDS]), shares(FDS, falling(72)))
    assert note.topic == "Cancer"
    assert note.released == "released 8 October 2026 · August 2026 added, provisional"
    assert told(note) == [
        "28-day faster diagnosis: lower since January 2026, 65.3% against 72.1% before; the shortfall grew from 140 to "
        "155 patients."
    ]
    assert note.changes[0].mark == WORSE
    assert note.changes[0].href.startswith("/trend?indicator=cancer-28-day")


def test_what_got_worse_stands_first_then_better_then_the_rest() -> None:
    rising = [2 * 60 - value for value in falling(60)]
    readings = [*shares(TREATED_31, steady(80)), *shares(TREATED_62, rising), *shares(FDS, falling(72))]
    note = notes(changed([FDS, TREATED_31, TREATED_62]), readings)
    assert [item.mark for item in note.changes] == [WORSE, BETTER, CHANGED]
    assert (
        told(note)[2]
        == "31-day treatment: shortfall up from 156 to 171 patients; the figure is within its process limits."
    )


def test_a_standard_no_longer_met_is_said_without_a_claim_of_change() -> None:
    readings = shares(TREATED_62, [*steady(85, 28), 84.2])
    readings[-2] = reading(TREATED_62, "QKS", Period.month(2026, 7), (860, 1000))
    note = notes(changed([TREATED_62]), readings)
    assert told(note) == ["62-day treatment: no longer met; the figure is within its process limits."]
    assert note.changes[0].mark == CHANGED


def test_posts_short_of_england_then_and_now() -> None:
    values = [*[3.9 + v / 50 for v in steady(0, 28)], 3.88]
    snapshot = Period.snapshot(LAST.end)
    found = changed([GPS], added=(AddedPeriod(GPS.id, snapshot, ("QKS",), Maturity.FINAL),))
    note = notes(found, staffing(values, 4.48))
    assert note.released.endswith("31 August 2026 added, final")
    assert told(note) == [
        "Fully qualified GPs: shortfall up from 114 to 120 posts; the figure is within its process limits."
    ]


def test_a_plan_of_a_year_that_still_runs_is_no_latest_figure() -> None:
    plan = next(item for item in CATALOGUE.indicators.values() if item.is_plan)
    year = AddedPeriod(plan.id, Period.financial_year(2026), ("RVV",), Maturity.FINAL)
    month = AddedPeriod(FDS.id, LAST, ("QKS",), Maturity.FINAL)
    both = notes(changed([FDS], added=(year, month)), shares(FDS, steady(72)))
    assert both.released.endswith("· August 2026 added, final")
    alone = notes(changed([FDS], added=(year,)), shares(FDS, steady(72)))
    assert alone.released.endswith("· plan of April 2026 to March 2027 added, final")


def test_an_indicator_that_the_release_did_not_add_is_left_out() -> None:
    readings = [*shares(FDS, falling(72)), *shares(TREATED_62, falling(60))]
    assert [item.lead for item in notes(changed([TREATED_62]), readings).changes] == ["62-day treatment: "]


def test_a_step_across_a_break_or_a_gap_is_no_change() -> None:
    readings = [item for item in shares(TREATED_62, steady(60)) if item.period != Period.month(2026, 7)]
    assert told(notes(changed([TREATED_62]), readings)) == []


def test_revisions_are_named_up_or_down_with_their_counts() -> None:
    july = Period.month(2026, 7)
    before, after = (reading(TREATED_62, "QKS", july, counts) for counts in ((740, 1000), (742, 1001)))
    note = notes(changed([TREATED_62], revised=(ValueChange(before, after),)), shares(TREATED_62, steady(60)))
    last = note.changes[-1]
    assert last.mark == REVISED
    assert last.lead == "62-day treatment, Kent and Medway, July 2026 revised up, "
    assert last.strong == "74.0% to 74.1%"
    assert last.rest == " (patients treated within 62 days: 2 more; patients treated: 1 more)."


def test_a_revision_that_is_written_alike_says_that_it_still_is() -> None:
    july = Period.month(2026, 7)
    before, after = (reading(TREATED_62, "QKS", july, counts) for counts in ((7400, 10000), (7402, 10001)))
    note = notes(changed([TREATED_62], revised=(ValueChange(before, after),)), shares(TREATED_62, steady(60)))
    last = note.changes[-1]
    assert (last.lead, last.strong) == (
        "62-day treatment, Kent and Medway, July 2026 revised, ",
        "still 74.0%",
    )


def test_further_revisions_and_confirmed_figures_are_counted() -> None:
    old = [reading(FDS, "QKS", Period.month(2026, month), (700, 1000)) for month in range(1, 6)]
    pairs = [ValueChange(item, replace(item, numerator=701.0, value=70.1)) for item in old]
    note = notes(
        changed([FDS], revised=tuple(pairs), settled=tuple(pairs[:1]), withdrawn=tuple(old[:2])),
        shares(FDS, steady(72)),
    )
    assert len([item for item in note.changes if item.mark == REVISED]) == 2
    assert (
        note.settled
        == "And three more figures revised, one figure confirmed as final and two figures withdrawn."
    )


def test_the_newest_release_stands_first_and_an_unknown_day_is_said() -> None:
    cancer, staff = changed([FDS]), changed([GPS], added=())
    old = replace(
        staff, release=replace(staff.release, published_on=None, loaded_at=datetime(2026, 9, 1, tzinfo=UTC))
    )
    found = release_notes([old, cancer], (), CATALOGUE.indicators, NAMES, {})
    assert [item.topic for item in found] == ["Cancer", "GP and nurse staffing"]
    assert found[1].released == "loaded 1 September 2026 · no new period of the area"


def test_what_was_compared_and_did_not_change_is_said() -> None:
    quiet = notes(changed([TREATED_62]), shares(TREATED_62, [*steady(97, 28), 97]))
    assert quiet.settled == "No signal, and no shortfall that changed."
    few = notes(changed([FDS]), shares(FDS, [72.0, 72.0]))
    assert few.settled == "No signal can be told yet, and no shortfall that changed."
    alone = notes(changed([FDS]), shares(FDS, [72.0]))
    assert alone.settled == "No signal can be told yet, and no shortfall to compare with the period before."
    assert (
        notes(changed([FDS]), ()).settled == "No indicator with a standard or limits got a new latest figure."
    )


def test_a_first_load_says_what_it_brought() -> None:
    found = changed([FDS], added=())
    first = replace(found, release=replace(found.release, published_on=None, first=True))
    held = {FDS.source_id: (Period.month(2023, 4), Period.quarter(2023, 1), LAST)}
    (note,) = release_notes([first], (), CATALOGUE.indicators, NAMES, held)
    assert note.released == "loaded 8 October 2026 · first load: January 2023 to August 2026"
    assert note.settled == ""
    (empty,) = release_notes([first], (), CATALOGUE.indicators, NAMES, {})
    assert empty.released == "loaded 8 October 2026 · first load, nothing of the area"


def test_figures_that_an_undo_withdrew_are_told_one_by_one_the_area_first() -> None:
    july = Period.month(2026, 7)
    stood = [reading(TREATED_62, "QKS", july, (742, 1000)), reading(FDS, "RVV", LAST, (70, 100))]
    stood += [reading(FDS, code, LAST, (60, 100)) for code in ("A3A8R", "C9Z7X", "QKS", "RN7")]
    stands = [
        reading(TREATED_62, "QKS", july, (740, 1000)),
        replace(reading(FDS, "A3A8R", LAST, (60, 100)), maturity=Maturity.FINAL),
    ]
    undo = SourceUndo("cancer_waiting_times", 7, date(2026, 10, 9), tuple(stood), tuple(stands))
    found = undone_figures(undo, {"QKS", "RVV"})
    assert [(item.reading.organisation, item.reading.period) for item in found][:2] == [
        ("QKS", LAST), ("RVV", LAST),
    ]  # fmt: skip
    note = undo_note(undo, found[:1] + found[-1:], CATALOGUE.indicators, NAMES)
    assert note.released == "undone 9 October 2026"
    assert told(note) == [
        "28-day faster diagnosis, Kent and Medway, August 2026 withdrawn by an undo: 60.0% → no figure.",
        "62-day treatment, Kent and Medway, July 2026 withdrawn by an undo: 74.2% → 74.0%.",
    ]
    assert {item.mark for item in note.changes} == {UNDONE}
    assert len(found) == 5
    whole = undo_note(undo, found, CATALOGUE.indicators, NAMES)
    assert whole.settled == "And one more figure changed by the undo: all are listed below."


def test_the_overview_lists_what_an_undo_withdrew_in_page_and_download(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/store.sqlite")
    put_rows(store, file("first"), row("RVV", 70, 100))
    second = put_rows(store, file("second"), row("RVV", 72, 100))
    assert "withdrawn by an undo" not in words(page_shown(store, "/"))
    with store.writing() as connection:
        undo_files(connection, read_code_lists(connection), [second], by="a tester", reason="wrong")
    said = words(page_shown(store, "/"))
    assert "October 2023 withdrawn by an undo: 72.0% → 70.0%" in " ".join(said.split()), said
    (found,) = rows_downloaded(store, "/", "?sheet=undone")
    assert (found["organisation_code"], found["value_before"], found["value_after"], found["difference"]) == (
        "RVV", "72.0", "70.0", "changed",
    )  # fmt: skip
    assert "withdrawn by an undo" not in words(page_shown(store, "/", "?version=2"))
    store.close()
