"""Titles of documents and what shared links say: short, whole statements, and never more than the page says."""

from __future__ import annotations

import re
import struct
from html import unescape
from pathlib import Path

import pytest

from db.settings import Settings, load_settings
from stp_dash.analysis.sheet import Subject
from stp_dash.application import create_app
from stp_dash.elements.links import ORGANISATION, TREND, VARIATION, href
from stp_dash.frame.elsewhere.head import LONGEST_TITLE, document_title, page_description
from stp_dash.pages import PAGES
from tests.support.seed import seeded_store, three_subjects

SITE = "Performance standards monitor"


@pytest.mark.parametrize(
    ("finding", "subject", "title"),
    [
        ("Glossary", Subject(), "Glossary · Kent and Medway – Performance standards monitor"),
        (
            "62-day treatment is steady, 134 patients short of 85%",
            Subject("62-day treatment", "Kent and Medway"),
            "62-day treatment, 134 short of 85% · Kent and Medway – Monitor",
        ),
        (
            "Medway: 62-day treatment is steady, 34 patients short of 85%",
            Subject("62-day treatment", "Medway"),
            "62-day treatment, 34 short of 85% · Medway – Standards monitor",
        ),
        (
            "28-day faster diagnosis: none of our four trusts meets 80%",
            Subject("28-day faster diagnosis by Trust", "Kent and Medway"),
            "28-day faster diagnosis · Kent and Medway – Standards monitor",
        ),
        (
            "Kent and Medway is 81 fully qualified GPs short of England's rate",
            Subject("Fully qualified GPs, posts short", "Kent and Medway"),
            "Kent and Medway is 81 fully qualified GPs short of England – Monitor",
        ),
    ],
)
def test_title_is_cut_by_whole_statements(finding: str, subject: Subject, title: str) -> None:
    assert document_title(finding, subject, "Kent and Medway", SITE) == title


def test_the_longest_names_are_cut_between_words() -> None:
    name = "NHS Bath and North East Somerset, Swindon and Wiltshire Integrated Care Board"
    title = document_title(name, Subject("Every indicator", name), "Kent and Medway", SITE)
    assert len(title) <= LONGEST_TITLE
    assert title.endswith("… – Monitor")
    told = page_description(name * 3, Subject("Every indicator", name), "Kent", demonstration=True)
    assert len(told) <= 160
    assert told.startswith("Demonstration data, all invented: ")


def _tags(text: str) -> dict[str, str]:
    found = re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', text)
    return {name: unescape(words) for name, words in found}


def test_every_page_has_a_short_title_and_one_sentence(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "store.sqlite", three_subjects(), demonstration=True)
    browser = create_app(store).server.test_client()
    addresses = [page.path for page in PAGES] + ["/nowhere", "/trend?indicator=nothing"]
    for key in store.catalogue.indicators:
        addresses += [href(TREND, indicator=key), href(VARIATION, indicator=key)]
    for code in ("QKS", "RVV", "RWF", "09C", "91Q", "SPMEKQ"):
        addresses.append(href(ORGANISATION, organisation=code))
    for address in addresses:
        text = browser.get(address).get_data(as_text=True)
        title = unescape(re.findall(r"<title>([^<]*)</title>", text)[0])
        tags = _tags(text)
        assert len(title) < 70, title
        assert title.lower().endswith("monitor"), title
        assert 0 < len(tags["description"]) <= 160, tags["description"]
        assert tags["og:title"] == title
        assert tags["og:description"] == tags["description"]
        assert not {"og:url", "og:image"} & tags.keys(), "the site's own address is not guessed"
    assert _tags(browser.get("/trend").get_data(as_text=True))["description"].startswith("Demonstration data")
    store.close()


def _below(site: str) -> Settings:
    settings = load_settings()
    return settings.model_copy(update={"notify": settings.notify.model_copy(update={"site": site})})


def test_a_shared_link_has_its_address_where_the_site_knows_its_own(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "store.sqlite", three_subjects(), demonstration=True)
    browser = create_app(store, _below("https://example.org/monitor/")).server.test_client()
    tags = _tags(
        browser.get("/trend?indicator=cancer-62-day-combined&organisation=RVV&utm_source=x").get_data(
            as_text=True
        )
    )
    assert (
        tags["og:url"]
        == "https://example.org/monitor/trend?indicator=cancer-62-day-combined&organisation=RVV"
    )
    assert tags["twitter:card"] == "summary_large_image"
    site, _, path = tags["og:image"].partition("/front/")
    assert site == "https://example.org/monitor"
    answer = browser.get(f"/front/{path}")
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    size = struct.unpack(">II", answer.get_data()[16:24])
    assert size == (int(tags["og:image:width"]), int(tags["og:image:height"])) == (1200, 630)
    store.close()
