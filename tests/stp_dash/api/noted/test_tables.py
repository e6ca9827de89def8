"""Events and plans of the API: what stands, with its scope, and by whom."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from db.domain.decision import EventWords, PlannedValue
from db.figures.data_version import data_version
from db.figures.decisions.events import record_event, withdraw_event
from db.figures.decisions.plans import add_plan
from db.settings import load_settings
from db.store import Store
from stp_dash.api.noted.tables import event_table, plan_table
from stp_dash.frame.request import PageRequest, ParameterError, Site
from tests.support.frames import FDS

READ = {"events": event_table, "plans": plan_table}


def rows(store: Store, name: str, **asked: str) -> list[dict[str, Any]]:
    request = PageRequest(Site(store, load_settings()), f"/api/v1/{name}", asked)
    with store.reading() as connection:
        table = READ[name](request, connection, data_version(connection))
        return [dict(zip(table.keys, row, strict=True)) for row in table.rows]


def test_events_of_a_series_are_those_of_all_that_it_belongs_to_and_the_catalogues(store: Store) -> None:
    day = date(2026, 1, 9)
    with store.writing() as connection:
        for given in (
            EventWords(day, "Alone", "Lead", indicator=FDS, organisation="RVV"),
            EventWords(day, "Area", "Lead", organisation="QKS", of_area=True),
            EventWords(day, "Elsewhere", "Lead", organisation="RWF"),
            EventWords(day, "All", "Lead", until=date(2026, 2, 1), link="https://example.org/"),
        ):
            record_event(connection, given)
        withdraw_event(connection, record_event(connection, EventWords(day, "Gone", "Lead")), role="Lead")
    found = rows(store, "events", indicator=FDS, organisation="RVV")
    noted = {row["event_text"]: row for row in found if row["event_scope"] != "national"}
    assert {text: row["event_scope"] for text, row in noted.items()} == {
        "Alone": "series", "Area": "area", "All": "everyone"
    }  # fmt: skip
    assert noted["All"]["event_until"] == date(2026, 2, 1)
    assert noted["All"]["event_link"] == "https://example.org/"
    assert (noted["Alone"]["indicator"], noted["Alone"]["organisation_code"]) == (FDS, "RVV")
    national = [row for row in found if row["event_scope"] == "national"]
    assert all(row["event_link"].startswith("https://") for row in national)
    assert {"Junior doctors", "Consultants"} <= {
        row["event_text"].rsplit(": ", 1)[-1].rstrip(".") for row in national
    }
    staffing = rows(store, "events", indicator="gp-fully-qualified-fte-rate")
    assert not [row for row in staffing if "Junior doctors" in row["event_text"]]
    with pytest.raises(ParameterError):
        rows(store, "events", organisation="X??")


def test_plans_are_what_stands_with_the_plan_that_each_month_is_of(store: Store) -> None:
    april, may = date(2026, 4, 1), date(2026, 5, 1)
    with store.writing() as connection:
        for name, values in (("First", {april: 74.0, may: 75.0}), ("Second", {may: 76.0})):
            planned = [PlannedValue(FDS, "RVV", month, value) for month, value in values.items()]
            add_plan(connection, planned, name=name, role="Planner")
    found = rows(store, "plans", indicator=FDS)
    assert [(row["plan_month"], row["plan"], row["unit"], row["plan_name"]) for row in found] == [
        (april, 74.0, "%", "First"), (may, 76.0, "%", "Second")
    ]  # fmt: skip
    assert rows(store, "plans", organisation="RWF") == []
