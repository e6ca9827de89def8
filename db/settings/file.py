"""The settings file as it is written: `config.toml`, or the file that `STP_CONFIG` names."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

CONFIG_VARIABLE = "STP_CONFIG"
CONFIG_FILE = Path(__file__).resolve().parents[2] / "config.toml"


class SettingsError(Exception):
    """A setting is wrong: which one, what was wanted and what was found, without quoting what may be a secret."""


def read_settings_file() -> dict[str, object]:
    """The file's tables. A byte order mark, which some editors write, is passed over. Raises SettingsError."""
    named = os.environ.get(CONFIG_VARIABLE, "")
    path = Path(named) if named else CONFIG_FILE
    # A path from the environment is not quoted: anything may have been pasted there.
    where = f"the settings file that {CONFIG_VARIABLE} names" if named else f"the settings file {path}"
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise SettingsError(f"{where} cannot be read: wanted text in UTF-8, found other bytes") from None
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at (line \d+, column \d+|end of document)\)", str(error))
        raise SettingsError(
            f"{where} cannot be read: wanted TOML, found something else at {place[1] if place else 'some line'}"
        ) from None
    except (OSError, ValueError) as error:
        fault = error.strerror if isinstance(error, OSError) else "no path"
        raise SettingsError(f"{where}: wanted a file that can be read, found none ({fault})") from None
