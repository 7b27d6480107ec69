"""
The ownership extract: a work's state at one block, read from a node and the mirror together.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.certificates.schemas import ExtractOut
from api.chains.schemas import AsOf, Finality
from api.parts import ChainParts, Parts
from api.tokens.queries import provenance
from api.tokens.schemas import RoyaltyOut
from indexer.tables import CursorRow
from nft.chain.contracts import Collection, ask_many
from nft.chain.errors import StateNotAvailable
from nft.chain.protocol import Block
from nft.errors import ExchangeError
from nft.tokens import OwnershipWord, creator_of
from nft.types import ZERO_ADDRESS, ZERO_DIGEST, Address, Digest, TokenRef


async def draw(
    session: AsyncSession, parts: Parts, chain: ChainParts, token: TokenRef, wanted: int | str
) -> ExtractOut:
    """
    Read one token at one block. Raises `StateNotAvailable`, `NoSuchToken`, `ChainUnreachable`.
    """
    cursor = await session.get(CursorRow, token.chain_id)
    if cursor is None:
        raise StateNotAvailable(f"block {wanted}")
    if wanted == "final":
        number = cursor.final_number
    elif wanted == "safe":
        number = cursor.safe_number
    else:
        number = int(wanted)
    if number > cursor.number:
        raise StateNotAvailable(f"block {number}")
    block, word, digest, payee = await asyncio.to_thread(_read, chain, token, number)
    lines = await provenance(session, parts, token)
    finality: Finality = "pending"
    if number <= cursor.final_number:
        finality = "final"
    elif number <= cursor.safe_number:
        finality = "safe"
    return ExtractOut(
        asset=token.caip19,
        chain_id=str(token.chain_id),
        contract=str(token.contract),
        token_id=str(token.token_id),
        test=chain.is_test,
        owner=str(word.owner) if word.owner != ZERO_ADDRESS else None,
        transfer_count=word.transfer_count,
        frozen=word.is_frozen,
        royalty=RoyaltyOut(receiver=str(payee), bps=word.royalty_bps),
        metadata_digest=str(digest) if digest != ZERO_DIGEST else None,
        provenance=[line for line in lines if int(line.block_number) <= number],
        as_of=AsOf(
            block_number=str(number),
            block_hash=str(block.block_hash),
            timestamp=datetime.fromtimestamp(block.timestamp, UTC),
            finality=finality,
        ),
    )


def _read(
    chain: ChainParts, token: TokenRef, number: int
) -> tuple[Block, OwnershipWord, Digest, Address]:
    block = chain.chain.find_block(number)
    if block is None:
        raise StateNotAvailable(f"block {number}")
    contract = Collection(token.contract)
    answers = ask_many(
        chain.chain,
        [contract.ownership_word(token.token_id), contract.metadata_digest(token.token_id)],
        block.block_hash,
    )
    word_answer, digest = answers
    if isinstance(word_answer, ExchangeError) or not isinstance(word_answer, Digest):
        raise StateNotAvailable(f"block {number}") from None
    word = OwnershipWord.unpack(int.from_bytes(word_answer, "big"))
    payee = creator_of(token.token_id)
    if word.payee:
        payee = contract.payees(word.payee).ask(chain.chain, block.block_hash)
    known = digest if isinstance(digest, Digest) else ZERO_DIGEST
    return block, word, known, payee
