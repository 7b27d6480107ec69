"""
No transaction before every byte was read back; nothing pinned that nobody wants (U11).
"""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from nft.content.cid import Cid
from nft.tokens import serial_of
from tests.media.pictures import png
from tests.support.studio import Studio, step_of

pytestmark = pytest.mark.chain


async def ask(studio: Studio, artist, auth, upload: str, **more):
    body = studio.mint_body(artist, upload, **more)
    answer = await studio.client.post("/api/mints", json=body, headers=auth)
    assert answer.status_code == 201, answer.text
    return answer.json()


def pins(studio: Studio) -> set[str]:
    return {state for (state,) in studio.rows("SELECT state FROM media_pins")}


class TestPinning:
    async def test_begins_with_consent_and_not_before(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        upload = await studio.upload(auth, png(40, 30))
        before = studio.rows("SELECT count(*) FROM media_pins")

        await ask(studio, artist, auth, upload)

        assert before == [(0,)]
        assert pins(studio) == {"wanted"}
        assert studio.rows("SELECT count(*) FROM media_pins") == [(2,)]

    async def test_of_one_part_is_not_enough(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        intent = await ask(studio, artist, auth, await studio.upload(auth, png(40, 30)))
        ((cid,),) = studio.rows("SELECT min(cid) FROM media_pins")

        await studio.worker.pin(cid, "embedded")

        assert pins(studio) == {"wanted", "read_back"}
        assert (await studio.intent(intent["id"]))["state"] == "preparing"

    async def test_that_gives_back_other_bytes_hands_out_nothing(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        intent = await ask(studio, artist, auth, await studio.upload(auth, png(40, 30)))
        for kept in Path(studio.parts.private.folder / "files").rglob("*"):
            if kept.is_file():
                kept.chmod(0o600)
                kept.write_bytes(b"other bytes")

        await studio.work()

        seen = await studio.intent(intent["id"])
        assert (seen["state"], seen["steps"]) == ("preparing", [])
        assert "read_back" not in pins(studio)

    async def test_twice_makes_one_plan(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        intent = await ask(
            studio, artist, auth, await studio.upload(auth, png(40, 30)), list_at={"price": "5"}
        )
        await studio.work()
        first = await studio.intent(intent["id"])

        await asyncio.gather(*(studio.worker.prepare_mint(intent["id"]) for _ in range(4)))

        assert await studio.intent(intent["id"]) == first
        assert studio.rows("SELECT next_nonce FROM book_order_nonces") == [(1,)]

    async def test_lost_by_a_crash_is_found_again(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        intent = await ask(studio, artist, auth, await studio.upload(auth, png(40, 30)))
        with studio.media_engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM procrastinate_jobs")
        studio.clock.ahead = timedelta(minutes=10)

        await studio.worker.minutely()
        await studio.work()

        assert (await studio.intent(intent["id"]))["state"] == "prepared"


class TestAbandoning:
    async def test_unpins_what_nothing_else_uses(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        intent = await studio.mint_through(artist, auth, png(40, 30))
        cids = [cid for (cid,) in studio.rows("SELECT cid FROM media_pins")]

        answer = await studio.client.delete(f"/api/intents/{intent['id']}")
        await studio.work()

        assert answer.json()["state"] == "abandoned"
        assert studio.rows("SELECT count(*) FROM media_pins") == [(0,)]
        assert not any(studio.parts.public.find_record(Cid.parse(cid)) for cid in cids)

    async def test_keeps_what_another_mint_uses(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        upload = await studio.upload(auth, png(40, 30))
        first = await ask(studio, artist, auth, upload)
        second = await ask(studio, artist, auth, upload, title="Another")
        await studio.work()

        await studio.client.delete(f"/api/intents/{first['id']}")
        await studio.work()

        assert (await studio.intent(second["id"]))["state"] == "prepared"
        assert pins(studio) == {"read_back"}
        assert studio.rows("SELECT count(*) FROM media_pins") == [(2,)]

    async def test_is_too_late_once_minted(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        intent = await studio.mint_through(artist, auth, png(40, 30))
        studio.send_step(artist, step_of(intent))
        studio.catch_up()

        answer = await studio.client.delete(f"/api/intents/{intent['id']}")

        assert (answer.status_code, answer.json()["code"]) == (409, "AlreadyHappened")
        assert pins(studio) == {"read_back"}

    async def test_happens_by_itself_when_nobody_comes_back(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        intent = await studio.mint_through(artist, auth, png(40, 30))
        studio.clock.ahead = timedelta(hours=25)
        expired = await studio.intent(intent["id"])
        studio.clock.ahead = timedelta(hours=49)

        await studio.worker.minutely()
        await studio.work()

        assert expired["state"] == "abandoned"
        assert studio.rows("SELECT count(*) FROM media_pins") == [(0,)]

    async def test_does_not_unpin_what_was_minted_after_all(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        intent = await studio.mint_through(artist, auth, png(40, 30))
        await studio.client.delete(f"/api/intents/{intent['id']}")
        await studio.work()
        studio.send_step(artist, step_of(intent))
        studio.catch_up()

        await studio.worker.minutely()
        await studio.work()

        assert (await studio.intent(intent["id"]))["state"] == "in_block"
        assert pins(studio) == {"read_back"}
        assert studio.rows("SELECT count(*) FROM media_pins") == [(2,)]


class TestNumbers:
    async def test_are_never_handed_out_twice(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        upload = await studio.upload(auth, png(40, 30))
        first = await ask(studio, artist, auth, upload)
        await studio.client.delete(f"/api/intents/{first['id']}")

        await asyncio.gather(
            *(ask(studio, artist, auth, upload, title=f"Work {n}") for n in range(4))
        )

        ids = studio.rows("SELECT token_id FROM book_intents ORDER BY token_id")
        assert [serial_of(int.from_bytes(one)) for (one,) in ids] == [1, 2, 3, 4, 5]

    async def test_step_over_what_was_minted_elsewhere(self, studio: Studio):
        artist = studio.person("artist")
        studio.mint(artist, serial=1)
        studio.mint(artist, serial=3)
        auth = await studio.sign_in(artist)
        upload = await studio.upload(auth, png(40, 30))

        first = await ask(studio, artist, auth, upload)
        second = await ask(studio, artist, auth, upload, title="Another")

        ids = studio.rows("SELECT token_id FROM book_intents ORDER BY token_id")
        assert first["id"] != second["id"]
        assert [serial_of(int.from_bytes(one)) for (one,) in ids] == [2, 4]


class TestSeveralWorks:
    async def test_are_minted_in_one_transaction(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        uploads = [await studio.upload(auth, png(40 + n, 30)) for n in range(2)]
        works = [
            {"media": [{"upload_id": upload, "role": "image"}], "title": f"Panel {n}"}
            for n, upload in enumerate(uploads)
        ]
        body = {
            "chain_id": "31337",
            "creator": str(artist),
            "royalties": [{"receiver": str(artist), "bps": 500}],
            "works": works,
        }

        asked = await studio.client.post("/api/mints", json=body, headers=auth)
        await studio.work()
        intent = await studio.intent(asked.json()["id"])
        receipt = studio.send_step(artist, step_of(intent))
        studio.catch_up()
        seen = await studio.intent(intent["id"])

        assert receipt["status"] == "0x1"
        assert seen["state"] == "in_block"
        assert len(seen["result"]["tokens"]) == 2
        titles = studio.rows(
            "SELECT m.document->>'name' FROM chain_tokens t "
            "JOIN media_metadata m ON m.digest = t.metadata_digest ORDER BY t.token_id"
        )
        assert titles == [("Panel 0",), ("Panel 1",)]


class TestDuplicates:
    async def test_are_told_with_a_link(self, studio: Studio):
        artist, copyist = studio.person("artist"), studio.person("copyist")
        data = png(44, 33)
        auth = await studio.sign_in(artist)
        first = await studio.mint_through(artist, auth, data)
        studio.send_step(artist, step_of(first))
        studio.catch_up()
        theirs = await studio.sign_in(copyist)

        upload = await studio.upload(theirs, data)
        facts = (await studio.client.get(f"/api/uploads/{upload}", headers=theirs)).json()
        second = await studio.mint_through(copyist, theirs, data, accept_findings=True)

        work_url = (await studio.intent(first["id"]))["result"]["work_url"]
        assert [notice["url"] for notice in facts["notices"]] == [work_url]
        assert [warning["code"] for warning in second["warnings"]] == ["AlreadyMinted"]
        assert second["state"] == "prepared"


class TestAfterwards:
    async def test_the_contents_are_the_tokens(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        draft = await studio.client.post("/api/drafts", json={"body": {"a": 1}}, headers=auth)
        intent = await studio.mint_through(artist, auth, png(40, 30), draft_id=draft.json()["id"])
        linked = studio.rows("SELECT intent_id FROM book_drafts")
        studio.send_step(artist, step_of(intent))
        studio.contracts.node.mine(3)
        studio.catch_up()

        await studio.worker.minutely()

        holders = studio.rows("SELECT DISTINCT holder FROM media_references")
        assert linked == [(intent["id"],)]
        assert [holder.partition(":")[0] for (holder,) in holders] == ["token"]
        assert studio.rows("SELECT count(*) FROM book_drafts") == [(0,)]
        assert (await studio.intent(intent["id"]))["state"] == "final"
