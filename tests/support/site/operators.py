"""Operators of a test's store, and one who is signed in and sends the forms of the operations page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import insert
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from db.figures.replica import Replica
from db.settings import Settings
from db.store import Store, audit
from db.store.schema import operator
from stp_dash.application import create_app

PHRASE = "a long enough pass phrase"
NAME = "operator.one"
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def seed_operator(store: Store, name: str = NAME) -> None:
    """Somebody who may sign in, as `add_operator` makes them; the hash itself says that it costs next to nothing."""
    row = {"name": name, "created_at": datetime.now(UTC), "password_hash": _CHEAP.hash(PHRASE)}
    with store.writing() as connection:
        connection.execute(insert(operator).values(row))
        audit.record(connection, "tester", "operator made", name)


class Operator:
    """Somebody who is signed in and sends the page's forms."""

    def __init__(self, store: Store, settings: Settings, replica: Replica | None = None) -> None:
        self.browser = create_app(store, settings, replica).server.test_client()
        self.browser.post("/sign-in", data={"csrf_token": self.token(), "name": NAME, "password": PHRASE})

    def token(self) -> str:
        return token_of(self.browser)

    def does(self, action: str, **form: str | list[str]) -> Any:
        return self.browser.post(f"/operations/{action}", data={"csrf_token": self.token(), **form})

    def told(self) -> str:
        """What the page says came of the last action, once."""
        with self.browser.session_transaction() as session:
            said = session.pop("_flashes", [])
        return " ".join(words for _, words in said)

    def gives(self, name: str, content: bytes, **said: str) -> Any:
        return self.gives_all({name: content}, **said)

    def gives_all(self, files: Mapping[str, bytes], **said: str) -> Any:
        """Sends the form of files of one's own, each by its name."""
        sent = {"csrf_token": self.token(), **said}
        given = [FileStorage(BytesIO(content), filename=name, name="file") for name, content in files.items()]
        boundary, body = encode_multipart(MultiDict([*sent.items(), *(("file", item) for item in given)]))
        kind = f"multipart/form-data; boundary={boundary}"
        return self.browser.post("/operations/upload", data=body, content_type=kind)


def token_of(browser: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/sign-in").get_data(as_text=True))
    assert found is not None
    return found.group(1)
