"""
What others read from the mirror: SELECTs as values, to be run on any session, sync or async.

Nothing here asks a node. "Newest" always means by block, then by log index.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from indexer.facts import (
    APPROVALS,
    BLOCKS,
    CANCELS,
    CHANGES,
    CURSORS,
    SALES,
    TOKENS,
    TRANSFERS,
)
from nft.types import ZERO_ADDRESS, Address, Digest, TokenRef

Rows = Select[Any]


def cursor(chain_id: int) -> Rows:
    """How far one chain has been read."""
    return select(CURSORS).where(CURSORS.c.chain_id == chain_id)


def _about(table: Any, token: TokenRef) -> ColumnElement[bool]:
    return and_(
        table.c.chain_id == token.chain_id,
        table.c.contract == token.contract,
        table.c.token_id == token.token_id,
    )


def token(ref: TokenRef) -> Rows:
    """One token as of the cursor."""
    return select(TOKENS).where(_about(TOKENS, ref))


def tokens(
    *,
    owner: Address | None = None,
    creator: Address | None = None,
    contract: Address | None = None,
    chain_id: int | None = None,
    updated_since: int | None = None,
    with_burned: bool = False,
) -> Rows:
    """Tokens by who holds or made them; the caller orders and cuts."""
    wanted: list[ColumnElement[bool]] = []
    if owner is not None:
        wanted.append(TOKENS.c.owner == owner)
    elif not with_burned:
        wanted.append(TOKENS.c.owner != ZERO_ADDRESS)
    if creator is not None:
        wanted.append(TOKENS.c.creator == creator)
    if contract is not None:
        wanted.append(TOKENS.c.contract == contract)
    if chain_id is not None:
        wanted.append(TOKENS.c.chain_id == chain_id)
    if updated_since is not None:
        wanted.append(TOKENS.c.updated_block >= updated_since)
    return select(TOKENS).where(*wanted)


def provenance(ref: TokenRef) -> Rows:
    """
    A token's history, oldest first: one row per `Transfer`, and other changes between them.

    A sale stands in place of the transfer it caused and has its own `log_index`. Columns: event,
    sender, receiver, price, currency, royalty, royalty_receiver, fee, order_hash,
    metadata_digest, royalty_bps, transaction_hash, log_index, block_number, block_hash,
    timestamp. Finality is the caller's: block_number against the cursor.
    """
    sold = SALES.c.log_index.is_not(None)
    event = case(
        (sold, "sale"),
        (TRANSFERS.c.sender == ZERO_ADDRESS, "mint"),
        (TRANSFERS.c.receiver == ZERO_ADDRESS, "burn"),
        else_="transfer",
    )
    moves = (
        select(
            event.label("event"),
            TRANSFERS.c.sender,
            TRANSFERS.c.receiver,
            SALES.c.price,
            SALES.c.currency,
            SALES.c.royalty,
            SALES.c.royalty_receiver,
            SALES.c.fee,
            SALES.c.order_hash,
            _none(CHANGES.c.metadata_digest),
            _none(CHANGES.c.royalty_bps),
            TRANSFERS.c.transaction_hash,
            func.coalesce(SALES.c.log_index, TRANSFERS.c.log_index).label("log_index"),
            TRANSFERS.c.block_number,
        )
        .select_from(
            TRANSFERS.outerjoin(
                SALES,
                and_(
                    SALES.c.chain_id == TRANSFERS.c.chain_id,
                    SALES.c.block_number == TRANSFERS.c.block_number,
                    SALES.c.transfer_log_index == TRANSFERS.c.log_index,
                ),
            )
        )
        .where(_about(TRANSFERS, ref))
    )
    changes = select(
        CHANGES.c.event,
        _none(TRANSFERS.c.sender),
        _none(TRANSFERS.c.receiver),
        _none(SALES.c.price),
        _none(SALES.c.currency),
        _none(SALES.c.royalty),
        CHANGES.c.royalty_receiver,
        _none(SALES.c.fee),
        _none(SALES.c.order_hash),
        CHANGES.c.metadata_digest,
        CHANGES.c.royalty_bps,
        CHANGES.c.transaction_hash,
        CHANGES.c.log_index,
        CHANGES.c.block_number,
    ).where(_about(CHANGES, ref), CHANGES.c.event != "minted")
    history = union_all(moves, changes).subquery("history")
    return (
        select(history, BLOCKS.c.block_hash, BLOCKS.c.timestamp)
        .join(
            BLOCKS,
            and_(BLOCKS.c.chain_id == ref.chain_id, BLOCKS.c.number == history.c.block_number),
        )
        .order_by(history.c.block_number, history.c.log_index)
    )


def _none(column: Any) -> Any:
    """A null of the column's type, under its name."""
    return cast(null(), column.type).label(column.name)


