"""
Tokens as of the cursor, derived from the facts by one statement.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, text

from indexer import ranges
from indexer.facts import Token
from nft.types import Address

_FORGET = text(
    """
    delete from chain_tokens using unnest(
        cast(:contracts as bytea[]), cast(:tokens as bytea[])
    ) as touched(contract, token_id)
    where chain_tokens.chain_id = :chain_id
      and chain_tokens.contract = touched.contract
      and chain_tokens.token_id = touched.token_id
    """
)

_RECOMPUTE = """
    insert into chain_tokens (
        chain_id, contract, token_id, creator, owner, held_for, transfer_count, metadata_digest,
        royalty_bps, royalty_receiver, is_frozen, minted_block, minted_log_index,
        mint_transaction, updated_block
    )
    select
        :chain_id, touched.contract, touched.token_id,
        case when touched.contract = any(cast(:collections as bytea[]))
            then substring(touched.token_id from 1 for 20) else mint.receiver end,
        newest.receiver, custody.seller, moves.count, described.metadata_digest,
        coalesce(royalty.royalty_bps, 0), coalesce(royalty.royalty_receiver, :nobody),
        coalesce(changes.is_frozen, false) or everything.block_number is not null,
        mint.block_number, mint.log_index, mint.transaction_hash,
        greatest(newest.block_number, changes.block_number, everything.block_number)
    from unnest(cast(:contracts as bytea[]), cast(:tokens as bytea[]))
        as touched(contract, token_id)
    cross join lateral (
        select block_number, log_index, receiver, transaction_hash from ({happened}) as happened
        order by block_number, log_index limit 1
    ) as mint
    cross join lateral (
        select block_number, receiver from ({happened}) as happened
        order by block_number desc, log_index desc limit 1
    ) as newest
    cross join lateral (
        select count(*) from ({happened}) as happened where sender <> :nobody
    ) as moves
    cross join lateral (
        select bool_or(event = 'frozen') as is_frozen, max(block_number) as block_number
        from chain_token_changes
        where chain_id = :chain_id and contract = touched.contract
          and token_id = touched.token_id
    ) as changes
    cross join lateral (
        select min(block_number) as block_number from chain_all_frozen
        where chain_id = :chain_id and contract = touched.contract
          and creator = substring(touched.token_id from 1 for 20)
    ) as everything
    left join lateral (
        select seller from chain_auctions
        where chain_id = :chain_id and contract = touched.contract
          and token_id = touched.token_id and auctions = newest.receiver
          and not exists (
            select from chain_outcomes
            where chain_outcomes.chain_id = :chain_id
              and chain_outcomes.auction_hash = chain_auctions.auction_hash
              and chain_outcomes.auctions = chain_auctions.auctions
              and chain_outcomes.outcome <> 'unwound'
          )
        order by block_number desc, log_index desc limit 1
    ) as custody on true
    left join lateral (
        select metadata_digest from chain_token_changes
        where chain_id = :chain_id and contract = touched.contract
          and token_id = touched.token_id and metadata_digest is not null
        order by block_number desc, log_index desc limit 1
    ) as described on true
    left join lateral (
        select royalty_bps, royalty_receiver from chain_token_changes
        where chain_id = :chain_id and contract = touched.contract
          and token_id = touched.token_id and royalty_bps is not null
        order by block_number desc, log_index desc limit 1
    ) as royalty on true
    {stands}
    """

_TRANSFERS = """
    select block_number, log_index, sender, receiver, transaction_hash from chain_transfers
    where chain_id = :chain_id and contract = touched.contract and token_id = touched.token_id
"""

_STATEMENTS = {
    False: text(_RECOMPUTE.format(happened=_TRANSFERS, stands="")),
    True: text(_RECOMPUTE.format(happened=ranges.OF_ONE_TOKEN, stands=ranges.STANDS)),
}
"""By whether collections made use of ranges."""


def recompute(
    connection: Connection,
    chain_id: int,
    collections: Collection[Address],
    touched: Iterable[Token],
) -> None:
    """
    Derive these tokens anew from the facts that stand.

    A token without a transfer is gone. The count leaves mints out, as the contract's does; the
    creator is read from the id in our collections, and is the first receiver elsewhere. A work in
    the auctions contract is held for the seller, until the auction is settled or the work
    reclaimed; a work that somebody merely sent there is nobody's.
    """
    ordered = sorted(touched)
    contracts = {contract for contract, _ in ordered}
    values = {
        "chain_id": chain_id,
        "contracts": [contract for contract, _ in ordered],
        "tokens": [token for _, token in ordered],
    }
    connection.execute(_FORGET, values)
    ours = sorted(contracts.intersection(map(bytes, collections)))
    statement = _STATEMENTS[ranges.exist(connection, chain_id)]
    connection.execute(statement, {**values, "collections": ours, "nobody": bytes(20)})
