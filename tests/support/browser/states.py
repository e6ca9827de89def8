"""Addresses that the browser tests open: every page, filter states that draw differently, and wrong ones.

A page's author adds its addresses here. They are opened over cancer waits, stroke and staffing together.
"""

from __future__ import annotations

OVERVIEW = (
    "/",
    "/?period=2024-03",
    "/?by=ccg",
    "/?table=scorecard",
    "/?published=2026-10-08&rules=nhs-r",
    "/?published=2026-10-07",
    "/challenges",
)
VARIATION = (
    "/variation",
    "/variation?indicator=cancer-62-day-combined&by=trust",
    "/variation?indicator=gp-fully-qualified-fte-rate&by=former-ccg",
    "/variation?indicator=stroke-thrombolysis-within-60-minutes&by=team",
    "/variation?indicator=stroke-ssnap-level",
    "/variation?indicator=gp-fully-qualified-fte-rate&by=practice",
    "/variation?indicator=cancer-62-day-combined&table=funnel&dispersion=on",
    "/variation?indicator=cancer-62-day-combined&table=funnel&dispersion=off",
    "/variation?indicator=cancer-62-day-combined&table=over-time",
    "/variation?indicator=gp-fully-qualified-fte-rate&by=former-ccg&table=map",
    "/variation?indicator=cancer-28-day-faster-diagnosis&period=2025-03&peers=chosen",
    "/variation?indicator=general-practice-workforce-coverage",
    "/variation?indicator=cancer-62-day-combined&published=2020-01-01",
)
AREAS = ("/areas?beside=QRL&peers=region",)
TREND = (
    "/trend",
    "/trend?indicator=cancer-62-day-combined&organisation=RPA",
    "/trend?indicator=stroke-thrombolysis-within-60-minutes",
    "/trend?indicator=gp-fully-qualified-fte-rate",
    "/trend?indicator=stroke-door-to-needle-median-minutes",
    "/trend?indicator=cancer-28-day-faster-diagnosis&rules=nhs-r&compare=RVV",
    "/trend?indicator=cancer-28-day-faster-diagnosis&restart=2025-09",
    "/trend?indicator=cancer-62-day-combined&organisation=RVV&table=trend",
    "/trend?indicator=cancer-62-day-combined&to=2025-12&shown=2025-03",
    "/trend?indicator=stroke-ssnap-level",
    "/trend?published=2026-10-08",
)
STAFFING = (
    "/staffing",
    "/staffing?indicator=cancer-62-day-combined&organisation=RVV&to=2026-03",
)
ORGANISATION = (
    "/organisation",
    "/organisation?organisation=RVV&groups=cancer-31-day-combined&against=median",
    "/organisation?organisation=QKS",
    "/organisation?organisation=09C",
    "/organisation?organisation=91Q&table=practices",
    "/organisation?organisation=G82001",
    "/organisation?organisation=SPMEKQ",
    "/organisation?organisation=RVV&table=profile",
    "/organisation?organisation=RXY",
    "/organisation?find=",
    "/organisation?find=kent",
    "/organisation?print=1",
)
REFERENCE = (
    "/data",
    "/data?indicator=gp-fully-qualified-fte-rate",
    "/methods",
    "/glossary",
    "/accessibility",
    "/api",
    "/pack",
    "/follow",
    "/follow?said=address",
)
OPERATIONS = (
    "/operations",
    "/operations?edit=ssnap&kind=cron",
    "/operations?view=runs",
    "/operations?view=audit",
    "/operations?run=1",
)
PAPER = ("/?print=1", "/trend?print=1", "/variation?print=1")
EMPTY = (
    "/trend?indicator=cancer-two-week-wait",
    "/trend?published=2020-01-31",
    "/variation?indicator=cancer-two-week-wait",
)
"""Pages that have nothing to show, and say why."""
WRONG = (
    "/nowhere",
    "/variation?indicator=nothing",
    "/trend?organisation=%3Cscript%3E",
    "/trend?restart=1999-01",
)
STATES = (
    *OVERVIEW,
    *VARIATION,
    *AREAS,
    *TREND,
    *STAFFING,
    *ORGANISATION,
    *REFERENCE,
    *OPERATIONS,
    *PAPER,
    *EMPTY,
    *WRONG,
)

LAID_OUT = frozenset(
    {
        "/",
        "/?period=2024-03",
        "/?by=ccg",
        "/variation?indicator=gp-fully-qualified-fte-rate&by=former-ccg",
        "/trend?indicator=stroke-thrombolysis-within-60-minutes",
        "/staffing",
        "/organisation?organisation=QKS",
        "/organisation?organisation=G82001",
        "/data",
        "/operations",
        "/operations?view=runs",
    }
)
"""States whose cards, tables and controls are measured on a wide screen."""

HOSTILE = (
    "?indicator=%00",
    "?indicator=..%2F..%2Fetc%2Fpasswd",
    "?organisation=%27%20OR%201%3D1--",
    "?organisation=%F0%9F%92%A5&indicator[]=x",
    "?period=9999-99",
    "?period=0000-01",
    "?to=%D9%A2%D9%A0%D9%A2%D9%A4-01",
    "?version=-1",
    "?version=999999999999999999999",
    "?version=%C2%B2",
    "?published=2024-02-31",
    "?rules=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
    "?table=nothing&rows=99999999999999",
    "?table=%3Cscript%3E&rows=-5",
    "?rows=%E0%A5%A7",
    "?by=practice&breakdown=tumour%20group%3A%20nothing",
    "?print=2&sheet=..",
    "?find=%25_%5C&find=" + "x" * 5000,
    "?" + "&".join(f"p{number}=1" for number in range(400)),
    "?a=%ff%fe&=&&&==",
)
"""Parameters that mean harm or nothing."""
