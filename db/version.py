"""The version of this program: what a run records, and what the operations page and `status` show."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

VARIABLE = "STP_VERSION"
"""Where whoever builds an image without the repository says what it was built from (`docs/deploy/Dockerfile`)."""

UNKNOWN = "unknown"
_ROOT = Path(__file__).resolve().parent.parent
_PACKAGE = "performance-standards-monitor"
_LONGEST_SECONDS = 5


@cache
def code_version() -> str:
    """The version of the running program, found once a process.

    What STP_VERSION says; else git's description of the checkout that the program runs from; else the version of the
    installed package; else "unknown".
    """
    return os.environ.get(VARIABLE, "").strip() or git_description(_ROOT) or _installed() or UNKNOWN


def git_description(folder: Path) -> str:
    """The last tag and the commit that a repository's own folder is at, marked where files differ from it.

    "" for a folder that is no repository's top, and where git is missing, refuses or takes more than five seconds.
    """
    git = shutil.which("git")
    if git is None or not (folder / ".git").exists():
        return ""
    # A service's account is seldom the owner of the program's folder, which git would refuse to read then.
    trusted = f"safe.directory={folder.resolve()}"
    command = [git, "-c", trusted, "-C", str(folder), "describe", "--tags", "--always", "--dirty"]
    # A hook's GIT_DIR would name another repository.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        found = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_LONGEST_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout.strip() if found.returncode == 0 else ""


def _installed() -> str:
    try:
        return version(_PACKAGE)
    except PackageNotFoundError:
        return ""
