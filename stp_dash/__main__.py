"""`python -m stp_dash`: what can be made of the site's pages without a browser."""

from __future__ import annotations

import getpass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from db.redaction import without_secrets
from db.service.processes import give_way
from db.settings import SettingsError, load_settings
from db.store import DBAPIError, StoreError, open_store, store_fault
from stp_dash.api.bulk.keeping import NoFilesError, keep_files
from stp_dash.elements.links import ISSUED, PACK
from stp_dash.follow.step import take_step
from stp_dash.frame.request import PageRequest, ParameterError, Site
from stp_dash.pack.issued.issuing import issue, issue_ordered
from stp_dash.pack.making import NotMadeError, document_of
from stp_dash.pack.state import WITHOUT

application = typer.Typer(
    help="What is made of the site's pages without a browser.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class DocumentKind(StrEnum):
    """What a pack can be written as."""

    PDF = "pdf"
    PPTX = "pptx"
    XLSX = "xlsx"


@application.callback()
def site_commands() -> None:
    """What is made of the site's pages without a browser."""


@application.command("pack")
def pack_command(
    *,
    out: Annotated[Path, typer.Option(help="The file to write; one that is there is replaced.")],
    kind: Annotated[DocumentKind, typer.Option("--format", help="What to write.")] = DocumentKind.PDF,
    area: Annotated[str, typer.Option(help="The area's code; that of the settings by default.")] = "",
    include: Annotated[str, typer.Option(help="all, failing, or indicators with commas between.")] = "",
    paper: Annotated[str, typer.Option(help="landscape or portrait: how the sheets of the PDF lie.")] = "",
    period: Annotated[str, typer.Option(help="As at a month, as 2026-08; the latest by default.")] = "",
    without_commentary: Annotated[
        bool, typer.Option("--without-commentary", help="Leave out what people say of the figures.")
    ] = False,
    published: Annotated[str, typer.Option(help="As published by a day, as 2026-10-08.")] = "",
    data_version: Annotated[str, typer.Option("--version", help="As of a data version, by its number.")] = "",
) -> None:
    """Make the board pack of the area and write it to a file."""
    asked = {
        "area": area,
        "include": include,
        "paper": paper,
        "commentary": WITHOUT if without_commentary else "",
        "period": period,
        "published": published,
        "version": data_version,
    }
    try:
        settings = load_settings()
        store = open_store(settings.database_url)
        try:
            request = PageRequest(
                Site(store, settings), PACK, {key: value for key, value in asked.items() if value}
            )
            pack, content = document_of(request, kind.value)
        finally:
            store.close()
        out.write_bytes(content)
    except (SettingsError, StoreError, NotMadeError) as error:
        raise _ended(str(error)) from error
    except ParameterError as error:
        raise _ended(error.told) from error
    except DBAPIError as error:
        raise _ended(f"the store: {store_fault(error)}") from error
    except OSError as error:
        raise _ended(f"{out} cannot be written: {error.strerror}") from error
    typer.echo(f"{out}: {len(pack.sheets)} indicators, {len(content):,} bytes. {pack.version}.")


@application.command("issue")
def issue_command(
    *,
    order: Annotated[
        int | None, typer.Option(help="The number of a standing order, in place of all else.")
    ] = None,
    title: Annotated[str, typer.Option(help="What the pack is called; area and month by default.")] = "",
    area: Annotated[str, typer.Option(help="The area's code; that of the settings by default.")] = "",
    include: Annotated[str, typer.Option(help="all, failing, or indicators with commas between.")] = "",
    paper: Annotated[str, typer.Option(help="landscape or portrait: how the sheets of the PDF lie.")] = "",
    period: Annotated[str, typer.Option(help="As at a month, as 2026-08; the latest by default.")] = "",
    without_commentary: Annotated[
        bool, typer.Option("--without-commentary", help="Leave out what people say of the figures.")
    ] = False,
) -> None:
    """Issue a board pack: make its PDF, slides and workbook, and keep them as they are."""
    asked = {
        "area": area,
        "include": include,
        "paper": paper,
        "commentary": WITHOUT if without_commentary else "",
        "period": period,
    }
    try:
        settings = load_settings()
        store = open_store(settings.database_url)
        try:
            site = Site(store, settings)
            if order is not None:
                number = issue_ordered(site, order)
            else:
                request = PageRequest(site, PACK, {key: value for key, value in asked.items() if value})
                number = issue(request, title=title, by=_who())
        finally:
            store.close()
    except (SettingsError, StoreError, NotMadeError) as error:
        raise _ended(str(error)) from error
    except ParameterError as error:
        raise _ended(error.told) from error
    except DBAPIError as error:
        raise _ended(f"the store: {store_fault(error)}") from error
    typer.echo(f"Issued pack {number}: {ISSUED}?pack={number}")


def _who() -> str:
    """The name of the person at the terminal, for the record."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "command line"


@application.command("bulk")
def bulk_command(
    *,
    out: Annotated[
        Path | None, typer.Option(help="The folder; that of the settings (bulk.folder) by default.")
    ] = None,
    gently: Annotated[bool, typer.Option(help="Leave processor and disk to others first.")] = False,
) -> None:
    """Make the whole store as Parquet and CSV, with data packages, in a folder of its data version."""
    try:
        settings = load_settings()
        folder = out or settings.bulk.folder
        if folder is None:
            raise _ended("No folder is given: name one with --out, or in the setting bulk.folder.")
        if gently:
            give_way()
        store = open_store(settings.database_url)
        try:
            made = keep_files(Site(store, settings), folder)
        finally:
            store.close()
    except (SettingsError, StoreError, NoFilesError) as error:
        raise _ended(str(error)) from error
    except DBAPIError as error:
        raise _ended(f"the store: {store_fault(error)}") from error
    size = sum(path.stat().st_size for path in made.iterdir())
    typer.echo(f"{made}: {size:,} bytes of data version {made.name}.")


@application.command("tell")
def tell_command(
    *,
    gently: Annotated[bool, typer.Option(help="Leave processor and disk to others first.")] = False,
) -> None:
    """Note what is new, each thing once, and send what readers asked for."""
    try:
        settings = load_settings()
        if gently:
            give_way()
        store = open_store(settings.database_url)
        try:
            step = take_step(Site(store, settings))
        finally:
            store.close()
    except (SettingsError, StoreError) as error:
        raise _ended(str(error)) from error
    except DBAPIError as error:
        raise _ended(f"the store: {store_fault(error)}") from error
    except OSError as error:
        raise _ended(f"the key that addresses are kept under: {error.strerror or error}") from error
    typer.echo(step.words)


def _ended(message: str) -> typer.Exit:
    typer.echo(f"Error: {without_secrets(message)}", err=True)
    return typer.Exit(1)


if __name__ == "__main__":
    application()
