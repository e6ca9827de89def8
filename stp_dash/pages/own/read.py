"""What the pages of own measures read, for whoever may see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from sqlalchemy import Connection

from db.domain.own.figures import Approval, FigureKey, OwnFigure, Submission
from db.domain.own.measures import Audience, LocalTarget, OwnMeasure
from db.domain.own.totals import for_others, with_totals
from db.domain.people.role import Person
from db.own.definitions import DefinitionVersion, definition_versions, own_measures, public_approvals
from db.own.submissions import own_submissions, standing_figures, standing_targets
from stp_dash.pages.own.series import MeasurePlace, OwnSeries, measure_series


@dataclass(frozen=True)
class OwnView:
    """One measure with all that its page shows."""

    measure: OwnMeasure
    figures: Mapping[FigureKey, OwnFigure]
    targets: tuple[LocalTarget, ...]
    places: tuple[MeasurePlace, ...]
    submissions: list[Submission]
    versions: list[DefinitionVersion]
    approval: Approval | None = None

    def series(self, place: MeasurePlace, profile: str = "national") -> OwnSeries:
        """The series of one of its places."""
        return measure_series(self.measure, self.targets, place, self.figures, profile)


def measure_key(measure: str) -> str:
    """What an address calls a measure: addresses stand in logs of servers, and its name is not for them."""
    return sha256(measure.encode()).hexdigest()[:12]


def place_key(place: MeasurePlace) -> str:
    """What an address calls a place of a measure."""
    return sha256(f"{place.organisation} {place.unit}".encode()).hexdigest()[:8]


def covers(person: Person, code: str) -> bool:
    """Whether somebody's account is for an organisation: one without organisations is for all."""
    return not person.organisations or code in person.organisations


def seen_measures(connection: Connection, person: Person | None) -> dict[str, OwnMeasure]:
    """The measures that somebody may see, by id: of nobody signed in those that are approved for everybody."""
    if person is None:
        approved = public_approvals(connection)
        return (
            {key: item for key, item in own_measures(connection).items() if key in approved}
            if approved
            else {}
        )
    return {key: item for key, item in own_measures(connection).items() if _is_seen(connection, item, person)}


def _is_seen(connection: Connection, measure: OwnMeasure, person: Person) -> bool:
    if measure.audience is not Audience.ORGANISATION or not person.organisations:
        return True
    owners = {unit.organisation for unit in measure.units} or {
        key.organisation for key in standing_figures(connection, measure.id)
    }
    return any(covers(person, code) for code in owners)


def places_of(
    measure: OwnMeasure, figures: Mapping[FigureKey, OwnFigure], names: Mapping[str, str]
) -> tuple[MeasurePlace, ...]:
    """The organisations and units that figures are of, each organisation before its units."""
    held = {(key.organisation, key.unit) for key in figures}
    order = {(unit.organisation, unit.code): number for number, unit in enumerate(measure.units)}
    called = {(unit.organisation, unit.code): unit.name for unit in measure.units}
    return tuple(
        MeasurePlace(code, unit, called.get((code, unit), names.get(code, code)))
        for code, unit in sorted(held, key=lambda item: (item[0], order.get(item, -1), item[1]))
    )


def own_view(
    connection: Connection, measure: OwnMeasure, names: Mapping[str, str], *, signed_in: bool
) -> OwnView:
    """A measure's figures with its totals, its targets, places and submissions. Who is not signed in sees figures
    without small numbers, rounded, and not who handed them in."""
    figures = with_totals(measure, standing_figures(connection, measure.id))
    if not signed_in:
        figures = {item.key: item for item in for_others(measure, figures.values())}
        measure = replace(measure, decimals=measure.decimals if measure.kind.needs_value else 0)
    places = places_of(measure, figures, names)
    targets = standing_targets(connection, measure)
    return OwnView(
        measure,
        figures,
        targets,
        places,
        own_submissions(connection, measure.id),
        definition_versions(connection, measure.id) if signed_in else [],
        public_approvals(connection).get(measure.id),
    )
