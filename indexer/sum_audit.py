"""
Sums compared with the chain: how many works an account holds, and what waits to be withdrawn.

A work that the mirror never heard of is missing in no list of works, but in its holder's number.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Row, text

from indexer.ground import Difference, Findings, Ground, Place, is_refusal, words
from indexer.token_audit import Key
from nft.chain.contracts import Erc721, Exchange
from nft.types import ZERO_ADDRESS, Address

MANY = 100_000
"""A sample leaves out holders of more works than this: counting them costs a second."""

Rows = Sequence[Row[Any]]

_NEXT_OWNERS = text(
    """
    select owner from chain_tokens where chain_id = :chain_id and owner > :after
    group by owner order by owner limit :size
    """
)

_OWNERS_OF = text(
    """
    select distinct owner from chain_tokens
    join unnest(cast(:contracts as bytea[]), cast(:tokens as bytea[])) as asked(contract, token_id)
        using (contract, token_id)
    where chain_id = :chain_id and owner <> :nobody
    """
)

_HOLDS_FEW = text(
    """
    select asked.owner from unnest(cast(:owners as bytea[])) as asked(owner)
    cross join lateral (
        select count(*) as works from (
            select from chain_tokens
            where chain_id = :chain_id and owner = asked.owner limit :many
        ) as counted
    ) as held
    where held.works < :many order by asked.owner
    """
)

# As of the cursor, less what came and plus what went above the final block. Contracts that moved
# ranges, whose works have no rows of their own, and such that lie about custody are left out.
_BALANCES = text(
    """
    select contract, account, sum(works) as works from (
        select contract, owner as account, count(*) as works from chain_tokens
        where chain_id = :chain_id and owner = any(cast(:owners as bytea[])) group by 1, 2
        union all
        select contract, sender, 1 from chain_transfers
        where chain_id = :chain_id and block_number > :number
          and sender = any(cast(:owners as bytea[]))
        union all
        select contract, receiver, -1 from chain_transfers
        where chain_id = :chain_id and block_number > :number
          and receiver = any(cast(:owners as bytea[]))
    ) as changes
    where contract <> all(cast(:unread as bytea[]))
      and not exists (select from chain_ranges
        where chain_id = :chain_id and contract = changes.contract)
      and not exists (select from chain_breaks
        where chain_id = :chain_id and contract = changes.contract)
    group by contract, account order by contract, account
    """
)

_CREDITS = """
    select contract, account, currency, sum(amount) as amount from chain_credits
    where chain_id = :chain_id and block_number <= :number {which}
    group by account, currency, contract order by account, currency, contract limit :size
"""
_CREDITS_AFTER = text(
    _CREDITS.format(which="and (account, currency, contract) > (:account, :currency, :contract)")
)
_CREDITS_NEWEST = text(
    _CREDITS.format(
        which="""and (account, currency, contract) in (
            select account, currency, contract from chain_credits
            where chain_id = :chain_id and block_number <= :number
            order by block_number desc, log_index desc limit :size
        )"""
    )
)


def audit_balances(ground: Ground, findings: Findings) -> None:
    """Every holder's number of works in every contract."""
    last = ZERO_ADDRESS
    while True:
        with ground.connection.begin():
            values = {**ground.values, "after": bytes(last), "size": ground.pace.holders}
            owners = [bytes(row.owner) for row in ground.connection.execute(_NEXT_OWNERS, values)]
        if not owners:
            return
        _audit_owners(ground, findings, owners)
        last = Address(owners[-1])


def audit_balances_of(ground: Ground, findings: Findings, works: Collection[Key]) -> None:
    """The numbers of those who hold these works."""
    with ground.connection.begin():
        values = {
            **ground.values,
            "nobody": bytes(20),
            "contracts": [contract for contract, _ in works],
            "tokens": [token for _, token in works],
        }
        owners = [bytes(row.owner) for row in ground.connection.execute(_OWNERS_OF, values)]
        values = {**ground.values, "owners": owners, "many": MANY}
        few = [bytes(row.owner) for row in ground.connection.execute(_HOLDS_FEW, values)]
    for start in range(0, len(few), ground.pace.holders):
        _audit_owners(ground, findings, few[start : start + ground.pace.holders])


def _audit_owners(ground: Ground, findings: Findings, owners: list[bytes]) -> None:
    def read(place: Place) -> Rows:
        values = {
            **ground.values,
            "number": place.number,
            "owners": owners,
            "unread": ground.unread(),
        }
        return ground.connection.execute(_BALANCES, values).all()

    def compare(place: Place, rows: Rows) -> None:
        rows = [row for row in rows if _address(row.contract) not in findings.contradicting]
        asked = [Erc721(_address(row.contract)).balance_of(_address(row.account)) for row in rows]
        answers = ground.ask(asked, place)
        for row, there in zip(rows, answers, strict=True):
            is_ours = _address(row.contract) in ground.ours
            if is_refusal(there) and not (is_ours and row.works):
                continue  # One of somebody else's that counts nothing, or ours before its birth.
            _hold(findings, row, "balance", int(row.works), there)
        findings.count("balances", len(rows))

    ground.page(read, compare)


def audit_credits(ground: Ground, findings: Findings, *, newest: int | None = None) -> None:
    """What exchanges, auctions and collections owe: all of it, or where it changed last."""
    last: tuple[Any, ...] = (b"", b"", b"")
    while True:
        rows = ground.page(*_credits(ground, findings, last, newest))
        if newest is not None or len(rows) < ground.pace.works:
            return
        last = bytes(rows[-1].account), bytes(rows[-1].currency), bytes(rows[-1].contract)


def _credits(
    ground: Ground, findings: Findings, last: Iterable[bytes], newest: int | None
) -> tuple[Callable[[Place], Rows], Callable[[Place, Rows], None]]:
    def read(place: Place) -> Rows:
        values = {**ground.values, "number": place.number, "size": newest or ground.pace.works}
        if newest is not None:
            return ground.connection.execute(_CREDITS_NEWEST, values).all()
        after = dict(zip(("account", "currency", "contract"), last, strict=True))
        return ground.connection.execute(_CREDITS_AFTER, {**values, **after}).all()

    def compare(place: Place, rows: Rows) -> None:
        # Whoever owes has the same function for it, the exchange among others.
        asked = [
            Exchange(_address(row.contract)).credit(_address(row.account), _address(row.currency))
            for row in rows
        ]
        for row, there in zip(rows, ground.ask(asked, place), strict=True):
            _hold(findings, row, f"credit in {_address(row.currency)}", int(row.amount), there)
        findings.count("credits", len(rows))

    return read, compare


def _hold(findings: Findings, row: Row[Any], what: str, here: int, there: object) -> None:
    if here != there:
        findings.differ(
            Difference(
                contract=_address(row.contract),
                account=_address(row.account),
                what=what,
                mirror=str(here),
                chain=words(there),
            )
        )


def _address(value: Any) -> Address:
    return Address(bytes(value))
