"""
What a certificate would say today: from the mirror and the stored description.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.columns import of_work
from api.deps import chain_of
from api.parts import Parts
from indexer.tables import BlockRow, CursorRow, TokenChangeRow, TokenRow
from media.tables import MetadataRow
from nft.certificates import Mint, Statement
from nft.errors import Missing, NoSuchToken
from nft.types import Digest, TokenRef


class CertificateNotReady(Missing):
    """The work is minted, but the document that its digest names has not reached us."""

    def __init__(self, token: TokenRef) -> None:
        super().__init__(
            f"the metadata of {token.caip19} is not known here, so nothing is certified"
        )


@dataclass(frozen=True, slots=True)
class Facts:
    """A statement, and what decides when and from which block it can be proven."""

    statement: Statement
    described_block: int
    """Since this block the token carries the digest."""
    safe_number: int
    voucher_hash: Digest | None = None
    """What stands in place of the mint of a work that is only offered; the blocks are 0 then."""

    @property
    def is_settled(self) -> bool:
        """Whether neither the mint nor the description can be withdrawn any more."""
        return not self.statement.is_provisional

    @property
    def mint(self) -> Mint:
        """Where the work began; not to be asked of one that is only offered."""
        assert self.statement.mint is not None, "a work that is minted"
        return self.statement.mint


async def find_facts(session: AsyncSession, parts: Parts, token: TokenRef) -> Facts:
    """
    What a certificate would say today, from the mirror and the stored metadata.

    Raises `NoSuchToken`, `CertificateNotReady`.
    """
    chain = chain_of(parts, token.chain_id)
    row = (await session.execute(_facts_of(token))).one_or_none()
    if row is None:
        raise NoSuchToken(token.caip19)
    if row.document is None or row.metadata_digest is None or row.royalty_receiver is None:
        raise CertificateNotReady(token)
    described_block = row.described_block or row.minted_block
    statement = Statement(
        token=token,
        metadata_digest=row.metadata_digest,
        metadata=row.document,
        mint=Mint(
            transaction_hash=row.mint_transaction,
            block_number=row.minted_block,
            block_hash=row.block_hash,
            timestamp=row.timestamp,
            log_index=row.minted_log_index,
            royalty_bps=row.royalty_bps,
            royalty_receiver=row.royalty_receiver,
        ),
        is_test=chain.is_test,
        is_provisional=max(row.minted_block, described_block) > row.safe_number,
    )
    return Facts(statement, described_block, row.safe_number)


def _facts_of(token: TokenRef) -> Select[Any]:
    """Token, mint, cursor and document in one row."""
    minted, royalty = TokenRow, TokenChangeRow
    return (
        select(
            col(minted.metadata_digest),
            col(minted.minted_block),
            col(minted.minted_log_index),
            col(minted.mint_transaction),
            col(royalty.royalty_bps),
            col(royalty.royalty_receiver),
            col(BlockRow.block_hash),
            col(BlockRow.timestamp),
            col(CursorRow.safe_number),
            col(MetadataRow.document),
            _described_block().label("described_block"),
        )
        .select_from(minted)
        .join(
            BlockRow,
            (col(BlockRow.chain_id) == col(minted.chain_id))
            & (col(BlockRow.number) == col(minted.minted_block)),
        )
        .join(CursorRow, col(CursorRow.chain_id) == col(minted.chain_id))
        .outerjoin(
            royalty,
            (col(royalty.chain_id) == col(minted.chain_id))
            & (col(royalty.contract) == col(minted.contract))
            & (col(royalty.token_id) == col(minted.token_id))
            & (col(royalty.event) == "minted"),
        )
        .outerjoin(MetadataRow, col(MetadataRow.digest) == col(minted.metadata_digest))
        .where(
            *of_work(minted, token),
        )
    )


def _described_block() -> Any:
    """The newest block in which the description was set or corrected."""
    changes = TokenChangeRow.__table__.alias("described")  # type: ignore[attr-defined]
    return (
        select(func.max(changes.c.block_number))
        .where(
            changes.c.chain_id == col(TokenRow.chain_id),
            changes.c.contract == col(TokenRow.contract),
            changes.c.token_id == col(TokenRow.token_id),
            changes.c.event.in_(("minted", "metadata")),
        )
        .scalar_subquery()
    )
