"""
The issuer: every key it ever had, which of them signs now, and the document that says so.

The private keys are made of the secret and a number, the public ones are kept: a certificate of
an old key is checked whatever the secret is by now, and a new secret signs nothing before somebody
rotated to it on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.certificates.tables_issuer import AnchorRow, IssuerKeyRow
from api.locks import hold
from api.parts import Parts
from api.tables import CertificateRow
from nft.certificates import Issuer, rfc3339
from nft.errors import Conflict, Missing, Unreachable
from nft.integrity import Document, multikey
from nft.types import Digest, caip10

CONTEXT = [
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/multikey/v1",
    {"@vocab": "urn:vernissage:issuer:v1:"},
]


class IssuerKeyMissing(Unreachable):
    """The newest key of the issuer cannot be made of the secret of this process."""

    def __init__(self) -> None:
        super().__init__(
            "SECRET_KEY is another than the issuer's newest key was made of: nothing is signed "
            "until the old one is back, or `vernissage certificates rotate-key` was run"
        )


class KeyNotRotated(Conflict):
    """The key that signs cannot be called compromised: another has to sign first."""

    def __init__(self, number: int) -> None:
        super().__init__(f"key {number} signs now: rotate first, then call it compromised")


class NoSuchKey(Missing):
    """The issuer never had a key of this number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"the issuer has no key {number}")


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the issuer, and how long it was the one that signed."""

    number: int
    public_key: Digest
    valid_from: datetime | None
    """None: nobody wrote it down yet."""
    valid_until: datetime | None
    """None: it signs now."""
    compromised_from: datetime | None

    @property
    def multikey(self) -> str:
        """As it stands in documents."""
        return multikey(Ed25519PublicKey.from_public_bytes(self.public_key))


def derive_key(secret_key: bytes, number: int) -> Ed25519PrivateKey:
    """The private key of a number: the same for as long as the secret stays."""
    info = f"vernissage issuer key {number}".encode()
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=info)
    return Ed25519PrivateKey.from_private_bytes(derived.derive(secret_key))


def raw(key: Ed25519PrivateKey) -> Digest:
    """The 32 bytes of its public key."""
    return Digest(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def _private(parts: Parts, number: int) -> Ed25519PrivateKey:
    return parts.issuer_key if number == 1 else derive_key(parts.secret_key, number)


def host_did(parts: Parts) -> str | None:
    """`did:web` under a public https URL; None on a local stack, where a key is its own issuer."""
    host = parts.public_url.removeprefix("https://")
    if host == parts.public_url:
        return None
    return "did:web:" + host.replace(":", "%3A").replace("/", ":")


# Reading


async def keys(session: AsyncSession, parts: Parts) -> list[Key]:
    """Every key there ever was, oldest first. The first needs no row to be the first."""
    rows = (await session.scalars(select(IssuerKeyRow).order_by(col(IssuerKeyRow.number)))).all()
    if not rows:
        return [Key(1, raw(parts.issuer_key), None, None, None)]
    ends = [row.valid_from for row in rows[1:]]
    return [
        Key(row.number, row.public_key, row.valid_from, end, row.compromised_from)
        for row, end in zip(rows, [*ends, None], strict=True)
    ]


async def current(session: AsyncSession, parts: Parts) -> Issuer:
    """Who signs now. Raises `IssuerKeyMissing`."""
    newest = (await keys(session, parts))[-1]
    private = _private(parts, newest.number)
    if raw(private) != newest.public_key:
        raise IssuerKeyMissing
    did = host_did(parts)
    return Issuer.local(private) if did is None else Issuer(private, did)


async def speaker_for(session: AsyncSession, parts: Parts, did: str) -> Issuer | None:
    """
    Who may say what became of certificates of this issuer; None: nobody here.

    On a local stack each key is an issuer of its own, so that one that was rotated goes on to sign
    the lists of its own certificates, and nothing else. One that leaked, or whose secret is gone,
    says nothing any more.
    """
    if host_did(parts) is not None:
        now = await current(session, parts)
        return now if did == now.did else None
    named = (key for key in await keys(session, parts) if did == f"did:key:{key.multikey}")
    key = next(named, None)
    if key is None or key.compromised_from is not None:
        return None
    private = _private(parts, key.number)
    return Issuer.local(private) if raw(private) == key.public_key else None


async def known(session: AsyncSession, parts: Parts) -> dict[str, str]:
    """The names of keys, as a report wants them; a key that leaked is nobody's."""
    found = await keys(session, parts)
    return {key.multikey: "this exchange" for key in found if key.compromised_from is None}


