"""The combined file of November 2025 on: both bases, England, all breakdowns and, if cumulative, several months.

The CSV and the sheets of its workbook twin differ in how they spell the headers. A file of one month may have no
`Period` column. The items on referrals seen have no standard and are left out, as are the bands of days.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from db.domain import ENGLAND, Basis, Finding, Period, Severity
from db.reading.spreadsheets import (
    Header,
    Worksheet,
    first_csv_row,
    header_at,
    listed,
    normalise_label,
    number,
    read_csv_frame,
    read_workbook,
    text_of,
)
from etl.reading.codes import code_of, organisation_code
from etl.reading.periods import month_of
from etl.source import Hints, LayoutError, RawFile
from etl.sources.cancer_waiting_times import vocabulary as words
from etl.sources.cancer_waiting_times.counts import (
    COUNT_COLUMNS,
    DIMENSIONS,
    HEADLINE,
    Counts,
    first_true,
    of_shape,
    said,
)
from etl.sources.cancer_waiting_times.dating import check_months, settle_maturity, settle_period

TEXT_COLUMNS = (
    "Basis",
    "Org_Code",
    "Org_Name",
    "Standard_or_Item",
    "Cancer_Type",
    "Referral_Route_or_Stage",
    "Treatment_Modality",
)
NUMBER_COLUMNS = ("Total", "Within", "After", "Performance")
_STANDARDS = {"fds": words.FDS, "31d": words.COMBINED_31, "62d": words.COMBINED_62}
_REFERRALS = {"urgent suspected cancer referral", "urgent breast symptomatic referral"}
_BASES = {"provider": Basis.PROVIDER.value, "commissioner": Basis.COMMISSIONER.value}
_TOTAL = "total"
_FEWEST_LABELS = 7


def _plain(label: str) -> str:
    """A label in a spelling common to "Referral_Route_or_Stage" and "Referral Route/Stage"."""
    return normalise_label(label).replace("_", " ").replace(" or ", "/")


_WANTED = frozenset(_plain(label) for label in (*TEXT_COLUMNS, *NUMBER_COLUMNS))


def looks_combined(labels: tuple[str, ...]) -> bool:
    """Whether a header row is the combined file's, or was before somebody changed it."""
    given = {label for label in labels if label}
    return (
        len(given) >= _FEWEST_LABELS and len(_WANTED & {_plain(label) for label in given}) >= _FEWEST_LABELS
    )


def read_combined_csv(raw: RawFile, hints: Hints) -> Counts:
    """The combined CSV, up to several hundred thousand rows."""
    header = header_at(Worksheet("", [first_csv_row(raw)]), 0)
    columns = dict.fromkeys(TEXT_COLUMNS, "category") | dict.fromkeys(NUMBER_COLUMNS, "float64")
    if header.has("Period"):
        columns["Period"] = "category"
    frame = read_csv_frame(raw, columns)
    frame["place"] = frame.index + 2
    frame = frame.reset_index(drop=True)
    return _counts(raw, hints, frame)


def read_combined_workbook(raw: RawFile, hints: Hints) -> Counts:
    """The combined workbook: every sheet that has the combined file's header."""
    frames = [
        _sheet_frame(sheet, header)
        for sheet in read_workbook(raw).values()
        if (header := _header(sheet)) is not None
    ]
    if not frames:
        raise LayoutError(raw.name, "a sheet with the columns of the combined file", "none")
    return _counts(raw, hints, pd.concat(frames, ignore_index=True))


def _header(sheet: Worksheet) -> Header | None:
    for index, row in enumerate(sheet.rows[:40]):
        if looks_combined(tuple(str(cell) for cell in row)):
            plain = tuple(_plain(str(cell)) for cell in row)
            return Header(sheet, index, plain)
    return None


