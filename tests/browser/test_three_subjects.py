"""Three subjects in a real browser: every state that cancer waits alone do not have."""

from __future__ import annotations

import pytest

from tests.browser.test_pages import Opener, assert_accessible_and_clean

pytestmark = pytest.mark.browser

STATES = (
    "/",
    "/variation?indicator=gp-fully-qualified-fte-rate&by=former-ccg",
    "/variation?indicator=gp-fully-qualified-fte-rate&by=former-ccg&view=table",
    "/variation?indicator=stroke-ssnap-level",
    "/variation?indicator=stroke-thrombolysis-within-60-minutes&by=team",
    "/trend?indicator=stroke-thrombolysis-within-60-minutes",
    "/trend?indicator=gp-fully-qualified-fte-rate",
    "/trend?indicator=stroke-ssnap-level",
    "/trend?indicator=stroke-door-to-needle-median-minutes&view=table",
)


@pytest.mark.parametrize("path", STATES)
@pytest.mark.parametrize("width", (1440, 390))
def test_state_is_accessible_clean_and_fits(visit: Opener, three_address: str, path: str, width: int) -> None:
    seen = visit(width)
    page = assert_accessible_and_clean(seen, three_address, path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_overview_shows_the_three_subjects(visit: Opener, three_address: str) -> None:
    text = visit().go(three_address + "/").inner_text("main")
    for words in (
        "121\nposts short",
        "839\npatients short",
        "75.6%\n59 of 78",
        "19 later\nthan 60 minutes",
        "3.89\nper 10,000 patients",
        "England average 4.48",
    ):
        assert words in text


def test_phone_opens_what_is_short_and_folds_the_rest(visit: Opener, three_address: str) -> None:
    page = visit(390).go(three_address + "/")
    opened = page.locator(".rows > details[open] .nm").all_inner_texts()
    assert opened == ["28-day faster diagnosis", "62-day treatment", "Fully qualified GPs"]


def test_comparing_by_practice_is_a_choice(visit: Opener, three_address: str) -> None:
    seen = visit()
    page = seen.go(three_address + "/variation?indicator=gp-fully-qualified-fte-rate")
    page.get_by_role("link", name="Practice", exact=True).click()
    seen.title_becomes("Example practice 3.44")
    assert seen.errors == []


def test_the_indicator_beside_is_a_link(visit: Opener, three_address: str) -> None:
    seen = visit()
    page = seen.go(three_address + "/trend?indicator=stroke-thrombolysis-within-60-minutes")
    page.get_by_role("link", name="Eligible patients thrombolysed").click()
    seen.title_becomes("Eligible patients thrombolysed, Kent and Medway: 88.0%")
