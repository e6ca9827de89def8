"""What the API promises around its numbers: problems, pages, tags, formats, limits, and reading from other sites."""

from __future__ import annotations

import gzip
from datetime import date

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr

from db.settings import SettingsError
from db.store import Store
from stp_dash.api.problems import PROBLEM_TYPE
from stp_dash.api.resources import RESOURCES
from tests.stp_dash.api.conftest import application

SERIES = "/api/v1/series?indicator=cancer-62-day-combined&organisation=RVV"


@pytest.mark.parametrize(
    ("address", "status", "parameter", "told"),
    (
        ("/api/v1/series", 400, "indicator", "“indicator” is missing. Wanted: the id of an indicator"),
        ("/api/v1/series?indicator=X&organisation=RVV", 400, "indicator", "“indicator” is “X”. Wanted"),
        ("/api/v1/series?indicator=cancer-of-nobody&organisation=RVV", 404, "indicator", "an indicator of the cat"),
        (SERIES.replace("RVV", "ZZZ"), 404, "organisation", "“organisation” is “ZZZ”. Wanted: the code"),
        (f"{SERIES}&by=trust", 400, "by", "There is no parameter “by” here; there are"),
        (f"{SERIES}&indicator=gp-nurse-fte-rate", 400, "indicator", "stands twice"),
        (f"{SERIES}&limit=0", 400, "limit", "a whole number from 1 to 10,000"),
        (f"{SERIES}&limit=%D9%A3", 400, "limit", "a whole number"),
        (f"{SERIES}&version=99", 404, "version", "There is no data version 99"),
        (f"{SERIES}&published=2024-02-30", 400, "published", "a day as 2024-03-31"),
        (f"{SERIES}&published=9999-01-01", 404, "published", "still to come"),
        (f"{SERIES}&breakdown=shoe+size", 404, "breakdown", "a breakdown that the store holds"),
        (f"{SERIES}&breakdown=%00", 400, "breakdown", "a breakdown"),
        (f"{SERIES}&cursor=abc", 404, "cursor", "an earlier page"),
        (f"{SERIES}&cursor=OS4x", 410, "cursor", "The data have changed"),
        ("/api/v1/variation?indicator=cancer-62-day-combined&by=moon", 400, "by", "one of trust"),
        ("/api/v1/files?source=nobody", 404, "source", "one of"),
        ("/api/v1/indicators?topic=Weather", 404, "topic", "one of"),
        ("/api/v1/organisations?parent=ZZZZ", 404, "parent", "the code of an organisation"),
        ("/api/v1/nothing", 404, None, "There is nothing at this address"),
        ("/api/v1/", 404, None, "There is nothing at this address"),
        ("/api/v1/series.xml", 404, None, "There is nothing at this address"),
        ("/api/v1/../../etc/passwd", 404, None, "There is nothing at this address"),
        (f"/api/v1/areas?{'x' * 4100}", 400, None, "4,000"),
        ("/api/v1/areas?area=QZZ", 404, "area", "There is no area “QZZ”. Wanted: the code of an integrated care"),
        (f"{SERIES}&area=RVV", 404, "area", "is no area of its own: it is a trust"),
        ("/api/v1/files?area=", 400, "area", "the code of an integrated care board, a region, England or a list"),
    ),
)  # fmt: skip
def test_what_is_wrong_is_told_in_plain_words(
    client: FlaskClient, address: str, status: int, parameter: str | None, told: str
) -> None:
    answer = client.get(address)
    problem = answer.get_json()
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert (problem["status"], problem.get("parameter")) == (status, parameter)
    assert told in problem["detail"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_nearest_that_there_is_is_named(client: FlaskClient) -> None:
    problem = client.get("/api/v1/standards?indicator=cancer-62-day-combned").get_json()
    assert "cancer-62-day-combined" in [item["value"] for item in problem["nearest"]]


def test_a_table_is_of_the_area_that_is_asked_for(client: FlaskClient) -> None:
    """As pages are: an area's parts, its own figure where no organisation is asked for, and which rows are ours."""

    def rows(name: str, query: str) -> list[dict[str, object]]:
        found: list[dict[str, object]] = client.get(f"/api/v1/{name}?{query}").get_json()["data"]
        return found

    (sussex,) = rows("areas", "area=QNX")
    assert (sussex["area"], sussex["organisation_code"]) == ("Sussex", "QNX")
    assert set(str(sussex["trusts"]).split("; ")) == {"RYR", "RXC", "RPC"}
    (own,) = rows("areas", "limit=1")
    assert own["area"] == "Kent and Medway" and rows("areas", "area=QKS") == [own]
    indicator = "indicator=gp-fully-qualified-fte-rate"
    for table in ("series", "figures", "revisions"):
        assert rows(table, indicator) == rows(table, f"{indicator}&organisation=QKS")
        (code,) = {row["organisation_code"] for row in rows(table, f"{indicator}&area=ENG")} or {"ENG"}
        assert code == "ENG"
    for code in ("QKS", "QNX"):
        ranked = rows("variation", f"indicator=cancer-62-day-combined&by=trust&area={code}")
        (parts,) = rows("areas", f"area={code}")
        ours = {row["organisation_code"] for row in ranked if row["group"] == "ours"}
        assert ours == {row["organisation_code"] for row in ranked} & set(str(parts["trusts"]).split("; "))


def test_every_table_answers_in_both_formats_with_figures_and_without(
    client: FlaskClient, without_figures: Flask
) -> None:
    for asked in (client, without_figures.test_client()):
        for name, resource in RESOURCES.items():
            query = f"?{resource.example}" if resource.example else ""
            found = asked.get(f"/api/v1/{name}{query}")
            if found.status_code == 404:
                # Without figures nobody knows the organisation.
                assert asked is not client and "organisation" in query
                continue
            page = found.get_json()
            assert found.mimetype == "application/json"
            assert [*page["data"][:1], dict.fromkeys(resource.keys)][0].keys() == set(resource.keys)
            sheet = asked.get(f"/api/v1/{name}{query}", headers={"Accept": "text/csv"})
            assert sheet.mimetype == "text/csv"
            assert sheet.get_data(as_text=True).split("\r\n")[0] == ",".join(resource.keys)
            assert sheet.headers["Data-Version"] == str(page["version"])


def test_pages_follow_each_other_to_the_end(client: FlaskClient) -> None:
    whole = client.get("/api/v1/organisations?limit=10000").get_json()
    address, rows = "/api/v1/organisations?limit=400", []
    while address:
        answer = client.get(address)
        page = answer.get_json()
        assert (f"<{page['next']}>" in answer.headers.get("Link", "")) is (page["next"] is not None)
        rows += page["data"]
        address = page["next"]
    assert rows == whole["data"] and len(rows) == whole["total"] > 400


def test_what_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get(SERIES)
    again = client.get(SERIES, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert client.get(f"{SERIES}&rules=nhs-r").headers["ETag"] != first.headers["ETag"]
    # Whichever answer there is will do; of what there is not, none is known.
    assert client.get(SERIES, headers={"If-None-Match": "*"}).status_code == 304
    nowhere = SERIES.replace("organisation=RVV", "organisation=ZZ9")
    assert nowhere != SERIES
    assert client.get(nowhere, headers={"If-None-Match": "*"}).status_code == 404
    other = client.get(SERIES, headers={"If-None-Match": '"another"'})
    assert (other.status_code, other.get_data()) == (200, first.get_data())


@pytest.mark.parametrize("accepted", ("identity", "gzip, br"))
def test_a_kept_answer_is_what_was_made(held: Store, accepted: str) -> None:
    client = application(held).test_client()
    for address in (SERIES, "/api/v1/freshness.csv", "/api/v1/organisations?limit=2"):
        made, kept = (client.get(address, headers={"Accept-Encoding": accepted}) for _ in range(2))
        assert kept.get_data() == made.get_data()
        counts = [dict(answer.headers) for answer in (made, kept)]
        left = [int(found.pop("X-RateLimit-Remaining")) for found in counts]
        assert left[0] == left[1] + 1
        assert counts[0] == counts[1]


def test_answers_are_packed_as_the_reader_can_unpack(client: FlaskClient) -> None:
    plain = client.get(SERIES, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    for name, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        packed = client.get(SERIES, headers={"Accept-Encoding": name})
        assert packed.headers["Content-Encoding"] == name
        assert unpack(packed.get_data()) == plain.get_data()
        assert len(packed.get_data()) < len(plain.get_data()) / 3


def test_other_sites_may_read_and_nobody_may_write(client: FlaskClient) -> None:
    asked = client.options(SERIES, headers={"Origin": "https://example.org"})
    assert (asked.status_code, asked.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")
    answer = client.get(SERIES)
    for found in (asked, answer, client.get("/api/v1/nothing")):
        assert found.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in found.headers
        assert "Set-Cookie" not in found.headers
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
    assert (client.head(SERIES).status_code, client.head(SERIES).get_data()) == (200, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "FOO"])
def test_another_method_than_reading_is_a_problem(client: FlaskClient, method: str) -> None:
    for path in (SERIES, "/api/v1", "/api/v1/bulk", "/api/v1/bulk/latest/figures.parquet"):
        refused = client.open(path, method=method)
        assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
        assert (refused.mimetype, refused.headers["Access-Control-Allow-Origin"]) == (PROBLEM_TYPE, "*")
        assert refused.get_json()["detail"] == f"The method is {method}. Wanted: GET, HEAD or OPTIONS."
    nowhere = client.open("/api/v1/nothing", method=method)
    assert (nowhere.status_code, nowhere.mimetype) == (404, PROBLEM_TYPE)
    page = client.open("/api", method=method)
    assert (page.status_code, page.mimetype) == (405, "text/plain")
    assert {"GET", "HEAD", "OPTIONS"} == set(page.headers["Allow"].split(", "))


def test_a_format_that_there_is_not_is_refused(client: FlaskClient) -> None:
    answer = client.get(SERIES, headers={"Accept": "application/xml"})
    assert (answer.status_code, answer.get_json()["status"]) == (406, 406)
    assert client.get(SERIES, headers={"Accept": "text/html, */*;q=0.1"}).mimetype == "application/json"


def test_who_asks_too_often_is_told_how_long_to_wait(held: Store) -> None:
    client = application(held, requests_a_minute=3).test_client()
    answers = [client.get(address) for address in (SERIES, "/api/v1/areas", SERIES, SERIES)]
    assert [item.status_code for item in answers] == [200, 200, 200, 429]
    assert [item.headers["X-RateLimit-Remaining"] for item in answers] == ["2", "1", "0", "0"]
    assert 0 < int(answers[3].headers["Retry-After"]) <= 60
    assert "Retry-After" not in answers[0].headers
    assert answers[3].get_json()["detail"].startswith("More requests than 3 per 1 minute")
    assert client.get("/trend").status_code == 200


def test_where_redis_is_away_memory_counts(held: Store) -> None:
    """Nobody listens on port 1."""
    client = application(
        held, counted_in=SecretStr("redis://127.0.0.1:1/0"), requests_a_minute=3
    ).test_client()
    assert [client.get(SERIES).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_a_place_to_count_in_that_there_is_not_is_told_without_its_password(held: Store) -> None:
    with pytest.raises(SettingsError, match=r"api\.counted_in: wanted memory:// or redis://") as told:
        application(held, counted_in=SecretStr("carrier-pigeon://me:hush@nowhere"))
    assert "hush" not in str(told.value)


def test_the_day_of_publication_stands_in_every_answer(client: FlaskClient) -> None:
    page = client.get("/api/v1/areas").get_json()
    assert page["version"] > 0 and page["demonstration"] is True
    assert date.fromisoformat(page["published"])
    assert page["licence"] == "Open Government Licence v3.0"
