"""What a run says that it does."""

from __future__ import annotations

import pytest

from db.domain.run import RunActivity, RunStep, shown_address


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://www.example.org/a/b.zip", "https://www.example.org/a/b.zip"),
        ("https://name:secret@www.example.org:8443/a", "https://www.example.org:8443/a"),
        ("https://name:s@cret@www.example.org/a", "https://www.example.org/a"),
        ("https://www.example.org/a?token=secret&x=1#secret", "https://www.example.org/a?..."),
    ],
)
def test_an_address_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    assert shown_address(url) == shown


def test_a_run_says_its_file_bytes_attempt_and_address() -> None:
    doing = RunActivity(
        RunStep.FETCHING, "a.zip", 2, 5, "https://www.example.org/a.zip", 1, 4, 1_234_000, 4_000_000
    )
    assert (
        doing.words
        == "fetching, file 2 of 5: a.zip, 1.2 of 4.0 MB, attempt 1 of 4, https://www.example.org/a.zip"
    )


def test_before_the_first_byte_there_is_no_answer_yet() -> None:
    page = RunActivity(RunStep.PAGES, address="https://www.example.org/", attempt=3, attempts=4)
    assert page.words == (
        "reading the publisher's pages, no answer yet, attempt 3 of 4, https://www.example.org/"
    )
    assert RunActivity(RunStep.LOADING, "a.zip", 2, 5).words == "checking and loading, file 2 of 5: a.zip"
