"""Commentary on the trend page: what readers see, what editors send, and that kept pages never carry a form."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import delete

from db.domain.people.role import Role
from db.service.operators import set_role
from db.settings import StoreSettings, load_settings
from db.store import Store
from db.store.data_state import raise_data_version
from db.store.schema import commentary_revision
from stp_dash.application import create_app
from stp_dash.web.endpoints import DASH_UPDATES
from tests.support.seed import FDS, ordinary_rows, store_for_a_module
from tests.support.site.operators import NAME, PHRASE, seed_operator, token_of

ADDRESS = f"/trend?indicator={FDS}&organisation=RVV"
HOSTILE = "=HYPERLINK(1)\u202e <img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    for found in store_for_a_module(tmp_path_factory, "commentary", ordinary_rows()):
        seed_operator(found)
        yield found


@pytest.fixture(scope="module")
def site(kept: Store, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    raw = StoreSettings(raw_folder=tmp_path_factory.mktemp("raw"))
    found: Flask = create_app(kept, load_settings().model_copy(update={"store": raw})).server
    return found


@pytest.fixture
def server(kept: Store, site: Flask) -> Iterator[Flask]:
    """The site over the module's store: nothing is written yet, and whoever signs in is an editor."""
    set_role(kept, NAME, Role.EDITOR, by="tester")
    yield site
    with kept.writing() as connection:
        connection.execute(delete(commentary_revision))
        raise_data_version(connection, sources=["cancer_waiting_times"])


class Editor:
    """Somebody who is signed in and writes, in a browser of their own."""

    def __init__(self, browser: FlaskClient) -> None:
        self.browser = browser
        browser.post("/sign-in", data={"csrf_token": token_of(browser), "name": NAME, "password": PHRASE})
        page = browser.get(ADDRESS).text
        self.form_address = re.findall(r'href="(/trend[^"]*write=[^"#]*)', page)[0].replace("&amp;", "&")

    def form(self, address: str = "") -> dict[str, str]:
        """The hidden fields of the form as its page has them."""
        page = self.browser.get(address or self.form_address).text
        form = page[page.index('action="/trend/commentary"') :]
        return {
            name: value.replace("&amp;", "&")
            for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)
        }

    def press(self, button: str, form: dict[str, str], **typed: str) -> Any:
        words = {"what": "Reopen", "owner": "Cancer lead", "by": "16 Nov 2026", "state": "in hand"}
        said = {"role": "Care lead", "happened": "Rooms closed.", "assurance": "Nothing yet"}
        return self.browser.post("/trend/commentary", data={**words, **said, **form, "do": button, **typed})

    def told(self) -> str:
        with self.browser.session_transaction() as session:
            return " ".join(words for _, words in session.pop("_flashes", []))


def test_readers_see_what_is_shown_and_never_a_form_and_their_pages_stay_kept(server: Flask) -> None:
    reader, editor = server.test_client(), Editor(server.test_client())
    empty = reader.get(ADDRESS).data
    assert b"What those responsible say" not in empty
    form = editor.form()
    assert editor.press("draft", form, happened=HOSTILE).status_code == 303
    assert reader.get(ADDRESS).data == empty
    written = editor.press("show", editor.form(), happened=HOSTILE)
    assert written.location.endswith("#card-commentary")
    page = reader.get(ADDRESS).text
    assert "What those responsible say" in page
    assert "=HYPERLINK(1) &lt;img src=x onerror=alert(1)&gt;" in page
    assert "\u202e" not in page
    assert not [word for word in ('name="csrf_token"', "Edit commentary", NAME) if word in page]
    assert reader.get(f"{editor.form_address}").text.count("Edit commentary") == 0
    assert "Edit commentary" in editor.browser.get(editor.form_address).text
    body = {"request": {"path": "/trend", "search": editor.form_address[6:], "width": "desktop"}}
    question = {
        "output": "page.children",
        "outputs": {"id": "page", "property": "children"},
        "inputs": [{"id": "request", "property": "data", "value": body["request"]}],
        "changedPropIds": ["request.data"],
    }
    asked = {name: one.post(DASH_UPDATES, json=question).text for name, one in
             {"reader": reader, "editor": editor.browser}.items()}  # fmt: skip
    assert "Edit commentary" in asked["editor"]
    assert "Edit commentary" not in asked["reader"]
    withdrawn = editor.press("withdraw", editor.form(), reason="A mistake")
    assert withdrawn.status_code == 303
    assert reader.get(ADDRESS).data == empty


def test_what_is_wanted_is_said_beside_each_field_and_no_word_is_lost(server: Flask) -> None:
    editor = Editor(server.test_client())
    answer = editor.press("show", editor.form(), assurance="", happened="x" * 601, by="never")
    assert "writing=check" in answer.location
    page = editor.browser.get(answer.location).text
    for words in ("Write what you rely on", "Cut it to 600 characters: these are 601.", "Choose a day."):
        assert words in page
    assert "x" * 601 in page
    assert 'value="never"' in page
    added = editor.browser.get(editor.press("add", editor.form()).location).text
    assert 'id="what-1"' in added
    preview = editor.browser.get(editor.press("preview", editor.form()).location).text
    assert "<b>Preview</b>" in preview


