"""
Buying: the transaction of one listing, prepared for whoever is going to send it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncSession

from api.deps import chain_of
from api.intents.service import Subject
from api.orders import permits
from api.orders.facts import Known
from api.orders.queries import get_known
from api.orders.reading import split_of, standing
from api.orders.schemas import FillIn
from api.orders.works import find_work
from api.parts import ChainParts, Parts
from api.sales import acts, money
from api.sales.acts import Act, TakerLacksTokens, balance_in
from api.sales.needs import Allowance, Need, Wrapped
from api.standing.disputes import warnings_of
from api.tables import IntentRow
from api.tokens.deps import read_address
from nft import explain
from nft.chain.contracts import Exchange, Validator
from nft.errors import OrderExpired, OrderInvalid, OrderNotFillable
from nft.fillability import reasons_not_fillable
from nft.orders import Kind, price_at
from nft.settlement import Split
from nft.types import ZERO_ADDRESS, Address, Digest, TokenRef

FILL_GAS = 220_000
"""Of one work in a token, measured at 130,000."""
FURTHER_GAS = 90_000
"""Of each further work."""

CLOCK_SLACK_SECONDS = 60
"""A block's time may lie behind our clock: a falling price is then higher than now."""


async def prepare_fill(
    session: AsyncSession, parts: Parts, now: datetime, *, order_name: Digest, body: FillIn
) -> IntentRow:
    """
    An intent that ends in one transaction: price in, work out, everybody paid.

    Raises `OrderExpired`, `OrderNotFillable` with every reason, or `TakerCannotPay`.
    """
    known = await get_known(session, parts, order_name)
    part = chain_of(parts, known.chain_id)
    taker = read_address("taker", body.taker)
    if known.order.kind is not Kind.LISTING:
        raise OrderInvalid("order", "an offer is accepted by a seller, not filled by a buyer")
    divided = check_fillable(known, taker, now)
    work = await find_work(session, known.order.token(known.chain_id))
    act = _act(part, known, taker, divided, now, title=work.title if work else "", body=body)
    act = replace(act, warnings=await warnings_of(session, works_of(known)))
    await check_tokens_held(part, taker, act.needs)
    if body.permit and known.order.currency != ZERO_ADDRESS:
        permitted = await permits.prepare(session, act, known, most(known, now), now)
        if permitted is not None:
            return permitted
    return await acts.prepare(session, act, now)


def _act(
    part: ChainParts,
    known: Known,
    taker: Address,
    divided: Split,
    now: datetime,
    *,
    title: str,
    body: FillIn,
) -> Act:
    order = known.order
    coin = most(known, now) if order.currency == ZERO_ADDRESS else 0
    call = Exchange(known.exchange).fill(order, known.signature, bulk=known.bulk, coin=coin)
    price = money.amount(part, divided.price, order.currency)
    return Act(
        kind="fill",
        account=taker,
        part=part,
        call=call,
        title=f"Buy for {price}",
        explain=_words(part, known, divided, title, taker, coin),
        request={"order": str(known.order_hash), **body.model_dump(mode="json")},
        fallback_gas=FILL_GAS + FURTHER_GAS * len(order.more),
        needs=token_needs(part, taker, known.exchange, order.currency, most(known, now)),
        subject=subject_of(known),
        platform_fee=divided.platform_fee,
        currency=order.currency,
        order_name=str(known.order_hash),
        why=Validator(part.deployment.validator.address).check_order(
            order, known.signature, bulk=known.bulk, taker=taker
        ),
    )


def works_of(known: Known) -> list[TokenRef]:
    """All works that an order sells."""
    items = known.order.items
    return [TokenRef(known.chain_id, item.collection, item.token_id) for item in items]


def most(known: Known, now: datetime) -> int:
    """What the price can be at most in the next block; what is too much returns."""
    return price_at(known.order, int(now.timestamp()) - CLOCK_SLACK_SECONDS)


def subject_of(known: Known) -> Subject:
    """The (first) work and the order."""
    return Subject(
        contract=known.order.collection,
        token_id=known.order.token_id,
        order_hash=known.order_hash,
    )


def _words(
    part: ChainParts, known: Known, divided: Split, title: str, taker: Address, coin: int
) -> str:
    order = known.order
    what = explain.work(order.collection, order.token_id, title)
    if order.more:
        what = f"{len(order.items)} works together, {what} first,"
    price = money.amount(part, divided.price, order.currency)
    split = money.divided(part, divided, order.currency)
    said = f"You pay {price} for {what} to {taker} in the same transaction: {split}."
    if coin > divided.price:
        sent = money.amount(part, coin, order.currency)
        said += f" The price falls: {sent} goes along, and what is above the price returns."
    return said


def check_fillable(known: Known, taker: Address, now: datetime) -> Split:
    """Everything that we know would stop it, before anybody pays for trying."""
    name = str(known.order_hash)
    if taker in (known.order.maker, ZERO_ADDRESS):
        raise OrderInvalid("taker", "a maker cannot buy from themselves")
    found = obstacles(known, taker, now)
    divided = split_of(known, now)
    if found or divided is None:
        raise OrderNotFillable(name, found)
    return divided


def obstacles(known: Known, taker: Address, now: datetime) -> list[tuple[str, str]]:
    """Every reason against this taker. Raises `OrderExpired`."""
    state, reasons = standing(known, now)
    if state == "expired":
        raise OrderExpired(str(known.order_hash))
    if state not in ("filled", "cancelled"):
        seconds = int(now.timestamp())
        own = reasons_not_fillable(known.order, known.facts, now=seconds, taker=taker)
        codes = {one.code for one in reasons}
        reasons = [*reasons, *(one for one in own if one.code not in codes)]
    found = [(one.code, one.detail) for one in reasons]
    if known.is_hidden:
        found.append(("OrderHidden", "its maker asked us not to hand it out"))
    return found


def token_needs(
    part: ChainParts, payer: Address, spender: Address, currency: Address, price: int
) -> list[Need]:
    """The price in a token is held, and the exchange may draw it; nothing of coin."""
    if currency == ZERO_ADDRESS:
        return []
    needs: list[Need] = []
    if money.is_wrapped_coin(part, currency):
        needs.append(Wrapped(payer, part, money.amount(part, price, currency)))
    needs.append(Allowance(payer, spender, part, money.amount(part, price, currency)))
    return needs


async def check_tokens_held(part: ChainParts, payer: Address, needs: Sequence[Need]) -> None:
    """Raises `TakerLacksTokens` for a token that cannot be had by wrapping coin."""
    wrapped = {need.money.currency for need in needs if isinstance(need, Wrapped)}
    for need in needs:
        if isinstance(need, Allowance) and need.money.currency not in wrapped:
            currency = need.money.currency
            held = await to_thread.run_sync(balance_in, part, payer, currency)
            if held < need.money.value:
                has = money.amount(part, held, currency)
                raise TakerLacksTokens(str(payer), str(has), str(need.money))
