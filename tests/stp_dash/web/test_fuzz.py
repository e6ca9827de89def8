"""Anybody may ask for anything: thousands of odd addresses and payloads, of which none breaks the site.

A part of them by default; MONITOR_FUZZ=all asks for 5,000 addresses and 200 payloads of each store.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from stp_dash.application import create_app
from stp_dash.frame.address import COMMON
from stp_dash.pages import PAGES
from stp_dash.web.endpoints import DASH_UPDATES
from tests.support.seed import seeded_store, three_subjects

ALL = os.environ.get("MONITOR_FUZZ") == "all"
ADDRESSES, PAYLOADS = (5_000, 200) if ALL else (250, 60)
_OPERATORS = ("run", "show", "before", "view", "edit", "kind", "seen", "plan", "next", "width")
NAMES = sorted({*COMMON, *_OPERATORS, *(name for page in PAGES for name in page.parameters or ())})
VALUES = (
    *(
        "RVV",
        "QKS",
        "rvv",
        "G82001",
        "ENG",
        "cancer-62-day-combined",
        "gp-fully-qualified-fte-rate",
        "practice",
    ),
    *(
        "trust",
        "2025-03",
        "2025-03-31",
        "9999-99",
        "0000-00",
        "latest",
        "1",
        "0",
        "-1",
        "3",
        "999999",
        "1e9",
        "on",
    ),
    *(
        "national",
        "nhs-r",
        "ranked",
        "trend",
        "scorecard",
        "funnel",
        "nan",
        "inf",
        "None",
        "[]",
        "{}",
        "٣",
        "²",
        "\0",
    ),
    *(
        "' OR 1=1--",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "%00",
        "%s%n",
        "${7*7}",
        "💥",
        "\ud7ff",
        "a" * 300,
    ),
    *(
        "\r\nSet-Cookie: a=b",
        "=cmd|' /C calc'!A0",
        "true",
        "all",
        "region",
        "RVV,RWF",
        ",,,",
        "tumour group: Breast",
    ),
)
PATHS = (
    *(page.path for page in PAGES),
    *(f"/download/{page.name}.{kind}" for page in PAGES for kind in ("csv", "xlsx")),
    *(
        "/operations/live",
        "/sign-in",
        "/sign-out",
        "/healthz",
        "/metrics",
        "/robots.txt",
        "/favicon.ico",
        "/health",
    ),
    *(
        "/_dash-layout",
        "/_dash-dependencies",
        "/_reload-hash",
        "/_favicon.ico",
        "/_dash-component-suites/dash/x.js",
    ),
    *(
        "/front/0/site.css",
        "/TREND",
        "/trend/",
        "//trend",
        "/trend;x=1",
        "/%2e%2e/app.py",
        "/.env",
        "/wp-login.php",
    ),
)
METHODS = ("GET",) * 12 + ("HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE")
HEADERS: tuple[dict[str, str], ...] = (
    *({},) * 6,
    {"Accept-Encoding": "br, gzip;q=x"},
    {"Cookie": "stp_session=forged; stp_session"},
    {"X-Forwarded-For": "1.2.3.4, <>", "X-Forwarded-Prefix": "/x", "X-Forwarded-Proto": "gopher"},
    {"If-None-Match": '"' + "x" * 2_000, "Range": "bytes=9-1"},
    {"Sec-CH-UA-Mobile": "?1", "User-Agent": "\xff Mobi", "Accept": "*/*;q=abc"},
    {"Content-Length": "5", "Content-Type": "multipart/form-data"},
)


@pytest.fixture(scope="module", params=["with figures", "empty"])
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    path: Path = tmp_path_factory.mktemp("fuzz") / "store.sqlite"
    store = seeded_store(
        path, three_subjects() if request.param == "with figures" else [], demonstration=True
    )
    yield create_app(store).server.test_client()
    store.close()


def _mangled(chance: random.Random, text: str) -> str:
    """A text with one thing wrong in it, now and then."""
    if not text or chance.random() < 0.7:
        return text
    place = chance.randrange(len(text))
    odd = chr(chance.randrange(1, 0x2FF))
    swapped = text[:place] + text[place].swapcase() + text[place + 1 :]
    inserted = text[:place] + odd + text[place:]
    return chance.choice((text[:place], swapped, inserted, f"{text} ", f"amp;{text}", f"{text}[]"))


def _address(chance: random.Random) -> str:
    pairs = [
        f"{quote(_mangled(chance, chance.choice(NAMES)))}={quote(_mangled(chance, chance.choice(VALUES)))}"
        for _ in range(chance.choice((0, 1, 1, 2, 2, 3, 4, 30)))
    ]
    path = quote(_mangled(chance, chance.choice(PATHS)), safe="/%;")
    return path + ("?" + chance.choice(("&", "&", "&", "&amp;", ";")).join(pairs) if pairs else "")


def test_no_address_breaks_the_site(client: FlaskClient) -> None:
    chance = random.Random(20261129)
    broken: Counter[str] = Counter()
    for _ in range(ADDRESSES):
        address, method = _address(chance), chance.choice(METHODS)
        answer = client.open(address, method=method, headers=chance.choice(HEADERS))
        text = answer.get_data().decode("utf-8", "replace")
        # Without a scheduler the service says of itself that it is not well.
        well = answer.status_code < 500 or answer.request.path == "/healthz"
        if not well or "Traceback" in text or "could not be made" in text:
            broken[f"{answer.status_code} {method} {address[:200]}"] += 1
    assert broken == {}


def _value(chance: random.Random, depth: int = 0) -> Any:
    kinds: list[Any] = [
        None,
        True,
        -1,
        1e300,
        "",
        "page.children",
        "request",
        "data",
        chance.choice(VALUES),
        "..a.b..",
        "{}",
    ]
    if depth < 4:
        kinds += [[_value(chance, depth + 1) for _ in range(chance.randrange(4))] for _ in range(2)]
        kinds += [
            {str(chance.choice(NAMES)): _value(chance, depth + 1)},
            {"id": _value(chance, depth + 1), "property": "data"},
        ]
    return chance.choice(kinds)


def _payload(chance: random.Random) -> bytes:
    asked: dict[str, Any] = {
        "path": chance.choice(PATHS),
        "search": "?" + chance.choice(VALUES),
        "width": "phone",
    }
    body: dict[str, Any] = {
        "output": "page.children",
        "outputs": {"id": "page", "property": "children"},
        "inputs": [{"id": "request", "property": "data", "value": asked}],
        "changedPropIds": ["request.data"],
    }
    for _ in range(chance.randrange(3)):
        target = chance.choice((body, body, body["inputs"][0] if isinstance(body.get("inputs"), list) and body["inputs"]
                                and isinstance(body["inputs"][0], dict) else body, asked))  # fmt: skip
        target[chance.choice((*target, "state", "parsedChangedPropsIds", "cancelJob"))] = _value(chance)
    written = json.dumps(body).encode()
    damaged = (
        written,
        written,
        written,
        written[: chance.randrange(len(written))],
        b"\xff" + written,
        written * 2,
    )
    return chance.choice((*damaged, b"[" * 30_000, b"1" * 2_000_000))


def test_no_payload_breaks_the_site(client: FlaskClient) -> None:
    chance = random.Random(200)
    for _ in range(PAYLOADS):
        content = _payload(chance)
        kind = chance.choice(
            ("application/json",) * 5 + ("text/plain", "application/json; charset=utf-16", "x")
        )
        answer = client.post(DASH_UPDATES, data=content, content_type=kind)
        text = answer.get_data(as_text=True)
        assert answer.status_code < 500, content[:500]
        assert "Traceback" not in text and "could not be made" not in text, content[:500]
        assert answer.status_code == 200 or re.fullmatch(r"[A-Z][^\n]*\.\n", text), content[:500]
