"""General Practice Workforce, NHS England: staff of each practice in England on one day, monthly since July 2021.

Read are the practice-level files, for full-time equivalents (FTE) only: headcounts do not add up above a practice,
since one person may work in several. The files leave out the publisher's estimates for practices without a valid
return, so sums lie below published totals; `general-practice-workforce-coverage` says how many patients they cover.
"""

from __future__ import annotations

from db.catalogue.former_ccgs import practice_former_ccgs
from db.catalogue.source_files import publications
from db.domain import Basis, OrganisationType
from etl.source import RollUp, Source
from etl.sources.general_practice_workforce.discovery import ALLOWED_HOSTS, discover
from etl.sources.general_practice_workforce.layouts import recognise
from etl.sources.general_practice_workforce.parsing import parse

_AREAS = (
    OrganisationType.CCG,
    OrganisationType.SUB_ICB_LOCATION,
    OrganisationType.ICB,
    OrganisationType.REGION,
    OrganisationType.COUNTRY,
)

_FACTS = publications()["general_practice_workforce"]

SOURCE = Source(
    id=_FACTS.id,
    name=_FACTS.name,
    landing_url=_FACTS.landing_url,
    allowed_hosts=ALLOWED_HOSTS,
    parser_version=1,
    discover=discover,
    recognise=recognise,
    parse=parse,
    roll_ups=tuple(
        RollUp(Basis.PRACTICE, OrganisationType.PRACTICE, area, skip_missing=True) for area in _AREAS
    ),
    places=practice_former_ccgs,
)
