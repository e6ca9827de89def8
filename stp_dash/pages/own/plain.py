"""Pages without scripts: handing in a file, what a check found of it, and the form of a definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Response

from db.domain.own.figures import OwnFigure
from db.own.handing_in import HandedIn
from db.own.submissions import count_of, counts_words
from stp_dash.pages.own.cards import DEFINE, UPLOAD_OWN
from stp_dash.pages.own.form import FIELDS
from stp_dash.pages.own.preview import ChartPreview
from stp_dash.web.access import plain_page

ADD = f"{UPLOAD_OWN}/add"
_MOST_CHANGES = 50


def upload_form(said: str = "", status: int = 200) -> Response:
    """Where a file is chosen."""
    return plain_page(_UPLOAD, "Hand in figures", said, status, action=UPLOAD_OWN)


def check_page(
    found: HandedIn, previews: Mapping[str, Sequence[ChartPreview]], token: str, mode: str, reason: str
) -> Response:
    """What a check found, what adding would change, and the button that adds; nothing is stored yet."""
    checked = found.checked
    changes = [
        {
            "measure": found.measures[measure].short_name,
            "words": counts_words(count_of(item)),
            "decimals": found.measures[measure].decimals,
            "pairs": sorted(
                ((old, new) for old, new in item.changed),
                key=lambda pair: abs((pair[1].value or 0) - (pair[0].value or 0)),
                reverse=True,
            )[:_MOST_CHANGES],
            "withdrawn": item.withdrawn[:_MOST_CHANGES],
            "charts": previews.get(measure, ()),
        }
        for measure, item in found.changes.items()
    ]
    title = "Checked: this would change" if checked.accepted else "Refused: nothing was kept"
    return plain_page(
        _CHECKED,
        title,
        "",
        200 if checked.accepted else 400,
        checked=checked,
        told=checked.findings.told(),
        changes=changes,
        told_figure=_told_figure,
        token=token,
        mode=mode,
        reason=reason,
        state=found.state,
        action=ADD,
        upload=UPLOAD_OWN,
    )


def _told_figure(decimals: int, item: OwnFigure) -> str:
    """A figure with its counts and whether it is provisional, or why there is none."""
    if item.value is None:
        return item.missing_reason
    has_counts = item.numerator is not None and item.denominator is not None
    counts = f" ({item.numerator:g} of {item.denominator:g})" if has_counts else ""
    shown = f"{item.value:,.{decimals}f}" if item.value % 1 else f"{item.value:,.0f}"
    return f"{shown}{counts}{', provisional' if item.provisional else ''}"


def definition_form(values: dict[str, str], *, known: bool, said: str = "", status: int = 200) -> Response:
    """The form of a definition; of one that is `known` it asks what a change is of."""
    title = "Change a definition" if known else "Define a measure"
    return plain_page(
        _DEFINITION, title, said, status, action=DEFINE, fields=FIELDS, values=values, known=known
    )


_UPLOAD = """<h1>Hand in figures</h1>
<p class="lede">The file is checked first: every finding is told by line and column, and what would change is shown
before anything is kept.</p>
{% if said %}<p class="said" role="alert">{{ said }}</p>{% endif %}
<form method="post" action="{{ root }}{{ action }}" class="card" enctype="multipart/form-data">
<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
<label for="file">A list as CSV UTF-8 or a workbook (xlsx)</label>
<input id="file" name="file" type="file" required accept=".csv,.txt,.tsv,.xlsx">
<label for="mode">What becomes of figures that the file does not have</label>
<select id="mode" name="mode"><option value="add and correct">they stay: add and correct</option>
<option value="replace the measure">they are withdrawn: replace the measure</option></select>
<label for="reason">Why, for whoever reads the list of submissions later</label>
<input id="reason" name="reason" maxlength="160" autocomplete="off">
<button type="submit" class="btn primary">Check</button>
</form>
<p><a href="{{ root }}/own">Our own measures</a></p>
"""
_CHECKED = """<h1>{{ title }}</h1>
<p class="lede">{{ checked.name }}: {{ checked.lines }} lines,
{{ checked.findings.errors }} error{{ "" if checked.findings.errors == 1 else "s" }},
{{ checked.findings.warnings }} warning{{ "" if checked.findings.warnings == 1 else "s" }}.</p>
{% if checked.sheets_unread %}<p>Sheets not read: {{ checked.sheets_unread | join(", ") }}.</p>{% endif %}
{% if told %}<div class="card wide own-check"><h2>What was found</h2><table class="plain">
<thead><tr><th scope="col">Line</th><th scope="col">Column</th><th scope="col">What</th>
<th scope="col">Finding</th></tr></thead>
<tbody>{% for item in told %}<tr><td>{{ item.sheet }} {{ item.line or "" }}</td><td>{{ item.column or "" }}</td>
<td>{{ item.level }}</td><td>{{ item.message }}</td></tr>{% endfor %}</tbody></table>
{% if checked.findings.untold %}<p>And {{ checked.findings.untold }} more.</p>{% endif %}</div>{% endif %}
{% for one in changes %}<div class="card wide own-check"><h2>{{ one.measure }}: {{ one.words }}</h2>
{% if one.pairs %}<table class="plain"><thead><tr><th scope="col">Unit</th><th scope="col">Period</th>
<th scope="col">Stands</th><th scope="col">Would stand</th></tr></thead><tbody>
{% for old, new in one.pairs %}<tr><td>{{ new.key.unit or new.key.organisation }}</td>
<td>{{ new.key.period.label }}</td>
<td>{{ told_figure(one.decimals, old) }}</td>
<td>{{ told_figure(one.decimals, new) }}</td></tr>{% endfor %}
</tbody></table>{% endif %}
{% if one.withdrawn %}<p>Withdrawn: {% for item in one.withdrawn %}{{ item.key.unit or item.key.organisation }}
{{ item.key.period.label }}{{ "" if loop.last else ", " }}{% endfor %}.</p>{% endif %}
{% for chart in one.charts %}<h3>{{ chart.name }}: the chart without and with this file</h3>
<div class="own-preview">{% for words, drawn in (("As it stands", chart.without),
("With this file", chart.with_file)) %}
<figure><figcaption class="small">{{ words }}{% if not drawn %}: no figure to draw{% endif %}</figcaption>
{% if drawn %}<picture><source media="(max-width: 700px)" srcset="{{ drawn.narrow }}">
<img src="{{ drawn.wide }}" alt="{{ words }}: {{ drawn.words }}"></picture>{% endif %}
</figure>{% endfor %}</div>{% endfor %}
<p class="small sec">Local, unpublished</p></div>{% endfor %}
{% if checked.accepted %}<form method="post" action="{{ root }}{{ action }}" class="card own-check">
<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
<input type="hidden" name="token" value="{{ token }}">
<input type="hidden" name="state" value="{{ state }}">
<input type="hidden" name="mode" value="{{ mode }}">
<input type="hidden" name="reason" value="{{ reason }}">
{% if checked.findings.warnings %}<label for="confirm">
<input id="confirm" name="confirm" type="checkbox" value="1" required>
I have looked at the warnings, and the figures are right</label>{% endif %}
<button type="submit" class="btn primary">Add</button></form>{% endif %}
<p><a href="{{ root }}{{ upload }}">Another file</a> · <a href="{{ root }}/own">Our own measures</a></p>
"""
_DEFINITION = """<h1>{{ title }}</h1>
<p class="lede">What is measured, in the words that its page will say.</p>
{% if said %}<p class="said" role="alert">{{ said }}</p>{% endif %}
<form method="post" action="{{ root }}{{ action }}" class="card wide">
<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
{% for field in fields %}<label for="{{ field.name }}">{{ field.label }}</label>
{% if field.kind == "text" %}<textarea id="{{ field.name }}" name="{{ field.name }}" rows="4"
{% if field.needed %}required{% endif %}
{% if field.hint %}aria-describedby="hint-{{ field.name }}"{% endif %}>{{ values[field.name] }}</textarea>
{% elif field.kind == "choice" %}<select id="{{ field.name }}" name="{{ field.name }}">{% for value in field.choices %}
<option {% if values[field.name] == value %}selected{% endif %}>{{ value }}</option>{% endfor %}</select>
{% else %}<input id="{{ field.name }}" name="{{ field.name }}" value="{{ values[field.name] }}" autocomplete="off"
{% if field.kind == "date" %}type="date"{% endif %} {% if field.needed %}required{% endif %}
{% if field.hint %} aria-describedby="hint-{{ field.name }}"{% endif %}>{% endif %}
{% if field.hint %}<span class="small sec" id="hint-{{ field.name }}">{{ field.hint }}</span>{% endif %}{% endfor %}
{% if known %}<label for="change">The change is of</label>
<select id="change" name="change"><option value="wording">words: the same is counted</option>
<option value="meaning">meaning: something else is counted, from the day of a new break</option></select>{% endif %}
<button type="submit" class="btn primary">Keep the definition</button>
</form>
<p><a href="{{ root }}/own">Our own measures</a></p>
"""
