"""Public health profiles (Fingertips, Department of Health and Social Care): one adapter for any of its indicators.

Which are read stands in `listed.toml`, with what their rows are known by. Values are the publisher's: standardised
rates, surveys' estimates and life expectancy cannot be made again from counts, so nothing is added up to areas.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from db.catalogue.source_files import publications
from etl.source import Source
from etl.sources.fingertips.discovery import discover
from etl.sources.fingertips.layouts import parse, recognise

__all__ = ["SOURCE", "discover", "parse", "recognise"]

_FACTS = publications()["fingertips"]

SOURCE = Source(
    id=_FACTS.id,
    name=_FACTS.name,
    landing_url=_FACTS.landing_url,
    allowed_hosts=(urlsplit(_FACTS.landing_url).hostname or "",),
    parser_version=2,
    discover=discover,
    recognise=recognise,
    parse=parse,
)
