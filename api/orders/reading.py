"""
An order as it stands: its state, its price, why it cannot be filled, and who would get what.
"""

from __future__ import annotations

from datetime import UTC, datetime

from api.chains.mirror import Blocks
from api.orders.facts import Known
from api.orders.schemas import ItemOut, OrderDetailOut, OrderOut, ReasonOut, SplitOut
from api.parts import Parts
from nft.errors import OrderInvalid
from nft.fillability import reasons_not_fillable, state_of
from nft.orders import Kind, price_at
from nft.reasons import Code, Reason
from nft.settlement import Answer, Split, split_listing, split_offer, total
from nft.signing import order_typed_data
from nft.types import ZERO_ADDRESS

SCOPES = {
    Kind.LISTING: "token",
    Kind.TOKEN_OFFER: "token",
    Kind.SET_OFFER: "set",
    Kind.COLLECTION_OFFER: "collection",
}


def split_of(known: Known, now: datetime) -> Split | None:
    """
    As paid when filled, else as it would be paid now.

    None when it would be refused, or when it depends on the work that a seller picks.
    """
    paid = known.paid
    if paid is not None:
        return Split(
            seller=paid.price - paid.royalty - paid.fee,
            royalty=paid.royalty,
            royalty_receiver=paid.royalty_receiver,
            platform_fee=paid.fee,
        )
    order, facts = known.order, known.facts
    works = (facts, *facts.more)
    if not known.is_known or len(works) != len(order.items):
        return None
    answers = [Answer(work.royalty_receiver, work.royalty) for work in works]
    try:
        if order.kind is Kind.LISTING:
            seconds = int(now.timestamp())
            return total(split_listing(order, answers, fee_bps=facts.fee_bps, now=seconds))
        if order.kind is Kind.TOKEN_OFFER and known.is_ours:
            return split_offer(order, answers[0], fee_bps=facts.fee_bps)
    except OrderInvalid:
        pass  # The reasons name the maximum that is passed.
    return None


def standing(known: Known, now: datetime) -> tuple[str, list[Reason]]:
    """
    The order's one word and the reasons behind it, most telling first.

    What is over says so and no more: a sold work has of course left its seller.
    """
    seconds = int(now.timestamp())
    found = reasons_not_fillable(known.order, known.facts, now=seconds)
    if known.is_awaited:
        found.append(Reason.of(Code.WALLET_NOT_DEPLOYED))
    state = state_of(known.facts, found, order=known.order, now=seconds)
    if state == "filled":
        return state, [Reason("OrderFilled", "the work was sold by this order")]
    if state == "cancelled":
        return state, [Reason("OrderCancelled", "the maker cancelled it on the chain")]
    if state == "expired":
        return state, [Reason("OrderExpired", f"it ended at {_time(known.order.end)}")]
    return state, found


def _time(seconds: int) -> str:
    return moment(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(seconds: int) -> datetime:
    """A signed time; what lies beyond the calendar is its last second."""
    latest = int(datetime.max.replace(tzinfo=UTC, microsecond=0).timestamp())
    return datetime.fromtimestamp(min(seconds, latest), UTC)


def order_out(known: Known, parts: Parts, blocks: Blocks, now: datetime) -> OrderOut:
    """The order as JSON and pages show it."""
    order = known.order
    state, reasons = standing(known, now)
    price = known.paid.price if known.paid else price_at(order, int(now.timestamp()))
    block = blocks.get((known.chain_id, known.last_block)) if known.last_block is not None else None
    part = parts.chains.get(known.chain_id)
    scope = "creator" if order.creator is not None else SCOPES[order.kind]
    return OrderOut.model_validate(
        {
            "hash": str(known.order_hash),
            "kind": order.kind.word,
            "scope": scope,
            "maker": str(order.maker),
            "taker": None if order.taker == ZERO_ADDRESS else str(order.taker),
            "chain_id": str(known.chain_id),
            "exchange": str(known.exchange),
            "contract": str(order.collection),
            "token_id": str(order.token_id),
            "transfer_count": None if not order.items[0].is_bound else order.transfer_count,
            "more": [
                ItemOut(contract=str(item.collection), token_id=str(item.token_id))
                for item in order.more
            ],
            "set": [str(token) for token, _ in known.set_works],
            "creator": None if order.creator is None else str(order.creator),
            "price": str(price),
            "start_price": str(order.price),
            "end_price": str(order.end_price),
            "currency": str(order.currency),
            "starts_at": moment(order.start),
            "expires_at": moment(order.end),
            "created_at": known.created_at,
            "max_royalty_bps": order.max_royalty_bps,
            "max_fee_bps": order.max_fee_bps,
            "nonce": str(order.nonce),
            "counter": str(order.counter),
            "state": state,
            "hidden": known.is_hidden,
            "reasons": [ReasonOut(code=one.code, detail=one.detail) for one in reasons],
            "split": split_out(split_of(known, now)),
            "test": bool(part and part.is_test),
            "url": f"{parts.public_url}/api/orders/{known.order_hash}",
            "as_of": block.as_of() if block else None,
        }
    )


def order_detail(known: Known, parts: Parts, blocks: Blocks, now: datetime) -> OrderDetailOut:
    """With signature and typed data, unless the maker asked us not to hand it out."""
    shown = order_out(known, parts, blocks, now)
    typed = order_typed_data(known.order, chain_id=known.chain_id, exchange=known.exchange)
    place = {
        "index": known.bulk.index,
        "proof": [str(sibling) for sibling in known.bulk.proof],
    }
    return OrderDetailOut(
        **shown.model_dump(),
        typed_data=None if known.is_hidden else typed,
        signature=None if known.is_hidden else "0x" + known.signature.hex(),
        bulk=None if known.is_hidden or not known.bulk.proof else place,
    )


def split_out(divided: Split | None) -> SplitOut | None:
    """Amounts as decimal strings."""
    if divided is None:
        return None
    return SplitOut(
        seller=str(divided.seller),
        royalty=str(divided.royalty),
        royalty_receiver=str(divided.royalty_receiver),
        platform_fee=str(divided.platform_fee),
    )
