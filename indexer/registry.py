"""
The contracts of others that are mirrored because somebody registered them.

A row's life: requested → its first block found → joined (the follower listens from the block
after `joined_block`) → read up to there, which completes it. Whoever changes a row says so on
`vernissage_registry`. No function here commits: a row moves in the transaction of what it covers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from indexer.facts import CONTRACTS
from nft.database import execute
from nft.types import Address

CHANNEL = "vernissage_registry"

LONGEST_NAME = 200
"""Characters that are kept of what a contract calls itself: it may answer with a megabyte."""

_TURNS = (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_UNFIT = {0: "\N{REPLACEMENT CHARACTER}", **dict.fromkeys(_TURNS)}
"""What turns the direction of writing would reach into the words around a name."""

State = Literal["requested", "finding", "backfilling", "complete", "refused", "left"]

_COLUMNS = CONTRACTS.c

_APART = """
    select contract, joined_block is null from index_contracts
    where chain_id = %s and (joined_block is null or completed_at is null and refused is null)
"""
"""Contracts that a writer treats apart, and whether it is because nobody listens to them."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A registered contract and how far its history is read."""

    contract: Address
    name: str
    symbol: str
    is_sought: bool
    first_block: int | None
    note: str | None
    joined_block: int | None
    read_to: int | None
    is_complete: bool
    refused: str | None
    left_block: int | None = None

    @property
    def state(self) -> State:
        """Where it is in its life."""
        if self.refused is not None:
            return "refused" if self.left_block is None else "left"
        if self.is_complete:
            return "complete"
        if self.joined_block is not None:
            return "backfilling"
        return "finding" if self.is_sought or self.first_block is not None else "requested"

    @property
    def next_block(self) -> int:
        """The first block of its history that is still to be read; above `joined_block`: none."""
        first = self.first_block or 0
        return first if self.read_to is None else max(first, self.read_to + 1)

    @property
    def progress(self) -> float:
        """The part of its history that has been read, between 0 and 1."""
        if self.is_complete:
            return 1.0
        if self.first_block is None or self.joined_block is None:
            return 0.0
        length = self.joined_block - self.first_block + 1
        return min(1.0, (self.next_block - self.first_block) / length) if length > 0 else 1.0


def register(
    connection: Connection,
    chain_id: int,
    contract: Address,
    requested_by: Address | None = None,
    *,
    name: str = "",
    symbol: str = "",
    is_operator: bool = False,
) -> bool:
    """
    Ask for a contract to be mirrored; whether that is news.

    Asking twice changes nothing, unless it was refused: then it is tried once more. One that the
    operator let go of comes back by the operator alone.
    """
    asked = {
        "requested_by": requested_by,
        "requested_at": func.now(),
        "name": fit(name),
        "symbol": fit(symbol),
    }
    again = {**asked, "refused": None, "sought_at": None, "first_block": None, "note": None}
    again["left_block"] = None
    may_come_back = or_(_COLUMNS.left_block.is_(None), literal(is_operator))
    row = connection.execute(
        insert(CONTRACTS)
        .values(chain_id=chain_id, contract=contract, **asked)
        .on_conflict_do_update(
            index_elements=["chain_id", "contract"],
            set_=again,
            where=and_(_COLUMNS.refused.is_not(None), may_come_back),
        )
        .returning(_COLUMNS.contract)
    ).first()
    if row is not None:
        _tell(connection, chain_id, contract)
    return row is not None


def fit(name: str) -> str:
    """What a contract calls itself, as PostgreSQL keeps it: one line, no NUL, not too long."""
    line = " ".join(name.translate(_UNFIT).split())
    return line.encode("utf-8", "replace").decode()[:LONGEST_NAME]


# Reading


def find(connection: Connection, chain_id: int, contract: Address) -> Registered | None:
    """One of them."""
    return next(iter(_read(connection, chain_id, _COLUMNS.contract == contract)), None)


def every(connection: Connection, chain_id: int) -> list[Registered]:
    """All that were asked for, refused ones too, the oldest first."""
    return _read(connection, chain_id)


def waiting(connection: Connection, chain_id: int) -> list[Registered]:
    """Asked for and not joined yet: those with a first block can be, the others are sought."""
    return _read(
        connection, chain_id, and_(_COLUMNS.joined_block.is_(None), _COLUMNS.refused.is_(None))
    )


def joined(connection: Connection, chain_id: int) -> list[Registered]:
    """Those that the follower listens to, whether or not their history is read."""
    return _read(
        connection, chain_id, and_(_COLUMNS.joined_block.is_not(None), _COLUMNS.refused.is_(None))
    )


def backfilling(connection: Connection, chain_id: int) -> list[Registered]:
    """Those whose history is still to be read."""
    unread = and_(
        _COLUMNS.joined_block.is_not(None),
        _COLUMNS.completed_at.is_(None),
        _COLUMNS.refused.is_(None),
    )
    return _read(connection, chain_id, unread)


def unread(connection: Connection, chain_id: int) -> frozenset[bytes]:
    """The contracts of `backfilling`: their transfers come in, their tokens wait."""
    return apart(connection, chain_id)[0]


def whole(connection: Connection, chain_id: int) -> frozenset[bytes]:
    """The contracts that the follower listens to and whose history is read."""
    rows = connection.execute(
        select(_COLUMNS.contract).where(
            _COLUMNS.chain_id == chain_id,
            _COLUMNS.joined_block.is_not(None),
            _COLUMNS.completed_at.is_not(None),
            _COLUMNS.refused.is_(None),
        )
    )
    return frozenset(bytes(row.contract) for row in rows)


