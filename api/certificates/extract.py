"""
The ownership extract: a work's state at one block, proven by the chain and by nobody's word.

A few `eth_getProof` prove the state; each move of the work has its receipt, of which `receipts`
says the cost. How much of a long history one answer proves is bounded; what is left off is said,
and `receipts_from` asks for the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.certificates import links, receipts, venues, versions
from api.certificates.proofs import UNDRAWN, NotProvable, provable
from api.certificates.receipts import Place, ProvenReceipt
from api.certificates.schemas import Completeness, ExtractItem, ExtractOut, LogPlaceOut
from api.certificates.works import State, read_state
from api.chains.schemas import AsOf, Finality
from api.parts import ChainParts, Parts
from api.tokens.queries import provenance
from api.tokens.schemas import ProvenanceItem
from indexer.tables import CursorRow
from nft.chain.drawing import Drawing
from nft.chain.errors import StateNotAvailable
from nft.errors import Conflict, NoSuchToken, Unreachable
from nft.integrity import Document
from nft.proofs.evidence import Evidence
from nft.types import ZERO_ADDRESS, Digest, TokenRef
from nft.verification.chain import moves

MAX_LINES = 4_096
"""Lines of history that an extract may have: verifiers read no more."""
MAX_BYTES = 6_000_000
"""Of receipts in one answer; evidence is refused above 2^23."""
DRAWN_AT_ONCE = 100
"""Receipts that one answer asks nodes for; the next answer finds these kept and goes on."""

MOVES = ("mint", "transfer", "sale", "burn")


class HistoryTooLong(Conflict):
    """The work changed hands more often than one extract can show."""

    def __init__(self, count: int) -> None:
        super().__init__(
            f"{count} lines of history are more than the {MAX_LINES} that an extract holds: "
            "ask for an earlier block, and read /provenance page by page"
        )


async def draw(
    session: AsyncSession,
    parts: Parts,
    chain: ChainParts,
    token: TokenRef,
    wanted: int | str,
    receipts_from: int = 0,
) -> ExtractOut:
    """
    Prove one work at one block.

    Raises `StateNotAvailable`, `NoSuchToken`, `HistoryTooLong`, `ChainUnreachable`.
    """
    cursor = await session.get(CursorRow, token.chain_id)
    if cursor is None:
        raise StateNotAvailable(f"block {wanted}")
    number = _number(cursor, wanted)
    lines = await _history(session, parts, token)
    lines = [line for line in lines if int(line.block_number) <= number]
    if len(lines) > MAX_LINES:
        raise HistoryTooLong(len(lines))
    state = await asyncio.to_thread(read_state, chain.chain, token, number)
    proven = await _receipts(session, parts, token, lines, receipts_from)
    evidence = await asyncio.to_thread(_evidence, chain, token, number, state, proven)
    items = [_item(line, token, proven.get(_place(line)), evidence) for line in lines]
    blocks = {int(line.block_number) for line in lines} - {number}
    return ExtractOut(
        format="vernissage-extract-v1",
        asset=token.caip19,
        chain_id=str(token.chain_id),
        contract=str(token.contract),
        token_id=str(token.token_id),
        test=chain.is_test,
        layout=state.layout,
        owner=_owner(state, items),
        transfer_count=state.transfer_count,
        frozen=state.is_frozen,
        royalty=state.royalty,
        metadata_digest=str(state.digest) if state.digest else None,
        provenance=items,
        completeness=completeness(state, items),
        receipts_left_off=sum(one.event in MOVES and one.receipt is None for one in items),
        evidence=evidence.document,
        links=await _links(session, parts, token.chain_id, blocks, number),
        as_of=AsOf(
            block_number=str(number),
            block_hash=str(state.block_hash),
            timestamp=datetime.fromtimestamp(state.timestamp, UTC),
            finality=_finality(cursor, number),
        ),
    )


async def _history(
    session: AsyncSession, parts: Parts, token: TokenRef
) -> Sequence[ProvenanceItem]:
    """Empty of a work that was certified and is not minted: that, too, can be proven."""
    try:
        return await provenance(session, parts, token)
    except NoSuchToken:
        if await versions.newest_offered(session, token) is None:
            raise
        return []


def _owner(state: State, items: Sequence[ExtractItem]) -> str | None:
    """As the state proves it; where it proves nothing, as the last receipt says."""
    if state.layout is not None:
        return str(state.owner) if state.owner not in (None, ZERO_ADDRESS) else None
    last = next((item.to for item in reversed(items) if item.event in MOVES), None)
    return None if last == str(ZERO_ADDRESS) else last


def _number(cursor: CursorRow, wanted: int | str) -> int:
    if wanted == "final":
        return cursor.final_number
    if wanted == "safe":
        return cursor.safe_number
    number = int(wanted)
    if number > cursor.number:
        raise StateNotAvailable(f"block {number}")
    return number


def _finality(cursor: CursorRow, number: int) -> Finality:
    if number <= cursor.final_number:
        return "final"
    return "safe" if number <= cursor.safe_number else "pending"


async def _links(
    session: AsyncSession, parts: Parts, chain_id: int, blocks: set[int], number: int
) -> Document | None:
    """From the extract's block to those of its history; None where none can be had."""
    try:
        return await links.to_blocks(session, parts, chain_id, blocks, number)
    except (links.NotLinked, NotProvable, StateNotAvailable, Unreachable):
        return None


