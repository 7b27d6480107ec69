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
from sqlalchemy.dialects.postgresql import distinct_on

from indexer.facts import (
    APPROVALS,
    AUCTIONS,
    BIDS,
    BLOCKS,
    CANCELS,
    CHANGES,
    COLLECTIONS,
    CREDITS,
    CURSORS,
    DEFAULT_ROYALTIES,
    EDITIONS,
    GOVERNANCE,
    MINTERS,
    OUTCOMES,
    RELEASES,
    SALES,
    SPLITTERS,
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
    with_held: bool = False,
    creator: Address | None = None,
    contract: Address | None = None,
    chain_id: int | None = None,
    updated_since: int | None = None,
    with_burned: bool = False,
) -> Rows:
    """
    Tokens by who holds or made them; the caller orders and cuts.

    `with_held` adds the owner's works that an auction keeps in custody.
    """
    wanted: list[ColumnElement[bool]] = []
    if owner is not None:
        held = TOKENS.c.held_for == owner
        wanted.append(or_(TOKENS.c.owner == owner, held) if with_held else TOKENS.c.owner == owner)
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

    A sale stands in place of the transfer it caused and has its own `log_index`; of an auction's,
    the sender is the seller, though the work came from custody. `escrow` and `return` are the
    transfers into custody and, unsold, out of it. Columns: event, sender, receiver, price,
    currency, royalty, royalty_receiver, fee, order_hash, metadata_digest, royalty_bps,
    transaction_hash, log_index, block_number, block_hash, timestamp. Finality is the caller's:
    block_number against the cursor.
    """
    event = case(
        (SALES.c.log_index.is_not(None), "sale"),
        (AUCTIONS.c.log_index.is_not(None), "escrow"),
        (OUTCOMES.c.log_index.is_not(None), "return"),
        (TRANSFERS.c.sender == ZERO_ADDRESS, "mint"),
        (TRANSFERS.c.receiver == ZERO_ADDRESS, "burn"),
        else_="transfer",
    )
    moves = (
        select(
            event.label("event"),
            func.coalesce(SALES.c.seller, TRANSFERS.c.sender).label("sender"),
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
            TRANSFERS.outerjoin(SALES, _of_transfer(SALES))
            .outerjoin(AUCTIONS, _of_transfer(AUCTIONS))
            .outerjoin(OUTCOMES, _of_transfer(OUTCOMES))
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


def _of_transfer(table: Any) -> ColumnElement[bool]:
    return and_(
        table.c.chain_id == TRANSFERS.c.chain_id,
        table.c.block_number == TRANSFERS.c.block_number,
        table.c.transfer_log_index == TRANSFERS.c.log_index,
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


def _newest(table: Any) -> tuple[Any, Any]:
    return table.c.block_number.desc(), table.c.log_index.desc()


def auction(chain_id: int, auction_hash: Digest) -> Rows:
    """
    One auction: what was opened, the standing bid, and its last outcome or None.

    Columns: those of the opening, bidder, amount, ends_at, outcome. No row: not opened.
    """
    bid = (
        select(BIDS)
        .where(BIDS.c.chain_id == chain_id, BIDS.c.auction_hash == auction_hash)
        .order_by(*_newest(BIDS))
        .limit(1)
        .subquery("bid")
    )
    outcome = (
        select(OUTCOMES.c.outcome)
        .where(OUTCOMES.c.chain_id == chain_id, OUTCOMES.c.auction_hash == auction_hash)
        .order_by(*_newest(OUTCOMES))
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(AUCTIONS, bid.c.bidder, bid.c.amount, bid.c.ends_at, outcome.label("outcome"))
        .join(bid, bid.c.auction_hash == AUCTIONS.c.auction_hash)
        .where(AUCTIONS.c.chain_id == chain_id, AUCTIONS.c.auction_hash == auction_hash)
    )


def bids(chain_id: int, auction_hash: Digest) -> Rows:
    """An auction's bids, newest first: the first is the standing one."""
    return (
        select(BIDS)
        .where(BIDS.c.chain_id == chain_id, BIDS.c.auction_hash == auction_hash)
        .order_by(*_newest(BIDS))
    )


def running_auctions(chain_id: int) -> Rows:
    """Openings without an outcome: running, or over and not settled yet."""
    ended = (
        select(literal(1))
        .where(
            OUTCOMES.c.chain_id == AUCTIONS.c.chain_id,
            OUTCOMES.c.auction_hash == AUCTIONS.c.auction_hash,
        )
        .exists()
    )
    return select(AUCTIONS).where(AUCTIONS.c.chain_id == chain_id, ~ended)


