"""The fetcher against a real HTTP server on loopback, fault by fault."""

from __future__ import annotations

import gzip
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from db.settings import FetchSettings
from etl.pipeline.fetch import (
    MOST_REDIRECTS,
    USER_AGENT,
    CacheValidators,
    Fetcher,
    FetchError,
    RefusedFetchError,
    TransientFetchError,
    file_name,
    is_transient,
)
from etl.source import LayoutError, PageGoneError, SiteRefusesError
from tests.support.publications.faulty_publisher import (
    HOST,
    PAGE,
    Answer,
    Handler,
    Publisher,
    cut_at,
    drip_body,
    drip_headers,
    drip_unmeasured,
    endless,
    give,
    hang_up,
    published,
    refuse,
    reset_at,
    rest_of,
    send_on,
)

FILE = "application/octet-stream"
WORKBOOK = b"PK\x03\x04" + b"x" * 2000
MODIFIED = "Thu, 11 Jun 2026 08:30:00 GMT"


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with published() as server:
        yield server


@pytest.fixture
def waits() -> list[float]:
    return []


def settings(**changes: float) -> FetchSettings:
    quick = {"timeout_seconds": 5, "attempts": 3, "first_wait_seconds": 0, "interval_seconds": 0}
    return FetchSettings.model_validate(quick | changes)


@pytest.fixture
def fetcher(waits: list[float]) -> Iterator[Fetcher]:
    with Fetcher(settings(), (HOST,), sleep=waits.append) as made:
        yield made


def test_a_file_comes_with_its_bytes_name_and_validators(publisher: Publisher, fetcher: Fetcher) -> None:
    url = publisher.script(
        "/up/April%202026%20Data.xlsx",
        give(WORKBOOK, ETag='"abc"', Last_Modified="Thu, 11 Jun 2026 08:30:00 GMT"),
    )
    found = fetcher.file(url)
    assert found.content == WORKBOOK
    assert (found.name, found.url, found.not_modified) == ("April 2026 Data.xlsx", url, False)
    assert (found.etag, found.last_modified) == ('"abc"', "Thu, 11 Jun 2026 08:30:00 GMT")
    assert publisher.asked[0][1]["user-agent"] == USER_AGENT
    assert "if-none-match" not in publisher.asked[0][1]


def test_validators_are_sent_and_not_modified_brings_no_bytes(publisher: Publisher, fetcher: Fetcher) -> None:
    url = publisher.script("/data.csv", give(b"", status=304))
    found = fetcher.file(url, validators=CacheValidators('"abc"', "Thu, 11 Jun 2026 08:30:00 GMT"))
    assert (found.not_modified, found.content, found.etag) == (True, b"", '"abc"')
    assert publisher.asked[0][1]["if-none-match"] == '"abc"'
    assert publisher.asked[0][1]["if-modified-since"] == "Thu, 11 Jun 2026 08:30:00 GMT"


def test_not_modified_without_validators_is_an_error(publisher: Publisher, fetcher: Fetcher) -> None:
    with pytest.raises(FetchError, match="for which nobody asked"):
        fetcher.file(publisher.script("/data.csv", give(b"", status=304)))


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_transient_refusal_is_tried_again(publisher: Publisher, fetcher: Fetcher, status: int) -> None:
    url = publisher.script("/data.csv", refuse(status), refuse(status), give(b"a,b\n1,2\n"))
    assert fetcher.file(url).content == b"a,b\n1,2\n"
    assert publisher.requests == 3


@pytest.mark.parametrize(("status", "words"), [(401, "Unauthorized"), (404, "Not Found"), (410, "Gone")])
def test_a_lasting_refusal_is_not(publisher: Publisher, fetcher: Fetcher, status: int, words: str) -> None:
    url = publisher.script("/data.csv", refuse(status), give(b"a,b\n"))
    with pytest.raises(FetchError) as caught:
        fetcher.file(url)
    assert str(caught.value) == f"{url}: wanted a data file, found the answer {status} ({words})"
    assert not caught.value.transient
    assert publisher.requests == 1


