"""
Listings: a work, or several of one seller together, at a price that stands or falls.

Also built for works about to be minted in the same sitting (`api.mints`), which are listed at
transfer count 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from anyio import to_thread

from api.deps import chain_of
from api.intents.service import Subject, Warning_
from api.orders.kinds import Desk
from api.orders.schemas import ListingIn
from api.orders.wire import check_life
from api.orders.works import Work, ask_answers, ask_counts, bps_needed, owned_works
from api.parts import ChainParts
from api.sales import money
from api.sales.house import rules_now
from api.sales.needs import Operator
from api.sales.proposals import Proposal, RoyaltyNotAccepted, Signable, Terms
from api.tokens.deps import read_address, read_token, read_uint
from nft import explain
from nft.errors import OrderInvalid
from nft.orders import (
    DEFAULT_LIFE_SECONDS,
    UNBOUND,
    Item,
    Kind,
    Order,
    check_order,
    shares,
)
from nft.settlement import Answer, Split, split_listing, total
from nft.signing import order_hash, order_message, order_typed_data
from nft.tokens import CONFIRM_ROYALTY_BPS
from nft.types import ZERO_ADDRESS, Address, TokenRef

HEAD_START_SECONDS = 60
"""A listing begins a minute ago: a block's time may lie behind our clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a maker wants to sell, and what the works ask today."""

    maker: Address
    works: Sequence[Work]
    answers: Sequence[Answer]
    """Of each work for its share of the (first) price."""
    price: int
    end_price: int | None = None
    """None: the price stands."""
    taker: Address = ZERO_ADDRESS
    currency: Address = ZERO_ADDRESS
    starts_at: int | None = None
    """Unix seconds; None: now."""
    expires_at: int | None = None
    """Unix seconds; None: in 30 days."""
    max_royalty_bps: int | None = None
    """None: what the works ask today."""
    fee_bps: int


def seconds_of(moment: datetime | None) -> int | None:
    """Unix seconds; a time without a zone is UTC."""
    if moment is None:
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def royalty_maximum(asked: int | None, needed: int, *, is_accepted: bool) -> int:
    """
    What is signed as the greatest royalty: today's answer or more, never less.

    Raises `OrderInvalid`, or `RoyaltyNotAccepted` above a tenth of the price.
    """
    if asked is not None and asked < needed:
        raise OrderInvalid(
            "max_royalty_bps",
            f"the work asks {needed} bps; an order that allows less cannot be filled",
        )
    maximum = needed if asked is None else asked
    if maximum > CONFIRM_ROYALTY_BPS and not is_accepted:
        raise RoyaltyNotAccepted(maximum)
    return maximum


def royalty_warnings(bps: int) -> list[Warning_]:
    """Above a tenth of the price it is said once more beside what is signed."""
    if bps <= CONFIRM_ROYALTY_BPS:
        return []
    detail = f"up to {bps / 100:g} % of the price goes to the artist as royalty"
    return [Warning_("RoyaltyAboveTenPercent", detail)]


async def wanted(desk: Desk, body: ListingIn) -> tuple[ChainParts, Wanted]:
    """What a body asks for. Raises when the works are not the maker's, or the terms unfit."""
    part = chain_of(desk.parts, body.chain_id)
    maker = read_address("maker", body.maker)
    refs = [read_token(body.chain_id, body.contract, body.token_id)]
    refs += [read_token(body.chain_id, one.contract, one.token_id) for one in body.more]
    currency = read_address("currency", body.currency) if body.currency else ZERO_ADDRESS
    money.currency_of(part, currency)
    price = read_uint("price", body.price)
    owned = await owned_works(desk.session, refs, maker)
    parts = shares(price, len(refs))
    works, answers = await to_thread.run_sync(_ask, part, owned, parts)
    needed = bps_needed(answers, parts)
    rules = await rules_now(desk.session, part, part.deployment.exchange.address, desk.seconds)
    return part, Wanted(
        maker=maker,
        works=works,
        answers=answers,
        price=price,
        end_price=read_uint("end_price", body.end_price) if body.end_price is not None else None,
        taker=read_address("taker", body.taker) if body.taker else ZERO_ADDRESS,
        currency=currency,
        starts_at=seconds_of(body.starts_at),
        expires_at=seconds_of(body.expires_at),
        max_royalty_bps=royalty_maximum(
            body.max_royalty_bps, needed, is_accepted=body.accept_royalty
        ),
        fee_bps=rules.fee_bps,
    )


def _ask(
    part: ChainParts, works: Sequence[Work], prices: Sequence[int]
) -> tuple[list[Work], list[Answer]]:
    return ask_counts(part, works), ask_answers(part, works, prices)


