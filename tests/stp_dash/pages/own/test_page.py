"""Own measures in a browser: a measure from its form to a chart, and nothing of it for anybody who is not signed in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import update

from db.domain import Period
from db.domain.own.figures import SubmissionMode
from db.domain.people.role import Person, Role
from db.figures.data_version import data_version
from db.own.definitions import approve_public, define_measure
from db.own.handing_in import hand_in
from db.own.submissions import add_submission
from db.reading.files import RawFile
from db.settings import Settings
from db.store import Store
from db.store.schema import operator
from stp_dash.application import create_app
from stp_dash.elements.links import PACK
from stp_dash.frame.request import PageRequest, ParameterError, Site
from stp_dash.pack.documents.workbook import pack_workbook
from stp_dash.pack.model import BoardPack
from stp_dash.pack.read import read_pack
from stp_dash.pages import PAGES
from stp_dash.pages.own.read import measure_key, place_key
from stp_dash.pages.own.series import MeasurePlace
from tests.support.own.measures import falls, incidents, lines, month
from tests.support.seed import ordinary_rows, seeded_store
from tests.support.site.operators import NAME, Operator, seed_operator

ID = "local-zebra-falls"
SECRETS = re.compile("zebra", re.IGNORECASE)
FORM = {
    "id": "local-zebra-falls",
    "name": "Zebra falls of inpatients",
    "short_name": "Zebra falls",
    "kind": "rate",
    "frequency": "month",
    "unit": "per 1,000 zebra days",
    "multiplier": "1000",
    "decimals": "1",
    "numerator_label": "Falls",
    "denominator_label": "Bed days",
    "improvement_direction": "decrease",
    "total": "sum",
    "lag_days": "20",
    "definition": "Falls.",
    "why_it_matters": "They hurt.",
    "caveats": "None known.",
    "data_source": "Zebra system",
    "owner": "Head of invention",
    "reviewed_on": "2026-01-01",
    "review_due_on": "2027-01-01",
    "audience": "public",
    "units": "zebra-a; Zebra A; ward; RVV\nzebra-b; Zebra B; ward; RVV; 2024-04-01",
    "standards": "<=; 5.5; 2026-01-01; ; Zebra board",
    "breaks": "",
    "events": "2025-06-05; New zebra rails; zebra-a",
    "compares_with": "cancer-62-day-combined",
}
FIGURES = lines(
    *(month("zebra-a", f"2025-{number:02}", number, 700) for number in range(1, 13)),
    *(month("zebra-b", f"2025-{number:02}", 12, 900) for number in range(1, 13)),
)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Published figures, and somebody who may sign in."""
    opened = seeded_store(tmp_path_factory.mktemp("bare") / "store.sqlite", ordinary_rows())
    seed_operator(opened)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def zebras(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The same, with measures of its own that nobody but who is signed in may see."""
    opened = seeded_store(tmp_path_factory.mktemp("zebras") / "store.sqlite", ordinary_rows())
    seed_operator(opened)
    give_measures(opened)
    yield opened
    opened.close()


def give_measures(store: Store) -> None:
    """A rate by ward and days between events, each with figures."""
    events = [f"local-zebra-incidents,RVV,zebra-a,2026-0{number}-1{number}," for number in range(1, 9)]
    define_measure(
        store,
        falls(
            name="Zebra falls of inpatients",
            compares_with="cancer-62-day-combined",
            events=[{"on": date(2025, 6, 5), "words": "New zebra rails"}],
        ),
        "zebra.keeper",
    )
    define_measure(store, incidents(), "zebra.keeper")
    for content in (FIGURES, lines(*events, head="measure,organisation,unit,event_date,note")):
        add(store, content)


def add(store: Store, content: bytes) -> None:
    with store.reading() as connection:
        found = hand_in(connection, store.catalogue, RawFile("zebra.csv", content), today=date(2026, 11, 30))
    assert found.checked.accepted, found.checked.findings.told()
    add_submission(
        store, found.checked, found.measures, by="zebra.keeper", role="editor", mode=SubmissionMode.ADD
    )


def signed_in(
    store: Store, settings: Settings, role: str = "administrator", organisations: str = ""
) -> Operator:
    with store.writing() as connection:
        connection.execute(
            update(operator).where(operator.c.name == NAME).values(role=role, organisations=organisations)
        )
    return Operator(store, settings)


def page(browser: FlaskClient, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return str(answer.get_data(as_text=True))


def sends(person: Operator, address: str, **form: Any) -> Any:
    return person.browser.post(address, data={"csrf_token": person.token(), **form})


def test_a_measure_from_its_form_to_figures_and_back(bare: Store, settings: Settings) -> None:
    person = signed_in(bare, settings)
    wrong = sends(person, "/own/define", **FORM | {"units": "zebra-a; Zebra A"})
    assert wrong.status_code == 400
    assert "units, line 1: wanted code; name; type; organisation" in wrong.get_data(as_text=True)
    kept = sends(person, "/own/define", **FORM)
    assert kept.location == f"/own?measure={measure_key(ID)}"
    assert "version 1 is kept" in person.told()
    assert 'value="Zebra falls of inpatients"' in page(
        person.browser, f"/own/define?measure={measure_key(ID)}"
    )
    template = (
        person.browser.get(f"/own/template.csv?measure={measure_key(ID)}").get_data().decode("utf-8-sig")
    )
    assert template.splitlines()[1].startswith("local-zebra-falls,RVV,zebra-a,20")
    refused = sends(person, "/own/upload", file=(BytesIO(FIGURES.replace(b",700,", b",x,")), "zebra.csv"))
    assert refused.status_code == 400
    assert "x is not a figure" in refused.get_data(as_text=True)
    assert not settings.uploads_folder.exists()
    fit = sends(person, "/own/upload", file=(BytesIO(FIGURES), "zebra.csv"), reason="Invented")
    assert "24 new" in fit.get_data(as_text=True)
    hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', fit.get_data(as_text=True)))
    added = sends(person, "/own/upload/add", **{**hidden, "csrf_token": person.token()})
    assert added.location == f"/own?measure={measure_key(ID)}"
    shown = page(person.browser, added.location)
    assert "Local, unpublished – Head of invention, submitted" in shown
    assert "15.0 per 1,000 zebra days in December 2025" in shown
    assert "/trend?indicator=cancer-62-day-combined&amp;organisation=RVV" in shown
    assert list(settings.uploads_folder.iterdir()) == []
    assert sends(person, "/own/upload/add", **hidden).location == "/own"
    assert "hand it in again" in person.told()
    sends(person, "/own/turn", number="1", puts_back="")
    assert "Submission 1 is withdrawn" in person.told()
    sends(person, "/own/turn", number="1", puts_back="1")
    csv = person.browser.get(f"/own/figures.csv?measure={measure_key(ID)}").get_data(as_text=True)
    assert csv.count("local-zebra-falls") == 24
    sends(person, "/own/erase", id=ID)
    assert "24 figures are erased" in person.told()
    assert "No measure is defined yet" in page(person.browser, "/own")


def test_lists_of_patients_are_neither_kept_nor_echoed(bare: Store, settings: Settings) -> None:
    person = signed_in(bare, settings)
    content = b"NHS Number,organisation\n999 000 0018,RVV\n"
    answer = sends(person, "/own/upload", file=(BytesIO(content), "list.csv"))
    assert answer.status_code == 400
    assert "one line a patient" in answer.get_data(as_text=True)
    assert "0018" not in answer.get_data(as_text=True)
    assert not settings.uploads_folder.exists()


def test_people_hand_in_figures_of_their_own_organisations_alone(zebras: Store, settings: Settings) -> None:
    person = signed_in(zebras, settings, "editor", "RWF")
    answer = sends(person, "/own/upload", file=(BytesIO(FIGURES), "zebra.csv"))
    assert "You may not hand in figures of RVV" in answer.get_data(as_text=True)
    sends(person, "/own/turn", number="1", puts_back="")
    assert "figures of another organisation" in person.told()
    assert sends(person, "/own/erase", id=ID).status_code == 403
    viewer = signed_in(zebras, settings, "viewer")
    assert sends(viewer, "/own/upload", file=(BytesIO(FIGURES), "zebra.csv")).status_code == 403
    assert "Zebra falls" in page(viewer.browser, "/own")


def test_own_figures_beside_invented_ones_are_not_called_invented(tmp_path: Path, settings: Settings) -> None:
    store = seeded_store(tmp_path / "demo.sqlite", ordinary_rows(), demonstration=True)
    seed_operator(store)
    give_measures(store)
    person = signed_in(store, settings, "viewer")
    all_invented, local = "Every number on this page is invented", "The local ones are what people here sent"
    trend = "/trend?indicator=cancer-62-day-combined&organisation=RVV"
    for address in ("/own", f"/own?measure={measure_key(ID)}", trend):
        shown = page(person.browser, address)
        assert local in shown and "Published figures on this page are invented" in shown, address
        assert all_invented not in shown, address
    for address in (trend, "/own"):
        shown = page(person.browser.application.test_client(), address)
        assert all_invented in shown and local not in shown, address
    store.close()


def test_each_kind_of_measure_has_a_chart_of_its_own(zebras: Store, settings: Settings) -> None:
    person = signed_in(zebras, settings, "viewer")
    of_falls = page(person.browser, f"/own?measure={measure_key(ID)}")
    assert "XmR chart." in of_falls
    assert "Each unit over time" in of_falls
    assert "Worst in December 2025: Zebra A, 17.1. Best in December 2025: Zebra B, 13.3." in of_falls
    assert " 5 June 2025: New zebra rails." in of_falls
    assert "Zebra B" in of_falls
    assert "t chart of 7 gaps" in page(person.browser, f"/own?measure={measure_key('local-zebra-incidents')}")
    events = person.browser.get(f"/own/figures.csv?measure={measure_key('local-zebra-incidents')}")
    told = events.get_data().decode("utf-8-sig").splitlines()
    assert told[:2] == [
        "measure,organisation,unit,event_date,note",
        "local-zebra-incidents,RVV,zebra-a,2026-01-11,",
    ]
    trend = "/trend?indicator=cancer-62-day-combined&organisation=RVV"
    beside = page(person.browser, trend)
    assert "Local, unpublished: Zebra falls: East Kent" in beside
    assert "is not drawn. It is a proportion, and this measure a rate" in beside
    assert not SECRETS.search(page(person.browser.application.test_client(), trend))
    missing = person.browser.get("/own?measure=none")
    assert missing.status_code in {400, 404}


def test_what_is_said_of_own_figures_is_for_who_sees_them(zebras: Store, settings: Settings) -> None:
    place = {"measure": measure_key(ID), "place": place_key(MeasurePlace("RVV", "", ""))}
    person = signed_in(zebras, settings, "editor")
    form = page(person.browser, f"/own/commentary?measure={place['measure']}&place={place['place']}")
    assert "December 2025" in form
    period = Period.month(2025, 12).key
    typed = {"period": str(period), "newest": "0", "happened": "Zebra floors were wet.", "role": "Zebra lead"}
    refused = sends(person, "/own/commentary", **place, **typed)
    assert refused.status_code == 400
    assert "assurance: Write what you rely on" in refused.get_data(as_text=True)
    action = {"what-0": "Mats", "owner-0": "Estates", "by-0": "2026-03-01"}
    shown = sends(person, "/own/commentary", **place, **typed, **action, assurance="Weekly walk.")
    assert "It is shown" in person.told()
    assert shown.location.startswith("/own?measure=")
    late = sends(person, "/own/commentary", **place, **typed, assurance="Weekly walk.")
    assert "somebody else has written meanwhile" in late.get_data(as_text=True)
    viewer = signed_in(zebras, settings, "viewer")
    told = page(viewer.browser, f"/own?measure={place['measure']}")
    assert "Zebra floors were wet." in told
    assert "for December 2025" in told
    request = PageRequest(Site(zebras, settings), PACK, {"own": "with"}, signed_in=Person("ann", Role.VIEWER))
    with zebras.reading() as connection:
        pack = read_pack(request, connection, data_version(connection))
    assert pack.own[0].comment is not None
    assert pack.own[0].comment.what_is_done.startswith("Mats (Estates, by 1 March 2026")
    other = signed_in(zebras, settings, "editor", "RWF")
    sends(other, "/own/commentary", **place, **typed, assurance="x")
    assert "that you may write of" in other.told()
    person = signed_in(zebras, settings, "editor")
    sends(person, "/own/commentary", **{**place, **typed, "newest": "1"}, withdraw="1", reason="Wrong ward")
    assert "Zebra floors were wet." not in page(person.browser, f"/own?measure={place['measure']}")


def test_packs_have_own_measures_for_who_asks_and_may_see_them(zebras: Store, settings: Settings) -> None:
    def pack_for(person: Person | None, **asked: str) -> BoardPack:
        request = PageRequest(Site(zebras, settings), PACK, asked, signed_in=person)
        with zebras.reading() as connection:
            return read_pack(request, connection, data_version(connection))

    viewer = Person("ann", Role.VIEWER)
    pack = pack_for(viewer, own="with")
    assert [sheet.id for sheet in pack.own] == [
        "local-zebra-falls-rvv-all",
        "local-zebra-incidents-rvv-zebra-a",
    ]
    falls_sheet = pack.own[0]
    assert falls_sheet.title == "Zebra falls, East Kent: 15.0 per 1,000 zebra days in December 2025"
    assert [part.shown for part in falls_sheet.parts] == ["17.1", "13.3"]
    assert falls_sheet.series is not None
    assert falls_sheet.series.points[-1].value == pytest.approx(1000 * 24 / 1600)
    assert all(sheet.sentence.startswith("Local, unpublished – Head of invention") for sheet in pack.own)
    told = [
        cell for page in load_workbook(BytesIO(pack_workbook(pack))) for row in page.values for cell in row
    ]
    assert sum("Local, unpublished" in str(cell) for cell in told) > len(
        pack.own[0].series.points if pack.own[0].series else ()
    )
    for plain in (pack_for(viewer), pack_for(None), pack_for(None, own="without")):
        assert not plain.own
        assert not SECRETS.search(str(plain))
    with pytest.raises(ParameterError, match="signed in"):
        pack_for(None, own="with")


def test_a_pack_with_own_measures_is_kept_for_nobody(zebras: Store, settings: Settings) -> None:
    person = signed_in(zebras, settings, "viewer")
    address = "/pack/board-pack.xlsx?own=with&include=cancer-62-day-combined"
    own = person.browser.get(address)
    names = load_workbook(BytesIO(own.get_data())).sheetnames
    assert any(name.startswith("2 Zebra falls") for name in names)
    assert own.headers["Cache-Control"] == "no-store"
    nobody = person.browser.application.test_client()
    for path in (address, "/pack?own=with&include=cancer-62-day-combined"):
        refused = nobody.get(path)
        assert refused.status_code in {400, 404}
        assert not SECRETS.search(refused.get_data(as_text=True))


ADDRESSES = (
    "/pack?own=with",
    f"/own/commentary?measure={measure_key(ID)}&place={place_key(MeasurePlace('RVV', '', ''))}",
    "/pack/board-pack.pdf?own=with",
    "/pack/board-pack.xlsx?own=with&version=1",
    "/pack/issued?new=1&own=with",
    "/trend?indicator=cancer-62-day-combined&organisation=RVV",
    "/embed/trend?indicator=cancer-62-day-combined&organisation=RVV&sheet=trend",
    "/download/trend.csv?indicator=cancer-62-day-combined&organisation=RVV&sheet=trend",
    "/own",
    f"/own?measure={measure_key(ID)}",
    f"/own/figures.csv?measure={measure_key(ID)}",
    f"/own/template.xlsx?measure={measure_key(ID)}",
    f"/own/define?measure={measure_key(ID)}",
    "/own/upload",
    f"/download/own.csv?measure={measure_key(ID)}&sheet=figures",
    f"/embed/own?measure={measure_key(ID)}&sheet=figures",
    "/trend?indicator=local-zebra-falls&organisation=RVV",
    "/organisation?find=zebra",
    "/organisation?organisation=RVV",
    "/api/v1/indicators/local-zebra-falls",
)


def addresses(browser: FlaskClient) -> list[str]:
    """Every page, every address that is answered, and those that ask for an own measure."""
    rules = [rule for rule in browser.application.url_map.iter_rules() if "GET" in (rule.methods or ())]
    filled = [re.sub(r"<[^>]+>", "1", rule.rule) for rule in rules if "any(" not in rule.rule]
    unlike = ("/_dash-component-suites", "/assets")
    found = [*filled, *(item.path for item in PAGES), *ADDRESSES]
    return sorted({address for address in found if not address.startswith(unlike)})


def without_token(answer: Any) -> bytes:
    """An answer without the token of its visitor's forms, which is no two visitors'."""
    return re.sub(rb'name="csrf_token" value="[^"]+"', b"", answer.get_data())


def same(one: Any, other: Any) -> bool:
    return (one.status_code, without_token(one)) == (other.status_code, without_token(other))


def test_nobody_learns_of_them_by_any_address(
    tmp_path: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """Whether there are own measures or not, every address answers nobody alike, byte for byte."""
    bare, zebras = (seeded_store(tmp_path / f"{name}.sqlite", ordinary_rows()) for name in ("bare", "zebras"))
    give_measures(zebras)
    without, having = (create_app(store, settings).server.test_client() for store in (bare, zebras))
    walked = addresses(having)
    assert len(walked) > 60
    for address in walked:
        for path in (address, f"{address}{'&' if '?' in address else '?'}width=phone"):
            told = having.get(path).get_data().decode("utf-8", "replace")
            assert "zebra" in path or not SECRETS.search(told), path
            # A page that says how long ago something was may be asked for in another minute.
            assert any(same(having.get(path), without.get(path)) for _ in range(3)), path
    assert not SECRETS.search(caplog.text)
    bare.close()
    zebras.close()


def test_what_an_administrator_approves_is_shown_without_small_numbers(
    bare: Store, settings: Settings, tmp_path: Path
) -> None:
    store = seeded_store(tmp_path / "approved.sqlite", ordinary_rows())
    define_measure(store, falls(visibility={"audience": "public"}), "keeper")
    add(store, FIGURES)
    browser = create_app(store, settings).server.test_client()
    hidden = page(browser, "/own")
    assert not SECRETS.search(hidden)
    approve_public(store, ID, "cara", public=True)
    shown = page(browser, f"/own?measure={measure_key(ID)}")
    assert "16 per 1,000 zebra days in December 2025 (25 for 1,600 bed days)" in shown
    ward = page(
        browser, f"/own?measure={measure_key(ID)}&place={place_key(MeasurePlace('RVV', 'zebra-a', ''))}"
    )
    assert "fewer than 8" in ward
    assert "approved by cara" in shown
    assert "keeper" not in shown
    approve_public(store, ID, "cara", public=False)
    assert page(browser, "/own") == hidden.replace('/own"', '/own"')
    store.close()
