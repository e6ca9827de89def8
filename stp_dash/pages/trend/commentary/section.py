"""What people say, below a trend: for readers what is shown, for whoever may write the form beside it."""

from __future__ import annotations

from dataclasses import dataclass

from db.domain import ALL
from db.domain.people.commentary import Commentary
from stp_dash.analysis.noted.said import commentary_sheet
from stp_dash.analysis.sheet import Sheet, Subject
from stp_dash.elements import Component, Content, dcc, html
from stp_dash.elements.links import download_address
from stp_dash.frame.said.revised import revised_since
from stp_dash.pages.trend.commentary.cards import commentary_card
from stp_dash.pages.trend.commentary.editor import commentary_editor, writing_address
from stp_dash.pages.trend.commentary.read import (
    WRITE,
    commentary_read,
    periods_to_write_of,
    writing_read,
)
from stp_dash.pages.trend.state import TrendState


@dataclass(frozen=True)
class CommentarySection:
    """What stands below the chart, and its numbers as a sheet; both empty where nothing is said."""

    body: tuple[Component, ...] = ()
    sheets: tuple[Sheet, ...] = ()


def commentary_section(state: TrendState) -> CommentarySection:
    """Commentary on the series. For a reader nothing at all where nobody has written anything."""
    found, person = commentary_read(state), state.request.person
    if not found and (person is None or state.breakdown != ALL):
        return CommentarySection()
    writing = writing_read(state)
    newest = state.period_of("to", state.until) or max(state.held, default=None)
    aside: list[Content] = [_edit(state, found)] if person is not None and writing is None else []
    sheets = _sheets(state, found)
    if sheets:
        address = state.address()
        aside += [
            html.A(words, href=download_address(address, sheets[0].name, kind))
            for words, kind in (("CSV", "csv"), ("XLSX", "xlsx"))
        ]
    today = state.request.site.today()
    revised = revised_since(state.reader, found)
    span = 12 if writing is None else 7
    cards = [commentary_card(found, newest, today, revised=revised, aside=aside, span=span)]
    if writing is not None:
        cards.append(commentary_editor(state, writing))
    return CommentarySection((html.Div(cards, className="grid loose commentary"),), sheets)


def _edit(state: TrendState, found: tuple[Commentary, ...]) -> Content:
    """The way to the form, or why there is none."""
    person, periods = state.request.person, periods_to_write_of(state)
    if person is None or not periods:
        return ""
    if not person.writes_about(state.organisation):
        return html.Span(f"You write about {', '.join(sorted(person.organisations))} alone.", className="sec")
    newest = periods[0]
    words = "Edit" if found and found[0].about.period == newest else f"Write about {newest.label}"
    return dcc.Link(words, href=writing_address(state, **{WRITE: str(newest.key)}))


def _sheets(state: TrendState, found: tuple[Commentary, ...]) -> tuple[Sheet, ...]:
    if not found:
        return ()
    subject = Subject(state.indicator.short_name, state.name)
    names, today = {state.organisation: state.name}, state.request.site.today()
    caption = f"{state.indicator.short_name}, {state.name}: what those responsible say"
    return (commentary_sheet(found, names, today, caption=caption, subject=subject),)
