"""Contrast is looked at once where words look alike: what looks otherwise is looked at, and faults are told again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.browser.axe import violations
from tests.support.browser.visits import Visit

pytestmark = pytest.mark.browser
PAGE = """<html lang="en"><title>Words</title>
<style>.dim { opacity: 0.3 } .far { position: absolute; top: 80px }</style>
<main><h1>Words</h1><p class="a">Black</p><p class="a">Black</p>%s</main></html>"""


@pytest.mark.parametrize(
    ("words", "times"),
    [
        ('<p class="a">Black</p>', 0),
        ('<p class="a" style="color: #bbb">Grey</p>', 1),
        ('<div style="background: #222"><p class="a">Black on black</p></div>', 1),
        ('<div class="dim"><p class="a">Black that shines through</p></div>', 1),
        ('<div style="background: #fff" class="far"><p style="color: #ccc">Laid over</p></div>', 1),
    ],
)
def test_words_of_too_little_contrast_are_told_each_time(
    visit: Callable[..., Visit], words: str, times: int
) -> None:
    page = visit(own=True).page
    for shown in ("", words, words):
        page.set_content(PAGE % shown)
        found = [fault["rule"] for fault in violations(page)]
        assert found == ["color-contrast"] * (times if shown else 0)
