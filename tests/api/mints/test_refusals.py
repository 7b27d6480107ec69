"""
Mints that must not happen: each names its rule, and nothing is pinned or reserved.
"""

from typing import Any

import pytest

from nft.types import ZERO_ADDRESS
from tests.media.pictures import geotagged_exif, jpeg, png
from tests.support.studio import Studio

pytestmark = pytest.mark.chain


def nothing_done(studio: Studio) -> bool:
    tables = ("book_intents", "book_serials", "media_pins", "media_references", "media_metadata")
    return all(studio.rows(f"SELECT count(*) FROM {table}") == [(0,)] for table in tables)


class TestFiles:
    async def test_an_unfinished_upload(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        begun = await studio.begin_upload(auth, 100)
        upload = begun.headers["Location"].rpartition("/")[2]

        answer = await studio.client.post(
            "/api/mints", json=studio.mint_body(artist, upload), headers=auth
        )

        assert (answer.status_code, answer.json()["code"]) == (409, "UploadNotReady")
        assert nothing_done(studio)

    async def test_a_refused_upload(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        upload = await studio.upload(auth, b"MZ no picture")

        answer = await studio.client.post(
            "/api/mints", json=studio.mint_body(artist, upload), headers=auth
        )

        assert (answer.status_code, answer.json()["code"]) == (409, "UploadNotReady")
        assert nothing_done(studio)

    @pytest.mark.parametrize("upload", ["0" * 32, "\0", "../../etc/passwd", "𝟘" * 32])
    async def test_an_upload_that_is_none(self, studio: Studio, upload: str):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)

        answer = await studio.client.post(
            "/api/mints", json=studio.mint_body(artist, upload), headers=auth
        )

        assert (answer.status_code, answer.json()["code"]) == (404, "NoSuchUpload")

    async def test_somebody_elses_upload(self, studio: Studio):
        artist, thief = studio.person("artist"), studio.person("thief")
        upload = await studio.upload(await studio.sign_in(artist), png(40, 30))
        auth = await studio.sign_in(thief)

        answer = await studio.client.post(
            "/api/mints", json=studio.mint_body(thief, upload), headers=auth
        )

        assert (answer.status_code, answer.json()["code"]) == (404, "NoSuchUpload")
        assert nothing_done(studio)

    async def test_unanswered_findings(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        upload = await studio.upload(auth, jpeg(60, 40, exif=geotagged_exif()))
        body = studio.mint_body(artist, upload)

        refused = await studio.client.post("/api/mints", json=body, headers=auth)
        is_clean = nothing_done(studio)
        answered = await studio.client.post(
            "/api/mints", json={**body, "accept_findings": True}, headers=auth
        )

        assert (refused.status_code, refused.json()["code"]) == (409, "FindingsNotAccepted")
        assert "GpsPosition" in [one["code"] for one in refused.json()["findings"]]
        assert is_clean
        assert answered.status_code == 201


class TestWords:
    @pytest.mark.parametrize(
        ("changed", "status", "pointer"),
        [
            ({"title": ""}, 422, "/title"),
            ({"title": "x" * 201}, 422, "/title"),
            ({"title": "a\u202eb"}, 422, "/title"),
            ({"title": "a\x00b"}, 422, "/title"),
            ({"royalties": [{"receiver": "0x12", "bps": 1}]}, 422, "/royalties/0/receiver"),
            ({"royalties": [{"receiver": f"0x{'11' * 20}", "bps": "1"}]}, 422, "/royalties/0/bps"),
            ({"work": {"edition": {"number": 3, "size": 2}}}, 422, "/work/edition"),
            ({"attributes": [{"trait_type": "x", "value": "y" * 400}]}, 422, "/attributes/0/value"),
            ({"media": []}, 422, "/media"),
            ({"chain_id": "1"}, 404, None),
            ({"chain_id": 31337}, 422, "/chain_id"),
            ({"title": None}, 422, "/title"),
            ({"contract": "0x" + "11" * 20}, 422, "/contract"),
            ({"owner": "0x" + "11" * 20}, 422, "/owner"),
            ({"works": []}, 422, None),
        ],
    )
    async def test_that_break_a_rule(
        self, studio: Studio, changed: dict[str, Any], status: int, pointer: str | None
    ):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        upload = await studio.upload(auth, png(40, 30))

        answer = await studio.client.post(
            "/api/mints", json=studio.mint_body(artist, upload, **changed), headers=auth
        )

        assert answer.status_code == status, answer.text
        if pointer is not None:
            assert answer.json()["errors"][0]["pointer"] == pointer
        assert nothing_done(studio)

    async def test_a_role_that_is_none(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        upload = await studio.upload(auth, png(40, 30))
        body = studio.mint_body(artist, media=[{"upload_id": upload, "role": "poster"}])

        answer = await studio.client.post("/api/mints", json=body, headers=auth)

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/media/0/role"

    async def test_markup_is_kept_as_it_was_written(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        title = '<script>alert("1")</script> & <b>bold</b>'

        intent = await studio.mint_through(artist, auth, png(40, 30), title=title)

        assert intent["request"]["title"] == title
        assert studio.rows("SELECT document->>'name' FROM media_metadata") == [(title,)]


class TestMoney:
    async def test_a_royalty_above_the_cap(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        upload = await studio.upload(auth, png(40, 30))
        body = studio.mint_body(artist, upload, royalties=[{"receiver": str(artist), "bps": 2501}])

        answer = await studio.client.post("/api/mints", json=body, headers=auth)

        assert (answer.status_code, answer.json()["code"]) == (422, "RoyaltyTooHigh")
        assert "2501" in answer.json()["detail"]
        assert "2500" in answer.json()["detail"]
        assert nothing_done(studio)

    @pytest.mark.parametrize("bps", [-1, 1.5, None])
    async def test_royalties_that_are_none(self, studio: Studio, bps: Any):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        upload = await studio.upload(auth, png(40, 30))
        body = studio.mint_body(artist, upload, royalties=[{"receiver": str(artist), "bps": bps}])

        answer = await studio.client.post("/api/mints", json=body, headers=auth)

        assert answer.status_code == 422
        assert nothing_done(studio)

    async def test_several_receivers_above_the_highest_royalty(self, studio: Studio):
        artist, studio_partner = studio.person("artist"), studio.person("partner")
        auth = await studio.sign_in(artist)
        upload = await studio.upload(auth, png(40, 30))
        shares = [{"receiver": str(who), "bps": 1_300} for who in (artist, studio_partner)]

        answer = await studio.client.post(
            "/api/mints", json=studio.mint_body(artist, upload, royalties=shares), headers=auth
        )

        assert (answer.status_code, answer.json()["code"]) == (422, "RoyaltyTooHigh")
        assert nothing_done(studio)

    async def test_a_royalty_for_nobody(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        upload = await studio.upload(auth, png(40, 30))
        body = studio.mint_body(
            artist, upload, royalties=[{"receiver": str(ZERO_ADDRESS), "bps": 100}]
        )

        answer = await studio.client.post("/api/mints", json=body, headers=auth)

        assert (answer.status_code, answer.json()["code"]) == (422, "RoyaltyReceiverMissing")

    @pytest.mark.parametrize("price", ["0", "-1", "1e18", "１", str(2**128)])
    async def test_prices_that_are_none(self, studio: Studio, price: str):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        upload = await studio.upload(auth, png(40, 30))
        body = studio.mint_body(artist, upload, list_at={"price": price})

        answer = await studio.client.post("/api/mints", json=body, headers=auth)

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/list_at/price"
        assert nothing_done(studio)


class TestPeople:
    async def test_nobody(self, studio: Studio):
        artist = studio.person("artist")

        answer = await studio.client.post("/api/mints", json=studio.mint_body(artist, "0" * 32))

        assert answer.status_code == 401

    async def test_in_anothers_name(self, studio: Studio):
        artist, forger = studio.person("artist"), studio.person("forger")
        auth = await studio.sign_in(forger)
        upload = await studio.upload(auth, png(40, 30))

        answer = await studio.client.post(
            "/api/mints", json=studio.mint_body(artist, upload), headers=auth
        )

        assert (answer.status_code, answer.json()["code"]) == (403, "CreatorNotYou")
        assert nothing_done(studio)
