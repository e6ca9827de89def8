"""Real files with one slip each: refused, held, told, or without consequence, but never silently other figures.

The default is a seeded sample of small files. `MUTATIONS=2000` takes all 25 files and so many slips.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pandas as pd
import pytest

from db.domain import Finding, Severity
from db.settings import load_settings
from db.store import Store, open_store
from etl.pipeline.load_or_hold import findings_on
from etl.pipeline.recognise import parsed_file, source_of
from etl.pipeline.run import load_files
from etl.pipeline.validate import is_acceptable, refusal
from etl.source import Hints, RawFile, SourceError
from tests.support.publications.mutations import KINDS, Mutation, mutated, sheets_of, written

pytestmark = pytest.mark.real_data

SEED = 20_261_129
SAMPLE = 60
ALL = int(os.environ.get("MUTATIONS", "0"))
MONTHLY = "cancer/monthly-provider-csv-2015-06-to-2017-07"
SMALL = {
    f"{MONTHLY}/201610-11.-62-Day-Wait-for-first-treatment-All-Cancers-Provider-Data.csv": "201609-11",
    f"{MONTHLY}/201507-5.-31-Day-Wait-for-first-treatment-All-Cancers-Provider-Data.csv": "201506-5",
    "stroke/scoring_summary/JulSep2024.csv": "AprJun2024",
    "stroke/scoring_summary/OctDec2014.csv": "JulSep2014",
    "cancer/nhs_commissioner_wait_times_jul_2023.xlsx": "",
    "workforce": "",
}
MORE = {
    f"{MONTHLY}/201601-5.-31-Day-Wait-for-first-treatment-All-Cancers-Provider-Data.csv": "201512-5",
    f"{MONTHLY}/201605-9.-31-Day-Wait-for-subsequent-treatment-Radiotherapy-Provider-Data.csv": "201604-9",
    f"{MONTHLY}/201609-11.-62-Day-Wait-for-first-treatment-All-Cancers-Provider-Data.csv": "201608-11",
    f"{MONTHLY}/201706-11.-62-Day-Wait-for-first-treatment-All-Cancers-Provider-Data.csv": "201705-11",
    f"{MONTHLY}/201508-9.-31-Day-Wait-for-subsequent-treatment-Radiotherapy-Provider-Data.csv": "201507-9",
    f"{MONTHLY}/201703-5.-31-Day-Wait-for-first-treatment-All-Cancers-Provider-Data.csv": "201701-5",
    "stroke/scoring_summary/JanMar2014.csv": "OctDec2013",
    "stroke/scoring_summary/JulSep2015.csv": "AprJun2015",
    "stroke/scoring_summary/JulSep2018.csv": "AprJun2018",
    "stroke/scoring_summary/OctDec2019.csv": "JulSep2019",
    "stroke/scoring_summary/OctDec2021.csv": "JulSep2021",
    "stroke/scoring_summary/AprJun2023.csv": "JanMar2023",
    "cancer/nhs_commissioner_wait_times_jul_2021.xlsx": "",
    "cancer/Cancer-Waiting-Times-National-Time-Series-Oct-2009-Sep-2023-with-Revisions.xlsx": "",
    "cancer/CWT-CRS-National-Time-Series-Oct-2009-Apr-2026-with-Revisions.xlsx": "",
    "cancer/JUNE-2024-CWT-CRS-COMMISSIONER-WORKBOOK-FINAL.xlsx": "MARCH-2024-CWT-CRS-COMMISSIONER",
    "cancer/DECEMBER-2023-CWT-CRS-COMMISSIONER-WORKBOOK-FINAL.xlsx": "OCTOBER-2023-CWT-CRS-COMMISSIONER",
    "cancer/CWT-CRS-Apr-23-to-Oct-23-Data-Extract-ICB-Sub-Location.xlsx": "",
    "cancer/MARCH-2024-CWT-CRS-COMMISSIONER-WORKBOOK-FINAL.xlsx": "DECEMBER-2023-CWT-CRS-COMMISSIONER",
}
SAID_ONCE = {
    "workforce": re.compile(r"row removed|code changed .* to '[A-Z]\d{5}'"),
}
"""What nothing else in a file says: of practices, which there are, and the code of one where it looks like a code."""
RESULTS = ("refused", "held", "warned", "same figures", "silent")
HEAVY = ("CRS-COMMISSIONER", "Sub-Location")
HEAVY_SHARE = 25
"""Slips of a file that takes seconds to read."""


@dataclass(frozen=True)
class Outcome:
    """What became of a slip: refused, held, warned, same figures, or silent."""

    file: str
    mutation: Mutation
    result: str


@pytest.fixture(scope="module")
def near(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Iterator[Store]:
    """A store that holds the neighbouring month of each file."""
    folder = tmp_path_factory.mktemp("near")
    store = open_store(f"sqlite:///{folder / 'store.sqlite'}")
    settings = load_settings()
    own = settings.model_copy(
        update={"store": settings.store.model_copy(update={"raw_folder": folder / "raw"})}
    )
    neighbours = [
        path
        for name, start in _chosen().items()
        if start
        for path in (shared_data / name).parent.glob(f"{start}*")
    ]
    assert not load_files(store, neighbours, own, requested_by="a test").failed
    yield store
    store.close()


def _chosen() -> dict[str, str]:
    return {**SMALL, **MORE} if ALL else SMALL


def _read(shared_data: Path, name: str) -> RawFile:
    if name == "workforce":
        (cut,) = (shared_data / "workforce/detailed_cut").glob("*.csv")
        head, *rest = cut.read_text(encoding="utf-8").splitlines()
        lines = [f"{head},SUB_ICB_CODE,ICB_CODE,REGION_CODE", *(f"{line},91Q,QKS,Y59" for line in rest)]
        return RawFile(
            "1 General Practice – December 2025 Practice Level - Detailed.csv", "\n".join(lines).encode()
        )
    path = shared_data / name
    return RawFile(path.name, path.read_bytes())


FIGURES = ["indicator", "organisation", "basis", "period", "breakdown", "numerator", "denominator", "value"]


def _figures(frame: pd.DataFrame) -> pd.DataFrame:
    kept = frame[FIGURES].astype(dict.fromkeys(FIGURES[:3] + FIGURES[4:5], str))
    # A percentage that is not printed follows from its counts.
    kept["value"] = kept["value"].where(kept["denominator"].isna())
    return kept.sort_values(FIGURES[:5]).reset_index(drop=True)


def _judged(store: Store, raw: RawFile) -> tuple[pd.DataFrame, list[Finding]]:
    source = source_of(raw)
    parsed = parsed_file(source, raw, Hints())
    return _figures(parsed.frame), findings_on(store, source, parsed, load_settings().own_area.codes)


def _said(findings: list[Finding]) -> Counter[tuple[str, str]]:
    return Counter((item.check, item.message) for item in findings if item.severity is Severity.WARNING)


def outcomes(store: Store, name: str, raw: RawFile, count: int, chance: Random) -> Iterator[Outcome]:
    sheets = sheets_of(raw)
    plain = written(raw.name, sheets, as_workbook=bool(sheets[0][0]))
    figures, findings = _judged(store, plain)
    assert not refusal(findings), (name, refusal(findings))
    while count:
        slip = mutated(raw, sheets, chance)
        if slip is None:
            continue
        count -= 1
        try:
            now, said = _judged(store, slip.raw)
        except SourceError:
            yield Outcome(name, slip, "refused")
            continue
        if refusal(said):
            yield Outcome(name, slip, "held" if is_acceptable(said) else "refused")
        elif figures.equals(now):
            yield Outcome(name, slip, "same figures")
        else:
            yield Outcome(name, slip, "warned" if _said(said) - _said(findings) else "silent")


def denied(outcome: Outcome) -> bool:
    """Whether the file itself denies a silent change: some other cell says otherwise."""
    done = f"{outcome.mutation.kind} {outcome.mutation.where}"
    return not any(outcome.file.startswith(start) and said.match(done) for start, said in SAID_ONCE.items())


def _table(found: Sequence[Outcome]) -> str:
    """Kinds of slips down, what became of them across."""
    counts = Counter((item.mutation.kind, item.result) for item in found)
    head = f"{'':18}" + "".join(f"{result:>14}" for result in RESULTS)
    lines = [f"{kind:18}" + "".join(f"{counts[kind, result]:14}" for result in RESULTS) for kind in KINDS]
    return "\n".join([head, *lines])


def _shares(files: Sequence[str]) -> dict[str, int]:
    """How many slips of each file, those that take long to read last."""
    heavy = [name for name in files if any(word in name for word in HEAVY)]
    light = [name for name in files if name not in heavy]
    share, more = divmod((ALL or SAMPLE) - HEAVY_SHARE * len(heavy), len(light))
    return {name: share + (place < more) for place, name in enumerate(light)} | dict.fromkeys(
        heavy, HEAVY_SHARE
    )


def test_no_slip_changes_figures_silently_that_the_file_itself_denies(near: Store, shared_data: Path) -> None:
    """What is found is printed as it is found: a run that is stopped tells as well."""
    found: list[Outcome] = []
    for name, count in _shares(list(_chosen())).items():
        for item in outcomes(near, name, _read(shared_data, name), count, Random(f"{SEED} {name}")):
            found.append(item)
            if item.result == "silent":
                print("silent:", name[-40:], item.mutation.kind, item.mutation.where[:200], flush=True)
        print(f"{len(found)} slips, the last {count} of {name}:\n{_table(found)}", flush=True)
    silent = [item for item in found if item.result == "silent"]
    assert len(found) == (ALL or SAMPLE)
    assert not [item.mutation.where for item in silent if denied(item)]
