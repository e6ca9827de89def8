"""Reading the settings: file and environment together, with what is wrong told in plain words and without secrets."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from db.redaction import hide_in_logs, keep_address_secret, keep_secret
from db.settings.environment import check_environment
from db.settings.file import SettingsError
from db.settings.sections import Settings
from db.settings.sense import problems

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_LONG_ENOUGH = 8
"""Characters from which on a part of a receiver's address is taken for a key."""
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
_WANTED = {
    "dict_type": "a table",
    "ip_any_network": "an address or network such as 10.0.0.5/32",
    "missing": "a value",
    "model_type": "a table",
    "string_pattern_mismatch": "plain letters and signs of its kind",
    "too_short": "at least 32 characters",
    "tuple_type": "a list",
}
_NUMBER = re.compile(r"[-+]?(\d[\d_.]{0,15}|inf|infinity|nan)", re.IGNORECASE)
_KEY = re.compile(r"[a-z][a-z_]{0,40}")


def load_settings() -> Settings:
    """Read `config.toml` (or the file that `STP_CONFIG` names) and the environment.

    From here on nothing that this process says or logs quotes what they hold in secret.
    Raises SettingsError, a sentence for each wrong setting.
    """
    hide_in_logs()
    check_environment(os.environ)
    try:
        settings = Settings()
    except ValidationError as error:
        raise SettingsError("; ".join(map(_told, error.errors()))) from None
    _keep_secrets(settings, os.environ)
    if told := list(problems(settings)):
        raise SettingsError("; ".join(told))
    return settings


def _keep_secrets(settings: Settings, environment: Mapping[str, str]) -> None:
    proxies = (value for name, value in environment.items() if name.lower() in _PROXIES)
    for address in (*settings.publishers.values(), settings.notify.site, *proxies):
        keep_address_secret(address)
    for secret in (settings.access.secret_key, settings.access.oidc_client_secret):
        if secret:
            keep_secret(secret.get_secret_value())
    for receiver in settings.notify.addresses:
        address = receiver.get_secret_value()
        keep_address_secret(address)
        keep_secret(address, *(part for part in re.split(r"[/?&=]", address) if len(part) >= _LONG_ENOUGH))


def _told(problem: ErrorDetails) -> str:
    """One wrong setting in a sentence. Text that was found is never quoted: it may be a secret in the wrong place."""
    kind, path = problem["type"], list(_path(problem["loc"]))
    if kind == "extra_forbidden":
        return _unknown(path, str(problem["loc"][-1]))
    told = problem["msg"].removeprefix("Value error, ")
    name = ".".join(path)
    if kind == "value_error":
        return f"setting {name}: {told}"
    wanted = _WANTED.get(kind) or told.removeprefix("Input should be ").partition(", ")[0]
    wanted = re.sub(r"^(greater|less) than", r"a number \1 than", wanted.removeprefix("String should have "))
    found = "none" if kind == "missing" else _found(problem["input"])
    return f"setting {name}: wanted {wanted}, found {found}"


def _path(location: tuple[int | str, ...]) -> Iterator[str]:
    """A setting's path as far as its names are ours."""
    for part in location:
        if not _KEY.fullmatch(str(part)) and not isinstance(part, int):
            return
        if isinstance(part, str):
            yield part


def _unknown(path: list[str], key: str) -> str:
    section: type[BaseModel] | None = Settings
    for part in path[:-1] if path and path[-1] == key else path:
        field = section.model_fields.get(part) if section else None
        kind = field.annotation if field else None
        section = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
    near = get_close_matches(key, list(section.model_fields) if section else [], n=1)
    hint = f" (near it: {near[0]})" if near else ""
    if not path or path[-1] != key:
        return f"setting {'.'.join(path) or 'of config.toml'}: wanted names of settings, found one that is none{hint}"
    return f"setting {'.'.join(path)}: wanted the name of a setting, found one that is none{hint}"


def _found(value: object) -> str:
    """What was found, by its kind; numbers as they are."""
    if isinstance(value, bool | int | float) or (isinstance(value, str) and _NUMBER.fullmatch(value.strip())):
        return str(value)
    kinds = ((str, "a text"), (Mapping, "a table"), (list | tuple, "a list"))
    return next((words for kind, words in kinds if isinstance(value, kind)), "something else")
