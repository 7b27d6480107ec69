"""
What the mirror says about vouchers: which works are minted, and whether the signer still may.

Whole pages at once: each kind of fact is one query for all vouchers of the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.parts import Parts
from api.sales.makers import Maker, TakenBack, taken_back
from api.tables import VoucherRow
from indexer.contract_tables import MinterRow
from indexer.tables import TokenRow
from media.tables import MetadataRow
from nft.tokens import creator_of
from nft.types import Address, Digest
from nft.vouchers import Voucher, VoucherFacts


@dataclass(frozen=True, slots=True)
class Known:
    """A voucher with everything that is known about it."""

    name: Digest
    chain_id: int
    contract: Address
    signer: Address
    exchange: Address
    """Where its nonce and counter are kept."""
    voucher: Voucher
    signature: bytes
    is_hidden: bool
    is_awaited: bool
    created_at: datetime
    minted: frozenset[int]
    """Ids of the edition that have been minted."""
    facts: VoucherFacts
    """Of the next work that nobody has."""
    next_number: int | None
    document: Mapping[str, Any]
    last_block: int | None


def voucher_of(row: VoucherRow) -> Voucher:
    """The signed voucher in a row of the book."""
    return Voucher(
        token_id=row.token_id,
        metadata_digest=row.metadata_digest,
        price=row.price,
        currency=row.currency,
        royalty_bps=row.royalty_bps,
        royalty_receiver=row.royalty_receiver,
        recipient=row.recipient,
        fee_receiver=row.fee_receiver,
        max_fee_bps=row.max_fee_bps,
        edition_size=row.edition_size,
        max_per_recipient=row.max_per_recipient,
        start=row.start,
        end=row.end,
        nonce=row.nonce,
        counter=row.counter,
    )


@dataclass(frozen=True, slots=True)
class _Told:
    minted: Mapping[Digest, dict[int, int]]
    """Block of the mint by id, for each voucher."""
    minters: set[tuple[int, Address, Address, Address]]
    back: TakenBack
    documents: Mapping[Digest, Mapping[str, Any]]


async def known_of(session: AsyncSession, parts: Parts, rows: Sequence[VoucherRow]) -> list[Known]:
    """These rows with their facts, in order."""
    here = [row for row in rows if row.chain_id in parts.chains]
    told = _Told(
        minted=await _minted(session, here),
        minters=await _minters(session, here),
        back=await taken_back(session, [(_maker(row, parts), row.nonce) for row in here]),
        documents=await _documents(session, here),
    )
    return [_known(row, parts, told) for row in here]


def _maker(row: VoucherRow, parts: Parts) -> Maker:
    exchange = parts.chains[row.chain_id].deployment.exchange.address
    return Maker(row.chain_id, exchange, row.signer)


async def _minted(
    session: AsyncSession, rows: Sequence[VoucherRow]
) -> dict[Digest, dict[int, int]]:
    found: dict[Digest, dict[int, int]] = {row.voucher_hash: {} for row in rows}
    if not rows:
        return found
    ranges = [
        and_(
            col(TokenRow.chain_id) == row.chain_id,
            col(TokenRow.contract) == row.contract,
            col(TokenRow.token_id).between(row.token_id, row.token_id + row.edition_size - 1),
        )
        for row in rows
    ]
    query = select(
        col(TokenRow.chain_id),
        col(TokenRow.contract),
        col(TokenRow.token_id),
        col(TokenRow.minted_block),
    ).where(or_(*ranges))
    for chain_id, contract, token_id, block in await session.execute(query):
        for row in rows:
            ids = range(row.token_id, row.token_id + row.edition_size)
            if (row.chain_id, row.contract) == (chain_id, contract) and token_id in ids:
                found[row.voucher_hash][token_id] = block
    return found


async def _minters(
    session: AsyncSession, rows: Sequence[VoucherRow]
) -> set[tuple[int, Address, Address, Address]]:
    """Who may mint for whom: the newest log of each pair decides."""
    wanted = {
        (row.chain_id, row.contract, creator_of(row.token_id), row.signer)
        for row in rows
        if creator_of(row.token_id) != row.signer
    }
    if not wanted:
        return set()
    place = (
        col(MinterRow.chain_id),
        col(MinterRow.contract),
        col(MinterRow.creator),
        col(MinterRow.minter),
    )
    found = await session.execute(
        select(*place, col(MinterRow.allowed))
        .where(tuple_(*place).in_(list(wanted)))
        .ext(distinct_on(*place))
        .order_by(*place, col(MinterRow.block_number).desc(), col(MinterRow.log_index).desc())
    )
    return {(row[0], row[1], row[2], row[3]) for row in found if row[4]}


async def may_mint(
    session: AsyncSession, chain_id: int, contract: Address, creator: Address, signer: Address
) -> bool:
    """Whether an account may mint in a creator's name now."""
    if signer == creator:
        return True
    query = (
        select(col(MinterRow.allowed))
        .where(
            col(MinterRow.chain_id) == chain_id,
            col(MinterRow.contract) == contract,
            col(MinterRow.creator) == creator,
            col(MinterRow.minter) == signer,
        )
        .order_by(col(MinterRow.block_number).desc(), col(MinterRow.log_index).desc())
    )
    return bool(await session.scalar(query.limit(1)))


async def _documents(
    session: AsyncSession, rows: Sequence[VoucherRow]
) -> dict[Digest, Mapping[str, Any]]:
    digests = {row.metadata_digest for row in rows}
    found = await session.execute(
        select(col(MetadataRow.digest), col(MetadataRow.document)).where(
            col(MetadataRow.digest).in_(digests)
        )
    )
    return {digest: document for digest, document in found}


def _known(row: VoucherRow, parts: Parts, told: _Told) -> Known:
    voucher = voucher_of(row)
    maker = _maker(row, parts)
    minted = told.minted[row.voucher_hash]
    following = next((n for n, one in enumerate(voucher.ids) if one not in minted), None)
    signer = (row.chain_id, row.contract, voucher.creator, row.signer)
    facts = VoucherFacts(
        is_minted=following is None,
        minted=len(minted),
        may_sign=row.signer == voucher.creator or signer in told.minters,
        is_nonce_used=told.back.is_cancelled(maker, row.nonce),
        counter=told.back.counter(maker),
    )
    return Known(
        name=row.voucher_hash,
        chain_id=row.chain_id,
        contract=row.contract,
        signer=row.signer,
        exchange=maker.exchange,
        voucher=voucher,
        signature=bytes(row.signature),
        is_hidden=row.hidden_at is not None,
        is_awaited=row.is_awaited,
        created_at=row.created_at,
        minted=frozenset(minted),
        facts=facts,
        next_number=following,
        document=told.documents.get(row.metadata_digest, {}),
        last_block=max(minted.values(), default=None),
    )
