"""
ERC-2309: transfers of neighbouring tokens at once, as if each token had its own.

A range is one fact. For every token in it, it is a `Transfer` at its place: `HAPPENED` is the
table of transfers with those of ranges among them, and what reads a token's history reads there.

How many tokens appear at once is bounded, because a log that costs a stranger cents can speak of
2^256 works: of a range those are listed whose ids are below a million, a hundred thousand at
most. It depends on the fact alone, so that it never depends on the way. Any other appears when
it first moves, and then has its whole history, its mint in the range included.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, text

from indexer.facts import RANGES, Facts, Token
from nft.database import execute

LISTED_BELOW = 1_000_000
"""Ids from here on are not listed before they move."""

LISTED_AT_ONCE = 100_000
"""So many tokens of one range are listed. The libraries that make ranges allow 5,000."""


def _word(number: int) -> str:
    return f"'\\x{number:064x}'::bytea"


def _small(column: str) -> str:
    """An id below 2^31 as a number."""
    return f"('x' || encode(substring({column} from 29), 'hex'))::bit(32)::bigint"


def _is_listed(token: str) -> str:
    """Whether the range at hand lists this token of it."""
    return (
        f"({token} < {_word(LISTED_BELOW)} "
        f"and {_small(token)} - {_small('ranges.first_token_id')} < {LISTED_AT_ONCE})"
    )


LISTED = f"""
    select decode(lpad(to_hex(number), 64, '0'), 'hex') as token_id
    from generate_series(
        {_small("ranges.first_token_id")},
        least(
            case when ranges.last_token_id < {_word(LISTED_BELOW)}
                then {_small("ranges.last_token_id")} else {LISTED_BELOW - 1} end,
            {_small("ranges.first_token_id")} + {LISTED_AT_ONCE - 1}
        )
    ) as number
    where ranges.first_token_id < {_word(LISTED_BELOW)}
"""
"""The tokens of a range that are listed at once."""

_MEMBERS = text(
    f"""
    with ranges as (
        select * from unnest(
            cast(:contracts as bytea[]), cast(:firsts as bytea[]), cast(:lasts as bytea[])
        ) as told(contract, first_token_id, last_token_id)
    )
    select distinct contract, token_id from ranges cross join lateral (
        {LISTED}
        union all
        select token_id from chain_tokens as tokens
        where tokens.chain_id = :chain_id and tokens.contract = ranges.contract
          and tokens.token_id between ranges.first_token_id and ranges.last_token_id
    ) as members
    """
)

_EXIST = "select exists (select from chain_ranges where chain_id = %s)"


def exist(connection: Connection, chain_id: int) -> bool:
    """Whether any collection of this chain made use of ranges."""
    return execute(connection, _EXIST, (chain_id,)).fetchone() == (True,)


def members(connection: Connection, chain_id: int, facts: Collection[Facts]) -> set[Token]:
    """The tokens that these facts' ranges decide: those listed, and those known otherwise."""
    told = [row for one in facts for row in one.of(RANGES)]
    if not told:
        return set()
    rows = connection.execute(
        _MEMBERS,
        {
            "chain_id": chain_id,
            "contracts": [bytes(row["contract"]) for row in told],
            "firsts": [row["first_token_id"].to_bytes(32, "big") for row in told],
            "lasts": [row["last_token_id"].to_bytes(32, "big") for row in told],
        },
    )
    return {(bytes(row.contract), bytes(row.token_id)) for row in rows}


STANDS = f"""
    where exists (
        select from chain_transfers
        where chain_id = :chain_id and contract = touched.contract
          and token_id = touched.token_id
    ) or exists (
        select from chain_ranges as ranges
        where ranges.chain_id = :chain_id and ranges.contract = touched.contract
          and touched.token_id between ranges.first_token_id and ranges.last_token_id
          and {_is_listed("touched.token_id")}
    )
"""
"""Whether `touched` is to be listed: it moved by itself, or a range lists it."""

OF_ONE_TOKEN = f"""
    select block_number, log_index, sender, receiver, transaction_hash, true as shows
    from chain_transfers
    where chain_id = :chain_id and contract = touched.contract and token_id = touched.token_id
    union all
    select block_number, log_index, sender, receiver, transaction_hash,
        {_is_listed("touched.token_id")}
    from chain_ranges as ranges
    where chain_id = :chain_id and contract = touched.contract
      and touched.token_id between first_token_id and last_token_id
"""
"""What happened to `touched`, one token, and whether that alone would list it."""

HAPPENED = f"""(
    select contract, token_id, block_number, log_index, sender, receiver, transaction_hash,
        chain_id, true as shows
    from chain_transfers
    union all
    select ranges.contract, members.token_id, block_number, log_index, sender, receiver,
        transaction_hash, chain_id, {_is_listed("members.token_id")}
    from chain_ranges as ranges cross join lateral (
        {LISTED}
        union
        select token_id from chain_tokens as tokens
        where tokens.chain_id = ranges.chain_id and tokens.contract = ranges.contract
          and tokens.token_id between ranges.first_token_id and ranges.last_token_id
        union
        select token_id from chain_transfers as moved
        where moved.chain_id = ranges.chain_id and moved.contract = ranges.contract
          and moved.token_id between ranges.first_token_id and ranges.last_token_id
          and moved.block_number between :first and :last
    ) as members
)"""
"""
In place of `chain_transfers` for the blocks from `:first` to `:last`: with a transfer for each
token of a range that is listed, is known, or moves in these blocks too; `shows` says whether it
would be listed by that alone.
"""

BEFORE = """
    select
        (array_agg(receiver order by block_number desc, log_index desc))[1] as owner,
        (array_agg(receiver order by block_number, log_index))[1] as first_receiver,
        (array_agg(transaction_hash order by block_number, log_index))[1] as transaction_hash,
        (array_agg(block_number order by block_number, log_index))[1] as block_number,
        (array_agg(log_index order by block_number, log_index))[1] as log_index,
        count(*) filter (where sender <> :nobody) as moves
    from chain_ranges as ranges
    where moved.place = 1 and tokens.owner is null
      and ranges.chain_id = :chain_id and ranges.contract = moved.contract
      and moved.token_id between ranges.first_token_id and ranges.last_token_id
      and (ranges.block_number, ranges.log_index) < (moved.block_number, moved.log_index)
"""
"""What ranges said of `moved`, if it is the first move of a token that is not known yet."""
