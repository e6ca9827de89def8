"""Why a trust has no stroke figure, and which team serves its patients, as far as the table of teams says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from db.catalogue.stroke_teams import StrokeTeam, patients_moved, stroke_teams, team_trusts
from stp_dash.analysis.wording import date_text, listing


@dataclass(frozen=True)
class StrokeCover:
    """What is said, and the teams that it names: name and code."""

    text: str
    teams: tuple[tuple[str, str], ...] = ()


def stroke_cover(trust: str, name: str, names: Mapping[str, str], day: date) -> StrokeCover:
    """Of a trust without a stroke figure on a day: that its teams have closed and who serves instead, which they
    are, or that no team is known as its own. `names` are organisations' names as pages write them."""
    teams, trusts = stroke_teams().by_code, team_trusts()
    own = [team for code, team in teams.items() if trusts.get(code) == trust]
    open_now = [team for team in own if not _closed(team, day)]
    if not own:
        return StrokeCover(
            f"{name} has no stroke figure: no team of the stroke audit is known as its own. Which team serves its "
            "patients the audit's files do not say."
        )
    if open_now:
        listed = listing([team.organisation.name for team in open_now])
        are = "team is" if len(open_now) == 1 else "teams are"
        return StrokeCover(
            f"{name} has no stroke figure of its own: the audit counts by team, and its {are} {listed}.",
            tuple((team.organisation.name, team.organisation.code) for team in open_now),
        )
    last = max(own, key=lambda team: team.organisation.closed_on or date.min)
    closed = f"{last.organisation.name} closed as a stroke team on {date_text(last.organisation.closed_on)}"
    moved = patients_moved().get(last.organisation.code, ())
    to = [teams[code] for code in moved if not _closed(teams[code], day)]
    if not to:
        return StrokeCover(
            f"{name} has no stroke figure: {closed}. Which team serves its patients the audit's files do not say."
        )
    served = listing([_whose(team, trusts, names) for team in to])
    return StrokeCover(
        f"{name} has no stroke figure: {closed}. Its patients have gone to {served} since.",
        tuple((team.organisation.name, team.organisation.code) for team in to),
    )


def _closed(team: StrokeTeam, day: date) -> bool:
    return team.organisation.closed_on is not None and team.organisation.closed_on < day


def _whose(team: StrokeTeam, trusts: Mapping[str, str], names: Mapping[str, str]) -> str:
    trust = trusts.get(team.organisation.code, "")
    of = f" ({names[trust]})" if trust in names else ""
    return f"{team.organisation.name}{of}"
