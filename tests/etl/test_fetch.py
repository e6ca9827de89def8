"""The fetcher against a real HTTP server on loopback, fault by fault."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from db.settings import FetchSettings
from etl.fetch import MOST_REDIRECTS, USER_AGENT, Fetcher, FetchError, Validators, file_name

HOST = "127.0.0.1"
WORKBOOK = b"PK\x03\x04" + b"x" * 2000
PAGE = "text/html; charset=utf-8"
FILE = "application/octet-stream"

Answer = Callable[["Handler"], None]


class Publisher(ThreadingHTTPServer):
    """A publisher that gives scripted answers, path by path, the last one again and again."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((HOST, 0), Handler)
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    def url(self, path: str) -> str:
        return f"http://{HOST}:{self.server_address[1]}{path}"

    def script(self, path: str, *answers: Answer) -> str:
        self.answers[path] = list(answers)
        return self.url(path)

    @property
    def requests(self) -> int:
        return len(self.asked)


class Handler(BaseHTTPRequestHandler):
    server: Publisher

    def do_GET(self) -> None:
        self.server.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        answers = self.server.answers[self.path]
        (answers.pop(0) if len(answers) > 1 else answers[0])(self)

    def log_message(self, *_: object) -> None:
        pass


def give(content: bytes, kind: str = FILE, status: int = 200, **headers: str) -> Answer:
    def answer(handler: Handler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def refuse(status: int, **headers: str) -> Answer:
    return give(b"no", "text/plain", status, **headers)


def send_on(location: str, status: int = 302) -> Answer:
    return give(b"", FILE, status, Location=location)


def hang_up(handler: Handler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def cut_short(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(WORKBOOK)


def endless(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"x" * 100_000)
    except OSError:
        return


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


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
    found = fetcher.file(url, validators=Validators('"abc"', "Thu, 11 Jun 2026 08:30:00 GMT"))
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


@pytest.mark.parametrize(("status", "words"), [(403, "Forbidden"), (404, "Not Found"), (410, "Gone")])
def test_a_lasting_refusal_is_not(publisher: Publisher, fetcher: Fetcher, status: int, words: str) -> None:
    url = publisher.script("/data.csv", refuse(status), give(b"a,b\n"))
    with pytest.raises(FetchError) as caught:
        fetcher.file(url)
    assert str(caught.value) == f"{url}: wanted a data file, found the answer {status} ({words})"
    assert not caught.value.transient
    assert publisher.requests == 1


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


def test_a_body_cut_short_is_never_taken_for_whole(publisher: Publisher, fetcher: Fetcher) -> None:
    url = publisher.script("/data.xlsx", cut_short)
    with pytest.raises(FetchError, match="cut short") as caught:
        fetcher.file(url)
    assert caught.value.transient
    assert publisher.requests == 3
    publisher.script("/data.xlsx", cut_short, give(WORKBOOK))
    assert fetcher.file(url).content == WORKBOOK


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
