"""The form for files of one's own as a page without scripts: a browser's own field for files."""

from __future__ import annotations

from flask import Response

from db.domain import Maturity
from stp_dash.pages.operations.parts import UPLOAD
from stp_dash.web.access import plain_page


def upload_page(names: dict[str, str]) -> Response:
    """The page; `names` are the sources in words."""
    levels = [item.label for item in Maturity]
    return plain_page(_FORM, "Load files you hold", "", 200, action=UPLOAD, names=names, levels=levels)


_FORM = """<h1>Load files you hold</h1>
<p class="lede">They are checked first: what would be new and revised is shown before anything is loaded.</p>
<form method="post" action="{{ root }}{{ action }}" class="card" enctype="multipart/form-data">
<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
<label for="file">Files: XLSX, CSV or ZIP</label>
<input id="file" name="file" type="file" multiple required>
<label for="source">Source</label>
<select id="source" name="source"><option value="">recognised from the content</option>
{% for value, words in names.items() %}<option value="{{ value }}">{{ words }}</option>{% endfor %}</select>
<label for="maturity">Figures are</label>
<select id="maturity" name="maturity"><option value="">as the file says</option>
{% for value in levels %}<option>{{ value }}</option>{% endfor %}</select>
<label for="period">Period, such as 2026-08, where the file does not say it</label>
<input id="period" name="period" maxlength="10" autocomplete="off">
<label for="published">Published on, such as 2026-10-08, where the file does not say it</label>
<input id="published" name="published" maxlength="10" autocomplete="off">
<button type="submit" class="btn primary">Check</button>
</form>
"""
