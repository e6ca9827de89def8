"""Delayed transfers of care (NHS England, closed): days in hospital of patients who were ready for transfer.

Monthly files by local authority of residence from April 2011 to December 2019, and England's series from August 2010 to
February 2020, the last month there is. Nothing more comes out, so nothing is ever overdue. It is not the series of the
acute discharge situation report: the publisher says that the two cannot be compared, and they are never one line.
"""

from __future__ import annotations

from db.catalogue.source_files import publications
from db.domain import Basis, OrganisationType
from etl.source import RollUp, Source
from etl.sources.delayed_transfers.discovery import discover
from etl.sources.delayed_transfers.layouts import parse, recognise

__all__ = ["SOURCE", "discover", "parse", "recognise"]

_FACTS = publications()["delayed_transfers"]

SOURCE = Source(
    id=_FACTS.id,
    name=_FACTS.name,
    landing_url=_FACTS.landing_url,
    allowed_hosts=("www.england.nhs.uk",),
    parser_version=1,
    discover=discover,
    recognise=recognise,
    parse=parse,
    roll_ups=(
        RollUp(
            Basis.RESIDENCE,
            OrganisationType.UPPER_TIER_AUTHORITY,
            OrganisationType.STATISTICAL_REGION,
            by_source=True,
        ),
    ),
)
