"""
Transfers folded into tokens: owner, count and custody of a whole batch in one statement.

ERC-721 names in every `Transfer` the owner before it, so that a log that was left out shows:
the next sender of that token is somebody else than the owner we hold. The same pass over the
batch that finds the newest receiver compares each sender with the receiver before.

Where a collection made use of ranges (ERC-2309), they are read as the transfers that they are.

Only what transfers decide is written here. Tokens that something else touched are derived anew
by `recompute`, and so is everything after a rewind.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from indexer import ranges
from nft.database import drivers_words, execute
from nft.types import Address

# Rows are brought together by token. PostgreSQL keeps the first eight bytes of the first column
# beside each row that it sorts, and where these differ nothing else is compared. Contracts are
# mostly alike, so that the id comes first; of small ids, which begin with zeros, its last bytes.
_BATCH = """
    with moved as materialized (
        select contract, token_id, block_number, log_index, sender, receiver, transaction_hash,
            row_number() over whole as place,
            lag(receiver) over whole as holder,
            last_value(receiver) over whole as newest,
            last_value(block_number) over whole as newest_block,
            count(*) filter (where sender <> :nobody) over whole as moves{shown}
        from {source} as happened
        where chain_id = :chain_id and block_number between :first and :last {whose}
        window token as (
            partition by
                case when substring(token_id for 8) = decode('0000000000000000', 'hex')
                    then substring(token_id from 25) else token_id end,
                token_id, contract
            order by block_number, log_index
        ),
        whole as (token rows between unbounded preceding and unbounded following)
    ),
"""

# The first transfer of each token in the batch, with what the last one left.
_INSERT = """
        insert into chain_tokens (
            chain_id, contract, token_id, creator, owner, transfer_count, royalty_bps,
            royalty_receiver, is_frozen, minted_block, minted_log_index, mint_transaction,
            updated_block
        )
        select :chain_id, contract, token_id,
            case when contract = any(cast(:collections as bytea[]))
                then substring(token_id from 1 for 20) else {creator} end,
            newest, {moves}, 0, :nobody, false, {minted}, newest_block
        from {rows} where place = 1 {which}
"""
_OR_UPDATE = """
        on conflict (chain_id, contract, token_id) do update set
            owner = excluded.owner,
            held_for = null,
            transfer_count = chain_tokens.transfer_count + excluded.transfer_count,
            updated_block = greatest(chain_tokens.updated_block, excluded.updated_block)
