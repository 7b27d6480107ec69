"""
What tus says in its small print, and what happens when a file, an account or a disk is at its end.
"""

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.events.listen import Subjects
from api.uploads import service, stream
from api.uploads.receivers import Receivers
from media.disk import free_bytes
from media.receiving import SETTLE_EVERY_BYTES
from media.tables import UploadRow
from nft.errors import ChecksumMismatch
from nft.types import Address
from tests.media.pictures import png
from tests.support.exchange import PUBLIC_URL, Person
from tests.support.studio import Studio, folder_of

pytestmark = pytest.mark.chain

BYTES = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}


async def furnish(studio: Studio, **rules: Any) -> None:
    """Give the studio other rules."""
    await studio.client.aclose()
    studio.parts = replace(studio.parts, uploads=replace(studio.parts.uploads, **rules))
    transport = httpx.ASGITransport(create_app(studio.parts), raise_app_exceptions=False)
    studio.client = httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL)


async def begun(
    studio: Studio, length: int, person: Person | None = None, **headers: str
) -> tuple[dict[str, str], str]:
    """A new upload: who may send, and where to."""
    auth = await studio.sign_in(person or studio.person("artist"))
    answer = await studio.begin_upload(auth, length, **headers)
    assert answer.status_code == 201, answer.text
    return auth, answer.headers["Location"]


def announced(value: bytes) -> dict[str, str]:
    """`Upload-Metadata` with the whole file's hash."""
    named = base64.b64encode(b"work.png").decode()
    hashed = base64.b64encode(value).decode()
    return {"Upload-Metadata": f"filename {named},sha256 {hashed}"}


