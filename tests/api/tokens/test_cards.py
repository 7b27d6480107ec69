"""
A work's card over HTTP: drawn of what is public, kept under what it was drawn from.
"""

import io
import re

import pytest
from PIL import Image

from tests.media import pictures
from tests.support.exchange import CHAIN_ID, Person
from tests.support.studio import Studio, step_of

pytestmark = pytest.mark.chain


@pytest.fixture
async def work(studio: Studio) -> str:
    """Where a minted work's page is."""
    artist: Person = studio.person("artist")
    auth = await studio.sign_in(artist)
    file = pictures.encoded(pictures.canvas(1200, 900), "JPEG", quality=95)
    intent = await studio.mint_through(artist, auth, file)
    studio.send_step(artist, step_of(intent))
    studio.catch_up()
    result = (await studio.intent(intent["id"]))["result"]
    return f"/works/{CHAIN_ID}/{result['contract']}/{result['token_id']}"


async def test_a_link_to_a_work_shows_its_card(studio, work):
    page = await studio.client.get(work, headers={"Accept": "text/html"})
    named = re.search(r'og:image" content="([^"]+)"', page.text)[1]

    first = await studio.client.get(named)
    again = await studio.client.get(named, headers={"If-None-Match": first.headers["ETag"]})
    plain = await studio.client.get(f"{work}/card.jpg")

    assert named.startswith("http")
    assert (first.status_code, first.headers["Content-Type"]) == (200, "image/jpeg")
    assert "immutable" in first.headers["Cache-Control"]
    assert Image.open(io.BytesIO(first.content)).size == (1200, 630)
    assert again.status_code == 304
    assert plain.content == first.content
    assert "immutable" not in plain.headers["Cache-Control"]
    assert [
        meta in page.text
        for meta in (
            "summary_large_image",
            "og:image:width",
            'og:image:alt" content="A harbour in fog"',
        )
    ] == [True] * 3
    assert len(list((studio.parts.data_dir / "cards").glob("*/*.jpg"))) == 1


async def test_a_work_without_a_document_has_its_label_alone(studio):
    token = studio.mint(studio.person("artist"), 1, title="Haze")

    answer = await studio.client.get(f"/works/{token.path}/card.jpg")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")


async def test_what_does_not_exist_has_no_card(studio, work):
    answer = await studio.client.get(work.rpartition("/")[0] + "/99/card.jpg")

    assert answer.status_code == 404
