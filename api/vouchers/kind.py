"""
Preparing a lazy mint: one signature of the artist in place of a transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncSession

from api.collections.errors import CollectionNotOurs
from api.collections.ours import Ours, find_ours
from api.deps import chain_of
from api.intents.service import Subject
from api.mints.serials import reserve
from api.orders.kinds import Desk
from api.orders.kinds.listings import HEAD_START_SECONDS, seconds_of
from api.orders.schemas import VoucherIn
from api.orders.wire import check_life
from api.parts import ChainParts
from api.sales import money
from api.sales.house import rules_now
from api.sales.proposals import Proposal, Signable, Terms
from api.tokens.deps import read_address, read_uint
from media.tables import MetadataRow
from nft import explain
from nft.chain.contracts import Exchange
from nft.errors import OrderInvalid
from nft.orders import DEFAULT_LIFE_SECONDS
from nft.settlement import split_voucher
from nft.signing import typed_data_digest, voucher_message, voucher_typed_data
from nft.tokens import token_id
from nft.types import ZERO_ADDRESS, Address, Digest
from nft.vouchers import Voucher, check_voucher


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A lazy mint as an artist wants it."""

    signer: Address
    creator: Address
    collection: Ours
    token_id: int
    metadata_digest: Digest
    title: str
    price: int
    currency: Address = ZERO_ADDRESS
    royalty_bps: int
    royalty_receiver: Address = ZERO_ADDRESS
    recipient: Address = ZERO_ADDRESS
    fee_receiver: Address
    fee_bps: int
    edition_size: int = 1
    max_per_recipient: int = 0
    starts_at: int | None = None
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class Fee:
    """Who is paid which part of a first sale."""

    receiver: Address
    bps: int


async def fee_now(session: AsyncSession, part: ChainParts, now: int) -> Fee:
    """The platform's: what the exchange takes, paid to the exchange's own fee receiver."""
    exchange = part.deployment.exchange.address
    rules = await rules_now(session, part, exchange, now)
    receiver = await to_thread.run_sync(lambda: Exchange(exchange).fee_receiver().ask(part.chain))
    return Fee(receiver, rules.fee_bps)


def voucher_for(wanted: Wanted, *, nonce: int, counter: int, now: int) -> Voucher:
    """The voucher that says what is wanted; `now` in Unix seconds."""
    return Voucher(
        token_id=wanted.token_id,
        metadata_digest=wanted.metadata_digest,
        price=wanted.price,
        currency=wanted.currency,
        royalty_bps=wanted.royalty_bps,
        royalty_receiver=wanted.royalty_receiver,
        recipient=wanted.recipient,
        fee_receiver=wanted.fee_receiver if wanted.fee_bps else ZERO_ADDRESS,
        max_fee_bps=wanted.fee_bps,
        edition_size=wanted.edition_size,
        max_per_recipient=wanted.max_per_recipient,
        start=wanted.starts_at or now - HEAD_START_SECONDS,
        end=wanted.expires_at or now + DEFAULT_LIFE_SECONDS,
        nonce=nonce,
        counter=counter,
    )


def check_new(voucher: Voucher, collection: Ours, part: ChainParts, now: int) -> None:
    """Refuse terms that nobody could redeem. Raises `OrderInvalid`."""
    check_voucher(voucher, now=now, artist=collection.artist, currencies=money.addresses(part))
    check_life(voucher.end, now)


def signable(
    wanted: Wanted, part: ChainParts, *, nonce: int, counter: int, now: int, id: str
) -> Signable:
    """The voucher as it is signed. Raises `OrderInvalid`."""
    voucher = voucher_for(wanted, nonce=nonce, counter=counter, now=now)
    contract, chain_id = wanted.collection.contract, part.deployment.chain_id
    check_new(voucher, wanted.collection, part, now)
    typed = voucher_typed_data(voucher, chain_id=chain_id, collection=contract)
    price = money.amount(part, voucher.price, voucher.currency)
    divided = money.divided(part, split_voucher(voucher), voucher.currency)
    said = explain.explain_voucher(voucher, title=wanted.title, currencies=money.currencies(part))
    body: dict[str, Any] = {
        "chain_id": str(chain_id),
        "contract": str(contract),
        "signer": str(wanted.signer),
        "voucher": voucher_message(voucher),
    }
    return Signable(
        id=id,
        title=f"Sign the sale at {price}, minted by its buyer",
        explain=f"{said[0]} Of each {price}: {divided}. " + " ".join(said[1:]),
        typed_data=typed,
        names=(typed_data_digest(typed),),
        href="/api/orders",
        body=body,
    )


async def propose(desk: Desk, body: VoucherIn) -> Proposal:
    """A lazy mint of a work whose description is pinned already."""
    part = chain_of(desk.parts, body.chain_id)
    contract = (
        read_address("contract", body.contract)
        if body.contract
        else part.deployment.house_collection.address
    )
    collection = await find_ours(desk.session, part, contract)
    if collection is None:
        raise CollectionNotOurs(str(contract))
    wanted = await _wanted(desk, body, part, collection)
    # Checked before a number is taken: a refused request leaves nothing behind.
    check_new(
        voucher_for(wanted, nonce=0, counter=0, now=desk.seconds), collection, part, desk.seconds
    )
    first = await reserve(
        desk.session,
        chain_id=part.deployment.chain_id,
        contract=contract,
        creator=wanted.creator,
        count=body.edition_size,
    )
    wanted = replace(wanted, token_id=token_id(wanted.creator, first))

    def sign(terms: Terms) -> Signable:
        return signable(
            wanted,
            part,
            nonce=terms.nonces[0],
            counter=terms.counter,
            now=desk.seconds,
            id="sign-voucher",
        )

    return Proposal(
        kind="voucher",
        maker=wanted.signer,
        part=part,
        sign=sign,
        request=body.model_dump(mode="json"),
        subject=Subject(contract=contract, token_id=wanted.token_id),
    )


async def _wanted(desk: Desk, body: VoucherIn, part: ChainParts, collection: Ours) -> Wanted:
    """What the body asks for, without a number yet. Raises `OrderInvalid`."""
    signer = read_address("maker", body.maker)
    creator = read_address("creator", body.creator) if body.creator else signer
    described = await desk.session.get(MetadataRow, body.metadata_digest)
    if described is None:
        raise OrderInvalid("metadata_digest", "no description of that digest is kept here")
    fee = await fee_now(desk.session, part, desk.seconds)
    return Wanted(
        signer=signer,
        creator=creator,
        collection=collection,
        token_id=token_id(creator, 0),
        metadata_digest=body.metadata_digest,
        title=str(described.document.get("name", "")),
        price=read_uint("price", body.price),
        currency=read_address("currency", body.currency) if body.currency else ZERO_ADDRESS,
        royalty_bps=body.royalty_bps,
        royalty_receiver=read_address("royalty_receiver", body.royalty_receiver)
        if body.royalty_receiver
        else ZERO_ADDRESS,
        recipient=read_address("recipient", body.recipient) if body.recipient else ZERO_ADDRESS,
        fee_receiver=fee.receiver,
        fee_bps=fee.bps,
        edition_size=body.edition_size,
        max_per_recipient=body.max_per_recipient,
        starts_at=seconds_of(body.starts_at),
        expires_at=seconds_of(body.expires_at),
    )