def completeness(state: State, items: Sequence[ExtractItem]) -> Completeness:
    """How much of the history is known to be there: by the counter, as one chain, or as told."""
    steps = [item for item in items if item.event in MOVES]
    if state.layout is None:
        return "attested"
    is_unborn = not items and state.transfer_count == 0 and _owner(state, items) is None
    if is_unborn or (steps and state.transfer_count == len(steps) - 1):
        return "complete"
    return "continuous"


# Receipts


async def _receipts(
    session: AsyncSession,
    parts: Parts,
    token: TokenRef,
    lines: Sequence[ProvenanceItem],
    receipts_from: int,
) -> dict[Place, ProvenReceipt]:
    """The receipts of the moves that this answer has."""
    wanted = [
        _place(line) for at, line in enumerate(lines) if line.event in MOVES and at >= receipts_from
    ]
    found = await receipts.kept(session, token.chain_id, list(dict.fromkeys(wanted)))
    missing = [place for place in dict.fromkeys(wanted) if place not in found][:DRAWN_AT_ONCE]
    if missing:
        await session.close()  # A node is waited for, and another connection.
        drawn = await asyncio.to_thread(_draw, parts.chains[token.chain_id], missing)
        async with parts.sessions.begin() as writing:
            cursor = await writing.get(CursorRow, token.chain_id)
            final = cursor.final_number if cursor is not None else -1
            await receipts.keep(writing, token.chain_id, drawn, final=final)
        found = {**found, **drawn}
    return _within(found, wanted)


def _evidence(
    chain: ChainParts,
    token: TokenRef,
    number: int,
    state: State,
    proven: Mapping[Place, ProvenReceipt],
) -> Evidence:
    """State and receipts, and who the contracts are that say what was paid."""
    pieces = (state.pieces, *(one.pieces for one in proven.values()))
    evidence = Evidence.of(*pieces)
    sellers = venues.unnamed(chain, evidence, token, state.exchange)
    return Evidence.of(*pieces, *venues.draw(chain, number, sellers)) if sellers else evidence


def _within(
    found: Mapping[Place, ProvenReceipt], wanted: Sequence[Place]
) -> dict[Place, ProvenReceipt]:
    """As many, from the first wanted on, as an evidence object holds."""
    chosen: dict[Place, ProvenReceipt] = {}
    room = MAX_BYTES
    for place in wanted:
        one = found.get(place)
        if one is None or place in chosen:
            continue
        room -= one.size
        if room < 0:
            break
        chosen[place] = one
    return chosen


def _draw(chain: ChainParts, places: Sequence[Place]) -> dict[Place, ProvenReceipt]:
    """What a node proves of these; what it does not is left off."""
    found: dict[Place, ProvenReceipt] = {}
    with suppress(*UNDRAWN):
        drawing = Drawing(provable(chain.chain))
        for place in places:
            found[place] = receipts.draw(drawing, place)
    return found


def _place(line: ProvenanceItem) -> Place:
    return Digest.parse(line.block_hash), Digest.parse(line.transaction_hash)


def _item(
    line: ProvenanceItem, token: TokenRef, proven: ProvenReceipt | None, evidence: Evidence
) -> ExtractItem:
    """A line, with the place of its log if the receipt holds it as an ERC-721 transfer."""
    item = ExtractItem.model_validate(line.model_dump())
    if proven is None or line.event not in MOVES:
        return item
    log = line.log_index - proven.first_log
    logs = evidence.receipts[proven.block_number, proven.index].receipt.logs
    if not 0 <= log < len(logs) or moves(logs[log], token.contract, token.token_id) is None:
        return item
    return item.model_copy(
        update={
            "receipt": LogPlaceOut(block=str(proven.block_number), index=str(proven.index), log=log)
        }
    )
