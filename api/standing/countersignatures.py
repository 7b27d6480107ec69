"""
Countersignatures: taken when the gallery's own domain lists the key, withdrawn by the same.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import rfc8785
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.columns import of_work
from api.locks import hold
from api.parts import Parts
from api.standing.asking import Answer, ask
from api.standing.errors import (
    AlreadyCountersigned,
    AlreadyTakenBack,
    CertificateUnknown,
    NoSuchCountersignature,
)
from api.standing.tables import CountersignatureRow, ReadingRow
from api.standing.telling import tell
from api.tables import CertificateRow
from nft.bindings import DomainSaysOtherwise, read_document
from nft.countersignatures import (
    CountersignatureInvalid,
    Countersigned,
    check_begun,
    check_subject,
    check_withdrawal,
    gallery_of,
    has_key,
)
from nft.domains import did_url, parse_did_web
from nft.errors import NotADigest
from nft.integrity import Document
from nft.tokens import creator_of
from nft.types import Digest, TokenRef

MAX_DOCUMENT = 65_536
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Shown:
    """A countersignature with the reading in which its key stood."""

    row: CountersignatureRow
    reading: ReadingRow


@dataclass(frozen=True, slots=True)
class _Version:
    digest: Digest
    metadata: Digest


async def place(
    session: AsyncSession, parts: Parts, now: datetime, *, token: TokenRef, document: Document
) -> tuple[CountersignatureRow, bool]:
    """
    Take a gallery's countersignature; whether it is new.

    Raises `CountersignatureInvalid`, `DomainInvalid`, `CertificateUnknown`,
    `AlreadyCountersigned`, `DomainDoesNotSaySo`, `DomainSilent`.
    """
    name = _name(document)
    gallery, key = gallery_of(document)
    check_begun(document, now)
    domain = parse_did_web(gallery)
    async with parts.sessions() as reading:
        known = await reading.get(CountersignatureRow, name)
        if known is not None:
            return known, False
        version = await _version(reading, token, document)
        check_subject(document, what_of(token, version.digest, version.metadata))
        await _check_first(reading, token, gallery, version)
    answer = await _ask_gallery(parts, domain, key, now)
    answer.check()
    await hold(session, f"vernissage countersignature {name}")
    known = await session.get(CountersignatureRow, name)
    if known is not None:  # Posted twice at once.
        return known, False
    row = CountersignatureRow(
        countersignature_hash=name,
        chain_id=token.chain_id,
        contract=token.contract,
        token_id=token.token_id,
        certificate=version.digest,
        metadata_digest=version.metadata,
        gallery=gallery,
        public_key=key,
        document=document,
        reading_id=answer.reading_id,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    place_ = f"countersignature:{name}"
    await tell(session, "work.countersigned", place=place_, token=token, gallery=gallery)
    return row, True


def what_of(token: TokenRef, certificate: Digest, metadata: Digest) -> Countersigned:
    """What a countersignature of this certificate names."""
    return Countersigned(
        certificate=certificate,
        token=token,
        metadata=metadata,
        creator=creator_of(token.token_id),
    )


def _name(document: Document) -> Digest:
    try:
        body = rfc8785.dumps(document)
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeError) as error:
        raise CountersignatureInvalid("the document has no canonical form") from error
    if len(body) > MAX_DOCUMENT:
        raise CountersignatureInvalid(f"it is larger than {MAX_DOCUMENT} bytes")
    return Digest.sha256(body)


async def _version(session: AsyncSession, token: TokenRef, document: Document) -> _Version:
    """The issued certificate that a document names. Raises `CertificateUnknown`."""
    subject = document.get("credentialSubject")
    named = subject.get("certificate") if isinstance(subject, dict) else None
    text = str(named.get("sha256")) if isinstance(named, dict) else ""
    try:
        wanted = Digest.parse(text)
    except NotADigest as error:
        raise CountersignatureInvalid("it names no certificate by SHA-256") from error
    query = select(col(CertificateRow.body), col(CertificateRow.metadata_digest)).where(
        *of_work(CertificateRow, token),
    )
    for body, metadata in await session.execute(query):
        if Digest.sha256(body) == wanted:
            return _Version(wanted, metadata)
    raise CertificateUnknown(text)


async def _check_first(
    session: AsyncSession, token: TokenRef, gallery: str, version: _Version
) -> None:
    """A gallery's word counts once; more of the same would only fill the page."""
    query = select(col(CountersignatureRow.gallery)).where(
        *of_work(CountersignatureRow, token),
        col(CountersignatureRow.gallery) == gallery,
        col(CountersignatureRow.certificate) == version.digest,
        col(CountersignatureRow.withdrawn_at).is_(None),
    )
    if (await session.execute(query.limit(1))).first() is not None:
        raise AlreadyCountersigned(gallery)


