"""Published rows from invented patients: which cells each row adds up, and the combined CSV that they fill."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from db.domain import Organisation, OrganisationType, Period
from etl.demo.cancer_waiting_times.patients import (
    BREAST_SYMPTOMS,
    DAY_31,
    FDS,
    STANDARDS,
    Counts,
    MonthOfPatients,
    Numbers,
    Population,
    StandardCells,
)
from etl.reading.demonstration_mark import NAME_SUFFIX

CSV_COLUMNS = (
    "Period",
    "Basis",
    "Org_Code",
    "Parent_Org",
    "Org_Name",
    "Standard_or_Item",
    "Cancer_Type",
    "Referral_Route_or_Stage",
    "Treatment_Modality",
    "Total",
    "Within",
    "After",
    "Performance",
    "Within_14_days",
    "In_15_to_28_days",
    "In_29_to_42_days",
    "In_43_to_62_days",
    "After_62_days",
    "Within_31_days",
    "In_32_to_38_days",
    "In_39_to_48_days",
    "In_49_to_62_days",
    "In_63_to_76_days",
    "In_77_to_90_days",
    "In_91_to_104_days",
    "After_104_days",
    "In_15_to_16_days",
    "In_17_to_21_days",
    "In_22_to_28_days",
    "After_28_days",
)
TOTAL = "Total"
ALL_CANCERS, ALL_MODALITIES = "ALL CANCERS", "ALL MODALITIES"
_CSV_PATHWAYS = {"Subsequent Treatment": "Subsequent"}
_FIRST_BAND = CSV_COLUMNS.index("Within_14_days")
_REFERRAL_BANDS = (
    "Within_14_days",
    "In_15_to_16_days",
    "In_17_to_21_days",
    "In_22_to_28_days",
    "After_28_days",
)
_REFERRAL_SHARES = (0.78, 0.05, 0.08, 0.05, 0.04)
_REFERRALS = (
    ("Urgent Suspected Cancer referral", "URGENT SUSPECTED CANCER", ALL_CANCERS),
    ("Urgent Breast Symptomatic referral", "BREAST SYMPTOMATIC, CANCER NOT SUSPECTED", BREAST_SYMPTOMS),
)


@dataclass(frozen=True)
class RowKind:
    """A row that each organisation has: its labels and the cells that it adds up."""

    pathway: str
    cancer: str
    modality: str
    cells: tuple[bool, ...]


def all_pathways(standard: StandardCells) -> str:
    """How a standard names the sum over its routes or stages."""
    return "ALL STAGES" if standard.code == DAY_31 else "ALL ROUTES"


@cache
def row_kinds(number: int, *, two_way: bool) -> tuple[RowKind, ...]:
    """The rows of a standard: the whole, each pathway, each cancer type and each modality.

    With `two_way`, also each cancer type and each modality of each pathway.
    """
    standard = STANDARDS[number]
    everything = all_pathways(standard)
    whole = "" if standard.code == FDS else ALL_MODALITIES
    pathways = list(dict.fromkeys(pathway for pathway, _, _ in standard.cells))
    kinds = [_kind(standard, pathway, ALL_CANCERS, whole) for pathway in (everything, *pathways)]
    for pathway in (everything, *(pathways if two_way else ())):
        own = [cell for cell in standard.cells if pathway in {everything, cell[0]}]
        cancers = sorted({cancer for _, cancer, _ in own})
        kinds += [_kind(standard, pathway, cancer, whole) for cancer in cancers]
        if whole:
            modalities = sorted({modality for _, _, modality in own})
            kinds += [_kind(standard, pathway, ALL_CANCERS, modality) for modality in modalities]
    return tuple(kinds)


def _kind(standard: StandardCells, pathway: str, cancer: str, modality: str) -> RowKind:
    cells = tuple(
        pathway in {all_pathways(standard), cell[0]}
        and cancer in {ALL_CANCERS, cell[1]}
        and modality in {"", ALL_MODALITIES, cell[2]}
        for cell in standard.cells
    )
    return RowKind(pathway, cancer, modality, cells)


def row_counts(kinds: Sequence[RowKind], cells: Numbers) -> Numbers:
    """[organisation, cell, band] added up to [organisation, row, band]."""
    belongs = np.array([kind.cells for kind in kinds], dtype=float)
    sums: Numbers = np.einsum("rc,ocb->orb", belongs, cells, optimize=True)
    return sums


@dataclass(frozen=True)
class CsvFile:
    """What a combined CSV holds. A file of one month has no period column: its name says the month."""

    months: tuple[tuple[Period, bool], ...]
    single_month: bool
    two_way_from: Period


def combined_csv(population: Population, file: CsvFile) -> bytes:
    """A combined CSV: for each (month, provisional) pair every provider and commissioner, and England in each basis."""
    lines = [",".join(CSV_COLUMNS[1:] if file.single_month else CSV_COLUMNS)]
    for period, provisional in file.months:
        month = population.month(period, provisional=provisional)
        start = "" if file.single_month else f"{period_text(period)},"
        two_way = period >= file.two_way_from
        for basis, codes, cells in (
            ("Provider", month.providers, month.by_provider),
            ("Commissioner", month.commissioners, month.by_commissioner),
        ):
            starts = [f"{start}{basis},{_who(population, month, code)}," for code in (*codes, TOTAL)]
            lines += _month_lines(starts, cells, two_way=two_way)
    return ("\r\n".join(lines) + "\r\n").encode()


def period_text(period: Period) -> str:
    """The first day of a month, day first from the files of 2025/26 on."""
    return (
        f"{period.start:%d/%m/%Y}"
        if period.start.year * 12 + period.start.month > 2025 * 12 + 3
        else f"{period.start}"
    )


def _who(population: Population, month: MonthOfPatients, code: str) -> str:
    name, region = published_name(population, code), ""
    item = population.organisations.get(code)
    if item is not None:
        above = population.parent(item, OrganisationType.REGION, month.period.start)
        region = population.organisations[above].name if above else ""
    return _csv_line([code, region, name + NAME_SUFFIX])


def published_name(population: Population, code: str) -> str:
    """An organisation's name in capitals, as the publisher writes it."""
    item: Organisation | None = population.organisations.get(code)
    return "ENGLAND" if code == TOTAL else item.name.upper() if item and item.name else code


