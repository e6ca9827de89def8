"""The addresses that are measured, and what the browser posts for one."""

from __future__ import annotations

from typing import Any

UNKEPT = ("/operations",)
"""Shows what runs at this moment: made anew for everyone, with a dozen small queries."""
ADDRESSES = (
    "/",
    "/?period=2025-03",
    "/?published=2025-06-30",
    "/?version=40",
    "/variation",
    "/variation?indicator=cancer-62-day-combined&by=trust",
    "/variation?indicator=gp-fully-qualified-fte-rate&by=former-ccg",
    "/variation?indicator=gp-fully-qualified-fte-rate&by=practice",
    "/variation?indicator=gp-fully-qualified-fte-rate&by=practice&table=ranked",
    "/variation?indicator=stroke-thrombolysis-within-60-minutes&by=team",
    "/trend",
    "/trend?indicator=cancer-62-day-combined&organisation=RVV",
    "/trend?indicator=gp-fully-qualified-fte-rate",
    "/organisation",
    "/organisation?organisation=RWF",
    "/organisation?organisation=QKS",
    "/organisation?organisation=QKS&published=2025-06-30",
    "/organisation?organisation=G82037",
    "/staffing",
    "/data",
    "/data?indicator=gp-fully-qualified-fte-rate",
    *UNKEPT,
    "/methods",
    "/glossary",
)


def body(address: str, origin: str = "http://localhost") -> dict[str, Any]:
    """What the browser posts for a page."""
    path, _, query = address.partition("?")
    data = {"path": path, "search": f"?{query}", "width": "desktop", "origin": origin}
    return {
        "output": "page.children",
        "outputs": {"id": "page", "property": "children"},
        "inputs": [{"id": "request", "property": "data", "value": data}],
        "changedPropIds": ["request.data"],
    }