CHALLENGES = {
    "title": "<html><head><title>Just a moment...</title></head><body><script src='/c.js'></script></body></html>",
    "words": "<h1>Pardon Our Interruption</h1><p>As you were browsing something about your browser made us think "
    "you might be a bot.</p>",
    "denied": "<html><title>Access Denied</title><body>You don't have permission. Reference #18.2</body></html>",
    "script alone": "<html><meta http-equiv='refresh' content='5'><script>go()</script><body></body></html>",
    "frame": "<html><body><iframe src='/_resource'>Request unsuccessful. Incident ID: 7</iframe></body></html>",
}
"""Challenges to browsers in the shapes that makers of such defences give them, in our own words."""
BY_HAND = "does not answer programs at the moment: download by hand from {}, then load"
CHROME = "<nav>" + "".join(f'<a href="/{n}">Part {n}</a>' for n in range(30)) + "</nav>"


@pytest.mark.parametrize("what", ["page", "file"])
@pytest.mark.parametrize("body", CHALLENGES.values(), ids=CHALLENGES)
def test_a_challenge_is_told_and_names_the_way_out(
    publisher: Publisher, fetcher: Fetcher, body: str, what: str
) -> None:
    url = publisher.script("/data.zip", give(body.encode(), PAGE))
    with pytest.raises(RefusedFetchError) as caught:
        fetcher.page(url) if what == "page" else fetcher.file(url)
    assert BY_HAND.format(url) in str(caught.value)
    assert isinstance(caught.value, SiteRefusesError)
    assert publisher.requests == 1


@pytest.mark.parametrize(
    "answer",
    [
        refuse(403),
        give(b"<p>no</p>", PAGE, 503, Cf_Mitigated="challenge"),
        give(b"", PAGE, 202, X_Amzn_Waf_Action="challenge"),
        give(b"", PAGE, 405, X_Amzn_Waf_Action="captcha"),
    ],
)
def test_a_refusal_of_programs_is_told_and_not_tried_again(
    publisher: Publisher, fetcher: Fetcher, answer: Answer
) -> None:
    url = publisher.script("/page", answer)
    with pytest.raises(RefusedFetchError) as caught:
        fetcher.page(url)
    assert BY_HAND.format(url) in str(caught.value)
    assert not caught.value.transient
    assert publisher.requests == 1


@pytest.mark.parametrize(
    "body",
    [
        "<title>Page not found</title>" + CHROME,
        "<title>SSNAP</title>" + CHROME + "<h1>404</h1><p>Sorry.</p>",
        "<h1>We can\u2019t find this page</h1>" + CHROME,
        "<p>The page that you asked for could not be found.</p>",
        "<title>Results</title><h1>This publication is no longer available</h1>" + CHROME,
    ],
)
@pytest.mark.parametrize("what", ["page", "file"])
def test_a_page_that_says_there_is_none_is_gone(
    publisher: Publisher, fetcher: Fetcher, body: str, what: str
) -> None:
    url = publisher.script("/data.zip", give(body.encode(), PAGE))
    with pytest.raises(PageGoneError, match="a page that says there is none"):
        fetcher.page(url) if what == "page" else fetcher.file(url)


@pytest.mark.parametrize(
    "body",
    [
        "<p>Soon</p>",
        CHROME
        + "<script src='/cdn/challenge.js'></script><h1>Statistics</h1><p>Table 404 was not found in 2019</p>",
        "<h1>Statistics</h1><p>Sign up without a captcha.</p>" + CHROME,
        "<h1>Figures</h1><a href='/a.csv'>Figures</a><script>count()</script>",
    ],
)
def test_a_page_in_its_own_right_is_read(publisher: Publisher, fetcher: Fetcher, body: str) -> None:
    assert fetcher.page(publisher.script("/page", give(body.encode(), PAGE))) == body


ROBOTS = """
# rules
User-agent: *
Disallow: /private/
Allow: /private/open
Disallow: /*.zip$
Crawl-delay: 7

User-agent: monitor
User-agent: other
Disallow: /search
"""


