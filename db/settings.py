"""The settings: `config.toml`, over which the environment wins. Read once, validated, and passed down."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from db.domain.timing import ScheduleDefinition, read_definition
from db.redaction import hide_in_logs, keep_address_secret, keep_secret

_LONG_ENOUGH = 8
"""Characters from which on a part of a receiver's address is taken for a key."""
CONFIG_FILE = Path(__file__).resolve().parent.parent / "config.toml"


class SettingsError(Exception):
    """A setting is wrong: which one, what was wanted and what was found."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AreaSettings(_Section):
    """The health system that the site is for."""

    name: str
    commissioner: str
    trusts: tuple[str, ...]
    sub_icb_locations: tuple[str, ...] = ()
    ccgs: tuple[str, ...] = ()
    short_names: dict[str, str] = Field(default_factory=dict)
    tiles: dict[str, tuple[int, int]] = Field(default_factory=dict)
    """Where each area stands on a tile map, by code: its column and row from the top left, from nought."""

    @property
    def codes(self) -> frozenset[str]:
        """The codes of all organisations that the settings name as the area's."""
        return frozenset({self.commissioner, *self.trusts, *self.sub_icb_locations, *self.ccgs})


class StoreSettings(_Section):
    """Where figures and files are kept.

    replica_url: a read replica of a store on PostgreSQL, from which pages are then read. It holds a password:
    STP_STORE__REPLICA_URL is the place for it.
    """

    database_url: str = "sqlite:///data/store.sqlite"
    replica_url: SecretStr | None = None
    raw_folder: Path = Path("data/raw")


class SiteSettings(_Section):
    """Where the site listens."""

    host: str = "127.0.0.1"
    port: int = Field(default=8050, ge=1, le=65535)


class FetchSettings(_Section):
    """How files are fetched: limits in seconds and megabytes, attempts, pauses, and who asks.

    user_agent: what the program calls itself there, empty for its own name; contact: how a publisher reaches us.
    """

    timeout_seconds: float = Field(default=60, gt=0)
    connect_seconds: float = Field(default=20, gt=0)
    largest_file_megabytes: int = Field(default=200, gt=0)
    longest_download_seconds: float = Field(default=900, gt=0)
    attempts: int = Field(default=4, ge=1)
    first_wait_seconds: float = Field(default=2, ge=0)
    longest_wait_seconds: float = Field(default=120, ge=0)
    interval_seconds: float = Field(default=0.5, ge=0)
    user_agent: str = Field(default="", pattern=r"^[ -~]*$")
    contact: str = Field(default="", pattern=r"^[ -~]*$")


class ScheduleSettings(_Section):
    """A source's first schedule: the fields of `db.domain.timing.read_definition`, and whether it runs.

    The store keeps schedules; these are read when the store has none for the source yet.
    """

    definition: ScheduleDefinition
    enabled: bool = True

    @model_validator(mode="before")
    @classmethod
    def _read(cls, values: object) -> object:
        if not isinstance(values, Mapping) or "definition" in values:
            return values
        fields = {name: value for name, value in values.items() if name != "enabled"}
        return {"definition": read_definition(fields), "enabled": values.get("enabled", True)}


class SchedulerSettings(_Section):
    """How schedulers share the work: the lease, the pace of the queue, and what is done about lost runs.

    runs_at_once: runs that ask publishers; loads_at_once: runs that load files which somebody gave, beside those.

    Another scheduler takes over at the latest `lease_seconds` and `renew_seconds` after the leader's last sign.
    memory_megabytes: the address space that a run's own process may have, 0 for no limit. A real file of a year takes
    some 500; a file that asks for more than the limit is refused in place of bringing the machine to its knees.
    """

    lease_seconds: float = Field(default=15, gt=0)
    renew_seconds: float = Field(default=3, gt=0)
    poll_seconds: float = Field(default=1, gt=0)
    beat_seconds: float = Field(default=5, gt=0)
    silent_seconds: float = Field(default=60, gt=0)
    sweep_seconds: float = Field(default=10, gt=0)
    runs_at_once: int = Field(default=2, ge=1)
    loads_at_once: int = Field(default=1, ge=1)
    first_wait_seconds: float = Field(default=60, ge=0)
    longest_wait_seconds: float = Field(default=3600, ge=0)
    restarts: int = Field(default=10, ge=0)
    memory_megabytes: int = Field(default=4096, ge=0)

    @model_validator(mode="after")
    def _several_signs_in_time(self) -> Self:
        if self.renew_seconds * 2 > self.lease_seconds:
            raise ValueError("wanted lease_seconds to be at least twice renew_seconds")
        if self.beat_seconds * 2 > self.silent_seconds:
            raise ValueError("wanted silent_seconds to be at least twice beat_seconds")
        return self


