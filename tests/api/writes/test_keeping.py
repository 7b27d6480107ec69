"""
Where works are kept, told to everybody; and jobs of a place that delay no other place.
"""

import asyncio
import signal
import threading
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from api.events import sequencer
from api.jobs import Worker, run_worker
from api.queue import enqueue
from media import auditing
from media.auditing import EVERYTHING
from media.jobs import LATER, PIN, Job
from nft.content.cid import Cid
from tests.media.pictures import png
from tests.support.exchange import CHAIN_ID
from tests.support.studio import Studio, step_of

pytestmark = pytest.mark.chain

PICTURE = png(120, 80)


async def minted(studio: Studio) -> dict[str, Any]:
    """A work on the chain, as the API tells of it."""
    artist = studio.person("artist")
    auth = await studio.sign_in(artist)
    intent = await studio.mint_through(artist, auth, PICTURE)
    studio.send_step(artist, step_of(intent))
    studio.catch_up()
    result = (await studio.intent(intent["id"]))["result"]
    found: dict[str, Any] = await studio.get(path_of(result))
    return found


def path_of(work: dict[str, Any]) -> str:
    return f"/api/tokens/{CHAIN_ID}/{work['contract']}/{work['token_id']}"


def lose(studio: Studio, cid: str) -> None:
    """The embedded store has a content no more."""
    for root in studio.parts.public.roots_of(studio.parts.public.find_record(Cid.parse(cid)).file):
        studio.parts.public.remove(root)


def audit(studio: Studio, *, repair: bool) -> auditing.Audited:
    now = studio.parts.clock()
    return auditing.audit(studio.media, "embedded", EVERYTHING, now=now, repair=repair)


async def events(studio: Studio) -> list[dict[str, Any]]:
    while await sequencer.advance(studio.parts.sessions):
        pass
    page = await studio.get("/api/events", limit="100")
    items = page["items"]
    while page["next"]:
        page = await studio.get("/api/events", limit="100", cursor=page["next"])
        items += page["items"]
    return [item for item in items if item["kind"].startswith("media.")]


class TestTold:
    async def test_says_of_each_file_where_it_is_and_when_it_was_read(self, studio: Studio):
        work = await minted(studio)

        (file,) = work["media"]
        assert [pin["store"] for pin in file["pins"]] == ["embedded"]
        assert file["pins"][0]["state"] == "read_back"
        assert file["health"]["state"] == "kept"
        assert (file["health"]["wanted"], file["health"]["standing"]) == (1, 1)
        assert file["health"]["read_at"] == file["pins"][0]["read_at"]

    async def test_tells_the_world_when_copies_fall_and_stand_again(self, studio: Studio):
        work = await minted(studio)
        cid = work["media"][0]["cid"]

        lose(studio, cid)
        audit(studio, repair=False)
        fallen = await studio.get(path_of(work))
        page = await studio.client.get(f"/works/{path_of(work).removeprefix('/api/tokens/')}")
        status = (await studio.get("/status"))["media"]
        audit(studio, repair=True)
        told = await events(studio)

        assert fallen["media"][0]["health"]["state"] == "at_risk"
        assert "fewer than there should be" in page.text
        assert (status["at_risk"], status["lost"]) == (1, 0)
        assert status["places"][0]["fallen"] == 1
        assert [event["kind"] for event in told] == ["media.at_risk", "media.restored"]
        assert told[0]["payload"]["cid"] == cid
        assert (told[0]["payload"]["standing"], told[0]["payload"]["wanted"]) == (0, 1)
        assert len({event["id"] for event in told}) == 2
        assert await events(studio) == told
        assert (await studio.get("/status"))["media"]["at_risk"] == 0

    async def test_says_on_the_pages_when_it_was_last_read(self, studio: Studio):
        work = await minted(studio)

        page = await studio.client.get(f"/works/{path_of(work).removeprefix('/api/tokens/')}")
        status = await studio.client.get("/status", headers={"Accept": "text/html"})

        assert "in one place" in page.text
        assert "last read back" in page.text
        assert "every copy that should stand stands" in status.text

    async def test_counts_for_prometheus(self, studio: Studio):
        await minted(studio)

        found = (await studio.client.get("/metrics")).text

        assert 'vernissage_media_contents{state="all"} 2.0' in found
        assert 'vernissage_media_copies{place="embedded"} 2.0' in found
        assert 'vernissage_media_oldest_read_seconds{place="embedded"}' in found
        assert "vernissage_media_store_writable 1.0" in found

    async def test_raises_the_alarm_when_the_store_is_gone(self, studio: Studio):
        folder = studio.parts.private.folder
        gone = folder.rename(folder.with_name("gone"))
        status = (await studio.get("/status"))["media"]
        found = (await studio.client.get("/metrics")).text
        gone.rename(folder)
        well = (await studio.get("/status"))["media"]

        assert (status["store_writable"], status["store_free_bytes"]) == (False, None)
        assert "vernissage_media_store_writable 0.0" in found
        assert well["store_writable"]
        assert int(well["store_free_bytes"]) > 0


