"""Where a reader goes from a trend: to all of the kind, the tumour groups, the whole profile, and the file."""

from __future__ import annotations

from db.domain import ALL, breakdown_dimensions
from stp_dash.analysis.area import adding_up
from stp_dash.analysis.kinds import TUMOUR_GROUPS, comparison_of
from stp_dash.analysis.wording import month_code
from stp_dash.elements.links import DATA, ORGANISATION, VARIATION
from stp_dash.pages.trend.state import TrendState
from stp_dash.pages.trend.words import Trend


def onward(state: TrendState, view: Trend) -> tuple[tuple[str, str], ...]:
    """Words and address of each page that leads on from the latest figure shown."""
    latest = view.period
    cut = None if state.breakdown == ALL else state.breakdown
    choice = state.reader.code_lists.organisation(state.organisation)
    own = choice.type if choice else None
    types = {item.code: item.type for item in state.choices}
    if own not in types.values():
        # The area's figure is a sum: those that it is the sum of stand among their own kind.
        parts = (*adding_up(state.indicator, state.area), *state.area.places)
        own = next((types[code] for code in parts if code in types), own)
    newest = next((row.reading for row in view.rows if row.period == latest), None)
    trust_kind = newest.details.trust_kind if newest and newest.details else ""
    kind = comparison_of(own, latest, trust_kind) if own else None
    of = {"indicator": state.indicator.id, "organisation": state.organisation}
    found = []
    if kind is not None:
        address = state.elsewhere(VARIATION, **of, by=kind.key, period=month_code(latest), breakdown=cut)
        found.append((f"All {kind.plural}, {latest.label}", address))
    grouped = any(breakdown_dimensions(key) in TUMOUR_GROUPS for key in state.breakdowns)
    if grouped and state.indicator.valid_to is None:
        of_groups = {"organisation": state.organisation, "groups": state.indicator.id}
        period = month_code(latest) if state.until is not None else None
        address = state.elsewhere(ORGANISATION, **of_groups, period=period)
        found.append(("Tumour groups", f"{address}#card-tumour-groups"))
    profile = state.elsewhere(ORGANISATION, organisation=state.organisation, indicator=state.indicator.id)
    found.append((f"{state.name}: every indicator", profile))
    files = view.provenance.files
    words = f"The file: {files[0].name}" if files else "The files"
    address = (
        next((item.url for item in files if item.url), "") or f"{state.elsewhere(DATA, **of)}#card-files"
    )
    return (*found, (words, address))
