"""Feeds and the calendar, read by programs that others wrote."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import feedparser
import orjson
import pytest
from flask.testing import FlaskClient
from icalendar import Calendar, Event
from sqlalchemy import event

from db.settings import load_settings
from db.store import open_store
from db.store.data_state import raise_data_version
from stp_dash.application import create_app
from stp_dash.follow.telling import tell_area
from tests.support.site.released import Releases, wobbling

CHANGES, CALENDAR = "/feeds/changes", "/feeds/publications.ics"


@pytest.fixture(scope="module")
def releases(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Releases]:
    """Kent's figures, told month after month, and Sussex's, which nobody follows."""
    path = tmp_path_factory.mktemp("feeds") / "store.sqlite"
    shutil.copy(sqlite_template, path)
    settings = load_settings()
    notify = settings.notify.model_copy(update={"site": "https://monitor.example.nhs.uk"})
    found = Releases(open_store(f"sqlite:///{path}"), settings.model_copy(update={"notify": notify}))
    steady = wobbling(0.70, 24)
    found.history({"QKS": steady, "RVV": steady, "QNX": [*steady[:-7], *[0.6] * 7]})
    for share in (0.82, 0.81, 0.82):
        tell_area(found.site, "QKS")
        found.release({"QKS": share, "RVV": 0.70})
    tell_area(found.site, "QKS")
    yield found
    found.store.close()


@pytest.fixture(scope="module")
def client(releases: Releases) -> FlaskClient:
    found: FlaskClient = create_app(releases.store, releases.settings).server.test_client()
    return found


def test_the_atom_feed_is_read_by_a_reader(client: FlaskClient) -> None:
    answer = client.get(f"{CHANGES}.atom")
    found = feedparser.parse(answer.data)
    assert not found.bozo and found.version == "atom10"
    assert found.feed.title == "Demonstration: Kent and Medway: what changed"
    titles = [entry.title for entry in found.entries]
    assert "Demonstration: 28-day faster diagnosis, Kent and Medway: meets its 75% standard" in titles
    assert all(title.startswith("Demonstration: ") for title in titles)
    assert all(entry.id.startswith("tag:monitor.example.nhs.uk,2026:news/") for entry in found.entries)
    assert len({entry.id for entry in found.entries}) == len(titles)
    assert found.entries[0].link.startswith("https://monitor.example.nhs.uk/")
    assert found.entries[0].updated_parsed >= found.entries[-1].updated_parsed
    assert found.feed.updated_parsed == found.entries[0].updated_parsed


def test_the_json_feed_has_the_same_entries(client: FlaskClient) -> None:
    atom = feedparser.parse(client.get(f"{CHANGES}.atom").data)
    found = client.get(f"{CHANGES}.json")
    assert found.content_type == "application/feed+json; charset=utf-8"
    told = orjson.loads(found.data)
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["id"] for item in told["items"]] == [entry.id for entry in atom.entries]
    assert {"id", "url", "title", "content_text", "date_published"} <= set(told["items"][0])


def test_names_last_and_nothing_new_is_not_sent_again(client: FlaskClient, releases: Releases) -> None:
    first = client.get(f"{CHANGES}.atom")
    same = client.get(f"{CHANGES}.atom", headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    before = {entry.id for entry in feedparser.parse(first.data).entries}
    releases.release({"QKS": 0.82, "RVV": 0.70})
    tell_area(releases.site, "QKS")
    after = client.get(f"{CHANGES}.atom", headers={"If-None-Match": first.headers["ETag"]})
    assert after.status_code == 200
    assert before < {entry.id for entry in feedparser.parse(after.data).entries}


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("?organisation=RVV", "East Kent"),
        ("?indicator=cancer-28-day-faster-diagnosis", "Kent and Medway: 28-day faster diagnosis"),
        ("?topic=cancer", "Kent and Medway: Cancer"),
        ("?area=QNX", "Sussex"),
    ],
)
def test_a_feed_is_of_what_is_asked(client: FlaskClient, asked: str, title: str) -> None:
    found = feedparser.parse(client.get(f"{CHANGES}.atom{asked}").data)
    assert found.feed.title == f"Demonstration: {title}: what changed"
    assert found.entries


def test_of_an_area_that_nobody_follows_the_figures_tell_it_themselves(client: FlaskClient) -> None:
    answer = client.get(f"{CHANGES}.json?area=QNX").data
    found = orjson.loads(answer)["items"]
    (begun,) = [item for item in found if item["tags"] == ["special cause began"]]
    assert begun["title"].startswith("Demonstration: 28-day faster diagnosis, Sussex: ")
    assert answer == client.get(f"{CHANGES}.json?area=QNX").data
    assert all("area=QNX" in item["url"] for item in found)


def test_a_load_of_another_source_leaves_news_of_earlier_as_they_are(
    client: FlaskClient, releases: Releases
) -> None:
    asked = f"{CHANGES}.json?area=QNX"
    first, read = client.get(asked).data, list[str]()

    def keep(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM observation" in statement:
            read.append(statement)

    event.listen(releases.store.engine, "before_cursor_execute", keep)
    try:
        for source, anew in (("ssnap", False), ("cancer_waiting_times", True)):
            with releases.store.writing() as connection:
                raise_data_version(connection, names=False, sources=(source,))
            read.clear()
            assert client.get(asked).data == first
            assert bool(read) is anew, source
    finally:
        event.remove(releases.store.engine, "before_cursor_execute", keep)


@pytest.mark.parametrize(
    ("asked", "status"),
    [("?area=XXX", 404), ("?organisation=ZZZ99", 404), ("?indicator=nothing-such", 404), ("?topic=x", 400)],
)
def test_what_there_is_not_is_said(client: FlaskClient, asked: str, status: int) -> None:
    answer = client.get(f"{CHANGES}.atom{asked}")
    assert answer.status_code == status
    assert answer.text.count("\n") == 1


def test_pages_lead_to_their_feeds(client: FlaskClient) -> None:
    found = client.get("/trend?indicator=cancer-28-day-faster-diagnosis&organisation=RVV").text
    assert 'rel="alternate" type="application/atom+xml"' in found
    assert "/feeds/changes.atom?indicator=cancer-28-day-faster-diagnosis&amp;organisation=RVV" in found


def test_the_calendar_is_read_by_a_calendar(client: FlaskClient, releases: Releases) -> None:
    answer = client.get(CALENDAR)
    assert answer.content_type.startswith("text/calendar")
    found = Calendar.from_ical(answer.data)
    events = [item for item in found.walk("VEVENT") if isinstance(item, Event)]
    assert str(found["X-WR-CALNAME"]).startswith("Demonstration: ")
    names = [str(event["UID"]) for event in events]
    assert len(set(names)) == len(names) > 3
    assert all(name.endswith("@monitor.example.nhs.uk") for name in names)
    assert all(str(event["SUMMARY"]).startswith("Demonstration: Cancer: ") for event in events)
    assert {event.start.weekday() for event in events if "due" in str(event["SUMMARY"])} == {3}
    assert not isinstance(events[0].start, datetime)
    assert answer.data == client.get(CALENDAR).data


def test_the_page_offers_feeds_alone_without_a_mail_server(client: FlaskClient) -> None:
    found = client.get("/follow?calendar=2026-10").text
    assert "Hear when the numbers change" in found
    assert "has set no mail server" in found
    for address in (f"{CHANGES}.atom", f"{CHANGES}.json", CALENDAR):
        assert f'data-address="{address}"' in found
    assert 'name="address"' not in found
    assert "Publications in October 2026" in found


def test_every_page_leads_to_it(client: FlaskClient) -> None:
    assert 'href="/follow"' in client.get("/trend").text
    assert 'href="/follow?area=QNX"' in client.get("/?area=QNX").text


def test_its_feeds_are_of_the_area_before_the_reader(client: FlaskClient) -> None:
    assert f'data-address="{CHANGES}.atom?area=QNX"' in client.get("/follow?area=QNX").text
