"""Three subjects in a real browser: what cancer waits alone do not have."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.browser.visits import Visit

pytestmark = pytest.mark.browser

Opener = Callable[..., Visit]


def test_overview_shows_the_three_subjects(visit: Opener, three_address: str) -> None:
    text = visit().go(three_address + "/").inner_text("main")
    for words in (
        "121\nposts short",
        "839\npatients short",
        "75.6%\n59 of 78",
        "19 later\nthan 60 minutes",
        "3.89\nper 10,000\n793.8 for 2,041,741",
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
    seen.title_becomes("Eligible patients thrombolysed, 88.0%")
