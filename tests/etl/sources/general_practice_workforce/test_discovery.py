"""Finding workforce zips on pages like the publisher's."""

from __future__ import annotations

import re
from datetime import date

import pytest

from db.domain import Severity
from etl.source import Discovery, DiscoveryError, SourceError
from etl.sources.general_practice_workforce import SOURCE

LANDING = SOURCE.landing_url
FILES = "https://files.digital.nhs.uk"
TODAY = date(2026, 8, 28)


def release_url(slug: str) -> str:
    return f"{LANDING}/{slug}"


def landing(*slugs: str, upcoming: str = "") -> str:
    path = LANDING.removeprefix("https://digital.nhs.uk")
    items = "".join(f'<li><a class="cta__button" href="{path}/{slug}">Figures</a></li>' for slug in slugs)
    later = f'<li><a href="{path}/{upcoming}">Next</a> (Upcoming, not yet published)</li>' if upcoming else ""
    return f'<h1>General Practice Workforce</h1><ul>{items}{later}</ul><a href="/about">About</a>'


def release(*names: str, published: str = "") -> str:
    date_text = f"<dt>Publication date:</dt><dd>{published}</dd>" if published else ""
    links = "".join(
        f'<a class="nhsd-a-box-link" href="{FILES}/AB/12CDEF/{name}">{name}</a>' for name in names
    )
    return f'<dl>{date_text}</dl><div id="resources">{links}</div>'


def discover(pages: dict[str, str], today: date = TODAY) -> Discovery:
    def read_page(url: str) -> str:
        if url not in pages:
            raise SourceError(f"{url}: wanted a page, found 404")
        return pages[url]

    return SOURCE.discover(read_page, LANDING, today)


def test_each_release_page_gives_its_practice_zip_with_the_day_it_came_out() -> None:
    found = discover(
        {
            LANDING: landing("31-july-2026", "30-june-2026", upcoming="31-august-2026"),
            release_url("30-june-2026"): release(
                "GPWPracticeCSV.062026.zip", "GPWIndividualCSV.062026.zip", published="30 Jul 2026"
            ),
            release_url("31-july-2026"): release("GPWPracticeCSV.072026.zip", "GPW Bulletin Tables.xlsx"),
        }
    )
    assert [(file.name, file.hints.published_on) for file in found.files] == [
        ("GPWPracticeCSV.062026.zip", date(2026, 7, 30)),
        ("GPWPracticeCSV.072026.zip", None),
    ]
    assert found.files[0].url == f"{FILES}/AB/12CDEF/GPWPracticeCSV.062026.zip"
    assert found.findings == ()


def test_older_names_and_irregular_addresses_are_known() -> None:
    archive = LANDING.replace("general-and-personal-medical-services", "general-practice-workforce-archive")
    path = archive.removeprefix("https://digital.nhs.uk")
    slug = "final-30-june-and-provisional-30-september-2018-experimental-statistics"
    found = discover(
        {
            LANDING: f'<a href="{path}/final-30-september-2019">2019</a><a href="{path}/{slug}">2018</a>',
            f"{archive}/final-30-september-2019": release(
                "GPWPracticeCSV.0919.zip", "GPWFPracticeCSVpt2.0919.zip"
            ),
            f"{archive}/{slug}": release("GPWPracticeCSV.0918.zip"),
        },
        date(2019, 11, 1),
    )
    assert [file.name for file in found.files] == [
        "GPWFPracticeCSVpt2.0919.zip",
        "GPWPracticeCSV.0919.zip",
    ], "releases of the last thirteen months"


def test_a_link_whose_name_does_not_say_its_month_is_an_error_that_names_link_and_page() -> None:
    page = release_url("31-july-2026")
    found = discover(
        {LANDING: landing("31-july-2026"), page: release("GPWPracticeCSV.zip", "GPWPracticeCSV.072026.zip")}
    )
    (finding,) = found.findings
    assert finding.severity is Severity.ERROR
    assert page in finding.message
    assert f"GPWPracticeCSV.zip ({FILES}/AB/12CDEF/GPWPracticeCSV.zip)" in finding.message
    assert [file.name for file in found.files] == ["GPWPracticeCSV.072026.zip"]


def test_a_release_without_a_zip_or_that_cannot_be_read_is_an_error_and_the_others_are_used() -> None:
    found = discover(
        {
            LANDING: landing("31-july-2026", "30-june-2026", "31-may-2026"),
            release_url("31-july-2026"): release("GPWIndividualCSV.072026.zip"),
            release_url("31-may-2026"): release("GPWPracticeCSV.052026.zip"),
        }
    )
    assert [file.name for file in found.files] == ["GPWPracticeCSV.052026.zip"]
    messages = [finding.message for finding in found.findings if finding.severity is Severity.ERROR]
    assert any("30-june-2026 could not be read" in message for message in messages)
    assert any("31-july-2026: wanted a link to a zip named GPWPracticeCSV" in message for message in messages)


UPCOMING = ("31-july-2026", "31-august-2026", "30-september-2026", "31-october-2026")
PUBLISHED = ("30-june-2026", "31-may-2026", "30-april-2026")


