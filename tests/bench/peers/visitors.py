"""People who walk the pages, for locust: run in the peers' environment, which has none of the project's modules.

A visit begins with a document, from which the browser takes what it has not kept: what is served as immutable is kept
for good. Each further page within the site is a POST. A visitor reads five to ten seconds between two pages.
"""

import json
import os
import random
import re
from typing import Any, ClassVar

from locust import FastHttpUser, between, constant, task

UPDATE = "/_dash-update-component"
LOADED = re.compile(r'<(?:script|link(?! rel="alternate"))\b[^>]* (?:src|href)="(/(?!/)[^"]+)"')
"""What a browser takes by itself: scripts, styles, the icon and what is to be loaded early, but no feed."""
PAGES = json.loads(os.environ["BENCH_PAGES"])
"""Addresses, each as often as it is visited."""
ONE = os.environ.get("BENCH_PAGE", "/")


def body(address: str, origin: str) -> dict[str, Any]:
    path, _, query = address.partition("?")
    data = {"path": path, "search": f"?{query}" if query else "", "width": "desktop", "origin": origin}
    return {
        "output": "page.children",
        "outputs": {"id": "page", "property": "children"},
        "inputs": [{"id": "request", "property": "data", "value": data}],
        "changedPropIds": ["request.data"],
    }


class Browser(FastHttpUser):
    abstract = True
    default_headers: ClassVar[dict[str, str]] = {"Accept-Encoding": "gzip"}

    def page(self, address: str, name: str) -> None:
        asked = body(address, str(self.host))
        with self.client.post(UPDATE, json=asked, name=name, catch_response=True) as answer:
            told = answer.text or ""
            if answer.status_code != 200 or '"title"' not in told or "cannot be read" in told:
                answer.failure(f"{answer.status_code}: {address}")


class Visitor(Browser):
    wait_time = between(5, 10)

    def on_start(self) -> None:
        self.kept: set[str] = set()
        self.document()

    def document(self) -> None:
        with self.client.get(random.choice(PAGES), name="document", catch_response=True) as answer:
            told = answer.text or ""
            if answer.status_code != 200 or "cannot be read" in told:
                answer.failure(str(answer.status_code))
        for address in dict.fromkeys(LOADED.findall(told)):
            if address not in self.kept:
                found = self.client.get(address, name="file")
                if "immutable" in (found.headers or {}).get("Cache-Control", ""):
                    self.kept.add(address)

    @task(9)
    def within_the_site(self) -> None:
        self.page(random.choice(PAGES), "page")

    @task(1)
    def by_a_link_from_elsewhere(self) -> None:
        self.document()


class Hasty(Browser):
    """One who asks for the same page again and again, without a pause."""

    wait_time = constant(0)

    @task
    def again(self) -> None:
        self.page(ONE, "page")
