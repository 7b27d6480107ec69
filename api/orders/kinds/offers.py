"""
Offers: money for one work, for one of a set, or for any work of a collection or a creator.

The money stays with its owner until a seller accepts; so it must be a token, and the exchange must
be allowed to draw it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from anyio import to_thread
from sqlalchemy import ColumnElement, func, not_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.collections.ours import find_ours
from api.deps import chain_of
from api.intents.service import Subject, Warning_
from api.orders.facts import ORDERS, TOKENS, book, is_cancelled, is_filled
from api.orders.kinds import Desk
from api.orders.kinds.listings import (
    HEAD_START_SECONDS,
    check_new,
    royalty_maximum,
    royalty_warnings,
    seconds_of,
)
from api.orders.schemas import OfferIn
from api.orders.works import Work, ask_answers, ask_counts, bps_needed, living_works
from api.parts import ChainParts
from api.sales import money
from api.sales.house import rules_now
from api.sales.needs import Allowance, Need, Wrapped
from api.sales.proposals import Proposal, Signable, Terms
from api.standing.disputes import warnings_of
from api.tokens.deps import read_address, read_uint
from nft import explain
from nft.errors import OrderInvalid, Unacceptable
from nft.merkle import SetTree
from nft.orders import DEFAULT_LIFE_SECONDS, UNBOUND, Kind, Order
from nft.settlement import split_offer
from nft.signing import order_hash, order_message, order_typed_data
from nft.tokens import CONFIRM_ROYALTY_BPS, token_id
from nft.types import ZERO_ADDRESS, ZERO_DIGEST, Address, Digest, TokenRef


class OfferNeedsCreator(Unacceptable):
    """Anyone could mint a blank work into an open collection and sell it to the offer."""

    field = "creator"

    def __init__(self, contract: str) -> None:
        super().__init__(
            f"{contract} is open to every creator: anyone could mint a blank work there and sell "
            "it to an offer on all of it. Name the creator whose works you want"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    """Which works an offer is for."""

    kind: Kind
    token_id: int = 0
    criteria: Digest = ZERO_DIGEST
    metadata_digest: Digest = ZERO_DIGEST
    works: Sequence[Work] = ()
    """Those that are named one by one."""
    leaves: Sequence[tuple[int, int]] = field(default_factory=tuple)
    royalty_bps: int = 0
    """The least maximum under which each of them can be sold today."""


async def propose(desk: Desk, body: OfferIn) -> Proposal:
    """An offer of whichever scope the body names."""
    part = chain_of(desk.parts, body.chain_id)
    maker = read_address("maker", body.maker)
    contract = read_address("contract", body.contract)
    price = read_uint("price", body.price)
    asked = read_address("currency", body.currency) if body.currency else None
    currency = money.token_currency(part, asked).address
    scope = await _scope(desk, part, body, contract, price)
    template = await _template(desk, part, body, scope, currency)

    def sign(terms: Terms) -> Signable:
        order = replace(template, nonce=terms.nonces[0], counter=terms.counter)
        check_new(order, part, desk.seconds)
        return _signable(order, scope, part)

    return Proposal(
        kind="offer",
        maker=maker,
        part=part,
        sign=sign,
        needs=await _needs(desk, part, maker, currency, price),
        request=body.model_dump(mode="json"),
        subject=Subject(
            contract=contract,
            token_id=scope.token_id if scope.kind is Kind.TOKEN_OFFER else None,
        ),
        warnings=[
            *_warnings(scope, template.max_royalty_bps),
            *await warnings_of(desk.session, [one.ref for one in scope.works]),
        ],
    )


async def _template(
    desk: Desk, part: ChainParts, body: OfferIn, scope: _Scope, currency: Address
) -> Order:
    """The order without nonce and counter."""
    maximum = royalty_maximum(
        body.max_royalty_bps, scope.royalty_bps, is_accepted=body.accept_royalty
    )
    exchange = part.deployment.exchange.address
    price = read_uint("price", body.price)
    rules = await rules_now(desk.session, part, exchange, desk.seconds)
    taker = read_address("taker", body.taker) if body.taker else ZERO_ADDRESS
    return Order(
        kind=scope.kind,
        maker=read_address("maker", body.maker),
        taker=taker,
        collection=read_address("contract", body.contract),
        token_id=scope.token_id,
        transfer_count=UNBOUND,
        criteria=scope.criteria,
        metadata_digest=scope.metadata_digest,
        currency=currency,
        price=price,
        end_price=price,
        start=seconds_of(body.starts_at) or desk.seconds - HEAD_START_SECONDS,
        end=seconds_of(body.expires_at) or desk.seconds + DEFAULT_LIFE_SECONDS,
        max_royalty_bps=maximum,
        max_fee_bps=rules.fee_bps,
        nonce=0,
        counter=0,
    )


async def _scope(
    desk: Desk, part: ChainParts, body: OfferIn, contract: Address, price: int
) -> _Scope:
    named = [body.token_id is not None, body.set is not None, body.creator is not None]
    if sum(named) > 1:
        raise OrderInvalid("token_id", "name one of token_id, set and creator, not several")
    chain_id = part.deployment.chain_id
    if body.token_id is not None:
        ids = [read_uint("token_id", body.token_id)]
    elif body.set is not None:
        ids = [read_uint(f"set/{n}", text) for n, text in enumerate(body.set)]
    else:
        return await _wide_scope(desk, part, body, contract)
    works = await living_works(desk.session, [TokenRef(chain_id, contract, one) for one in ids])
    works = await to_thread.run_sync(ask_counts, part, works)
    prices = [price] * len(works)
    answers = await to_thread.run_sync(ask_answers, part, works, prices)
    needed = bps_needed(answers, prices)
    if body.set is None:
        return _Scope(
            kind=Kind.TOKEN_OFFER,
            token_id=ids[0],
            metadata_digest=works[0].metadata_digest if body.as_described else ZERO_DIGEST,
            works=works,
            royalty_bps=needed,
        )
    # A leaf names no count: an offer that dies whenever its owner changes is of no use.
    leaves = [(one, UNBOUND) for one in ids]
    return _Scope(
        kind=Kind.SET_OFFER,
        criteria=SetTree(leaves).root,
        works=works,
        leaves=leaves,
        royalty_bps=needed,
    )


async def _wide_scope(desk: Desk, part: ChainParts, body: OfferIn, contract: Address) -> _Scope:
    ours = await find_ours(desk.session, part, contract)
    creator = read_address("creator", body.creator) if body.creator is not None else None
    if creator is None and ours is not None and ours.artist is None:
        raise OfferNeedsCreator(str(contract))
    if creator is not None and ours is None:
        raise OrderInvalid("creator", "only in our collections does an id name its creator")
    here = TOKENS.c.chain_id == part.deployment.chain_id, TOKENS.c.contract == contract
    whose = () if creator is None else (TOKENS.c.creator == creator,)
    needed = await _greatest_royalty(desk.session, [*here, *whose])
    return _Scope(
        kind=Kind.COLLECTION_OFFER,
        token_id=0 if creator is None else token_id(creator, 0),
        # Works may ask different royalties; one that asks more than this cannot be sold to it.
        royalty_bps=min(needed, CONFIRM_ROYALTY_BPS) if body.max_royalty_bps is None else 0,
    )


async def _greatest_royalty(session: AsyncSession, where: Sequence[ColumnElement[bool]]) -> int:
    """What the works of a collection or creator ask at most; a tenth while there are none."""
    found = await session.scalar(select(func.max(TOKENS.c.royalty_bps)).where(*where))
    return CONFIRM_ROYALTY_BPS if found is None else int(found)


async def _needs(
    desk: Desk, part: ChainParts, maker: Address, currency: Address, price: int
) -> list[Need]:
    """The price is held, and the exchange may draw it together with all open offers."""
    committed = await _committed(desk, part, maker, currency)
    exchange = part.deployment.exchange.address
    needs: list[Need] = []
    if money.is_wrapped_coin(part, currency):
        needs.append(Wrapped(maker, part, money.amount(part, price, currency)))
    drawn = money.amount(part, price + committed, currency)
    needs.append(Allowance(maker, exchange, part, drawn))
    return needs


async def _committed(desk: Desk, part: ChainParts, maker: Address, currency: Address) -> int:
    """What the maker's other offers on the book would draw, were all of them accepted."""
    query = (
        select(func.coalesce(func.sum(ORDERS.c.price), 0))
        .select_from(book())
        .where(
            ORDERS.c.chain_id == part.deployment.chain_id,
            ORDERS.c.exchange == part.deployment.exchange.address,
            ORDERS.c.maker == maker,
            ORDERS.c.currency == currency,
            ORDERS.c.kind != int(Kind.LISTING),
            ORDERS.c.hidden_at.is_(None),
            ORDERS.c.end >= desk.seconds,
            not_(is_filled()),
            not_(is_cancelled()),
        )
    )
    return int(await desk.session.scalar(query) or 0)


