"""The audit's result pages: made-up pages in the shape that public descriptions give."""

from __future__ import annotations

from datetime import date

import pytest

from db.domain import Period, Severity
from etl.source import DiscoveryError, PageGoneError
from etl.sources.ssnap import SOURCE
from etl.sources.ssnap.discovery import discover

LANDING = "https://www.strokeaudit.org/results/Clinical-audit.aspx"
RESULTS = "https://www.strokeaudit.org/results/Clinical-audit/National-Results.aspx"
STEM = "https://www.strokeaudit.org/Documents/National/Clinical"
PAGE = f"""
<h1>Clinical audit</h1>
<a href="/results/Clinical-audit/National-Results.aspx">National results</a>
<a href="https://elsewhere.example/results/Clinical-audit.aspx">Another site</a>
<a href="{STEM}/JulSep2024/JulSep2024-SummaryReport.aspx">July - September 2024 summary report</a>
<a href="{STEM}/AprJun2024/AprJun2024-SummaryReport.aspx">April - June 2024 summary report</a>
<a href="{STEM}/Apr2023Mar2024/Apr2023Mar2024-ThrombectomyReport.xlsx">Thrombectomy</a>
<a href="{STEM}/Apr2022Mar2023/Apr2022Mar2023-AnnualReport.pdf">Annual report</a>
"""
SECOND = f"""
<a href="{STEM}/JulSep2024/JulSep2024-FullResultsPortfolio.aspx">Full results portfolio</a>
<a href="{STEM}/JulSep2024/JulSep2024-FullResultsPortfolioESD.aspx">Community teams</a>
<a href="{STEM}/Apr2022Mar2023/Apr2022Mar2023-AnnualResultsPortfolio.aspx">Annual portfolio</a>
<a href="https://www.strokeaudit.org/Documents/National/AcuteOrg/2021/2021-Portfolio.aspx">Organisational audit</a>
<a href="{STEM}/AprJun2024/AprJun2024-SummaryReport-v2.aspx">April - June 2024 summary report, corrected</a>
"""


def reader(**pages: str) -> dict[str, str]:
    return {LANDING: PAGE, RESULTS: SECOND, **pages}


def test_summaries_come_first_and_the_last_link_of_a_period_is_taken() -> None:
    found = discover(reader().__getitem__, LANDING, date(2025, 2, 1))
    assert [file.name for file in found.files] == [
        "AprJun2024-SummaryReport-v2.aspx",
        "JulSep2024-SummaryReport.aspx",
        "Apr2022Mar2023-AnnualResultsPortfolio.aspx",
        "JulSep2024-FullResultsPortfolio.aspx",
    ]
    assert [file.hints.period for file in found.files] == [
        Period.quarter(2024, 4),
        Period.quarter(2024, 7),
        Period.financial_year(2022),
        Period.quarter(2024, 7),
    ]
    assert found.findings == ()


def test_a_name_that_cannot_be_dated_is_an_error() -> None:
    pages = reader(**{RESULTS: f'<a href="{STEM}/Latest-SummaryReport.aspx">Latest</a>'})
    found = discover(pages.__getitem__, LANDING, date(2025, 2, 1))
    (finding,) = found.findings
    assert finding.severity is Severity.ERROR
    assert "Latest-SummaryReport.aspx" in finding.message
    assert len(found.files) == 2


def test_a_period_in_the_text_of_a_link_will_do() -> None:
    link = f'<a href="{STEM}/Latest-SummaryReport.aspx">Results October - December 2024</a>'
    found = discover(reader(**{RESULTS: link}).__getitem__, LANDING, date(2025, 2, 1))
    assert Period.quarter(2024, 10) in {file.hints.period for file in found.files}


@pytest.mark.parametrize(("today", "warned"), [(date(2025, 5, 31), False), (date(2025, 6, 1), True)])
def test_pages_whose_newest_period_is_old_are_a_warning(today: date, warned: bool) -> None:
    findings = discover(reader().__getitem__, LANDING, today).findings
    assert [finding.severity for finding in findings] == ([Severity.WARNING] if warned else [])
    if warned:
        assert "July to September 2024, which ended more than eight months ago" in findings[0].message


def test_a_result_page_that_fails_is_a_finding_and_the_others_are_read() -> None:
    gone = "https://www.strokeaudit.org/results/Clinical-audit/Old-Results.aspx"
    landing = PAGE + f'<a href="{gone}">Older results</a>'

    def read(url: str) -> str:
        if url == gone:
            raise PageGoneError(f"{gone}: wanted a web page, found the answer 404 (Not Found)")
        return reader(**{LANDING: landing})[url]

    found = discover(read, LANDING, date(2025, 2, 1))
    assert len(found.files) == 4
    assert [(item.severity, item.check) for item in found.findings] == [(Severity.WARNING, "pages")]


def test_annual_portfolios_by_commissioner_come_last_and_other_outputs_by_commissioner_are_passed_over() -> (
    None
):
    outputs = (
        ("Apr2015Mar2016/Apr2015Mar2016-CCG-LHB-AnnualResultsPortfolio.aspx", "CCG and LHB results"),
        ("JanMar2016/JanMar2016-CCG-LHB-Portfolio.aspx", "CCG and LHB results"),
        ("Latest-CCG-Portfolio.aspx", "CCG results"),
        ("Apr2015Mar2016/Apr2015Mar2016-CCGSummaryReport.aspx", "CCG summary"),
        ("Apr2022Mar2023/Apr2022Mar2023-ICB-Portfolio.aspx", "ICB results"),
    )
    page = SECOND + "".join(f'<a href="{STEM}/{path}">{text}</a>' for path, text in outputs)
    found = discover(reader(**{RESULTS: page}).__getitem__, LANDING, date(2025, 2, 1))
    *others, last = found.files
    assert last.name == "Apr2015Mar2016-CCG-LHB-AnnualResultsPortfolio.aspx"
    assert last.hints.period == Period.financial_year(2015)
    assert len(others) == 4
    assert found.findings == ()


def test_a_page_without_outputs_is_an_error() -> None:
    with pytest.raises(DiscoveryError, match=r"wanted links to summary reports .* found none"):
        discover({LANDING: "<p>We have moved</p>"}.__getitem__, LANDING, date(2025, 2, 1))


def test_the_sources_hosts_hold_its_landing_page() -> None:
    assert any(f"//{host}/" in SOURCE.landing_url for host in SOURCE.allowed_hosts)
