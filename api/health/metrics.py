"""
What Prometheus scrapes: how far, how fast, how true, and which node does badly.

Every value is read from the books at the time of the scrape, so that any number of web processes
say the same; a registry is made for each answer and holds nothing else.
"""

from __future__ import annotations

import resource
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from api.health.counts import Count
from api.health.keeping import Keeping
from api.health.standing import Endpoint, Standing
from indexer.health import COUNTERS, LATENCY_BOUNDS, STAGE_BOUNDS

COUNTER_WORDS = {
    "blocks": "blocks that were read",
    "events": "events that were written",
    "rewinds": "times that the chain turned",
    "amended": "blocks that a proof put right",
    "doubted": "answers of nodes that did not fit together",
    "backfill_events": "events of the history of registered contracts",
}


class Scrape(Collector):
    """The families of one answer."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        """As the registry wants them."""
        return self._families


def encoded(accept: str, families: Iterable[Metric]) -> tuple[bytes, str]:
    """The families as the scraper likes them, and the content type."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Scrape(families))
    encoder, content_type = choose_encoder(accept)
    return encoder(registry), content_type


def families(
    chains: Sequence[Standing], kept: Keeping, counts: dict[str, Count], events: int
) -> Iterator[Metric]:
    """Everything that is known."""
    yield from _mirrors(chains)
    yield from _work(chains)
    yield from _stages(chains)
    yield from _endpoints(chains)
    yield from _audits(chains)
    yield from _media(kept)
    for name, many in counts.items():
        yield GaugeMetricFamily(
            f"vernissage_{name}", f"{name}; the database's estimate above 50,000", many.many
        )
    yield GaugeMetricFamily("vernissage_events", "newest place in the feed of events", events)
    used = resource.getrusage(resource.RUSAGE_SELF)
    yield CounterMetricFamily(
        "process_cpu_seconds", "of this web process", round(used.ru_utime + used.ru_stime, 3)
    )
    yield GaugeMetricFamily(
        "process_peak_memory_bytes", "of this web process", used.ru_maxrss * 1024
    )


def _media(kept: Keeping) -> Iterator[Metric]:
    """Contents and their copies, by place."""
    contents = GaugeMetricFamily(
        "vernissage_media_contents", "contents that are kept, by how they stand", labels=["state"]
    )
    contents.add_metric(["all"], kept.contents.many)
    contents.add_metric(["at_risk"], kept.at_risk.many)
    contents.add_metric(["lost"], kept.lost.many)
    yield contents
    yield GaugeMetricFamily(
        "vernissage_media_store_writable",
        "whether our own store takes files",
        int(kept.free_bytes is not None),
    )
    yield GaugeMetricFamily(
        "vernissage_media_store_free_bytes",
        "left on the disk of our own store",
        kept.free_bytes or 0,
    )
    for name, words, read in (
        ("copies", "that came back when they were last read", lambda one: one.standing.many),
        ("fallen_copies", "that did not come back", lambda one: one.fallen.many),
        ("silent", "whether the place does not answer", lambda one: int(one.is_silent)),
        ("oldest_read_seconds", "since the copy read longest ago was read", kept.age_at),
    ):
        family = GaugeMetricFamily(f"vernissage_media_{name}", words, labels=["place"])
        for place in kept.places:
            value = read(place)
            if value is not None:
                family.add_metric([place.name], value)
        yield family