def order_for(asked: Wanted, *, nonce: int, counter: int, now: int) -> Order:
    """The order that says what is wanted; `now` in Unix seconds."""
    first, *others = asked.works
    prices = shares(asked.price, len(asked.works))
    maximum = asked.max_royalty_bps
    return Order(
        kind=Kind.LISTING,
        maker=asked.maker,
        taker=asked.taker,
        collection=first.ref.contract,
        token_id=first.ref.token_id,
        transfer_count=first.transfer_count,
        more=tuple(Item(one.ref.contract, one.ref.token_id, one.transfer_count) for one in others),
        currency=asked.currency,
        price=asked.price,
        end_price=asked.price if asked.end_price is None else asked.end_price,
        start=asked.starts_at or now - HEAD_START_SECONDS,
        end=asked.expires_at or now + DEFAULT_LIFE_SECONDS,
        max_royalty_bps=bps_needed(asked.answers, prices) if maximum is None else maximum,
        max_fee_bps=asked.fee_bps,
        nonce=nonce,
        counter=counter,
    )


def check_new(order: Order, part: ChainParts, now: int) -> None:
    """Refuse terms that this exchange would never settle. Raises `OrderInvalid`."""
    check_order(order, now=now, currencies=money.addresses(part))
    check_life(order.end, now)
    house = part.deployment.house_collection.address
    for item in order.items:
        if order.kind is Kind.LISTING and item.collection == house and not item.is_bound:
            raise OrderInvalid(
                "order/transferCount", "an order on this collection is bound to a count"
            )


def divide(asked: Wanted, order: Order) -> Split:
    """Who gets what at the first price. Raises `OrderInvalid`."""
    return total(split_listing(order, asked.answers, fee_bps=asked.fee_bps, now=order.start))


def signable(asked: Wanted, order: Order, part: ChainParts) -> Signable:
    """The listing as it is signed; its sentence tells all that the signature allows."""
    chain_id, exchange = part.deployment.chain_id, part.deployment.exchange.address
    price = money.amount(part, order.price, order.currency)
    split = money.divided(part, divide(asked, order), order.currency)
    said = explain.explain_order(
        order, title=asked.works[0].title, currencies=money.currencies(part)
    )
    return Signable(
        id="sign-listing",
        title=f"Sign the listing at {price}",
        explain=f"{said[0]} When it sells at {price}: {split}, all in the sale's own transaction. "
        + " ".join(said[1:]),
        typed_data=order_typed_data(order, chain_id=chain_id, exchange=exchange),
        names=(order_hash(order, chain_id=chain_id, exchange=exchange),),
        href="/api/orders",
        body=submit_body(order, chain_id),
    )


def submit_body(order: Order, chain_id: int) -> dict[str, Any]:
    """What is posted to `/api/orders`, once the signature is added."""
    return {"chain_id": str(chain_id), "order": order_message(order)}


def approvals(part: ChainParts, maker: Address, works: Sequence[Work]) -> list[Operator]:
    """The exchange may deliver: one need for each collection."""
    contracts = list(dict.fromkeys(work.ref.contract for work in works))
    exchange = part.deployment.exchange.address
    return [
        Operator(maker, contract, exchange, id="approve" if n == 0 else f"approve-{n + 1}")
        for n, contract in enumerate(contracts)
    ]


def subject_of(works: Sequence[Work]) -> Subject:
    """An intent's (first) work."""
    return Subject(contract=works[0].ref.contract, token_id=works[0].ref.token_id)


async def propose(desk: Desk, body: ListingIn) -> Proposal:
    """A listing, fixed or falling, of one work or a bundle."""
    part, asked = await wanted(desk, body)

    def sign(terms: Terms) -> Signable:
        order = order_for(asked, nonce=terms.nonces[0], counter=terms.counter, now=desk.seconds)
        check_new(order, part, desk.seconds)
        return signable(asked, order, part)

    unbound = any(work.transfer_count == UNBOUND for work in asked.works)
    warnings = royalty_warnings(asked.max_royalty_bps or 0)
    if unbound:
        warnings.append(
            Warning_("UnboundOrder", "it stays good when the work leaves and comes back")
        )
    return Proposal(
        kind="listing",
        maker=asked.maker,
        part=part,
        sign=sign,
        needs=approvals(part, asked.maker, asked.works),
        request=body.model_dump(mode="json"),
        subject=subject_of(asked.works),
        warnings=warnings,
    )


def fresh_work(ref: TokenRef, *, royalty_bps: int, receiver: Address, title: str) -> Work:
    """A work about to be minted in the same sitting: at transfer count 0."""
    return Work(
        ref=ref,
        owner=ZERO_ADDRESS,
        transfer_count=0,
        royalty_bps=royalty_bps,
        royalty_receiver=receiver,
        title=title,
    )
