"""The accessibility checker in the page: put there once, run as often as the page changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

_SCRIPT = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_RUN = """([tags, contrast]) => axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"],
  rules: {"color-contrast": {enabled: contrast}}, preload: false, iframes: false})
  .then(found => found.violations.map(v => ({
    rule: v.id, help: v.help, where: v.nodes.slice(0, 5).map(n => n.target.join(" ") + ": " + n.html.slice(0, 160))
  })))"""


def violations(page: Page, *, contrast: bool = True) -> list[dict[str, Any]]:
    """What breaks WCAG 2.2 A or AA, or axe's best practice, in the page as it stands.

    Contrast takes two thirds of the time: it may be left out where the same colours have been looked at already.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(_RUN, [list(_TAGS), contrast])
    return found
