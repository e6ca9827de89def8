"""The lists of challenges: what was said with its source, and which indicators follow it."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.catalogue import load_catalogue
from db.catalogue.challenges import CHALLENGES_FILE, ClaimAnswer, challenges_of, read_challenges
from db.catalogue.errors import CatalogueError

FOLDER = Path(__file__).resolve().parents[3] / "db" / "catalogue"


def test_kents_nine_challenges_follow_indicators_that_there_are() -> None:
    (kent,) = read_challenges(FOLDER, load_catalogue().indicators)
    assert kent == challenges_of("QKS")
    assert [item.number for item in kent.challenges] == list(range(1, 10))
    answers = [item.answer for item in kent.challenges]
    assert [
        answers.count(item) for item in (ClaimAnswer.REPRODUCED, ClaimAnswer.FOLLOWED, ClaimAnswer.NEITHER)
    ] == [1, 7, 1]
    unfollowed = [
        item for item in kent.challenges if not item.indicators and item.answer is not ClaimAnswer.NEITHER
    ]
    assert all(item.next_figure for item in unfollowed), "what is not followed names the nearest open figure"
    assert challenges_of("QNX") is None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("number = 2", "number = 3", "QKS: wanted numbers 1 to 9 in order"),
        ('id = "stroke"', 'id = "cancer"', "cancer: wanted each id once"),
        ('"rtt-within-18-weeks"', '"rtt"', "planned-care: wanted indicators of the catalogue, found rtt"),
        ('answer = "reproduced"', 'answer = "neither"', "cancer: wanted no indicators beside 'neither'"),
        ('answer = "reproduced"', 'answer = "yes"', r"lists\.0\.challenges\.6\.answer"),
        ('source_url = "https', 'source_url = "ftp', r"lists\.0\.challenges\.0\.sayings\.0\.source_url"),
        ("[[lists]]", "[[lists", "cannot be read as TOML"),
    ],
)
def test_a_wrong_list_is_refused_by_its_challenge(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = (FOLDER / CHALLENGES_FILE).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / CHALLENGES_FILE).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError, match=words):
        read_challenges(tmp_path, load_catalogue().indicators)
