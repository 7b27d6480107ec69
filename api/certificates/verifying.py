"""
Checking any document of ours for anybody, with a node of ours and the files in our store.

A node that does not answer leaves its checks `not_checked`; it never makes them pass.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from api.certificates import issuers, status
from api.parts import ChainParts, Parts
from nft.chain.evidence import gather
from nft.errors import Unreachable
from nft.integrity import Document
from nft.types import Digest
from nft.verification import (
    ChainEvidence,
    Claims,
    Evidence,
    NodeHashes,
    Report,
    Wanted,
    claims_of,
    verify_file,
    wanted_blocks,
)

OUR_NODE = "a node of this exchange"
JUST_NOW = "read from the store of this exchange just now"

MAX_BLOCKS = 64
"""Whose hashes our node is asked for on behalf of one document."""


async def report_on(
    parts: Parts,
    body: bytes,
    *,
    block_hashes: Mapping[int, Digest] | None = None,
    media: Mapping[Digest, str] | None = None,
    anchor: Document | None = None,
) -> Report:
    """
    The report on a certificate, an extract, evidence or a bundle, from its bytes.

    Every file of the work is read and hashed, unless the caller brings what was read before.
    `anchor` is the certificate's, where the caller has it.
    """
    claims = await asyncio.to_thread(claims_of, body)
    async with parts.sessions() as session:
        known = await issuers.known(session, parts)
        lists = await _status_lists(session, parts, claims)
    inputs = Evidence(
        block_hashes=block_hashes or {}, known_issuers=known, status_lists=lists, anchor=anchor
    )
    return await asyncio.to_thread(_report, parts, body, claims, inputs, media)


async def _status_lists(
    session: AsyncSession, parts: Parts, claims: Claims | None
) -> tuple[Document, ...]:
    if claims is None:
        return ()
    named = [status.Named(claims.issuer, one.purpose, one.credential) for one in claims.status]
    return tuple(await status.draw_named(session, parts, named, now=parts.clock()))


def _report(
    parts: Parts,
    body: bytes,
    claims: Claims | None,
    inputs: Evidence,
    media: Mapping[Digest, str] | None,
) -> Report:
    wanted = wanted_blocks(body)
    if wanted is not None and inputs.anchor is not None:
        of_anchor = int(inputs.anchor["state"]["block"])
        wanted = replace(wanted, numbers=wanted.numbers | {of_anchor})
    chain = parts.chains.get(wanted.chain_id) if wanted else None
    evidence: ChainEvidence | None = None
    nodes: tuple[NodeHashes, ...] = ()
    if chain is not None and wanted is not None:
        evidence = _gather(chain, claims) if claims else None
        nodes = _hashes(chain, wanted)
    if media is None:
        media = _read(parts, claims)
    return verify_file(body, replace(inputs, chain=evidence, nodes=nodes, media=media))


def _gather(chain: ChainParts, claims: Claims) -> ChainEvidence | None:
    try:
        return gather(chain.chain, claims, source=OUR_NODE)
    except Unreachable:
        return None


def _hashes(chain: ChainParts, wanted: Wanted) -> tuple[NodeHashes, ...]:
    """Of the oldest block and the newest ones: links lead to those between."""
    ascending = sorted(wanted.numbers)
    numbers = {*ascending[:1], *ascending[1 - MAX_BLOCKS :]}
    try:
        found = {number: chain.chain.find_block(number) for number in numbers}
    except Unreachable:
        return ()
    hashes = {number: block.block_hash for number, block in found.items() if block is not None}
    return (NodeHashes(OUR_NODE, wanted.chain_id, hashes),)


def _read(parts: Parts, claims: Claims | None) -> dict[Digest, str]:
    wanted = {digest for _, digest in claims.media} if claims else set()
    return {digest: JUST_NOW for digest in wanted if _is_intact(parts, digest)}


def _is_intact(parts: Parts, digest: Digest) -> bool:
    path = parts.public.find_file(digest)
    if path is None:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest() == digest
