"""
Jobs are there exactly when their cause is, and come back when a worker dies over them.
"""

import pytest

from api.jobs import make_worker_app, rescue_stalled
from api.queue import enqueue
from media.jobs import Job
from tests.media.pictures import png
from tests.support.studio import Studio

pytestmark = pytest.mark.chain


class TestEnqueue:
    async def test_rolls_back_with_its_cause(self, studio: Studio):
        async with studio.parts.sessions() as session:
            await enqueue(session, studio.parts.jobs, [Job("media.unpin", {"cid": "c"})])
            await session.rollback()

        assert studio.rows("SELECT count(*) FROM procrastinate_jobs") == [(0,)]

    async def test_is_there_with_its_cause(self, studio: Studio):
        async with studio.parts.sessions.begin() as session:
            await enqueue(session, studio.parts.jobs, [Job("media.unpin", {"cid": "c"})])

        found = studio.rows("SELECT task_name, args->>'cid', status::text FROM procrastinate_jobs")
        assert found == [("media.unpin", "c", "todo")]


class TestDeadWorker:
    async def test_gives_back_what_it_was_doing(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        data = png(40, 30)
        place = (await studio.begin_upload(auth, len(data))).headers["Location"]
        await studio.send_bytes(auth, place, data)
        studio.lose_worker()

        await studio.work()

        found = (await studio.client.get(place, headers=auth)).json()
        assert found["state"] == "ready"

    async def test_leaves_alone_what_a_living_one_does(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        data = png(40, 30)
        place = (await studio.begin_upload(auth, len(data))).headers["Location"]
        await studio.send_bytes(auth, place, data)
        with studio.media_engine.begin() as connection:
            connection.exec_driver_sql(
                "WITH alive AS (INSERT INTO procrastinate_workers (last_heartbeat) "
                "VALUES (now()) RETURNING id) "
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = alive.id FROM alive"
            )
        app = make_worker_app(studio.database_url, studio.worker)

        async with app.open_async():
            count = await rescue_stalled(app)

        assert count == 0
        assert studio.rows("SELECT DISTINCT status::text FROM procrastinate_jobs") == [("doing",)]