def test_what_robots_txt_leaves_out_is_not_asked_for(publisher: Publisher, waits: list[float]) -> None:
    publisher.script("/robots.txt", give(ROBOTS.encode(), "text/plain"))
    for path in ("/private/page", "/private/open/page", "/search?a=1", "/data.zip", "/data.zip.html"):
        publisher.script(path, give(b"<p>Here</p>", PAGE))
    with Fetcher(settings(), (HOST,), sleep=waits.append) as fetcher:
        for path in ("/private/open/page", "/search?a=1", "/data.zip.html"):
            assert fetcher.page(publisher.url(path)) == "<p>Here</p>"
        for path in ("/private/page", "/data.zip"):
            with pytest.raises(
                RefusedFetchError, match=r"robots\.txt leaves it out: .* download by hand from"
            ):
                fetcher.page(publisher.url(path))
    assert [path for path, _ in publisher.asked].count("/robots.txt") == 1
    assert not publisher.asked_for("/private/page")
    assert len(waits) == 2, "as far apart as it asks"
    assert all(6 < wait <= 7 for wait in waits)


def test_rules_for_the_programs_own_name_go_before_those_for_all(publisher: Publisher) -> None:
    publisher.script("/robots.txt", give(ROBOTS.encode(), "text/plain"))
    publisher.script("/private/page", give(b"<p>Here</p>", PAGE))
    named = settings().model_copy(update={"user_agent": "Monitor/2.0"})
    with Fetcher(named, (HOST,)) as fetcher:
        assert fetcher.page(publisher.url("/private/page")) == "<p>Here</p>"
        with pytest.raises(RefusedFetchError):
            fetcher.page(publisher.url("/search"))
    assert publisher.asked_for("/private/page")[0]["user-agent"] == "Monitor/2.0"


@pytest.mark.parametrize("answer", [refuse(404), refuse(403), hang_up, give(b"<h1>Home</h1>", PAGE)])
def test_a_site_without_rules_is_read(publisher: Publisher, fetcher: Fetcher, answer: Answer) -> None:
    publisher.script("/robots.txt", answer)
    assert fetcher.page(publisher.script("/page", give(b"<p>Here</p>", PAGE))) == "<p>Here</p>"


def test_a_site_whose_rules_are_out_of_order_is_waited_for(publisher: Publisher, fetcher: Fetcher) -> None:
    publisher.script("/robots.txt", refuse(503), give(b"", "text/plain"))
    assert fetcher.page(publisher.script("/page", give(b"<p>Here</p>", PAGE))) == "<p>Here</p>"


@pytest.mark.parametrize("status", [408, 425, 520, 524])
def test_other_passing_refusals_are_tried_again(publisher: Publisher, fetcher: Fetcher, status: int) -> None:
    url = publisher.script("/data.csv", refuse(status), give(b"a,b\n"))
    assert fetcher.file(url).content == b"a,b\n"


def test_which_errors_pass() -> None:
    assert is_transient(TransientFetchError("http://x", "a data file", "the answer 503"))
    assert not is_transient(FetchError("http://x", "a data file", "the answer 404"))
    assert not is_transient(LayoutError("row 3", "a column 'Within'", "'Inside'"))
    assert not is_transient(ValueError("no"))


def test_attempts_end_and_the_last_fault_is_told(publisher: Publisher, fetcher: Fetcher) -> None:
    url = publisher.script("/data.csv", refuse(503))
    with pytest.raises(FetchError, match="503") as caught:
        fetcher.file(url)
    assert caught.value.transient
    assert publisher.requests == 3


def test_retry_after_in_seconds_and_as_a_date_is_kept(
    publisher: Publisher, fetcher: Fetcher, waits: list[float]
) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    url = publisher.script(
        "/data.csv", refuse(429, Retry_After="7"), refuse(503, Retry_After=soon), give(b"a,b\n")
    )
    fetcher.file(url)
    assert waits[0] == 7
    assert 50 < waits[1] <= 60


def test_a_retry_after_beyond_the_longest_wait_ends_the_attempts(
    publisher: Publisher, fetcher: Fetcher, waits: list[float]
) -> None:
    url = publisher.script("/data.csv", refuse(429, Retry_After="86400"), give(b"a,b\n"))
    with pytest.raises(FetchError) as caught:
        fetcher.file(url)
    assert (caught.value.transient, caught.value.retry_after) == (True, 86400)
    assert (publisher.requests, waits) == (1, [])


def test_waits_double_with_chance_up_to_the_longest(publisher: Publisher, waits: list[float]) -> None:
    url = publisher.script("/data.csv", refuse(500))
    patient = settings(attempts=6, first_wait_seconds=2, longest_wait_seconds=10)
    with Fetcher(patient, (HOST,), sleep=waits.append) as fetcher, pytest.raises(FetchError):
        fetcher.file(url)
    assert len(waits) == 5
    for wait, longest in zip(waits, (2, 4, 8, 10, 10), strict=True):
        assert longest / 2 <= wait <= longest


