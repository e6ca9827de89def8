"""Held files: kept with their reason, tried again after a fix, accepted with a reason, or rejected."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from db.domain import FileState, Maturity, Period, RunState, Severity
from db.domain.file import HeldFile, HeldKind, HeldState
from db.service.held_files import held_file_by_id, held_files
from db.settings import Settings
from db.store import Store
from db.store.audit import audit_entries
from etl.__main__ import application
from etl.pipeline import hold
from etl.pipeline.job import Arrival, Job
from etl.pipeline.load_or_hold import load_arrival
from etl.pipeline.run import RunSummary, check_files, load_files
from etl.pipeline.validate import ACCEPTABLE
from etl.registry import SOURCES
from etl.source import Hints, ParsedFile, RawFile, SourceError
from etl.sources import cancer_waiting_times
from tests.support.kept_store import figures, last_run, rows
from tests.support.postgresql import in_turn
from tests.support.publications.combined_csv import COLUMNS, line, month, text

Write = Callable[[str, bytes], Path]
NOVEMBER = "November-2024-Monthly-Combined-CSV-Final.csv"
DECEMBER = "December-2024-Monthly-Combined-CSV-Final.csv"
COLLAPSED = text([row for row in month("2024-12-01") if row["Org_Code"] in {"RVV", "QKS"}])
CHANGED = text(month("2024-12-01")).replace(b"Within,After", b"Inside,After", 1)


def _england_elsewhere(row: dict[str, object]) -> dict[str, object]:
    """A row, with another total where it is England's of the 28-day standard."""
    if row["Org_Code"] != "Total" or row["Standard_or_Item"] != "FDS":
        return row
    return row | {"Total": 9999, "After": 3769, "Performance": 6230 / 9999}


WRONG_ENGLAND = text([_england_elsewhere(row) for row in month("2024-12-01")])
ABOVE_WHOLE = text([*month("2024-12-01"), line("Provider", "RXX", (12, 10), period="2024-12-01")])


def load(store: Store, settings: Settings, *paths: Path, hints: Hints | None = None) -> RunSummary:
    return load_files(store, paths, settings, requested_by="a test", hints=hints)


@pytest.fixture
def collapsed(store: Store, settings: Settings, write: Write) -> HeldFile:
    """A December of one trust, held beside a November of four."""
    load(store, settings, write(NOVEMBER, text(month())))
    (result,) = load(store, settings, write(DECEMBER, COLLAPSED)).results
    assert result.held_file_id is not None
    return the_held(store)


def the_held(store: Store) -> HeldFile:
    with store.reading() as connection:
        (found,) = held_files(connection)
    return found


def audited(store: Store) -> list[tuple[str, str, str]]:
    with store.reading() as connection:
        return [(item.actor, item.action, item.detail) for item in reversed(audit_entries(connection))]


REFUSED = {
    "collapsed": (COLLAPSED, HeldKind.PLAUSIBILITY, "wanted about 4 organisations, found 1"),
    "changed": (CHANGED, HeldKind.LAYOUT, "'Within'"),
    "England is not the sum": (WRONG_ENGLAND, HeldKind.CONTRADICTION, "England reconciles with the sum"),
    "truncated": (b"PK\x03\x04 cut short", HeldKind.LAYOUT, "cut short"),
    "unknown": (b"name,score\r\nA,1\r\n", HeldKind.LAYOUT, "its content is of none of them"),
}


@pytest.mark.parametrize(("store_url", "case"), in_turn(REFUSED, both=["changed"]), indirect=["store_url"])
def test_what_is_refused_is_kept_with_its_reason(
    store: Store, settings: Settings, write: Write, case: str
) -> None:
    content, kind, words = REFUSED[case]
    load(store, settings, write(NOVEMBER, text(month())))
    summary = load(store, settings, write(DECEMBER, content))
    found = the_held(store)
    assert (found.state, found.kind, found.name) == (HeldState.HELD, kind, DECEMBER)
    assert words in found.reason
    assert found.reason == summary.results[0].message
    assert (found.id, found.load_run_id) == (summary.results[0].held_file_id, summary.run_id)
    assert Path(found.path).read_bytes() == content
    assert found.sha256 == hashlib.sha256(content).hexdigest()


def test_trying_a_file_holds_nothing(store: Store, write: Write) -> None:
    assert check_files(store, [write(DECEMBER, CHANGED)]).failed
    with store.reading() as connection:
        assert held_files(connection) == []


