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


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-0", 0, 0), ("bytes=-500", -500, -1), ("bytes=10-99999999999", 10, -1)],
)
def test_a_part_is_given(client: FlaskClient, made: Path, asked: str, first: int, last: int) -> None:
    whole = (made / "figures.parquet").read_bytes()
    first, last = first % len(whole), last % len(whole)
    part = client.get(f"/api/v1/bulk/{made.name}/figures.parquet", headers={"Range": asked}, buffered=True)
    assert (part.status_code, part.data) == (206, whole[first : last + 1])
    assert part.headers["Content-Range"] == f"bytes {first}-{last}/{len(whole)}"


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-9", "bytes=0-1, -2", "bytes=-99999999999", "lines=0-1", "bytes=9-1", "bytes=a-b"]
)
def test_what_is_not_one_part_is_given_whole(client: FlaskClient, made: Path, asked: str) -> None:
    address = f"/api/v1/bulk/{made.name}/figures.parquet"
    answer = client.get(address, headers={"Range": asked}, buffered=True)
    assert (answer.status_code, answer.data) == (200, (made / "figures.parquet").read_bytes())


def test_a_part_beyond_the_end_is_refused_with_the_length(client: FlaskClient, made: Path) -> None:
    size = (made / "figures.parquet").stat().st_size
    address = f"/api/v1/bulk/{made.name}/figures.parquet"
    answer = client.get(address, headers={"Range": f"bytes={size}-"}, buffered=True)
    assert (answer.status_code, answer.mimetype) == (416, "application/problem+json")
    assert answer.headers["Content-Range"] == f"bytes */{size}"
    assert answer.get_json()["detail"].endswith(f"Wanted: a part of {size:,} bytes.")


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
