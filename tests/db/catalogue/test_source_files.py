"""Facts about each source, read and checked; and when its next figures are due."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from db.catalogue import CatalogueError, load_catalogue
from db.catalogue.source_files import SOURCES_FOLDER, Licence, expected_next, publications, read_publication
from db.domain import Period

CANCER, STAFF, STROKE = "cancer_waiting_times", "general_practice_workforce", "ssnap"
SHIPPED = (SOURCES_FOLDER / f"{STROKE}.toml").read_text(encoding="utf-8")


def test_every_indicator_has_a_source_that_is_described() -> None:
    assert {item.source_id for item in load_catalogue().indicators.values()} == set(publications())


def test_a_source_says_whose_it_is_and_where() -> None:
    found = publications()[STROKE]
    assert (found.name, found.licence) == ("Stroke audit (SSNAP)", Licence.ATTRIBUTION)
    assert found.publisher.endswith("King's College London")
    assert "Healthcare Quality Improvement Partnership" in found.licence_note
    assert found.landing_url.startswith("https://www.strokeaudit.org/")
    assert publications()[CANCER].licence is Licence.OPEN_GOVERNMENT


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('id = "ssnap"', 'id = "another"', "id: wanted the file's name, ssnap, found another"),
        ('publisher = "', 'owner = "', "publisher: Field required"),
        ("Free to use with attribution", "Free", "licence: "),
        ("weeks = 10", "weeks = 0", "calendar.weeks after the period.weeks: .*, found 0"),
        ("weeks after the period", "whenever", "calendar: .*whenever"),
        ("https://www.strokeaudit.org/Audits", "www.strokeaudit.org/Audits", "landing_url: "),
        ("[calendar]", "[calendar", "cannot be read as TOML"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_field(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    path = tmp_path / f"{STROKE}.toml"
    assert before in SHIPPED
    path.write_text(SHIPPED.replace(before, after), encoding="utf-8")
    with pytest.raises(CatalogueError, match=rf"^ssnap\.toml: .*{said}"):
        read_publication(path)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="cannot be read"):
        read_publication(tmp_path / "ssnap.toml")


def test_a_source_without_a_calendar_has_no_day(tmp_path: Path) -> None:
    path = tmp_path / f"{STROKE}.toml"
    path.write_text(SHIPPED.partition("# The publisher")[0], encoding="utf-8")
    assert read_publication(path).calendar is None


@pytest.mark.parametrize(
    ("latest", "published"),
    [
        (Period.month(2023, 9), date(2023, 12, 14)),
        (Period.month(2024, 4), date(2024, 7, 11)),
        (Period.month(2018, 10), date(2019, 1, 10)),
        (Period.month(2026, 6), date(2026, 9, 10)),
    ],
)
def test_cancer_waits_come_on_a_second_thursday(latest: Period, published: date) -> None:
    """The publication days of October 2023, May 2024, November 2018 and July 2026, as announced."""
    expected = expected_next(CANCER, latest)
    assert expected is not None
    assert expected.on == published
    assert not expected.about


def test_staff_figures_come_on_the_fourth_thursday_of_the_month_after() -> None:
    expected = expected_next(STAFF, Period.snapshot(date(2026, 8, 31)))
    assert expected is not None
    assert expected.on == date(2026, 10, 22)


def test_the_stroke_audit_names_no_day() -> None:
    expected = expected_next(STROKE, Period.quarter(2026, 4))
    assert expected is not None
    assert expected.on == date(2026, 12, 9)
    assert expected.words == "about 9 December"
    assert expected.overdue(date(2026, 12, 23)) == 0
    assert expected.overdue(date(2026, 12, 24)) == 15


def test_the_quarter_after_four_months_follows_them() -> None:
    expected = expected_next(STROKE, Period.quarter(2024, 10))
    assert expected is not None
    assert expected.on == date(2025, 6, 9)


def test_an_unknown_source_has_no_day() -> None:
    assert expected_next("another", Period.month(2026, 8)) is None
