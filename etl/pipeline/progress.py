"""How long work tells where it is. `rich` draws it on a terminal; silence is the default elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

from db.domain.run import RunActivity, RunStep, shown_address
from db.redaction import without_secrets


@dataclass(frozen=True)
class SiteRequest:
    """What is asked of a publisher's site at the moment, for the `attempt`th time of at most `attempts`.

    `received` of `size` are bytes; `size` is None where the site has not said it. With `page`, a page of the site.
    """

    url: str
    attempt: int
    attempts: int
    received: int
    size: int | None
    page: bool


class Progress(Protocol):
    """Somebody who is told how far a run has come."""

    def files(self, total: int) -> None:
        """How many files there are to do."""

    def file_started(self, name: str) -> None:
        """A file's turn has come."""

    def file_finished(self, name: str, outcome: str) -> None:
        """A file is done; `outcome` is a `FileState` value."""

    def asking(self, request: SiteRequest) -> None:
        """A publisher's site is asked, or has sent something."""

    def answered(self) -> None:
        """What was asked of the site has come, or will not."""


class Silent:
    """Progress that nobody watches."""

    def files(self, total: int) -> None:
        return

    def file_started(self, name: str) -> None:
        return

    def file_finished(self, name: str, outcome: str) -> None:
        return

    def asking(self, request: SiteRequest) -> None:
        return

    def answered(self) -> None:
        return


class ProgressBar:
    """A bar on the terminal with the file in hand; plain lines where the output is no terminal."""

    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._title, self._name = title, ""
        self._bar = RichProgress(
            TextColumn("{task.fields[title]}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None, title=title)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def files(self, total: int) -> None:
        self._bar.update(self._task, total=total)
        if not self._console.is_terminal:
            self._console.print(f"{self._title}: {total} files", highlight=False)

    def file_started(self, name: str) -> None:
        self._name = name
        self._bar.update(self._task, description=name)

    def asking(self, request: SiteRequest) -> None:
        shown = RunActivity(
            RunStep.PAGES if request.page else RunStep.FETCHING,
            self._name,
            address=without_secrets(shown_address(request.url)),
            attempt=request.attempt,
            attempts=request.attempts,
            received=request.received,
            size=request.size,
        )
        self._bar.update(self._task, description=shown.words)

    def answered(self) -> None:
        self._bar.update(self._task, description=self._name)

    def file_finished(self, name: str, outcome: str) -> None:
        self._bar.advance(self._task)
        if not self._console.is_terminal:
            self._console.print(f"  {outcome:9}  {name}", highlight=False, markup=False)
