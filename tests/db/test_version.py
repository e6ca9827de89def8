"""What a run records as the version of the program: from git, from whoever built it, from the package."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from db import version
from db.version import code_version, git_description

NEEDS_GIT = pytest.mark.skipif(
    shutil.which("git") is None and not os.environ.get("CI"), reason="git is missing: apt-get install git"
)


@pytest.fixture(autouse=True)
def found_anew() -> Iterator[None]:
    """The version is found once a process: here it is found again in each test, and after it."""
    code_version.cache_clear()
    yield
    code_version.cache_clear()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit, tagged v1.2.0."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "file.txt").write_text("one\n")
    who = ["-c", "user.name=Someone", "-c", "user.email=someone@example.org", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "One"], ["tag", "v1.2.0"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


def test_who_builds_the_program_may_say_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(version.VARIABLE, " v1.2.0-3-gabc1234 ")
    assert code_version() == "v1.2.0-3-gabc1234"


@NEEDS_GIT
def test_a_checkout_is_described_by_git(monkeypatch: pytest.MonkeyPatch, repository: Path) -> None:
    monkeypatch.delenv(version.VARIABLE, raising=False)
    monkeypatch.setattr(version, "_ROOT", repository)
    assert code_version() == "v1.2.0"
    (repository / "file.txt").write_text("two\n")
    assert code_version() == "v1.2.0", "found once a process"
    code_version.cache_clear()
    assert code_version() == "v1.2.0-dirty"


@NEEDS_GIT
@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a folder to another account")
def test_the_folder_may_belong_to_another_account(repository: Path) -> None:
    for path in (repository, repository / ".git"):
        os.chown(path, 12_345, 12_345)
    assert git_description(repository) == "v1.2.0"


@NEEDS_GIT
def test_a_commit_without_a_tag_is_named_by_its_number(repository: Path) -> None:
    subprocess.run(["git", "tag", "-d", "v1.2.0"], cwd=repository, check=True, capture_output=True)
    commit = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], cwd=repository, text=True)
    assert git_description(repository) == commit.strip()


@NEEDS_GIT
def test_another_repository_that_git_is_told_of_is_not_asked(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "none"))
    assert git_description(repository) == "v1.2.0"


@NEEDS_GIT
def test_a_folder_inside_a_repository_is_not_the_checkout(repository: Path) -> None:
    inside = repository / "site-packages"
    inside.mkdir()
    assert git_description(inside) == ""


@pytest.mark.parametrize("state", ["no git", "no repository", "broken repository"])
def test_without_git_the_package_says_its_version(
    state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(version.VARIABLE, raising=False)
    monkeypatch.setattr(version, "_ROOT", tmp_path)
    if state != "no repository":
        (tmp_path / ".git").mkdir()
    if state == "no git":
        monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(version, "version", lambda _: "2.3.4")
    assert code_version() == "2.3.4"


def test_a_program_that_nothing_describes_still_has_a_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.delenv(version.VARIABLE, raising=False)
    monkeypatch.setattr(version, "_ROOT", tmp_path)
    monkeypatch.setattr(version, "version", absent)
    assert code_version() == "unknown"