def test_a_connection_that_breaks_is_tried_again(publisher: Publisher, fetcher: Fetcher) -> None:
    url = publisher.script("/data.csv", hang_up, give(b"a,b\n"))
    assert fetcher.file(url).content == b"a,b\n"


@pytest.mark.parametrize(
    ("answer", "found"),
    [(cut_at(WORKBOOK, 1000), "cut short"), (reset_at(WORKBOOK, 1000), "cut short|connection that broke")],
    ids=["ended", "reset"],
)
def test_a_body_cut_short_is_never_taken_for_whole(
    publisher: Publisher, fetcher: Fetcher, answer: Answer, found: str
) -> None:
    url = publisher.script("/data.xlsx", answer)
    with pytest.raises(TransientFetchError, match=found):
        fetcher.file(url)
    assert publisher.requests == 3
    publisher.script("/data.xlsx", answer, give(WORKBOOK))
    assert fetcher.file(url).content == WORKBOOK
    assert not any("range" in headers for headers in publisher.asked_for("/data.xlsx"))


@pytest.mark.parametrize(
    ("validators", "condition"),
    [
        ({"ETag": '"abc"'}, '"abc"'),
        ({"ETag": '"abc"', "Last_Modified": MODIFIED}, '"abc"'),
        ({"Last_Modified": MODIFIED}, MODIFIED),
    ],
    ids=["tag", "both", "date"],
)
def test_a_cut_body_is_completed_by_its_rest(
    publisher: Publisher, fetcher: Fetcher, validators: dict[str, str], condition: str
) -> None:
    content = WORKBOOK[:4] + bytes(range(256)) * 8
    url = publisher.script("/data.xlsx", cut_at(content, 1000, **validators), rest_of(content, **validators))
    found = fetcher.file(url)
    assert found.content == content
    assert found.etag == validators.get("ETag", "")
    (_, again) = publisher.asked_for("/data.xlsx")
    assert (again["range"], again["if-range"]) == ("bytes=1000-", condition)
    assert again["accept-encoding"] == "identity"


def test_a_rest_may_be_cut_too(publisher: Publisher, fetcher: Fetcher) -> None:
    def half_of_the_rest(handler: Handler) -> None:
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes 500-{len(WORKBOOK) - 1}/{len(WORKBOOK)}")
        handler.send_header("Content-Length", str(len(WORKBOOK) - 500))
        handler.end_headers()
        handler.wfile.write(WORKBOOK[500:1200])

    url = publisher.script(
        "/data.xlsx", cut_at(WORKBOOK, 500, ETag='"abc"'), half_of_the_rest, rest_of(WORKBOOK)
    )
    assert fetcher.file(url).content == WORKBOOK
    assert [headers.get("range") for headers in publisher.asked_for("/data.xlsx")] == [
        None,
        "bytes=500-",
        "bytes=1200-",
    ]


OTHER = WORKBOOK[:4] + b"y" * 2000
RESTS = {
    "a new version, whole": give(OTHER, ETag='"def"'),
    "the rest of another version": rest_of(OTHER, ETag='"def"'),
    "the rest of a longer file": rest_of(OTHER + b"y"),
    "another part": give(OTHER[500:], status=206, Content_Range=f"bytes 500-{len(OTHER) - 1}/{len(OTHER)}"),
    "a part without a place": give(OTHER[1000:], status=206),
    "no such rest": refuse(416),
}


@pytest.mark.parametrize("case", RESTS)
def test_two_versions_are_never_joined(publisher: Publisher, fetcher: Fetcher, case: str) -> None:
    url = publisher.script(
        "/data.xlsx", cut_at(WORKBOOK, 1000, ETag='"abc"'), RESTS[case], give(OTHER, ETag='"def"')
    )
    assert fetcher.file(url).content == OTHER
    asked = publisher.asked_for("/data.xlsx")
    assert asked[1]["range"] == "bytes=1000-"
    assert all("range" not in headers for headers in asked[2:])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"ETag": 'W/"abc"'},
        {"ETag": '"abc"', "Content_Encoding": "gzip"},
    ],
    ids=["none", "weak tag", "packed"],
)
def test_without_a_strong_validator_a_cut_body_starts_again(
    publisher: Publisher, fetcher: Fetcher, headers: dict[str, str]
) -> None:
    url = publisher.script("/data.xlsx", cut_at(gzip.compress(WORKBOOK), 20, **headers), give(WORKBOOK))
    assert fetcher.file(url).content == WORKBOOK
    assert "range" not in publisher.asked_for("/data.xlsx")[1]


