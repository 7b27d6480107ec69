"""
Everything that the environment may say, typed, in one place.

Made in `api/cli` and `api/asgi.py` alone and handed on as plain arguments. Each variable may be
written with or without the prefix VERNISSAGE_; an unknown one with the prefix refuses to start,
because a misspelled setting is otherwise found when it is needed. What is secret is held so
that no log and no traceback shows it.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

PREFIX = "VERNISSAGE_"
FOR_TESTS = frozenset({"REQUIRE_ALL", "KUBO", "GETH", "CHROMIUM"})
"""Names with our prefix that only the tests read."""


class SettingsRefused(ValueError):
    """The environment says something that cannot be; the text never repeats a value."""


def _either(name: str) -> Any:
    return AliasChoices(name, f"{PREFIX}{name}")


def read_rpc_urls(
    text: str, schemes: tuple[str, ...] = ("http", "https", "ws", "wss")
) -> dict[int, tuple[str, ...]]:
    """
    `1=https://a,1=https://b,31337=http://c`, as URLs by chain, in their order.

    A WebSocket beside others is where a chain's heads are pushed.
    """
    urls: dict[int, tuple[str, ...]] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        number, equals, url = part.partition("=")
        if not equals or not number.strip().isdecimal():
            raise ValueError("write <chain id>=<url>, several parted by commas")
        if urlsplit(url.strip()).scheme not in schemes:
            raise ValueError(f"chain {number}: only {', '.join(schemes)} URLs are understood")
        chain_id = int(number)
        urls[chain_id] = (*urls.get(chain_id, ()), url.strip())
    return urls


class Settings(BaseSettings):
    """The environment of one process."""

    model_config = SettingsConfigDict(
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        env_ignore_empty=True,
        case_sensitive=True,
    )

    database_url: SecretStr | None = Field(None, validation_alias=_either("DATABASE_URL"))
    """PostgreSQL 15 or newer. Without it `vernissage up` runs its own."""

    rpc_urls: Annotated[dict[int, tuple[SecretStr, ...]], NoDecode] = Field(
        default_factory=dict, validation_alias=_either("RPC_URLS")
    )
    """Nodes by chain, tried in order; paid ones carry a key in the URL, so never shown."""

    public_rpc_urls: Annotated[dict[int, tuple[str, ...]], NoDecode] = Field(
        default_factory=dict, validation_alias=_either("PUBLIC_RPC_URLS")
    )
    """Nodes that wallets may be told of."""

    ipfs_api: str | None = Field(None, validation_alias=_either("IPFS_API"))
    """A Kubo node's RPC, as multiaddr or URL, that everything is pinned to as well."""

    pinning_services: SecretStr | None = Field(None, validation_alias=_either("PINNING_SERVICES"))
    """`name=url=token`, several parted by commas; each fetches from the node of IPFS_API."""

    pinning_gateways: str = Field("", validation_alias=_either("PINNING_GATEWAYS"))
    """
    `name=url`, several parted by commas: where the copy of a service is read back, raw block by
    block. It must serve what the service keeps, and fetch from nobody.
    """

    media_replicas: int | None = Field(None, ge=1, validation_alias=_either("MEDIA_REPLICAS"))
    """Copies that must have been read back before a mint; all that can be, without a number."""

    media_audit_days: int = Field(7, ge=0, le=365, validation_alias=_either("MEDIA_AUDIT_DAYS"))
    """Within so many days the worker reads every copy of every work again; 0: never."""

    media_audit_bytes: int = Field(1 << 30, ge=1, validation_alias=_either("MEDIA_AUDIT_BYTES"))
    """What one run of that, every ten minutes, may read in one place."""

    public_url: str = Field("http://localhost:8000", validation_alias=_either("PUBLIC_URL"))
    """Where people reach the pages."""

    media_url: str = Field("http://127.0.0.1:8001", validation_alias=_either("MEDIA_URL"))
    """Where untrusted media is served: another host, so that no cookie goes there."""

    data_dir: Path = Field(Path("data"), validation_alias=_either("DATA_DIR"))
    """Where files are kept."""

    max_upload_bytes: int = Field(2 * 1024**3, ge=1, validation_alias=_either("MAX_UPLOAD_BYTES"))
    """The largest file that is taken; pictures, models and pages have lower limits of their own."""

    max_private_bytes: int = Field(
        32 * 1024**3, ge=1, validation_alias=_either("MAX_PRIVATE_BYTES")
    )
    """What one account may have uploaded or announced and not published."""

    min_free_bytes: int = Field(1024**3, ge=0, validation_alias=_either("MIN_FREE_BYTES"))
    """Of the disk below DATA_DIR; uploads that would leave less free are refused."""

    secret_key: SecretStr | None = Field(None, validation_alias=_either("SECRET_KEY"))
    """32 random characters or more; sessions and the issuer's key derive from it."""

    deployments_dir: Path | None = Field(None, validation_alias=_either("DEPLOYMENTS_DIR"))
    """`<chain id>.json` files beside those that come with the program."""

    saved_block_file: Path | None = Field(None, validation_alias=_either("SAVED_BLOCK_FILE"))
    """Local chain only: the newest block on disk, which finality must not pass."""

    registrations_per_day: int = Field(20, ge=0, validation_alias=_either("REGISTRATIONS_PER_DAY"))
    """ERC-721 contracts of others that one account may have mirrored in 24 hours."""

    anchor_locally: bool = Field(False, validation_alias=_either("ANCHOR_LOCALLY"))
    """Local chain only: the worker writes each day's root itself, by the demo's first key."""

    certificate_memory_bytes: int = Field(
        64 << 20, ge=0, validation_alias=_either("CERTIFICATE_MEMORY_BYTES")
    )
    """What each web process keeps of certificates in memory, those asked for longest ago leave."""

    pdf_memory_bytes: int = Field(16 << 20, ge=0, validation_alias=_either("PDF_MEMORY_BYTES"))
    """The same of certificates as PDF, of which one has 70 to 400 kB; 0 prints each time anew."""

    index_checks: str = Field("links,bloom,custody,roots", validation_alias=_either("INDEX_CHECKS"))
    """What the indexer asks of a node's answers; `indexer/README.md` says what each costs."""

    audit_minutes: int = Field(10, ge=0, validation_alias=_either("AUDIT_MINUTES"))
    """Between two comparisons of a mirror with its chain by the worker; 0: none."""

    audit_sample: int = Field(500, ge=1, validation_alias=_either("AUDIT_SAMPLE"))
    """Works that such a comparison looks at."""

    hop_blocks: int = Field(4_000, ge=1, le=8_000, validation_alias=_either("HOP_BLOCKS"))
    """
    Blocks between two that the worker keeps, so that certificates older than 8,191 blocks can be
    linked to recent ones; the worker may be away for the rest of the 8,191.
    """

    metadata_per_minute: int = Field(120, ge=0, validation_alias=_either("METADATA_PER_MINUTE"))
    """Works of others whose descriptions are looked at in a minute; 0: none ever are."""

    metadata_per_host: int = Field(30, ge=1, validation_alias=_either("METADATA_PER_HOST"))
    """How many of them one host is asked for in a minute."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Given arguments, then the environment; no files that somebody forgot."""
        return init_settings, env_settings

    @field_validator("rpc_urls", mode="before")
    @classmethod
    def _read_urls(cls, value: object) -> object:
        return read_rpc_urls(value) if isinstance(value, str) else value

    @field_validator("public_rpc_urls", mode="before")
    @classmethod
    def _read_public_urls(cls, value: object) -> object:
        """Wallets speak HTTP."""
        return read_rpc_urls(value, ("http", "https")) if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _check_database(cls, value: SecretStr | None) -> SecretStr | None:
        schemes = ("postgresql", "postgres", "postgresql+psycopg")
        if value is not None and urlsplit(value.get_secret_value()).scheme not in schemes:
            raise ValueError("only PostgreSQL is understood: postgresql://…")
        return value

    @field_validator("public_url", "media_url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        if urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).netloc:
            raise ValueError("write a URL with http or https and a host")
        return value.rstrip("/")

    @field_validator("secret_key")
    @classmethod
    def _check_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 32:
            raise ValueError("at least 32 characters are needed")
        return value

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The variables, without prefix."""
        return tuple(name.upper() for name in cls.model_fields)

    def need_database(self) -> str:
        """The database's URL. Raises `SettingsRefused` when there is none."""
        if self.database_url is None:
            raise SettingsRefused("DATABASE_URL is not set (`vernissage up` runs a server itself)")
        return self.database_url.get_secret_value()

    def need_secret_key(self) -> bytes:
        """The secret key. Raises `SettingsRefused` when there is none."""
        if self.secret_key is None:
            raise SettingsRefused("SECRET_KEY is not set: give 32 random characters or more")
        return self.secret_key.get_secret_value().encode()

    def nodes(self) -> dict[int, tuple[str, ...]]:
        """The nodes by chain, in the clear, for those who connect."""
        return {
            chain_id: tuple(url.get_secret_value() for url in urls)
            for chain_id, urls in self.rpc_urls.items()
        }

    @classmethod
    def read(cls) -> Self:
        """From the environment alone."""
        return cls()


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """
    The settings of this process. Raises `SettingsRefused`, in one sentence.

    The values themselves come from the process's environment; the argument is only looked
    through for names that nobody knows.
    """
    names = os.environ if environment is None else environment
    known = {*Settings.names(), *FOR_TESTS}
    unknown = sorted(
        name for name in names if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in known
    )
    if unknown:
        raise SettingsRefused(
            f"{', '.join(unknown)}: no such setting; known are {', '.join(Settings.names())}"
        )
    try:
        return Settings.read()
    except ValidationError as error:
        faults = [f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors()]
        raise SettingsRefused("; ".join(faults)) from None
