"""
The places where works are pinned, made from the settings: which there are, which of them can be
read by themselves, and in how many a work must stand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from api.settings import Settings, SettingsRefused
from media.auditing import AuditPlan
from media.embedded import EmbeddedPinner
from media.pinning import EMBEDDED, KUBO, Pinner
from media.store import BlockStore

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")


@dataclass(frozen=True, slots=True)
class ServiceSetting:
    """A pinning service as the settings name it; the token is shown by nothing."""

    name: str
    url: str
    token: str
    gateway: str | None

    def __repr__(self) -> str:
        return f"ServiceSetting({self.name!r}, {self.url!r})"


def services(settings: Settings) -> list[ServiceSetting]:
    """What PINNING_SERVICES and PINNING_GATEWAYS say. Raises `SettingsRefused`."""
    told = settings.pinning_services
    text = told.get_secret_value() if told is not None else ""
    gateways = _gateways(settings.pinning_gateways)
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, rest = part.partition("=")
        url, _, token = rest.partition("=")
        _check_name("PINNING_SERVICES", name)
        _check_url("PINNING_SERVICES", name, url)
        if not token:
            raise SettingsRefused(f"PINNING_SERVICES: {name} has no token: write name=url=token")
        found.append(ServiceSetting(name, url, token, gateways.pop(name, None)))
    if gateways:
        raise SettingsRefused(f"PINNING_GATEWAYS names {', '.join(gateways)}, which is no service")
    if len({one.name for one in found}) < len(found):
        raise SettingsRefused("PINNING_SERVICES names a service twice")
    if found and not settings.ipfs_api:
        raise SettingsRefused("PINNING_SERVICES needs IPFS_API: services fetch from that node")
    return found


def _gateways(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, url = part.partition("=")
        _check_name("PINNING_GATEWAYS", name)
        _check_url("PINNING_GATEWAYS", name, url)
        found[name] = url
    return found


def _check_name(setting: str, name: str) -> None:
    if not _NAME.fullmatch(name) or name in (EMBEDDED, KUBO):
        raise SettingsRefused(
            f"{setting}: a service is named by small letters, digits and hyphens, and neither "
            f"{EMBEDDED} nor {KUBO}"
        )


def _check_url(setting: str, name: str, url: str) -> None:
    """A token goes over TLS, or no further than this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and parts.hostname and _is_here(parts.hostname):
        return
    raise SettingsRefused(f"{setting}: the URL of {name} must begin with https://")


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def pinners(settings: Settings, private: BlockStore, public: BlockStore) -> dict[str, Pinner]:
    """Every place where works are pinned, by name."""
    made: dict[str, Pinner] = {EmbeddedPinner.name: EmbeddedPinner(private, public)}
    if not settings.ipfs_api:
        services(settings)
        return made
    from media.ipfs import KuboPinner  # Slow to import, and few need it.
    from media.pinning_services import Gateway, PinningService, ServicePinner

    node = KuboPinner(settings.ipfs_api)
    made[node.name] = node
    for one in services(settings):
        gateway = Gateway(one.name, one.gateway) if one.gateway else None
        service = PinningService(one.name, one.url, one.token)
        made[one.name] = ServicePinner(service, gateway=gateway, node=node)
    return made


def replicas(settings: Settings, places: Mapping[str, Pinner]) -> int:
    """In how many places a work must have been read back. Raises `SettingsRefused`."""
    readable = sum(place.can_be_read for place in places.values())
    wanted = settings.media_replicas
    if wanted is not None and wanted > readable:
        raise SettingsRefused(
            f"MEDIA_REPLICAS is {wanted}, and only {readable} places can be read back"
        )
    return wanted or readable


def audit_plan(settings: Settings) -> AuditPlan:
    """How often every copy is read again."""
    return AuditPlan(days=settings.media_audit_days, most_bytes=settings.media_audit_bytes)


def unread(places: Mapping[str, Pinner]) -> list[str]:
    """Places whose word is all there is: no copy there counts."""
    return [name for name, place in places.items() if not place.can_be_read]
