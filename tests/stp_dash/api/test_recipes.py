"""The recipes of `docs/using-the-data.md` run as they stand there, against a real server."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

RECIPES = Path(__file__).resolve().parents[3] / "docs" / "using-the-data.md"
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", RECIPES.read_text("utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def site(server: Flask) -> Iterator[str]:
    """The address of a real server."""
    serving = make_server("127.0.0.1", 0, server, threaded=True)
    thread = threading.Thread(target=serving.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()
    thread.join()
    serving.server_close()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        pytest.param(code, told, id=told[:20])
        for (kind, code), told in zip(
            (block for block in BLOCKS if block[0] == "python" and "polars" not in block[1]),
            (
                "41 months below the standard",
                "organisation_name",
                "organisations at data version 3",
                "denominator",
            ),
            strict=True,
        )
    ],
)
def test_recipes_in_python(
    site: str,
    made: Path,
    code: str,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Files are read from the folder that they were fetched to."""
    monkeypatch.chdir(made)
    exec(compile(code, "using-the-data.md", "exec"), {"SITE": site})  # noqa: S102
    assert told in capsys.readouterr().out


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is needed: apt-get install curl")
def test_recipes_with_curl(site: str, tmp_path: Path) -> None:
    code = "\n".join(block[1] for block in BLOCKS if block[0] == "sh")
    said = subprocess.run(
        ["sh", "-ec", code],
        check=False,
        env={"SITE": site, "PATH": "/usr/bin:/bin"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (said.returncode, said.stderr) == (0, "")
    assert "figures.parquet: OK" in said.stdout
    assert "source,publisher,level_of,period" in said.stdout
    assert "ETag: W/" in said.stdout
    assert (tmp_path / "trusts.csv").read_text().startswith("indicator,breakdown,unit,period")