def collections(chain_id: int, *, artist: Address | None = None) -> Rows:
    """Artists' collections, newest first."""
    wanted = [COLLECTIONS.c.chain_id == chain_id]
    if artist is not None:
        wanted.append(COLLECTIONS.c.artist == artist)
    return select(COLLECTIONS).where(*wanted).order_by(*_newest(COLLECTIONS))


def edition_of(ref: TokenRef) -> Rows:
    """The edition that a work may belong to: it does if its distance is below `size`."""
    return (
        select(EDITIONS.c.first_token_id, EDITIONS.c.size)
        .where(
            EDITIONS.c.chain_id == ref.chain_id,
            EDITIONS.c.contract == ref.contract,
            EDITIONS.c.first_token_id <= ref.token_id,
        )
        .order_by(EDITIONS.c.first_token_id.desc())
        .limit(1)
    )


def minters(chain_id: int, contract: Address, creator: Address) -> Rows:
    """Who may mint in a creator's name now; one column, `minter`."""
    newest = (
        select(MINTERS.c.minter, MINTERS.c.allowed)
        .where(
            MINTERS.c.chain_id == chain_id,
            MINTERS.c.contract == contract,
            MINTERS.c.creator == creator,
        )
        .ext(distinct_on(MINTERS.c.minter))
        .order_by(MINTERS.c.minter, *_newest(MINTERS))
        .subquery("newest")
    )
    return select(newest.c.minter).where(newest.c.allowed)


def default_royalty(chain_id: int, contract: Address, creator: Address) -> Rows:
    """The royalty of a creator's next works; no row means none."""
    return (
        select(DEFAULT_ROYALTIES.c.royalty_bps, DEFAULT_ROYALTIES.c.royalty_receiver)
        .where(
            DEFAULT_ROYALTIES.c.chain_id == chain_id,
            DEFAULT_ROYALTIES.c.contract == contract,
            DEFAULT_ROYALTIES.c.creator == creator,
        )
        .order_by(*_newest(DEFAULT_ROYALTIES))
        .limit(1)
    )


def decided(chain_id: int, contract: Address, event: str) -> Rows:
    """What the platform decided about one thing, newest first."""
    return (
        select(GOVERNANCE)
        .where(
            GOVERNANCE.c.chain_id == chain_id,
            GOVERNANCE.c.contract == contract,
            GOVERNANCE.c.event == event,
        )
        .order_by(*_newest(GOVERNANCE))
    )


def fee_bps(chain_id: int, contract: Address, now: int) -> Rows:
    """The fee that holds at a second; one column. One that was replaced as it waited never held."""
    later = GOVERNANCE.alias("later")
    replaced = (
        select(literal(1))
        .join_from(
            later,
            BLOCKS,
            and_(
                BLOCKS.c.chain_id == later.c.chain_id,
                BLOCKS.c.number == later.c.block_number,
            ),
        )
        .where(
            later.c.chain_id == chain_id,
            later.c.contract == contract,
            later.c.event == "fee",
            later.c.block_number > GOVERNANCE.c.block_number,
            BLOCKS.c.timestamp < GOVERNANCE.c.starts_at,
        )
        .exists()
    )
    return (
        select(GOVERNANCE.c.fee_bps)
        .where(
            GOVERNANCE.c.chain_id == chain_id,
            GOVERNANCE.c.contract == contract,
            GOVERNANCE.c.event == "fee",
            GOVERNANCE.c.starts_at <= now,
            ~replaced,
        )
        .order_by(*_newest(GOVERNANCE))
        .limit(1)
    )


def credit(chain_id: int, account: Address) -> Rows:
    """What an account can withdraw: contract, currency, amount, where there is any."""
    total = func.sum(CREDITS.c.amount)
    return (
        select(CREDITS.c.contract, CREDITS.c.currency, total.label("amount"))
        .where(CREDITS.c.chain_id == chain_id, CREDITS.c.account == account)
        .group_by(CREDITS.c.contract, CREDITS.c.currency)
        .having(total > 0)
    )


def splitters_of(chain_id: int, receiver: Address) -> Rows:
    """Splitters that pay somebody."""
    named = [{"receiver": str(receiver)}]
    return select(SPLITTERS).where(
        SPLITTERS.c.chain_id == chain_id, SPLITTERS.c.shares.contains(named)
    )


def released(chain_id: int, splitter: Address, currency: Address) -> Rows:
    """What a splitter sent each receiver: receiver, amount."""
    return (
        select(RELEASES.c.receiver, func.sum(RELEASES.c.amount).label("amount"))
        .where(
            RELEASES.c.chain_id == chain_id,
            RELEASES.c.splitter == splitter,
            RELEASES.c.currency == currency,
        )
        .group_by(RELEASES.c.receiver)
    )
