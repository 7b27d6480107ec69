"""
What questions cost as the mirror grows, and what a transfer and a work weigh on disk.

Mirrors of 10^4 to 10^7 transfers (a fifth as many works, a thousand open listings) are made by
`growth_rows`, each in a database of its own on a server of this run. Questions are the API's own
statements under EXPLAIN (ANALYZE, BUFFERS) with a warm cache, each with several seeded works or
owners: the median counts. Writes run whole and are rolled back.

    python -m tests.bench.growth                # a table; with JSON=1 the last line is one object
    SIZES=10000,100000 PLANS=1 python -m tests.bench.growth     # smaller; plans of the largest
    AFTER="drop index chain_tokens_newest" …    # statements before a mirror is filled: variants
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, create_engine, text

from api.migrations.run import upgrade
from nft.database import libpq_url, sqlalchemy_url
from tests.bench import growth_questions as questions
from tests.bench import growth_rows as rows
from tests.bench.growth_writes import WRITES
from tests.support.servers import Databases, running_postgres, server_url

SIZES = tuple(
    int(size) for size in os.environ.get("SIZES", "10000,100000,1000000,10000000").split(",")
)
RUNS = 9
LARGE_SERVER = {
    "shared_buffers": "1GB",
    "max_wal_size": "4GB",
    "maintenance_work_mem": "512MB",
    "autovacuum": "off",
}
"""What a server of this size is given; vacuum runs when the mirror is filled and not meanwhile."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question cost, as the median of several."""

    milliseconds: float
    pages: int
    plan: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Size:
    """What a relation weighs."""

    bytes: int
    rows: int


def explain(connection: Connection, question: questions.Question) -> Answer:
    """Ask with several arguments, once for nothing and then for the record."""
    found = []
    for argument in range(RUNS):
        query = question.select(argument)
        for _ in range(2):
            with connection.begin():
                answer = connection.execute(questions.Explain(query)).scalar_one()
        plan = cast("dict[str, Any]", answer[0])
        pages = plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
        found.append(Answer(plan["Execution Time"] + plan["Planning Time"], pages, plan))
    return sorted(found, key=lambda one: one.milliseconds)[RUNS // 2]


def timed(connection: Connection, write: Callable[[Connection, int], int]) -> float:
    """Milliseconds of a write that is then undone; the median."""
    found = []
    for argument in range(5):
        transaction = connection.begin()
        started = time.perf_counter()
        write(connection, argument)
        found.append(1000 * (time.perf_counter() - started))
        transaction.rollback()
    return median(found)


def sizes(connection: Connection) -> dict[str, Size]:
    """Of the large tables and each of their indexes."""
    with connection.begin():
        found = connection.execute(
            text(
                "select relname, pg_relation_size(oid), reltuples::bigint from pg_class "
                "where relname ~ '^chain_(transfers|tokens)' and relkind in ('r', 'i') "
                "order by relname"
            )
        )
        return {name: Size(size, count) for name, size, count in found}


@contextmanager
def _filled(databases: Databases, transfers: int) -> Iterator[tuple[Connection, float]]:
    """A database with that many transfers, and how many were written a second."""
    url = databases.make()
    upgrade(url)
    history = rows.History.of(transfers)
    with psycopg.connect(libpq_url(url), autocommit=True) as driver:
        for statement in filter(None, os.environ.get("AFTER", "").split(";")):
            driver.execute(statement.encode())
        started = time.perf_counter()
        rows.fill(driver, history)
        rate = transfers / (time.perf_counter() - started)
        for statement in questions.BOOK:
            driver.execute(statement.encode())
        driver.execute("vacuum (freeze, analyze)")
    engine = create_engine(sqlalchemy_url(url))
    with engine.connect() as connection:
        yield connection, rate
    engine.dispose()
    databases.drop(url)


def measure(databases: Databases, transfers: int) -> dict[str, Any]:
    """Everything at one size."""
    history = rows.History.of(transfers)
    with _filled(databases, transfers) as (connection, rate):
        answers = {
            one.name: explain(connection, one) for one in questions.questions(connection, history)
        }
        weight = sizes(connection)
        writes = {name: timed(connection, write(history)) for name, write in WRITES.items()}
    return {"filled": rate, "answers": answers, "writes": writes, "sizes": weight}


def _table(found: dict[int, dict[str, Any]]) -> Iterator[str]:
    yield f"{'milliseconds (pages)':<42}" + "".join(f"{size:>18,}" for size in found)
    first = next(iter(found.values()))
    for name in first["answers"]:
        cells = [one["answers"][name] for one in found.values()]
        shown = "".join(f"{f'{cell.milliseconds:.2f} ({cell.pages:,})':>18}" for cell in cells)
        yield f"{name:<42}{shown}"
    for name in first["writes"]:
        shown = "".join(f"{one['writes'][name]:>18.1f}" for one in found.values())
        yield f"{name:<42}{shown}"
    yield f"{'rows filled a second':<42}" + "".join(
        f"{one['filled']:>18,.0f}" for one in found.values()
    )
    for name in first["sizes"]:
        of = "chain_transfers" if name.startswith("chain_transfers") else "chain_tokens"
        cells = [one["sizes"] for one in found.values()]
        shown = "".join(
            f"{f'{cell[name].bytes / 2**20:,.1f} MB {cell[name].bytes / cell[of].rows:.0f} B':>18}"
            for cell in cells
        )
        yield f"{name:<42}{shown}"


def _json(found: dict[int, dict[str, Any]]) -> dict[str, Any]:
    return {
        str(size): {
            "rows_filled_per_second": round(one["filled"]),
            "answers_ms": {n: round(a.milliseconds, 3) for n, a in one["answers"].items()},
            "answers_pages": {n: a.pages for n, a in one["answers"].items()},
            "writes_ms": {n: round(ms, 2) for n, ms in one["writes"].items()},
            "bytes": {n: s.bytes for n, s in one["sizes"].items()},
        }
        for size, one in found.items()
    }


def main() -> int:
    """Measure every size and print."""
    found: dict[int, dict[str, Any]] = {}
    with running_postgres(LARGE_SERVER) as server:
        databases = Databases(server_url(server))
        for size in SIZES:
            found[size] = measure(databases, size)
            print(f"{size:,} transfers measured", file=sys.stderr)
    print("\n".join(_table(found)))
    if os.environ.get("PLANS") == "1":
        for name, answer in found[SIZES[-1]]["answers"].items():
            print(f"\n{name}\n" + "\n".join(questions.outline(answer.plan["Plan"])))
    if os.environ.get("JSON") == "1":
        print(json.dumps(_json(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