"""

_FOLD = (
    _BATCH
    + """
    held as (
        select moved.*, {held}
        from moved left join chain_tokens as tokens
          on moved.place = 1 and tokens.chain_id = :chain_id
          and tokens.contract = moved.contract and tokens.token_id = moved.token_id
        {before}
    ),
    written as (
"""
    + _INSERT
    + _OR_UPDATE
    + """
    )
    -- One for each log: that of a range may have many.
    select distinct on (block_number, log_index)
        contract, token_id, block_number, log_index, owner, sender, transaction_hash
    from held where owner <> sender {seen}
    order by block_number, log_index, token_id
    """
)

_OF_ALL, _OF_OTHERS, _OF_ONE = (
    "",
    "and contract <> all(cast(:unread as bytea[]))",
    "and contract = :contract",
)
_PLAIN = {
    "source": "chain_transfers",
    "shown": "",
    "seen": "",
    "held": "coalesce(moved.holder, tokens.owner, :nobody) as owner",
    "before": "",
    "creator": "receiver",
    "moves": "moves",
    "minted": "block_number, log_index, transaction_hash",
    "rows": "moved",
    "which": "",
}
_WITH_RANGES = {
    "source": ranges.HAPPENED,
    # Of a token that nothing has listed yet nobody is told, nor that somebody else sent it: it
    # would depend on whether its first move comes in the same batch.
    "shown": ", bool_or(shows) over token as is_shown",
    "seen": """and (is_shown or exists (
        select from chain_tokens as tokens where tokens.chain_id = :chain_id
          and tokens.contract = held.contract and tokens.token_id = held.token_id
    ))""",
    "held": """
        coalesce(moved.holder, tokens.owner, before.owner, :nobody) as owner,
        before.first_receiver, before.moves as moves_before, before.block_number as born_block,
        before.log_index as born_log, before.transaction_hash as born_in
    """,
    "before": f"cross join lateral ({ranges.BEFORE}) as before",
    "creator": "coalesce(first_receiver, receiver)",
    "moves": "moves + moves_before",
    "minted": "coalesce(born_block, block_number), coalesce(born_log, log_index), "
    "coalesce(born_in, transaction_hash)",
    "rows": "held",
    "which": "",
}
_STATEMENTS = {
    (whose, has_ranges): drivers_words(_FOLD.format(whose=whose, **parts))
    for whose in (_OF_ALL, _OF_OTHERS, _OF_ONE)
    for has_ranges, parts in ((False, _PLAIN), (True, _WITH_RANGES))
}

# Nearly always custody holds. Then the condition that changes an owner is the check itself: a
# token is minted that nobody has, or passes on from the owner we hold, or its row is not counted.
_KEEP = (
    _BATCH
    + """
    minted as (
"""
    + _INSERT
    + """
        {minted_again}
        returning 1
    ),
    passed as (
        update chain_tokens as tokens set
            owner = moved.newest,
            held_for = null,
            transfer_count = tokens.transfer_count + moved.moves,
            updated_block = greatest(tokens.updated_block, moved.newest_block)
        from moved
        where moved.place = 1 and moved.sender <> :nobody and tokens.chain_id = :chain_id
          and tokens.contract = moved.contract and tokens.token_id = moved.token_id
          and tokens.owner = moved.sender
        returning 1
    )
    select (select count(*) from moved where place = 1) = (
            (select count(*) from minted) + (select count(*) from passed)
        )
        and not exists (select from moved where place > 1 and holder <> sender)
    """
)
# That a row may meet another costs a quarter of the statement, and hardly any mint does: it is
# asked for only where one did.
_MINTED_AGAIN = _OR_UPDATE + "where chain_tokens.owner = :nobody"
_KEPT = {
    (whose, minted_again): text(
        _KEEP.format(
            whose=whose,
            minted_again=minted_again,
            **(_PLAIN | {"which": "and sender = :nobody"}),
        )
    )
    for whose in (_OF_ALL, _OF_OTHERS, _OF_ONE)
    for minted_again in ("", _MINTED_AGAIN)
}

EVER = (0, 2**62)
"""Blocks from the first to the last there can be."""


class Breaks(Enum):
    """What becomes of a transfer whose sender was not the owner."""

    REFUSED = "refused"
    """Nothing is written: a log may be missing."""
    WRITTEN = "written"
    """It is written down: the chain proves that the contract said so."""


@dataclass(frozen=True, slots=True)
class Break:
    """A transfer whose sender was not the owner; the columns of `chain_breaks`."""

    contract: bytes
    token_id: bytes
    block_number: int
    log_index: int
    owner: bytes
    sender: bytes
    transaction_hash: bytes


@dataclass(frozen=True, slots=True)
class Span:
    """Which transfers are folded: those of some blocks, of all contracts or one, or but some."""

    blocks: tuple[int, int]
    contract: Address | None = None
    unread: Collection[bytes] = ()
    """Contracts whose history is not read yet: their tokens are made when it is."""
    is_short: bool = False
    """Whether they are so few that finding breaks costs less than a savepoint for the case."""


def fold(
    connection: Connection, chain_id: int, collections: Collection[Address], span: Span
) -> list[Break]:
    """
    Carry transfers into `chain_tokens`; breaks of custody are returned.

    They are newer than all that was folded of these contracts before. `collections` are those of
    ours, whose ids name a creator; elsewhere the first receiver is taken for it.
    """
    values: dict[str, Any] = {
        "chain_id": chain_id,
        "nobody": bytes(20),
        "collections": [bytes(address) for address in sorted(collections)],
        "first": span.blocks[0],
        "last": span.blocks[1],
    }
    whose = _OF_ALL
    if span.contract is not None:
        whose, values["contract"] = _OF_ONE, bytes(span.contract)
    elif span.unread:
        whose, values["unread"] = _OF_OTHERS, [bytes(one) for one in span.unread]
    has_ranges = ranges.exist(connection, chain_id)
    if not (has_ranges or span.is_short) and _is_kept(connection, whose, values):
        return []
    return [Break(*row) for row in execute(connection, _STATEMENTS[whose, has_ranges], values)]


def _is_kept(connection: Connection, whose: str, values: dict[str, Any]) -> bool:
    """Fold where custody holds; else nothing has changed, and the slow way says what broke."""
    for minted_again in ("", _MINTED_AGAIN):
        attempt = connection.begin_nested()
        try:
            is_kept = connection.execute(_KEPT[whose, minted_again], values).scalar_one()
        except IntegrityError:  # A token that was burned, or never was, is minted again.
            attempt.rollback()
            continue
        if is_kept:
            attempt.commit()
        else:
            attempt.rollback()
        return bool(is_kept)
    return False


_REDERIVE = text(
    f"""
    insert into chain_breaks (
        chain_id, block_number, log_index, contract, token_id, owner, sender, transaction_hash
    )
    select distinct on (block_number, log_index)
        :chain_id, block_number, log_index, contract, token_id, owner, sender, transaction_hash
    from (
        select moved.*, coalesce(lag(receiver) over token, :nobody) as owner,
            bool_or(shows) over token as is_shown
        from (
            select touched.contract, touched.token_id, happened.*
            from unnest(cast(:contracts as bytea[]), cast(:tokens as bytea[]))
                as touched(contract, token_id)
            cross join lateral ({ranges.OF_ONE_TOKEN}) as happened
        ) as moved
        window token as (partition by contract, token_id order by block_number, log_index)
    ) as held
    where owner <> sender and is_shown
    order by block_number, log_index, token_id
    on conflict do nothing
    """
)

_FORGET = text(
    """
    delete from chain_breaks using unnest(
        cast(:contracts as bytea[]), cast(:tokens as bytea[])
    ) as touched(contract, token_id)
    where chain_breaks.chain_id = :chain_id
      and chain_breaks.contract = touched.contract
      and chain_breaks.token_id = touched.token_id
    """
)


def rederive_breaks(
    connection: Connection, chain_id: int, touched: Collection[tuple[bytes, bytes]]
) -> None:
    """Find the breaks of these tokens anew, after a transfer came or went before others."""
    ordered = sorted(touched)
    values = {
        "chain_id": chain_id,
        "contracts": [contract for contract, _ in ordered],
        "tokens": [token for _, token in ordered],
        "nobody": bytes(20),
    }
    connection.execute(_FORGET, values)
    connection.execute(_REDERIVE, values)
