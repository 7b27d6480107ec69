"""
Selling to an offer: the approval, and the transaction that takes the buyer's money.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncSession

from api.deps import chain_of
from api.intents.service import Subject
from api.orders.facts import Known
from api.orders.kinds.listings import approvals
from api.orders.queries import find_many, get_known
from api.orders.reading import standing
from api.orders.schemas import AcceptIn, AcceptManyIn
from api.orders.works import Work, ask_answers, owned_works
from api.parts import ChainParts, Parts
from api.sales import acts, money
from api.sales.acts import Act
from api.tables import IntentRow
from api.tokens.deps import read_address, read_uint
from nft import explain
from nft.chain.contracts import Exchange, Question, Validator
from nft.chain.markets import Numbers
from nft.chain.protocol import Call
from nft.errors import NoSuchOrder, OrderExpired, OrderInvalid, OrderNotFillable
from nft.fillability import reasons_not_fillable
from nft.merkle import SetTree
from nft.orders import UNBOUND, Acceptance, Kind
from nft.reasons import Code
from nft.settlement import Answer, Split, split_offer
from nft.types import Address, Digest, TokenRef

ACCEPT_GAS = 260_000
"""Of one acceptance, measured at 130,000."""


@dataclass(frozen=True, slots=True)
class _Meeting:
    """An offer, the work that meets it, and who gets what."""

    known: Known
    work: Work
    acceptance: Acceptance
    split: Split


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a seller says of one offer."""

    known: Known
    token_id: int
    least: int | None


async def prepare_accept(
    session: AsyncSession, parts: Parts, now: datetime, *, order_name: Digest, body: AcceptIn
) -> IntentRow:
    """
    An intent of an approval and one transaction: the work out, the offer's money in.

    Raises `SellerNotOwner`, `OrderExpired`, or `OrderNotFillable` with every reason.
    """
    known = await get_known(session, parts, order_name)
    seller = read_address("seller", body.seller)
    asked = _asked(known, body.token_id, body.min_proceeds, at="")
    (meeting,) = await _meet(session, chain_of(parts, known.chain_id), seller, [asked], now)
    return await _prepare(session, parts, seller, [meeting], body.model_dump(mode="json"), now)


async def prepare_accept_many(
    session: AsyncSession, parts: Parts, now: datetime, *, body: AcceptManyIn
) -> IntentRow:
    """The same for several offers, all or none. Raises as `prepare_accept` does."""
    seller = read_address("seller", body.seller)
    found = await find_many(session, parts, [one.order for one in body.offers])
    asked = []
    for number, one in enumerate(body.offers):
        known = found.get(one.order)
        if known is None:
            raise NoSuchOrder(str(one.order))
        asked.append(_asked(known, one.token_id, one.min_proceeds, at=f"offers/{number}/"))
    first = asked[0].known
    if any(
        (one.known.chain_id, one.known.exchange) != (first.chain_id, first.exchange)
        for one in asked
    ):
        raise OrderInvalid("offers", "offers of one chain can be accepted together")
    if len({(one.known.order.collection, one.token_id) for one in asked}) != len(asked):
        raise OrderInvalid("offers", "a work can be sold only once")
    part = chain_of(parts, first.chain_id)
    meetings = await _meet(session, part, seller, asked, now)
    _check_purses(meetings)
    return await _prepare(session, parts, seller, meetings, body.model_dump(mode="json"), now)


def _check_purses(meetings: Sequence[_Meeting]) -> None:
    """Offers of one buyer are paid from one purse. Raises `OrderNotFillable`."""
    spent: dict[tuple[Address, Address], int] = {}
    for meeting in meetings:
        order, facts = meeting.known.order, meeting.known.facts
        purse = (order.maker, order.currency)
        spent[purse] = spent.get(purse, 0) + order.price
        for held, code in (
            (facts.balance, Code.BALANCE_TOO_LOW),
            (facts.allowance, Code.ALLOWANCE_TOO_LOW),
        ):
            if held is not None and held < spent[purse]:
                detail = f"{order.maker} cannot pay all of these offers together"
                raise OrderNotFillable(str(meeting.known.order_hash), [(str(code), detail)])


def _asked(known: Known, token_id: str | None, least: str | None, *, at: str) -> _Asked:
    order = known.order
    if not order.kind.is_offer:
        raise OrderInvalid(f"{at}order", "a listing is bought, not accepted")
    if order.kind is Kind.TOKEN_OFFER and token_id is None:
        wanted = order.token_id
    elif token_id is None:
        raise OrderInvalid(f"{at}token_id", "say which of your works you sell to this offer")
    else:
        wanted = read_uint(f"{at}token_id", token_id)
    return _Asked(known, wanted, None if least is None else read_uint(f"{at}min_proceeds", least))


async def _meet(
    session: AsyncSession,
    part: ChainParts,
    seller: Address,
    asked: Sequence[_Asked],
    now: datetime,
) -> list[_Meeting]:
    refs = [TokenRef(one.known.chain_id, one.known.order.collection, one.token_id) for one in asked]
    works = await owned_works(session, refs, seller)
    prices = [one.known.order.price for one in asked]
    answers = await to_thread.run_sync(ask_answers, part, works, prices)
    return [
        _meeting(one, work, answer, seller, now)
        for one, work, answer in zip(asked, works, answers, strict=True)
    ]