class AccessSettings(_Section):
    """Who may change something. Viewing is open.

    tls: the site is reached over https only: cookies are then Secure, and browsers are told so.
    secret_key: signs session cookies, alike on every machine; without it one is made beside the raw folder.
    proxy_header: the header in which a reverse proxy names who is signed in, believed from `trusted_proxies` alone
    (addresses or networks). Empty: no header is believed.
    """

    tls: bool = False
    secret_key: SecretStr | None = Field(default=None, min_length=32)
    session_hours: float = Field(default=8, gt=0)
    proxy_header: str = Field(default="", pattern=r"^([A-Za-z0-9-]+)?$")
    trusted_proxies: tuple[IPvAnyNetwork, ...] = ()

    @model_validator(mode="after")
    def _header_needs_a_proxy(self) -> Self:
        if self.proxy_header and not self.trusted_proxies:
            raise ValueError("wanted trusted_proxies beside proxy_header: anyone could send the header")
        return self


class NotifySettings(_Section):
    """Who is told of failures, overdue publications and new figures: addresses as apprise writes them.

    Addresses can hold passwords: they belong in the environment, STP_NOTIFY__ADDRESSES='["mailto://..."]'.
    """

    addresses: tuple[SecretStr, ...] = ()
    every_seconds: float = Field(default=60, gt=0)
    site: str = ""


class Settings(BaseSettings):
    """All settings, from config.toml and, above it, the environment."""

    model_config = SettingsConfigDict(
        env_prefix="STP_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    area: AreaSettings
    store: StoreSettings = StoreSettings()
    site: SiteSettings = SiteSettings()
    fetch: FetchSettings = FetchSettings()
    schedules: dict[str, ScheduleSettings] = Field(default_factory=dict)
    scheduler: SchedulerSettings = SchedulerSettings()
    publishers: dict[str, str] = Field(default_factory=dict)
    access: AccessSettings = AccessSettings()
    notify: NotifySettings = NotifySettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        toml_file = os.environ.get("STP_CONFIG", str(CONFIG_FILE))
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file))

    @property
    def uploads_folder(self) -> Path:
        """Where files that someone uploads wait for their run, each in a folder of its own."""
        return self.store.raw_folder / "uploads"

    @property
    def database_url(self) -> str:
        """The store's URL: `DATABASE_URL` wins over the file."""
        return os.environ.get("DATABASE_URL") or self.store.database_url

    @property
    def replica_url(self) -> str:
        """The URL of the store's read replica, "" where it has none."""
        return self.store.replica_url.get_secret_value() if self.store.replica_url else ""


def _keep_secrets(settings: Settings) -> None:
    """Let nothing that is said from here on quote what the settings hold in secret."""
    for address in settings.publishers.values():
        keep_address_secret(address)
    if settings.access.secret_key:
        keep_secret(settings.access.secret_key.get_secret_value())
    for receiver in settings.notify.addresses:
        address = receiver.get_secret_value()
        keep_address_secret(address)
        keep_secret(address, *(part for part in address.split("/") if len(part) >= _LONG_ENOUGH))


def load_settings() -> Settings:
    """Read `config.toml` (or the file that `STP_CONFIG` names) and the environment.

    Raises SettingsError, naming each wrong setting.
    """
    try:
        found = Settings()
        _keep_secrets(found)
        hide_in_logs()
        return found
    except ValidationError as error:
        lines = (
            f"setting {'.'.join(map(str, problem['loc']))}: {problem['msg']}, found {problem['input']!r}"
            for problem in error.errors()
        )
        raise SettingsError("; ".join(lines)) from error
    except (OSError, ValueError) as error:
        raise SettingsError(f"the settings file cannot be read: {error}") from error