async def _ask_gallery(parts: Parts, domain: str, key: str, now: datetime) -> Answer:
    url, did = did_url(domain), f"did:web:{domain}"

    def check(did: str, body: bytes) -> None:
        if not has_key(read_document(url, body), did, key):
            raise DomainSaysOtherwise(url, f"{did} does not assert by the key {key}")

    return await ask(parts, url, check=partial(check, did), now=now)


async def withdraw(
    session: AsyncSession,
    parts: Parts,
    now: datetime,
    *,
    token: TokenRef,
    name: Digest,
    withdrawal: Document,
) -> CountersignatureRow:
    """
    Note that the gallery takes its word back; the key must stand on its domain now.

    Raises `NoSuchCountersignature`, `CountersignatureInvalid`, `AlreadyTakenBack`, and as `place`.
    """
    _name(withdrawal)
    async with parts.sessions() as reading:
        known = (await reading.execute(_one(token, name))).scalar_one_or_none()
    if known is None:
        raise NoSuchCountersignature(str(name))
    gallery, key = check_withdrawal(withdrawal, known.document)
    check_begun(withdrawal, now)
    answer = await _ask_gallery(parts, parse_did_web(gallery), key, now)
    answer.check()
    locked = await session.execute(_one(token, name).with_for_update())
    row: CountersignatureRow = locked.scalar_one()
    if row.withdrawn_at is not None:
        raise AlreadyTakenBack("countersignature")
    row.withdrawn_at, row.withdrawal = now, withdrawal
    place_ = f"countersignature:{name}"
    await tell(session, "countersignature.withdrawn", place=place_, token=token, gallery=gallery)
    return row


def _one(token: TokenRef, name: Digest) -> Any:
    return select(CountersignatureRow).where(
        *of_work(CountersignatureRow, token), col(CountersignatureRow.countersignature_hash) == name
    )


async def find(session: AsyncSession, token: TokenRef, name: Digest) -> Shown:
    """One countersignature. Raises `NoSuchCountersignature`."""
    is_it = col(CountersignatureRow.countersignature_hash) == name
    found = (await session.execute(_shown(token).where(is_it))).one_or_none()
    if found is None:
        raise NoSuchCountersignature(str(name))
    row, reading = found
    return Shown(row, reading)


async def of_token(session: AsyncSession, token: TokenRef) -> list[Shown]:
    """
    The countersignatures that ever were, oldest first.

    Of very many, those that stand come before those withdrawn, and the first of each domain before
    the second of any: whoever has one domain has as many names below it as they like, and would
    leave no room for a gallery.
    """
    row = CountersignatureRow
    age = (col(row.created_at), col(row.countersignature_hash))
    domain = func.substring(col(row.gallery), "[^.:]+[.][^.]+$")
    turn = func.row_number().over(partition_by=domain, order_by=age)
    query = _shown(token).order_by(col(row.withdrawn_at).is_not(None), turn, *age).limit(MOST_SHOWN)
    found = [Shown(one, reading) for one, reading in await session.execute(query)]
    return sorted(found, key=lambda one: (one.row.created_at, one.row.countersignature_hash))


def _shown(token: TokenRef) -> Select[CountersignatureRow, ReadingRow]:
    return (
        select(CountersignatureRow, ReadingRow)
        .join(ReadingRow, col(ReadingRow.id) == col(CountersignatureRow.reading_id))
        .where(*of_work(CountersignatureRow, token))
    )


def did_document_of(shown: Shown) -> Document:
    """The gallery's DID document as it was read."""
    found: Document = json.loads(shown.reading.body or b"{}")
    return found
