"""The settings: `config.toml`, over which the environment wins. Read once, validated, and passed down."""

from __future__ import annotations

import os
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

CONFIG_FILE = Path(__file__).resolve().parent.parent / "config.toml"
TIME_ZONE = ZoneInfo("Europe/London")


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


class StoreSettings(_Section):
    database_url: str = "sqlite:///data/store.sqlite"
    raw_folder: Path = Path("data/raw")


class SiteSettings(_Section):
    host: str = "127.0.0.1"
    port: int = Field(default=8050, ge=1, le=65535)


class FetchSettings(_Section):
    timeout_seconds: float = Field(default=60, gt=0)
    largest_file_megabytes: int = Field(default=200, gt=0)
    longest_download_seconds: float = Field(default=900, gt=0)
    attempts: int = Field(default=4, ge=1)
    first_wait_seconds: float = Field(default=2, ge=0)
    longest_wait_seconds: float = Field(default=120, ge=0)
    interval_seconds: float = Field(default=0.5, ge=0)


class ScheduleSettings(_Section):
    cron: str
    misfire_grace_hours: float = Field(default=12, gt=0)
    enabled: bool = True

    @field_validator("cron")
    @classmethod
    def _five_fields(cls, value: str) -> str:
        if len(value.split()) != 5:
            raise ValueError("wanted five fields: minute hour day-of-month month day-of-week")
        return value


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="STP_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    area: AreaSettings
    store: StoreSettings = StoreSettings()
    site: SiteSettings = SiteSettings()
    fetch: FetchSettings = FetchSettings()
    schedules: dict[str, ScheduleSettings] = Field(default_factory=dict)

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
    def database_url(self) -> str:
        """The store's URL: `DATABASE_URL` wins over the file."""
        return os.environ.get("DATABASE_URL") or self.store.database_url


def load_settings() -> Settings:
    """Read `config.toml` (or the file that `STP_CONFIG` names) and the environment.

    Raises SettingsError, naming each wrong setting.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = (
            f"setting {'.'.join(map(str, problem['loc']))}: {problem['msg']}, found {problem['input']!r}"
            for problem in error.errors()
        )
        raise SettingsError("; ".join(lines)) from error
    except (OSError, ValueError) as error:
        raise SettingsError(f"the settings file cannot be read: {error}") from error
