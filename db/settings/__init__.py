"""The settings: `config.toml`, over which the environment wins. Read once, checked, and passed down."""

from db.settings.file import SettingsError
from db.settings.reading import load_settings
from db.settings.sections import (
    AccessSettings,
    ApiSettings,
    AreaListSettings,
    AreaSettings,
    FetchSettings,
    MailSettings,
    NotifySettings,
    PackSettings,
    RetentionSettings,
    SchedulerSettings,
    ScheduleSettings,
    Settings,
    SiteSettings,
    StoreSettings,
    is_private_address,
)

__all__ = [
    "AccessSettings",
    "ApiSettings",
    "AreaListSettings",
    "AreaSettings",
    "FetchSettings",
    "MailSettings",
    "NotifySettings",
    "PackSettings",
    "RetentionSettings",
    "ScheduleSettings",
    "SchedulerSettings",
    "Settings",
    "SettingsError",
    "SiteSettings",
    "StoreSettings",
    "is_private_address",
    "load_settings",
]
