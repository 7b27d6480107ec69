"""
The works that are to be sold or offered for, and what each asks as royalty today.

Of our own collections the mirror knows it; of anybody else's the token itself is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

import media.tables  # noqa: F401  (fills the metadata)
from api.orders.facts import TOKENS
from api.parts import ChainParts
from api.sales.notes import IS_LOCKED, with_locks
from api.tokens.missing import missing
from nft.chain.contracts import INTERFACE_TRANSFER_COUNT, Collection, Erc721, ask_many
from nft.errors import ExchangeError, NoSuchToken, SellerNotOwner, TokenLocked, Unreachable
from nft.orders import UNBOUND
from nft.royalties import royalty_cap
from nft.settlement import NO_ANSWER, Answer
from nft.types import WHOLE_BPS, ZERO_ADDRESS, ZERO_DIGEST, Address, Digest, TokenRef

METADATA = SQLModel.metadata.tables["media_metadata"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One work as the mirror knows it."""

    ref: TokenRef
    owner: Address
    transfer_count: int
    """Of a collection that counts; `UNBOUND` where it does not."""
    royalty_bps: int
    royalty_receiver: Address
    metadata_digest: Digest = ZERO_DIGEST
    title: str = ""
    is_ours: bool = True
    """Our own collections answer by the bps above; others are asked for each price."""
    is_locked: bool = False
    """Its contract says that it cannot be moved."""

    def answer(self, price: int) -> Answer:
        """The royalty for a price, of a work of ours."""
        if self.royalty_receiver == ZERO_ADDRESS:
            return NO_ANSWER
        return Answer(self.royalty_receiver, price * self.royalty_bps // WHOLE_BPS)


async def find_works(session: AsyncSession, refs: Iterable[TokenRef]) -> dict[TokenRef, Work]:
    """These works as of the cursor; one query for all. What is unknown is left out."""
    keys = [(ref.chain_id, ref.contract, ref.token_id) for ref in refs]
    query = (
        select(
            TOKENS.c.chain_id,
            TOKENS.c.contract,
            TOKENS.c.token_id,
            TOKENS.c.owner,
            TOKENS.c.transfer_count,
            TOKENS.c.royalty_bps,
            TOKENS.c.royalty_receiver,
            TOKENS.c.metadata_digest,
            METADATA.c.document["name"].astext.label("title"),
            TOKENS.c.metadata_digest.is_not(None).label("is_ours"),
            IS_LOCKED.label("is_locked"),
        )
        .select_from(
            with_locks(TOKENS.outerjoin(METADATA, METADATA.c.digest == TOKENS.c.metadata_digest))
        )
        .where(tuple_(TOKENS.c.chain_id, TOKENS.c.contract, TOKENS.c.token_id).in_(keys))
    )
    found = {}
    for row in await session.execute(query):
        ref = TokenRef(row.chain_id, row.contract, row.token_id)
        found[ref] = Work(
            ref=ref,
            owner=row.owner,
            transfer_count=row.transfer_count,
            royalty_bps=0 if row.royalty_receiver == ZERO_ADDRESS else row.royalty_bps,
            royalty_receiver=row.royalty_receiver,
            metadata_digest=row.metadata_digest or ZERO_DIGEST,
            title=row.title or "",
            is_ours=row.is_ours,
            is_locked=row.is_locked,
        )
    return found


async def find_work(session: AsyncSession, ref: TokenRef) -> Work | None:
    """A work as of the cursor, or None."""
    return (await find_works(session, [ref])).get(ref)


async def living_works(session: AsyncSession, refs: Sequence[TokenRef]) -> list[Work]:
    """
    These works, in order, each of which could change hands.

    Raises `NoSuchToken` for one that is unknown or burned, `TokenLocked` for one that stands still.
    """
    found = await find_works(session, refs)
    works = []
    for ref in refs:
        work = found.get(ref)
        if work is None:
            raise await missing(session, ref)
        if work.owner == ZERO_ADDRESS:
            raise NoSuchToken(ref.caip19)
        if work.is_locked:
            raise TokenLocked(ref.caip19)
        works.append(work)
    return works


async def owned_works(
    session: AsyncSession, refs: Sequence[TokenRef], owner: Address
) -> list[Work]:
    """These works in the hands of `owner`. Raises as `living_works`, or `SellerNotOwner`."""
    works = await living_works(session, refs)
    for work in works:
        if work.owner != owner:
            raise SellerNotOwner(str(owner), work.ref.caip19, str(work.owner))
    return works


async def owned_work(session: AsyncSession, ref: TokenRef, owner: Address) -> Work:
    """A work in the hands of `owner`. Raises as `owned_works`."""
    return (await owned_works(session, [ref], owner))[0]


def ask_answers(part: ChainParts, works: Sequence[Work], prices: Sequence[int]) -> list[Answer]:
    """What each work asks of its price; synchronous, so call it in a thread."""
    strange = [place for place, work in enumerate(works) if not work.is_ours]
    questions = [
        Erc721(works[place].ref.contract).royalty_info(works[place].ref.token_id, prices[place])
        for place in strange
    ]
    told = dict(zip(strange, ask_many(part.chain, questions) if questions else [], strict=True))
    return [
        understood(told[place]) if place in told else work.answer(prices[place])
        for place, work in enumerate(works)
    ]


def understood(told: tuple[Address, int] | ExchangeError) -> Answer:
    """An ERC-2981 answer as the exchange takes it. Raises when only the node was silent."""
    if isinstance(told, Unreachable):
        raise told
    if isinstance(told, ExchangeError):
        return NO_ANSWER
    receiver, royalty = told
    return NO_ANSWER if receiver == ZERO_ADDRESS else Answer(receiver, royalty)


def ask_counts(part: ChainParts, works: Sequence[Work]) -> list[Work]:
    """
    The works with the transfer counts to sign: `UNBOUND` where the collection counts none.

    Synchronous. What is signed decides; nobody probes again at the sale.
    """
    strange = sorted({work.ref.contract for work in works if not work.is_ours})
    claims = (
        ask_many(
            part.chain,
            [Erc721(one).supports_interface(INTERFACE_TRANSFER_COUNT) for one in strange],
        )
        if strange
        else []
    )
    counting = {one for one, claim in zip(strange, claims, strict=True) if claim is True}
    asked = [work for work in works if work.ref.contract in counting]
    counts = (
        ask_many(
            part.chain,
            [Collection(work.ref.contract).transfer_count(work.ref.token_id) for work in asked],
        )
        if asked
        else []
    )
    told = {
        work.ref: count for work, count in zip(asked, counts, strict=True) if isinstance(count, int)
    }
    return [
        work if work.is_ours else replace(work, transfer_count=told.get(work.ref, UNBOUND))
        for work in works
    ]


def bps_needed(answers: Sequence[Answer], prices: Sequence[int]) -> int:
    """The least maximum under which each answer is paid in full: today's answer, never less."""
    found = 0
    for answer, price in zip(answers, prices, strict=True):
        if price == 0:
            continue
        bps = answer.royalty * WHOLE_BPS // price
        found = max(found, bps if royalty_cap(price, bps) >= answer.royalty else bps + 1)
    return found
