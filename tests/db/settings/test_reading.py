"""Settings are checked for form and for sense, and no message quotes what was found where it may be a secret."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel
from typer.testing import CliRunner

from db.settings import Settings, SettingsError, load_settings
from db.settings.file import CONFIG_FILE
from etl.__main__ import application

ROOT = Path(__file__).resolve().parents[3]
MARKER = "S3cretPw9z"
LONG = f"0123456789012345678901234567890{MARKER}"
FORMS = (
    MARKER,
    f"-{MARKER}",
    json.dumps([MARKER, MARKER]),
    json.dumps({MARKER: MARKER}),
    json.dumps({"a": f"mailto://user:{MARKER}@example.org"}),
    f"https://user:{MARKER}@127.0.0.1:1/page?token={MARKER}",
    f"mailto://user:{MARKER}@example.org",
    f"http://[{MARKER}",
)
ADDRESSES = (
    f"mysql://monitor:{MARKER}@db/monitor",
    f"postgresql+foo://monitor:{MARKER}@db/monitor",
    f"postgresql+asyncpg://monitor:{MARKER}@db/monitor",
    f"host=db user=monitor password={MARKER}",
    f"postgresql://monitor@127.0.0.1:1/m?password={MARKER}",
    f"postgresql://monitor@127.0.0.1:1/m?sslmode={MARKER}",
    f"postgresql://monitor@127.0.0.1:1/m?connect_timeout={MARKER}",
    f"postgresql://monitor@127.0.0.1:1/m?{MARKER}=1",
    f"postgresql://monitor:x@{MARKER}@127.0.0.1:1/m",
    f"postgresql://monitor:x/{MARKER}@127.0.0.1:1/m",
    f"postgresql://monitor:1/{MARKER}@127.0.0.1:1/m",
    f"postgresql://monitor:x:{MARKER}@127.0.0.1:1/m",
    f"postgresql://monitor:x#{MARKER}@127.0.0.1:1/m",
    f"postgresql://monitor:x%2F{MARKER}@127.0.0.1:1/m",
    f"postgresql://monitor:x?{MARKER}@127.0.0.1:1/m",
    f"postgresql://monitor:{MARKER}@127.0.0.1:port/m",
    f"postgresql://monitor:{MARKER}@127.0.0.1:1",
    f"sqlite://monitor:{MARKER}@host/x",
    f"sqlite+pysqlcipher://:{MARKER}@/x",
    MARKER,
)


def names(section: type[BaseModel] = Settings, before: str = "STP_") -> Iterator[str]:
    """Every setting's variable, and each section's as a whole."""
    for name, field in section.model_fields.items():
        kind = field.annotation
        yield before + name.upper()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from names(kind, f"{before}{name.upper()}__")


def status(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **variables: str) -> tuple[int, str]:
    """How `python -m etl status` ends with these variables, and all that it says."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/none.sqlite")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(application, ["status"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


@pytest.mark.parametrize(
    "name", [*names(), "STP_CONFIG", "STP_PUBLISHERS__SSNAP", "STP_SCHEDULES__SSNAP__CRON"]
)
def test_no_wrong_form_of_any_setting_is_quoted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    for form in FORMS:
        code, said = status(monkeypatch, tmp_path, **{name: form})
        assert code == 1
        assert MARKER not in said, form
        assert "Traceback" not in said


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_wrong_address_of_the_store_is_quoted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str
) -> None:
    code, said = status(monkeypatch, tmp_path, DATABASE_URL=address)
    assert code == 1
    assert said.startswith("Error: the store")
    assert MARKER not in said


@pytest.mark.parametrize("name", ["secret_key", "proxy_header", "addresses", "database_url", "no such key"])
def test_a_settings_file_is_not_quoted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    path = tmp_path / "config.toml"
    section = {"addresses": "notify", "database_url": "store"}.get(name, "access")
    written = f'[{section}]\n{json.dumps(name)} = {{ {MARKER} = "{MARKER}" }}\n'
    for text in (written, f"{written}{name} = '{MARKER}\n", f"{MARKER}\n", f'"{MARKER}" = 1\n[{MARKER}]\n'):
        path.write_text(text)
        code, said = status(monkeypatch, tmp_path, STP_CONFIG=str(path))
        assert code == 1
        assert MARKER not in said


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"STP_ACESS__TLS": "true"}, "STP_ACESS__TLS: wanted the name of a setting"),
        ({"STP_ACESS__TLS": "true"}, r"near it: STP_ACCESS__TLS"),
        ({"STP_SITE__PROT": "80"}, "near it: STP_SITE__PORT"),
        ({"STP_DATABASE_URL": "sqlite:///x"}, "near it: DATABASE_URL"),
        ({"STP_SCHEDULER__RUNS_AT_ONCE": "500"}, "scheduler.runs_at_once: wanted .* 16, found 500"),
        (
            {"STP_FETCH__TIMEOUT_SECONDS": "-4"},
            "fetch.timeout_seconds: wanted a number greater than 0, found -4",
        ),
        ({"STP_FETCH__TIMEOUT_SECONDS": "inf"}, "fetch.timeout_seconds: wanted a finite number, found inf"),
        ({"STP_NOTIFY__EVERY_SECONDS": "nan"}, "notify.every_seconds: wanted a finite number, found nan"),
        (
            {"STP_AREA__TRUSTS": '["RVV", "XYZ"]'},
            "area.trusts: .* found XYZ, which the catalogue does not have",
        ),
        ({"STP_AREA__TRUSTS": '["RVV", "RVV"]'}, "area.trusts: wanted each code once, found RVV twice"),
        ({"STP_AREA__CODE": "RVV"}, r"area.code: .* type ICB or country or region, found RVV \(trust\)"),
        ({"STP_AREA__COMMISSIONER": "QNX"}, "area: wanted one code, found another as commissioner"),
        ({"STP_AREA__CODE": ""}, "area: wanted the code of an area, .* found none"),
        (
            {"STP_AREAS": '{"group": {"name": "Two trusts", "members": ["RVV", "X9"]}}'},
            "areas.members: .* found a text that is no code",
        ),
        ({"STP_AREAS": '{"Our group": {"name": "One", "members": ["RVV"]}}'}, "areas: wanted names of small"),
        ({"STP_AREA__TILES": '{"10D": [0, 0], "09J": [0, 0]}'}, "area.tiles: .* found two at the same place"),
        ({"STP_SCHEDULES__SNAP__CRON": "0 9 * * *"}, r"schedules: wanted one of .* \(near it: ssnap\)"),
        ({"STP_NOTIFY__ADDRESSES": "mailto://a@b.org"}, "STP_NOTIFY__ADDRESSES: wanted a JSON list"),
        (
            {"STP_NOTIFY__ADDRESSES": '["json://a", "json://a"]'},
            "each receiver once, found one at places 1 and 2",
        ),
        ({"STP_SCHEDULES__SSNAP__TIMEOUT_MINUTES": "-1"}, "timeout_minutes: wanted a number above 0"),
        ({"STP_CONFIG": "/nowhere.toml"}, "STP_CONFIG names: wanted a file that can be read, found none"),
    ],
)
def test_a_setting_that_makes_no_sense_is_told(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], told: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=told):
        load_settings()