def test_the_same_bytes_are_held_once(store: Store, settings: Settings, write: Write) -> None:
    path = write(DECEMBER, CHANGED)
    load(store, settings, path)
    summary = load(store, settings, path, path.rename(path.with_name("again.csv")))
    assert the_held(store).load_run_id == summary.run_id


def test_only_surprises_and_a_few_rows_may_be_accepted() -> None:
    assert (
        frozenset(
            {
                "coverage did not shrink",
                "magnitude plausible",
                "organisations did not vanish",
                "figures are the period's own",
                "like its own last periods",
                "a few rows against themselves",
                "most patients are within the standard",
            }
        )
        == ACCEPTABLE
    )


def test_an_accepted_file_loads_and_says_who_accepted_it_and_why(
    store: Store, settings: Settings, collapsed: HeldFile
) -> None:
    result = hold.retry(
        store, settings, collapsed.id, by="Operator", accept=True, reason="the other trusts report next month"
    )
    assert (result.state, result.periods) == (FileState.LOADED, (Period.month(2024, 12),))
    assert rows(
        store,
        "SELECT organisation_code, numerator, denominator FROM current_observation WHERE breakdown = 'all' "
        "AND indicator = 'cancer-28-day-faster-diagnosis' AND period_start = '2024-12-01' "
        "AND organisation_type = 'trust'",
    ) == [("RVV", 2756, 4326)]
    accepted = [item for item in result.findings if "accepted by Operator" in item.message]
    assert {item.severity for item in accepted} == {Severity.WARNING}
    assert all("(accepted by Operator: the other trusts report next month)" in i.message for i in accepted)
    assert len(accepted) == collapsed.reason.count(" | ") + 1
    assert not any(item.severity is Severity.ERROR for item in result.findings)
    after = the_held(store)
    assert (after.state, after.decided_by) == (HeldState.LOADED, "Operator")
    assert after.decision == "accepted: the other trusts report next month"
    assert audited(store) == [
        ("Operator", "accept held file", "the other trusts report next month"),
        ("Operator", "held file loaded", "accepted: the other trusts report next month"),
    ]
    assert last_run(store) == ("succeeded", "", 1, 0)
    assert rows(store, "SELECT trigger, requested_by FROM load_run ORDER BY id DESC LIMIT 1") == [
        ("held file", "Operator")
    ]


@pytest.mark.parametrize("content", [CHANGED, WRONG_ENGLAND, ABOVE_WHOLE], ids=["layout", "England", "above"])
def test_what_contradicts_itself_is_never_accepted(
    store: Store, settings: Settings, write: Write, content: bytes
) -> None:
    load(store, settings, write(NOVEMBER, text(month())))
    load(store, settings, write(DECEMBER, content))
    before, found = figures(store), the_held(store)
    assert not found.kind.acceptable
    with pytest.raises(
        SourceError, match=r"held file 1: December.* cannot be accepted, for it is held for its"
    ):
        hold.retry(store, settings, found.id, by="Operator", accept=True, reason="I am sure")
    assert figures(store) == before
    assert the_held(store) == found


def test_acceptance_wants_a_reason(store: Store, settings: Settings, collapsed: HeldFile) -> None:
    with pytest.raises(SourceError, match="wanted a reason to accept held file 1: December"):
        hold.retry(store, settings, collapsed.id, by="Operator", accept=True, reason="   ")
    assert the_held(store).state is HeldState.HELD
    assert audited(store) == []


def test_only_what_was_seen_is_accepted(
    store: Store, settings: Settings, write: Write, collapsed: HeldFile
) -> None:
    """A final November of other numbers comes in between: the reason is no longer the one that was accepted."""
    more = [*month(), *(line("Provider", code, (1, 2)) for code in ("RXC", "RXF", "RTK"))]
    without = [row for row in more if row["Org_Code"] != "Total"]
    load(store, settings, write("November-2024-Monthly-Combined-CSV-Revised-Final.csv", text(without)))
    before = figures(store)
    result = hold.retry(store, settings, collapsed.id, by="Operator", accept=True, reason="true")
    assert result.state is FileState.REFUSED
    assert result.message.startswith("not as it was when it was accepted, so look again: ")
    assert "about 7 organisations, found 1" in result.message
    assert figures(store) == before
    again = the_held(store)
    assert again.state is HeldState.HELD
    assert "about 7 organisations" in again.reason
    assert last_run(store)[0] == "failed"
    hold.retry(store, settings, collapsed.id, by="Operator", accept=True, reason="true")
    assert the_held(store).state is HeldState.LOADED


