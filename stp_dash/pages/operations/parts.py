"""Parts that the operations page's cards share: marks with words, forms that change something, lists of rows."""

from __future__ import annotations

from collections.abc import Sequence

from db.domain.run import Finding
from stp_dash.elements import Component, Content, html
from stp_dash.elements.components import aria, table
from stp_dash.elements.links import OPERATIONS, SIGN_IN, href
from stp_dash.pages.operations.words import Sign

RUN_NOW, CANCEL = f"{OPERATIONS}/run", f"{OPERATIONS}/cancel"
SAVE, PAUSE, RESUME = f"{OPERATIONS}/schedule", f"{OPERATIONS}/pause", f"{OPERATIONS}/resume"
DRY_RUN, BACKFILL = f"{OPERATIONS}/dry-run", f"{OPERATIONS}/backfill"
HELD, UPLOAD, LIVE = f"{OPERATIONS}/held", f"{OPERATIONS}/upload", f"{OPERATIONS}/live"
LOG_FILE = f"{OPERATIONS}/log"
HELD_SEVERAL, HELD_FILE = f"{OPERATIONS}/held-several", f"{OPERATIONS}/held-file"
LOAD, DISCARD, CHECK_AGAIN = f"{OPERATIONS}/load", f"{OPERATIONS}/discard", f"{OPERATIONS}/check-again"
UNDO_PLAN, UNDO = f"{OPERATIONS}/undo-plan", f"{OPERATIONS}/undo"


def sign(found: Sign) -> Component:
    """A state with its mark before it."""
    return html.Span(found.words, className=f"mk {found.mark}")


_MANY = 8
"""So many columns leave no room for words on a tablet."""


def rows(
    caption: str,
    heads: Sequence[str],
    found: Sequence[Sequence[Content]],
    *,
    width: str,
    class_name: str = "",
) -> Component:
    """A table; on a phone, and on a tablet one of many columns, each row is a list of headings and words."""
    if width == "desktop" or (width == "tablet" and len(heads) < _MANY):
        return table(caption, heads, found, class_name=f"plain {class_name}".strip())
    items = []
    for row in found:
        pairs: list[Component] = []
        for head, cell in zip(heads[1:], row[1:], strict=True):
            if cell:
                name = html.Dt(head) if head else html.Dt("", className="none")
                pairs.append(html.Div([name, html.Dd(cell)]))
        items.append(html.Li([html.H3(row[0]), html.Dl(pairs, className="facts")]))
    return html.Ul(items, className="stacked", **aria(label=caption))


def findings_rows(found: Sequence[tuple[str, Finding]], *, width: str) -> Component:
    """What checks found, each with the name of the file that it is about; "" leaves that column out."""
    named = any(name for name, _ in found)
    heads = ("Check", "Severity", "Finding", *(("File",) if named else ()), "Rows")
    cells: list[list[Content]] = [
        [item.check, item.severity.value, item.message, *((name,) if named else ()), f"{item.count:,}"]
        for name, item in found
    ]
    return rows("What the checks found", heads, cells, width=width, class_name="log")


def sign_in_link(words: str = "Sign in", back: str = OPERATIONS) -> Component:
    """The way to sign in: a page of its own, so the browser goes there itself."""
    return html.A(words, href=href(SIGN_IN, next=back), target="_self", className="btn")
