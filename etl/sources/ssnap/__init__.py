"""Sentinel Stroke National Audit Programme (SSNAP): levels, scores and thrombolysis items by stroke team.

What a file becomes: one row for each team, period and indicator. Levels and scores are values without counts and
are never added up. Thrombolysis items have numerators and denominators, team-centred: each patient belongs to the
one team that answers for them, so that counts may be added. Sums of trusts, areas and England take only teams that
routinely admit patients and that our own table (`db.catalogue.stroke_teams`) places in an English trust. The
audit's national figure covers England, Wales and Northern Ireland: it is the organisation `SSNAP`, not England.

The annual portfolio by commissioner is of other patients: those of an area, wherever treated, on the basis of
residence and in an indicator of its own. No sum is made of its rows.

See `scoring_summary`, `portfolio`, `domain_tab` and `commissioner_portfolio` for the outputs, `vocabulary` for the
words, `dating` for the periods and `discovery` for the pages.
"""

from __future__ import annotations

from db.catalogue.source_files import publications
from db.catalogue.stroke_teams import team_trusts
from db.domain import Basis, OrganisationType
from etl.source import RollUp, Source
from etl.sources.ssnap.discovery import discover
from etl.sources.ssnap.layouts import parse, recognise

__all__ = ["SOURCE", "discover", "parse", "recognise"]

_FACTS = publications()["ssnap"]

SOURCE = Source(
    id=_FACTS.id,
    name=_FACTS.name,
    landing_url=_FACTS.landing_url,
    older_landing_urls=_FACTS.older_landing_urls,
    allowed_hosts=(
        "www.strokeaudit.org",
        "strokeaudit.org",
        "www.ssnap.org",
        "ssnap.org",
        "staging.ssnap.org",
    ),
    parser_version=2,
    discover=discover,
    recognise=recognise,
    parse=parse,
    roll_ups=(
        RollUp(Basis.TEAM, OrganisationType.STROKE_TEAM, OrganisationType.TRUST, skip_missing=True),
        RollUp(Basis.TEAM, OrganisationType.TRUST, OrganisationType.ICB),
        RollUp(Basis.TEAM, OrganisationType.TRUST, OrganisationType.COUNTRY),
    ),
    places=team_trusts,
)
