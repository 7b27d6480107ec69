"""
Works compared with the chain: who owns each, and how often it moved.

Two things of the mirror are held against the contract's answer: what its facts add up to, and the
row derived from them, which is what people see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Row, text

from indexer.ground import Difference, Findings, Ground, Place, is_refusal, words
from indexer.proof_audit import prove
from nft.chain.contracts import Collection, Erc721, Question
from nft.chain.errors import CodeFailed, Reverted
from nft.types import ZERO_ADDRESS, Address

Key = tuple[bytes, bytes]
"""Contract and token id, as stored."""

_BEFORE_ALL: Key = (b"", b"")

_KEYS = text(
    """
    select contract, token_id from chain_tokens
    where chain_id = :chain_id and (contract, token_id) > (:contract, :token_id)
      and contract <> all(cast(:unread as bytea[])) and minted_block <= :number
    order by contract, token_id limit :size
    """
)

_NEWEST = text(
    """
    select contract, token_id from (
        select distinct on (contract, token_id) contract, token_id, block_number, log_index
        from (
            select contract, token_id, block_number, log_index from chain_transfers
            where chain_id = :chain_id and block_number <= :number
              and contract <> all(cast(:unread as bytea[]))
            order by block_number desc, log_index desc limit :wide
        ) as moves
        order by contract, token_id, block_number desc, log_index desc
    ) as works
    order by block_number desc, log_index desc limit :size
    """
)

_RANDOM = """
    select contract, token_id from chain_tokens tablesample system (:percent) repeatable (:seed)
    where chain_id = :chain_id and contract <> all(cast(:unread as bytea[]))
      and minted_block <= :number
    order by hashtextextended(encode(contract || token_id, 'hex'), :seed) limit :size
