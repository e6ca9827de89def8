"""Secrets in what is said: hidden wherever they stand, while addresses stay of use."""

from __future__ import annotations

import logging

import pytest

from db.redaction import hide_in_logs, keep_address_secret, keep_secret, without_secrets


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("https://user:pass@host/page: 404", "https://host/page: 404"),
        ("https://tok3n@host:81/page", "https://host:81/page"),
        ("https://user:p@ss/word@host/page", "https://host/page"),
        ("see https://host/page?id=12&token=abc#top", "see https://host/page?id=12&token=***#top"),
        ("https://host/f?X-Amz-Signature=abc&sv=1", "https://host/f?X-Amz-Signature=***&sv=***"),
        ("https://host:8080/mail?to=a@b.org", "https://host:8080/mail?to=a@b.org"),
        ("nothing to hide: RVV, 62-day", "nothing to hide: RVV, 62-day"),
    ],
)
def test_addresses_lose_what_others_must_not_read(said: str, shown: str) -> None:
    assert without_secrets(said) == shown


def test_a_known_secret_is_hidden_in_every_spelling() -> None:
    keep_secret("Gr/een@Do0r")
    for spelt in ("Gr/een@Do0r", "Gr%2Feen%40Do0r", "Gr/een%40Do0r"):
        assert without_secrets(f"no connection with {spelt}!") == "no connection with ***!"


def test_an_addresss_token_is_hidden_away_from_its_address_too() -> None:
    keep_address_secret("https://reader:Blue7Window@host/page?key=Yel10wChair&page=results")
    said = "wanted results, found Blue7Window and Yel10wChair"
    assert without_secrets(said) == "wanted results, found *** and ***"


def test_plain_words_stay() -> None:
    keep_secret("postgres")
    assert without_secrets("no postgresql server") == "no postgresql server"


def test_logs_hide_secrets_in_their_lines_and_tracebacks(caplog: pytest.LogCaptureFixture) -> None:
    keep_secret("Red5Kettle")
    hide_in_logs()
    log = logging.getLogger("some.library")
    try:
        raise ValueError("Red5Kettle")
    except ValueError:
        log.exception("failed at %s", "https://a:b@host/?token=Red5Kettle")
    (record,) = caplog.records
    assert record.getMessage() == "failed at https://host/?token=***"
    assert "Red5Kettle" not in caplog.text
    assert "ValueError" in caplog.text
