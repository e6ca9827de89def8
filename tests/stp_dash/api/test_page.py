"""The API's own page: every table with its addresses, parameters and columns, linked from where readers look."""

from __future__ import annotations

from html import unescape

from flask.testing import FlaskClient

from stp_dash.api.resources import RESOURCES


def test_the_page_has_every_table_parameter_and_column(client: FlaskClient) -> None:
    answer = client.get("/api")
    text = unescape(answer.get_data(as_text=True))
    assert (answer.status_code, "<h1" in text) == (200, True)
    for name, resource in RESOURCES.items():
        assert f'id="{name}"' in text
        assert f'href="/api/v1/{name}.csv' in text
        for key in resource.keys:
            assert f"<code>{key}</code>" in text
        for parameter in resource.query.model_fields:
            assert f"<code>{parameter}</code>" in text
    assert 'href="/api/v1/openapi.json"' in text


def test_readers_find_it_from_the_data_page_and_the_foot(client: FlaskClient) -> None:
    for address in ("/data", "/trend", "/downloads"):
        text = client.get(address).get_data(as_text=True)
        foot = text.partition("<footer")[2]
        assert 'href="/api' in foot
        assert 'href="/using-the-data' in foot
    assert 'href="/api"' in client.get("/data").get_data(as_text=True).partition("<footer")[0]