def test_a_date_of_this_minute_is_no_strong_validator(publisher: Publisher, fetcher: Fetcher) -> None:
    now = format_datetime(datetime.now(UTC), usegmt=True)
    cut = cut_at(gzip.compress(WORKBOOK), 20, Last_Modified=now)
    assert fetcher.file(publisher.script("/data.xlsx", cut, give(WORKBOOK))).content == WORKBOOK
    assert "range" not in publisher.asked_for("/data.xlsx")[1]


def test_nobody_listening_is_told_plainly(waits: list[float]) -> None:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    with Fetcher(settings(), (HOST,), sleep=waits.append) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.file(f"http://{HOST}:{port}/data.csv")
    assert "no connection" in str(caught.value)
    assert caught.value.transient
    assert len(waits) == 2


def test_an_answer_that_never_comes_times_out(publisher: Publisher, waits: list[float]) -> None:
    released = threading.Event()

    def never(_: Handler) -> None:
        released.wait(10)

    url = publisher.script("/data.csv", never)
    hasty = settings(timeout_seconds=0.05, attempts=2)
    with Fetcher(hasty, (HOST,), sleep=waits.append) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.file(url)
    released.set()
    assert (caught.value.found, caught.value.transient) == ("no answer in time", True)
    assert publisher.requests == 2


@pytest.mark.parametrize(
    ("answer", "found"),
    [(give(b"x" * 1_000_001), "1 MB announced"), (endless, "more than that")],
    ids=["announced", "endless"],
)
def test_a_file_too_large_is_given_up_in_mid_stream(publisher: Publisher, answer: Answer, found: str) -> None:
    url = publisher.script("/data.csv", answer)
    with Fetcher(settings(largest_file_megabytes=1), (HOST,)) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.file(url)
    assert caught.value.wanted == "a data file of at most 1 MB"
    assert (caught.value.found, caught.value.transient) == (found, False)
    assert publisher.requests == 1


def test_a_download_may_not_last_for_ever(publisher: Publisher) -> None:
    url = publisher.script("/data.csv", endless)
    slow = settings(longest_download_seconds=1e-9, attempts=1)
    with Fetcher(slow, (HOST,)) as fetcher, pytest.raises(FetchError, match="within 1e-09 seconds"):
        fetcher.file(url)


@pytest.mark.parametrize(
    "answer", [drip_body, drip_headers, drip_unmeasured], ids=["body", "headers", "body without a length"]
)
def test_a_slow_drip_is_ended(publisher: Publisher, answer: Answer) -> None:
    url = publisher.script("/data.csv", answer)
    slow = settings(longest_download_seconds=0.3, attempts=2)
    with Fetcher(slow, (HOST,)) as fetcher, pytest.raises(TransientFetchError) as caught:
        fetcher.file(url)
    assert str(caught.value) == f"{url}: wanted a data file within 0.3 seconds, found no end of it by then"
    assert publisher.requests == 2


@pytest.mark.parametrize(
    ("path", "answer", "found"),
    [
        ("/data.csv", give(b'{"error": "gone"}', "application/json"), "JSON text"),
        ("/data.csv", give(b"%PDF-1.7", FILE), "a PDF document"),
        ("/data.csv", give(b"a,b", "image/png"), "a file of type 'image/png'"),
        ("/data.xlsx", give(b"Please come back later", "text/plain"), "bytes that are no xlsx file"),
        ("/data.zip", give(b"Service unavailable", FILE), "bytes that are no zip file"),
    ],
)
def test_what_is_plainly_no_data_is_refused(
    publisher: Publisher, fetcher: Fetcher, path: str, answer: Answer, found: str
) -> None:
    with pytest.raises(FetchError) as caught:
        fetcher.file(publisher.script(path, answer))
    assert (caught.value.wanted, caught.value.found) == ("a data file", found)
    assert not caught.value.transient