def test_what_was_refused_again_since_it_was_seen_is_not_accepted(
    store: Store, settings: Settings, write: Write, collapsed: HeldFile
) -> None:
    load(store, settings, write(DECEMBER, COLLAPSED))
    with pytest.raises(SourceError, match="has been refused again since"):
        hold.retry(store, settings, 1, by="Operator", accept=True, reason="true", held_at=collapsed.held_at)
    seen = the_held(store).held_at
    result = hold.retry(store, settings, 1, by="Operator", accept=True, reason="true", held_at=seen)
    assert result.state is FileState.LOADED


def test_a_retry_without_acceptance_is_judged_as_ever(
    store: Store, settings: Settings, collapsed: HeldFile
) -> None:
    result = hold.retry(store, settings, collapsed.id, by="Operator")
    assert (result.state, result.held_file_id) == (FileState.REFUSED, collapsed.id)
    assert the_held(store).state is HeldState.HELD
    assert audited(store) == [("Operator", "retry held file", "")]


def test_a_file_loads_when_the_parser_is_mended(
    store: Store, settings: Settings, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(store, settings, write(DECEMBER, CHANGED))
    assert the_held(store).source == "cancer_waiting_times"
    real = SOURCES["cancer_waiting_times"]

    def mended(raw: RawFile, hints: Hints) -> ParsedFile:
        return real.parse(RawFile(raw.name, raw.content.replace(b"Inside,After", b"Within,After", 1)), hints)

    mended_source = replace(real, parse=mended, parser_version=real.parser_version + 1)
    monkeypatch.setattr(cancer_waiting_times, "SOURCE", mended_source)
    result = hold.retry(store, settings, 1, by="Operator")
    assert result.state is FileState.LOADED
    after = the_held(store)
    assert (after.state, after.decided_by, after.decision) == (HeldState.LOADED, "Operator", "tried again")
    with pytest.raises(SourceError, match=r"held file 1: December.* is loaded already"):
        hold.retry(store, settings, 1, by="Operator")


def test_an_undatable_file_loads_with_a_persons_period(
    store: Store, settings: Settings, write: Write
) -> None:
    bare = [{key: value for key, value in row.items() if key != "Period"} for row in month()]
    path = write("some.csv", text(bare, columns=[name for name in COLUMNS if name != "Period"]))
    load(store, settings, path, hints=Hints(maturity=Maturity.FINAL, published_on=date(2025, 1, 9)))
    assert the_held(store).hints == "published=2025-01-09 maturity=final"
    request = {"held_file": 1, "hints": "period=2024-11"}
    with pytest.raises(SourceError, match="wanted what is said of a held file, found 'period=2024-11'"):
        hold.run_load_request(store, settings, request, by="Operator")
    request["hints"] = Hints(Period.month(2024, 11), maturity=Maturity.FINAL).text()
    (result,) = hold.run_load_request(store, settings, request | {"source": ""}, by="Operator").results
    assert result.periods == (Period.month(2024, 11),)


@pytest.mark.parametrize(
    "hints",
    [
        Hints(),
        Hints(Period.snapshot(date(2024, 4, 30))),
        Hints(Period.quarter(2024, 7), date(2024, 12, 12), Maturity.REVISED),
    ],
)
def test_hints_are_kept_as_text_and_come_back(hints: Hints) -> None:
    assert Hints.of_text(hints.text()) == hints


def test_other_text_is_no_hints() -> None:
    for wrong in ("colour=red", "period=soon", "published"):
        with pytest.raises((ValueError, KeyError)):
            Hints.of_text(wrong)


def test_a_load_of_the_same_bytes_settles_what_was_held(
    store: Store, settings: Settings, write: Write, collapsed: HeldFile
) -> None:
    """The months before were withdrawn meanwhile, so the file surprises no more."""
    with store.writing() as connection:
        for table in ("observation", "source_file"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    summary = load(store, settings, write(DECEMBER, COLLAPSED))
    assert summary.state is RunState.SUCCEEDED
    after = the_held(store)
    assert (after.state, after.decided_by) == (HeldState.LOADED, "")
    assert after.decision == f"loaded by run {summary.run_id}"


def test_rejected_bytes_are_left_alone_by_a_refresh_and_refused_by_hand(
    store: Store, settings: Settings, write: Write, collapsed: HeldFile
) -> None:
    hold.reject(store, collapsed.id, by="Operator", reason="the publisher withdrew it")
    assert the_held(store).state is HeldState.REJECTED
    before = figures(store)
    arrival = Arrival(RawFile(DECEMBER, COLLAPSED), url="https://www.england.nhs.uk/December.csv")
    met = load_arrival(Job(store, settings, collapsed.load_run_id), SOURCES[collapsed.source], arrival)
    assert met.state is FileState.UNCHANGED
    (finding,) = met.findings
    assert finding.severity is Severity.WARNING
    assert f"held file {collapsed.id} was rejected by Operator on " in finding.message
    assert finding.message.endswith(": the publisher withdrew it")
    (by_hand,) = load(store, settings, write(DECEMBER, COLLAPSED)).results
    assert by_hand.state is FileState.REFUSED
    assert "was rejected by Operator" in by_hand.message
    assert figures(store) == before
    assert audited(store) == [("Operator", "held file rejected", "the publisher withdrew it")]


def test_a_rejected_file_may_be_tried_again_by_its_number(
    store: Store, settings: Settings, collapsed: HeldFile
) -> None:
    hold.reject(store, collapsed.id, by="Operator", reason="doubtful")
    refused = hold.retry(store, settings, collapsed.id, by="Operator")
    assert refused.state is FileState.REFUSED
    assert the_held(store).state is HeldState.REJECTED
    loaded = hold.retry(store, settings, collapsed.id, by="Operator", accept=True, reason="it is true")
    assert loaded.state is FileState.LOADED


def test_decisions_that_cannot_be_made_are_said_plainly(
    store: Store, settings: Settings, collapsed: HeldFile
) -> None:
    with pytest.raises(SourceError, match="there is no held file 77"):
        hold.retry(store, settings, 77, by="Operator")
    with pytest.raises(SourceError, match="wanted a reason to reject"):
        hold.reject(store, collapsed.id, by="Operator", reason=" ")
    Path(collapsed.path).write_bytes(b"something else")
    with pytest.raises(SourceError, match="is not the file that was kept: its SHA-256 differs"):
        hold.retry(store, settings, collapsed.id, by="Operator")
    Path(collapsed.path).unlink()
    with pytest.raises(SourceError, match="cannot be read: No such file"):
        hold.retry(store, settings, collapsed.id, by="Operator")
    assert the_held(store) == collapsed


def test_the_queue_asks_for_a_retry(store: Store, settings: Settings, collapsed: HeldFile) -> None:
    asked = {
        "held_file": collapsed.id,
        "accept": True,
        "reason": "true",
        "held_at": collapsed.held_at.isoformat(),
    }
    runs = rows(store, "SELECT count(*) FROM load_run")
    mine = collapsed.load_run_id
    summary = hold.run_load_request(store, settings, asked, by="Operator", run_id=mine)
    assert (summary.run_id, summary.state) == (mine, RunState.SUCCEEDED)
    assert rows(store, "SELECT count(*) FROM load_run") == runs
    for wrong in ({"held_file": "one"}, {}, asked | {"held_at": "then"}):
        with pytest.raises(SourceError):
            hold.run_load_request(store, settings, wrong, by="Operator")


def test_the_commands(
    sqlite_url: str, settings: Settings, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "250")

    def run(*arguments: object) -> Result:
        done = CliRunner().invoke(application, [*map(str, arguments), "--database", sqlite_url])
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return done

    assert "No file is held." in run("held", "list").output
    run("load", write(NOVEMBER, text(month())))
    assert run("load", write(DECEMBER, COLLAPSED)).exit_code == 1
    shown = run("held", "list").output
    assert DECEMBER in shown
    assert "plausibility" in shown
    again = run("held", "retry", 1)
    assert again.exit_code == 1
    assert f"REFUSED {DECEMBER}: coverage did not shrink" in again.output
    assert run("held", "accept", 1, "--reason", " ").exit_code == 1
    accepted = run("held", "accept", 1, "--reason", "confirmed by telephone")
    assert accepted.exit_code == 0
    assert f"loaded {DECEMBER}: December 2024" in accepted.output
    assert "No file is held." in run("held", "list").output
    assert "confirmed by telephone" in run("held", "list", "--all").output
    assert "Error: there is no held file 9" in run("held", "reject", 9, "--reason", "why").output


def test_moments_of_holding_are_in_utc(store: Store, collapsed: HeldFile) -> None:
    with store.reading() as connection:
        assert abs(datetime.now(UTC) - held_file_by_id(connection, collapsed.id).held_at).total_seconds() < 60
