"""What people say of own figures: the card for who is signed in, and the form of who may write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from flask import Response

from db.domain import Period
from db.domain.own.figures import FigureKey
from db.domain.people.commentary import ActionState, Commentary, PlannedAction, Remarks
from db.domain.people.role import Person, Role
from stp_dash.analysis.noted.commentary import WRITTEN_BY_PEOPLE, action_words, byline, stale_words
from stp_dash.analysis.wording import date_text
from stp_dash.elements import Component, Content, html
from stp_dash.elements.components import card_foot, card_head, disclosure, table
from stp_dash.elements.links import OWN, href
from stp_dash.pages.own.read import OwnView, covers, measure_key, place_key
from stp_dash.pages.own.series import OwnSeries
from stp_dash.pages.own.words import local_words
from stp_dash.web.access import plain_page

COMMENT = f"{OWN}/commentary"
ROWS = 4
"""So many actions the form has room for."""


def own_commentary_card(
    view: OwnView, series: OwnSeries, found: Sequence[Commentary], person: Person, today: date
) -> Component | None:
    """The newest commentary whole and the others folded; None where there is none and nobody here may write."""
    held = [item.key.period for item in series.figures]
    writes = person.role >= Role.EDITOR and covers(person, series.place.organisation) and bool(held)
    if not found and not writes:
        return None
    address = href(COMMENT, measure=measure_key(view.measure.id), place=place_key(series.place))
    links = [html.A("Write", href=address, target="_self", className="btn")] if writes else []
    parts: list[Content] = [card_head("What those responsible say", *links)]
    if not found:
        parts.append(html.P("Nothing is written yet.", className="small sec"))
    for place, item in enumerate(found):
        body = [*_byline(item, held[-1] if held else item.about.period), _remarks(item, today)]
        parts += body if place == 0 else [disclosure(item.about.period.label, *body, class_name="earlier")]
    parts.append(card_foot("", local_words(view.measure, view.submissions)))
    return html.Section(parts, className="card c12 says own-said")


def _byline(item: Commentary, newest: Period) -> list[Component]:
    told: list[Content] = [WRITTEN_BY_PEOPLE, " ", html.B(item.remarks.role), f" · {byline(item)}"]
    stale = stale_words(item, newest)
    return [html.P(told, className="byline"), *([html.P(stale, className="stale-words")] if stale else [])]


def _remarks(item: Commentary, today: date) -> Component:
    remarks = item.remarks
    rows: list[list[Content]] = [
        [one.what, one.owner, date_text(one.day) if one.day else one.by, action_words(one, today).words]
        for one in remarks.actions
    ]
    doing = (
        table("What is being done", ["Action", "Owner", "By", "State"], rows, class_name="doing")
        if rows
        else html.P("No action is given.")
    )
    return html.Div(
        [
            html.H3("What happened"),
            *_lines(remarks.happened),
            html.H3("What we are doing"),
            doing,
            html.H3("Assurance"),
            *_lines(remarks.assurance),
        ],
        className="remarks",
    )


def _lines(text: str) -> list[Component]:
    return [html.P(line) for line in text.split("\n") if line]


def commentary_form(
    view: OwnView,
    series: OwnSeries,
    shown: Commentary | None,
    newest: int,
    *,
    said: str = "",
    typed: Remarks | None = None,
) -> Response:
    """The form, filled with what is shown, or with what was typed and could not be kept."""
    remarks = typed or (shown.remarks if shown else Remarks())
    actions = [*remarks.actions, *[PlannedAction("", "", "")] * ROWS][: max(ROWS, len(remarks.actions))]
    return plain_page(
        _FORM,
        f"{view.measure.short_name}, {series.place.name}",
        said,
        400 if said else 200,
        action=COMMENT,
        back_to=href(OWN, measure=measure_key(view.measure.id), place=place_key(series.place)),
        measure=measure_key(view.measure.id),
        place=place_key(series.place),
        periods=[item.key.period for item in reversed(series.figures)][:24],
        chosen=shown.about.period.key if shown else None,
        remarks=remarks,
        actions=actions,
        states=[state.value for state in ActionState],
        shown=shown is not None,
        newest=newest,
    )


def remarks_typed(field: Callable[[str], str]) -> Remarks:
    """What the form's fields say."""
    actions = tuple(
        PlannedAction(
            field(f"what-{row}"), field(f"owner-{row}"), field(f"by-{row}"), _state(field(f"state-{row}"))
        )
        for row in range(ROWS)
        if field(f"what-{row}") or field(f"owner-{row}") or field(f"by-{row}")
    )
    return Remarks(field("happened"), actions, field("assurance"), field("role"))


def _state(typed: str) -> ActionState:
    return next((state for state in ActionState if state.value == typed), ActionState.IN_HAND)


def figure_asked(series: OwnSeries, typed: str) -> FigureKey | None:
    """The figure that a form is about, by its period's number; None for none such."""
    return next((item.key for item in series.figures if str(item.key.period.key) == typed), None)


_FORM = """<h1>{{ title }}</h1>
<p class="lede">What people who are signed in and may see the measure will read. Local, unpublished.</p>
{% if said %}<p class="said" role="alert">{{ said }}</p>{% endif %}
<form method="post" action="{{ root }}{{ action }}" class="card own-form">
<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
<input type="hidden" name="measure" value="{{ measure }}"><input type="hidden" name="place" value="{{ place }}">
<input type="hidden" name="newest" value="{{ newest }}">
<label for="period">About</label>
<select id="period" name="period">{% for period in periods %}
<option value="{{ period.key }}" {% if period.key == chosen %}selected{% endif %}>
{{ period.label }}</option>{% endfor %}
</select>
<label for="happened">What happened</label>
<textarea id="happened" name="happened" rows="4">{{ remarks.happened }}</textarea>
{% for item in actions %}{% set row = loop.index0 %}<fieldset><legend>Action {{ row + 1 }}</legend>
<label for="what-{{ row }}">What is done</label>
<input id="what-{{ row }}" name="what-{{ row }}" value="{{ item.what }}">
<label for="owner-{{ row }}">Whose it is, a role</label>
<input id="owner-{{ row }}" name="owner-{{ row }}" value="{{ item.owner }}">
<label for="by-{{ row }}">By</label><input id="by-{{ row }}" name="by-{{ row }}" type="date" value="{{ item.by }}">
<label for="state-{{ row }}">How far it is</label><select id="state-{{ row }}" name="state-{{ row }}">
{% for state in states %}<option {% if item.state.value == state %}selected{% endif %}>{{ state }}</option>{% endfor %}
</select></fieldset>{% endfor %}
<label for="assurance">Assurance: what tells you that it works</label>
<textarea id="assurance" name="assurance" rows="3">{{ remarks.assurance }}</textarea>
<label for="role">Written as, a role</label><input id="role" name="role" value="{{ remarks.role }}">
<button type="submit" class="btn primary">Show it</button>
{% if shown %}<label for="reason">Or why what is shown is withdrawn</label><input id="reason" name="reason">
<button type="submit" name="withdraw" value="1" class="btn">Withdraw it</button>{% endif %}
</form>
<p><a href="{{ root }}{{ back_to }}">The measure</a></p>
"""
