"""
Buying several listings in one transaction: all of them or none, or those that can be had.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.deps import chain_of
from api.intents.service import Warning_
from api.orders.facts import Known
from api.orders.filling import (
    FURTHER_GAS,
    check_tokens_held,
    most,
    obstacles,
    token_needs,
    works_of,
)
from api.orders.queries import find_many
from api.orders.reading import split_of
from api.orders.schemas import CartIn
from api.parts import ChainParts, Parts
from api.sales import acts, money
from api.sales.acts import Act
from api.sales.needs import Need
from api.standing.disputes import warnings_of
from api.tables import IntentRow
from api.tokens.deps import read_address
from nft.chain.contracts import Exchange
from nft.errors import NoSuchOrder, OrderExpired, OrderInvalid, OrderNotFillable
from nft.orders import Kind
from nft.types import ZERO_ADDRESS, Address, Digest

FIRST_GAS = 130_000
EACH_GAS = 90_000
GAS_PER_ITEM = 250_000
"""What one item may use at most where the others go on without it; measured at 110,000."""
GAS_FOR_WORK = 120_000
"""What each further work of a bundle adds to that."""
ITEM_OVERHEAD = 40_000
"""What the exchange spends on an item beside its share."""


async def prepare_cart(
    session: AsyncSession, parts: Parts, now: datetime, *, body: CartIn
) -> IntentRow:
    """
    An intent of one transaction for all orders of the cart.

    With `all`, raises `OrderNotFillable` for the first that cannot be had; with `available` those
    are left out, with a warning each, unless none is left.
    """
    taker = read_address("taker", body.taker)
    found = await find_many(session, parts, body.orders)
    wanted = [_wanted(found, name, number) for number, name in enumerate(body.orders)]
    first = wanted[0]
    if len({(one.chain_id, one.exchange) for one in wanted}) != 1:
        raise OrderInvalid("orders", "a cart holds listings of one chain")
    if len(set(body.orders)) != len(body.orders):
        raise OrderInvalid("orders", "an order stands in the cart twice")
    part = chain_of(parts, first.chain_id)
    good, warnings = _sort_out(wanted, taker, now, is_strict=body.mode == "all")
    works = [work for one in good for work in works_of(one)]
    warnings += await warnings_of(session, works)
    act = _act(part, good, taker, body, now, warnings)
    await check_tokens_held(part, taker, act.needs)
    return await acts.prepare(session, act, now)


def _wanted(found: dict[Digest, Known], name: Digest, number: int) -> Known:
    known = found.get(name)
    if known is None:
        raise NoSuchOrder(str(name))
    if known.order.kind is not Kind.LISTING:
        raise OrderInvalid(f"orders/{number}", "an offer cannot be bought")
    return known


def _sort_out(
    wanted: Sequence[Known], taker: Address, now: datetime, *, is_strict: bool
) -> tuple[list[Known], list[Warning_]]:
    good: list[Known] = []
    warnings: list[Warning_] = []
    for known in wanted:
        try:
            reasons = obstacles(known, taker, now)
            if reasons or split_of(known, now) is None:
                raise OrderNotFillable(str(known.order_hash), reasons)
        except (OrderExpired, OrderNotFillable) as error:
            if is_strict:
                raise
            warnings.append(Warning_("OrderLeftOut", str(error)))
        else:
            good.append(known)
    if not good:
        raise OrderNotFillable(
            str(wanted[0].order_hash), [("NothingLeft", "none of these can be had")]
        )
    return good, warnings


def _act(
    part: ChainParts,
    good: Sequence[Known],
    taker: Address,
    body: CartIn,
    now: datetime,
    warnings: Sequence[Warning_],
) -> Act:
    exchange = Exchange(good[0].exchange)
    orders = [one.order for one in good]
    signatures = [one.signature for one in good]
    bulks = [one.bulk for one in good]
    sums = _sums(good, now)
    coin = sums.pop(ZERO_ADDRESS, 0)
    works = sum(len(order.items) for order in orders)
    least = 0
    if body.mode == "all":
        call = exchange.buy_many(orders, signatures, bulks=bulks, coin=coin)
    else:
        share = GAS_PER_ITEM + GAS_FOR_WORK * max(len(order.more) for order in orders)
        call = exchange.buy_available(
            orders, signatures, gas_per_item=share, bulks=bulks, coin=coin
        )
        least = (share + ITEM_OVERHEAD) * len(orders) + share // 32
    fees = sum(split.platform_fee for one in good if (split := split_of(one, now)) is not None)
    currencies = {order.currency for order in orders}
    return Act(
        kind="cart",
        account=taker,
        part=part,
        call=call,
        title=f"Buy {works} works at once" if works > 1 else "Buy one work",
        explain=_words(part, good, now, is_strict=body.mode == "all"),
        request=body.model_dump(mode="json"),
        fallback_gas=FIRST_GAS + EACH_GAS * len(orders) + FURTHER_GAS * works,
        least_gas=least,
        needs=_needs(part, taker, good[0].exchange, sums),
        facts={"names": [str(one.order_hash) for one in good]},
        platform_fee=fees if len(currencies) == 1 else 0,
        currency=orders[0].currency if len(currencies) == 1 else ZERO_ADDRESS,
        warnings=warnings,
        order_name=str(good[0].order_hash),
    )


def _sums(good: Sequence[Known], now: datetime) -> dict[Address, int]:
    """What goes along in each currency at most."""
    found: dict[Address, int] = defaultdict(int)
    for one in good:
        found[one.order.currency] += most(one, now)
    return found


def _needs(
    part: ChainParts, taker: Address, exchange: Address, sums: dict[Address, int]
) -> list[Need]:
    needs: list[Need] = []
    for number, (currency, amount) in enumerate(sorted(sums.items())):
        found = token_needs(part, taker, exchange, currency, amount)
        needs += found if number == 0 else [_renamed(need, number) for need in found]
    return needs


def _renamed(need: Need, number: int) -> Need:
    """Step ids are unique within an intent."""
    return need.renamed(f"{need.id}-{number + 1}")


def _words(part: ChainParts, good: Sequence[Known], now: datetime, *, is_strict: bool) -> str:
    said = []
    for one in good:
        split = split_of(one, now)
        if split is not None:
            price = money.amount(part, split.price, one.order.currency)
            divided = money.divided(part, split, one.order.currency)
            said.append(f"Token {one.order.token_id} for {price}: {divided}.")
    end = (
        "All of them, or nothing happens."
        if is_strict
        else "What cannot be had any more is left out, and its money returns."
    )
    return " ".join([*said, end])