class TestSmallPrint:
    async def test_a_request_that_is_settled_on_its_way_ends_well(self, studio: Studio):
        await furnish(studio, max_bytes=SETTLE_EVERY_BYTES)
        auth, place = await begun(studio, SETTLE_EVERY_BYTES)

        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(8):
                yield bytes(SETTLE_EVERY_BYTES // 8)

        headers = {**auth, **BYTES, "Upload-Offset": "0"}
        sent = await studio.client.patch(place, content=pieces(), headers=headers)

        assert (sent.status_code, sent.headers["Upload-Offset"]) == (204, str(SETTLE_EVERY_BYTES))
        found = (await studio.client.get(place, headers=auth)).json()
        assert (found["state"], found["stage"]) == ("checking", "hashed")

    async def test_metadata_is_given_back_as_it_was_sent(self, studio: Studio):
        auth, place = await begun(studio, 10, **{"Upload-Metadata": "filename YS5wbmc=,is_final"})

        stands = await studio.client.head(place, headers=auth)

        assert stands.headers["Upload-Metadata"] == "filename YS5wbmc=,is_final"
        assert stands.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize(
        ("headers", "said"),
        [
            ({"Upload-Defer-Length": "1"}, "must be known"),
            ({"Upload-Concat": "partial"}, "not put together"),
            ({"Upload-Metadata": "a YQ==,a Yg=="}, "twice"),
            ({"Upload-Metadata": "sha256 YWJj"}, "neither 32 bytes nor 64 hex"),
        ],
    )
    async def test_what_is_not_taken_is_refused_by_name(
        self, studio: Studio, headers: dict[str, str], said: str
    ):
        auth = await studio.sign_in(studio.person("artist"))

        answer = await studio.begin_upload(auth, 10, **headers)

        assert (answer.status_code, answer.json()["code"]) == (400, "UploadHeaderInvalid")
        assert said in answer.json()["detail"]
        assert answer.headers["Tus-Resumable"] == "1.0.0"
        assert studio.rows("SELECT count(*) FROM media_uploads") == [(0,)]

    async def test_the_method_may_stand_in_a_header(self, studio: Studio):
        auth, place = await begun(studio, 4)
        headers = {**auth, **BYTES, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}

        sent = await studio.client.post(place, content=b"abcd", headers=headers)
        ended = await studio.client.post(
            place, headers={**auth, "X-HTTP-Method-Override": "DELETE"}
        )

        assert (sent.status_code, sent.headers["Upload-Offset"]) == (204, "4")
        assert ended.status_code == 204
        assert (await studio.client.head(place, headers=auth)).status_code == 404

    async def test_a_body_longer_than_the_rest_is_refused_unread(self, studio: Studio):
        auth, place = await begun(studio, 10)
        read: list[bytes] = []

        async def pieces() -> AsyncIterator[bytes]:
            for piece in (b"12345", b"67890", b"!"):
                read.append(piece)
                yield piece

        headers = {**auth, **BYTES, "Upload-Offset": "0"}
        told = await studio.client.patch(
            place, content=pieces(), headers={**headers, "Content-Length": "11"}
        )

        assert told.status_code == 413
        assert read == []
        assert (await studio.client.head(place, headers=auth)).headers["Upload-Offset"] == "0"


class TestWholeHash:
    @pytest.mark.parametrize("form", ["bytes", "hex", "0x"])
    async def test_the_file_that_was_announced_is_taken(self, studio: Studio, form: str):
        data = png(90, 60)
        digest = hashlib.sha256(data)
        value = {
            "bytes": digest.digest(),
            "hex": digest.hexdigest().encode(),
            "0x": b"0x" + digest.hexdigest().encode(),
        }[form]
        auth, place = await begun(studio, len(data), **announced(value))

        sent = await studio.send_bytes(auth, place, data)

        assert sent.status_code == 204
        found = (await studio.client.get(place, headers=auth)).json()
        assert found["media"]["sha256"] == "0x" + digest.hexdigest()

    async def test_another_file_is_refused_kept_nowhere_and_told(self, studio: Studio):
        data = png(90, 60)
        auth, place = await begun(studio, len(data), **announced(bytes(32)))
        await studio.send_bytes(auth, place, data[:100])

        sent = await studio.send_bytes(auth, place, data[100:], offset=100)

        assert (sent.status_code, sent.json()["code"]) == (460, "ChecksumMismatch")
        assert folder_of(studio.parts.uploads.folder) == []
        assert studio.rows("SELECT count(*) FROM procrastinate_jobs") == [(0,)]
        found = (await studio.client.get(place, headers=auth)).json()
        assert (found["state"], found["problem"]["code"]) == ("refused", "ChecksumMismatch")
        again = await studio.client.head(place, headers=auth)
        assert again.status_code == 410
        assert "Upload-Offset" not in again.headers


class TestRoom:
    async def test_an_account_has_so_much_of_it(self, studio: Studio):
        await furnish(studio, max_private_bytes=1000)
        auth, _ = await begun(studio, 700)

        answer = await studio.begin_upload(auth, 301)

        assert (answer.status_code, answer.json()["code"]) == (403, "PrivateSpaceUsed")
        assert "1000" in answer.json()["detail"]

    async def test_the_disk_keeps_its_floor(self, studio: Studio):
        auth, place = await begun(studio, 10)
        await furnish(studio, min_free_bytes=free_bytes(studio.parts.uploads.folder) * 2)

        created = await studio.begin_upload(auth, 10)
        sent = await studio.send_bytes(auth, place, b"0123456789")

        assert (created.status_code, created.json()["code"]) == (507, "DiskAlmostFull")
        assert (sent.status_code, sent.headers["Retry-After"]) == (507, "60")
        assert (await studio.client.head(place, headers=auth)).headers["Upload-Offset"] == "0"


class Sender:
    """A request whose bytes come when the test says so."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.pieces: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def _stream(self) -> AsyncIterator[bytes]:
        while (piece := await self.pieces.get()) is not None:
            yield piece

    async def send(self, place: str, offset: int) -> int:
        async with self.studio.parts.sessions() as session:
            row = await session.get_one(UploadRow, place.rpartition("/")[2])
        parts = self.studio.parts
        return await service.receive(parts, row, self._stream(), offset=offset, checksum=None)


class TestConnections:
    async def test_a_new_request_ends_one_that_hangs(self, studio: Studio):
        auth, place = await begun(studio, 6)
        hanging = Sender(studio)
        await hanging.pieces.put(b"abc")
        first = asyncio.create_task(hanging.send(place, 0))
        part = studio.parts.uploads.part(place.rpartition("/")[2])
        while part.stat().st_size < 3:
            await asyncio.sleep(0)

        refused = await studio.send_bytes(auth, place, b"abcdef")
        stands = await studio.client.head(place, headers=auth)
        rest = await studio.send_bytes(auth, place, b"def", offset=3)

        assert await first == 3
        assert (refused.status_code, stands.headers["Upload-Offset"]) == (409, "3")
        assert rest.headers["Upload-Offset"] == "6"
        assert part.read_bytes() == b"abcdef"

    async def test_one_that_says_nothing_is_given_up_and_counts(self, studio: Studio):
        auth, place = await begun(studio, 6)
        studio.parts = replace(studio.parts, receivers=Receivers(silence_seconds=0.2))
        silent = Sender(studio)
        await silent.pieces.put(b"abc")

        stands_at = await silent.send(place, 0)

        assert stands_at == 3
        assert (await studio.client.head(place, headers=auth)).headers["Upload-Offset"] == "3"

    async def test_a_whole_file_that_is_another_is_dropped(self, studio: Studio):
        _, place = await begun(studio, 6, **announced(bytes(32)))
        sender = Sender(studio)
        for piece in (b"abc", b"def", None):
            await sender.pieces.put(piece)

        with pytest.raises(ChecksumMismatch):
            await sender.send(place, 0)

        assert folder_of(studio.parts.uploads.folder) == []


async def heard(studio: Studio, subjects: Subjects, owner: Address, *ids: str) -> list[Any]:
    """Everything that a follower is told, until the stream ends; the worker works beside it."""

    async def is_disconnected() -> bool:
        return False

    who = stream.Follower(owner, ids, is_disconnected)
    found = []
    async for text in stream.follow(studio.parts, subjects, who):
        event, _, data = text.partition("\ndata: ")
        if data:
            found.append((event.removeprefix("event: "), json.loads(data)))
            await asyncio.to_thread(lambda: None)
        if len(found) == 1 and studio.rows("SELECT count(*) FROM procrastinate_jobs") != [(0,)]:
            await studio.work()
            subjects.tell_all()
    return found


class TestEvents:
    async def test_tell_an_upload_as_it_moves_until_it_is_over(self, studio: Studio):
        artist = studio.person("artist")
        data = png(90, 60)
        auth, place = await begun(studio, len(data), artist)
        await studio.send_bytes(auth, place, data)
        upload = place.rpartition("/")[2]

        events = await heard(studio, Subjects(), artist.address, upload)

        told = [(name, one["state"], one["stage"]) for name, one in events]
        assert told[0] == ("upload", "checking", "hashed")
        assert told[-1] == ("upload", "ready", "compared")

    async def test_tell_nothing_of_others_uploads(self, studio: Studio):
        _, place = await begun(studio, 10)
        upload = place.rpartition("/")[2]

        events = await heard(studio, Subjects(), studio.person("thief").address, upload, "x")

        assert events == [("gone", {"id": upload}), ("gone", {"id": "x"})]

    async def test_come_over_http_to_the_owner(self, studio: Studio):
        data = png(90, 60)
        auth = await studio.sign_in(studio.person("artist"))
        upload = await studio.upload(auth, data)

        answer = await studio.client.get(f"/api/uploads/events?id={upload}", headers=auth)
        nobody = await studio.client.get(f"/api/uploads/events?id={upload}")

        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert '"state":"ready"' in answer.text
        assert nobody.status_code == 401

    async def test_follow_so_many_and_no_more(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        query = "&".join(f"id={number:032x}" for number in range(stream.MAX_FOLLOWED + 1))

        answer = await studio.client.get(f"/api/uploads/events?{query}", headers=auth)

        assert (answer.status_code, answer.json()["code"]) == (422, "TooManyFollowed")

    async def test_are_bounded_for_one_account_and_in_all(self, studio: Studio):
        subjects, owner = Subjects(), studio.person("artist").address
        waiting = [subjects.following(["a"], who=str(owner)) for _ in range(8)]
        for one in waiting:
            one.__enter__()

        with pytest.raises(stream.TooManyStreams):
            stream.check_room(subjects, owner, ["a"])
        stream.check_room(subjects, studio.person("other").address, ["a"])

        for one in waiting:
            one.__exit__(None, None, None)
        stream.check_room(subjects, owner, ["a"])
        assert subjects.count() == 0
