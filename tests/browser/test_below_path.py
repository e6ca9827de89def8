"""The site below a path of a shared host, behind a real nginx that sends the path on or strips it."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from db.settings import Settings, load_settings
from tests.support.browser.visits import Visit, served
from tests.support.seed import three_subjects
from tests.support.site.nginx import HOW_TO_GET_IT, nginx_program, running_nginx

pytestmark = pytest.mark.browser
PATH = "/monitor"
Opener = Callable[..., Visit]


def _below(path: str = PATH) -> Settings:
    settings = load_settings()
    return settings.model_copy(update={"site": settings.site.model_copy(update={"path": path})})


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The address of a site below its path, by whether the host sends the path on; all beside it is another's."""
    program = nginx_program()
    if program is None:
        if os.environ.get("CI"):
            pytest.fail(HOW_TO_GET_IT)
        pytest.skip(HOW_TO_GET_IT)
    folder = tmp_path_factory.mktemp("below")
    for own in served(folder / "store.sqlite", three_subjects(), _below()):
        with ExitStack() as running:
            found = {}
            for kind, end in (("sent-on", ""), ("stripped", "/")):
                inside = (
                    f"location {PATH}/ {{ proxy_pass {own}{end}; proxy_set_header Host $http_host; }}"
                    "location / { return 418 'another site'; }"
                )
                (folder / kind).mkdir()
                found[kind] = running.enter_context(running_nginx(program, folder / kind, inside)) + PATH
            yield found


@pytest.fixture(params=["sent-on", "stripped"])
def below(request: pytest.FixtureRequest, hosts: dict[str, str]) -> str:
    return hosts[request.param]


def test_every_address_of_every_page_is_below_the_path(below: str) -> None:
    for page in (
        "/",
        "/variation",
        "/trend",
        "/organisation?find=",
        "/staffing",
        "/data",
        "/methods",
        "/operations",
    ):
        answer = httpx.get(below + page)
        assert answer.status_code == 200, page
        found = re.findall(r'(?:href|src|action|data-address|data-plotly|value)="(/[^"]*)"', answer.text)
        assert len(found) > 15
        assert [text for text in found if not text.startswith(f"{PATH}/")] == [], page
    own = {html.unescape(text) for text in found if "/front/" in text or "_dash" in text}
    assert own
    for address in own:
        assert httpx.get(below.removesuffix(PATH) + address).status_code == 200, address


def test_downloads_forms_redirects_and_cookies_stay_below_the_path(below: str) -> None:
    table = httpx.get(f"{below}/download/trend.csv?sheet=trend").content.decode("utf-8-sig")
    assert f"# Reopen: {PATH}/trend?" in table
    assert f"# Columns: what each means: {PATH}/downloads" in table
    form = httpx.get(f"{below}/sign-in")
    assert f'action="{PATH}/sign-in"' in form.text
    assert f"Path={PATH}" in form.headers["Set-Cookie"]
    out = httpx.post(f"{below}/sign-out", cookies=form.cookies, data={"csrf_token": _token(form.text)})
    assert out.status_code == 303
    assert urlsplit(out.headers["Location"]).path == f"{PATH}/operations"
    assert httpx.get(f"{below}/nowhere").status_code == 404


def _token(text: str) -> str:
    return "".join(re.findall(r'name="csrf_token" value="([^"]*)"', text))


def test_a_browser_is_given_the_same_either_way(hosts: dict[str, str]) -> None:
    """Documents, and what the scripts ask for: so one way is enough to look at in a browser."""
    for page in ("/", "/trend", "/operations"):
        body = {
            "output": "page.children",
            "outputs": {"id": "page", "property": "children"},
            "inputs": [{"id": "request", "property": "data", "value": {"path": page, "width": "desktop"}}],
            "changedPropIds": ["request.data"],
        }
        given = []
        for address in hosts.values():
            answers = [
                httpx.get(address + page),
                httpx.post(f"{address}/_dash-update-component", json=body),
                httpx.get(f"{address}/_dash-layout"),
                httpx.get(f"{address}/_dash-dependencies"),
            ]
            assert [answer.status_code for answer in answers] == [200] * 4, page
            given.append([_timeless(answer.text.replace(address, "")) for answer in answers])
        assert given[0] == given[1], page


def _timeless(text: str) -> str:
    return re.sub(r"\d\d:\d\d:\d\d", "", text)


def test_a_reader_goes_about_the_site_without_a_full_load(visit: Opener, hosts: dict[str, str]) -> None:
    seen, below = visit(), hosts["stripped"]
    page = seen.go(below + "/")
    page.evaluate("window.stayed = true")
    for name, path in (("Trend", "/trend"), ("Operations", "/operations"), ("Overview", "/")):
        page.get_by_role("navigation", name="Main").get_by_role("link", name=name, exact=True).click()
        page.wait_for_function(
            "path => document.querySelector('header [aria-current]').pathname === path", arg=PATH + path
        )
    page.goto(below + "/trend")
    seen.settled()
    page.select_option("#control-organisation", label="East Kent (RVV)")
    seen.title_becomes("East Kent")
    assert urlsplit(page.url).path == f"{PATH}/trend"
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_function("() => document.querySelector('[role=status]').textContent === 'Copied'")
    assert page.evaluate("navigator.clipboard.readText()").startswith(f"{below}/trend?")
    assert f"{below}/trend?" in str(page.text_content("footer .address"))
    assert seen.errors == []
    assert [url for url in seen.requests if url.startswith("http") and not url.startswith(f"{below}/")] == []


def test_a_path_that_is_none_is_refused_in_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for wrong in ("monitor", "/a b", "//host", "/../up", "/a?b"):
        monkeypatch.setenv("STP_SITE__PATH", wrong)
        with pytest.raises(Exception, match="wanted a path of the host such as /monitor"):
            load_settings()
    monkeypatch.setenv("STP_SITE__PATH", "/monitor/")
    assert load_settings().site.path == "/monitor"