def _meeting(asked: _Asked, work: Work, answer: Answer, seller: Address, now: datetime) -> _Meeting:
    known, order = asked.known, asked.known.order
    name = str(known.order_hash)
    state, reasons = standing(known, now)
    if state == "expired":
        raise OrderExpired(name)
    if state in ("filled", "cancelled"):
        raise OrderNotFillable(name, [(one.code, one.detail) for one in reasons])
    count, proof = _proof(known, asked.token_id)
    acceptance = Acceptance(
        token_id=asked.token_id, transfer_count=count, proof=proof, min_proceeds=asked.least or 0
    )
    facts = replace(
        known.facts,
        owner=work.owner,
        transfer_count=work.transfer_count,
        is_approved=True,  # The step before sees to it.
        royalty=answer.royalty,
        royalty_receiver=answer.receiver,
        metadata_digest=work.metadata_digest,
    )
    found = reasons_not_fillable(
        order, facts, now=int(now.timestamp()), taker=seller, acceptance=acceptance
    )
    told = [(one.code, one.detail) for one in found]
    if known.is_awaited:
        told.append((str(Code.WALLET_NOT_DEPLOYED), Code.WALLET_NOT_DEPLOYED.sentence))
    if known.is_hidden:
        told.append(("OrderHidden", "its maker asked us not to hand it out"))
    if told:
        raise OrderNotFillable(name, told)
    split = split_offer(order, answer, fee_bps=facts.fee_bps)
    if asked.least is None:
        # What is shown is what is paid, or the sale does not happen.
        acceptance = replace(acceptance, min_proceeds=split.seller)
    return _Meeting(known, work, acceptance, split)


def _proof(known: Known, token_id: int) -> tuple[int, tuple[Digest, ...]]:
    """The leaf's transfer count and its siblings. Raises `OrderNotFillable`."""
    if known.order.kind is not Kind.SET_OFFER:
        return UNBOUND, ()
    counts = dict(known.set_works)
    if token_id not in counts:
        reason = (str(Code.NOT_IN_SET), Code.NOT_IN_SET.sentence)
        raise OrderNotFillable(str(known.order_hash), [reason])
    return counts[token_id], SetTree(known.set_works).proof(token_id)


async def _prepare(
    session: AsyncSession,
    parts: Parts,
    seller: Address,
    meetings: Sequence[_Meeting],
    request: dict[str, object],
    now: datetime,
) -> IntentRow:
    first = meetings[0]
    part = chain_of(parts, first.known.chain_id)
    is_one = len(meetings) == 1
    names = [str(one.known.order_hash) for one in meetings]
    act = Act(
        kind="accept" if is_one else "accept_many",
        account=seller,
        part=part,
        call=_call(meetings),
        title="Accept the offer" if is_one else f"Accept {len(meetings)} offers",
        explain=" ".join(_words(part, one) for one in meetings),
        request={"orders": names, **request},
        fallback_gas=ACCEPT_GAS * len(meetings),
        needs=approvals(part, seller, [one.work for one in meetings]),
        subject=Subject(
            contract=first.work.ref.contract,
            token_id=first.work.ref.token_id,
            order_hash=first.known.order_hash if is_one else None,
        ),
        facts={
            "names": names,
            "token_ids": [str(one.work.ref.token_id) for one in meetings],
            "splits": [_split_json(one.split) for one in meetings],
        },
        platform_fee=sum(one.split.platform_fee for one in meetings),
        currency=first.known.order.currency,
        order_name=names[0],
        why=_why(part, seller, first) if is_one else None,
    )
    return await acts.prepare(session, act, now)


def _call(meetings: Sequence[_Meeting]) -> Call:
    """One acceptance, or several, all or none."""
    first = meetings[0].known
    exchange = Exchange(first.exchange)
    if len(meetings) == 1:
        acceptance = meetings[0].acceptance
        return exchange.accept(first.order, first.signature, acceptance, bulk=first.bulk)
    return exchange.accept_many(
        [one.known.order for one in meetings],
        [one.known.signature for one in meetings],
        [one.acceptance for one in meetings],
        bulks=[one.known.bulk for one in meetings],
    )


def _why(part: ChainParts, seller: Address, meeting: _Meeting) -> Question[Numbers]:
    known = meeting.known
    return Validator(part.deployment.validator.address).check_order(
        known.order,
        known.signature,
        bulk=known.bulk,
        taker=seller,
        acceptance=meeting.acceptance,
    )


def _split_json(split: Split) -> dict[str, str]:
    return {
        "seller": str(split.seller),
        "royalty": str(split.royalty),
        "royalty_receiver": str(split.royalty_receiver),
        "platform_fee": str(split.platform_fee),
    }


def _words(part: ChainParts, meeting: _Meeting) -> str:
    order = meeting.known.order
    what = explain.work(order.collection, meeting.work.ref.token_id, meeting.work.title)
    price = money.amount(part, order.price, order.currency)
    split = money.divided(part, meeting.split, order.currency)
    least = money.amount(part, meeting.acceptance.min_proceeds, order.currency)
    return (
        f"You sell {what} to {order.maker} for {price}: {split}. "
        f"You get at least {least}, or nothing happens."
    )