def test_a_workbook_under_any_type_and_name_is_data(publisher: Publisher, fetcher: Fetcher) -> None:
    for path, kind in (("/report.aspx", "application/json"), ("/report.xls", FILE), ("/a.csv", "image/png")):
        assert fetcher.file(publisher.script(path, give(WORKBOOK, kind))).content == WORKBOOK


@pytest.mark.parametrize(
    "answer",
    [give(b"a,b\n1,2\n", PAGE), give(b"\xef\xbb\xbf\r\n <!DOCTYPE html><p>Sorry", FILE)],
    ids=["by its type", "by its bytes"],
)
def test_a_web_page_is_not_a_data_file(publisher: Publisher, fetcher: Fetcher, answer: Answer) -> None:
    with pytest.raises(FetchError) as caught:
        fetcher.file(publisher.script("/data.xlsx", answer))
    assert (caught.value.found, caught.value.transient) == ("a web page", False)


def test_an_empty_file_is_an_error(publisher: Publisher, fetcher: Fetcher) -> None:
    with pytest.raises(FetchError, match="an empty answer"):
        fetcher.file(publisher.script("/data.csv", give(b"")))


def test_redirections_are_followed_and_name_the_file(publisher: Publisher, fetcher: Fetcher) -> None:
    publisher.script("/second", send_on("/final/Real-Name.csv", 301))
    publisher.script("/final/Real-Name.csv", give(b"a,b\n"))
    found = fetcher.file(publisher.script("/first", send_on("second")))
    assert (found.name, found.url) == ("Real-Name.csv", publisher.url("/final/Real-Name.csv"))


def test_every_hop_must_be_an_allowed_host(publisher: Publisher, fetcher: Fetcher) -> None:
    publisher.script("/second", send_on(publisher.url("/third").replace(HOST, "localhost")))
    url = publisher.script("/first", send_on("/second"))
    with pytest.raises(FetchError, match="a redirection to http://localhost:") as caught:
        fetcher.file(url)
    assert caught.value.wanted == f"a data file on {HOST}"
    assert [path for path, _ in publisher.asked] == ["/first", "/second"]


@pytest.mark.parametrize("address", ["http://example.org/data.csv", "file:///etc/hosts", "ftp://127.0.0.1/a"])
def test_an_address_elsewhere_is_never_asked(fetcher: Fetcher, address: str) -> None:
    with pytest.raises(FetchError, match=r"wanted a data file on 127\.0\.0\.1, found the address"):
        fetcher.file(address)


def test_a_circle_of_redirections_ends(publisher: Publisher, fetcher: Fetcher) -> None:
    url = publisher.script("/round", send_on("/round"))
    with pytest.raises(FetchError, match="more than 5 redirections"):
        fetcher.file(url)
    assert publisher.requests == MOST_REDIRECTS + 1


def test_a_redirection_to_nowhere_is_an_error(publisher: Publisher, fetcher: Fetcher) -> None:
    with pytest.raises(FetchError, match="to nowhere"):
        fetcher.file(publisher.script("/first", refuse(302)))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("Oct – Mar £5".encode("cp1252"), "text/html; charset=windows-1252"),
        ("<meta charset='windows-1252'>Oct – Mar £5".encode("cp1252"), "text/html"),
        ("Oct – Mar £5".encode(), "text/html"),
        ("\ufeffOct – Mar £5".encode("utf-16-le"), "text/html"),
    ],
    ids=["header", "meta", "UTF-8 by default", "byte order mark"],
)
def test_a_page_is_decoded_as_it_says(
    publisher: Publisher, fetcher: Fetcher, content: bytes, kind: str
) -> None:
    assert fetcher.page(publisher.script("/page/", give(content, kind))).endswith("Oct – Mar £5")


def test_a_packed_page_is_unpacked(publisher: Publisher, fetcher: Fetcher) -> None:
    answer = give(gzip.compress(b"<p>Hello"), PAGE, Content_Encoding="gzip")
    assert fetcher.page(publisher.script("/page/", answer)) == "<p>Hello"


def test_a_page_that_cannot_be_unpacked_is_told_plainly(publisher: Publisher, fetcher: Fetcher) -> None:
    with pytest.raises(FetchError, match="cannot be unpacked"):
        fetcher.page(publisher.script("/page/", give(b"<p>Hello", PAGE, Content_Encoding="gzip")))


