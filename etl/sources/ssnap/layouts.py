"""Which of the audit's outputs a file is, and reading it into the canonical frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pandas as pd

from db.domain import Finding, Maturity, Period, Severity
from db.reading.spreadsheets import (
    Worksheet,
    check_field_count,
    csv_top,
    is_workbook,
    normalise_label,
    read_csv,
    read_workbook,
    sheet_names,
)
from etl.source import Hints, LayoutError, ParsedFile, RawFile, SourceError
from etl.sources.ssnap import commissioner_portfolio, domain_tab, portfolio, scoring_summary
from etl.sources.ssnap.agreement import summary_findings
from etl.sources.ssnap.dating import check_hint, period_of_name, settle_audit_period
from etl.sources.ssnap.rows import NATIONAL, Figure, canonical_figures

SUMMARY_CSV, SUMMARY_WORKBOOK, PORTFOLIO = "scoring-summary-csv", "summary-report", "results-portfolio"
COMMISSIONER_PORTFOLIO = "commissioner-portfolio"
_TITLES = {
    SUMMARY_CSV: "Scoring Summary",
    SUMMARY_WORKBOOK: "summary report",
    PORTFOLIO: "results portfolio",
    COMMISSIONER_PORTFOLIO: "results portfolio by commissioner (CCG and LHB)",
}
_TOP_ROWS = 40
_TITLE_ROWS = 8


def recognise(raw: RawFile) -> bool:
    """Whether a file is one of this audit's outputs, in a layout that we know or in one that has changed since.

    By content, never by name. A file that cannot be opened is not recognised; `parse` says why.
    """
    try:
        return layout_of(raw) is not None
    except SourceError:
        return False


def layout_of(raw: RawFile) -> str | None:
    """The layout of a file by its content, None if it is no output of this audit. Raises SourceError."""
    if not is_workbook(raw):
        return _text_layout(csv_top(raw, _TOP_ROWS))
    if any(normalise_label(name) == scoring_summary.SHEET for name in sheet_names(raw)):
        return SUMMARY_WORKBOOK
    sheets = list(read_workbook(raw, top=_TOP_ROWS).values())
    if commissioner_portfolio.is_commissioner_portfolio(sheets):
        return COMMISSIONER_PORTFOLIO
    return PORTFOLIO if any(portfolio.is_portfolio(sheet) for sheet in sheets) else None


def _text_layout(top: Worksheet) -> str | None:
    labels = {normalise_label(row[0]) for row in top.rows if row}
    if labels & scoring_summary.FIRST_LABELS:
        return SUMMARY_CSV
    if commissioner_portfolio.is_commissioner_portfolio([top]):
        return COMMISSIONER_PORTFOLIO
    return PORTFOLIO if portfolio.is_portfolio(top) else None


def parse(raw: RawFile, hints: Hints) -> ParsedFile:
    """A published file as the canonical frame.

    Raises UnreadableFileError, LayoutError, or SourceError where nothing dates the file or where the file, its
    name and the hints disagree.
    """
    layout = layout_of(raw)
    if layout is None:
        raise LayoutError(
            raw.name, "a Scoring Summary, a summary report or a results portfolio of SSNAP", "another file"
        )
    if layout == COMMISSIONER_PORTFOLIO:
        return _by_commissioner(raw, hints)
    if layout == PORTFOLIO:
        return _portfolio(raw, hints)
    return _summary(raw, hints, layout)


def _maturity(hints: Hints) -> Maturity:
    return Maturity.FINAL if hints.maturity is None else hints.maturity


def _titles(sheets: list[Worksheet]) -> Iterator[object]:
    for sheet in sheets:
        for row in sheet.rows[:_TITLE_ROWS]:
            yield from row


def _summary(raw: RawFile, hints: Hints, layout: str) -> ParsedFile:
    if layout == SUMMARY_CSV:
        sheets = [read_csv(raw)]
        check_field_count(sheets[0])
    else:
        sheets = list(read_workbook(raw).values())
    period = settle_audit_period(raw, hints, [cell for cell in _titles(sheets) if isinstance(cell, str)])
    summary = next(
        sheet for sheet in sheets if not sheet.name or normalise_label(sheet.name) == scoring_summary.SHEET
    )
    figures = list(scoring_summary.read_scoring_summary(summary, period, _maturity(hints)))
    findings = [*scoring_summary.level_findings(figures), *summary_findings(summary, period)]
    if layout == SUMMARY_WORKBOOK:
        tab = domain_tab.read_domain_tab(sheets, period)
        figures += tab.figures
        findings += tab.findings
    return _parsed(layout, figures, findings, 0.0)


def _portfolio(raw: RawFile, hints: Hints) -> ParsedFile:
    sheets = list(read_workbook(raw).values()) if is_workbook(raw) else [read_csv(raw)]
    if not is_workbook(raw):
        check_field_count(sheets[0])
    period = cache(lambda: settle_audit_period(raw, hints, _texts(sheets)))
    content = portfolio.read_portfolio(sheets, raw.name, period)
    held = {figure.period for figure in content.figures}
    _check_name(raw, held)
    check_hint(raw, hints, held)
    figures = [replace(figure, maturity=_maturity(hints)) for figure in content.figures]
    return _parsed(PORTFOLIO, figures, list(content.findings), content.tolerance)


def _by_commissioner(raw: RawFile, hints: Hints) -> ParsedFile:
    sheets = list(read_workbook(raw).values()) if is_workbook(raw) else [read_csv(raw)]
    content = commissioner_portfolio.read_commissioner_portfolio(sheets, raw.name, _maturity(hints))
    held = {Period.from_key(int(key)) for key in content.frame["period"].unique()}
    _check_name(raw, held)
    check_hint(raw, hints, held)
    return ParsedFile(
        content.frame,
        COMMISSIONER_PORTFOLIO,
        _title(COMMISSIONER_PORTFOLIO, content.frame),
        None,
        content.findings,
        (NATIONAL,),
        content.tolerance,
        withdraws_absent=False,
    )


def _texts(sheets: list[Worksheet]) -> list[str]:
    return [cell for cell in _titles(sheets) if isinstance(cell, str)]


def _check_name(raw: RawFile, held: set[Period]) -> None:
    """Raise SourceError for a portfolio that does not hold the period that its name says."""
    named = period_of_name(raw.name)
    if named is not None and named not in held:
        listing = ", ".join(period.label for period in sorted(held))
        raise SourceError(f"{raw.name}: its name says {named.label}, but the file holds {listing}")


def _parsed(layout: str, figures: list[Figure], findings: list[Finding], tolerance: float) -> ParsedFile:
    if not figures:
        raise LayoutError("", "figures of stroke teams", "none")
    content = canonical_figures(figures)
    return ParsedFile(
        content.frame,
        layout,
        _title(layout, content.frame),
        None,
        (*findings, *content.findings, *_left_out(figures)),
        content.organisations,
        tolerance,
        # The annual portfolio reprints five years without the teams that closed in between: they keep their history.
        withdraws_absent=False,
    )


def _title(layout: str, frame: pd.DataFrame) -> str:
    periods = sorted(Period.from_key(int(key)) for key in frame["period"].unique())
    span = ", ".join(period.label for period in periods)
    return f"Sentinel Stroke National Audit Programme (SSNAP), {_TITLES[layout]}, {span}"


def _left_out(figures: list[Figure]) -> Iterator[Finding]:
    """Teams that do not routinely admit and yet have counts: shown, but not in any sum."""
    names = {
        figure.name
        for figure in figures
        if figure.denominator > 0 and figure.type and figure.type != "routinely admitting team"
    }
    if names:
        yield Finding(
            Severity.INFORMATION,
            "teams outside the sums",
            "have counts but do not routinely admit, so they are shown and not added to any sum: "
            + ", ".join(sorted(names)),
            len(names),
        )