"""

_STATE = text(
    """
    select asked.contract, asked.token_id, newest.receiver as owner, moves.count as moves,
        case when shown.updated_block <= :number then shown.owner end as shown_owner,
        case when shown.updated_block <= :number then shown.transfer_count end as shown_moves,
        exists (
            select from chain_breaks
            where chain_id = :chain_id and contract = asked.contract
              and token_id = asked.token_id
        ) as is_broken,
        coalesce((
            select proved_number >= :number from chain_cursors where chain_id = :chain_id
        ), false) as is_proven
    from unnest(cast(:contracts as bytea[]), cast(:tokens as bytea[]))
        as asked(contract, token_id)
    left join chain_tokens as shown on shown.chain_id = :chain_id
        and shown.contract = asked.contract and shown.token_id = asked.token_id
    left join lateral (
        -- By itself, or in a range (ERC-2309): whichever came last.
        select receiver from (
            (select receiver, block_number, log_index from chain_transfers
            where chain_id = :chain_id and contract = asked.contract
              and token_id = asked.token_id and block_number <= :number
            order by block_number desc, log_index desc limit 1)
            union all
            (select receiver, block_number, log_index from chain_ranges
            where chain_id = :chain_id and contract = asked.contract
              and asked.token_id between first_token_id and last_token_id
              and block_number <= :number
            order by block_number desc, log_index desc limit 1)
        ) as moved
        order by block_number desc, log_index desc limit 1
    ) as newest on true
    cross join lateral (
        select count(*) from chain_transfers
        where chain_id = :chain_id and contract = asked.contract
          and token_id = asked.token_id and block_number <= :number and sender <> :nobody
    ) as moves
    """
)

Rows = Sequence[Row[Any]]


Compare = Callable[[Place, Rows], None]


def audit_all(ground: Ground, findings: Findings, *, proves: bool) -> None:
    """Every work, in the order of contracts and ids, a page at a time."""
    last, compare = _BEFORE_ALL, _comparing(ground, findings, proves=proves)
    while rows := _page_after(ground, compare, last):
        last = bytes(rows[-1].contract), bytes(rows[-1].token_id)


def audit_sample(
    ground: Ground, findings: Findings, size: int, seed: int, *, proves: bool
) -> set[Key]:
    """
    Half of them those that moved last, the others any; returns which.

    The seed chooses the same ones again while the mirror's table lies as it does.
    """

    def read(place: Place) -> Rows:
        values = {**ground.values, "number": place.number, "unread": ground.unread()}
        newest = _keys(ground, _NEWEST, {**values, "size": size // 2, "wide": size * 4})
        others = [key for key in _any(ground, values, size, seed) if key not in newest]
        return _state(ground, place, sorted([*newest, *others][:size]))

    rows = ground.page(read, _comparing(ground, findings, proves=proves))
    return {(bytes(row.contract), bytes(row.token_id)) for row in rows}


def _page_after(ground: Ground, compare: Compare, last: Key) -> Rows:
    def read(place: Place) -> Rows:
        values = {
            **ground.values,
            "number": place.number,
            "unread": ground.unread(),
            "contract": last[0],
            "token_id": last[1],
            "size": ground.pace.works,
        }
        return _state(ground, place, _keys(ground, _KEYS, values))

    return ground.page(read, compare)


def _any(ground: Ground, values: dict[str, Any], size: int, seed: int) -> list[Key]:
    """Works from all over the table; pages enough are looked at that few come from each."""
    estimate = ground.connection.scalar(
        text("select greatest(reltuples, 1) from pg_class where oid = 'chain_tokens'::regclass")
    )
    share = 100.0 * 20 * size / (estimate or 1)
    for percent in (share, 30 * share, 100.0):
        found = _keys(
            ground,
            text(_RANDOM),
            {**values, "size": size, "seed": seed, "percent": min(percent, 100.0)},
        )
        # Other chains share the table: where ours is a small part of it, look at more pages.
        if len(found) >= size or percent >= 100:
            break
    return found


def _keys(ground: Ground, statement: Any, values: dict[str, Any]) -> list[Key]:
    rows = ground.connection.execute(statement, values)
    return [(bytes(row.contract), bytes(row.token_id)) for row in rows]


def _state(ground: Ground, place: Place, keys: Sequence[Key]) -> Rows:
    return ground.connection.execute(
        _STATE,
        {
            **ground.values,
            "number": place.number,
            "nobody": bytes(20),
            "contracts": [contract for contract, _ in keys],
            "tokens": [token for _, token in keys],
        },
    ).all()


def _comparing(ground: Ground, findings: Findings, *, proves: bool) -> Compare:
    def compare(place: Place, rows: Rows) -> None:
        _compare(ground, findings, place, rows)
        if proves:
            prove(ground, findings, place, rows)

    return compare


def _compare(ground: Ground, findings: Findings, place: Place, rows: Rows) -> None:
    """A work whose contract was seen to lie about its custody is counted apart."""
    whole = [row for row in rows if not row.is_broken]
    answers = ground.ask([_question(ground, row) for row in whole], place)
    counted = 0
    for row, answer in zip(whole, answers, strict=True):
        is_ours = bytes(row.contract) in ground.ours
        counted += is_ours
        found = list(_differences(row, answer, is_ours=is_ours))
        if found and not is_ours and _is_proven(row):
            findings.contradict(found[0])
            continue
        for difference in found:
            findings.differ(difference)
    findings.count("tokens", len(whole))
    findings.count("transfer_counts", counted)
    if len(whole) < len(rows):
        findings.count("broken", len(rows) - len(whole))


def _is_proven(row: Row[Any]) -> bool:
    """
    Whether it is beyond doubt what the contract's events say of a work's owner.

    Every block is proven by its receipts, and with them that nothing came after the newest event.
    What was lost of the mirror since then shows in the derived row, which was made before.
    """
    if not row.is_proven or row.owner is None:
        return False
    shown = row.shown_owner, row.shown_moves
    return row.shown_owner is None or shown == (row.owner, row.moves)


def _question(ground: Ground, row: Row[Any]) -> Question[Any]:
    """Our collections tell owner and count at once, and never refuse."""
    contract, token_id = Address(bytes(row.contract)), int.from_bytes(row.token_id, "big")
    if contract in ground.ours:
        return Collection(contract).owner_and_count(token_id)
    return Erc721(contract).owner_of(token_id)


def _differences(row: Row[Any], answer: Any, *, is_ours: bool) -> Iterator[Difference]:
    """A burned work has no `ownerOf`; contracts of others count no transfers."""
    owner, count = answer if is_ours and not is_refusal(answer) else (answer, None)
    if isinstance(owner, Reverted | CodeFailed) and not is_ours:
        owner = ZERO_ADDRESS
    pairs = [("owner", row.owner, owner), ("shown owner", row.shown_owner, owner)]
    if count is not None:
        pairs += [
            ("transfer_count", row.moves, count),
            ("shown transfer_count", row.shown_moves, count),
        ]
    for what, here, there in pairs:
        held = Address(bytes(here)) if isinstance(here, bytes | memoryview) else here
        if held != there and (held is not None or not what.startswith("shown")):
            yield Difference(
                contract=Address(bytes(row.contract)),
                token_id=int.from_bytes(row.token_id, "big"),
                what=what,
                mirror="nothing" if held is None else str(held),
                chain=words(there),
            )
