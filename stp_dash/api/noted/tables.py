"""Events and plans as tables: what stands, the earliest first."""

from __future__ import annotations

from collections.abc import Iterator

from db.catalogue.national_events import NationalEvent, national_events
from db.domain.decision import RecordedEvent
from db.domain.holdings import DataVersion
from db.figures.decisions.plans import standing_plans
from db.figures.decisions.recorded import recorded_for
from db.store import Connection
from stp_dash.analysis.noted.events import areas_above
from stp_dash.api.table import Row, Table
from stp_dash.frame.request import PageRequest, ParameterError

NOTED = ("Whoever wrote it, and this site's catalogue",)
_CATALOGUE = "This site's catalogue"
PLANNED = ("The organisations whose plans they are",)
EVENT_KEYS = (
    *("event_on", "event_until", "event_text", "event_link", "event_scope", "indicator"),
    *("organisation_code", "event_by", "event_noted_on"),
)
PLAN_KEYS = (
    *(
        "indicator",
        "organisation_code",
        "plan_month",
        "plan",
        "unit",
        "plan_name",
        "plan_by",
        "plan_entered_on",
    ),
)


def event_table(request: PageRequest, connection: Connection, _version: DataVersion) -> Table:
    """The events of the charts of an indicator or an organisation, or all: what people recorded, and the catalogue's.

    A national event has a row for each of its days.
    """
    asked = _asked(request)
    indicator, organisation = asked
    known = request.site.store.catalogue
    areas = areas_above(known.organisations, organisation) if organisation else frozenset()
    recorded = recorded_for(
        connection,
        indicators=None if indicator is None else [indicator],
        organisations=None if organisation is None else [organisation],
        areas=areas,
    )
    source = known.indicators[indicator].source_id if indicator else None
    rows = [_recorded_row(item) for item in recorded.events]
    for event in national_events():
        if source is None or event.concerns(source):
            rows += _national_rows(event)
    return Table(EVENT_KEYS, sorted(rows, key=lambda row: str(row[0])), NOTED)


def plan_table(request: PageRequest, connection: Connection, _version: DataVersion) -> Table:
    """What stands of the plans for an indicator or an organisation, or all, month by month."""
    indicator, organisation = _asked(request)
    standing = standing_plans(
        connection,
        indicators=None if indicator is None else [indicator],
        organisations=None if organisation is None else [organisation],
    )
    units = request.site.store.catalogue.indicators
    rows: list[Row] = []
    for (of, code), found in sorted(standing.items()):
        for month, value in sorted(found.values.items()):
            plan = found.origin[month]
            about = (plan.name, plan.role, plan.recorded_at.date())
            rows.append((of, code, month, value, units[of].unit if of in units else "", *about))
    return Table(PLAN_KEYS, rows, PLANNED)


def _asked(request: PageRequest) -> tuple[str | None, str | None]:
    """The indicator and the organisation asked for. Raises ParameterError for what the catalogue does not have."""
    indicator = request.indicator().id if "indicator" in request.parameters else None
    organisation = request.parameters.get("organisation")
    if organisation is not None and organisation not in request.site.store.catalogue.organisations:
        raise ParameterError("organisation", organisation, "the code of an organisation of the catalogue", ())
    return indicator, organisation


def _recorded_row(item: RecordedEvent) -> Row:
    scope = "area" if item.of_area else "organisation" if item.organisation else "everyone"
    if item.indicator and item.organisation:
        scope = "series"
    about = (item.indicator, item.organisation, item.role, item.recorded_at.date())
    return (item.on, item.until, item.text, item.link or None, scope, *about)


def _national_rows(event: NationalEvent) -> Iterator[Row]:
    for day in event.days:
        text = f"{event.text.rstrip('.')}: {day.who}." if day.who else event.text
        yield (day.on, day.until, text, day.addresses[0], "national", None, None, _CATALOGUE, None)
