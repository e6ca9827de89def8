"""`python -m etl rebase`, `rules` and `event`: what people decide and want remembered, recorded under their role."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from etl.commands.terminal import Database, console, opened_store, who

if TYPE_CHECKING:
    from db.domain.decision import Recorded
    from db.store import Store

Role = Annotated[
    str,
    typer.Option("--role", help='What the person who decided does, as "Head of cancer services": no name.'),
]
IndicatorOption = Annotated[
    str | None,
    typer.Option("--indicator", metavar="I", help="On the charts of one indicator; of all without."),
]
OrganisationOption = Annotated[
    str | None,
    typer.Option("--organisation", metavar="CODE", help="On the charts of one organisation; of all without."),
]


def add_decision_commands(application: typer.Typer) -> None:
    """Add the commands on recorded decisions and events to `python -m etl`."""
    application.command()(rebase)
    application.command()(event)
    application.command("withdraw-event")(withdraw)
    application.command()(rules)
    application.command("decisions")(list_recorded)


def rebase(
    indicator: Annotated[str, typer.Argument(metavar="INDICATOR", help="The id of an indicator.")],
    organisation: Annotated[str, typer.Argument(metavar="ORGANISATION", help="The code of an organisation.")],
    month: Annotated[str, typer.Argument(metavar="MONTH", help="From which month: 2024-03.")],
    *,
    reason: Annotated[str, typer.Option("--reason", help="What changed, in words that others will read.")],
    role: Role,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take a recorded decision back.")] = False,
    database: Database = None,
) -> None:
    """Start the limits of a control chart again, because the process changed; or take that back."""
    from db.figures.decisions.rebases import record_rebase, waits_for_a_figure, withdraw_rebase

    on = _month(month)
    with opened_store(database) as (store, _), store.writing() as connection:
        act = withdraw_rebase if withdraw else record_rebase
        act(
            connection,
            indicator_code=indicator,
            organisation_code=organisation,
            on=on,
            reason=reason,
            role=role,
            by=who(),
        )
        waits = not withdraw and waits_for_a_figure(
            connection, indicator_code=indicator, organisation_code=organisation, on=on
        )
    done = "no longer start again" if withdraw else "start again"
    console.print(f"Limits of {indicator} {done} for {organisation} in {on:%B %Y}.", highlight=False)
    if waits:
        told = f"There is no such figure yet: this takes effect with the first figure from {on:%B %Y}."
        console.print(told, highlight=False)


def rules(
    indicator: Annotated[str, typer.Argument(metavar="INDICATOR", help="The id of an indicator.")],
    organisation: Annotated[str, typer.Argument(metavar="ORGANISATION", help="The code of an organisation.")],
    profile: Annotated[str, typer.Argument(metavar="RULES", help="national or nhs-r.")],
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why, in words that others will read.")],
    role: Role,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take a recorded choice back.")] = False,
    database: Database = None,
) -> None:
    """Choose the control chart rules that a series is judged by, wherever it is shown; or take that back."""
    from db.figures.decisions.rules import record_rules, withdraw_rules

    about: dict[str, Any] = {"indicator_code": indicator, "organisation_code": organisation}
    with opened_store(database) as (store, _), store.writing() as connection:
        if withdraw:
            withdraw_rules(connection, **about, reason=reason, role=role, by=who())
        else:
            record_rules(connection, **about, profile=profile, reason=reason, role=role, by=who())
    done = f"no longer judged by rules of its own for {organisation}"
    words = done if withdraw else f"judged by the {profile} rules for {organisation}"
    console.print(f"{indicator} is {words}.", highlight=False)


def event(
    day: Annotated[datetime, typer.Argument(metavar="DAY", formats=["%Y-%m-%d"], help="2024-03-31.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What happened, in 160 characters at most.")],
    *,
    role: Role,
    until: Annotated[
        datetime | None,
        typer.Option("--until", metavar="DAY", formats=["%Y-%m-%d"], help="The last day of a span."),
    ] = None,
    link: Annotated[str, typer.Option("--link", help="Where more is to be read: https://...")] = "",
    indicator: IndicatorOption = None,
    organisation: OrganisationOption = None,
    area: Annotated[
        str | None,
        typer.Option("--area", metavar="CODE", help="On the charts of an area and of all that belong to it."),
    ] = None,
    replaces: Annotated[
        int | None,
        typer.Option("--replaces", metavar="EVENT", help="Another version of an event that stands."),
    ] = None,
    database: Database = None,
) -> None:
    """Put an event on charts: a day or a span, and what happened; or another version of one in its place."""
    from db.domain.decision import EventWords
    from db.figures.decisions.events import change_event, record_event

    if area and organisation:
        raise typer.BadParameter("--area: wanted an area or an organisation, found both")
    given = EventWords(
        on=day.date(),
        until=until.date() if until else None,
        text=text,
        link=link,
        role=role,
        indicator=indicator,
        organisation=area or organisation,
        of_area=bool(area),
    )
    with opened_store(database) as (store, _), store.writing() as connection:
        if replaces is None:
            number = record_event(connection, given, by=who())
        else:
            number = change_event(connection, replaces, given, by=who())
    instead = "" if replaces is None else f" in place of {replaces}"
    console.print(f"Event {number} is recorded{instead}.", highlight=False)


def withdraw(
    number: Annotated[int, typer.Argument(metavar="EVENT", help="The number that `decisions` shows.")],
    *,
    role: Role,
    database: Database = None,
) -> None:
    """Take an event off the charts."""
    from db.figures.decisions.events import withdraw_event

    with opened_store(database) as (store, _), store.writing() as connection:
        withdraw_event(connection, number, role=role, by=who())
    console.print(f"Event {number} is withdrawn.", highlight=False)


def list_recorded(
    *,
    every: Annotated[bool, typer.Option("--all", help="What was withdrawn too.")] = False,
    database: Database = None,
) -> None:
    """Show the decisions and events on record."""
    from rich.table import Table

    from db.figures.decisions.rules import standing_rules

    with opened_store(database, to_read=True) as (store, _):
        found = _recorded(store, every=every)
        with store.reading() as connection:
            chosen = standing_rules(connection, withdrawn=every)
    if not found.decisions and not found.events and not chosen:
        console.print("Nothing is recorded.")
        return
    table = Table("Kind", "Number", "Day", "Indicator", "Organisation", "Text", "Role", "State")
    for item in found.decisions:
        state = _state(item.withdrawn_at)
        table.add_row(
            "rebase",
            str(item.id),
            f"{item.on}",
            item.indicator,
            item.organisation,
            item.reason,
            item.role,
            state,
        )
    for rule in chosen:
        day, text = f"{rule.recorded_at:%Y-%m-%d}", f"{rule.profile}: {rule.reason}"
        where = (day, rule.indicator, rule.organisation)
        table.add_row("rules", str(rule.id), *where, text, rule.role, _state(rule.withdrawn_at))
    for noted in found.events:
        whose = f"{noted.organisation} and all in it" if noted.of_area else noted.organisation or "every one"
        days = f"{noted.on}" if noted.until is None else f"{noted.on} to {noted.until}"
        state = _state(noted.withdrawn_at)
        where = (days, noted.indicator or "every one", whose)
        table.add_row("event", str(noted.id), *where, noted.text, noted.role, state)
    console.print(table)


def _recorded(store: Store, *, every: bool) -> Recorded:
    from db.figures.decisions.recorded import recorded_for

    with store.reading() as connection:
        return recorded_for(connection, withdrawn=every)


def _state(withdrawn_at: datetime | None) -> str:
    return "stands" if withdrawn_at is None else f"withdrawn {withdrawn_at:%Y-%m-%d}"


def _month(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        raise typer.BadParameter(f"MONTH: wanted a month as 2024-03, found {text!r}") from None
