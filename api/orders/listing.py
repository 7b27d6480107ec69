"""
Building a listing: what the maker will sign, and the approval that lets the exchange deliver.

Used for works that exist (`api.orders.service`) and for works about to be minted in the same
sitting (`api.mints`), which are listed at transfer count 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from api.chains.queries import fee_bps
from api.intents.costs import gas_of
from api.orders import words
from api.parts import ChainParts
from nft.chain.contracts import Erc721, Exchange, ask_many
from nft.chain.protocol import Call, Chain
from nft.errors import ChainUnreachable, ExchangeError
from nft.orders import DEFAULT_LIFE_SECONDS, Kind, Order
from nft.settlement import split
from nft.signing import order_message, order_typed_data
from nft.steps import SignatureStep, TransactionStep
from nft.types import WHOLE_BPS, ZERO_ADDRESS, Address, TokenRef

NONCES = SQLModel.metadata.tables["book_order_nonces"]

APPROVAL_GAS = 60_000
"""Of `setApprovalForAll`, measured at 46,000; stands in when the node cannot say."""

HEAD_START_SECONDS = 60
"""A listing begins a minute ago: a block's time may lie behind our clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a maker wants to sell, and what the token says of itself today."""

    maker: Address
    token: TokenRef
    price: int
    transfer_count: int
    royalty_bps: int
    """The token's own answer, which becomes the signed maximum unless a higher one is wanted."""
    royalty_receiver: Address
    taker: Address = ZERO_ADDRESS
    currency: Address = ZERO_ADDRESS
    expires_at: int | None = None
    """Unix seconds; None: 30 days."""
    max_royalty_bps: int | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class MakerFacts:
    """What only the chain says of a maker, asked once."""

    counter: int
    is_approved: bool
    max_gas_price: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """A listing ready to be signed."""

    order: Order
    steps: list[TransactionStep | SignatureStep]
    network_max: int
    prompts: int


async def next_nonce(
    session: AsyncSession, *, chain_id: int, exchange: Address, maker: Address
) -> int:
    """A nonce that this book never handed out before; neighbours share a storage word."""
    first = insert(NONCES).values(chain_id=chain_id, exchange=exchange, maker=maker, next_nonce=1)
    taken = first.on_conflict_do_update(
        index_elements=[NONCES.c.chain_id, NONCES.c.exchange, NONCES.c.maker],
        set_={"next_nonce": NONCES.c.next_nonce + 1},
    ).returning(NONCES.c.next_nonce - 1)
    return int((await session.execute(taken)).scalar_one())


def ask_maker(part: ChainParts, maker: Address, collection: Address) -> MakerFacts:
    """Counter, approval and gas price in two requests; synchronous, so call it in a thread."""
    exchange = part.deployment.exchange.address
    counter, approved = ask_many(
        part.chain,
        [
            Exchange(exchange).counter_of(maker),
            Erc721(collection).is_approved_for_all(maker, exchange),
        ],
    )
    for answer in (counter, approved):
        if isinstance(answer, ExchangeError):
            raise ChainUnreachable(str(answer)) from answer
    return MakerFacts(counter, approved, part.chain.fees().max_fee)


def order_for(
    wanted: Wanted, part: ChainParts, *, nonce: int, counter: int, now: datetime
) -> Order:
    """The order that says what is wanted."""
    seconds = int(now.timestamp())
    maximum = wanted.royalty_bps if wanted.max_royalty_bps is None else wanted.max_royalty_bps
    return Order(
        kind=Kind.LISTING,
        maker=wanted.maker,
        taker=wanted.taker,
        collection=wanted.token.contract,
        token_id=wanted.token.token_id,
        transfer_count=wanted.transfer_count,
        currency=wanted.currency,
        price=wanted.price,
        end_price=wanted.price,
        start=seconds - HEAD_START_SECONDS,
        end=wanted.expires_at or seconds + DEFAULT_LIFE_SECONDS,
        max_royalty_bps=maximum,
        max_fee_bps=fee_bps(part),
        nonce=nonce,
        counter=counter,
    )


def submit_body(order: Order, chain_id: int) -> dict[str, Any]:
    """What is posted to `/api/orders`, once the signature is added."""
    return {"chain_id": str(chain_id), "order": order_message(order)}


def listing_steps(wanted: Wanted, order: Order, part: ChainParts, maker: MakerFacts) -> Prepared:
    """The approval, complete if it was given before, and the signature."""
    gas = APPROVAL_GAS if maker.is_approved else _approval_gas(part.chain, wanted, part)
    steps: list[TransactionStep | SignatureStep] = [
        approval_step(wanted, part, maker, gas),
        signature_step(wanted, order, part),
    ]
    return Prepared(
        order=order,
        steps=steps,
        network_max=0 if maker.is_approved else gas * maker.max_gas_price,
        prompts=1 if maker.is_approved else 2,
    )


def _approval(wanted: Wanted, part: ChainParts) -> Call:
    call = Erc721(wanted.token.contract).set_approval_for_all(
        part.deployment.exchange.address, True
    )
    return Call(to=call.to, data=call.data, sender=wanted.maker)


def _approval_gas(chain: Chain, wanted: Wanted, part: ChainParts) -> int:
    return gas_of(chain, _approval(wanted, part), fallback=APPROVAL_GAS)


def approval_step(wanted: Wanted, part: ChainParts, maker: MakerFacts, gas: int) -> TransactionStep:
    """Once for all works of a collection: the exchange moves one only by its owner's order."""
    call = _approval(wanted, part)
    return TransactionStep(
        id="approve",
        title="Let the exchange deliver",
        explain=(
            f"Allows the exchange {part.deployment.exchange.address} to hand over works of yours "
            f"in the collection {wanted.token.contract}. It can do so only by an order that you "
            "signed, at its price. Needed once; you can revoke it at any time."
        ),
        chain_id=wanted.token.chain_id,
        sender=wanted.maker,
        to=call.to,
        data=call.data,
        gas=gas,
        state="complete" if maker.is_approved else "incomplete",
    )


def signature_step(wanted: Wanted, order: Order, part: ChainParts) -> SignatureStep:
    """The listing itself. Raises `OrderInvalid` when the token asks above the maximum."""
    chain_id = wanted.token.chain_id
    divided = split(
        order.price,
        royalty=order.price * wanted.royalty_bps // WHOLE_BPS,
        royalty_receiver=wanted.royalty_receiver,
        fee_bps=fee_bps(part),
        max_royalty_bps=order.max_royalty_bps,
        max_fee_bps=order.max_fee_bps,
    )
    exchange = part.deployment.exchange.address
    return SignatureStep(
        id="sign-listing",
        title=f"Sign the listing at {words.coin(order.price)}",
        explain=words.listing(order, divided, wanted.title),
        typed_data=order_typed_data(order, chain_id=chain_id, exchange=exchange),
        href="/api/orders",
        body=submit_body(order, chain_id),
    )