def test_the_second_of_two_editors_is_told_and_keeps_their_words(server: Flask) -> None:
    one, other = Editor(server.test_client()), Editor(server.test_client())
    forms = one.form(), other.form()
    one.press("show", forms[0], happened="The first words.")
    answer = other.press("show", forms[1], happened="The second words.")
    assert "Nothing was shown; your words are kept as a draft" in other.told()
    page = other.browser.get(answer.location).text
    assert "The second words." in page
    assert "<del>first</del>" in page
    assert "The first words." in server.test_client().get(ADDRESS).text
    other.press("show", other.form(answer.location), happened="Both words.")
    assert "Both words." in server.test_client().get(ADDRESS).text


@pytest.mark.parametrize(
    ("role", "about", "status"),
    [(Role.VIEWER, [], 403), (Role.EDITOR, ["RWF"], 303), (Role.OPERATOR, ["RWF", "RVV"], 303)],
)
def test_an_account_writes_about_its_own_organisations_alone(
    kept: Store, server: Flask, role: Role, about: list[str], status: int
) -> None:
    editor = Editor(server.test_client())
    form = editor.form()
    set_role(kept, NAME, role, about, by="tester")
    assert editor.press("show", form).status_code == status
    seen = "What those responsible say" in server.test_client().get(ADDRESS).text
    assert seen == (role is Role.OPERATOR)
    if role is Role.EDITOR:
        assert "wanted somebody who may write about RVV" in editor.told()
        assert "You write about RWF alone." in editor.browser.get(ADDRESS).text


def test_nobody_writes_without_an_account_or_a_token(server: Flask) -> None:
    editor = Editor(server.test_client())
    form = editor.form()
    assert editor.press("show", {**form, "csrf_token": ""}).status_code == 400
    anybody = server.test_client()
    form["csrf_token"] = token_of(anybody)
    assert anybody.post("/trend/commentary", data=form).status_code in {303, 401}
    assert "What those responsible say" not in anybody.get(ADDRESS).text
    wrong = {"indicator": "none", "place": "XXX", "period": "7", "base": "x"}
    for name, value in wrong.items():
        editor.press("show", {**editor.form(), name: value})
        assert editor.told().startswith("Nothing was changed: ")
    assert "What those responsible say" not in anybody.get(ADDRESS).text


def test_downloads_hold_it_as_words(server: Flask) -> None:
    editor = Editor(server.test_client())
    editor.press("show", editor.form(), happened=HOSTILE)
    file = server.test_client().get(f"/download/trend.csv{ADDRESS[6:]}&sheet=commentary")
    lines = [line for line in file.data.decode("utf-8-sig").splitlines() if not line.startswith("# ")]
    row = next(csv.DictReader(io.StringIO("\n".join(lines))))
    assert row["commentary_happened"] == "'=HYPERLINK(1) <img src=x onerror=alert(1)>"
    assert (row["organisation_code"], row["written_as"]) == ("RVV", "Care lead")
    book = load_workbook(
        io.BytesIO(server.test_client().get(f"/download/trend.xlsx{ADDRESS[6:]}&sheet=commentary").data)
    )
    cells = [cell for line in book["Numbers"].iter_rows() for cell in line if cell.value]
    assert "'=HYPERLINK(1) <img src=x onerror=alert(1)>" in [cell.value for cell in cells]
    assert not [cell.value for cell in cells if cell.data_type == "f"]


def test_programs_read_what_is_shown_and_no_draft_or_name(server: Flask) -> None:
    editor, reader = Editor(server.test_client()), server.test_client()
    editor.press("draft", editor.form())
    assert json.loads(reader.get("/api/v1/commentary.json").text)["total"] == 0
    editor.press("show", editor.form(), happened=HOSTILE)
    found = json.loads(reader.get(f"/api/v1/commentary.json?indicator={FDS}&organisation=RVV").text)["data"]
    assert [
        (item["organisation_code"], item["written_as"], item["commentary_happened"]) for item in found
    ] == [("RVV", "Care lead", "=HYPERLINK(1) <img src=x onerror=alert(1)>")]
    table = reader.get("/api/v1/commentary.csv").text
    assert ",'=HYPERLINK(1) <img" in table
    assert NAME not in table
    assert json.loads(reader.get("/api/v1/commentary.json?organisation=RWF").text)["total"] == 0
    assert reader.get("/api/v1/commentary.json?organisation=XXX9").status_code == 404


def test_the_overview_has_a_folded_line_that_leads_to_the_whole(server: Flask) -> None:
    editor, reader = Editor(server.test_client()), server.test_client()
    before = reader.get("/").data
    editor.press("draft", editor.form())
    assert reader.get("/").data == before
    editor.press("show", editor.form(), happened="Rooms closed. The rest is longer.")
    page = reader.get("/").text
    assert "What those responsible say (1)" in page
    assert "Rooms closed." in page
    assert "The rest is longer." not in page
    assert re.search(r'href="/trend\?indicator=[^"]*organisation=RVV#card-commentary"', page)
    assert NAME not in page
