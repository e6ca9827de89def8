"""What is said of lines through mergers and splits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from db.catalogue import followers, lineage, lineage_start, load_catalogue
from db.catalogue.places.short_names import short_names
from db.domain import Basis, OrganisationType, Period
from db.domain.reading import Reading
from stp_dash.analysis.area import index_readings, own_reading, summed
from stp_dash.analysis.mergers.history import AreaHistory
from stp_dash.analysis.mergers.words import followed_words, joint_text, lacking_words, start_words
from tests.stp_dash.analysis.test_area import INDICATOR, reading

CATALOGUE = load_catalogue()
MARCH = Period.month(2026, 3)


def history(code: str) -> AreaHistory:
    return AreaHistory(
        lineage(CATALOGUE, code),
        lineage_start(CATALOGUE, code),
        followed=followers(CATALOGUE, code),
        names=short_names(),
    )


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("QNX", "Sussex is part of Surrey and Sussex since 1 April 2026."),
        (
            "QNQ",
            "Frimley was divided among Hampshire and Isle of Wight, Thames Valley, and Surrey and Sussex on "
            "1 April 2026.",
        ),
        ("QM7", "Herts and West Essex was divided between Essex and Central East on 1 April 2026."),
        ("QKS", ""),
    ],
)
def test_what_became_of_a_board(code: str, told: str) -> None:
    assert followed_words(short_names()[code], history(code)) == told


def test_why_figures_begin() -> None:
    assert start_words("Surrey and Sussex", history("S9B9J")) == (
        "Frimley was divided among Hampshire and Isle of Wight, Thames Valley, and Surrey and Sussex on 1 April 2026. "
        "What was there before does not add up to Surrey and Sussex, so its figures begin then."
    )
    assert start_words("Black Country", history("QUA")).startswith(
        "A part of Black Country went to Birmingham and Solihull on 1 July 2022."
    )
    assert start_words("West and North London", history("Z9B2Z")) == ""


def test_a_joint_names_codes_or_counts_them() -> None:
    of_ccgs = [
        replace(reading(f"0{n}A", MARCH, 1, 2), organisation_type=OrganisationType.CCG) for n in range(8)
    ]
    eight = summed(index_readings(of_ccgs), INDICATOR, [item.organisation for item in of_ccgs], MARCH)
    two = summed(index_readings(of_ccgs), INDICATOR, ["00A", "01A"], MARCH)
    assert eight is not None
    assert two is not None
    assert joint_text(eight, reading("91Q", MARCH, 1, 2)) == "8 CCGs → 91Q"
    assert joint_text(two, reading("91Q", MARCH, 1, 2)) == "00A + 01A → 91Q"


def lacking(readings: Iterable[Reading]) -> str:
    index = index_readings(readings)
    assert own_reading(index, INDICATOR, "Z9B2Z", lineage(CATALOGUE, "Z9B2Z"), MARCH) is None
    return lacking_words(index, INDICATOR, history("Z9B2Z"), [MARCH])


def test_why_there_is_no_sum() -> None:
    north, west = reading("QMJ", MARCH, 3, 4), reading("QRV", MARCH, 5, 6)
    assert lacking([north]) == "No sum is made for March 2026: North West London has no figure."
    assert lacking([north, replace(west, basis=Basis.PRACTICE)]) == (
        "No sum is made for March 2026: the figures of its 2 parts count different patients."
    )
    bare = [replace(item, numerator=None, denominator=None) for item in (north, west)]
    assert lacking(bare) == (
        "No sum is made for March 2026: its 2 parts have values without counts, which are neither added nor averaged."
    )
    assert lacking([]) == ""
