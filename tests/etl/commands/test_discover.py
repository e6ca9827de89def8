"""`python -m etl discover` against a publisher on loopback whose pages are built as the real ones are today."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from typer.testing import Result

from tests.support.publications.faulty_publisher import PAGE, Answer, Publisher, give, published, refuse
from tests.support.publications.publishers_pages import PUBLISHERS, STROKE
from tests.support.runs import etl

DAYS = (date(2026, 11, 29), date(2026, 12, 29), date(2027, 4, 20))
BY_HAND = "the publisher's site does not answer programs at the moment: download by hand from"


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with published() as server:
        yield server


def discover(source: str, landing: str, *arguments: object) -> Result:
    own = {
        f"STP_PUBLISHERS__{source}": landing,
        "STP_FETCH__INTERVAL_SECONDS": "0",
        "STP_FETCH__ATTEMPTS": "1",
    }
    return etl("discover", source, *arguments, **own)


def publish(publisher: Publisher, source: str, day: date) -> str:
    """Put a source's pages of a day on the publisher's site, and give the landing page's address."""
    landing, pages = PUBLISHERS[source]
    for path, html in pages(day).items():
        publisher.script(path, give(html.encode(), PAGE))
    return publisher.url(landing)


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("source", PUBLISHERS)
def test_the_publishers_pages_of_today_and_of_a_month_ahead_bring_no_error(
    publisher: Publisher, source: str, day: date
) -> None:
    finished = discover(source, publish(publisher, source, day), "--today", day)
    assert finished.exit_code == 0, finished.stdout
    assert "error: " not in finished.stdout
    assert "would fetch " in finished.stdout
    assert " 0 errors" in finished.stdout


def test_what_is_offered_left_and_not_understood_is_said(publisher: Publisher) -> None:
    day = DAYS[0]
    said = discover(
        "cancer_waiting_times", publish(publisher, "cancer_waiting_times", day), "--today", day
    ).stdout
    assert (
        "would fetch 2026-27-Apr-Sep-Monthly-Combined-CSV-Provisional.csv: April 2026 to September 2026"
        in said
    )
    assert "left September-2026-Monthly-Combined-Workbook-Provisional.xlsx" in said
    skeleton = "the name of Monthly-Combined-CSV-Skeleton-New-Layout.csv"
    assert next(line for line in said.splitlines() if skeleton in line).startswith("warning: ")


def test_a_sub_page_that_is_gone_is_said_and_the_others_go_on(publisher: Publisher) -> None:
    said = discover("ssnap", publish(publisher, "ssnap", DAYS[0]), "--today", DAYS[0]).stdout
    assert "could not be read: wanted a web page, found the answer 404 (Not Found)" in said
    assert "would fetch AprJun2026-FullResultsPortfolio.xlsx" in said


@pytest.mark.parametrize("source", PUBLISHERS)
def test_pages_that_are_saved_say_the_same_again(publisher: Publisher, source: str, tmp_path: Path) -> None:
    landing, folder = publish(publisher, source, DAYS[0]), tmp_path / "pages"
    first = discover(source, landing, "--today", DAYS[0], "--save", folder)
    *lines, last = first.stdout.splitlines()
    assert last.startswith("Saved: ")
    assert json.loads((folder / "pages.json").read_text())["day"] == DAYS[0].isoformat()
    requests = publisher.requests
    again = discover(source, landing, "--from", folder)
    assert again.stdout.splitlines() == lines
    assert again.exit_code == first.exit_code
    assert publisher.requests == requests, "nothing is asked of the publisher"


@pytest.mark.parametrize("known_by", ["comment", "canonical", "name"])
def test_pages_that_a_browser_saved_are_known_by_what_they_say_of_their_address(
    known_by: str, tmp_path: Path
) -> None:
    landing, pages = PUBLISHERS["general_practice_workforce"]
    site = "https://digital.nhs.uk"
    for number, (path, html) in enumerate(pages(DAYS[0]).items()):
        name = f"{path.rsplit('/', 1)[-1] if known_by == 'name' else number}.html"
        saved = {
            "comment": f"<!-- saved from url=(0070){site}{path} -->\n{html}",
            "canonical": html.replace("<meta", f'<link rel="canonical" href="{site}{path}/"><meta', 1),
            "name": html,
        }
        (tmp_path / name).write_text(saved[known_by], encoding="utf-8")
    finished = discover("general_practice_workforce", site + landing, "--from", tmp_path, "--today", DAYS[0])
    assert finished.exit_code == 0, finished.stdout
    assert "would fetch GPWPracticeCSV.102026.zip" in finished.stdout
    assert " 0 errors" in finished.stdout


@pytest.mark.parametrize(
    "answer",
    [refuse(403), give(b"<title>Just a moment...</title><script>go()</script>", PAGE)],
    ids=["403", "challenge"],
)
def test_a_site_that_refuses_programs_is_told_with_the_way_out(publisher: Publisher, answer: Answer) -> None:
    landing = publisher.script(STROKE, answer)
    finished = discover("ssnap", landing)
    assert finished.exit_code == 1
    assert f"{BY_HAND} {landing}, then load" in finished.stdout


def test_a_folder_without_pages_is_said(tmp_path: Path) -> None:
    finished = discover("ssnap", "https://www.strokeaudit.org/x", "--from", tmp_path)
    assert finished.exit_code == 1
    assert f"{tmp_path}: wanted saved pages (.html), found none" in finished.stderr
    absent = discover("ssnap", "https://www.strokeaudit.org/x", "--from", tmp_path / "absent")
    assert "cannot be read" in absent.stderr
