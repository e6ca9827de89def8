"""NHS Oversight Framework (NHS England): each trust's segment, average score and financial plan, as published.

Three leagues (acute, mental health and community, ambulance), each with a file of data and a league table. There is no
figure of England or of an area, and none is made: segments and scores of trusts are never added up or averaged.
"""

from __future__ import annotations

from db.catalogue.source_files import publications
from etl.source import Source
from etl.sources.oversight_framework.discovery import discover
from etl.sources.oversight_framework.layouts import parse, recognise

__all__ = ["SOURCE", "discover", "parse", "recognise"]

_FACTS = publications()["oversight_framework"]

SOURCE = Source(
    id=_FACTS.id,
    name=_FACTS.name,
    landing_url=_FACTS.landing_url,
    allowed_hosts=("www.england.nhs.uk",),
    parser_version=2,
    discover=discover,
    recognise=recognise,
    parse=parse,
    older_landing_urls=_FACTS.older_landing_urls,
)
