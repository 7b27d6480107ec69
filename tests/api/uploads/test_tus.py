"""
tus 1.0 as a client of it sees it: beginning, sending, resuming, ending; and who may not.
"""

import base64
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from api.uploads import service
from media.tables import UploadRow
from nft.errors import OffsetMismatch
from tests.media.pictures import geotagged_exif, jpeg, png
from tests.support.studio import Studio, folder_of

pytestmark = pytest.mark.chain

LIMIT = 1 << 20


async def pieces(*data: bytes) -> AsyncIterator[bytes]:
    for piece in data:
        yield piece


class TestOptions:
    async def test_say_what_is_spoken(self, studio: Studio):
        answer = await studio.client.options("/api/uploads")

        assert answer.status_code == 204
        assert answer.headers["Tus-Version"] == "1.0.0"
        assert answer.headers["Tus-Max-Size"] == str(LIMIT)
        assert "creation" in answer.headers["Tus-Extension"].split(",")
        assert "sha256" in answer.headers["Tus-Checksum-Algorithm"].split(",")


class TestUpload:
    async def test_goes_from_bytes_to_facts(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        data = png(90, 60)

        upload = await studio.upload(auth, data)
        found = (await studio.client.get(f"/api/uploads/{upload}", headers=auth)).json()

        assert (found["state"], found["offset"], found["length"]) == ("ready", len(data), len(data))
        assert found["media"]["sha256"] == "0x" + hashlib.sha256(data).hexdigest()
        assert (found["media"]["type"], found["media"]["width"]) == ("image/png", 90)
        assert found["media"]["cids"]["unixfs-v1-2025"].startswith("bafk")
        assert (found["findings"], found["problem"], found["media"]["pins"]) == ([], None, [])

    async def test_goes_on_where_it_stopped(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        data = png(90, 60)
        place = (await studio.begin_upload(auth, len(data))).headers["Location"]

        first = await studio.send_bytes(auth, place, data[:100])
        stands = await studio.client.head(place, headers=auth)
        rest = await studio.send_bytes(auth, place, data[100:], offset=100)

        assert first.headers["Upload-Offset"] == "100"
        assert stands.headers["Upload-Offset"] == "100"
        assert stands.headers["Upload-Length"] == str(len(data))
        assert rest.headers["Upload-Offset"] == str(len(data))
        found = (await studio.client.get(place, headers=auth)).json()
        assert found["state"] == "checking"

    async def test_loses_nothing_to_a_request_that_was_overtaken(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        place = (await studio.begin_upload(auth, 6)).headers["Location"]
        upload = place.rpartition("/")[2]
        async with studio.parts.sessions() as session:
            row = await session.get_one(UploadRow, upload)
        await studio.send_bytes(auth, place, b"abcd")

        with pytest.raises(OffsetMismatch):
            await service.receive(studio.parts, row, pieces(b"xy"), offset=0, checksum=None)

        assert studio.parts.uploads.part(upload).read_bytes() == b"abcd"

    async def test_may_bring_its_bytes_along(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        data = png(90, 60)
        headers = {
            **auth,
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(len(data)),
            "Content-Type": "application/offset+octet-stream",
        }

        begun = await studio.client.post("/api/uploads", content=data, headers=headers)
        await studio.work()

        assert (begun.status_code, begun.headers["Upload-Offset"]) == (201, str(len(data)))
        found = await studio.client.get(begun.headers["Location"], headers=auth)
        assert found.json()["state"] == "ready"

    async def test_is_queued_for_its_check_with_the_last_byte(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        place = (await studio.begin_upload(auth, 4)).headers["Location"]
        await studio.send_bytes(auth, place, b"ab")
        before = studio.rows("SELECT count(*) FROM procrastinate_jobs")

        await studio.send_bytes(auth, place, b"cd", offset=2)

        jobs = studio.rows("SELECT task_name FROM procrastinate_jobs")
        assert before == [(0,)]
        assert jobs == [("media.check_upload",)]

    async def test_tells_of_a_position_in_the_file(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))

        upload = await studio.upload(auth, jpeg(90, 60, exif=geotagged_exif()))
        found = (await studio.client.get(f"/api/uploads/{upload}", headers=auth)).json()

        assert found["state"] == "ready"
        assert "GpsPosition" in [finding["code"] for finding in found["findings"]]

    async def test_that_ends_is_gone(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        place = (await studio.begin_upload(auth, 100)).headers["Location"]
        await studio.send_bytes(auth, place, b"x" * 50)

        ended = await studio.client.delete(place, headers={**auth, "Tus-Resumable": "1.0.0"})

        assert ended.status_code == 204
        assert (await studio.client.head(place, headers=auth)).status_code == 404
        assert folder_of(studio.parts.uploads.folder) == []

    async def test_that_is_left_alone_expires(self, studio: Studio):
        artist = studio.person("artist")
        begun = await studio.begin_upload(await studio.sign_in(artist), 100)
        studio.clock.ahead = timedelta(hours=25)
        auth = await studio.sign_in(artist)

        answer = await studio.client.head(begun.headers["Location"], headers=auth)

        assert "GMT" in begun.headers["Upload-Expires"]
        assert answer.status_code == 410


class TestRefusals:
    async def test_without_a_session(self, studio: Studio):
        answer = await studio.begin_upload({}, 10)

        assert answer.status_code == 401
        assert studio.rows("SELECT count(*) FROM media_uploads") == [(0,)]

    async def test_too_large_names_limit_and_value(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))

        answer = await studio.begin_upload(auth, LIMIT + 1)

        assert (answer.status_code, answer.json()["code"]) == (413, "FileTooLarge")
        assert str(LIMIT) in answer.json()["detail"]
        assert str(LIMIT + 1) in answer.json()["detail"]

    async def test_empty(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))

        answer = await studio.begin_upload(auth, 0)

        assert (answer.status_code, answer.json()["code"]) == (422, "FileEmpty")

    @pytest.mark.parametrize("length", ["-1", "1e3", "ten", "", "１０", "9" * 30])
    async def test_lengths_that_are_none(self, studio: Studio, length: str):
        auth = await studio.sign_in(studio.person("artist"))
        headers = {**auth, "Upload-Length": length.encode()}

        answer = await studio.client.post("/api/uploads", headers=headers)

        assert (answer.status_code, answer.json()["code"]) == (400, "UploadHeaderInvalid")

    async def test_metadata_that_is_not_base64(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        headers = {**auth, "Upload-Length": "10", "Upload-Metadata": "filename ???"}

        answer = await studio.client.post("/api/uploads", headers=headers)

        assert answer.status_code == 400

    async def test_another_version_of_tus(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        headers = {**auth, "Upload-Length": "10", "Tus-Resumable": "0.2.2"}

        answer = await studio.client.post("/api/uploads", headers=headers)

        assert answer.status_code == 412
        assert answer.headers["Tus-Version"] == "1.0.0"

    async def test_bytes_for_another_place(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        place = (await studio.begin_upload(auth, 10)).headers["Location"]

        answer = await studio.send_bytes(auth, place, b"abc", offset=5)

        assert (answer.status_code, answer.json()["code"]) == (409, "OffsetMismatch")
        assert (await studio.client.head(place, headers=auth)).headers["Upload-Offset"] == "0"

    async def test_more_bytes_than_announced(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        place = (await studio.begin_upload(auth, 10)).headers["Location"]

        answer = await studio.send_bytes(auth, place, b"x" * 11)

        assert answer.status_code == 413
        assert (await studio.client.head(place, headers=auth)).headers["Upload-Offset"] == "0"

    async def test_bytes_of_another_content_type(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        place = (await studio.begin_upload(auth, 10)).headers["Location"]

        answer = await studio.send_bytes(auth, place, b"abc", **{"Content-Type": "image/png"})

        assert answer.status_code == 415

    async def test_bytes_that_are_not_those_hashed(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        place = (await studio.begin_upload(auth, 10)).headers["Location"]
        hashed = base64.b64encode(hashlib.sha256(b"other").digest()).decode()

        answer = await studio.send_bytes(
            auth, place, b"abc", **{"Upload-Checksum": f"sha256 {hashed}"}
        )

        assert (answer.status_code, answer.json()["code"]) == (460, "ChecksumMismatch")
        assert (await studio.client.head(place, headers=auth)).headers["Upload-Offset"] == "0"

    async def test_a_checksum_of_no_known_kind(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        place = (await studio.begin_upload(auth, 10)).headers["Location"]

        answer = await studio.send_bytes(auth, place, b"abc", **{"Upload-Checksum": "crc32 AAAA"})

        assert answer.status_code == 400

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"MZ" + b"\0" * 100, "TypeNotAccepted"),
            (b"just words", "TypeNotAccepted"),
            (png(40, 30)[:-40], "FileDamaged"),
            (png(40, 30) + b"<script>", "TrailingData"),
        ],
    )
    async def test_files_that_are_not_pictures(self, studio: Studio, data: bytes, code: str):
        auth = await studio.sign_in(studio.person("artist"))

        upload = await studio.upload(auth, data)
        found = (await studio.client.get(f"/api/uploads/{upload}", headers=auth)).json()

        assert (found["state"], found["problem"]["code"]) == ("refused", code)
        assert found["media"] is None
        assert folder_of(studio.parts.private.folder) == ["lock"]


class TestOthersUploads:
    @pytest.mark.parametrize("method", ["HEAD", "GET", "PATCH", "DELETE"])
    async def test_are_answered_as_if_they_did_not_exist(self, studio: Studio, method: str):
        owner = await studio.sign_in(studio.person("artist"))
        thief = await studio.sign_in(studio.person("thief"))
        place = (await studio.begin_upload(owner, 10)).headers["Location"]
        headers = {
            **thief,
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": "0",
            "Content-Type": "application/offset+octet-stream",
        }

        answer = await studio.client.request(method, place, headers=headers)

        assert answer.status_code == 404
        assert (await studio.client.head(place, headers=owner)).headers["Upload-Offset"] == "0"

    @pytest.mark.parametrize("upload", ["%00", "0" * 31, "A" * 32, "x" * 400, "..%2f..%2fetc"])
    async def test_and_so_are_ids_that_are_none(self, studio: Studio, upload: str):
        auth = await studio.sign_in(studio.person("artist"))

        answer = await studio.client.get(f"/api/uploads/{upload}", headers=auth)

        assert answer.status_code == 404


class TestSentTwice:
    async def test_the_same_key_gives_the_same_upload(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))

        first = await studio.begin_upload(auth, 10, **{"Idempotency-Key": "k1"})
        again = await studio.begin_upload(auth, 10, **{"Idempotency-Key": "k1"})

        assert first.headers["Location"] == again.headers["Location"]
        assert again.headers["Idempotency-Replayed"] == "true"
        assert studio.rows("SELECT count(*) FROM media_uploads") == [(1,)]

    async def test_the_same_key_for_another_file_is_refused(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        await studio.begin_upload(auth, 10, **{"Idempotency-Key": "k1"})

        answer = await studio.begin_upload(auth, 11, **{"Idempotency-Key": "k1"})

        assert (answer.status_code, answer.json()["code"]) == (422, "IdempotencyKeyReused")
