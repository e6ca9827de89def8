"""Referral to treatment waiting times (NHS England): who waits for consultant-led treatment, and for how long.

Built on the full CSV data file, one table of providers by commissioners in which England, boards and trusts are sums;
the national series goes back to 2007, and monthly workbooks stand in where there is no such file. Shares have counts.
Medians and percentiles are read from pathways by week, of an area from all its pathways together, and stand as values.
"""

from __future__ import annotations

from db.catalogue.source_files import publications
from db.domain import Basis, OrganisationType
from etl.source import RollUp, Source
from etl.sources.referral_to_treatment.discovery import discover
from etl.sources.referral_to_treatment.layouts import parse, recognise

__all__ = ["SOURCE", "discover", "parse", "recognise"]

_FACTS = publications()["referral_to_treatment"]
_AREAS, _BASIS = OrganisationType.SUB_ICB_LOCATION, Basis.SUB_ICB_LOCATION

SOURCE = Source(
    id=_FACTS.id,
    name=_FACTS.name,
    landing_url=_FACTS.landing_url,
    allowed_hosts=("www.england.nhs.uk",),
    parser_version=1,
    discover=discover,
    recognise=recognise,
    parse=parse,
    roll_ups=tuple(
        RollUp(_BASIS, child, parent, by_source=True)
        for child, parent in (
            (_AREAS, OrganisationType.ICB),
            (OrganisationType.ICB, OrganisationType.REGION),
            (None, OrganisationType.COUNTRY),
        )
    ),
)
