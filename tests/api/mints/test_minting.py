"""
A work from its file to the chain, over HTTP alone.
"""

import pytest

from tests.media.pictures import png
from tests.support.exchange import CHAIN_ID, ETHER
from tests.support.studio import Studio, step_of

pytestmark = pytest.mark.chain


class TestMint:
    async def test_hands_out_the_transaction_once_everything_is_kept(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        upload = await studio.upload(auth, png(120, 80))

        asked = await studio.client.post(
            "/api/mints", json=studio.mint_body(artist, upload), headers=auth
        )
        before = asked.json()
        await studio.work()
        after = await studio.intent(before["id"])

        assert asked.headers["Location"] == f"/api/intents/{before['id']}"
        assert (before["state"], before["steps"], before["cost"]) == ("preparing", [], None)
        assert after["state"] == "prepared"
        assert [step["id"] for step in after["steps"]] == ["sign-statement", "mint"]
        assert step_of(after)["transaction"]["from"] == str(artist)
        assert after["cost"]["prompts"] == 2
        assert int(after["cost"]["network_max"]) > 0
        assert after["result"] is None

    async def test_is_seen_in_its_block_with_links(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        intent = await studio.mint_through(artist, auth, png(120, 80))

        receipt = studio.send_step(artist, step_of(intent))
        studio.catch_up()
        seen = await studio.intent(intent["id"])

        assert receipt["status"] == "0x1"
        assert seen["state"] == "in_block"
        assert step_of(seen)["state"] == "complete"
        result = seen["result"]
        assert result["transaction_hash"] == receipt["transactionHash"]
        token = await studio.get(
            f"/api/tokens/{CHAIN_ID}/{result['contract']}/{result['token_id']}"
        )
        assert token["title"] == "Harbour, early"
        assert result["work_url"] == token["work_url"]

    async def test_lists_in_the_same_sitting(self, studio: Studio):
        artist, collector = studio.person("artist"), studio.person("collector")
        auth = await studio.sign_in(artist)
        intent = await studio.mint_through(
            artist, auth, png(120, 80), list_at={"price": str(ETHER), "currency": "0x" + "0" * 40}
        )
        stating, mint, approve, signing = intent["steps"]

        await studio.post_signed(artist, stating)
        studio.send_step(artist, mint)
        studio.send_step(artist, approve)
        posted = await studio.post_signed(artist, signing)
        studio.catch_up()
        seen = await studio.intent(intent["id"])
        await studio.buy(collector, posted.json())

        assert posted.status_code == 201
        assert [step["state"] for step in seen["steps"]] == ["complete"] * 4
        assert intent["cost"]["prompts"] == 4
        assert (await studio.order(posted.json()))["state"] == "filled"
