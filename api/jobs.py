"""
The worker: every job of the exchange as a procrastinate task, and the periodic ones.

Jobs run at least once: each body may be killed anywhere and run again. None has a queueing lock,
because a lock and a retry together can leave a job "doing" for ever; jobs of a worker that died
come back by `rescue`. Bodies of `media` are synchronous and run in threads.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from anyio import to_thread
from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.jobs import Job as QueuedJob
from procrastinate.jobs import Status
from sqlalchemy.exc import OperationalError

from api import idempotency
from api.certificates import papers
from api.certificates.auditing import audit_if_due
from api.certificates.hopping import draw_hops
from api.certificates.waiting import issuing_round
from api.forms import bundling
from api.health.audits import audit_what_is_due
from api.intents import abandon
from api.key_site import KeySite
from api.mints import preparation, tidying
from api.parts import Parts
from api.queue import PREPARE_MINT, enqueue, make_app
from api.standing import bindings
from media import auditing, checking, keeping, ledger, places, sweeping
from media.auditing import AuditPlan
from media.jobs import (
    AUDIT,
    AUDIT_QUEUE,
    CHECK_UPLOAD,
    FIRST_QUEUE,
    LATER,
    PIN,
    UNPIN,
    Job,
    queue_of,
)
from media.lookups import Looker, sweep
from media.pinning import PlaceSilent, wait_after
from media.work import MediaParts
from nft.database import libpq_url
from nft.errors import Unreachable

__all__ = ["Worker", "make_app", "make_worker_app", "run_worker"]

log = structlog.get_logger()

CONCURRENCY = 4
STALLED_AFTER = timedelta(seconds=10)
"""Without a heartbeat for this long a worker is dead; it beats every two seconds."""
OF_A_PLACE = 2
"""Contents that are brought to one place at once."""
KEEP_JOBS = timedelta(days=7)
MAX_ATTEMPTS = 12


class Again(BaseRetryStrategy):
    """
    Try again what did not answer, later and later; anything else is our bug and is kept.

    The database itself is among what may not answer: a job that it was taken from goes on.
    """

    def get_retry_decision(
        self, *, exception: BaseException, job: QueuedJob
    ) -> RetryDecision | None:
        """When to try again, if at all."""
        went_away = isinstance(exception, Unreachable | OperationalError)
        if not went_away or job.attempts >= MAX_ATTEMPTS:
            return None
        seconds = wait_after(job.attempts + 1).total_seconds()
        told = exception.retry_after_seconds if isinstance(exception, PlaceSilent) else 0
        return RetryDecision(retry_in={"seconds": max(int(seconds), told)})


@dataclass(frozen=True, slots=True)
class Worker:
    """What the jobs work with."""

    parts: Parts
    media: MediaParts
    looker: Looker | None = None
    """Who looks at what the works of others are described by; None: nobody."""
    audits: AuditPlan = field(default_factory=AuditPlan)
    """How often every copy is read again."""
    anchor_sites: Mapping[int, KeySite] = field(default_factory=dict)
    """Who writes roots by itself, by chain: the demo's key on the local one, nobody elsewhere."""

    async def check_upload(self, upload_id: str) -> None:
        """Look at a received file."""
        await self._in_thread(partial(checking.check_upload, self.media, upload_id))

    async def pin(self, cid: str, store: str) -> None:
        """Keep a content in a place; whatever waited for it may then be signed."""
        await self._in_thread(partial(keeping.pin, self.media, cid, store))
        async with self.parts.sessions() as session:
            waiting = await preparation.waiting_for(session, cid)
        for intent_id in waiting:
            await self.prepare_mint(intent_id)

    async def unpin(self, cid: str, store: str) -> None:
        """Have a place let go of a content."""
        await self._in_thread(partial(keeping.unpin, self.media, cid, store))

    async def audit_place(self, store: str) -> None:
        """Read again what is kept in a place, the oldest readings first."""
        if store in self.media.pinners:
            body = partial(auditing.audit, self.media, store, self.audits)
            await self._in_thread(body)

    async def audit_places(self) -> None:
        """Have every place audited, each by a job of its own; and follow what is configured."""
        stores, now = list(self.media.pinners), self.parts.clock()
        replicas = self.parts.replicas or len(stores)
        async with self.parts.sessions.begin() as session:
            await session.run_sync(lambda sync: places.forget_others(sync, stores))
            await session.run_sync(lambda sync: ledger.retire(sync, stores=stores, now=now))
            extend = partial(ledger.extend, stores=stores, replicas=replicas, now=now)
            jobs = await session.run_sync(extend)
            if self.audits.days:
                jobs += [Job(AUDIT, {"store": store}, priority=LATER) for store in stores]
            await enqueue(session, self.parts.jobs, jobs)

    async def prepare_mint(self, intent_id: str) -> None:
        """Hand out a mint's steps once everything is kept."""
        async with self.parts.sessions.begin() as session:
            await preparation.prepare(session, self.parts, intent_id, now=self.parts.clock())

    async def minutely(self) -> None:
        """What a crash or an outage left: pins, mints without steps, contents without a need."""
        now = self.parts.clock()
        await self._in_thread(partial(sweeping.shelve, self.media))
        async with self.parts.sessions.begin() as session:
            left = partial(ledger.unfinished, now=now)
            jobs = await session.run_sync(left)
            mints = await preparation.unprepared(session, now=now)
            jobs += [Job(PREPARE_MINT, {"intent_id": intent_id}) for intent_id in mints]
            await enqueue(session, self.parts.jobs, jobs)
        async with self.parts.sessions.begin() as session:
            await tidying.keep_what_was_minted(session, self.parts, now=now)
            await tidying.keep_what_was_minted_after_all(session, self.parts, now=now)
            await tidying.tidy_lazy_mints(session, self.parts, now=now)
            await abandon.sweep(session, self.parts, now=now)
            await idempotency.sweep(session, now=now)

    async def look_at_metadata(self) -> None:
        """Look at the documents of others' works that are due."""
        if self.looker is not None:
            await self._in_thread(partial(sweep, self.looker))

    async def sweep_media(self) -> None:
        """End uploads whose time is over."""
        await self._in_thread(partial(sweeping.sweep, self.media))

    async def issue_certificates(self) -> None:
        """Issue what became safe, and try again what lacked something."""
        await issuing_round(self.parts)

    async def keep_bundles(self) -> None:
        """Draw the evidence of what was certified, and pin it beside the art."""
        await bundling.bundles_round(self.parts, self.media.private)

    async def draw_hops(self) -> None:
        """Keep what links the certificates of today to blocks of years to come."""
        await draw_hops(self.parts)

    async def keep_papers(self) -> None:
        """Checkpoints, the trees of days, and the proof of what was anchored."""
        await papers.keep(self.parts, self.anchor_sites)

    async def audit_certificates(self) -> None:
        """Verify every certificate again, once a day."""
        await audit_if_due(self.parts)

    async def audit(self) -> None:
        """Compare with its chain whatever mirror was not compared for long enough."""
        engine = self.media.engine
        await to_thread.run_sync(audit_what_is_due, engine, self.parts, self.parts.audits)

    async def read_domains(self) -> None:
        """Ask again the domains that speak for accounts, each once a day."""
        await bindings.read_again(self.parts, self.parts.clock())

    async def _in_thread(self, body: Callable[..., Any]) -> None:
        await to_thread.run_sync(lambda: body(now=self.parts.clock()))


