"""
What only a node knows of an order, asked for a whole page in one request.

A buyer's balance and allowance (offers), the royalty of a collection that is not ours, approvals
of a bundle's further works, and whether a wallet has come to exist. A node that does not answer
stops no list: what it would have said stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncSession

from api.orders.facts import Known
from api.orders.works import Work, find_works
from api.parts import ChainParts, Parts
from nft.chain.contracts import ERC1271_MAGIC, Erc20, Erc721, Question, ask_many, signature_question
from nft.errors import ExchangeError, Unreachable
from nft.fillability import WorkFacts
from nft.orders import Item, Kind, price_at, shares
from nft.signing import bulk_digest
from nft.types import ZERO_ADDRESS, ZERO_DIGEST, Address, TokenRef

Answers = Mapping[str, Any]
Works = Mapping[TokenRef, Work]


@dataclass
class _Asked:
    """The questions about one order, each under a name of its own."""

    known: Known
    questions: dict[str, Question[Any]] = field(default_factory=dict)


async def complete(
    session: AsyncSession, parts: Parts, orders: Sequence[Known], now: int
) -> list[Known]:
    """The same orders, in order, with what a node had to be asked; `now` in Unix seconds."""
    open_ones = [one for one in orders if not (one.facts.filled or one.facts.cancelled)]
    refs = {
        TokenRef(one.chain_id, item.collection, item.token_id)
        for one in open_ones
        for item in one.order.more
    }
    works = await find_works(session, refs) if refs else {}
    asked = [_questions(one, works, now) for one in open_ones]
    told: dict[bytes, Answers] = {}
    for chain_id in {one.known.chain_id for one in asked if one.questions}:
        part = parts.chains.get(chain_id)
        if part is not None:
            here = [one for one in asked if one.known.chain_id == chain_id and one.questions]
            told |= await to_thread.run_sync(_ask, part, here)
    return [
        _with_answers(one, works, told.get(one.order_hash, {}), now) if one in open_ones else one
        for one in orders
    ]


def _ask(part: ChainParts, asked: Iterable[_Asked]) -> Mapping[bytes, Answers]:
    rows = [(one, name, question) for one in asked for name, question in one.questions.items()]
    try:
        answers = ask_many(part.chain, [question for _, _, question in rows])
    except Unreachable:
        return {}
    told: dict[bytes, dict[str, Any]] = {}
    for (one, name, _), answer in zip(rows, answers, strict=True):
        if not isinstance(answer, Unreachable):
            told.setdefault(one.known.order_hash, {})[name] = answer
    return told


def _questions(known: Known, works: Works, now: int) -> _Asked:
    order, found = known.order, _Asked(known)
    if order.kind.is_offer:
        money = Erc20(order.currency)
        found.questions["balance"] = money.balance_of(order.maker)
        found.questions["allowance"] = money.allowance(order.maker, known.exchange)
    else:
        parts = shares(price_at(order, now), len(order.items))
        for number, (item, share) in enumerate(zip(order.items, parts, strict=True)):
            if not _is_ours(known, works, number, item):
                token = Erc721(item.collection)
                found.questions[f"royalty {number}"] = token.royalty_info(item.token_id, share)
            if number:
                _ask_approvals(found, number, item)
    if known.is_awaited:
        digest = bulk_digest(order, known.bulk, chain_id=known.chain_id, exchange=known.exchange)
        found.questions["wallet"] = signature_question(order.maker, digest, known.signature)
    return found


def _ask_approvals(found: _Asked, number: int, item: Item) -> None:
    maker, exchange = found.known.order.maker, found.known.exchange
    token = Erc721(item.collection)
    found.questions[f"operator {number}"] = token.is_approved_for_all(maker, exchange)
    found.questions[f"approved {number}"] = token.get_approved(item.token_id)


def _is_ours(known: Known, works: Works, number: int, item: Item) -> bool:
    if number == 0:
        return known.is_ours
    work = works.get(TokenRef(known.chain_id, item.collection, item.token_id))
    return work is None or work.is_ours


def _with_answers(known: Known, works: Works, told: Answers, now: int) -> Known:
    order, facts = known.order, known.facts
    is_known = True
    if order.kind is Kind.LISTING:
        parts = shares(price_at(order, now), len(order.items))
        if not known.is_ours:
            royalty = _royalty(told.get("royalty 0"))
            is_known = royalty is not None
            receiver, amount = royalty or (ZERO_ADDRESS, 0)
            facts = replace(facts, royalty=amount, royalty_receiver=receiver)
        more = []
        for number, (item, share) in enumerate(zip(order.more, parts[1:], strict=True), start=1):
            work = works.get(TokenRef(known.chain_id, item.collection, item.token_id))
            found = _work_facts(known, work, told, number, share)
            is_known = is_known and found is not None
            more.append(found or _UNKNOWN)
        facts = replace(facts, more=tuple(more))
    facts = replace(facts, balance=_int(told.get("balance")), allowance=_int(told.get("allowance")))
    is_awaited = known.is_awaited and told.get("wallet") != ERC1271_MAGIC
    return replace(known, facts=facts, is_known=is_known, is_awaited=is_awaited)


_UNKNOWN = WorkFacts(
    owner=None, transfer_count=0, is_approved=True, royalty=0, royalty_receiver=ZERO_ADDRESS
)


def _work_facts(
    known: Known, work: Work | None, told: Answers, number: int, share: int
) -> WorkFacts | None:
    """Of a bundle's further work; None where a node had to be asked and did not answer."""
    if work is None:
        return _UNKNOWN
    if work.is_ours:
        answer = work.answer(share)
        receiver, royalty = answer.receiver, answer.royalty
    else:
        found = _royalty(told.get(f"royalty {number}"))
        if found is None:
            return None
        receiver, royalty = found
    operator = told.get(f"operator {number}", True)
    return WorkFacts(
        owner=None if work.owner == ZERO_ADDRESS else work.owner,
        transfer_count=work.transfer_count,
        is_approved=operator is True or told.get(f"approved {number}") == known.exchange,
        royalty=royalty,
        royalty_receiver=receiver,
        metadata_digest=work.metadata_digest or ZERO_DIGEST,
        is_locked=work.is_locked,
    )


def _royalty(told: Any) -> tuple[Address, int] | None:
    """Receiver and amount; a token that refuses to answer asks nothing; None: nobody was asked."""
    if told is None:
        return None
    if isinstance(told, ExchangeError):
        return ZERO_ADDRESS, 0
    receiver, amount = told
    return (receiver, amount) if receiver != ZERO_ADDRESS else (ZERO_ADDRESS, 0)


def _int(told: Any) -> int | None:
    return told if isinstance(told, int) else None
