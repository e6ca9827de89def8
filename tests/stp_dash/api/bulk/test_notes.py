"""What people wrote, as files: what readers see and nothing else, of no data version, and only as it is now."""

from __future__ import annotations

import csv
import gzip
import io
from datetime import date
from pathlib import Path

import pytest
from frictionless import validate

from db.domain.decision import EventWords, PlannedValue
from db.domain.people.commentary import CommentaryAbout, CommentaryStep, Remarks
from db.domain.people.role import Person, Role
from db.domain.period import Period
from db.figures.commentary.write import write_commentary
from db.figures.decisions.events import record_event, withdraw_event
from db.figures.decisions.plans import add_plan, withdraw_plan
from db.service.packs.issued import PackIssue, issue_pack
from db.settings import load_settings
from db.store import Store
from stp_dash.api.bulk.keeping import keep_files, notes_kept
from stp_dash.api.bulk.tables import NOTED_TABLES
from stp_dash.frame.request import Site
from tests.stp_dash.api.conftest import application
from tests.support.seed import FDS, ordinary_rows, seeded_store

EDITOR = Person("ada", Role.EDITOR)
AUGUST = Period.month(2026, 8)


def noted_store(folder: Path) -> Store:
    """A store with two of each kind of note, of which one stands, and with an issued pack of another area."""
    store = seeded_store(folder / "store.sqlite", ordinary_rows()[:40])
    with store.writing() as connection:
        record_event(connection, EventWords(date(2026, 8, 1), "Ward opened", "Lead", organisation="RVV"))
        gone = EventWords(date(2026, 8, 2), "Mrs Nobody fell", "Lead", organisation="RVV")
        withdraw_event(connection, record_event(connection, gone), role="Lead")
        for name, value in (("Kept plan", 74.0), ("Plan taken back", 75.0)):
            number = add_plan(
                connection, [PlannedValue(FDS, "RVV", AUGUST.start, value)], name=name, role="Lead"
            )
        withdraw_plan(connection, number, role="Lead")
    for place, step in (("RVV", CommentaryStep.SHOWN), ("RWF", CommentaryStep.DRAFT)):
        about, said = CommentaryAbout(FDS, place, AUGUST), Remarks(f"{place} says", (), "=1+1", "Lead")
        write_commentary(store, about, said, step, base=0, by=EDITOR)
    issue = PackIssue("Board", "QNX", "/pack", 1, demonstration=False, figures=())
    issue_pack(store, folder / "packs", issue, {"pdf": ("board.pdf", b"%PDF")}, by="ann")
    return store


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(gzip.decompress(content).decode())))


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # the validator leaves files open
def test_notes_are_files_of_their_own_and_what_is_withdrawn_is_in_none(tmp_path: Path) -> None:
    store, folder = noted_store(tmp_path), tmp_path / "bulk"
    made = keep_files(Site(store, load_settings()), folder)
    (first,) = notes_kept(made.parent)
    report = validate(str(made.parent / f"notes-{first}" / "datapackage.json"))
    assert (report.valid, report.errors) == (True, [])
    assert [task.name for task in report.tasks] == [table.name for table in NOTED_TABLES]

    client = application(store, folder).test_client()

    def file(name: str) -> bytes:
        address = f"/api/v1/bulk/latest/{name}.csv.gz"
        return client.get(address, follow_redirects=True, buffered=True).get_data()

    told = {name: rows(file(name)) for name in ("events", "plans", "commentary", "packs")}
    assert [row["event_text"] for row in told["events"] if row["event_scope"] != "national"] == [
        "Ward opened"
    ]
    assert [(row["plan_name"], row["plan"]) for row in told["plans"]] == [("Kept plan", "74.0")]
    said = [(row["commentary_happened"], row["commentary_assurance"]) for row in told["commentary"]]
    assert said == [("RVV says", "'=1+1")]
    assert [(row["area"], row["document"]) for row in told["packs"]] == [("Sussex", "pdf")]

    about = CommentaryAbout(FDS, "RVV", AUGUST)
    write_commentary(
        store, about, Remarks(), CommentaryStep.WITHDRAWN, base=1, by=EDITOR, reason="Names somebody"
    )
    before = client.get("/api/v1/bulk/notes/commentary.csv.gz")
    assert (before.status_code, before.mimetype) == (503, "application/problem+json")
    assert 0 < int(before.headers["Retry-After"]) <= 90
    assert client.get("/api/v1/bulk").get_json()["notes"] == []
    assert keep_files(Site(store, load_settings()), folder) == made
    answer = client.get("/api/v1/bulk/notes/commentary.csv.gz", buffered=True)
    assert rows(answer.data) == []
    assert "no-cache" in answer.headers["Cache-Control"]
    listed = client.get("/api/v1/bulk").get_json()["notes"]
    assert {item["address"] for item in listed} >= {"/api/v1/bulk/notes/commentary.parquet"}
    store.close()
