"""The parts of a page, in Dash's own components. What they say comes from the views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from stp_dash.elements import Component, Content, dcc, html


@dataclass(frozen=True)
class Choice:
    """One value of a control, and the address of the page with it. `group` heads the values that follow each other
    under it in a list."""

    label: str
    address: str
    chosen: bool = False
    group: str = ""


@dataclass(frozen=True)
class Control:
    """A control of the filter bar. Few choices stand side by side, many fold into a list.

    The browser's own list: `assets/site.js` goes to the address that is chosen in it.
    """

    name: str
    label: str
    choices: tuple[Choice, ...]

    @property
    def chosen(self) -> Choice | None:
        return next((item for item in self.choices if item.chosen), None)


LONGEST_LIST = 20
"""So many values stand under one heading; a menu of more has a search (`assets/menus.js`)."""
SIDE_BY_SIDE, SIDE_BY_SIDE_LETTERS = 4, 60
"""So many choices, of so many letters together, have room beside each other on a tablet."""
_ONE_LINE, _LONG_HEAD = 40, 24
_CONTROLS, _MENU, _CHOICE, _LETTER = 1030.0, 132.0, 27.0, 7.0
"""What controls share on a desktop, the least of a list, and of each choice side by side its edges and a letter."""


def aria(**words: str) -> dict[str, Any]:
    """Properties for assistive technology: `label` becomes `aria-label`."""
    return {f"aria-{name}": text for name, text in words.items()}


def card(*children: Content, span: int = 12) -> Component:
    """A white card over some of the twelve columns."""
    return html.Section(list(children), className=f"card c{span}")


def card_head(title: str, *aside: Content) -> Component:
    """A card's heading, with what stands beside it."""
    return html.Div([html.H2(title), *aside], className="ch")


def card_foot(left: Content, right: Content) -> Component:
    """A card's last line, with a left and a right end."""
    return html.Div([html.Div(left), html.Div(right)], className="foot")


def image(address: str, words: str, width: int, height: int) -> Component:
    """A small picture whose words say what it shows."""
    return html.Img(src=address, alt=words, width=width, height=height)


@dataclass(frozen=True)
class PicturePart:
    """A part of a picture that leads somewhere: its box in pixels (left, top, width, height), and within the picture
    the corners of its outline where it is no box."""

    words: str
    address: str
    box: tuple[float, float, float, float]
    outline: tuple[tuple[float, float], ...] = ()


def linked_image(picture: Component, size: tuple[float, float], parts: Sequence[PicturePart]) -> Component:
    """A picture with a link over each of its parts, in shares of its size, so that they hold at any width."""
    links = [_over(part, size) for part in parts]
    return html.Div([picture, *links], className="linked", style={"maxWidth": f"{size[0]:g}px"})


def _over(part: PicturePart, size: tuple[float, float]) -> Component:
    width, height = size
    if part.outline:
        corners = ",".join(f"{100 * x / width:.1f}% {100 * y / height:.1f}%" for x, y in part.outline)
        style = {"inset": "0", "clipPath": f"polygon({corners})"}
        return html.A(href=part.address, className="shape", style=style, **aria(label=part.words))
    left, top, across, down = part.box
    style = {
        "left": f"{100 * left / width:.2f}%",
        "top": f"{100 * top / height:.2f}%",
        "width": f"{100 * across / width:.2f}%",
        "height": f"{100 * down / height:.2f}%",
    }
    return html.A(href=part.address, style=style, **aria(label=part.words))


def disclosure(
    summary: Content, *children: Content, opened: bool = False, class_name: str = "", named: str = ""
) -> Component:
    """A summary that opens what is below it. `named` is what those hear who do not see where it stands."""
    label = aria(label=named) if named else {}
    return html.Details([html.Summary(summary, **label), *children], open=opened, className=class_name)


