"""NHS Outcomes Framework (NHS England): emergency admissions that care outside hospital could have avoided, by year.

Indirectly standardised: a value is the admissions observed, divided by those expected at England's rates of 2012/13,
times one constant. Read are England, statistical regions and councils of both tiers; nothing is added up.
"""

from __future__ import annotations

from db.catalogue.source_files import publications
from etl.source import Source
from etl.sources.outcomes_framework.discovery import ALLOWED_HOSTS, discover
from etl.sources.outcomes_framework.layouts import parse, recognise

__all__ = ["SOURCE", "discover", "parse", "recognise"]

_FACTS = publications()["outcomes_framework"]

SOURCE = Source(
    id=_FACTS.id,
    name=_FACTS.name,
    landing_url=_FACTS.landing_url,
    allowed_hosts=ALLOWED_HOSTS,
    parser_version=2,
    discover=discover,
    recognise=recognise,
    parse=parse,
)
