"""
Works of every kind: which file may have which role, and by which picture a work is known.
"""

import pytest

from tests.media.pictures import png
from tests.support.models import PAGE, SVG, archive, glb
from tests.support.studio import Studio

pytestmark = pytest.mark.chain


class TestRoles:
    @pytest.mark.parametrize(
        ("data", "role"),
        [
            (glb(), "image"),
            (PAGE.encode(), "image"),
            (PAGE.encode(), "document"),
            (glb(), "document"),
        ],
        ids=["model-image", "page-image", "page-document", "model-document"],
    )
    async def test_a_file_that_does_not_fit_its_role(self, studio: Studio, data: bytes, role: str):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        upload, cover = await studio.upload(auth, data), await studio.upload(auth, png(40, 30))
        media = [{"upload_id": cover, "role": "image"}, {"upload_id": upload, "role": role}]

        answer = await studio.client.post(
            "/api/mints", json=studio.mint_body(artist, media=media), headers=auth
        )

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/media/1/role"
        assert studio.rows("SELECT count(*) FROM book_intents") == [(0,)]

    async def test_a_work_that_shows_no_picture_needs_a_cover(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        media = [{"upload_id": await studio.upload(auth, glb()), "role": "animation"}]

        answer = await studio.client.post(
            "/api/mints", json=studio.mint_body(artist, media=media), headers=auth
        )

        assert (answer.status_code, answer.json()["code"]) == (422, "CoverMissing")
        assert studio.rows("SELECT count(*) FROM media_pins") == [(0,)]

    async def test_a_bundle_is_named_by_its_page_and_kept_whole(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        bundle = await studio.upload(auth, archive({"index.html": PAGE, "a/b.js": "1"}))
        cover = await studio.upload(auth, png(40, 30))
        media = [
            {"upload_id": cover, "role": "image"},
            {"upload_id": bundle, "role": "animation"},
        ]

        asked = await studio.client.post(
            "/api/mints", json=studio.mint_body(artist, media=media), headers=auth
        )
        assert asked.status_code == 201, asked.text
        await studio.work()

        (document,) = studio.rows("SELECT document FROM media_metadata")[0]
        root = document["properties"]["media"][1]["cid"]
        assert document["animation_url"] == f"ipfs://{root}/index.html"
        assert document["properties"]["media"][1]["entry"] == "index.html"
        assert document["properties"]["media"][1]["size"] == len(PAGE) + 1
        states = studio.rows("SELECT state FROM media_pins WHERE cid = :cid", cid=root)
        assert set(states) == {("read_back",)}

    async def test_a_drawing_is_a_picture(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        drawing = await studio.upload(auth, SVG.encode())

        asked = await studio.client.post(
            "/api/mints", json=studio.mint_body(artist, drawing), headers=auth
        )

        assert asked.status_code == 201, asked.text


class TestPreviews:
    async def test_shows_a_private_file_to_its_owner_only(self, studio: Studio):
        artist, forger = studio.person("artist"), studio.person("forger")
        auth, others = await studio.sign_in(artist), await studio.sign_in(forger)
        model = await studio.upload(auth, glb())
        body = {"title": "Turned", "files": [{"upload_id": model, "role": "animation"}]}

        mine = await studio.client.post("/mint/preview", json=body, headers=auth)
        theirs = await studio.client.post("/mint/preview", json=body, headers=others)
        nobodys = await studio.client.post("/mint/preview", json=body)

        assert "/_private/" in mine.text
        assert 'data-start="model"' in mine.text
        assert "/_private/" not in theirs.text
        assert "/_private/" not in nobodys.text