def open_sources(content: Content) -> None:
    """Open what says where numbers come from and why, wherever it stands in some content: on paper nobody can."""
    if isinstance(content, list | tuple):
        for part in content:
            open_sources(part)
    elif isinstance(content, dict):
        properties = content["props"]
        if content["type"] == "Details" and properties.get("className") == "source":
            properties["open"] = True
        open_sources(properties.get("children"))


def current_link(
    text: str, address: str, *, current: bool, kind: str = "page", named: str = "", class_name: str = ""
) -> Component:
    """A link that says when it is where the reader already is. `named` begins with its text and says more."""
    words = aria(label=named) if named else {}
    if class_name:
        words |= {"className": class_name}
    if current:
        words |= aria(current=kind)
    return html.A(text, href=address, **words)


def tabs(label: str, links: Sequence[tuple[str, str, bool]]) -> Component:
    """Views of one card: each is an address."""
    items = [current_link(text, address, current=now, kind="true") for text, address, now in links]
    return html.Nav(items, className="tabs", **aria(label=label))


def notice(title: str, *children: Content, tone: str = "plain") -> Component:
    """A card across the whole page that tells the reader something."""
    return html.Div([html.H2(title), *children], className=f"card c12 notice {tone}")


def facts(pairs: Sequence[tuple[str, Content]]) -> Component:
    """A list of headings and words."""
    cells: list[Component] = []
    for heading, words in pairs:
        cells += [html.Div([html.Dt(heading), html.Dd(words)])]
    return html.Dl(cells, className="facts")


def table(
    caption: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[Content]],
    *,
    numeric: Sequence[int] = (),
    class_name: str = "",
) -> Component:
    """A table whose first cell of each row is its heading; `numeric` columns are set right."""
    cell_class = ["n" if i in numeric else "" for i in range(len(heads))]
    head_class = [
        f"{kind} long".strip() if len(text) > _LONG_HEAD else kind
        for kind, text in zip(cell_class, heads, strict=True)
    ]
    head = html.Tr([html.Th(text, scope="col", className=head_class[i]) for i, text in enumerate(heads)])
    body = [
        html.Tr(
            [
                html.Td(cell, className=f"{cell_class[i]} {_long(cell)}".strip())
                if i
                else html.Th(cell, scope="row", className=_long(cell))
                for i, cell in enumerate(row)
            ]
        )
        for row in rows
    ]
    whole = html.Table(
        [html.Caption(caption, className="vh"), html.Thead(head), html.Tbody(body)],
        className=f"dt {class_name}".strip(),
    )
    return html.Div(whole, className="wide", tabIndex=0, role="region", **aria(label=caption))


def _long(cell: Content) -> str:
    """The class of a cell whose words have no room on one line."""
    return "long" if isinstance(cell, str) and len(cell) > _ONE_LINE else ""


def filter_bar(
    controls: Sequence[Control],
    actions: Sequence[Component] = (),
    *,
    folded: bool,
    first: tuple[str, Component] | None = None,
) -> Component | None:
    """The controls, in a bar, with the page's actions at its end; on a phone folded into one summary.

    `first` stands before the controls: its choice in words, and itself.
    """
    shown = [item for item in controls if item.choices]
    if not shown and not actions:
        return None
    done = [html.Div(list(actions), className="actions")] if actions else []
    menus = () if folded else _too_wide(shown, _MENU if first else 0)
    bar: Component = html.Div(
        [
            *([first[1]] if first else []),
            *[_control(item, menu=item.name in menus) for item in shown],
            *done,
        ],
        className="bar",
    )
    if folded:
        words = [first[0]] if first else []
        chosen = " · ".join([*words, *(item.chosen.label for item in shown if item.chosen)])
        summary = [html.Span(chosen), html.B("Change")] if chosen else [html.Span("Copy link, print")]
        bar = disclosure(summary, bar, class_name="fold")
    inside = html.Div(bar, className="w")
    return html.Div(inside, className="filters", role="region", **aria(label="Filters"))


