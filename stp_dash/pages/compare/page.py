"""Compare data versions: what a load, a run of loads or an undo changed of the figures that a reader knows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from db.domain.holdings import DataVersion, MadeVersion
from stp_dash.analysis.differences.difference import differences
from stp_dash.analysis.differences.sheet import by_indicator_sheet, differences_sheet
from stp_dash.analysis.wording import date_text
from stp_dash.elements import html
from stp_dash.elements.components import Choice, Control
from stp_dash.elements.links import COMPARE, DATA
from stp_dash.frame.figure_card import table_card
from stp_dash.frame.request import PageRequest
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from stp_dash.pages.compare.read import CompareReader
from stp_dash.pages.compare.state import CompareState
from stp_dash.pages.compare.words import count_that_differ, differences_sentence

_LISTED = 20


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page for `?before=&after=&organisation=`; each has a default."""
    reader = CompareReader(request, connection, version)
    state = CompareState(reader)
    before, after = state.before.number, state.after.number
    found = differences(*reader.figures(state.codes, before, after))
    indicators = request.site.store.catalogue.indicators
    caption = f"{state.name}: figures that differ between data versions {before} and {after}"
    sheets = (
        by_indicator_sheet(found, indicators, caption),
        differences_sheet(found, indicators, caption, names=state.names),
    )
    cards = [table_card(request, state.address(), sheet) for sheet in sheets] if found else []
    return Page(
        title=f"Data versions {before} and {after}: {count_that_differ(found)}",
        lede=f"{state.name}. {differences_sentence(found, before, after)} Headline figures only, without breakdowns. "
        f"{_made(state.before)} {_made(state.after)}",
        body=[html.Div(cards, className="grid loose")],
        crumbs=(("Data and methods", state.elsewhere(DATA)), ("Compare data versions", "")),
        controls=_controls(state),
        state=state.address(),
        sheets=sheets,
    )


def _made(item: MadeVersion) -> str:
    day = f" on {date_text(item.made_on)}" if item.made_on else ""
    return f"Version {item.number} was made{day} by {item.by}."


def _controls(state: CompareState) -> list[Control]:
    """The newest data versions that either side can be, and the chosen one; any other by its address."""
    before, after = state.before, state.after
    earlier = _listed([item for item in state.versions.values() if item.number < after.number], before)
    later = _listed([item for item in state.versions.values() if item.number > before.number], after)
    organisations = {"": "The area, its parts and England"}
    organisations |= {code: state.names.get(code, code) for code in (*state.area_codes, *state.codes)}
    return [
        Control(
            "before",
            "From data version",
            tuple(
                Choice(_choice(item), state.address(before=str(item.number)), item == before)
                for item in earlier
            ),
        ),
        Control(
            "after",
            "To data version",
            tuple(
                Choice(_choice(item), state.address(after=str(item.number)), item == after) for item in later
            ),
        ),
        Control(
            "organisation",
            "Whose figures",
            tuple(
                Choice(name, state.address(organisation=code or None), code == state.code)
                for code, name in organisations.items()
            ),
        ),
    ]


def _listed(found: Sequence[MadeVersion], chosen: MadeVersion) -> list[MadeVersion]:
    """The first of the data versions, and the chosen one wherever it is: a menu always shows what the page is of."""
    first = list(found[:_LISTED])
    return first if chosen in first else [*first, chosen]


def _choice(item: MadeVersion) -> str:
    return f"{item.number}, {date_text(item.made_on)}" if item.made_on else str(item.number)


PAGE = PageSpec(COMPARE, "Compare data versions", build, parameters=CompareState.parameter_names())
