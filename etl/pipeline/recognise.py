"""What a source makes of pages and bytes, with whatever it did not foresee said in plain words."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from db.domain import Finding, Severity
from db.reading.characters import has_unseen, plain_text, quoted
from db.reading.spreadsheets import file_kind, first_csv_row, is_workbook, sheet_names
from etl.reading.demonstration_mark import is_demonstration
from etl.reading.pages import unreadable_page
from etl.registry import SOURCES
from etl.source import Discovery, DiscoveryError, Hints, ParsedFile, RawFile, ReadPage, Source, SourceError

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)

_NAMES = ("organisation_name", "breakdown", "missing_reason")
_NAMES_SHOWN = 3
_UNFORESEEN = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, OSError)
NOT_ENOUGH_MEMORY = (
    "there was not enough memory to read it (setting scheduler.memory_megabytes): it may be too large"
)


def source_of(raw: RawFile) -> Source:
    """The source whose file this is, by its content: the first that claims it, for no two claim the same words.

    Raises SourceError where none claims it, or where the bytes are empty, a web page, cut short or of no known kind.
    """
    file_kind(raw)
    with _in_plain_words("the file cannot be recognised"):
        claim = next((source for source in SOURCES.values() if source.recognise(raw)), None)
    if claim:
        return claim
    if is_workbook(raw):
        sheet_names(raw)
    else:
        first_csv_row(raw)
    wanted = ", ".join(source.name for source in SOURCES.values())
    raise SourceError(f"wanted a file of one of these sources: {wanted}; its content is of none of them")


def parsed_file(source: Source, raw: RawFile, hints: Hints) -> ParsedFile:
    """A file's frame. Raises SourceError, also where the parser meets something that it did not foresee."""
    with _in_plain_words(f"the file is not of a layout that {source.name} is known to use"):
        parsed = source.parse(raw, hints)
    return _with_plain_names(replace(parsed, demonstration=is_demonstration(raw)))


def _with_plain_names(parsed: ParsedFile) -> ParsedFile:
    """A file's frame and organisations without characters that nobody sees; what was taken out is a finding."""
    changed: dict[str, str] = {}
    columns = {name: _plain_column(parsed.frame[name], changed) for name in _NAMES}
    organisations = [replace(item, name=_plain_name(item.name, changed)) for item in parsed.organisations]
    if not changed:
        return parsed
    shown = "; ".join(quoted(name) for name in list(changed)[:_NAMES_SHOWN])
    more = f"; and {len(changed) - _NAMES_SHOWN} more" if len(changed) > _NAMES_SHOWN else ""
    message = f"loaded without characters that do not show: {shown}{more}"
    return replace(
        parsed,
        frame=parsed.frame.assign(**columns),
        organisations=tuple(organisations),
        findings=(*parsed.findings, Finding(Severity.WARNING, "characters of names", message, len(changed))),
    )


def _plain_column(column: pd.Series[Any], changed: dict[str, str]) -> pd.Series[Any]:
    names = {name: _plain_name(name, changed) for name in column.unique() if isinstance(name, str)}
    if all(name == plain for name, plain in names.items()):
        return column
    return column.astype(object).map(lambda name: names.get(name, name)).astype(object)


def _plain_name(name: str, changed: dict[str, str]) -> str:
    """A name as it is, or where it holds characters that do not show, without them; and then noted."""
    if not has_unseen(name):
        return name
    return changed.setdefault(name, plain_text(name))


def offered_files(source: Source, read_page: ReadPage, day: date) -> Discovery:
    """What a publisher's pages offer, as on a day: by the first landing page of the source that offers something.

    Those tried before it are findings. Raises SourceError where none does, also for what the source did not foresee.
    """
    failed: list[tuple[str, SourceError]] = []
    for address in (source.landing_url, *source.older_landing_urls):
        try:
            with _in_plain_words(f"the page {address} is not laid out as {source.name}'s"):
                found = source.discover(read_page, address, day)
        except SourceError as error:
            failed.append((address, error))
            continue
        logger.info("%s: %d files offered", address, len(found.files))
        before = (unreadable_page(url, error) for url, error in failed)
        return replace(found, findings=(*before, *found.findings))
    if len(failed) == 1:
        raise failed[0][1]
    told = dict.fromkeys(str(error) for _, error in failed)
    raise DiscoveryError(f"{source.name}: none of the pages that are known offers files: {' | '.join(told)}")


@contextmanager
def _in_plain_words(what: str) -> Iterator[None]:
    """What a source did not foresee becomes a SourceError that says `what`; the details go to the debug log."""
    try:
        yield
    except SourceError:
        raise
    except (MemoryError, *_UNFORESEEN) as error:
        # pandas says so in words.
        if isinstance(error, MemoryError) or "out of memory" in str(error):
            raise SourceError(f"{what}: {NOT_ENOUGH_MEMORY}") from error
        logger.debug("%s", what, exc_info=True)
        raise SourceError(f"{what}: its content is laid out otherwise") from error
