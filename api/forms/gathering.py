"""
What goes into an evidence bundle, read from everywhere it lies; what is not there is left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import pydantic_core
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.certificates import anchor, extract, issuers, links, offline, status
from api.certificates.schemas import ExtractOut
from api.certificates.versions import Certificate, blocks_of
from api.chains.mirror import heads
from api.deps import chain_of
from api.forms import pdf, prints
from api.parts import Parts
from api.standing.queries import standing_of
from api.tokens import documents
from api.tokens.queries import get_token
from media.tables import MetadataRow
from nft.bundles import CERTIFICATE, pack
from nft.content.cid import Cid
from nft.content.importer import import_pieces
from nft.content.profiles import DEFAULT
from nft.errors import ExchangeError, Unreachable
from nft.integrity import Document
from nft.types import Digest

LANGUAGE = "en"
"""Of the printed view: one bundle for readers of both languages."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle as it was drawn."""

    body: bytes
    cid: Cid
    parts: list[str]
    block_number: int
    lacks: str | None = None
    """What no node could be asked for; a later one may have it."""


@dataclass(frozen=True, slots=True)
class Around:
    """What the parts are read from."""

    session: AsyncSession
    parts: Parts
    certificate: Certificate
    document: Document
    now: datetime
    extract: ExtractOut | None


async def draw(
    session: AsyncSession, parts: Parts, certificate: Certificate, *, now: datetime
) -> Bundle:
    """
    Gather what there is and pack it. The same parts give the same bytes.

    A node that does not answer costs the bundle its extract and its links, and nothing else.
    """
    newest = (await heads(session))[certificate.token.chain_id].final_number
    lacks = None
    try:
        chain = chain_of(parts, certificate.token.chain_id)
        told = await extract.draw(session, parts, chain, certificate.token, "final")
        newest = int(told.as_of.block_number)
    except ExchangeError as error:
        told = None
        lacks = str(error) if isinstance(error, Unreachable) else None
    around = Around(session, parts, certificate, certificate.document, now, told)
    found = {CERTIFICATE: certificate.body}
    for name, read in SOURCES.items():
        try:
            body = await read(around)
        except ExchangeError:
            continue
        if body is not None:
            found[name] = body
    packed = await asyncio.to_thread(pack, found)
    cid = await asyncio.to_thread(_cid_of, packed)
    return Bundle(packed, cid, sorted(found), newest, lacks)


def _cid_of(body: bytes) -> Cid:
    return import_pieces([body], [DEFAULT]).roots[DEFAULT.name].cid


async def _extract(around: Around) -> bytes | None:
    return None if around.extract is None else pydantic_core.to_json(around.extract)


async def _links(around: Around) -> bytes | None:
    if around.extract is None:
        return None
    number = int(around.extract.as_of.block_number)
    chain_id = around.certificate.token.chain_id
    blocks = blocks_of(around.document)
    found = await links.to_blocks(around.session, around.parts, chain_id, blocks, number)
    return None if found is None else _json(found)


async def _anchor(around: Around) -> bytes | None:
    return _json(await anchor.anchor_of(around.session, around.certificate))


async def _status(around: Around) -> bytes | None:
    """The lists that the certificate names, as they are now."""
    issuer = documents.text(around.document, "issuer")
    named = [
        status.Named(
            issuer,
            documents.text(entry, "statusPurpose"),
            documents.text(entry, "statusListCredential"),
        )
        for entry in documents.parts(around.document, "credentialStatus")
    ]
    lists = await status.draw_named(around.session, around.parts, named, now=around.now)
    return _json({"as_of": lists[0]["validFrom"], "lists": lists}) if lists else None


async def _issuer(around: Around) -> bytes | None:
    issuer = documents.text(around.document, "issuer")
    return _json(await issuers.document(around.session, around.parts, issuer))


async def _standing(around: Around) -> bytes | None:
    """What others say of the work, as far as it is known here today."""
    token = around.certificate.token
    work = await get_token(around.session, around.parts, token)
    found = await standing_of(around.session, around.parts, token, work, around.now)
    return pydantic_core.to_json(found)


async def _metadata(around: Around) -> bytes | None:
    subject = documents.part(around.document, "credentialSubject")
    digest = documents.text(documents.part(subject, "metadata"), "sha256")
    query = select(col(MetadataRow.body)).where(col(MetadataRow.digest) == Digest.parse(digest))
    body: bytes | None = (await around.session.execute(query)).scalar_one_or_none()
    if body is None or str(Digest.sha256(body)) != digest:
        return None
    return body


async def _paper(around: Around) -> bytes | None:
    sheet = await pdf.sheet_of(around.session, around.parts, around.certificate, LANGUAGE)
    return await prints.drawn(sheet)


async def _page(around: Around) -> bytes | None:
    """The verifier that needs no network."""
    return await asyncio.to_thread(offline.verify_page)


SOURCES: dict[str, Callable[[Around], Awaitable[bytes | None]]] = {
    "extract.json": _extract,
    "links.json": _links,
    "anchor.json": _anchor,
    "status.json": _status,
    "issuer.json": _issuer,
    "standing.json": _standing,
    "metadata.json": _metadata,
    "certificate.pdf": _paper,
    "verify.html": _page,
}


def _json(found: object) -> bytes:
    return pydantic_core.to_json(found)
