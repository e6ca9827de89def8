"""Data extracts: one sheet, header in row 1, one row of counts for each combination; no names, no England row.

By provider (three standards, from April 2022), every 31-day and 62-day patient stands twice: once by cancer type
over `ALL MODALITIES`, once by modality over `ALL CANCERS`. By ICB sub location, rows hold each patient once. The
old extract (2020/21 to 2022/23, ten old standards) is known by description only: rows split by care setting.
An extract whose name states no status is the first, provisional publication.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from db.domain import Basis, Maturity, Period, Severity
from db.reading.spreadsheets import (
    Cell,
    Header,
    Worksheet,
    find_headers,
    header_at,
    is_blank_row,
    listed,
    number,
    read_workbook,
    sheet_names,
    text_of,
)
from etl.reading.codes import organisation_code
from etl.reading.periods import month_of
from etl.source import Hints, LayoutError, RawFile
from etl.sources.cancer_waiting_times import vocabulary as words
from etl.sources.cancer_waiting_times.counts import (
    BY_MODALITY,
    BY_PATHWAY,
    BY_PATHWAY_AND_MODALITY,
    BY_PATHWAY_AND_TUMOUR,
    BY_TUMOUR,
    COUNT_COLUMNS,
    HEADLINE,
    Counts,
    Marginal,
    first_true,
)
from etl.sources.cancer_waiting_times.dating import check_months, settle_maturity

OLD_SHEET = "Extract"
PROVIDER_SHEET, SUB_LOCATION_SHEET = "CWT CRS Provider Extract", "CWT CRS ICB SubLocation Extract"
STANDARDS = {
    "28-day fds": words.FDS,
    "31-day combined": words.COMBINED_31,
    "62-day combined": words.COMBINED_62,
}
OLD_STANDARDS = {"2ww": words.TWO_WEEK_WAIT, "31 days": words.FIRST_31, "62 days": words.URGENT_62}
_TOP_ROWS = 40
_UNKNOWN_LOCATION = "UNL"
_SUB_CATEGORIES = {
    "": ("", ""),
    "31-day (first)": ("First treatment", ""),
    "31-day sub (anti-cancer drug regimen)": ("Subsequent treatment", "Anti-cancer drug regimen"),
    "31-day sub (other)": ("Subsequent treatment", "Other"),
    "31-day sub (radiotherapy)": ("Subsequent treatment", "Radiotherapy"),
    "31-day sub (surgery)": ("Subsequent treatment", "Surgery"),
    "62-day (breast symptomatic)": ("Breast symptomatic", ""),
    "62-day (consultant upgrade)": ("Consultant upgrade", ""),
    "62-day (screening)": ("Screening", ""),
    "62-day (urgent suspected cancer)": ("Urgent suspected cancer", ""),
}
_PROVIDER_MARGINALS = tuple(
    Marginal(indicator, wanted, BY_PATHWAY_AND_TUMOUR)
    for indicator in (words.FDS, *words.COMBINED)
    for wanted in (HEADLINE, BY_PATHWAY, BY_TUMOUR)
) + tuple(Marginal(indicator, BY_MODALITY, BY_PATHWAY_AND_MODALITY) for indicator in words.COMBINED)
_SUB_LOCATION_MARGINALS = (
    Marginal(words.COMBINED_31, BY_PATHWAY, BY_PATHWAY_AND_MODALITY),
    *(Marginal(indicator, HEADLINE, BY_PATHWAY) for indicator in words.COMBINED),
)
_OLD_MARGINALS = tuple(Marginal(indicator, HEADLINE, BY_TUMOUR) for indicator in OLD_STANDARDS.values())


@dataclass(frozen=True)
class _Extract:
    """One extract's rows and header, read column by column."""

    sheet: Worksheet
    header: Header
    body: dict[int, list[Cell]]

    @property
    def rows(self) -> list[int]:
        return list(self.body)

    def texts(self, column: int) -> list[str]:
        return [text_of(row[column]) for row in self.body.values()]

    def numbers(self, column: int) -> list[float]:
        return [number(row[column], self.sheet.where(index)) for index, row in self.body.items()]

    def codes(self, label: str, unknown: str) -> list[str]:
        """A column's organisation codes, with ours for what the publisher calls unknown. Raises LayoutError."""
        texts = self.texts(self.header.column(label))
        known = {"UNKNOWN": unknown}
        for index, text in zip(self.rows, texts, strict=True):
            if text not in known:
                known[text] = known.get(text.upper()) or organisation_code(text, self.sheet.where(index))
        return [known[text] for text in texts]

    def members(self, label: str) -> list[str]:
        """A column's labels in our spelling, "" for all. Raises LayoutError at a blank: it is no label."""
        column = self.header.column(label)
        for index, text in zip(self.rows, self.texts(column), strict=True):
            if not text:
                raise LayoutError(self.sheet.where(index), f"a label in '{label}'", "a blank")
        return self.mapped(column, words.member_of)

    def mapped(self, column: int, mapping: dict[str, str] | Callable[[str], str]) -> list[str]:
        """A column's labels in our words. Raises LayoutError at the first that a mapping does not hold."""
        texts = self.texts(column)
        known: dict[str, str] = {}
        for text in dict.fromkeys(texts):
            if not isinstance(mapping, dict):
                known[text] = mapping(text)
            elif text.casefold() in mapping:
                known[text] = mapping[text.casefold()]
            else:
                where = self.sheet.where(self.rows[texts.index(text)])
                raise LayoutError(where, f"one of {listed(mapping)}", f"'{text}'")
        return [known[text] for text in texts]

    def months(self) -> list[Period]:
        column = self.header.column("PERIOD")
        cells = [row[column] for row in self.body.values()]
        found = {cell: month_of(cell) for cell in dict.fromkeys(cells)}
        for index, cell in zip(self.rows, cells, strict=True):
            if found[cell] is None:
                raise LayoutError(self.sheet.where(index), "a month in 'PERIOD'", f"'{text_of(cell)}'")
        self._check_month_names([found[cell] for cell in cells])
        return [month for cell in cells if (month := found[cell]) is not None]

    def _check_month_names(self, months: list[Period | None]) -> None:
        if not self.header.has("MONTH"):
            return
        names = self.texts(self.header.column("MONTH"))
        for index, name, month in zip(self.rows, names, months, strict=True):
            if month is not None and name[:3].casefold() != f"{month.start:%b}".casefold():
                raise LayoutError(self.sheet.where(index), f"the month {month.label}", f"'{name}'")