def apart(connection: Connection, chain_id: int) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Those of `unread`, and those that have not joined, or not any more: nothing is written."""
    rows = execute(connection, _APART, (chain_id,)).fetchall()
    sets = [frozenset(name for name, is_out in rows if is_out is one) for one in (False, True)]
    return sets[0], sets[1]


def _read(
    connection: Connection, chain_id: int, *conditions: ColumnElement[bool]
) -> list[Registered]:
    query = (
        select(
            _COLUMNS.contract,
            _COLUMNS.name,
            _COLUMNS.symbol,
            _COLUMNS.sought_at.is_not(None),
            _COLUMNS.first_block,
            _COLUMNS.note,
            _COLUMNS.joined_block,
            _COLUMNS.read_to,
            _COLUMNS.completed_at.is_not(None),
            _COLUMNS.refused,
            _COLUMNS.left_block,
        )
        .where(_COLUMNS.chain_id == chain_id, *conditions)
        .order_by(_COLUMNS.requested_at, _COLUMNS.contract)
    )
    return [Registered(*row) for row in connection.execute(query)]


# The steps of its life


def seek(connection: Connection, chain_id: int, contract: Address) -> None:
    """Say that its first block is being looked for."""
    _set(connection, chain_id, contract, sought_at=func.now())


def set_first_block(
    connection: Connection, chain_id: int, contract: Address, block: int, note: str | None = None
) -> None:
    """The block from which its history is read; `note` says what is uncertain about that."""
    _set(connection, chain_id, contract, first_block=block, note=note)


def refuse(connection: Connection, chain_id: int, contract: Address, why: str) -> None:
    """It is not mirrored; the reason is shown. One that joined is not refused any more."""
    connection.execute(
        update(CONTRACTS)
        .where(
            _COLUMNS.chain_id == chain_id,
            _COLUMNS.contract == contract,
            _COLUMNS.joined_block.is_(None),
        )
        .values(refused=why)
    )
    _tell(connection, chain_id, contract)


def leave(
    connection: Connection, chain_id: int, contract: Address, block: int, reason: str
) -> None:
    """The operator lets go of it; in the transaction that takes its rows out of the mirror."""
    _set(
        connection,
        chain_id,
        contract,
        refused=reason,
        left_block=block,
        joined_block=None,
        read_to=None,
        completed_at=None,
        first_block=None,
    )


def join(connection: Connection, chain_id: int, contract: Address, joined_block: int) -> None:
    """
    The follower listens from the block after `joined_block`; its history is what lies before.

    Belongs into a transaction that holds the cursor at `joined_block`. One that was created
    later has no history and is complete.
    """
    _set(
        connection,
        chain_id,
        contract,
        joined_block=joined_block,
        read_to=None,
        completed_at=_now_if(_COLUMNS.first_block > joined_block),
    )


def advance(connection: Connection, chain_id: int, contract: Address, read_to: int) -> None:
    """Its history is read up to a block; in the transaction of the rows."""
    _set(connection, chain_id, contract, read_to=read_to)


def complete(connection: Connection, chain_id: int, contract: Address) -> None:
    """All of its history is read and its tokens are made; in the transaction that makes them."""
    _set(
        connection,
        chain_id,
        contract,
        read_to=_COLUMNS.joined_block,
        completed_at=func.coalesce(_COLUMNS.completed_at, func.now()),
    )


def cut_back(connection: Connection, chain_id: int, ancestor: int) -> None:
    """
    Blocks above the ancestor fell; the follower reads them anew, also for contracts that joined
    above it. In the transaction of the rewind.
    """
    # least() leaves null out, and nothing read must stay nothing.
    reached = case((_COLUMNS.read_to.is_not(None), func.least(_COLUMNS.read_to, ancestor)))
    connection.execute(
        update(CONTRACTS)
        .where(_COLUMNS.chain_id == chain_id, _COLUMNS.joined_block > ancestor)
        .values(
            joined_block=ancestor,
            read_to=reached,
            # Its creation fell too: in the new branch it cannot stand before this.
            first_block=func.least(_COLUMNS.first_block, ancestor + 1),
            completed_at=case(
                (_COLUMNS.first_block > ancestor, func.now()), else_=_COLUMNS.completed_at
            ),
        )
    )
    connection.execute(
        update(CONTRACTS)
        .where(
            _COLUMNS.chain_id == chain_id,
            _COLUMNS.joined_block.is_(None),
            _COLUMNS.first_block > ancestor,
        )
        .values(first_block=None, note=None, sought_at=None)
    )


def _now_if(condition: ColumnElement[bool]) -> ColumnElement[object]:
    return case((condition, func.coalesce(_COLUMNS.completed_at, func.now())))


def _set(connection: Connection, chain_id: int, contract: Address, **values: object) -> None:
    statement = (
        update(CONTRACTS)
        .where(_COLUMNS.chain_id == chain_id, _COLUMNS.contract == contract)
        .values(**values)
    )
    connection.execute(statement)
    _tell(connection, chain_id, contract)


def _tell(connection: Connection, chain_id: int, contract: Address) -> None:
    said = json.dumps({"chain_id": chain_id, "contract": str(contract)})
    connection.execute(
        text("select pg_notify(:channel, :said)"), {"channel": CHANNEL, "said": said}
    )