def _sheet_frame(sheet: Worksheet, header: Header) -> pd.DataFrame:
    body = list(header.body())
    texts = [*TEXT_COLUMNS, *(["Period"] if header.has("Period") else [])]
    columns: dict[str, list[object]] = {}
    for name in texts:
        column = header.column(_plain(name))
        columns[name] = [
            row[column] if name == "Period" else (text_of(row[column]) or None) for _, row in body
        ]
    for name in NUMBER_COLUMNS:
        column = header.column(_plain(name))
        columns[name] = [number(row[column], sheet.where(index)) for index, row in body]
    frame = pd.DataFrame(columns).astype(dict.fromkeys(texts, "category"))
    frame["place"] = [sheet.where(index) for index, _ in body]
    return frame.astype(dict.fromkeys(NUMBER_COLUMNS, "float64"))


def _counts(raw: RawFile, hints: Hints, frame: pd.DataFrame) -> Counts:
    standards = _texts(frame["Standard_or_Item"])
    unknown = ~standards.isin([*_STANDARDS, *_REFERRALS])
    if unknown.any():
        row = first_true(unknown)
        code = frame["Org_Code"].iloc[row]
        where = f"{said(frame['place'].iloc[row])} ({'no code' if pd.isna(code) else code})"
        wanted = f"'Standard_or_Item' one of {listed([*_STANDARDS, *sorted(_REFERRALS)])}"
        raise LayoutError(where, wanted, listed(dict.fromkeys(standards[unknown].astype(str))))
    kept = frame[standards.isin(list(_STANDARDS))].reset_index(drop=True)
    if kept.empty:
        raise LayoutError(raw.name, "rows of the standards FDS, 31D and 62D", "none")
    rows = _canonical_words(raw, kept)
    rows["period"], dated = _periods(raw, hints, kept)
    rows["maturity"] = int(settle_maturity(raw, hints))
    rows["place"] = kept["place"]
    rows, findings = _one_england(rows)
    _check_headline(raw, rows)
    return Counts(rows[list(COUNT_COLUMNS)], findings=(*dated, *findings), parts=Severity.WARNING)


def _texts(column: pd.Series) -> pd.Series:
    """A column of labels in lower case, "" for blanks."""
    return _mapped(column, str.casefold)


def _mapped(column: pd.Series, change: Callable[[str], str]) -> pd.Series:
    """A categorical column with every category changed; a blank is changed as "" is."""
    labels = [change(str(label).strip()) for label in column.cat.categories]
    # A blank has the code -1: the last of the changed labels.
    changed = pd.Categorical([*labels, change("")])
    codes = changed.codes[column.cat.codes.to_numpy()]
    return pd.Series(pd.Categorical.from_codes(codes, dtype=changed.dtype), index=column.index)


def _with(column: pd.Series, where: pd.Series[bool], label: str) -> pd.Series:
    """A categorical column with one label wherever a mask says so."""
    if label not in column.cat.categories:
        column = column.cat.add_categories([label])
    return column.mask(where, label)


def _canonical_words(raw: RawFile, frame: pd.DataFrame) -> pd.DataFrame:
    bases = _mapped(frame["Basis"], lambda label: _BASES.get(label.casefold(), ""))
    codes = _mapped(frame["Org_Code"], _organisation)
    if bases.eq("").any():
        row = first_true(bases.eq(""))
        raise LayoutError(said(frame["place"].iloc[row]), "a known 'Basis'", f"'{frame['Basis'].iloc[row]}'")
    if codes.eq("").any():
        row = first_true(codes.eq(""))
        code, name = (
            text_of("" if pd.isna(cell := frame[label].iloc[row]) else cell)
            for label in ("Org_Code", "Org_Name")
        )
        if not code:
            raise LayoutError(said(frame["place"].iloc[row]), "a known 'Org_Code'", f"none ({name})")
        organisation_code(code, said(frame["place"].iloc[row]), name)
    _check_labels(frame)
    england = codes.eq(ENGLAND)
    names = _mapped(frame["Org_Name"], str)
    return pd.DataFrame(
        {
            "indicator": _mapped(
                frame["Standard_or_Item"], lambda label: _STANDARDS.get(label.casefold(), "")
            ),
            "organisation": codes,
            "organisation_name": _with(names, england, "England"),
            "published_basis": bases,
            "basis": _with(bases, england, Basis.NATIONAL.value),
            "pathway": _mapped(frame["Referral_Route_or_Stage"], words.member_of),
            "tumour": _mapped(frame["Cancer_Type"], words.member_of),
            "modality": _mapped(frame["Treatment_Modality"], words.member_of),
            "total": frame["Total"],
            "within": frame["Within"],
            "after": frame["After"],
            "value": 100 * frame["Performance"],
        }
    )


