"""What each setting is, section by section, with its bounds."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from db.catalogue import load_catalogue
from db.catalogue.areas import area_of_members, derive_area
from db.domain.organisation import Area
from db.domain.people.role import Role
from db.domain.timing import ScheduleDefinition, ScheduleError, read_definition
from db.settings.file import read_settings_file


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class AreaSettings(_Section):
    """The area that the site is about where a reader asks for no other.

    code: an integrated care board's, a region's, ENG, or the name of one of `areas`; `commissioner` is what it was
    called before. All else is derived from the code where it is not given here.
    """

    code: str = ""
    commissioner: str = ""
    name: str = ""
    trusts: tuple[str, ...] = ()
    other_trusts: tuple[str, ...] = ()
    """Trusts of other kinds than those of `trusts` that serve the area: they are ours among their own kind."""
    sub_icb_locations: tuple[str, ...] = ()
    ccgs: tuple[str, ...] = ()
    upper_tier_authorities: tuple[str, ...] = ()
    """The counties and unitary authorities whose residents are the area's: together they make it up."""
    short_names: dict[str, str] = Field(default_factory=dict)
    tiles: dict[str, tuple[int, int]] = Field(default_factory=dict)
    """Where each area stands on a tile map, by code: its column and row from the top left, from nought."""

    @model_validator(mode="after")
    def _one_code(self) -> AreaSettings:
        if not (self.code or self.commissioner):
            raise ValueError('wanted the code of an area, as code = "QKS", found none')
        if self.code and self.commissioner not in {"", self.code}:
            raise ValueError(
                "wanted one code, found another as commissioner, which is what code was called before"
            )
        return self

    @property
    def asked(self) -> str:
        """The code of the area."""
        return self.code or self.commissioner

    def over(self, area: Area) -> Area:
        """An area with what the settings say in the place of what was derived."""
        names = ("name", "trusts", "other_trusts", "sub_icb_locations", "ccgs", "upper_tier_authorities")
        return replace(area, **{name: getattr(self, name) for name in names if getattr(self, name)})


class AreaListSettings(_Section):
    """An area of one's own: trusts, boards with all that is theirs, and places, by their codes."""

    name: str = Field(min_length=1)
    members: tuple[str, ...] = Field(min_length=1)


class StoreSettings(_Section):
    """Where figures and files are kept.

    replica_url: a read replica of a store on PostgreSQL, from which pages are then read. It holds a password:
    STP_STORE__REPLICA_URL is the place for it.
    """

    database_url: str = "sqlite:///data/store.sqlite"
    replica_url: SecretStr | None = None
    raw_folder: Path = Path("data/raw")


class SiteSettings(_Section):
    """Where the site listens, and below which path of its host readers find it ("" for a host of its own)."""

    host: str = "127.0.0.1"
    port: int = Field(default=8050, ge=1, le=65535)
    path: str = ""

    @field_validator("path")
    @classmethod
    def _one_path(cls, path: str) -> str:
        if re.fullmatch(r"(/[A-Za-z0-9_.~-]*[A-Za-z0-9_~-])*/?", path) is None:
            raise ValueError("wanted a path of the host such as /monitor, or nothing")
        return path.rstrip("/")


class FetchSettings(_Section):
    """How files are fetched: limits in seconds and megabytes, attempts, pauses, and who asks.

    user_agent: what the program calls itself there, empty for its own name; contact: how a publisher reaches us.
    """

    timeout_seconds: float = Field(default=60, gt=0, le=3600)
    connect_seconds: float = Field(default=20, gt=0, le=3600)
    largest_file_megabytes: int = Field(default=200, gt=0, le=10_000)
    longest_download_seconds: float = Field(default=900, gt=0, le=86_400)
    attempts: int = Field(default=4, ge=1, le=20)
    first_wait_seconds: float = Field(default=2, ge=0, le=3600)
    longest_wait_seconds: float = Field(default=120, ge=0, le=3600)
    interval_seconds: float = Field(default=0.5, ge=0, le=300)
    user_agent: str = Field(default="", pattern=r"^[ -~]*$")
    contact: str = Field(default="", pattern=r"^[ -~]*$")


