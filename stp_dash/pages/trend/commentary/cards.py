"""The card *What those responsible say*: the newest commentary whole, earlier ones below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from db.domain import Period
from db.domain.people.commentary import Commentary, CommentaryAbout, Remarks
from stp_dash.analysis.noted.commentary import (
    WRITTEN_BY_PEOPLE,
    action_words,
    byline,
    first_sentence,
    london_day,
    stale_words,
)
from stp_dash.analysis.wording import date_text
from stp_dash.elements import Component, Content, html
from stp_dash.elements.components import card_head, disclosure, table

TITLE = "What those responsible say"
CARD = "commentary"


def commentary_card(
    found: Sequence[Commentary],
    newest: Period | None,
    today: date,
    *,
    revised: Mapping[CommentaryAbout, str],
    aside: Sequence[Content] = (),
    span: int,
) -> Component:
    """The newest of some commentaries whole, and the others folded. `newest` is the last period with a figure;
    `revised` says of which the figure was revised since."""
    first = found[0] if found else None
    head = card_head(TITLE, html.Div(list(aside), className="links")) if aside else html.H2(TITLE)
    parts: list[Content] = [head]
    if first is None:
        parts.append(html.P("Nothing is shown to readers yet.", className="small sec"))
    else:
        parts += _written(first, newest, today, revised.get(first.about, ""))
    if len(found) > 1:
        earlier = [_earlier(item, today, revised.get(item.about, "")) for item in found[1:]]
        parts += [html.H3("Earlier commentary"), *earlier]
    return html.Section(parts, className=f"card c{span} says", id=f"card-{CARD}")


def _written(item: Commentary, newest: Period | None, today: date, revised: str) -> list[Content]:
    told = [WRITTEN_BY_PEOPLE, " ", html.B(item.remarks.role), f" · {byline(item)}"]
    stale = stale_words(item, newest) if newest is not None else ""
    return [
        html.P(told, className="byline"),
        *[html.P(words, className="stale-words") for words in (revised, stale) if words],
        remarks_block(item.remarks, today),
    ]


def _earlier(item: Commentary, today: date, revised: str) -> Component:
    summary = [
        html.B(item.about.period.label),
        f" {item.remarks.role} · {date_text(london_day(item.shown_at))}",
        html.Span(first_sentence(item.remarks.happened), className="small sec"),
    ]
    marked = [html.P(revised, className="stale-words")] if revised else []
    return disclosure(summary, *marked, remarks_block(item.remarks, today), class_name="earlier")


def remarks_block(remarks: Remarks, today: date) -> Component:
    """The words of a commentary under their three headings, with the rule at the left that no computed text has."""
    parts: list[Content] = [html.H3("What happened"), *text_lines(remarks.happened)]
    parts.append(html.H3("What we are doing"))
    if remarks.actions:
        rows = [
            [
                item.what,
                item.owner,
                date_text(item.day) if item.day else item.by,
                html.Span((found := action_words(item, today)).words, className=f"state {found.mark}"),
            ]
            for item in remarks.actions
        ]
        parts.append(
            table("What is being done", ["Action", "Owner", "By", "State"], rows, class_name="doing")
        )
    else:
        parts.append(html.P("No action is given."))
    parts += [html.H3("Assurance"), *text_lines(remarks.assurance)]
    return html.Div(parts, className="remarks")


def text_lines(text: str) -> list[Component]:
    """Text as it was typed: a paragraph for each line."""
    return [html.P(line) for line in text.split("\n") if line]