def _csv_line(fields: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields)
    return text.getvalue()


def _month_lines(
    starts: Sequence[str], by_standard: Mapping[str, Numbers], *, two_way: bool
) -> Iterator[str]:
    for number, standard in enumerate(STANDARDS):
        kinds = row_kinds(number, two_way=two_way)
        counts = row_counts(kinds, with_england(by_standard[standard.code]))
        labels = [
            _csv_line(
                [standard.code, kind.cancer, _CSV_PATHWAYS.get(kind.pathway, kind.pathway), kind.modality]
            )
            + ","
            for kind in kinds
        ]
        yield from _standard_lines(standard, starts, labels, counts)
    yield from _referral_lines(starts, with_england(by_standard[FDS]))


def with_england(cells: Numbers) -> Numbers:
    """The counts with their sum over all organisations as a last one."""
    return np.concatenate([cells, cells.sum(axis=0, keepdims=True)])


def _standard_lines(
    standard: StandardCells, starts: Sequence[str], labels: Sequence[str], counts: Numbers
) -> Iterator[str]:
    template = _band_template(standard.bands)
    halves = np.rint(counts * 2).astype(np.int64)
    # The publisher's column After_62_days, which two standards share, stands before the other bands of the 31-day one.
    printed = halves[:, :, np.argsort([CSV_COLUMNS.index(band) for band in standard.bands])]
    totals, within = halves.sum(axis=-1), halves[:, :, : standard.bands_within].sum(axis=-1)
    some = totals > 0
    figures = np.column_stack([totals[some], within[some], (totals - within)[some]])
    rates = (within[some] / totals[some]).tolist()
    lines = zip(np.argwhere(some).tolist(), _texts(figures), rates, _texts(printed[some]), strict=True)
    for (organisation, kind), counted, rate, bands in lines:
        start = starts[organisation] + labels[kind]
        yield f"{start}{','.join(counted)},{rate:.10g},{template % tuple(bands)}"


def _texts(halves: Counts) -> list[list[str]]:
    """Numbers of half patients as text: 3 is 1.5."""
    values, places = np.unique(halves, return_inverse=True)
    texts = np.array(
        [f"{value // 2}.5" if value % 2 else str(value // 2) for value in values.tolist()], object
    )
    found: list[list[str]] = texts[places].reshape(halves.shape).tolist()
    return found


def _referral_lines(starts: Sequence[str], fds_cells: Numbers) -> Iterator[str]:
    """Referrals seen: as many as were told an outcome on the route. They have no Within, After or Performance."""
    standard = STANDARDS[0]
    template = _band_template(_REFERRAL_BANDS)
    totals = fds_cells.sum(axis=-1)
    for item, route, cancer in _REFERRALS:
        cells = [place for place, cell in enumerate(standard.cells) if cell[0] == route]
        label = _csv_line([item, cancer, "", ""])
        for start, total in zip(starts, totals[:, cells].sum(axis=1).astype(int).tolist(), strict=True):
            if total:
                bands = [int(total * share) for share in _REFERRAL_SHARES[1:]]
                figures = template % tuple(map(str, (total - sum(bands), *bands)))
                yield f"{start}{label},{total},,,,{figures}"


@cache
def _band_template(bands: tuple[str, ...]) -> str:
    return ",".join("%s" if column in bands else "" for column in CSV_COLUMNS[_FIRST_BAND:])
