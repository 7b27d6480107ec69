"""
A description corrected: pinned first, then one transaction, and its history kept.
"""

import pytest

from nft.chain.contracts import Collection
from nft.types import TokenRef
from tests.support.exchange import Person
from tests.support.studio import Studio, step_of

pytestmark = pytest.mark.chain


@pytest.fixture
def artist(studio: Studio) -> Person:
    return studio.person("artist")


@pytest.fixture
def work(studio: Studio, artist: Person) -> TokenRef:
    return studio.mint(artist, 1, title="Hzae", medium="ink", external_id="7")


class TestCorrection:
    async def test_is_signed_once_the_document_is_kept(self, studio, artist, work):
        auth = await studio.sign_in(artist)
        path = f"/api/tokens/{work.path}"
        body = {"creator": str(artist), "title": "Haze", "work": {"date": "2026"}}
        asked = await studio.client.post(f"{path}/metadata", json=body, headers=auth)

        before = asked.json()
        await studio.work()
        after = await studio.intent(before["id"])
        studio.send_step(artist, step_of(after, "metadata"))
        studio.catch_up()

        token = await studio.token(work)
        assert (before["state"], before["steps"]) == ("preparing", [])
        assert after["state"] == "prepared"
        assert (token["title"], token["date"], token["medium"]) == ("Haze", "2026", "ink")
        assert token["external_id"] == "7"
        assert (await studio.intent(before["id"]))["state"] in ("in_block", "confirmed", "final")
        history = (await studio.get(f"{path}/provenance"))["items"]
        assert [item["event"] for item in history] == ["mint", "metadata"]

    async def test_refuses_somebody_else(self, studio, work):
        forger = studio.person("forger")
        auth = await studio.sign_in(forger)
        body = {"creator": str(forger), "title": "Mine"}

        answer = await studio.client.post(
            f"/api/tokens/{work.path}/metadata", json=body, headers=auth
        )

        assert (answer.status_code, answer.json()["code"]) == (403, "NotTheCreator")

    async def test_refuses_what_is_frozen(self, studio, artist, work):
        studio.send(artist, Collection(work.contract).freeze(work.token_id))
        studio.catch_up()
        auth = await studio.sign_in(artist)
        body = {"creator": str(artist), "title": "Late"}

        answer = await studio.client.post(
            f"/api/tokens/{work.path}/metadata", json=body, headers=auth
        )

        assert (answer.status_code, answer.json()["code"]) == (409, "AlreadyFrozen")

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({}, "NothingChanged"),
            ({"title": "Hzae"}, "NothingChanged"),
            ({"title": " "}, "MetadataInvalid"),
            ({"title": "a\u202eb"}, "MetadataInvalid"),
            ({"media": []}, "RequestInvalid"),
        ],
    )
    async def test_refuses_what_is_no_correction(self, studio, artist, work, changes, code):
        auth = await studio.sign_in(artist)
        body = {"creator": str(artist), **changes}

        answer = await studio.client.post(
            f"/api/tokens/{work.path}/metadata", json=body, headers=auth
        )

        assert answer.json()["code"] == code
        assert (await studio.token(work))["title"] == "Hzae"
