"""
Cleaned copies as their artist asks for them.
"""

import pytest

from tests.media.pictures import geotagged_exif, jpeg, png
from tests.support.studio import Studio

pytestmark = pytest.mark.chain


async def facts(studio: Studio, auth: dict[str, str], upload: str) -> dict:
    found = (await studio.client.get(f"/api/uploads/{upload}", headers=auth)).json()
    return {**found, "codes": [finding["code"] for finding in found["findings"]]}


class TestClean:
    async def test_makes_another_upload_without_what_was_told(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        original = await studio.upload(auth, jpeg(90, 60, exif=geotagged_exif()))
        before = await facts(studio, auth, original)
        assert before["codes"] == ["GpsPosition", "CameraDetails"]

        answer = await studio.client.post(f"/api/uploads/{original}/clean", headers=auth)

        assert answer.status_code == 201, answer.text
        copy = answer.json()
        assert answer.headers["Location"] == f"/api/uploads/{copy['id']}"
        assert copy["state"] == "checking"
        await studio.worker.check_upload(copy["id"])
        after = await facts(studio, auth, copy["id"])
        assert (after["state"], after["codes"]) == ("ready", [])
        assert after["media"]["sha256"] != before["media"]["sha256"]
        assert (after["media"]["width"], after["media"]["height"]) == (90, 60)
        assert await facts(studio, auth, original) == before

    async def test_says_no_where_there_is_nothing_to_take_out(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        upload = await studio.upload(auth, png(90, 60))

        answer = await studio.client.post(f"/api/uploads/{upload}/clean", headers=auth)

        assert answer.status_code == 422
        assert "nothing in it to take out" in answer.json()["detail"]

    async def test_is_for_the_owner_alone_and_for_checked_files(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        upload = await studio.upload(auth, jpeg(90, 60, exif=geotagged_exif()))
        other = await studio.sign_in(studio.person("forger"))
        begun = await studio.begin_upload(auth, 100)

        strange = await studio.client.post(f"/api/uploads/{upload}/clean", headers=other)
        early = await studio.client.post(f"{begun.headers['Location']}/clean", headers=auth)

        assert (strange.status_code, early.status_code) == (404, 409)