def _gauge(
    name: str, words: str, chains: Iterable[tuple[int, float | int | None]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"vernissage_{name}", words, labels=["chain"])
    for chain_id, value in chains:
        if value is not None:
            family.add_metric([str(chain_id)], value)
    return family


def _mirrors(chains: Sequence[Standing]) -> Iterator[Metric]:
    """The cursor of each chain."""
    known = [(one, one.cursor) for one in chains if one.cursor is not None]
    for name, column, words in (
        ("mirror_block", "number", "newest mirrored block"),
        ("mirror_safe_block", "safe_number", "newest mirrored block that is safe"),
        ("mirror_final_block", "final_number", "newest mirrored block that is final"),
        ("mirror_proved_block", "proved_number", "block up to which logs are proven"),
    ):
        yield _gauge(name, words, [(one.chain_id, getattr(row, column)) for one, row in known])
    yield _gauge(
        "mirror_head_block",
        "newest block that a node spoke of",
        [(one.chain_id, one.head_number) for one, _ in known],
    )
    yield _gauge(
        "mirror_lag_blocks",
        "blocks still to be read",
        [(one.chain_id, one.lag_blocks) for one, _ in known],
    )
    yield _gauge(
        "mirror_lag_seconds",
        "age of the newest mirrored block, 0 when it is the head",
        [(one.chain_id, one.lag_seconds) for one, _ in known],
    )
    yield _gauge(
        "mirror_halted",
        "1 when the chain turned below finality and the mirror stands still",
        [(one.chain_id, int(row.halted is not None)) for one, row in known],
    )
    yield _gauge(
        "mirror_loading",
        "1 while the first bulk load runs",
        [(one.chain_id, int(row.is_loading)) for one, row in known],
    )
    yield _gauge(
        "mirror_idle_seconds",
        "since the mirror moved",
        [(one.chain_id, one.idle_seconds) for one, _ in known],
    )
    yield _gauge(
        "mirror_complete",
        "1 when our contracts are read to near the head",
        [(one.chain_id, int(one.is_history_complete)) for one in chains],
    )


def _work(chains: Sequence[Standing]) -> Iterator[Metric]:
    """The indexer's own record, and the contracts that were registered."""
    working = [(one, one.work) for one in chains if one.work is not None]
    yield _gauge(
        "index_active",
        "1 while an indexer is at work",
        [(one.chain_id, int(one.work is not None and one.work.is_active)) for one in chains],
    )
    yield _gauge(
        "index_health_age_seconds",
        "since an indexer wrote its record",
        [(one.chain_id, work.age_seconds) for one, work in working],
    )
    for name in COUNTERS:
        family = CounterMetricFamily(
            f"vernissage_index_{name}",
            f"{COUNTER_WORDS[name]}, since the indexer started",
            labels=["chain"],
        )
        for one, work in working:
            family.add_metric([str(one.chain_id)], work.document.get("counters", {}).get(name, 0))
        yield family
    backfill = GaugeMetricFamily(
        "vernissage_backfill_share",
        "part of a registered contract's history that is read",
        labels=["chain", "contract"],
    )
    for one in chains:
        for contract in one.contracts:
            if contract.refused is None:
                backfill.add_metric([str(one.chain_id), str(contract.contract)], contract.share)
    yield backfill


def _stages(chains: Sequence[Standing]) -> Iterator[Metric]:
    """How long things take, as histograms."""
    stages = HistogramMetricFamily(
        "vernissage_index_stage_seconds", "runs of a stage", labels=["chain", "stage"]
    )
    latency = HistogramMetricFamily(
        "vernissage_index_head_latency_seconds",
        "from the header of a head to its commit",
        labels=["chain"],
    )
    for one in chains:
        document = one.work.document if one.work is not None else {}
        for name, told in document.get("stages", {}).items():
            _add(stages, [str(one.chain_id), name], told, STAGE_BOUNDS)
        if "latency" in document:
            _add(latency, [str(one.chain_id)], document["latency"], LATENCY_BOUNDS)
    yield stages
    yield latency


def _add(
    family: HistogramMetricFamily, labels: list[str], told: dict[str, Any], bounds: Sequence[float]
) -> None:
    """Buckets are kept apart and told added up; another version's buckets are left out."""
    kept = told.get("buckets", [])
    if len(kept) != len(bounds) + 1:
        return
    buckets, sum_so_far = [], 0
    for bound, many in zip([*map(float, bounds), "+Inf"], kept, strict=True):
        sum_so_far += many
        buckets.append((str(bound), sum_so_far))
    family.add_metric(labels, buckets=buckets, sum_value=told.get("seconds", 0.0))


def _endpoints(chains: Sequence[Standing]) -> Iterator[Metric]:
    labels = ["chain", "endpoint"]
    gauges = {
        "up": (GaugeMetricFamily("vernissage_endpoint_up", "1: is asked", labels=labels)),
        "height": GaugeMetricFamily("vernissage_endpoint_height", "newest block", labels=labels),
        "latency": GaugeMetricFamily(
            "vernissage_endpoint_latency_seconds", "of its answers lately", labels=labels
        ),
    }
    counters = {
        name: CounterMetricFamily(f"vernissage_endpoint_{name}", words, labels=labels)
        for name, words in {
            "requests": "requests",
            "failures": "requests that failed",
            "rate_limited": "times that it asked us to wait",
            "lies": "answers that were proven wrong",
            "doubts": "answers that did not fit together",
        }.items()
    }
    for one in chains:
        for name, endpoint in named(one.work.endpoints if one.work is not None else ()):
            at = [str(one.chain_id), name]
            gauges["up"].add_metric(at, int(endpoint.is_up))
            if endpoint.height is not None:
                gauges["height"].add_metric(at, endpoint.height)
            if endpoint.latency_ms is not None:
                gauges["latency"].add_metric(at, endpoint.latency_ms / 1000)
            for counter, family in counters.items():
                family.add_metric(at, getattr(endpoint, counter))
    yield from gauges.values()
    yield from counters.values()


def named(endpoints: Iterable[Endpoint]) -> Iterator[tuple[str, Endpoint]]:
    """Each under a name of its own: two accounts at one host are `host` and `host#2`."""
    seen: dict[str, int] = {}
    for endpoint in endpoints:
        seen[endpoint.name] = seen.get(endpoint.name, 0) + 1
        number = seen[endpoint.name]
        yield (endpoint.name if number == 1 else f"{endpoint.name}#{number}"), endpoint


def _audits(chains: Sequence[Standing]) -> Iterator[Metric]:
    done = [(one.chain_id, one.audit) for one in chains if one.audit is not None]
    for name, words, values in (
        ("age_seconds", "since mirror and chain were compared", [a.age_seconds for _, a in done]),
        ("differences", "found by the newest audit", [a.difference_count for _, a in done]),
        (
            "contradictions",
            "of contracts of others with their own proven events",
            [a.compared.get("contradictions", 0) for _, a in done],
        ),
        ("block", "that the newest audit stands on", [a.block_number for _, a in done]),
    ):
        ids = [chain_id for chain_id, _ in done]
        yield _gauge(f"audit_{name}", words, zip(ids, values, strict=True))
