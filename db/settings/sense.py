"""Whether settings make sense beside the catalogue: known codes, of the right kind, each once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from urllib.parse import urlsplit

from db.catalogue import load_catalogue
from db.catalogue.areas import AREA_TYPES
from db.catalogue.source_files import publications
from db.domain import OrganisationType
from db.settings.sections import Settings

_LIST_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MEMBER_TYPES = {
    OrganisationType.TRUST,
    OrganisationType.ICB,
    OrganisationType.SUB_ICB_LOCATION,
    OrganisationType.CCG,
    OrganisationType.UPPER_TIER_AUTHORITY,
}
_CODE = re.compile(r"[A-Z0-9]{3,5}|[A-Z][0-9]{8}")


def problems(settings: Settings) -> Iterator[str]:
    """What is wrong, a sentence each: setting, what was wanted and what was found."""
    yield from _area_problems(settings)
    yield from _source_problems("schedules", settings.schedules)
    yield from _source_problems("publishers", settings.publishers)
    for source, address in settings.publishers.items():
        if source in publications() and not _is_web_address(address):
            yield (
                f"setting publishers.{source}: wanted the address of a web page, https://..., found something else"
            )
    if settings.notify.site and not _is_web_address(settings.notify.site):
        yield "setting notify.site: wanted the site's address, https://..., found something else"
    if settings.mail.host and not settings.notify.site:
        yield "setting mail.host: wanted notify.site beside it, the address that links in mails lead to, found none"
    receivers = [item.get_secret_value() for item in settings.notify.addresses]
    for place, receiver in enumerate(receivers, 1):
        if receiver in receivers[: place - 1]:
            first = receivers.index(receiver) + 1
            yield f"setting notify.addresses: wanted each receiver once, found one at places {first} and {place}"


def _area_problems(settings: Settings) -> Iterator[str]:
    area = settings.area
    if area.asked not in settings.areas:
        yield from _code_problems("area.code", (area.asked,), set(AREA_TYPES))
    for name, listed in settings.areas.items():
        if _LIST_NAME.fullmatch(name) is None:
            yield "setting areas: wanted names of small letters, digits and hyphens, found another"
        yield from _code_problems("areas.members", listed.members, _MEMBER_TYPES)
    lists = (
        ("area.trusts", area.trusts, {OrganisationType.TRUST, OrganisationType.INDEPENDENT_PROVIDER}),
        ("area.sub_icb_locations", area.sub_icb_locations, {OrganisationType.SUB_ICB_LOCATION}),
        ("area.ccgs", area.ccgs, {OrganisationType.CCG}),
        (
            "area.upper_tier_authorities",
            area.upper_tier_authorities,
            {OrganisationType.UPPER_TIER_AUTHORITY},
        ),
    )
    for name, codes, kinds in lists:
        yield from _code_problems(name, codes, kinds)
    for name, keys in (("area.short_names", area.short_names), ("area.tiles", area.tiles)):
        yield from _code_problems(name, tuple(keys), set(OrganisationType))
    places = list(area.tiles.values())
    if len(set(places)) < len(places):
        yield "setting area.tiles: wanted a place of its own for each area, found two at the same place"


def _code_problems(name: str, codes: Sequence[str], kinds: set[OrganisationType]) -> Iterator[str]:
    known = load_catalogue().organisations
    wanted = " or ".join(sorted(kind.value for kind in kinds))
    for place, code in enumerate(codes):
        shown = code if _CODE.fullmatch(code) else "a text that is no code"
        if code not in known:
            yield f"setting {name}: wanted codes of organisations, found {shown}, which the catalogue does not have"
        elif known[code].type not in kinds:
            yield f"setting {name}: wanted codes of the type {wanted}, found {shown} ({known[code].type.value})"
        if code in codes[:place]:
            yield f"setting {name}: wanted each code once, found {shown} twice"


def _source_problems(section: str, names: Iterable[str]) -> Iterator[str]:
    known = list(publications())
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f" (near it: {near[0]})" if near else ""
            yield f"setting {section}: wanted one of {', '.join(known)}, found another name{hint}"


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