def make_worker_app(database_url: str, worker: Worker) -> App:
    """The queue as the worker uses it: every task with its body."""
    app = App(
        connector=PsycopgConnector(
            conninfo=libpq_url(database_url),
            min_size=2,
            max_size=8 + 2 * len(worker.media.pinners),
        ),
        periodic_defaults={"max_delay": 600},
    )
    bodies: dict[str, Callable[..., Awaitable[None]]] = {
        CHECK_UPLOAD: worker.check_upload,
        PIN: worker.pin,
        UNPIN: worker.unpin,
        AUDIT: worker.audit_place,
        PREPARE_MINT: worker.prepare_mint,
    }
    for name, body in bodies.items():
        app.task(name=name, retry=Again())(_awaiting(body))
    _add_periodic(app, worker)
    _add_certificates(app, worker)
    return app


def _awaiting(body: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """A plain function around a bound method, as the task registry wants it."""

    async def run(**arguments: str) -> None:
        await body(**arguments)

    return run


def _add_periodic(app: App, worker: Worker) -> None:
    @app.periodic(cron="* * * * *")
    @app.task(name="house.minutely")
    async def minutely(timestamp: int) -> None:
        await worker.minutely()

    @app.periodic(cron="* * * * * */30")
    @app.task(name="media.look_at_metadata")
    async def look_at_metadata(timestamp: int) -> None:
        await worker.look_at_metadata()

    @app.periodic(cron="*/10 * * * *")
    @app.task(name="house.sweep_media")
    async def sweep_media(timestamp: int) -> None:
        await worker.sweep_media()

    @app.periodic(cron="*/10 * * * *")
    @app.task(name="house.audit_places")
    async def audit_places(timestamp: int) -> None:
        await worker.audit_places()

    @app.periodic(cron="* * * * * */15")
    @app.task(name="house.audit")
    async def audit(timestamp: int) -> None:
        await worker.audit()

    @app.periodic(cron="* * * * * */5")
    @app.task(name="house.rescue", pass_context=True)
    async def rescue(context: JobContext, timestamp: int) -> None:
        await rescue_stalled(app)

    @app.periodic(cron="17 4 * * *")
    @app.task(name="house.forget_jobs", pass_context=True)
    async def forget_jobs(context: JobContext, timestamp: int) -> None:
        hours = int(KEEP_JOBS.total_seconds() // 3_600)
        await app.job_manager.delete_old_jobs(nb_hours=hours, include_failed=True)


def _add_certificates(app: App, worker: Worker) -> None:
    @app.periodic(cron="*/10 * * * *")
    @app.task(name="house.read_domains")
    async def read_domains(timestamp: int) -> None:
        await worker.read_domains()

    @app.periodic(cron="* * * * * */5")
    @app.task(name="house.issue_certificates")
    async def issue_certificates(timestamp: int) -> None:
        await worker.issue_certificates()

    @app.periodic(cron="* * * * * */30")
    @app.task(name="house.draw_hops")
    async def draw_hops_of_chains(timestamp: int) -> None:
        await worker.draw_hops()

    @app.periodic(cron="*/10 * * * *")
    @app.task(name="house.audit_certificates")
    async def audit_certificates(timestamp: int) -> None:
        await worker.audit_certificates()

    @app.periodic(cron="* * * * * */20")
    @app.task(name="house.keep_papers")
    async def keep_papers(timestamp: int) -> None:
        await worker.keep_papers()

    @app.periodic(cron="* * * * * */30")
    @app.task(name="house.keep_bundles")
    async def keep_bundles(timestamp: int) -> None:
        await worker.keep_bundles()


async def rescue_stalled(app: App) -> int:
    """Queue again what a worker that no longer breathes was doing; returns how many."""
    stalled = await app.job_manager.get_stalled_jobs(
        seconds_since_heartbeat=STALLED_AFTER.total_seconds()
    )
    count = 0
    for job in stalled:
        if job.status == Status.DOING.value:
            log.warning("job of a dead worker queued again", task=job.task_name, job=job.id)
            await app.job_manager.retry_job(job)
            count += 1
    return count


async def run_worker(database_url: str, worker: Worker, *, wait: bool = True) -> None:
    """
    Work until told to stop by SIGTERM or SIGINT; with `wait=False`, until nothing is left to do.

    Each place has a queue and workers of its own, and so have audits: a place that is down or slow
    delays nothing but itself. `worker.parts.jobs` only ever writes jobs, and needs not be open for
    that.
    """
    app = make_worker_app(database_url, worker)
    async with app.open_async():
        await rescue_stalled(app)
        if not wait:
            await _work(app, queue=None, concurrency=CONCURRENCY, wait=False)
            return
        crews = {FIRST_QUEUE: CONCURRENCY, AUDIT_QUEUE: len(worker.media.pinners)}
        crews |= {queue_of(store): OF_A_PLACE for store in worker.media.pinners}
        tasks = [
            asyncio.create_task(_work(app, queue=queue, concurrency=many, wait=True))
            for queue, many in crews.items()
        ]
        with _ended_by_signals(tasks):
            await asyncio.gather(*tasks, return_exceptions=True)
    for task in tasks:
        if not task.cancelled() and task.exception() is not None:
            raise task.exception() or RuntimeError


@contextmanager
def _ended_by_signals(tasks: Sequence[asyncio.Task[None]]) -> Iterator[None]:
    """
    SIGTERM, SIGINT, or the end of one of them ends all: each then finishes what it does.

    Each is cancelled once: a second time, as when the first crew is done, would take a crew away
    from jobs that it waits for, and their threads would work on after the worker's end.
    """
    loop = asyncio.get_running_loop()
    still_going = list(tasks)

    def end(*_: object) -> None:
        while still_going:
            still_going.pop().cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    for task in tasks:
        task.add_done_callback(end)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


async def _work(app: App, *, queue: str | None, concurrency: int, wait: bool) -> None:
    """One crew; without a queue, of all of them."""
    await app.run_worker_async(
        queues=None if queue is None else [queue],  # type: ignore[arg-type]  # None: all
        wait=wait,
        concurrency=concurrency,
        fetch_job_polling_interval=1.0,
        update_heartbeat_interval=2,
        stalled_worker_timeout=STALLED_AFTER.total_seconds(),
        shutdown_graceful_timeout=6,
        delete_jobs="successful",
        install_signal_handlers=False,
    )
