"""The newest release with a file of each indicator, by the files' names."""

from __future__ import annotations

from datetime import date

import pytest

from etl.source import DiscoveryError
from etl.sources.outcomes_framework import SOURCE

SITE = "https://digital.nhs.uk/data/statistical/nhs-outcomes-framework"
FILES = "https://files.digital.nhs.uk"
TODAY = date(2026, 2, 20)
PAGES = {
    SITE: f'<a href="{SITE}/march-2022">March 2022</a><a href="{SITE}/february-2025">Latest</a>'
    f'<a href="{SITE}/march-2026">Upcoming</a><a href="{SITE}/about">About</a>',
    f"{SITE}/february-2025": "<p>Publication Date: 27 Feb 2025</p>"
    f'<a href="{FILES}/53/AA/NHSOF_2.3.i_I00708_D.xlsx">2.3.i</a>'
    f'<a href="{FILES}/53/AB/NHSOF_2.3.i_I00708_D.csv">2.3.i data</a>'
    f'<a href="{FILES}/53/AC/NHSOF_2.1_I00706_D.csv">2.1</a><a href="{FILES}/53/AC/NHSOF_Domain_2_S.pdf">S</a>',
    f"{SITE}/march-2022": f'<a href="{FILES}/53/C9C77B/NHSOF_2.3.i_I00708_D.csv">old</a>'
    f'<a href="{FILES}/53/C9C77C/NHSOF_3a_I00710_D.csv">3a</a>',
    f"{SITE}/march-2026": "<p>Not yet published</p>",
}


def test_each_indicators_newest_file_is_found_by_its_name() -> None:
    found = SOURCE.discover(PAGES.__getitem__, SITE, TODAY)
    assert [file.url for file in found.files] == [
        f"{FILES}/53/AB/NHSOF_2.3.i_I00708_D.csv",
        f"{FILES}/53/C9C77C/NHSOF_3a_I00710_D.csv",
    ]
    assert [file.hints.published_on for file in found.files] == [date(2025, 2, 27), None]
    assert found.findings == ()


def test_what_is_amiss_with_the_pages_is_told() -> None:
    elsewhere = {**PAGES, f"{SITE}/march-2026": '<a href="https://example.org/NHSOF_3a_I00710_D.csv">3a</a>'}
    told = [item.message for item in SOURCE.discover(elsewhere.__getitem__, SITE, date(2026, 5, 1)).findings]
    assert "no address of the publisher" in told[0]
    assert f"{SITE}/march-2026: wanted a link to a file such as" in told[1]
    with pytest.raises(DiscoveryError, match="wanted links to releases"):
        SOURCE.discover(lambda url: "", SITE, TODAY)
    with pytest.raises(DiscoveryError, match=r"wanted a file of 2\.3\.i or 3a on a release page"):
        SOURCE.discover(lambda url: PAGES[SITE], SITE, TODAY)
