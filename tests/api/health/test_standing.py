"""
How fresh and how true the mirror is: to balancers, to Prometheus, to programs and to people.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import create_engine, text

from indexer.health import Health
from nft.types import Address
from tests.support.exchange import CHAIN_ID, Exchange
from tests.support.people import FOREIGN, STRANGER

pytestmark = pytest.mark.chain

KEY = "s3cret"


def write(exchange: Exchange, statement: str, **values: Any) -> None:
    """Into the books, as the indexer and the worker do."""
    engine = create_engine(exchange.database_url)
    with engine.begin() as connection:
        connection.execute(text(statement), values)
    engine.dispose()


def publish(exchange: Exchange, health: Health) -> None:
    engine = create_engine(exchange.database_url)
    with engine.connect() as connection:
        health.publish(connection, CHAIN_ID)
    engine.dispose()


def audited(exchange: Exchange, *, minutes_ago: int, differences: list[dict[str, str]]) -> None:
    finished = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    write(
        exchange,
        "insert into index_audits (chain_id, block_number, block_hash, how, compared, "
        "difference_count, differences, started_at, finished_at) values (31337, 7, :hash, "
        "'sample', '{\"tokens\": 500}', :count, cast(:differences as jsonb), :at, :at)",
        hash=bytes(32),
        count=len(differences),
        differences=json.dumps(differences),
        at=finished,
    )


def register(exchange: Exchange, contract: Address, *, read_to: int | None, is_over: bool) -> None:
    write(
        exchange,
        "insert into index_contracts (chain_id, contract, first_block, joined_block, read_to, "
        "completed_at) values (31337, :contract, 1, 100, :read_to, :over)",
        contract=bytes(contract),
        read_to=read_to,
        over=datetime.now(UTC) if is_over else None,
    )


async def samples(exchange: Exchange) -> dict[tuple[str, ...], float]:
    """Every sample of `/metrics`, by its name and the values of its labels."""
    found = await exchange.client.get("/metrics")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(found.text)
        for sample in family.samples
    }


NODE = {
    "name": f"https://node.example/v3/{KEY}",
    "state": "healthy",
    "height": 12,
    "lag_blocks": 1,
    "latency_ms": 12.5,
    "requests": 7,
    "failures": 2,
    "rate_limited": 1,
    "lies": 1,
    "doubts": 0,
    "last_error": f"https://node.example/v3/{KEY}: timed out",
}


class TestReady:
    async def test_tells_of_each_chain(self, exchange: Exchange):
        exchange.catch_up()

        found = await exchange.get("/ready")

        (chain,) = found["chains"]
        assert found["ready"] is True
        assert (chain["history_complete"], chain["lag_blocks"], chain["lag_seconds"]) == (
            True,
            0,
            0,
        )

    async def test_waits_for_the_first_load(self, exchange: Exchange):
        exchange.catch_up()
        write(exchange, "update chain_cursors set is_loading = true")

        answer = await exchange.client.get("/ready")

        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.json()["chains"][0]["loading"] is True

    async def test_waits_for_a_mirror_far_behind(self, exchange: Exchange):
        exchange.catch_up()
        write(exchange, "update chain_cursors set head_number = number + 17")

        answer = await exchange.client.get("/ready")

        assert answer.status_code == 503
        assert answer.json()["chains"][0]["lag_blocks"] == 17

    async def test_does_not_mind_a_few_blocks(self, exchange: Exchange):
        exchange.catch_up()
        write(exchange, "update chain_cursors set head_number = number + 2")

        answer = await exchange.client.get("/ready")

        assert answer.status_code == 200
        assert answer.json()["chains"][0]["lag_seconds"] > 0

    async def test_tells_contracts_of_others_and_does_not_wait_for_them(self, exchange: Exchange):
        exchange.catch_up()
        register(exchange, FOREIGN, read_to=50, is_over=False)

        answer = await exchange.client.get("/ready")

        assert answer.status_code == 200
        assert answer.json()["chains"][0]["registered_contracts_backfilling"] == 1


class TestStatus:
    async def test_has_no_indexer_and_no_audit_at_first(self, exchange: Exchange):
        exchange.catch_up()

        (chain,) = (await exchange.get("/status"))["chains"]

        assert (chain["indexer"], chain["audit"], chain["endpoints"]) == (None, None, [])
        assert chain["proved_number"] is None
        assert chain["loading"] is False

    async def test_tells_of_the_indexer_at_work(self, exchange: Exchange):
        exchange.catch_up()
        health = Health()
        health.count("rewinds")
        publish(exchange, health)

        (chain,) = (await exchange.get("/status"))["chains"]

        assert chain["indexer"]["active"] is True
        assert chain["indexer"]["instance"] == health.instance
        assert chain["indexer"]["counters"]["rewinds"] == 1

    async def test_tells_of_one_that_went_silent(self, exchange: Exchange):
        exchange.catch_up()
        publish(exchange, Health())
        write(exchange, "update index_health set updated_at = now() - interval '1 minute'")

        (chain,) = (await exchange.get("/status"))["chains"]

        assert chain["indexer"]["active"] is False
        assert chain["indexer"]["seconds_since_written"] >= 60

    async def test_hears_of_a_head_before_it_is_mirrored(self, exchange: Exchange):
        exchange.catch_up()
        health, head = Health(), exchange.chain.head().number
        health.head_seen(head + 3)
        publish(exchange, health)

        (chain,) = (await exchange.get("/status"))["chains"]

        assert (chain["head_number"], chain["lag_blocks"]) == (str(head + 3), 3)

    async def test_never_shows_more_of_a_node_than_its_host(self, exchange: Exchange):
        exchange.catch_up()
        publish(exchange, Health(endpoints=lambda: [NODE]))

        status = (await exchange.client.get("/status")).text
        page = (await exchange.client.get("/status", headers={"Accept": "text/html"})).text
        metrics = (await exchange.client.get("/metrics")).text

        assert KEY not in status + page + metrics
        (node,) = json.loads(status)["chains"][0]["endpoints"]
        assert (node["name"], node["last_error"]) == ("node.example", "node.example timed out")

    async def test_tells_the_newest_audit(self, exchange: Exchange):
        exchange.catch_up()
        difference = {"contract": str(FOREIGN), "what": "owner", "mirror": "a", "chain": "b"}
        audited(exchange, minutes_ago=20, differences=[])
        audited(exchange, minutes_ago=3, differences=[difference])

        audit = (await exchange.get("/status"))["chains"][0]["audit"]

        assert audit["difference_count"] == 1
        assert audit["differences"] == [difference]
        assert 180 <= audit["age_seconds"] < 240

    async def test_lists_registered_contracts(self, exchange: Exchange):
        exchange.catch_up()
        register(exchange, FOREIGN, read_to=100, is_over=True)
        register(exchange, STRANGER, read_to=50, is_over=False)

        found = (await exchange.get("/status"))["chains"][0]["registered_contracts"]

        assert [(one["contract"], one["read_to"], one["complete"]) for one in found] == [
            (str(STRANGER), "50", False),
            (str(FOREIGN), "100", True),
        ]


class TestPage:
    async def test_is_for_who_asks_for_html(self, exchange: Exchange):
        exchange.catch_up()
        publish(exchange, Health())
        audited(exchange, minutes_ago=3, differences=[])

        page = await exchange.client.get("/status", headers={"Accept": "text/html"})

        head = exchange.chain.head().number
        assert page.headers["content-type"].startswith("text/html")
        assert f"The mirror stands at block {head:,}, the newest there is." in page.text
        assert "Compared with the chain 3 minutes ago: no difference." in page.text

    async def test_says_not_that_nothing_differs_where_nothing_was_compared(
        self, exchange: Exchange
    ):
        exchange.catch_up()
        audited(exchange, minutes_ago=3, differences=[])
        write(exchange, "update index_audits set compared = '{\"tokens\": 0}'")

        page = await exchange.client.get("/status", headers={"Accept": "text/html"})

        assert "It has not been compared with the chain yet." in page.text
        assert "no difference" not in page.text

    async def test_leads_a_reader_to_the_numbers(self, exchange: Exchange):
        page = await exchange.client.get("/status?format=json", headers={"Accept": "text/html"})

        assert page.headers["content-type"] == "application/json"

    async def test_says_that_nobody_is_at_work(self, exchange: Exchange):
        exchange.catch_up()

        page = await exchange.client.get("/status", headers={"Accept": "text/html"})

        assert "Nobody reads the chain at this moment." in page.text


class TestMetrics:
    async def test_are_as_prometheus_reads_them(self, exchange: Exchange):
        exchange.catch_up()

        found = await samples(exchange)

        head = exchange.chain.head().number
        assert found["vernissage_mirror_block", "31337"] == head
        assert found["vernissage_mirror_lag_blocks", "31337"] == 0
        assert found["vernissage_mirror_complete", "31337"] == 1
        assert found["vernissage_index_active", "31337"] == 0

    async def test_count_stages_as_histograms(self, exchange: Exchange):
        exchange.catch_up()
        health = Health(clock=iter([0.0, 0.004, 1.0, 1.2, 9.0]).__next__)
        for _ in range(2):
            with health.stage("commit"):
                pass
        publish(exchange, health)

        found = await samples(exchange)

        name = "vernissage_index_stage_seconds"
        assert found[f"{name}_count", "31337", "commit"] == 2
        assert found[f"{name}_sum", "31337", "commit"] == pytest.approx(0.204)
        assert found[f"{name}_bucket", "31337", "0.005", "commit"] == 1

    async def test_name_each_node(self, exchange: Exchange):
        exchange.catch_up()
        publish(exchange, Health(endpoints=lambda: [NODE, {**NODE, "state": "quarantined"}]))

        found = await samples(exchange)

        assert found["vernissage_endpoint_up", "31337", "node.example"] == 1
        assert found["vernissage_endpoint_up", "31337", "node.example#2"] == 0
        assert found["vernissage_endpoint_lies_total", "31337", "node.example"] == 1
        assert found["vernissage_endpoint_latency_seconds", "31337", "node.example"] == 0.0125

    async def test_tell_audits_and_backfills(self, exchange: Exchange):
        exchange.catch_up()
        audited(exchange, minutes_ago=3, differences=[])
        register(exchange, FOREIGN, read_to=50, is_over=False)

        found = await samples(exchange)

        assert found["vernissage_audit_differences", "31337"] == 0
        assert found["vernissage_audit_age_seconds", "31337"] >= 180
        assert found["vernissage_backfill_share", "31337", str(FOREIGN)] == 0.5

    async def test_keep_the_names_they_had(self, exchange: Exchange):
        exchange.mint(exchange.person("artist"), 1)
        exchange.catch_up()

        found = await samples(exchange)

        assert found["vernissage_works",] >= 1
        assert found["vernissage_sales",] >= 0
        assert found["vernissage_orders",] == 0
        assert found["vernissage_events",] >= 0
        assert found["process_cpu_seconds_total",] > 0
