"""The chart bundle: of the right version, checked when it comes, and not needed."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import tarfile
from pathlib import Path

import brotli
import pytest
from plotly.offline import get_plotlyjs_version

from stp_dash.web import bundle
from stp_dash.web.assets import FrontEnd
from stp_dash.web.bundle import BundleError, basic_bundle, compress, full_bundle, unpack

HEADER = f"/**\n* plotly.js (basic - minified) v{bundle.VERSION}\n*/\n".encode()


def _archive(folder: Path, content: bytes) -> Path:
    path = folder / "npm" / f"{bundle.PACKAGE}-{bundle.VERSION}.tgz"
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as tar:
        member = tarfile.TarInfo(f"package/{bundle.FILE}")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return path


def test_the_pinned_version_is_the_one_that_the_python_package_draws_for() -> None:
    assert get_plotlyjs_version() == bundle.VERSION
    assert f"v{bundle.VERSION}".encode() in full_bundle().read_bytes()[:200]


def test_an_archive_of_another_hash_is_refused(tmp_path: Path) -> None:
    _archive(tmp_path, HEADER + b"evil()")
    with pytest.raises(BundleError, match="another hash"):
        unpack(tmp_path)
    assert not (tmp_path / bundle.FILE).exists()


def test_an_archive_of_the_pinned_hash_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _archive(tmp_path, HEADER + b"good()")
    digest = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    monkeypatch.setattr(bundle, "INTEGRITY", digest)
    assert unpack(tmp_path).read_bytes() == HEADER + b"good()"
    assert basic_bundle(tmp_path) == tmp_path / bundle.FILE


def test_without_npm_the_full_bundle_is_served(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="npm"):
        unpack(tmp_path)
    assert basic_bundle(tmp_path) is None
    front = FrontEnd({"/trend"}, "", tmp_path)
    assert front.files["plotly.js"].content == full_bundle().read_bytes()


def test_a_bundle_of_another_version_is_not_used(tmp_path: Path) -> None:
    (tmp_path / bundle.FILE).write_bytes(HEADER.replace(bundle.VERSION.encode(), b"1.0.0"))
    assert basic_bundle(tmp_path) is None


def test_setting_up_without_npm_says_so_and_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bundle, "basic_bundle", lambda: None)
    monkeypatch.setattr(bundle, "unpack", _no_npm)
    monkeypatch.setattr(bundle, "compress", lambda: 0)
    assert bundle.main([]) == 0
    told = capsys.readouterr().out
    assert "full plotly.js" in told and "npm" in told and "make setup" in told


def _no_npm() -> Path:
    raise BundleError("npm is missing")


def test_what_npm_is_to_fetch_is_named_with_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert bundle.main(["name"]) == 0
    assert capsys.readouterr().out.strip() == f"plotly.js-basic-dist-min@{get_plotlyjs_version()}"


def test_compressed_files_are_found_by_hash_and_old_ones_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = tmp_path / "one.js"
    one.write_text("let words = 'a longer text, a longer text';" * 50)
    monkeypatch.setattr(bundle, "_loaded", lambda folder: [one])
    old = tmp_path / "compressed" / "0000.br"
    old.parent.mkdir()
    old.write_bytes(b"")
    assert compress(tmp_path) == 1
    digest = hashlib.sha256(one.read_bytes()).hexdigest()
    assert sorted(path.name for path in old.parent.iterdir()) == [f"{digest}.br", f"{digest}.gzip"]
    assert brotli.decompress((old.parent / f"{digest}.br").read_bytes()) == one.read_bytes()
    assert gzip.decompress((old.parent / f"{digest}.gzip").read_bytes()) == one.read_bytes()