def read_provider_extract(raw: RawFile, hints: Hints) -> Counts:
    """A provider extract of the three standards."""
    extract = _open(raw, PROVIDER_SHEET)
    header = extract.header
    standards = extract.mapped(header.column("STANDARD"), STANDARDS)
    cancer_types = extract.texts(header.column("CANCER TYPE"))
    modalities = extract.texts(header.column("TREATMENT MODALITY"))
    _check_disjoint(extract, standards, cancer_types, modalities)
    rows = _counts(extract, standards, header.first_of(("TOTAL TREATED", "TOTAL"))).assign(
        organisation=extract.codes("ORG CODE", "UNK"),
        basis=Basis.PROVIDER.value,
        pathway=extract.members("STAGE/ROUTE"),
        tumour=extract.members("CANCER TYPE"),
        modality=extract.mapped(header.column("TREATMENT MODALITY"), words.member_of),
    )
    return replace(_finished(raw, hints, rows, _PROVIDER_MARGINALS), parts=Severity.ERROR)


def _check_disjoint(
    extract: _Extract, standards: list[str], cancer_types: list[str], modalities: list[str]
) -> None:
    """Every 31-day and 62-day row is by cancer type over all modalities or by modality over all cancers."""
    for index, standard, cancer, modality in zip(
        extract.rows, standards, cancer_types, modalities, strict=True
    ):
        by_modality = cancer.casefold() == "all cancers"
        over_modalities = modality.casefold() == ("" if standard == words.FDS else "all modalities")
        if by_modality == over_modalities:
            raise LayoutError(
                extract.sheet.where(index),
                "a cancer type over all modalities, or a modality over all cancers",
                f"'{cancer}' with '{modality}'",
            )


def read_sub_location_extract(raw: RawFile, hints: Hints) -> Counts:
    """An extract by ICB sub location, the areas of the former CCGs."""
    extract = _open(raw, SUB_LOCATION_SHEET)
    header = extract.header
    category = header.column("SUB-CATEGORY")
    pathways = {label: members[0] for label, members in _SUB_CATEGORIES.items()}
    modalities = {label: members[1] for label, members in _SUB_CATEGORIES.items()}
    codes = extract.codes("ICB SUB LOCATION", _UNKNOWN_LOCATION)
    rows = _counts(extract, extract.mapped(header.column("STANDARD"), STANDARDS), header.column("TOTAL"))
    rows = rows.assign(
        organisation=codes,
        organisation_name=["Unknown sub-ICB location" if code == _UNKNOWN_LOCATION else "" for code in codes],
        basis=Basis.SUB_ICB_LOCATION.value,
        pathway=extract.mapped(category, pathways),
        tumour="",
        modality=extract.mapped(category, modalities),
    )
    _check_sub_categories(extract, rows)
    return _finished(raw, hints, rows, _SUB_LOCATION_MARGINALS)


def _check_sub_categories(extract: _Extract, rows: pd.DataFrame) -> None:
    labels = pd.Series(extract.texts(extract.header.column("SUB-CATEGORY"))).str[:6].str.casefold()
    wanted = rows["indicator"].map({words.FDS: "", words.COMBINED_31: "31-day", words.COMBINED_62: "62-day"})
    wrong = labels != wanted
    if wrong.any():
        place = rows.iloc[first_true(wrong)]
        raise LayoutError(str(place["place"]), f"a sub-category of {place['indicator']}", "that of another")


