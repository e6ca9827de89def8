"""Sentences that say how much they rest on."""

from __future__ import annotations

import pytest

from stp_dash.analysis.completeness import parts_met, standards_sentence


@pytest.mark.parametrize(
    ("met", "missed", "in_force", "words"),
    [
        (0, 0, 0, ""),
        (1, 2, 3, "Two of three cancer standards are missed"),
        (2, 0, 2, "Both cancer standards are met"),
        (0, 3, 3, "All three cancer standards are missed"),
        (0, 1, 1, "The one cancer standard is missed"),
        (0, 1, 9, "Of nine cancer standards in force one can be judged: it is missed"),
        (2, 0, 3, "Of three cancer standards in force two can be judged: both are met"),
        (1, 2, 9, "Of nine cancer standards in force three can be judged: two are missed, one is met"),
        (0, 0, 8, "None of eight cancer standards in force can be judged"),
        (0, 0, 2, "Neither of two cancer standards in force can be judged"),
        (0, 0, 1, "The one cancer standard in force cannot be judged"),
    ],
)
def test_standards_are_counted_of_those_in_force(met: int, missed: int, in_force: int, words: str) -> None:
    assert standards_sentence("Cancer", met, missed, in_force) == words


@pytest.mark.parametrize(
    ("met", "judged", "words"),
    [
        (1, 1, "The one trust with a figure met 31-day treatment."),
        (0, 4, "None of the four trusts with a figure met 31-day treatment."),
        (2, 4, "Two of the four trusts with a figure met 31-day treatment."),
        (4, 4, "All of the four trusts with a figure met 31-day treatment."),
    ],
)
def test_parts_are_counted_of_those_with_a_figure(met: int, judged: int, words: str) -> None:
    assert parts_met("31-day treatment", met, judged, "trusts") == words
