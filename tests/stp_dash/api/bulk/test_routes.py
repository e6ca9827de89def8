"""The addresses of the files."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from db.store import Store
from tests.stp_dash.api.conftest import application


def test_the_files_are_listed_with_their_hashes(client: FlaskClient, made: Path) -> None:
    answer = client.get("/api/v1/bulk", buffered=True)
    told = answer.get_json()
    assert (told["version"], told["demonstration"]) == (int(made.name), True)
    assert told["package"] == f"/api/v1/bulk/{made.name}/datapackage.json"
    assert {item["name"] for item in told["files"]} == {
        item.name for item in made.iterdir() if item.name != "SHA256SUMS"
    }
    for item in told["files"]:
        content = client.get(item["address"], buffered=True).data
        assert (len(content), hashlib.sha256(content).hexdigest()) == (item["bytes"], item["sha256"])


def test_a_transfer_that_broke_off_goes_on(client: FlaskClient, made: Path) -> None:
    address, whole = f"/api/v1/bulk/{made.name}/figures.parquet", (made / "figures.parquet").read_bytes()
    tag = client.head(address, buffered=True).headers["ETag"]
    rest = client.get(address, headers={"Range": "bytes=1000-", "If-Range": tag}, buffered=True)
    assert (rest.status_code, rest.data) == (206, whole[1000:])
    assert rest.headers["Content-Range"] == f"bytes 1000-{len(whole) - 1}/{len(whole)}"
    other = client.get(
        address, headers={"Range": "bytes=1000-", "If-Range": '"of another file"'}, buffered=True
    )
    assert (other.status_code, other.data) == (200, whole)
    assert client.get(address, headers={"If-None-Match": tag}, buffered=True).status_code == 304


def test_the_latest_leads_to_what_stays_the_same(client: FlaskClient, made: Path) -> None:
    answer = client.get("/api/v1/bulk/latest/figures.csv.gz", buffered=True)
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        f"/api/v1/bulk/{made.name}/figures.csv.gz",
    )
    file = client.get(answer.headers["Location"], buffered=True)
    assert file.mimetype == "application/gzip"
    assert file.headers["Content-Disposition"] == (
        f"attachment; filename=performance-standards-{made.name}-figures.csv.gz"
    )
    assert "Content-Encoding" not in file.headers


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("latest/nothing.csv", "There is no file “nothing.csv”. There are areas.csv.gz, "),
        ("latest/..%2F..%2Fconfig.toml", "There is nothing at this address."),
        ("999/figures.parquet", "There are no files of data version 999. There are files of: "),
    ],
)
def test_what_there_is_not(client: FlaskClient, path: str, told: str) -> None:
    answer = client.get(f"/api/v1/bulk/{path}", buffered=True)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.get_json()["detail"].startswith(told)


def test_a_site_without_files_says_so(held: Store, tmp_path: Path) -> None:
    for folder, told in ((None, "This site makes no such files"), (tmp_path, "The files are not made yet")):
        client = application(held, folder=folder).test_client()
        for path in ("/api/v1/bulk", "/api/v1/bulk/latest/figures.parquet"):
            answer = client.get(path, buffered=True)
            assert (answer.status_code, answer.get_json()["detail"][:26]) == (404, told[:26])


@pytest.mark.parametrize(
    "path", ["", "/latest/figures.parquet", "/notes/events.parquet", "/1/figures.parquet"]
)
def test_files_can_be_read_and_nothing_else(client: FlaskClient, path: str) -> None:
    told = client.options(f"/api/v1/bulk{path}")
    refused = client.delete(f"/api/v1/bulk{path}")
    assert (told.status_code, refused.status_code) == (204, 405)
    assert told.headers["Allow"] == refused.headers["Allow"] == "GET, HEAD, OPTIONS"
