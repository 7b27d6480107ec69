"""
The questions whose cost must not grow: the statements that the API sends, asked of a made mirror.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, Executable, Select, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ClauseElement

from api.sales.house import Rules
from api.tokens import history as provenance
from api.tokens.changes import MANY, Since, how_many
from api.tokens.filters import TokenFilters
from api.tokens.queries import Place, works_page
from nft.types import Address, TokenRef
from tests.bench import growth_rows as rows
from tests.bench.growth_rows import CHAIN_ID, History

LISTINGS = 1_000
EXCHANGE = Address(b"exchange".rjust(20, b"\0"))
HOUSE = {(CHAIN_ID, EXCHANGE): Rules(fee_bps=250)}
NOW = 1_800_000_000
PAGE = 24

_EXCHANGE = f"'\\x{EXCHANGE.hex()}'::bytea"
_HOUSE = f"'\\x{rows.house().hex()}'::bytea"
_WHALE = f"'\\x{rows.collector(np.zeros(1, dtype=np.int64)).tobytes().hex()}'::bytea"

BOOK = (
    f"""
    insert into book_orders (
        order_hash, chain_id, exchange, kind, maker, taker, contract, token_id, transfer_count,
        criteria, metadata_digest, currency, price, end_price, start, "end", max_royalty_bps,
        max_fee_bps, nonce, counter, signature
    )
    select sha256(token_id), chain_id, {_EXCHANGE}, 0, owner, decode(repeat('00', 20), 'hex'),
        contract, token_id, transfer_count, decode(repeat('00', 32), 'hex'), metadata_digest,
        decode(repeat('00', 20), 'hex'), 1000 + hashtext(token_id::text) % 900 + 1000, 1000,
        1700000000, 1900000000, 1000, 500, row_number() over (), 0, decode(repeat('00', 65), 'hex')
    from (
        select * from chain_tokens where contract = {_HOUSE} and owner <> {_WHALE}
        order by sha256(token_id) limit {LISTINGS}
    ) as chosen
    """,
    f"""
    insert into chain_approvals (
        chain_id, block_number, log_index, contract, owner, operator, approved, transaction_hash
    )
    select {CHAIN_ID}, 1, 10000 + row_number() over (), {_HOUSE}, maker, {_EXCHANGE}, true,
        sha256(maker)
    from (select distinct maker from book_orders) as makers
    """,
)
"""A thousand works of the house for sale, by those who hold them, who approved the exchange."""


class Explain(Executable, ClauseElement):
    """EXPLAIN (ANALYZE, BUFFERS) of a statement, as JSON."""

    inherit_cache = False

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement


@compiles(Explain)
def _explain(element: Explain, compiler: Any, **options: Any) -> str:
    inner = compiler.process(element.statement, **options)
    return f"explain (analyze, buffers, timing off, format json) {inner}"


@dataclass(frozen=True, slots=True)
class Question:
    """A statement for each of several arguments, numbered from 0."""

    name: str
    select: Callable[[int], Select[Any]]


def _list(
    filters: TokenFilters, behind: list[Any] | None = None, since: Since | None = None
) -> Select[Any]:
    return works_page(filters, HOUSE, NOW, Place(limit=PAGE, behind=behind), since)[0]


class Asked:
    """Seeded works and owners of one history, as arguments."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._chance = np.random.default_rng(rows.SEED)

    def token(self, number: int | None = None) -> TokenRef:
        """A work; some work when no number is given."""
        chosen = self._some(self._history.tokens) if number is None else number
        one = np.array([chosen], dtype=np.int64)
        return TokenRef(
            CHAIN_ID,
            Address(self._history.contract(one).tobytes()),
            int.from_bytes(self._history.token_id(one).tobytes(), "big"),
        )

    def collector(self, number: int | None = None) -> Address:
        """A collector; some small one when no number is given."""
        chosen = 1 + self._some(self._history.collectors - 1) if number is None else number
        return Address(rows.collector(np.array([chosen], dtype=np.int64)).tobytes())

    def creator(self) -> Address:
        """Some artist of the house."""
        one = np.array([2 * self._some(self._history.tokens // 2)], dtype=np.int64)
        return Address(self._history.creator(one).tobytes())

    def contract(self, *, early: bool = False) -> Address:
        """Some contract that is not the house."""
        number = 1 if early else self._history.tokens // 2 + 2 * self._some(rows.OTHERS // 2)
        one = np.array([number | 1], dtype=np.int64)
        return Address(self._history.contract(one).tobytes())

    def middle(self) -> list[Any]:
        """A place in the middle of the list of the newest works."""
        number = self._history.tokens // 2 + self._some(100)
        ref, minted = self.token(number), number * rows.TRANSFERS_PER_TOKEN
        place = np.array([minted], dtype=np.int64)
        block, log = int(rows.block(place)[0]), minted % rows.LOGS_PER_BLOCK
        return [block, log, ref.chain_id, ref.contract, ref.token_id]

    def updated(self) -> list[Any]:
        """A place in the middle of the list of the works that changed last."""
        ref = self.token()
        return [self._history.blocks // 2, ref.chain_id, ref.contract, ref.token_id]

    def since(self, blocks: int | None) -> Since:
        """The moment so many blocks before the last was mined; before the first one for None."""
        number = 0 if blocks is None else max(0, self._history.blocks - blocks)
        time = int(rows.time_of(np.array(number)))
        changed = (self._history.blocks - number) * rows.LOGS_PER_BLOCK
        return Since(datetime.fromtimestamp(time, UTC), {CHAIN_ID: number}, changed > MANY)

    def _some(self, below: int) -> int:
        return int(self._chance.integers(0, max(1, below)))


def questions(connection: Connection, history: History) -> Iterator[Question]:
    """Every question, with arguments drawn anew for each."""
    with connection.begin():
        connection.execute(text("set jit = off"))
    asked = Asked(history)
    for name, select in {**_lists(asked), **_histories(asked, history.blocks // 2)}.items():
        yield Question(name, select)


def _lists(asked: Asked) -> dict[str, Callable[[int], Select[Any]]]:
    whale, newest, updated = asked.collector(0), TokenFilters(), TokenFilters(sort="updated")
    of_whale = TokenFilters(owner=whale)
    return {
        "owner of a work": lambda _: _list(TokenFilters(assets=(asked.token(),))),
        "works of an owner": lambda _: _list(TokenFilters(owner=asked.collector())),
        "works of an owner of 5 % of all": lambda _: _list(of_whale),
        "  a page in the middle": lambda _: _list(of_whale, asked.middle()),
        "  last changed first": lambda _: _list(TokenFilters(owner=whale, sort="updated")),
        "works of an artist": lambda _: _list(TokenFilters(creator=asked.creator())),
        "works of a contract": lambda _: _list(TokenFilters(contract=asked.contract())),
        "works of a contract, all minted early": lambda _: _list(
            TokenFilters(contract=asked.contract(early=True))
        ),
        "newest works": lambda _: _list(newest),
        "newest works, a page in the middle": lambda _: _list(newest, asked.middle()),
        "last changed works": lambda _: _list(updated),
        "last changed works, a page in the middle": lambda _: _list(updated, asked.updated()),
        **_changed(asked),
        "market of 1,000, newest": lambda _: _list(TokenFilters(for_sale=True)),
        "market of 1,000, cheapest": lambda _: _list(TokenFilters(for_sale=True, sort="price_asc")),
    }


def _changed(asked: Asked) -> dict[str, Callable[[int], Select[Any]]]:
    """What a gallery asks that keeps a copy: a page of what changed since a moment."""
    recent, last, ever = (asked.since(blocks) for blocks in (100, 0, None))
    of_contract = TokenFilters(contract=asked.contract())
    return {
        "changed in the last 100 blocks, newest": lambda _: _list(TokenFilters(), since=recent),
        "changed in the last 100 blocks, last first": lambda _: _list(
            TokenFilters(sort="updated"), since=recent
        ),
        "changed in the last 100 blocks, of a contract": lambda _: _list(of_contract, since=recent),
        "changed since the last block: none": lambda _: _list(TokenFilters(), since=last),
        "counted, since the first block": lambda _: how_many(ever),
        "changed since the first block, newest": lambda _: _list(TokenFilters(), since=ever),
        "changed since the first block, last first": lambda _: _list(
            TokenFilters(sort="updated"), since=ever
        ),
    }


def _histories(asked: Asked, middle: int) -> dict[str, Callable[[int], Select[Any]]]:
    start, hot = (-1, -1), asked.token(0)
    return {
        "history of a work": lambda _: provenance.moves(asked.token(), start, PAGE + 1),
        "history of a work of 1,000 transfers": lambda _: provenance.moves(hot, start, None),
        "  a page in its middle": lambda _: provenance.moves(hot, (middle, 0), PAGE + 1),
    }


def outline(plan: dict[str, Any], depth: int = 0) -> Iterator[str]:
    """A plan in lines: node, index, condition, rows and pages."""
    name = " ".join(
        str(plan[key]) for key in ("Node Type", "Index Name", "Relation Name") if key in plan
    )
    pages = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    yield f"{'  ' * depth}{name}: {plan['Actual Rows']:.0f} rows, {pages:,} pages"
    for part in plan.get("Plans", ()):
        yield from outline(part, depth + 1)
