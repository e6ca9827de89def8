"""Issued packs: bytes before rows whatever is killed, opened byte for byte, withdrawn and never erased."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.domain import Period
from db.service.packs.issued import (
    IssuedFigure,
    PackError,
    PackIssue,
    figures_issued,
    issue_pack,
    issued_bytes,
    issued_pack_by_id,
    issued_packs,
    withdraw_pack,
)
from db.service.packs.orders import due_orders, end_order, make_order, note_ordered, standing_orders
from db.service.retention import clear
from db.settings import load_settings
from db.store import Store
from db.store.audit import audit_entries
from db.store.data_state import data_state, raise_data_version
from tests.support.frames import file, row
from tests.support.releases import put_rows

AUGUST, SEPTEMBER = Period.month(2026, 8), Period.month(2026, 9)
FIGURE = IssuedFigure("cancer-62-day-combined", "RVV", AUGUST, 70.0, 100.0, 70.0)
ISSUE = PackIssue("Board, August", "QKS", "/pack", 3, demonstration=True, figures=(FIGURE,))
PAPER = {"pdf": ("board.pdf", b"%PDF what the board read")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "raw" / "packs"


def test_an_issued_pack_opens_as_it_was_and_is_recorded(store: Store, folder: Path) -> None:
    with store.reading() as connection:
        before = data_state(connection)
    number = issue_pack(store, folder, ISSUE, PAPER, by="ann")
    with store.reading() as connection:
        (found,) = issued_packs(connection, area="QKS")
        assert issued_packs(connection, area="QNX") == ()
        assert figures_issued(connection, number) == (FIGURE,)
        assert data_state(connection) > before
        (entry,) = audit_entries(connection, subject=f"pack {number}")
    assert (found.id, found.title, found.issued_by, found.data_version) == (number, "Board, August", "ann", 3)
    assert found.code_version
    assert (entry.actor, entry.action) == ("ann", "issue pack")
    (document,) = found.documents
    assert issued_bytes(folder, document) == b"%PDF what the board read"
    assert document.size == len(b"%PDF what the board read")


def test_bytes_that_were_changed_or_are_gone_are_not_passed_on(store: Store, folder: Path) -> None:
    issue_pack(store, folder, ISSUE, PAPER, by="ann")
    with store.reading() as connection:
        (document,) = issued_packs(connection)[0].documents
    (path,) = (item for item in folder.rglob("*") if item.is_file())
    path.write_bytes(b"%PDF what nobody issued !")
    with pytest.raises(PackError, match="not as it was issued"):
        issued_bytes(folder, document)
    path.unlink()
    with pytest.raises(PackError, match=r"board\.pdf cannot be read"):
        issued_bytes(folder, document)


def test_a_pack_is_withdrawn_once_with_a_reason_and_stays(store: Store, folder: Path) -> None:
    number = issue_pack(store, folder, ISSUE, PAPER, by="ann")
    with pytest.raises(PackError, match="wanted a reason"):
        withdraw_pack(store, number, by="bob", reason="")
    withdraw_pack(store, number, by="bob", reason="the wrong month")
    with pytest.raises(PackError, match=f"no pack {number} that could be withdrawn"):
        withdraw_pack(store, number, by="bob", reason="again")
    with store.reading() as connection:
        found = issued_pack_by_id(connection, number)
        assert audit_entries(connection, 1)[0].action == "withdraw pack"
    assert found is not None
    assert (found.withdrawn_by, found.withdrawn_because) == ("bob", "the wrong month")
    assert issued_bytes(folder, found.documents[0])


def test_no_clearing_touches_issued_packs(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STP_STORE__RAW_FOLDER", str(tmp_path / "raw"))
    settings = load_settings()
    issue_pack(store, settings.packs_folder, ISSUE, PAPER, by="ann")
    short = settings.retention.model_copy(
        update={name: 1 for name in type(settings.retention).model_fields if name.endswith("_days")}
    )
    late = datetime.now(UTC) + timedelta(days=4000)
    clear(store, settings.model_copy(update={"retention": short}), by="a test", at=late)
    with store.reading() as connection:
        (found,) = issued_packs(connection)
    assert issued_bytes(settings.packs_folder, found.documents[0])


def test_a_process_killed_between_bytes_and_row_leaves_no_row(store: Store, folder: Path) -> None:
    """The child has its bytes in place and waits for the store, which this process holds; there it is killed."""
    url = store.engine.url.render_as_string(hide_password=False)
    program = (
        "import sys; from pathlib import Path; from db.store import open_store\n"
        "from db.service.packs.issued import PackIssue, issue_pack\n"
        "store = open_store(sys.argv[1]); print('ready', flush=True); sys.stdin.readline()\n"
        "issue = PackIssue('Board', 'QKS', '/pack', 3, demonstration=False, figures=())\n"
        "issue_pack(store, Path(sys.argv[2]), issue, {'pdf': ('board.pdf', b'%PDF')}, by='ann')\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, url, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with child:
        assert child.stdout is not None
        assert child.stdin is not None
        child.stdout.readline()
        with store.writing() as connection:
            raise_data_version(connection)
            child.stdin.write("\n")
            child.stdin.flush()
            while not any(item.suffix == ".pdf" for item in folder.rglob("*")):
                assert child.poll() is None
                os.sched_yield()
            child.send_signal(signal.SIGKILL)
            child.wait(10)
    with store.reading() as connection:
        assert issued_packs(connection) == ()
    number = issue_pack(store, folder, ISSUE, {"pdf": ("board.pdf", b"%PDF")}, by="ann")
    with store.reading() as connection:
        found = issued_pack_by_id(connection, number)
    assert found is not None
    assert issued_bytes(folder, found.documents[0]) == b"%PDF"


def test_an_order_is_due_once_for_each_period_that_its_source_brings(store: Store) -> None:
    put_rows(store, file(published_on=AUGUST.end), row("RVV", 70, 100, period=AUGUST.key))
    asked = {"title": "Board", "area": "QKS", "address": "/pack?include=failing", "by": "ann"}
    number = make_order(store, source="cancer_waiting_times", **asked)
    with pytest.raises(PackError, match="ordered already"):
        make_order(store, source="cancer_waiting_times", **asked)
    with store.reading() as connection:
        assert [order.last for order in standing_orders(connection)] == [AUGUST]
        assert due_orders(connection) == ()
    put_rows(store, file(published_on=SEPTEMBER.end), row("RVV", 71, 100, period=SEPTEMBER.key))
    with store.writing() as connection:
        ((order, period),) = due_orders(connection)
        assert (order.id, period) == (number, SEPTEMBER)
        note_ordered(connection, number, period)
        assert due_orders(connection) == ()
    end_order(store, number, by="bob")
    with store.reading() as connection:
        assert standing_orders(connection) == ()
        assert [entry.action for entry in audit_entries(connection, 2)] == ["end order of pack", "order pack"]
    with pytest.raises(PackError, match="no standing order"):
        end_order(store, number, by="bob")