def test_a_byte_order_mark_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf" + CONFIG_FILE.read_bytes())
    monkeypatch.setenv("STP_CONFIG", str(path))
    assert load_settings().own_area.code == "QKS"
    path.write_text(CONFIG_FILE.read_text(), encoding="utf-16")
    with pytest.raises(SettingsError, match="wanted text in UTF-8"):
        load_settings()


def test_an_unknown_key_is_named_with_the_one_near_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG_FILE.read_text().replace("session_hours = 8", "sesion_hours = 8"))
    monkeypatch.setenv("STP_CONFIG", str(path))
    with pytest.raises(SettingsError, match=r"access\.sesion_hours: .* \(near it: session_hours\)"):
        load_settings()


def test_a_process_of_its_own_says_nothing_either(tmp_path: Path) -> None:
    variables = {"STP_ACCESS__SECRET_KEY": LONG, "STP_ACCESS__PROXY_HEADER": "X-User"}
    finished = subprocess.run(
        [sys.executable, "-m", "etl", "status"],
        cwd=ROOT,
        env={**os.environ, **variables, "DATABASE_URL": f"sqlite:///{tmp_path}/none.sqlite"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert finished.returncode == 1
    assert "setting access: wanted trusted_proxies" in finished.stderr
    assert MARKER not in finished.stdout + finished.stderr
