"""A pack ordered from the next month on: made by the queue's own process, listed, opened, compared and withdrawn."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from db.domain import Period, RunState
from db.service.lease import acquire
from db.service.packs.issued import issued_packs
from db.service.packs.orders import make_order
from db.settings import Settings, load_settings
from db.store import Store
from etl.service.scheduler import file_due_packs
from stp_dash.application import create_app
from tests.support.frames import file, row
from tests.support.kept_store import worked
from tests.support.releases import put_rows
from tests.support.seed import FDS, TREATED_62, ordinary_rows, store_for_a_module
from tests.support.site.operators import Operator, seed_operator

AUGUST, SEPTEMBER = Period.month(2026, 8), Period.month(2026, 9)
ADDRESS = f"/pack?include={TREATED_62}"


def september(treated: float) -> dict[str, object]:
    return row("QKS", treated, 900, indicator=TREATED_62, period=SEPTEMBER.key, basis="residence")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STP_STORE__RAW_FOLDER", str(tmp_path_factory.mktemp("raw")))
        yield load_settings()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[Store]:
    """A store whose order of a pack was carried out for September by the scheduler's own means."""
    for found in store_for_a_module(tmp_path_factory, "issued", ordinary_rows()):
        seed_operator(found)
        order = {"title": "Cancer board", "area": "QKS", "address": ADDRESS, "by": "ann"}
        make_order(found, source="cancer_waiting_times", **order)
        grant = acquire(found, "a test", 60)
        assert grant is not None
        assert file_due_packs(found, grant) == []
        put_rows(found, file(published_on=SEPTEMBER.end), september(700))
        assert len(file_due_packs(found, grant)) == 1
        assert file_due_packs(found, grant) == []
        run = worked(found, settings)
        assert (run.state, run.message) == (RunState.SUCCEEDED, "")
        yield found


@pytest.fixture(scope="module")
def site(store: Store, settings: Settings) -> FlaskClient:
    found: FlaskClient = create_app(store, settings).server.test_client()
    return found


@pytest.fixture(scope="module")
def operator(store: Store, settings: Settings) -> Operator:
    return Operator(store, settings)


def text_of(browser: FlaskClient, address: str) -> str:
    answer = browser.get(address)
    told = re.sub(r"<script.*?</script>|<[^>]+>", " ", answer.get_data(as_text=True), flags=re.DOTALL)
    assert answer.status_code == 200, told
    return " ".join(told.split())


def documents(store: Store, browser: FlaskClient) -> dict[str, Any]:
    with store.reading() as connection:
        found = issued_packs(connection)[-1]
    return {
        item.sha256: browser.get(f"/pack/issued/{found.id}/board-pack.{item.kind}")
        for item in found.documents
    }


def test_readers_find_the_pack_and_its_documents_as_they_were_issued(store: Store, site: FlaskClient) -> None:
    told = text_of(site, "/pack/issued")
    assert "Cancer board" in told
    assert "by an operator, as ordered" in told
    assert "ann" not in told.split()
    found = documents(store, site)
    assert len(found) == 3
    for digest, answer in found.items():
        assert hashlib.sha256(answer.data).hexdigest() == digest
        again = site.get(answer.request.path, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
    assert site.get("/pack/issued/99/board-pack.pdf").status_code == 404
    assert site.get("/pack/issued?pack=99").status_code == 404
    assert site.post("/pack/issued/issue", data={"address": ADDRESS}).status_code in {400, 401, 403}


def test_later_figures_leave_the_pack_and_it_says_what_would_differ(store: Store, site: FlaskClient) -> None:
    assert "Nothing: all" in text_of(site, "/pack/issued?pack=1")
    before = {digest: answer.data for digest, answer in documents(store, site).items()}
    live = site.get("/pack/board-pack.xlsx?include=" + TREATED_62).data
    put_rows(store, file(published_on=SEPTEMBER.end.replace(month=10)), september(666))
    told = text_of(site, "/pack/issued?pack=1")
    assert "1 figure would differ now" in told
    assert "62-day treatment Kent and Medway September 2026 77.8% (700 of 900) 74.0% (666 of 900)" in told
    assert {digest: answer.data for digest, answer in documents(store, site).items()} == before
    assert site.get("/pack/board-pack.xlsx?include=" + TREATED_62).data != live


def test_an_operator_issues_orders_and_withdraws(store: Store, operator: Operator) -> None:
    def does(action: str, **form: str) -> Any:
        sent = {"csrf_token": operator.token(), **form}
        return operator.browser.post(f"/pack/issued/{action}", data=sent)

    form = text_of(operator.browser, f"/pack/issued?new=1&include={FDS}")
    assert "Issue a board pack of Kent and Medway" in form
    wrong = does("issue", address="/pack?include=nothing-of-the-kind", title="Wrong")
    assert wrong.status_code == 303
    assert "There is no indicator" in operator.told()
    does("order", address=f"/pack?include={FDS}&period=2026-07", source="cancer_waiting_times", title="FDS")
    assert "from the next period on" in operator.told()
    listed = operator.browser.get("/pack/issued").get_data(as_text=True)
    assert f'href="/pack?include={FDS}"' in listed
    does("withdraw", pack="1", reason="")
    assert "wanted a reason" in operator.told()
    does("withdraw", pack="1", reason="An old month")
    assert "The pack is withdrawn" in operator.told()
    assert "An old month" in text_of(operator.browser, "/pack/issued?pack=1")
    rows = operator.browser.get("/api/v1/packs").get_json()["data"]
    found = {item["sha256"]: item for item in rows}
    assert set(found) == set(documents(store, operator.browser))
    assert {(item["pack_title"][:12], item["pack_state"]) for item in rows} == {("Cancer board", "withdrawn")}
    assert all(len(operator.browser.get(item["document_url"]).data) == item["bytes"] for item in rows)
    assert all(answer.status_code == 200 for answer in documents(store, operator.browser).values())