_SCHEDULE_FIELDS = {
    "kind": "usual day or cron",
    "cron": "five fields such as 30 10 * * 1-5",
    "week": "a whole number from 1 to 5",
    "weekday": "a day such as Thursday",
    "time": "a time such as 09:30",
    "then_every_hours": "a number from 0.25 to 24",
    "until_found_days": "a number above 0 and at most 27",
    "grace_hours": "a number above 0 and at most 744",
    "catch_up": "latest, all or none",
    "timeout_minutes": "a number above 0 and at most 1440",
    "attempts": "a whole number from 1 to 20",
}


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
        try:
            definition = read_definition(fields)
        except ScheduleError as error:
            name = str(error).partition(": ")[0]
            wanted = _SCHEDULE_FIELDS.get(name, f"the fields {', '.join(_SCHEDULE_FIELDS)}, and no others")
            wrong = f"{name}: " if name in _SCHEDULE_FIELDS else ""
            # What was found is not told: anything may have been pasted there.
            raise ValueError(f"{wrong}wanted {wanted}, found something else") from None
        return {"definition": definition, "enabled": values.get("enabled", True)}


class SchedulerSettings(_Section):
    """How schedulers share the work: the lease, the pace of the queue, and what is done about lost runs.

    runs_at_once: runs that ask publishers; loads_at_once: runs that load files which somebody gave, beside those.

    Another scheduler takes over at the latest `lease_seconds` and `renew_seconds` after the leader's last sign.
    memory_megabytes: the address space that a run's own process may have, 0 for no limit. A real file of a year takes
    some 500; a file that asks for more than the limit is refused in place of bringing the machine to its knees.
    """

    lease_seconds: float = Field(default=15, gt=0, le=3600)
    renew_seconds: float = Field(default=3, gt=0, le=3600)
    poll_seconds: float = Field(default=1, gt=0, le=300)
    beat_seconds: float = Field(default=5, gt=0, le=3600)
    silent_seconds: float = Field(default=60, gt=0, le=86_400)
    sweep_seconds: float = Field(default=10, gt=0, le=3600)
    runs_at_once: int = Field(default=2, ge=1, le=16)
    loads_at_once: int = Field(default=1, ge=1, le=16)
    first_wait_seconds: float = Field(default=60, ge=0, le=86_400)
    longest_wait_seconds: float = Field(default=3600, ge=0, le=86_400)
    restarts: int = Field(default=10, ge=0, le=1000)
    memory_megabytes: int = Field(default=4096, ge=0, le=1_000_000)

    @model_validator(mode="after")
    def _several_signs_in_time(self) -> Self:
        if self.renew_seconds * 2 > self.lease_seconds:
            raise ValueError("wanted lease_seconds to be at least twice renew_seconds")
        if self.beat_seconds * 2 > self.silent_seconds:
            raise ValueError("wanted silent_seconds to be at least twice beat_seconds")
        return self


class RetentionSettings(_Section):
    """For how many days what the service gathers is kept; 0 is for ever.

    raw_files_days: publishers' files that no current figure rests on any longer; one that a figure rests on never goes.
    held_files_days: the bytes of held files, from their decision on. stray_files_days: files of the raw folder that
    this store neither loaded nor held. uploads_days: uploaded files that are in no run. runs_days and logs_days: from a
    run's end on. attempts_days: who tried to sign in.
    """

    raw_files_days: int = Field(default=0, ge=0, le=36_500)
    held_files_days: int = Field(default=365, ge=0, le=36_500)
    stray_files_days: int = Field(default=0, ge=0, le=36_500)
    uploads_days: int = Field(default=1, ge=1, le=36_500)
    runs_days: int = Field(default=1095, ge=0, le=36_500)
    logs_days: int = Field(default=365, ge=0, le=36_500)
    attempts_days: int = Field(default=365, ge=0, le=36_500)


