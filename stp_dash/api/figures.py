"""Series, comparisons and revisions as tables: the sheets of the pages, by the pages' own functions."""

from __future__ import annotations

from db.domain import ALL
from db.domain.holdings import DataVersion
from db.store import Connection
from stp_dash.analysis.area import codes_of
from stp_dash.analysis.sheet import OnDemand, Subject
from stp_dash.api.table import MARK, Row, Table, sheet_table
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.request import PageRequest, ParameterError
from stp_dash.pages.data import page as data_page
from stp_dash.pages.data.read import DataReader
from stp_dash.pages.data.sheet import revisions_sheet
from stp_dash.pages.data.state import DataState
from stp_dash.pages.trend.read import TrendReader
from stp_dash.pages.trend.series import rows_of, subject_of
from stp_dash.pages.trend.sheet import sheet_of
from stp_dash.pages.trend.state import TrendState
from stp_dash.pages.variation.funnel import funnel
from stp_dash.pages.variation.inputs import variation_figures
from stp_dash.pages.variation.ranked import ranked_sheet
from stp_dash.pages.variation.read import VariationReader
from stp_dash.pages.variation.state import VariationState

SERIES_KEYS = (
    *("indicator", "organisation_code", "organisation_name", "breakdown", "unit"),
    *("period", "period_start", "period_end", "value", "numerator", "denominator", "lower_95", "upper_95"),
    *("lower_998", "upper_998", "published_count", "published_population", "value_note"),
    *(
        "standard",
        "ambition_or_aspiration",
        "short_of_standard",
        "short_of_national",
        "plan",
        "short_of_plan",
    ),
    *("national_name", "national_value", "mean", "lower_process_limit", "upper_process_limit"),
    *("limits", "limits_since", "limits_values", "point_type", "signals", "signal_words"),
    *("compared_with", "compared_value", "rolling_value", "rolling_numerator", "rolling_denominator"),
    *("events", "status", "missing_reason", "file", MARK),
)
FIGURE_KEYS = (
    *("indicator", "organisation_code", "organisation_name", "unit", "period", "period_start", "period_end"),
    *("value", "numerator", "denominator", "status", "basis", "made_by", "file", "file_published_on"),
    *("missing_reason", MARK),
)
RANKED_KEYS = (
    *("indicator", "breakdown", "unit", "period", "period_start", "period_end", "rank"),
    *("organisation_code", "organisation_name", "group", "value", "numerator", "denominator"),
    *("lower_95", "upper_95", "compared_with", "compared_value", "compared"),
    *("standard", "short_of_standard", "short_of_national", "national_name", "status", "file", MARK),
)
FUNNEL_KEYS = (
    *("expected", "excess", "funnel_z", "funnel_lower_95", "funnel_upper_95"),
    *("funnel_lower_998", "funnel_upper_998", "funnel_class"),
)
VARIATION_KEYS = (*RANKED_KEYS, *FUNNEL_KEYS)
REVISION_KEYS = (
    *("indicator", "organisation_code", "organisation_name", "unit", "period", "period_start", "period_end"),
    *("what_happened", "value_before", "numerator_before", "denominator_before"),
    *("value_after", "numerator_after", "denominator_after", "file_before", "replaced_by", MARK),
)


def series_table(request: PageRequest, connection: Connection, version: DataVersion) -> Table:
    """What the trend page's chart is drawn from: every period that limits rest on, the newest first."""
    reader = TrendReader(request, connection, version)
    _check_breakdown(reader)
    state = TrendState(reader)
    trend = state.read()
    if trend.latest is None:
        return Table(SERIES_KEYS, owners=(state.indicator.owner,))
    subject = Subject(subject_of(trend), trend.name)
    return sheet_table(sheet_of(trend, rows_of(trend)[::-1], subject, ""), SERIES_KEYS)


def _check_breakdown(reader: StoreReader) -> None:
    asked = reader.request.parameters.get("breakdown", ALL)
    if asked != ALL and asked not in reader.code_lists.breakdown_ids:
        raise ParameterError("breakdown", asked, "a breakdown that the store holds", ())


def figure_table(request: PageRequest, connection: Connection, version: DataVersion) -> Table:
    """Every figure held of an indicator and an organisation, the newest first, as on the data page."""
    (sheet,) = data_page.series(request, connection, version).sheets
    return sheet_table(sheet, FIGURE_KEYS)


def comparison_table(request: PageRequest, connection: Connection, version: DataVersion) -> Table:
    """What the variation page's ranking and funnel are drawn from, in the ranking's order."""
    state = VariationState(VariationReader(request, connection, version))
    if state.period is None:
        return Table(VARIATION_KEYS, owners=(state.indicator.owner,))
    given = variation_figures(state, state.period).given
    ranked = sheet_table(ranked_sheet(given), RANKED_KEYS)
    limits = funnel(given, widened=state.widened)
    if limits is None:
        empty: Row = (None,) * len(FUNNEL_KEYS)
        return Table(
            VARIATION_KEYS,
            OnDemand(len(ranked.rows), lambda place: (*ranked.rows[place], *empty)),
            ranked.owners,
        )
    return _joined(ranked, sheet_table(limits.sheet, ("organisation_code", *FUNNEL_KEYS)))


def _joined(ranked: Table, classified: Table) -> Table:
    """The ranking's rows, each with its class and limits; those without counts have none."""
    places = {row[0]: place for place, row in enumerate(classified.rows)}
    code = RANKED_KEYS.index("organisation_code")

    def row(place: int) -> Row:
        own = ranked.rows[place]
        known = places.get(own[code])
        return (*own, *(classified.rows[known][1:] if known is not None else (None,) * len(FUNNEL_KEYS)))

    return Table(VARIATION_KEYS, OnDemand(len(ranked.rows), row), ranked.owners)


def revision_table(request: PageRequest, connection: Connection, version: DataVersion) -> Table:
    """What later releases changed of an organisation's figures, the newest period first, as on the data page."""
    reader = DataReader(request, connection, version)
    state = DataState(reader)
    found = reader.revisions(state.indicator, codes_of(state.code, state.steps))
    return sheet_table(revisions_sheet(state.indicator, found), REVISION_KEYS)