def read_old_extract(raw: RawFile, hints: Hints) -> Counts:
    """A provider extract of the old standards, its care settings summed."""
    extract = _open(raw, OLD_SHEET)
    header = extract.header
    standards = extract.mapped(header.column("STANDARD"), OLD_STANDARDS)
    rows = _counts(extract, standards, header.first_of(("TOTAL TREATED", "TOTAL"))).assign(
        organisation=extract.codes("ORG CODE", "UNK"),
        basis=Basis.PROVIDER.value,
        pathway="",
        tumour=extract.members("CANCER TYPE"),
        modality="",
    )
    # Referrals for breast symptoms, cancer not suspected, have their own standard.
    breast = rows["indicator"].eq(words.TWO_WEEK_WAIT) & rows["tumour"].str.startswith("Exhibited")
    rows["indicator"] = rows["indicator"].mask(breast, words.BREAST_SYMPTOMS)
    rows["tumour"] = rows["tumour"].mask(breast, "")
    if header.has("CARE SETTING"):
        known = {setting: setting for setting in ("", *words.CARE_SETTINGS)}
        rows = _over_settings(rows, extract.mapped(header.column("CARE SETTING"), known))
    headline = rows.loc[rows["tumour"].eq(""), "indicator"].unique()
    marginals = tuple(marginal for marginal in _OLD_MARGINALS if marginal.indicator not in headline)
    return _finished(raw, hints, rows, marginals)


def _over_settings(rows: pd.DataFrame, settings: list[str]) -> pd.DataFrame:
    setting = pd.Series(settings, index=rows.index)
    # Who is seen within two weeks is not treated yet, and so in no setting.
    seen = rows["indicator"].isin([words.TWO_WEEK_WAIT, words.BREAST_SYMPTOMS])
    blank = setting.eq("") & ~seen
    if blank.any():
        place = str(rows["place"].iloc[first_true(blank)])
        raise LayoutError(place, f"one of {listed(words.CARE_SETTINGS)}", "a blank")
    if setting.eq(words.ALL_CARE).any():
        return rows[setting.eq(words.ALL_CARE) | seen].reset_index(drop=True)
    key = [
        "indicator",
        "organisation",
        "organisation_name",
        "basis",
        "month",
        "pathway",
        "tumour",
        "modality",
    ]
    repeated = rows.assign(setting=setting).duplicated([*key, "setting"])
    if repeated.any():
        place = str(rows["place"].iloc[first_true(repeated)])
        raise LayoutError(place, "each organisation and cancer type once in a care setting", "a second row")
    summed = rows.groupby(key, sort=False).agg(
        total=("total", "sum"), within=("within", "sum"), after=("after", "sum"), place=("place", "first")
    )
    return summed.reset_index()


def _open(raw: RawFile, name: str) -> _Extract:
    """The extract's rows, from the sheet of this name, or from the first with an extract's columns where it is called
    otherwise. Raises LayoutError where several sheets have such rows: who reads one loses the others.
    """
    names = sheet_names(raw)
    others = read_workbook(raw, {*names} - {name}, top=_TOP_ROWS) if {*names} != {name} else {}
    extracts = [other for other, sheet in others.items() if _headers(sheet)]
    chosen = name if name in names else next(iter(extracts), names[0])
    if {*extracts} - {chosen}:
        raise LayoutError(
            raw.name, "rows of figures in one sheet", listed(dict.fromkeys((chosen, *extracts)))
        )
    sheet = read_workbook(raw, {chosen})[chosen]
    first = next((index for index, row in enumerate(sheet.rows) if not is_blank_row(row)), 0)
    header = next(iter(_headers(sheet)), None) or header_at(sheet, first)
    body = dict(header.body())
    if not body:
        raise LayoutError(sheet.where(), "rows of figures under the header", "none")
    return _Extract(sheet, header, body)


def _headers(sheet: Worksheet) -> list[Header]:
    """The rows at the top of a sheet that head an extract's columns."""
    top = replace(sheet, rows=sheet.rows[:_TOP_ROWS])
    return [
        header_at(sheet, header.index)
        for header in find_headers(top, "STANDARD")
        if header.has("ORG CODE") or header.has("ICB SUB LOCATION")
    ]


def _counts(extract: _Extract, indicators: list[str], total: int) -> pd.DataFrame:
    header = extract.header
    return pd.DataFrame(
        {
            "indicator": indicators,
            "organisation_name": "",
            "month": extract.months(),
            "total": extract.numbers(total),
            "within": extract.numbers(header.column("WITHIN STANDARD")),
            "after": extract.numbers(header.column("BREACHES")),
            "place": [extract.sheet.where(index) for index in extract.rows],
        }
    )


def _finished(raw: RawFile, hints: Hints, rows: pd.DataFrame, marginals: tuple[Marginal, ...]) -> Counts:
    findings = check_months(raw, hints, set(rows["month"]))
    maturity = settle_maturity(raw, hints, silent=Maturity.PROVISIONAL)
    keys = {month: month.key for month in set(rows["month"])}
    complete = rows.assign(period=rows["month"].map(keys), value=np.nan, maturity=int(maturity))
    return Counts(complete[list(COUNT_COLUMNS)], marginals, findings)
