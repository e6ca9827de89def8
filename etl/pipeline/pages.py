"""A publisher's pages, read from its site or from a folder where somebody has saved them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

from bs4 import BeautifulSoup

from db.redaction import without_secrets
from etl.pipeline.fetch import Fetcher, file_name, is_transient
from etl.reading.stand_ins import StandIn, stand_in
from etl.source import PageGoneError, ReadPage, SiteRefusesError, SourceError

INDEX = "pages.json"
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(\S+?)\s*-->")
_PAGE_ENDINGS = frozenset({".html", ".htm", ".aspx", ".xhtml", ".mhtml"})


class PageReader:
    """Reads a publisher's pages once each, and knows which failed and whether some fault may pass.

    `texts` and `failed` hold what came of each address, in the order in which they were asked for.
    """

    def __init__(self, read: ReadPage) -> None:
        self._read = read
        self.texts: dict[str, str] = {}
        self.failed: dict[str, SourceError] = {}

    @classmethod
    def of_site(cls, fetcher: Fetcher) -> PageReader:
        """The pages as the publisher's site gives them."""
        return cls(fetcher.page)

    @property
    def transient(self) -> bool:
        """Whether some fault in reading the pages may pass by itself."""
        return any(map(is_transient, self.failed.values()))

    def __call__(self, url: str) -> str:
        """A page's text. Raises SourceError, and for an address that failed the same again."""
        if url in self.failed:
            raise self.failed[url]
        if url not in self.texts:
            try:
                self.texts[url] = self._read(url)
            except SourceError as error:
                self.failed[url] = error
                raise
        return self.texts[url]


def save_pages(pages: PageReader, folder: Path, day: date) -> list[Path]:
    """Write the pages that were read into a folder, with an index of their addresses. Raises SourceError.

    What could not be read is in the index with the reason, so that the folder says all that was seen.
    """
    names: dict[str, str] = {}
    for number, url in enumerate(pages.texts, 1):
        stem = file_name(url).removesuffix(".html")
        names[without_secrets(url)] = f"{number:02} {stem}.html"
    failed = {
        without_secrets(url): {"message": str(error), "gone": isinstance(error, PageGoneError)}
        for url, error in pages.failed.items()
    }
    index = {"day": day.isoformat(), "pages": names, "failed": failed}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for text, name in zip(pages.texts.values(), names.values(), strict=True):
            (folder / name).write_text(text, encoding="utf-8", newline="")
        (folder / INDEX).write_text(json.dumps(index, indent=1), encoding="utf-8")
    except OSError as error:
        raise SourceError(f"the pages cannot be saved in {folder}: {error.strerror or error}") from error
    return [folder / name for name in (*names.values(), INDEX)]


@dataclass(frozen=True)
class SavedPages:
    """Pages of a folder by address. `day` is the day on which they were saved, None where nothing says it."""

    folder: Path
    texts: dict[str, str]
    failed: dict[str, SourceError]
    day: date | None = None

    def __call__(self, url: str) -> str:
        """A page's text. Raises SourceError where it was not saved or not read then, or stands in for another."""
        if error := self.failed.get(url):
            raise error
        text = next((self.texts[key] for key in _keys(url) if key in self.texts), None)
        if text is None:
            raise PageGoneError(f"{url}: wanted a page saved in {self.folder}, found none of this address")
        kind = stand_in(text)
        if kind is StandIn.CHALLENGE:
            raise SiteRefusesError(
                f"{url}: wanted a web page, found {kind.value}: save it again with a browser"
            )
        if kind is StandIn.NOT_FOUND:
            raise PageGoneError(f"{url}: wanted a web page, found {kind.value}")
        return text


def saved_pages(folder: Path, landing_url: str) -> SavedPages:
    """The pages of a folder: by its index, or for those that a browser saved by what they say of their address.

    A browser's page is known by its comment "saved from url", by its canonical address, or by a name that is the last
    part of its address; one page alone is the landing page. Raises SourceError for a folder without pages.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in _PAGE_ENDINGS)
        index = json.loads((folder / INDEX).read_text(encoding="utf-8")) if (folder / INDEX).exists() else {}
        contents = {path.name: path.read_bytes().decode("utf-8", errors="replace") for path in paths}
        named = {str(name): str(url) for url, name in dict(index.get("pages", {})).items()}
        failed = {str(url): _failure(told) for url, told in dict(index.get("failed", {})).items()}
        day = date.fromisoformat(index["day"]) if "day" in index else None
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise SourceError(f"the pages in {folder} cannot be read: {error}") from error
    if not contents and not failed:
        raise SourceError(f"{folder}: wanted saved pages (.html), found none")
    texts: dict[str, str] = {}
    for name, text in contents.items():
        for key in _keys(named[name])[:1] if name in named else _addresses(name, text):
            texts.setdefault(key, text)
    if len(contents) == 1 and not failed:
        texts.setdefault(_keys(landing_url)[0], *contents.values())
    return SavedPages(folder, texts, failed, day)


def _failure(told: dict[str, object]) -> SourceError:
    return (PageGoneError if told["gone"] else SourceError)(str(told["message"]))


def _keys(url: str) -> tuple[str, str]:
    """What a page is looked for by: host and path, however a browser spells them, then the last part of the path."""
    parts = urlsplit(urldefrag(url).url)
    path = unquote(parts.path).rstrip("/")
    host = parts.netloc.rpartition("@")[2].casefold().removeprefix("www.")
    return f"{host}{path}?{parts.query}".rstrip("?"), path.rsplit("/", 1)[-1].casefold()


def _addresses(name: str, text: str) -> list[str]:
    """The addresses that a saved page may be of, the surest first."""
    page = BeautifulSoup(text, "html.parser")
    found = [match[1] for match in [_SAVED_FROM.search(text[:2000])] if match]
    found += [str(tag["href"]) for tag in page.select("link[rel=canonical][href]")]
    found += [str(tag["content"]) for tag in page.select("meta[property='og:url'][content]")]
    if found:
        return [_keys(found[0])[0]]
    return [name.casefold(), Path(name).stem.casefold()]