def _signable(order: Order, scope: _Scope, part: ChainParts) -> Signable:
    chain_id, exchange = part.deployment.chain_id, part.deployment.exchange.address
    price = money.amount(part, order.price, order.currency)
    title = scope.works[0].title if order.kind is Kind.TOKEN_OFFER else ""
    said = explain.explain_order(order, title=title, currencies=money.currencies(part))
    if order.kind is Kind.TOKEN_OFFER and scope.works[0].is_ours:
        answer = scope.works[0].answer(order.price)
        divided = money.divided(
            part, split_offer(order, answer, fee_bps=order.max_fee_bps), order.currency
        )
        said.insert(1, f"If it is accepted: {divided}.")
    body: dict[str, Any] = {"chain_id": str(chain_id), "order": order_message(order)}
    if scope.leaves:
        body["set"] = [{"token_id": str(one), "transfer_count": str(n)} for one, n in scope.leaves]
    return Signable(
        id="sign-offer",
        title=f"Sign the offer of {price}",
        explain=" ".join(said),
        typed_data=order_typed_data(order, chain_id=chain_id, exchange=exchange),
        names=(order_hash(order, chain_id=chain_id, exchange=exchange),),
        href="/api/orders",
        body=body,
    )


def _warnings(scope: _Scope, maximum: int) -> list[Warning_]:
    warnings = royalty_warnings(maximum)
    if scope.kind is Kind.TOKEN_OFFER and scope.metadata_digest == ZERO_DIGEST:
        warnings.append(
            Warning_(
                "MetadataNotFrozen",
                "the creator may still change the work's description before it is accepted; "
                "as_described: true binds the offer to today's",
            )
        )
    return warnings
