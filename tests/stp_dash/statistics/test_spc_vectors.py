"""The shared test vectors of control charts, in both profiles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stp_dash.statistics import spc
from stp_dash.statistics.results import AnalysedSeries

VECTORS = Path(__file__).resolve().parents[3] / "../shared/vectors/spc.json"
SET = json.loads(VECTORS.read_text(encoding="utf-8")) if VECTORS.is_file() else {"vectors": []}
IDS = [vector["id"] for vector in SET["vectors"]]
RESULTS = {"national": "national_tool_profile", "nhs-r": "nhsr_plotthedots_0_2_2"}

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not IDS, reason="the test vectors (../shared/vectors) are not beside this checkout"),
]


# `analyse` has no screening switch, so a package result with screening off does not apply.
CASES = [
    (vector, profile)
    for vector in SET["vectors"]
    for profile in RESULTS
    if profile == "national" or vector["options"]["screen_outliers"]
]


@pytest.fixture(params=CASES or [({}, "")], ids=[f"{v['id']}-{p}" for v, p in CASES] or ["absent"])
def case(request: pytest.FixtureRequest) -> tuple[dict[str, Any], str]:
    chosen: tuple[dict[str, Any], str] = request.param
    return chosen


@pytest.fixture
def vector(case: tuple[dict[str, Any], str]) -> dict[str, Any]:
    return case[0]


@pytest.fixture
def profile(case: tuple[dict[str, Any], str]) -> str:
    return case[1]


@pytest.fixture
def analysed(vector: dict[str, Any], profile: str) -> AnalysedSeries:
    options = vector["options"]
    return spc.analyse(
        vector["series"],
        improvement_direction=options["improvement"],
        target=options["target"],
        rebase_at=options["rebase_at"],
        baseline_points=options["fix_after"],
        profile=profile,
    )


def test_limits(vector: dict[str, Any], profile: str, analysed: AnalysedSeries) -> None:
    segments = vector[RESULTS[profile]]["segments"]
    assert len(analysed.phases) == len(segments)
    frame = analysed.points
    for segment in segments:
        rows = frame.iloc[segment["from"] : segment["to"]]
        for column, name in (
            ("mean", "mean"),
            ("lower_process_limit", "lpl"),
            ("upper_process_limit", "upl"),
        ):
            expected = float(segment[name])
            np.testing.assert_allclose(rows[column], expected, rtol=1e-6, atol=1e-8, equal_nan=True)


def test_rules(vector: dict[str, Any], profile: str, analysed: AnalysedSeries) -> None:
    got = {str(place + 1): rules for place, rules in enumerate(analysed.rules) if rules}
    if profile == "national":
        broken = vector["national_tool_profile"]["rules_broken"]
        expected = {place: {rule.split(":")[0] for rule in rules} for place, rules in broken.items()}
        assert {place: set(rules) for place, rules in got.items()} == expected
    else:
        special = vector["nhsr_plotthedots_0_2_2"]["special_cause"]
        assert {place: rules[0] for place, rules in got.items()} == {
            p: rule_of(t) for p, t in special.items()
        }


def rule_of(text: str) -> str:
    if text in {"Below LCL", "Above UCL"}:
        return "astronomical"
    if "Trend" in text:
        return "trend"
    return "shift" if "7 Points" in text else "two_in_three"


def test_directions(vector: dict[str, Any], profile: str, analysed: AnalysedSeries) -> None:
    if profile != "national":
        return
    for place, rules in vector["national_tool_profile"]["rules_broken"].items():
        found = {f"{s.rule}:{s.direction}" for s in analysed.signals_at(int(place) - 1)}
        assert found == set(rules)


def test_colours_and_icons(vector: dict[str, Any], profile: str, analysed: AnalysedSeries) -> None:
    expected = vector[RESULTS[profile]]
    if profile == "nhs-r":
        types = {str(i + 1): t for i, t in enumerate(analysed.point_types) if t != "common_cause"}
        assert types == {place: type_of(text) for place, text in expected["point_type"].items()}
        assert analysed.variation == expected["variation_icon"]
    icon = (expected["assurance_icon"] or "").split(" (")[0] or None
    assert analysed.assurance == icon


def type_of(text: str) -> str:
    kind = text.removeprefix("special_cause_")
    return "neither" if kind.startswith("neutral") else kind


@pytest.mark.parametrize("unit", SET.get("unit_vectors", []), ids=lambda unit: unit["id"])
def test_unit_vectors(unit: dict[str, Any]) -> None:
    name, given, expected = unit["id"], unit["input"], unit["expected"]
    if name.startswith("unit_trend"):
        padded = [float(v) for v in given["series"]]
        rules = spc.analyse(padded, improvement_direction="neutral").rules
        ends = expected["trend_of_7_completed_at"]
        assert [place + 1 for place, r in enumerate(rules) if "trend" in r] == [
            place for end in ends for place in range(end - 6, end + 1)
        ]
    elif name == "unit_assurance_decrease":
        assert [assurance_of([limits], given) for limits in given["limits"]] == expected
    elif name == "unit_assurance_uses_last_phase":
        assert assurance_of(given["phases"], given) == expected
    elif name == "unit_short_group_warning":
        for values, trial in zip(given["points"], expected["code_default_0_2_2"], strict=True):
            series = spc.analyse([1.0, 2.0] * 6 + [1.0] * (values - 12), improvement_direction="increase")
            assert spc.analyse(series.values[:values], improvement_direction="increase").trial_limits is trial


def assurance_of(phases: list[list[float]], given: dict[str, Any]) -> str | None:
    """Series of twenty points whose phases have exactly the limits given."""
    values = [v for lower, upper in phases for v in alternating(lower, upper)]
    starts = [20 * place for place in range(1, len(phases))]
    return spc.analyse(
        values, improvement_direction=given["improvement"], target=given["target"], rebase_at=starts
    ).assurance


def alternating(lower: float, upper: float) -> list[float]:
    mean, step = (lower + upper) / 2, (upper - lower) / 2 / 2.66
    return [mean - step / 2, mean + step / 2] * 10