def series_page(*, upcoming: tuple[str, ...] = UPCOMING, published: tuple[str, ...] = PUBLISHED) -> str:
    """A series page in the shape of today's template: sections for the latest, the upcoming and the past."""
    path = LANDING.removeprefix("https://digital.nhs.uk")

    def listed(slugs: tuple[str, ...], kind: str) -> str:
        items = "".join(
            f'<li><h3><a href="{path}/{slug}" class="cta__button">General Practice Workforce, {slug}</a></h3>'
            "<p>Some Thursday</p></li>"
            for slug in slugs
        )
        return f'<ul data-uipath="ps.series.publications-list.{kind}">{items}</ul>'

    return (
        "<h1>General Practice Workforce</h1>"
        f'<div id="latest-statistics"><h2>Latest statistics</h2>{listed(published[:1], "latest")}</div>'
        f'<div id="upcoming-publications"><h2>Upcoming publications</h2>{listed(upcoming, "upcoming")}</div>'
        f'<div id="past-publications"><h2>Past publications</h2>{listed(published[1:], "previous")}</div>'
    )


def upcoming_page(day: str = "27 Aug 2026") -> str:
    return f"<h1>General Practice Workforce (Upcoming, not yet published)</h1><p>Publication date: {day}</p>"


def published_pages() -> dict[str, str]:
    numbers = {"30-june-2026": "062026", "31-may-2026": "052026", "30-april-2026": "042026"}
    return {release_url(slug): release(f"GPWPracticeCSV.{number}.zip") for slug, number in numbers.items()}


def bare(html: str) -> str:
    """A page without the names of its parts."""
    return re.sub(r' (?:id|data-uipath|class)="[^"]*"', "", html)


@pytest.mark.parametrize(
    "landing_page",
    [
        series_page(),
        bare(series_page()),
        re.sub(r"</?h[23]>", "", series_page()),
    ],
    ids=["template", "headings alone", "names of parts alone"],
)
@pytest.mark.parametrize("exist", [True, False], ids=["pages exist", "no pages yet"])
@pytest.mark.parametrize("today", [date(2026, 7, 27), date(2026, 8, 27)])
def test_releases_to_come_are_no_finding(landing_page: str, exist: bool, today: date) -> None:
    pages = {LANDING: landing_page, **published_pages()}
    pages |= {release_url(slug): upcoming_page() for slug in UPCOMING} if exist else {}
    found = discover(pages, today)
    assert found.findings == ()
    assert len(found.files) == 3


def test_a_release_that_only_its_own_page_calls_upcoming_is_no_finding() -> None:
    pages = {LANDING: landing(*PUBLISHED, *UPCOMING), **published_pages()}
    pages |= {release_url(slug): upcoming_page() for slug in UPCOMING}
    assert discover(pages).findings == ()


def test_a_release_whose_month_has_not_ended_needs_no_page() -> None:
    pages = {LANDING: landing(*PUBLISHED, *UPCOMING[1:]), **published_pages()}
    pages[release_url("31-august-2026")] = "<p>Nothing here</p>"
    assert discover(pages, date(2026, 8, 31)).findings == ()
    assert len(discover(pages, date(2026, 9, 1)).findings) == 1


def test_a_release_that_is_out_is_taken_although_the_series_page_still_calls_it_upcoming() -> None:
    pages = {LANDING: series_page(), **published_pages()}
    pages[release_url("31-july-2026")] = release("GPWPracticeCSV.072026.zip")
    assert [file.name for file in discover(pages).files][-1] == "GPWPracticeCSV.072026.zip"


def test_a_release_that_is_listed_as_out_and_has_no_files_is_an_error() -> None:
    pages = {LANDING: series_page(upcoming=UPCOMING[1:], published=("31-july-2026", *PUBLISHED))}
    pages |= published_pages() | {release_url("31-july-2026"): "<h1>General Practice Workforce</h1>"}
    (finding,) = discover(pages).findings
    assert finding.severity is Severity.ERROR
    assert "31-july-2026: wanted a link to a zip named GPWPracticeCSV" in finding.message


def test_an_address_that_is_not_the_publishers_is_not_fetched() -> None:
    page = release("GPWPracticeCSV.072026.zip").replace(FILES, "https://example.org")
    with pytest.raises(DiscoveryError, match=r"example\.org.*which is no address of the publisher"):
        discover({LANDING: landing("31-july-2026"), release_url("31-july-2026"): page})


def test_old_pages_bring_a_warning() -> None:
    pages = {
        LANDING: landing("30-april-2026"),
        release_url("30-april-2026"): release("GPWPracticeCSV.042026.zip"),
    }
    (finding,) = discover(pages).findings
    assert finding.severity is Severity.WARNING
    assert "the newest release is of April 2026, 4 months before August 2026" in finding.message
    assert discover(pages, date(2026, 7, 31)).findings == ()


def test_pages_without_releases_or_files_are_an_error() -> None:
    with pytest.raises(DiscoveryError, match="wanted links to releases such as '31-march-2023', found none"):
        discover({LANDING: "<p>We have moved</p>"})
    with pytest.raises(DiscoveryError, match="wanted a practice-level zip on a release page, found none"):
        discover({LANDING: landing("31-july-2026"), release_url("31-july-2026"): "<p>Soon</p>"})
