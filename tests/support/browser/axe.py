"""The accessibility checker in the page: put there once, run as often as the page changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

_SCRIPT = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_RUN = """([tags, contrast, known]) => {
  const rule = axe._audit.rules.find(r => r.id === "color-contrast");
  rule.everywhere ??= rule.matches;
  const looks = new Map(), seen = new Set(known), met = new Set(), wanted = new Set();
  const lookOf = e => {
    if (!looks.has(e)) {
      const s = getComputedStyle(e), above = e.parentElement ? lookOf(e.parentElement) : {path: "", moved: false};
      const own = [e.localName, e.getAttribute("class"), s.backgroundColor, s.backgroundImage, s.opacity];
      looks.set(e, {moved: above.moved || ["absolute", "fixed"].includes(s.position),
        path: above.path + "/" + own.join(), words: [s.color, s.fontSize, s.fontWeight, s.textShadow].join()});
    }
    return looks.get(e);
  };
  const summed = text => {
    let one = 0x811c9dc5, two = 0x1234567;
    for (let i = 0; i < text.length; i++) {
      one = Math.imul(one ^ text.charCodeAt(i), 0x01000193);
      two = Math.imul(two ^ text.charCodeAt(i), 0x5bd1e995);
    }
    return (one >>> 0) * 0x200000 + (two >>> 11);
  };
  rule.matches = function (node, ...more) {
    const look = lookOf(node), key = summed(look.path + "|" + look.words);
    if (!look.moved && (seen.has(key) || met.has(key))) { return false; }
    const looked = rule.everywhere.call(this, node, ...more);
    if (looked) { met.add(key); }
    return looked;
  };
  return axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"],
    rules: {"color-contrast": {enabled: contrast}}, preload: false, iframes: false})
    .then(found => [[...met], found.violations.map(v => ({
      rule: v.id, help: v.help, where: v.nodes.slice(0, 5).map(n => n.target.join(" ") + ": " + n.html.slice(0, 160))
    }))]);
}"""
_seen: set[int] = set()


def violations(page: Page, *, contrast: bool = True) -> list[dict[str, Any]]:
    """What breaks WCAG 2.2 A or AA, or axe's best practice, in the page as it stands.

    Contrast would take two thirds of the time. It is looked at once for words of one colour and size at one place in
    the tree of elements, classes and backgrounds; for words that are laid over others, each time. It may be left out.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_SCRIPT)
    met, found = page.evaluate(_RUN, [list(_TAGS), contrast, sorted(_seen)])
    if not found:
        _seen.update(met)
    return list(found)
