"""The description is what the API does: every address is described, and every answer is as described.

Some cases by default; MONITOR_API_CASES=5000 tries so many with figures and as many without.
"""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import one_of
from schemathesis import Case, GenerationMode

from stp_dash.api.description import description
from stp_dash.api.resources import RESOURCES

CASES = int(os.environ.get("MONITOR_API_CASES", "14"))
DESCRIPTION = "/api/v1/openapi.json"
TABLES = [
    *(f"/api/v1/{name}" for name in RESOURCES),
    "/api/v1/bulk",
    "/api/v1/bulk/latest/{name}",
    "/api/v1/bulk/notes/{name}",
]
PLAIN = {"Accept-Encoding": "identity"}


def test_every_address_is_described_and_nothing_else(server: Flask) -> None:
    told = description()
    rules = {
        re.sub(r"<(?:int:)?(\w+)>", r"{\1}", rule.rule)
        for rule in server.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "api.elsewhere"
    }
    assert told["openapi"] == "3.1.0"
    assert set(told["paths"]) == rules - {DESCRIPTION}
    assert len(told["paths"]) == 3 * len(RESOURCES) + 4


def test_every_column_and_parameter_has_a_meaning_and_every_refusal_is_a_problem() -> None:
    told = description()
    for name, resource in RESOURCES.items():
        operation = told["paths"][f"/api/v1/{name}"]["get"]
        assert [item["name"] for item in operation["parameters"] if not item["description"]] == []
        assert {"application/json", "text/csv"} == set(operation["responses"]["200"]["content"])
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert set(answer["content"]) == {"application/problem+json"}
        rows = told["components"]["schemas"][f"{name.capitalize()}Row"]["properties"]
        assert list(rows) == list(resource.keys)
        assert [key for key, item in rows.items() if not item["description"]] == []


def test_a_site_below_a_path_says_so() -> None:
    assert description("/monitor")["servers"] == [{"url": "/monitor"}]
    assert description()["servers"] == [{"url": "/"}]


@pytest.mark.parametrize("store", ("server", "without_figures"))
def test_every_answer_is_as_described(request: pytest.FixtureRequest, store: str) -> None:
    described = schemathesis.openapi.from_wsgi(DESCRIPTION, request.getfixturevalue(store))
    tables = [described[path]["GET"] for path in TABLES]
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)

    @settings(
        max_examples=CASES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=one_of([table.as_strategy(generation_mode=mode) for table in tables for mode in modes]))
    def try_case(case: Case[Any]) -> None:
        case.call_and_validate(headers=PLAIN)

    try_case()