def _check_labels(frame: pd.DataFrame) -> None:
    """Raise LayoutError at a row without a label of what it counts: a blank is no word for all."""
    staged = ~_texts(frame["Standard_or_Item"]).eq("fds")
    for name, wanted in (
        ("Cancer_Type", pd.Series(True, index=frame.index)),
        ("Referral_Route_or_Stage", pd.Series(True, index=frame.index)),
        ("Treatment_Modality", staged),
    ):
        blank = wanted & _texts(frame[name]).eq("")
        if blank.any():
            row = first_true(blank)
            where = f"{said(frame['place'].iloc[row])} ({frame['Org_Code'].iloc[row]})"
            raise LayoutError(where, f"a label in '{name}'", "a blank")


def _organisation(code: str) -> str:
    if code.casefold() == _TOTAL:
        return ENGLAND
    return "UNK" if code.upper() == "UNKNOWN" else code_of(code)


def _periods(raw: RawFile, hints: Hints, frame: pd.DataFrame) -> tuple[pd.Series[int], tuple[Finding, ...]]:
    if "Period" not in frame:
        return pd.Series(settle_period(raw, hints, None).key, index=frame.index), ()
    column = frame["Period"]
    if column.isna().any():
        place = frame["place"].iloc[first_true(column.isna())]
        raise LayoutError(said(place), "a month in 'Period'", "a blank")
    months: list[Period] = []
    for label in column.cat.categories:
        month = month_of(label)
        if month is None:
            place = frame["place"].iloc[first_true(column.eq(label))]
            wanted = "a month in 'Period', such as 2024-11-01 or 01/04/2025"
            raise LayoutError(said(place), wanted, f"'{label}'")
        months.append(month)
    used = [months[code] for code in sorted(set(column.cat.codes))]
    findings = check_months(raw, hints, set(used))
    keys = np.array([month.key for month in months])
    return pd.Series(keys[column.cat.codes.to_numpy()], index=frame.index), findings


def _one_england(rows: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """England's rows of the provider basis, and those of the commissioner basis that only it has.

    The publisher prints England's totals in both bases, and they should be the same patients.
    """
    england = rows["organisation"].eq(ENGLAND)
    key = ["indicator", "period", *DIMENSIONS]
    provider = rows[england & rows["published_basis"].eq(Basis.PROVIDER.value)]
    commissioner = rows[england & rows["published_basis"].eq(Basis.COMMISSIONER.value)]
    both = (
        commissioner[[*key, "total", "within"]]
        .reset_index()
        .merge(provider[[*key, "total", "within"]], on=key, suffixes=("", "_provider"))
    )
    unequal = both["total"].ne(both["total_provider"]) | both["within"].ne(both["within_provider"])
    findings: tuple[Finding, ...] = ()
    if unequal.any():
        message = "England's figures differ between the provider and the commissioner basis; the provider's are kept"
        findings = (Finding(Severity.WARNING, "England in both bases", message, int(unequal.sum())),)
    return rows.drop(index=both["index"].tolist()).reset_index(drop=True), findings


def _check_headline(raw: RawFile, rows: pd.DataFrame) -> None:
    headline = rows.loc[of_shape(rows, HEADLINE), "indicator"]
    missing = set(rows["indicator"].unique()) - set(headline.unique())
    if missing:
        raise LayoutError(
            raw.name, "rows over all cancers, routes or stages, and modalities", listed(missing)
        )
