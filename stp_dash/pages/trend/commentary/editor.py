"""The form that commentary is written in, for whoever may write about the series."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from db.domain.people.commentary import (
    ActionState,
    CommentaryRevision,
    CommentaryStep,
    PlannedAction,
    Remarks,
)
from db.figures.commentary.write import (
    LONGEST_REMARK,
    MOST_ACTIONS,
    problems_of_remarks,
)
from stp_dash.analysis.noted.commentary import (
    actions_text,
    london_day,
    london_moment,
    step_text,
    words_compared,
)
from stp_dash.analysis.wording import capitalised, date_text
from stp_dash.elements import Component, Content, dcc, html
from stp_dash.elements.components import aria, card_head, disclosure
from stp_dash.elements.forms import button, choice, form
from stp_dash.pages.trend.commentary.cards import remarks_block
from stp_dash.pages.trend.commentary.read import (
    AGAINST,
    REVISION,
    WRITE,
    Writing,
    periods_to_write_of,
)
from stp_dash.pages.trend.state import TrendState
from stp_dash.web.access import csrf_token

ACTION = "/trend/commentary"
_PLAIN = "Plain text only: no links, no names of patients or staff. Every version stays, with who wrote it."


def writing_address(state: TrendState, **chosen: str | None) -> str:
    """The address of the page with the form, in some state."""
    return f"{state.address(**chosen)}#card-editor"


def commentary_editor(state: TrendState, writing: Writing) -> Component:
    """The form, or what its words look like to readers; below it who did what, and what differs."""
    today = state.request.site.today()
    problems = problems_of_remarks(writing.remarks) if writing.checked else {}
    tabs: list[Content] = [html.B("Write")]
    if writing.previewed:
        tabs = [dcc.Link("Write", href=_here(state, writing)), html.B("Preview")]
    inside = [
        html.Div(_fields(state, writing, problems), hidden=writing.previewed),
        html.Div(_buttons(writing), className="acts"),
        _withdrawing(writing),
    ]
    hidden = {
        "indicator": writing.about.indicator,
        "place": writing.about.place,
        "period": str(writing.about.period.key),
        "base": str(writing.base),
        "back": state.address(),
    }
    parts: list[Content] = [
        card_head("Edit commentary", html.Div(tabs, className="links")),
        _signed_in(writing),
    ]
    if writing.previewed:
        parts.append(remarks_block(writing.remarks, today))
    parts.append(form(ACTION, csrf_token(), inside, hidden=hidden, class_name="comment"))
    parts += _history(state, writing)
    if writing.against is not None:
        parts += _compared(writing.against, writing.remarks, today)
    return html.Section(parts, className="card c5 comment-editor", id="card-editor")


def _here(state: TrendState, writing: Writing) -> str:
    revision = str(writing.loaded.number) if writing.loaded else None
    return writing_address(state, **{WRITE: str(writing.about.period.key), REVISION: revision})


def _signed_in(writing: Writing) -> Component:
    told: list[Content] = ["Signed in as ", html.B(writing.person.name), ". "]
    if writing.loaded is not None and writing.loaded.step is CommentaryStep.DRAFT:
        told.append(f"Draft kept {london_moment(writing.loaded.at)} by {writing.loaded.by}; ")
        seen = (
            f"what was shown on {date_text(london_day(writing.shown.shown_at))}"
            if writing.shown
            else "nothing"
        )
        told.append(f"readers see {seen}.")
    elif writing.shown is not None:
        told.append("This is what readers see.")
    else:
        told.append("Readers see nothing yet.")
    return html.P(told, className="small sec")


def _fields(state: TrendState, writing: Writing, problems: dict[str, str]) -> list[Component]:
    remarks = writing.remarks
    periods = [(str(item.key), item.label) for item in periods_to_write_of(state)]
    other = {
        key: writing_address(state, **{WRITE: key})
        for key, _ in periods
        if key != str(writing.about.period.key)
    }
    about = disclosure(
        f"About {writing.about.period.label}; another period",
        html.Ul([html.Li(dcc.Link(label, href=other[key])) for key, label in periods if key in other]),
        class_name="source",
    )
    role = _field(
        "role",
        "Written as",
        _input("role", "say-role", remarks.role),
        "What you do, not who you are.",
        problems,
    )
    return [
        about,
        role,
        _area(
            "happened", "What happened", remarks.happened, "Plain sentences. Who, where, how many.", problems
        ),
        _actions(writing, problems),
        _area(
            "assurance",
            "Assurance",
            remarks.assurance,
            "What tells you that it works, and when it will show? If nothing yet, say so.",
            problems,
        ),
    ]


def _field(
    name: str, label: str, control: Component, hint: str, problems: dict[str, str], *, count: str = ""
) -> Component:
    wrong = problems.get(name, "")
    head = [html.Label(label, htmlFor=f"say-{name}"), html.Span(count, className="count", id=f"count-{name}")]
    parts = [
        html.Div(head if count else head[:1], className="over"),
        html.Span(hint, className="small sec", id=f"hint-{name}"),
        control,
    ]
    if wrong:
        parts.append(html.P(wrong, className="wrong", id=f"wrong-{name}"))
    return html.Div(parts, className="f wrong-field" if wrong else "f")


def _described(name: str, problems: dict[str, str]) -> dict[str, str]:
    told = f"hint-{name} wrong-{name}" if name in problems else f"hint-{name}"
    return aria(describedby=told, **({"invalid": "true"} if name in problems else {}))


def _area(name: str, label: str, text: str, hint: str, problems: dict[str, str]) -> Component:
    marks = {**_described(name, problems), "data-most": str(LONGEST_REMARK)}
    control = html.Textarea(text, name=name, id=f"say-{name}", rows=5, **marks)
    return _field(name, label, control, hint, problems, count=f"{len(text)} of {LONGEST_REMARK}")


def _actions(writing: Writing, problems: dict[str, str]) -> Component:
    given = list(writing.remarks.actions)
    wanted = max(len(given) + (not given), min(writing.rows, MOST_ACTIONS))
    rows = given + [PlannedAction("", "", "")] * (wanted - len(given))
    count = html.Span(f"{len(given)} of {MOST_ACTIONS}", className="count")
    parts: list[Component] = [
        html.Legend("What we are doing"),
        html.Div(
            [
                html.Span(
                    "An action a row: what, whose (a role), by when (16 Nov 2026).", className="small sec"
                ),
                count,
            ],
            className="over",
        ),
    ]
    for place, item in enumerate(rows):
        wrong = [
            problems[f"{name}-{place}"] for name in ("what", "owner", "by") if f"{name}-{place}" in problems
        ]
        parts.append(_action(place, item))
        parts += [html.P(words, className="wrong") for words in wrong]
    if "actions" in problems:
        parts.append(html.P(problems["actions"], className="wrong"))
    if len(rows) < MOST_ACTIONS:
        parts.append(button("Add an action", name="do", value="add"))
    return html.Fieldset(parts, className="f")


def _action(place: int, item: PlannedAction) -> Component:
    number = place + 1
    cells = [
        _cell(f"Action {number}", f"what-{place}", "what", item.what),
        _cell("Owner", f"owner-{place}", "owner", item.owner),
        _cell("By", f"by-{place}", "by", f"{item.day.day} {item.day:%b %Y}" if item.day else item.by),
        html.Div(
            [
                html.Label("State", htmlFor=f"state-{place}", className="l"),
                choice(
                    "state",
                    f"state-{place}",
                    [(one.value, capitalised(one.value)) for one in ActionState],
                    item.state.value,
                ),
            ],
            className="f",
        ),
        button("×", label=f"Remove action {number}", name="do", value=f"remove-{place}"),
    ]
    return html.Div(cells, className="act-row")


def _cell(label: str, ident: str, name: str, value: str) -> Component:
    parts = [html.Label(label, htmlFor=ident, className="l"), _input(name, ident, value)]
    return html.Div(parts, className="f")


def _input(name: str, ident: str, value: str) -> Component:
    return dcc.Input(name=name, id=ident, value=value, type="text", autoComplete="off")


def _buttons(writing: Writing) -> list[Component]:
    found = [
        button("Save and show to readers", primary=True, name="do", value="show"),
        button("Keep as draft", name="do", value="draft"),
    ]
    if not writing.previewed:
        found.append(button("Preview", name="do", value="preview"))
    if writing.loaded is not None and writing.loaded.step is CommentaryStep.DRAFT:
        found.append(button("Discard draft", name="do", value="discard"))
    return found


def _withdrawing(writing: Writing) -> Component:
    if writing.shown is None:
        return html.Div()
    return disclosure(
        "Withdraw what readers see",
        html.P("It is shown no longer; it stays here, with the reason.", className="small"),
        _cell("Why", "say-reason", "reason", ""),
        button("Withdraw", name="do", value="withdraw"),
        class_name="source",
    )


def _history(state: TrendState, writing: Writing) -> list[Component]:
    """Who did what and when, the newest first; of drafts that follow each other by one person the last."""
    listed: list[CommentaryRevision] = []
    for item in writing.history:
        again = bool(listed) and item.step is CommentaryStep.DRAFT
        if again and (listed[-1].step, listed[-1].by) == (item.step, item.by):
            listed.pop()
        listed.append(item)
    if not listed:
        return [html.P(_PLAIN, className="tiny sec")]
    period = str(writing.about.period.key)
    revision = str(writing.loaded.number) if writing.loaded else None
    rows = []
    for item in reversed(listed):
        address = writing_address(state, **{WRITE: period, REVISION: revision, AGAINST: str(item.number)})
        link = [" · ", dcc.Link("compare", href=address)] if item is not writing.loaded else []
        rows.append(
            html.Li(
                [html.Span(london_moment(item.at), className="when"), html.Span([step_text(item), *link])]
            )
        )
    return [
        html.H3("Who and when"),
        html.Ul(rows, className="who-when"),
        html.P(_PLAIN, className="tiny sec"),
    ]


def _compared(other: CommentaryRevision, remarks: Remarks, today: date) -> list[Component]:
    pairs = (
        ("What happened", other.remarks.happened, remarks.happened),
        (
            "What we are doing",
            actions_text(other.remarks.actions, today),
            actions_text(remarks.actions, today),
        ),
        ("Assurance", other.remarks.assurance, remarks.assurance),
    )
    parts: list[Component] = [
        html.H3(f"Beside the version of {london_moment(other.at)}"),
        html.P("Struck out: in that version alone. Underlined: in the form alone.", className="small sec"),
    ]
    for heading, before, after in pairs:
        parts += [html.H4(heading), html.P(_marked(words_compared(before, after)) or "Nothing in either.")]
    return [html.Div(parts, className="compared")]


def _marked(words: Sequence[tuple[str, str]]) -> list[Content]:
    tags = {"gone": html.Del, "new": html.Ins}
    return [part for kind, text in words for part in (tags[kind](text) if kind in tags else text, " ")]