@dataclass
class Stuck:
    """A place that answers nobody until it is let go, standing for one that hangs."""

    name: str = "vault"
    can_be_read: bool = True
    entered: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    free: threading.Event = field(default_factory=threading.Event)

    def pin(self, source: Any) -> bool:
        self.entered.release()
        self.free.wait(60)
        return True

    def read(self, source: Any) -> Any:
        return iter([PICTURE])

    def says(self, cid: Any) -> bool:
        return True

    def unpin(self, cid: Any) -> None:
        pass


class TestQueues:
    async def test_a_place_that_hangs_delays_no_other(self, studio: Studio):
        stuck = Stuck()
        media = replace(studio.media, pinners={**studio.media.pinners, "vault": stuck})
        worker = Worker(parts=studio.parts, media=media)
        cids = await many_wanted(studio, stores=["vault"])
        running = asyncio.create_task(run_worker(studio.database_url, worker))
        for _ in range(2):
            await asyncio.to_thread(stuck.entered.acquire, timeout=60)

        (last,) = await many_wanted(studio, stores=["embedded"], count=1)
        await until(lambda: state_of(studio, last, "embedded") == "read_back")

        assert {state_of(studio, cid, "vault") for cid in cids} == {"wanted"}
        stuck.free.set()
        signal.raise_signal(signal.SIGTERM)
        await asyncio.wait_for(running, 60)

    async def test_one_that_works_is_waited_for_when_the_others_have_ended(self, studio: Studio):
        stuck = Stuck()
        media = replace(studio.media, pinners={**studio.media.pinners, "vault": stuck})
        worker = Worker(parts=studio.parts, media=media)
        await many_wanted(studio, stores=["vault"], count=1)
        running = asyncio.create_task(run_worker(studio.database_url, worker))
        await asyncio.to_thread(stuck.entered.acquire, timeout=60)

        signal.raise_signal(signal.SIGTERM)
        await until(lambda: studio.rows("SELECT count(*) FROM procrastinate_workers") == [(1,)])
        stuck.free.set()
        await asyncio.wait_for(running, 60)

        assert studio.rows("SELECT 1 FROM procrastinate_jobs WHERE status = 'doing'") == []

    async def test_repairs_come_after_mints(self, studio: Studio):
        (cid,) = await many_wanted(studio, stores=["embedded"], count=1, priority=LATER)
        (other,) = await many_wanted(studio, stores=["embedded"], count=1)

        found = studio.rows(
            "SELECT args->>'cid', queue_name FROM procrastinate_jobs "
            "WHERE task_name = 'media.pin' ORDER BY priority DESC, id"
        )

        assert [row[0] for row in found] == [other, cid]
        assert {row[1] for row in found} == {"pins.embedded"}

    async def test_a_pin_of_a_dead_worker_is_done_by_another(self, studio: Studio):
        (cid,) = await many_wanted(studio, stores=["embedded"], count=1)
        studio.lose_worker()

        await studio.work()

        assert state_of(studio, cid, "embedded") == "read_back"

    async def test_a_pin_whose_job_is_gone_is_found_again(self, studio: Studio):
        (cid,) = await many_wanted(studio, stores=["embedded"], count=1)
        with studio.media_engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM procrastinate_jobs")
            connection.exec_driver_sql("UPDATE media_pins SET due_at = now() - interval '1 hour'")

        now = studio.parts.clock() + timedelta(hours=1)
        late = replace(studio.worker, parts=replace(studio.parts, clock=lambda: now))
        await late.minutely()
        await studio.work()

        assert state_of(studio, cid, "embedded") == "read_back"


async def many_wanted(
    studio: Studio, *, stores: list[str], count: int = 6, priority: int = 0
) -> list[str]:
    """Contents that are wanted in places, with the jobs to bring them there."""
    from media import ledger

    made = []
    async with studio.parts.sessions.begin() as session:
        for _ in range(count):
            number = len(studio.rows("SELECT 1 FROM media_references")) + len(made)
            data = PICTURE + number.to_bytes(4)
            (cid,) = studio.parts.private.add_bytes(data).cids.values()
            made.append(cid)

            def want(sync: Any, cid: str = cid) -> list[Job]:
                return ledger.want(sync, [cid], stores=stores, holder="x", now=studio.parts.clock())

            await session.run_sync(want)
            jobs = [Job(PIN, {"cid": cid, "store": store}, priority) for store in stores]
            await enqueue(session, studio.parts.jobs, jobs)
    return made


def state_of(studio: Studio, cid: str, store: str) -> str:
    query = "SELECT state FROM media_pins WHERE cid = :cid AND store = :store"
    return str(studio.rows(query, cid=cid, store=store)[0][0])


async def until(holds: Any) -> None:
    """Wait until something holds, a minute at most."""
    from api.local.processes import wait_until

    assert await asyncio.to_thread(wait_until, holds, patience=60)