# Changing


async def write_first(session: AsyncSession, parts: Parts, *, now: datetime) -> None:
    """Keep the first key, so that it outlives its secret; the caller commits."""
    earliest = await session.scalar(select(func.min(CertificateRow.issued_at)))
    await session.execute(
        insert(IssuerKeyRow)
        .values(
            number=1,
            public_key=raw(parts.issuer_key),
            valid_from=min(now, earliest or now),
            note="the first",
        )
        .on_conflict_do_nothing()
    )


async def rotate(session: AsyncSession, parts: Parts, *, note: str, now: datetime) -> Key:
    """Let a new key sign from now on; the caller commits. Old certificates keep theirs."""
    await hold(session, "vernissage issuer")
    await write_first(session, parts, now=now)
    number = (await keys(session, parts))[-1].number + 1
    public_key = raw(_private(parts, number))
    session.add(IssuerKeyRow(number=number, public_key=public_key, valid_from=now, note=note))
    await session.flush()
    return (await keys(session, parts))[-1]


async def compromise(
    session: AsyncSession, parts: Parts, number: int, *, since: datetime, note: str
) -> None:
    """
    Say that somebody else may have signed with a key since then; the caller commits.

    The earliest time that was ever said stands. Raises `NoSuchKey`, `KeyNotRotated`.
    """
    row = await session.get(IssuerKeyRow, number, with_for_update=True)
    if row is None:
        raise NoSuchKey(number)
    if (await keys(session, parts))[-1].number == number:
        raise KeyNotRotated(number)
    row.compromised_from = min(since, row.compromised_from or since)
    row.note = note or row.note


# The document


async def document(session: AsyncSession, parts: Parts, issuer: str | None = None) -> Document:
    """
    The issuer's DID document, with every key; by its side the accounts that anchor.

    On a local stack each key is an issuer of its own, `did:key`, and the one asked for (the
    present one, if none) is the document's subject. What a rotated key signed still holds, so it
    has no `expires`, which would end that; what a leaked one signed asserts nothing any more.
    """
    found = await keys(session, parts)
    did = host_did(parts) or issuer or f"did:key:{found[-1].multikey}"
    methods = [_method(key, did if host_did(parts) else f"did:key:{key.multikey}") for key in found]
    leaked = {key.multikey for key in found if key.compromised_from is not None}
    return {
        "@context": CONTEXT,
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [
            method["id"] for method in methods if method["publicKeyMultibase"] not in leaked
        ],
        "anchorers": await _anchorers(session),
    }


def _method(key: Key, controller: str) -> Document:
    dates = {
        "validFrom": key.valid_from,
        "validUntil": key.valid_until,
        "revoked": key.compromised_from,
    }
    return {
        "id": f"{controller}#{key.multikey}",
        "type": "Multikey",
        "controller": controller,
        "publicKeyMultibase": key.multikey,
        **{name: rfc3339(at) for name, at in dates.items() if at is not None},
    }


async def _anchorers(session: AsyncSession) -> list[str]:
    """The accounts in whose names roots were written, as CAIP-10."""
    row = AnchorRow
    query = select(col(row.chain_id), col(row.anchorer)).where(col(row.anchorer).is_not(None))
    found = (await session.execute(query.distinct())).all()
    return sorted(caip10(one.chain_id, one.anchorer) for one in found)
