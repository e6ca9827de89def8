"""The environment's variables that are settings: `STP_` and a setting's path, `STP_SITE__PORT`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import get_origin

from pydantic import BaseModel

from db.settings.file import CONFIG_VARIABLE, SettingsError
from db.settings.sections import Settings

PREFIX, SEPARATOR = "STP_", "__"
_NO_SETTINGS = (CONFIG_VARIABLE, "STP_VERSION")


def check_environment(environment: Mapping[str, str]) -> None:
    """Raises SettingsError for a variable that is misspelt, and for one that is no JSON where a list is wanted."""
    for name in sorted(environment):
        if not name.upper().startswith(PREFIX) or name.upper() in _NO_SETTINGS:
            continue
        kind = _kind(name.upper().removeprefix(PREFIX).lower().split(SEPARATOR), Settings)
        if kind is None:
            near = get_close_matches(name.upper(), [*_names(), *_NO_SETTINGS, "DATABASE_URL"], n=1)
            hint = f" (near it: {near[0]})" if near else ""
            raise SettingsError(f"{name}: wanted the name of a setting, found one that is none{hint}")
        if kind in {tuple, dict} and not _is_json(environment[name]):
            example = """a JSON list, such as '["..."]'""" if kind is tuple else "a JSON object"
            raise SettingsError(f"{name}: wanted {example}, found a text that is no JSON")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _kind(path: list[str], section: type[BaseModel]) -> object | None:
    """What is wanted at a path: tuple, dict, or str for all that is one word; None where there is no such setting."""
    field = section.model_fields.get(path[0])
    if field is None:
        return None
    kind = field.annotation
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _kind(path[1:], kind) if path[1:] else dict
    if get_origin(kind) is dict:
        return str if path[1:] else dict
    if path[1:]:
        return None
    return tuple if get_origin(kind) is tuple else str


def _names(section: type[BaseModel] = Settings, before: str = PREFIX) -> Iterator[str]:
    for name, field in section.model_fields.items():
        kind = field.annotation
        yield before + name.upper()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _names(kind, before + name.upper() + SEPARATOR)
