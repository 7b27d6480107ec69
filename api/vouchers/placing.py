"""
Taking a signed voucher onto the book.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.certificates.waiting import look_again, look_again_at_offered
from api.collections.errors import CollectionNotOurs
from api.collections.ours import find_ours
from api.deps import chain_of
from api.orders import wire
from api.orders.schemas import SignedVoucherIn
from api.parts import ChainParts, Parts
from api.sales import signers
from api.sales.makers import Maker, taken_back
from api.sales.signers import Accepted
from api.tables import VoucherRow
from api.tokens.deps import read_address
from api.vouchers.facts import may_mint
from api.vouchers.kind import check_new
from media.tables import MetadataRow
from nft.errors import (
    OrderExpired,
    OrderInvalid,
    OrderNotFillable,
    Refused,
    SignatureNotMakers,
)
from nft.reasons import Code
from nft.signing import typed_data_digest, voucher_typed_data
from nft.types import Address, Digest, TokenRef
from nft.vouchers import Voucher


class SignerNotAllowed(Refused):
    """Only the creator, or a minter whom the creator named, may sign works in that name."""

    field = "signer"

    def __init__(self, signer: str, creator: str) -> None:
        super().__init__(f"{signer} may not mint in the name of {creator}")


async def place(
    session: AsyncSession, parts: Parts, body: SignedVoucherIn, now: datetime
) -> tuple[Digest, bool]:
    """
    Put a signed voucher on the book; say its hash and whether it is new.

    Raises `OrderInvalid`, `OrderExpired`, `SignatureNotMakers`, `SignerNotAllowed` or
    `OrderNotFillable`.
    """
    part = chain_of(parts, body.chain_id)
    chain_id = part.deployment.chain_id
    contract = read_address("contract", body.contract)
    signer = read_address("signer", body.signer)
    voucher = wire.read_voucher(body.voucher)
    signature = wire.read_signature(body.signature)
    collection = await find_ours(session, part, contract)
    if collection is None:
        raise CollectionNotOurs(str(contract))
    name = typed_data_digest(voucher_typed_data(voucher, chain_id=chain_id, collection=contract))
    if await session.get(VoucherRow, name) is not None:
        return name, False
    seconds = int(now.timestamp())
    if voucher.end <= seconds:
        raise OrderExpired(str(name))
    check_new(voucher, collection, part, seconds)
    if await session.get(MetadataRow, voucher.metadata_digest) is None:
        raise OrderInvalid("voucher/metadataDigest", "no description of that digest is kept here")
    kept = await signers.accepted(part, signer, name, signature)
    if kept is None:
        raise SignatureNotMakers(str(name), str(signer))
    if not await may_mint(session, chain_id, contract, voucher.creator, signer):
        raise SignerNotAllowed(str(signer), str(voucher.creator))
    await _check_not_taken_back(session, part, signer, voucher, name)
    values = _columns(voucher, kept, now)
    stored = await session.execute(
        insert(VoucherRow)
        .values(voucher_hash=name, chain_id=chain_id, contract=contract, signer=signer, **values)
        .on_conflict_do_nothing()
        .returning(col(VoucherRow.voucher_hash))
    )
    is_new = stored.first() is not None
    if is_new:
        # Its first work is certified by the worker, and whatever was certified by another voucher.
        await look_again(session, TokenRef(chain_id, contract, voucher.token_id), now=now)
        await look_again_at_offered(session, chain_id, contract, voucher.ids, now=now)
    return name, is_new


async def _check_not_taken_back(
    session: AsyncSession, part: ChainParts, signer: Address, voucher: Voucher, name: Digest
) -> None:
    chain_id = part.deployment.chain_id
    maker = Maker(chain_id, part.deployment.exchange.address, signer)
    back = await taken_back(session, [(maker, voucher.nonce)])
    if back.is_cancelled(maker, voucher.nonce):
        raise OrderNotFillable(str(name), [(str(Code.NONCE_USED), Code.NONCE_USED.sentence)])


def _columns(voucher: Voucher, kept: Accepted, now: datetime) -> dict[str, Any]:
    return {
        "token_id": voucher.token_id,
        "metadata_digest": voucher.metadata_digest,
        "price": voucher.price,
        "currency": voucher.currency,
        "royalty_bps": voucher.royalty_bps,
        "royalty_receiver": voucher.royalty_receiver,
        "recipient": voucher.recipient,
        "fee_receiver": voucher.fee_receiver,
        "max_fee_bps": voucher.max_fee_bps,
        "edition_size": voucher.edition_size,
        "max_per_recipient": voucher.max_per_recipient,
        "start": voucher.start,
        "end": voucher.end,
        "nonce": voucher.nonce,
        "counter": voucher.counter,
        "signature": kept.signature,
        "is_awaited": kept.is_awaited,
        "created_at": now,
    }