def _side_by_side(control: Control) -> bool:
    letters = sum(len(item.label) for item in control.choices)
    few = len(control.choices) <= SIDE_BY_SIDE and letters <= SIDE_BY_SIDE_LETTERS
    return few and control.name != "indicator"


def _too_wide(controls: Sequence[Control], taken: float) -> tuple[str, ...]:
    """The names of controls whose choices fold into a list so that all share what is left of a desktop's row."""
    wide = {
        item.name: sum(_CHOICE + _LETTER * len(choice.label) for choice in item.choices)
        for item in controls
        if _side_by_side(item)
    }
    room = _CONTROLS - taken - _MENU * (len(controls) - len(wide))
    folded: list[str] = []
    while wide and sum(wide.values()) > room:
        widest = max(wide, key=lambda name: wide[name])
        room -= _MENU
        folded.append(widest)
        del wide[widest]
    return tuple(folded)


def _control(control: Control, *, menu: bool = False) -> Component:
    if _side_by_side(control) and not menu:
        return _segments(control)
    name = f"control-{control.name}"
    label = html.Label(control.label, htmlFor=name, className="l")
    whole: dict[str, Any] = {"title": control.chosen.label} if control.chosen else {}
    parts = [label, html.Select(options_of(control.choices), id=name, className="menu", **whole)]
    if len(control.choices) > LONGEST_LIST:
        marks: dict[str, Any] = {"data-menu": name} | aria(haspopup="dialog", expanded="false")
        words = ["Search", html.Span(f" in {control.label}", className="vh")]
        parts.append(html.Button(words, type="button", className="find-in", **marks))
    return html.Div(parts, className=f"f f-{control.name}")


def options_of(choices: Sequence[Choice]) -> list[Component]:
    """The options of a list, under their groups' headings."""
    found: list[Component] = []
    for group, members in groupby(choices, key=lambda item: item.group):
        options = [html.Option(item.label, value=item.address, selected=item.chosen) for item in members]
        found += [html.Optgroup(options, label=group)] if group else options
    return found


def _segments(control: Control) -> Component:
    links = [
        current_link(item.label, item.address, current=item.chosen, kind="true") for item in control.choices
    ]
    return html.Div(
        [
            html.Span(control.label, className="l"),
            html.Div(links, className="seg", role="group", **aria(label=control.label)),
        ],
        className="f",
    )


def key(items: Sequence[tuple[str, str]]) -> Component:
    """What the marks of a chart mean: a mark's name (`site.css`) and words for each."""
    return html.Div(
        [html.Span([html.Span(className=f"mark {mark}"), text]) for mark, text in items], className="key"
    )


def numbered(items: Sequence[tuple[str, ...]]) -> list[Component]:
    """The names of what bears numbers on a plot, in order: a name and its figure, and a mark's name (`site.css`)."""
    rows = [
        html.Li(
            [
                html.B(str(number)),
                html.Span(className=f"mark {mark[0]}" if mark else ""),
                html.Span(name),
                html.Span(shown),
            ]
        )
        for number, (name, shown, *mark) in enumerate(items, 1)
    ]
    return [html.Ol(rows, className="numbered")] if rows else []


def plot(figure: dict[str, Any], words: str) -> Component:
    """A figure with its words for who cannot see it; a table beside it holds the same numbers.

    Where its points open something (`charts.theme.opening`), a reader goes from one to the next by arrow keys.
    """
    settings: Any = {"displayModeBar": False, "responsive": True, "scrollZoom": False}
    graph = dcc.Graph(figure=figure, config=settings, className="graph")
    height = figure["layout"]["height"]
    marks: dict[str, Any] = aria(label=words)
    if "meta" in figure["layout"]:
        marks |= {"tabIndex": 0, "data-opens": figure["layout"]["meta"]["opens"]}
        marks |= aria(label=f"{words} Arrow keys go from point to point, Enter opens one.")
    return html.Div(graph, role="img", className="plot", style={"height": f"{height}px"}, **marks)
