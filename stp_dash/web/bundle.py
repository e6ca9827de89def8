"""The smallest published bundle of plotly.js that draws our charts, and what the browser loads compressed beforehand.

`make setup` has npm fetch the package that `python -m stp_dash.web.bundle name` names, and
`python -m stp_dash.web.bundle` then writes both into `build/`. Without npm or a network the site works with the full
bundle of the Python package.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import sys
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import brotli
from plotly.offline import get_plotlyjs_version

PACKAGE = "plotly.js-basic-dist-min"
"""Draws scatter and bar traces, which are all that our charts have."""
VERSION = "4.1.1"
INTEGRITY = "1oNF8PeQx2hv/y7tqEVWKD3JGwn/MGEMQ8mL9HUwsaqG9FGy/OU5FHUHvzqbqxN4mnwZGI9abTiE775C4kkjMQ=="
"""SHA-512 of the package's archive."""
FILE = "plotly-basic.min.js"
ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "assets"
BUILD = ROOT / "build"
_HEADER = f"plotly.js (basic - minified) v{VERSION}"
_DASH = (
    "deps/polyfill@*.min.js",
    "deps/react@18*.min.js",
    "deps/react-dom@18*.min.js",
    "deps/prop-types@*.min.js",
    "dash-renderer/build/dash_renderer.min.js",
    "dcc/dash_core_components.js",
    "dcc/dash_core_components-shared.js",
    "dcc/async-graph.js",
    "html/dash_html_components.min.js",
)
"""What a page asks Dash for."""


class BundleError(Exception):
    """The small bundle cannot be had: why, in words."""


def basic_bundle(folder: Path = BUILD) -> Path | None:
    """The small bundle, where it has been fetched and is of the version that the Python package draws for."""
    path = folder / FILE
    if get_plotlyjs_version() != VERSION or not path.is_file():
        return None
    with path.open("rb") as file:
        return path if _HEADER.encode() in file.read(200) else None


def full_bundle() -> Path:
    """The bundle that comes with the Python package."""
    return _package("plotly") / "package_data" / "plotly.min.js"


def unpack(folder: Path = BUILD) -> Path:
    """Take the small bundle out of the archive that npm left in `npm/`, checked. Raises BundleError."""
    if get_plotlyjs_version() != VERSION:
        raise BundleError(f"{VERSION} is pinned, and the Python package wants {get_plotlyjs_version()}")
    archive = folder / "npm" / f"{PACKAGE}-{VERSION}.tgz"
    if not archive.is_file():
        raise BundleError(f"npm, which fetches {PACKAGE} {VERSION}, is missing or could not")
    path = folder / FILE
    path.write_bytes(_member(archive))
    return path


def _member(archive: Path) -> bytes:
    """The bundle inside the archive, once its hash and its header have been checked. Raises BundleError."""
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != INTEGRITY:
        raise BundleError("the archive that npm gave has another hash than the pinned one")
    with tarfile.open(archive) as tar:
        found = tar.extractfile(f"package/{FILE}")
        content = found.read() if found else b""
    if _HEADER.encode() not in content[:200]:
        raise BundleError(f"the archive holds no bundle of version {VERSION}")
    return content


def compress(folder: Path = BUILD) -> int:
    """Write every file that the browser loads, compressed as far as it goes, under its hash. Gives their number."""
    target = folder / "compressed"
    target.mkdir(parents=True, exist_ok=True)
    digests = set()
    for path in _loaded(folder):
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        digests.add(digest)
        if not (target / f"{digest}.br").is_file():
            (target / f"{digest}.gzip").write_bytes(gzip.compress(content, 9, mtime=0))
            (target / f"{digest}.br").write_bytes(brotli.compress(content, quality=11))
    _tidy(target, digests)
    return len(digests)


def _tidy(target: Path, digests: Iterable[str]) -> None:
    known = set(digests)
    for path in target.iterdir():
        if path.name.partition(".")[0] not in known:
            path.unlink()


def _loaded(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in ASSETS.iterdir() if path.suffix in {".js", ".css", ".svg"})
    yield basic_bundle(folder) or full_bundle()
    for pattern in _DASH:
        yield from sorted(_package("dash").glob(pattern))


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise BundleError(f"{name} is not installed")
    return Path(spec.origin).parent


def main(arguments: Sequence[str]) -> int:
    """With `name`, say what npm is to fetch; else unpack and compress, and say what pages will load."""
    if list(arguments) == ["name"]:
        sys.stdout.write(f"{PACKAGE}@{VERSION}\n")
        return 0
    told = f"Charts are drawn by plotly.js basic {VERSION}."
    try:
        if basic_bundle() is None:
            unpack()
    except BundleError as reason:
        told = f"Charts are drawn by the full plotly.js, four times the size: {reason}. `make setup` tries again."
    compress()
    sys.stdout.write(told + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
