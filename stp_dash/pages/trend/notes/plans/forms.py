"""The forms for plans: months typed, or a file; each is checked first, and shows what it would change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Response

from db.domain import Period
from db.domain.decision import PlannedValue, RecordedPlan, StandingPlan
from db.figures.decisions.plans import LONGEST_PLAN_NAME, PlanChanges
from db.figures.decisions.words import LONGEST_ROLE
from db.own.checking.numbers import number_text
from db.own.plan_files import CheckedPlan
from stp_dash.analysis.wording import date_text
from stp_dash.elements import Component, html
from stp_dash.elements.components import card_head, disclosure
from stp_dash.elements.forms import button, entry, field, form
from stp_dash.elements.links import NOTES, href
from stp_dash.pages.trend.notes.forms import NotesPlace
from stp_dash.web.access.plain import plain_page

CHECK_PLAN, PLAN_FILE = f"{NOTES}/check-plan", f"{NOTES}/plan-file"
ADD_PLAN, WITHDRAW_PLAN = f"{NOTES}/add-plan", f"{NOTES}/withdraw-plan"
MONTH_FIELD = "plan_"
"""What the name of a month's field begins with: plan_2026-04."""
_SHOWN_CHANGES = 60


def plan_months(newest: date) -> tuple[Period, ...]:
    """The months of the financial year that a day lies in, and of the one after it."""
    year = newest.year if newest.month > 3 else newest.year - 1
    return tuple(Period.month(year + (place + 3) // 12, (place + 3) % 12 + 1) for place in range(24))


def plan_section(
    place: NotesPlace, plan: StandingPlan | None, newest: date, unit: str, token: str
) -> Component:
    """The plans for a series, and for whoever may write the forms of another."""
    values = plan.values if plan else {}
    plans = plan.plans if plan else ()
    items = [_plan_item(place, item, token) for item in plans]
    none = html.P("Nobody has entered a plan for this series.")
    parts = [
        card_head("Plan"),
        html.P(
            "A plan is the organisation's own, month by month: it is no standard. Of several, the newest stands for "
            "each month; earlier ones are kept."
        ),
        html.Ul(items, className="noted-list") if items else none,
    ]
    if token:
        parts += [_typed(place, values, newest, unit, token), _of_file(place, token)]
    return html.Section(parts, className="card", id="plan")


def _plan_item(place: NotesPlace, item: RecordedPlan, token: str) -> Component:
    gone = f", withdrawn {date_text(item.withdrawn_at.date())}" if item.withdrawn_at else ""
    told = [html.B(item.name), f", {item.role}, entered {date_text(item.recorded_at.date())}{gone}"]
    acts = []
    if token and item.withdrawn_at is None:
        hidden = {**place.hidden, "number": str(item.id), "plan_role": item.role}
        act = button("Withdraw the whole plan", label=f"Withdraw the whole plan: {item.name}")
        acts = [form(WITHDRAW_PLAN, token, [act], hidden=hidden)]
    return html.Li([html.P(told), *acts])


def _about(prefix: str) -> list[Component]:
    """What a plan is called, and whose it is."""
    name, role = f"{prefix}_name", f"{prefix}_role"
    return [
        field("Name of the plan", entry("plan_name", name, "", longest=LONGEST_PLAN_NAME), name,
              hint="As Operating plan 2026/27."),
        field("Entered as", entry("plan_role", role, "", longest=LONGEST_ROLE), role,
              hint="What you do: readers see it, and no name."),
    ]  # fmt: skip


def _typed(place: NotesPlace, values: Mapping[date, float], newest: date, unit: str, token: str) -> Component:
    cells = []
    for month in plan_months(newest):
        name = f"{MONTH_FIELD}{month.start:%Y-%m}"
        held = values.get(month.start)
        cells.append(field(month.label, entry(name, name, "" if held is None else number_text(held)), name))
    inside = [
        html.P(f"In the indicator's unit ({unit}). An empty month is left as it is.", className="small sec"),
        html.Div(cells, className="plan-months"),
        *_about("typed"),
        html.Div([button("Check, and show what would change", primary=True)], className="acts"),
    ]
    shown = form(CHECK_PLAN, token, inside, hidden=place.hidden, class_name="noting")
    return disclosure("Enter a plan month by month", shown, class_name="source")


def _of_file(place: NotesPlace, token: str) -> Component:
    columns = (
        "measure, organisation, from, value: a month a line; or measure, organisation and a column a month"
    )
    inside = [
        html.P(f"CSV (UTF-8) or a workbook (xlsx) with the columns {columns}.", className="small sec"),
        html.A("Choose a file", href=href(PLAN_FILE, **place.hidden), target="_self", className="btn"),
    ]
    return disclosure("Hand in a plan as a file", *inside, class_name="source")


def plan_file_page(place: Mapping[str, str], back: str) -> Response:
    """The form for a file, as a page without scripts: a browser's own field for files."""
    return plain_page(_FILE, "Hand in a plan", "", 200, back=(back, "Back to the notes"), action=CHECK_PLAN,
                      place=place, longest=(LONGEST_PLAN_NAME, LONGEST_ROLE))  # fmt: skip


def checked_page(
    checked: CheckedPlan, changes: PlanChanges | None, about: Mapping[str, str], back: str
) -> Response:
    """What a check found and what the plan would change; with the button that adds it where nothing is wrong."""
    told = checked.findings.told()
    rows: list[tuple[str, str, str, str, str]] = []
    if changes is not None:
        pairs = [
            *((item, number_text(before)) for before, item in changes.changed),
            *((item, "") for item in changes.new),
        ]
        rows = [
            (item.indicator, item.organisation, f"{item.month:%Y-%m}", before, number_text(item.value))
            for item, before in pairs[:_SHOWN_CHANGES]
        ]
    errors = checked.findings.errors
    return plain_page(
        _CHECKED,
        f"Check of {checked.name}",
        f"Refused: {errors} error{'' if errors == 1 else 's'}. Nothing is stored."
        if not checked.accepted
        else "",
        200 if checked.accepted else 400,
        back=(back, "Back to the notes"),
        action=ADD_PLAN,
        findings=[(item.level.value, item.where, item.message) for item in told],
        more=checked.findings.untold,
        changes=changes,
        rows=rows,
        about=about,
        text=plan_text(checked.values) if changes is not None else "",
    )


def plan_text(values: tuple[PlannedValue, ...]) -> str:
    """A plan's values as the list that its reader takes."""
    lines = [f"{item.indicator},{item.organisation},{item.month:%Y-%m},{item.value!r}" for item in values]
    return "\n".join(("measure,organisation,from,value", *lines))


_FILE = """<h1>Hand in a plan</h1>
<p class="lede">It is checked first: what would be new and changed is shown before anything is stored.</p>
<form method="post" action="{{ root }}{{ action }}" class="card" enctype="multipart/form-data">
<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
{% for name, value in place.items() %}<input type="hidden" name="{{ name }}" value="{{ value }}">{% endfor %}
<label for="file">File: CSV (UTF-8) or a workbook (xlsx), 1 MB at most</label>
<input id="file" name="file" type="file" required>
<label for="plan_name">Name of the plan, as Operating plan 2026/27</label>
<input id="plan_name" name="plan_name" maxlength="{{ longest[0] }}" autocomplete="off" required>
<label for="plan_role">Entered as: what you do, and no name</label>
<input id="plan_role" name="plan_role" maxlength="{{ longest[1] }}" autocomplete="off" required>
<button type="submit" class="btn primary">Check</button>
</form>
"""
_CHECKED = """<h1>{{ title }}</h1>
{% if said %}<p class="said" role="alert">{{ said }}</p>{% endif %}
{% if findings %}<h2>What was found</h2>
<ul>{% for level, where, message in findings %}<li><b>{{ level }}</b>, {{ where }}: {{ message }}</li>{% endfor %}
{% if more %}<li>and {{ more }} more</li>{% endif %}</ul>{% endif %}
{% if changes %}<h2>What would change</h2>
<p>{{ changes.words }}. Nothing is stored yet.</p>
{% if rows %}<table class="dt"><caption class="vh">What would change, month by month</caption>
<thead><tr><th scope="col">Indicator</th><th scope="col">Organisation</th><th scope="col">Month</th>
<th scope="col">Plan now</th><th scope="col">New plan</th></tr></thead>
<tbody>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</tbody>
</table>{% endif %}
<form method="post" action="{{ root }}{{ action }}" class="card">
<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
<input type="hidden" name="seen" value="{{ changes.seen }}">
<input type="hidden" name="plan" value="{{ text }}">
{% for name, value in about.items() %}<input type="hidden" name="{{ name }}" value="{{ value }}">{% endfor %}
<button type="submit" class="btn primary">Add the plan</button>
</form>{% endif %}
"""