def test_a_workbook_is_not_a_page(publisher: Publisher, fetcher: Fetcher) -> None:
    with pytest.raises(FetchError, match="wanted a web page, found a file of type 'application/octet"):
        fetcher.page(publisher.script("/page/", give(WORKBOOK)))


def test_the_publisher_is_told_whom_to_ask(publisher: Publisher) -> None:
    url = publisher.script("/data.csv", give(b"a,b\n"))
    named = FetchSettings.model_validate({"interval_seconds": 0, "contact": "performance@example.org"})
    with Fetcher(named, (HOST,)) as fetcher:
        fetcher.file(url)
    assert publisher.asked[0][1]["user-agent"] == f"{USER_AGENT} (performance@example.org)"


def test_a_size_is_asked_for_without_the_file(publisher: Publisher, fetcher: Fetcher) -> None:
    publisher.script("/data.csv", give(b"x" * 12_345))
    url = publisher.script("/here", send_on("/data.csv"))
    assert fetcher.size(url) == 12_345
    assert [headers[":method"] for _, headers in publisher.asked] == ["HEAD", "HEAD"]
    publisher.script("/packed.csv", give(b"xx", Content_Encoding="gzip"))
    assert fetcher.size(publisher.url("/packed.csv")) is None
    with pytest.raises(FetchError, match="wanted a file's size, found the answer 405"):
        fetcher.size(publisher.script("/none.csv", refuse(405)))


def test_hosts_are_waited_for_each_by_itself(publisher: Publisher, waits: list[float]) -> None:
    url = publisher.script("/data.csv", give(b"a,b\n"))
    other = url.replace(HOST, "localhost")
    with Fetcher(settings(interval_seconds=30), (HOST, "localhost"), sleep=waits.append) as fetcher:
        fetcher.file(url)
        fetcher.file(other)
        assert waits == []
        fetcher.file(other)
    assert len(waits) == 1


@pytest.fixture
def secure(publisher: Publisher, tmp_path: Path) -> Publisher:
    """The publisher over TLS, with a certificate of its own."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    command = (
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    )
    subprocess.run(
        ["openssl", *command.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    publisher.socket = context.wrap_socket(publisher.socket, server_side=True)
    return publisher


def test_a_redirection_may_not_leave_tls(
    secure: Publisher, waits: list[float], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    url = secure.script("/first", send_on(secure.url("/data.csv"))).replace("http:", "https:")
    secure.script("/data.csv", give(b"a,b\n"))
    with Fetcher(settings(), (HOST,), sleep=waits.append) as fetcher:
        assert fetcher.file(url.replace("/first", "/data.csv")).content == b"a,b\n"
        with pytest.raises(FetchError, match="over https, found a redirection to http://") as caught:
            fetcher.file(url)
    assert not caught.value.transient


def test_a_certificate_that_nobody_trusts_is_refused(secure: Publisher, fetcher: Fetcher) -> None:
    url = secure.script("/data.csv", give(b"a,b\n")).replace("http:", "https:")
    with pytest.raises(FetchError, match="certificate is not trusted") as caught:
        fetcher.file(url)
    assert not caught.value.transient


def test_requests_keep_their_distance(publisher: Publisher, waits: list[float]) -> None:
    url = publisher.script("/data.csv", give(b"a,b\n"))
    with Fetcher(settings(interval_seconds=30), (HOST,), sleep=waits.append) as fetcher:
        fetcher.file(url)
        assert waits == []
        fetcher.file(url)
    assert len(waits) == 1
    assert 25 < waits[0] <= 30


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/2026/06/April%202026.csv", "April 2026.csv"),
        ("/a/..%2F..%2Fetc%2Fpasswd", "_.._etc_passwd"),
        ("/a/..%5C..%5Cboot.ini", "_.._boot.ini"),
        ("/a/%2e%2e", "unnamed"),
        ("/", "unnamed"),
        ("/a/x%00y%0a.csv?download=1#top", "x_y_.csv"),
        ("/a/C%3Adata.csv", "C_data.csv"),
        ("/" + "n" * 400 + ".xlsx", "n" * 175 + ".xlsx"),
    ],
)
def test_a_name_is_safe_to_write(path: str, name: str) -> None:
    assert file_name(f"https://www.example.org{path}") == name