def sales_of_orders(chain_id: int, order_hashes: Sequence[Digest]) -> Rows:
    """The sales that filled these orders."""
    return select(SALES).where(SALES.c.chain_id == chain_id, SALES.c.order_hash.in_(order_hashes))


def cancelled_nonces(
    chain_id: int, exchange: Address, maker: Address, nonces: Sequence[int]
) -> Rows:
    """
    Which of a maker's nonces were cancelled; one column, `nonce`.

    A filled order uses its nonce up as well, and its log does not name it: see
    `sales_of_orders`, joined by the orders that carry the nonce.
    """
    return select(CANCELS.c.nonce).where(
        CANCELS.c.chain_id == chain_id,
        CANCELS.c.exchange == exchange,
        CANCELS.c.maker == maker,
        CANCELS.c.nonce.in_(nonces),
    )


def counter_of(chain_id: int, exchange: Address, maker: Address) -> Rows:
    """The counter that the maker's orders must carry; one row, `counter`, 0 at first."""
    return select(func.coalesce(func.max(CANCELS.c.counter), 0).label("counter")).where(
        CANCELS.c.chain_id == chain_id,
        CANCELS.c.exchange == exchange,
        CANCELS.c.maker == maker,
        CANCELS.c.nonce.is_(None),
    )


def approval_for_all(chain_id: int, contract: Address, owner: Address, operator: Address) -> Rows:
    """The newest word of an owner on an operator; no row means no."""
    return (
        select(APPROVALS.c.approved)
        .where(
            APPROVALS.c.chain_id == chain_id,
            APPROVALS.c.contract == contract,
            APPROVALS.c.owner == owner,
            APPROVALS.c.operator == operator,
            APPROVALS.c.token_id.is_(None),
        )
        .order_by(APPROVALS.c.block_number.desc(), APPROVALS.c.log_index.desc())
        .limit(1)
    )


def approved_for_token(ref: TokenRef) -> Rows:
    """
    Who may move this one token: the newest approval, unless it was revoked.

    A transfer clears the approval without a log of its own, so a later one means nobody.
    """
    newest = (
        select(APPROVALS)
        .where(_about(APPROVALS, ref))
        .order_by(APPROVALS.c.block_number.desc(), APPROVALS.c.log_index.desc())
        .limit(1)
        .subquery("newest")
    )
    moved_since = (
        select(literal(1))
        .where(
            _about(TRANSFERS, ref),
            or_(
                TRANSFERS.c.block_number > newest.c.block_number,
                and_(
                    TRANSFERS.c.block_number == newest.c.block_number,
                    TRANSFERS.c.log_index > newest.c.log_index,
                ),
            ),
        )
        .exists()
    )
    return select(newest.c.operator, newest.c.owner).where(newest.c.approved, ~moved_since)


def royalties_received(chain_id: int, receiver: Address) -> Rows:
    """Every sale that paid this receiver a royalty, newest first."""
    return (
        select(SALES, BLOCKS.c.timestamp)
        .join(
            BLOCKS,
            and_(BLOCKS.c.chain_id == SALES.c.chain_id, BLOCKS.c.number == SALES.c.block_number),
        )
        .where(SALES.c.chain_id == chain_id, SALES.c.royalty_receiver == receiver)
        .order_by(SALES.c.block_number.desc(), SALES.c.log_index.desc())
    )
