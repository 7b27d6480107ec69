"""
Putting jobs into the queue, within the transaction that causes them.
"""

from __future__ import annotations

from collections.abc import Iterable

from procrastinate import App, PsycopgConnector
from sqlalchemy.ext.asyncio import AsyncSession

from media.jobs import Job
from nft.database import libpq_url

PREPARE_MINT = "mints.prepare"


def make_app(database_url: str) -> App:
    """The queue as the web process uses it: it only ever writes jobs, never runs them."""
    return App(connector=PsycopgConnector(conninfo=libpq_url(database_url), min_size=1, max_size=4))


async def enqueue(session: AsyncSession, app: App, jobs: Iterable[Job]) -> None:
    """Have jobs done once this session commits; rolled back, they never were."""
    wanted = list(jobs)
    if not wanted:
        return
    raw = await (await session.connection()).get_raw_connection()
    for job in wanted:
        task = app.configure_task(
            name=job.name,
            connection=raw.driver_connection,
            queue=job.queue,
            priority=job.priority,
        )
        await task.defer_async(**job.args)