def is_private_address(address: str) -> bool:
    """Whether nobody else can listen to what is sent to an address: by https, or on this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    here = host in {"localhost", "127.0.0.1", "::1"}
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and here))


class AccessSettings(_Section):
    """Who may change something. Viewing is open.

    tls: the site is reached over https only: cookies are then Secure, and browsers are told so.
    secret_key: signs session cookies, alike on every machine; without it one is made beside the raw folder.
    proxy_header: the header in which a reverse proxy names who is signed in, believed from `trusted_proxies` alone
    (addresses or networks). Empty: no header is believed.
    proxy_groups_header: the header in which that proxy names their groups. Empty: whoever it names is an operator.
    oidc_issuer, oidc_client_id, oidc_client_secret: who signs people in by OpenID Connect, and as what this site is
    known there; the secret's place is STP_ACCESS__OIDC_CLIENT_SECRET. oidc_groups_claim: the claim with their groups.
    group_roles: which group gives which role, for a proxy's and a provider's groups; empty where groups are named as
    roles are.
    """

    tls: bool = False
    secret_key: SecretStr | None = Field(default=None, min_length=32)
    session_hours: float = Field(default=8, gt=0, le=24 * 31)
    proxy_header: str = Field(default="", pattern=r"^([A-Za-z0-9-]+)?$")
    trusted_proxies: tuple[IPvAnyNetwork, ...] = ()
    proxy_groups_header: str = Field(default="", pattern=r"^([A-Za-z0-9-]+)?$")
    group_roles: dict[str, Role] = Field(default_factory=dict)
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr | None = None
    oidc_groups_claim: str = "groups"

    @field_validator("oidc_issuer")
    @classmethod
    def _https_issuer(cls, issuer: str) -> str:
        if issuer and not is_private_address(issuer):
            raise ValueError("wanted an address that begins with https://, found another")
        return issuer

    @model_validator(mode="after")
    def _whole_provider(self) -> Self:
        given = (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret)
        if any(given) and not all(given):
            raise ValueError(
                "wanted oidc_issuer, oidc_client_id and oidc_client_secret together, found some alone"
            )
        return self

    @field_validator("group_roles", mode="before")
    @classmethod
    def _roles_by_their_words(cls, roles: object) -> object:
        if not isinstance(roles, Mapping):
            return roles
        words = {role.word: role for role in Role}
        for word in roles.values():
            if not isinstance(word, Role) and (not isinstance(word, str) or word.lower() not in words):
                raise ValueError(f"wanted roles ({', '.join(words)}), found another word")
        return {
            group: word if isinstance(word, Role) else words[word.lower()] for group, word in roles.items()
        }

    @model_validator(mode="after")
    def _groups_need_a_name(self) -> Self:
        if self.proxy_groups_header and not self.proxy_header:
            raise ValueError("wanted proxy_header beside proxy_groups_header: groups are somebody's")
        return self

    @model_validator(mode="after")
    def _header_needs_a_proxy(self) -> Self:
        if self.proxy_header and not self.trusted_proxies:
            raise ValueError("wanted trusted_proxies beside proxy_header: anyone could send the header")
        return self


class ApiSettings(_Section):
    """How many requests of the API one address may send, and where they are counted.

    counted_in: memory:// counts in each process alone; redis://host:port/0 for all processes and machines together. It
    may hold a password: STP_API__COUNTED_IN is the place for it.
    """

    requests_a_minute: int = Field(default=600, ge=1, le=10_000_000)
    counted_in: SecretStr = SecretStr("memory://")


class BulkSettings(_Section):
    """The whole store as files for programs: the folder that they are made in after each load; "" for none."""

    folder: Path | None = None

    @field_validator("folder", mode="before")
    @classmethod
    def _none_without_name(cls, folder: object) -> object:
        return None if folder == "" else folder


class NotifySettings(_Section):
    """Who is told of failures, overdue publications and new figures: addresses as apprise writes them.

    Addresses can hold passwords: they belong in the environment, STP_NOTIFY__ADDRESSES='["mailto://..."]'.
    """

    addresses: tuple[SecretStr, ...] = ()
    every_seconds: float = Field(default=60, gt=0, le=86_400)
    site: str = ""


class MailSettings(_Section):
    """The mail server by which readers who asked for it are written to; without a host nobody is.

    security: `tls` from the first byte, `starttls`, or `none` for a server beside the site. sender: the address that
    mails come from. password: STP_MAIL__PASSWORD is the place for it. secret_key: what readers' addresses are kept
    under, alike on every machine; without it one is made beside the raw folder.
    """

    host: str = Field(default="", pattern=r"^[A-Za-z0-9.:_-]*$")
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] = "starttls"
    user: str = ""
    password: SecretStr | None = None
    sender: str = Field(default="", pattern=r"^([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+)?$")
    secret_key: SecretStr | None = Field(default=None, min_length=32)
    seconds: float = Field(default=30, gt=0, le=600)

    @model_validator(mode="after")
    def _host_needs_a_sender(self) -> Self:
        if self.host and not self.sender:
            raise ValueError("wanted sender beside host: the address that mails come from")
        return self


class PackSettings(_Section):
    """Board packs: how long a document may take to be made, in seconds, and the slides that new ones begin with.

    template: a PowerPoint file with slides' master, fonts and colours; without it slides are plain.
    """

    seconds: float = Field(default=60, gt=0, le=3600)
    template: Path | None = None


class Settings(BaseSettings):
    """All settings, from config.toml and, above it, the environment."""

    model_config = SettingsConfigDict(
        env_prefix="STP_", env_nested_delimiter="__", extra="forbid", frozen=True, allow_inf_nan=False
    )

    area: AreaSettings
    areas: dict[str, AreaListSettings] = Field(default_factory=dict)
    store: StoreSettings = StoreSettings()
    site: SiteSettings = SiteSettings()
    fetch: FetchSettings = FetchSettings()
    schedules: dict[str, ScheduleSettings] = Field(default_factory=dict)
    scheduler: SchedulerSettings = SchedulerSettings()
    publishers: dict[str, str] = Field(default_factory=dict)
    access: AccessSettings = AccessSettings()
    api: ApiSettings = ApiSettings()
    bulk: BulkSettings = BulkSettings()
    notify: NotifySettings = NotifySettings()
    mail: MailSettings = MailSettings()
    retention: RetentionSettings = RetentionSettings()
    pack: PackSettings = PackSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings, env_settings, InitSettingsSource(settings_cls, read_settings_file()))

    @property
    def own_area(self) -> Area:
        """The area that pages and commands are about where no other is asked for."""
        code = self.area.asked
        return self.area.over(self._derived(code) or Area(code, self.area.name or code, code))

    def area_called(self, code: str) -> Area | None:
        """The area of a code: that of the settings, one of their lists, or one of the catalogue; None if none is."""
        return self.own_area if code == self.area.asked else self._derived(code)

    def _derived(self, code: str) -> Area | None:
        listed = self.areas.get(code)
        if listed is not None:
            return area_of_members(load_catalogue(), code, listed.name, listed.members)
        return _area_of_catalogue(code)

    @property
    def uploads_folder(self) -> Path:
        """Where files that someone uploads wait for their run, each in a folder of its own."""
        return self.store.raw_folder / "uploads"

    @property
    def packs_folder(self) -> Path:
        """Where the documents of issued packs are kept by their hashes. No clearing goes there."""
        return self.store.raw_folder / "packs"

    @property
    def database_url(self) -> str:
        """The store's URL: `DATABASE_URL` wins over the file."""
        return os.environ.get("DATABASE_URL") or self.store.database_url

    @property
    def replica_url(self) -> str:
        """The URL of the store's read replica, "" where it has none."""
        return self.store.replica_url.get_secret_value() if self.store.replica_url else ""


@lru_cache(maxsize=64)
def _area_of_catalogue(code: str) -> Area | None:
    return derive_area(load_catalogue(), code)
