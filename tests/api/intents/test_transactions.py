"""
What a wallet reports, and what becomes of it on a real chain.
"""

import json

import pytest
from eth_account import Account

from api.intents.stream import follow
from nft.chain.protocol import Call
from nft.types import Address
from tests.media.pictures import png
from tests.support.studio import Studio, step_of

pytestmark = pytest.mark.chain


async def prepared(studio: Studio, artist, **more):
    auth = await studio.sign_in(artist)
    return await studio.mint_through(artist, auth, png(40, 30), **more)


async def report(studio: Studio, intent, transaction_hash: str, step: str = "mint"):
    body = {"step": step, "hash": transaction_hash}
    return await studio.client.post(f"/api/intents/{intent['id']}/transactions", json=body)


def call_of(step) -> Call:
    asked = step["transaction"]
    return Call(to=Address.parse(asked["to"]), data=bytes.fromhex(asked["data"][2:]))


class TestReport:
    async def test_counts_as_submitted_until_the_mirror_has_its_block(self, studio: Studio):
        artist = studio.person("artist")
        intent = await prepared(studio, artist)
        receipt = studio.send_step(artist, step_of(intent))

        answer = await report(studio, intent, receipt["transactionHash"])
        studio.catch_up()
        seen = await studio.intent(intent["id"])

        assert answer.status_code == 201
        assert (answer.json()["state"], answer.json()["result"]) == ("submitted", None)
        assert seen["state"] == "in_block"
        assert seen["result"]["transaction_hash"] == receipt["transactionHash"]
        assert step_of(seen)["state"] == "complete"

    async def test_twice_is_one(self, studio: Studio):
        artist = studio.person("artist")
        intent = await prepared(studio, artist)
        receipt = studio.send_step(artist, step_of(intent))
        await report(studio, intent, receipt["transactionHash"])

        again = await report(studio, intent, receipt["transactionHash"])

        assert again.status_code == 201
        assert studio.rows("SELECT count(*) FROM book_intent_transactions") == [(1,)]

    async def test_of_another_transaction_is_refused(self, studio: Studio):
        artist, collector = studio.person("artist"), studio.person("collector")
        intent = await prepared(studio, artist)
        gift = studio.send(artist, Call(to=collector.address, data=b"", value=1), gas=21_000)

        answer = await report(studio, intent, gift["transactionHash"])

        assert (answer.status_code, answer.json()["code"]) == (422, "TransactionNotTheSteps")
        assert studio.rows("SELECT count(*) FROM book_intent_transactions") == [(0,)]

    async def test_of_anothers_transaction_is_refused(self, studio: Studio):
        artist, forger = studio.person("artist"), studio.person("forger")
        intent = await prepared(studio, artist)
        copied = studio.send(forger, call_of(step_of(intent)))

        answer = await report(studio, intent, copied["transactionHash"])

        assert (answer.status_code, answer.json()["code"]) == (422, "TransactionNotTheSteps")

    async def test_for_no_step_is_refused(self, studio: Studio):
        intent = await prepared(studio, studio.person("artist"))

        answer = await report(studio, intent, "0x" + "12" * 32, step="burn")

        assert (answer.status_code, answer.json()["code"]) == (422, "NoSuchStep")

    @pytest.mark.parametrize("text", ["0x12", "", "0x" + "zz" * 32])
    async def test_of_what_is_no_hash_is_refused(self, studio: Studio, text: str):
        intent = await prepared(studio, studio.person("artist"))

        answer = await report(studio, intent, text)

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/hash"

    async def test_of_a_hash_that_no_node_knows_waits(self, studio: Studio):
        intent = await prepared(studio, studio.person("artist"))

        answer = await report(studio, intent, "0x" + "12" * 32)

        assert answer.json()["state"] == "submitted"

    async def test_to_an_intent_that_is_none(self, studio: Studio):
        answer = await report(studio, {"id": "0" * 32}, "0x" + "12" * 32)

        assert (answer.status_code, answer.json()["code"]) == (404, "NoSuchIntent")


class TestFailure:
    async def test_r13_r15_tells_the_contracts_reason(self, studio: Studio):
        artist = studio.person("artist")
        intent = await prepared(studio, artist)
        call = call_of(step_of(intent))
        node = studio.contracts.node
        node.call("evm_setAutomine", False)
        first = studio.chain.transaction_count(artist.address)
        hashes = [sent(studio, artist, call, nonce) for nonce in (first, first + 1)]
        node.mine(1)
        node.call("evm_setAutomine", True)

        answer = await report(studio, intent, hashes[1])

        assert answer.json()["state"] == "failed"
        assert answer.json()["problem"]["code"] == "TransactionFailed"
        assert "Collection_AlreadyMinted" in answer.json()["problem"]["detail"]

    async def test_r14_is_outranked_by_what_happened(self, studio: Studio):
        artist = studio.person("artist")
        intent = await prepared(studio, artist)
        studio.send_step(artist, step_of(intent))
        again = studio.send_step(artist, step_of(intent))
        studio.catch_up()

        answer = await report(studio, intent, again["transactionHash"])

        assert again["status"] == "0x0"
        assert answer.json()["state"] == "confirmed"


def sent(studio: Studio, person, call: Call, nonce: int, *, tip: int = 10**9) -> str:
    """Sign and send without waiting for a block."""
    signed = Account.sign_transaction(
        {
            "chainId": 31337,
            "nonce": nonce,
            "to": str(call.to),
            "data": call.data,
            "value": call.value,
            "gas": 300_000,
            "maxFeePerGas": 10**10 + 2 * tip,
            "maxPriorityFeePerGas": tip,
        },
        person.key,
    )
    return str(studio.chain.send_raw(bytes(signed.raw_transaction)))


class TestWaiting:
    @pytest.fixture
    def paused(self, studio: Studio):
        studio.contracts.node.call("evm_setAutomine", False)
        yield studio
        studio.contracts.node.call("evm_setAutomine", True)

    async def test_r14_is_submitted_until_a_block_takes_it(self, paused: Studio):
        artist = paused.person("artist")
        intent = await prepared(paused, artist)
        waiting = sent(paused, artist, call_of(step_of(intent)), 0)

        submitted = await report(paused, intent, waiting)
        paused.contracts.node.mine(1)
        paused.catch_up()
        mined = await paused.intent(intent["id"])

        assert submitted.json()["state"] == "submitted"
        assert mined["state"] == "in_block"

    async def test_r14_and_replaced_by_another_is_known(self, paused: Studio):
        artist = paused.person("artist")
        intent = await prepared(paused, artist)
        waiting = sent(paused, artist, call_of(step_of(intent)), 0)
        await report(paused, intent, waiting)

        sent(paused, artist, Call(to=artist.address, data=b""), 0, tip=5 * 10**9)
        paused.contracts.node.mine(1)

        assert (await paused.intent(intent["id"]))["state"] == "replaced"

    async def test_r14_and_sped_up_is_still_the_mint(self, paused: Studio):
        artist = paused.person("artist")
        intent = await prepared(paused, artist)
        call = call_of(step_of(intent))
        await report(paused, intent, sent(paused, artist, call, 0))

        sent(paused, artist, call, 0, tip=5 * 10**9)
        paused.contracts.node.mine(1)
        paused.catch_up()

        assert (await paused.intent(intent["id"]))["state"] == "in_block"

    async def test_r14_and_dropped_can_be_sent_again(self, paused: Studio):
        artist = paused.person("artist")
        intent = await prepared(paused, artist)
        waiting = sent(paused, artist, call_of(step_of(intent)), 0)
        await report(paused, intent, waiting)

        paused.contracts.node.call("anvil_dropTransaction", waiting)
        dropped = await paused.intent(intent["id"])
        sent(paused, artist, call_of(step_of(intent)), 0)
        paused.contracts.node.mine(1)
        paused.catch_up()

        assert dropped["state"] == "dropped"
        assert (await paused.intent(intent["id"]))["state"] == "in_block"

    async def test_r13_behind_a_gap_of_nonces_waits_until_it_is_closed(self, paused: Studio):
        artist = paused.person("artist")
        intent = await prepared(paused, artist)
        node, call = paused.contracts.node, call_of(step_of(intent))
        await report(paused, intent, sent(paused, artist, call, 1))
        node.mine(1)
        waiting = await paused.intent(intent["id"])

        sent(paused, artist, Call(to=artist.address, data=b""), 0)
        node.mine(1)
        paused.catch_up()

        assert waiting["state"] == "submitted"
        assert (await paused.intent(intent["id"]))["state"] == "in_block"

    async def test_r13_names_no_fee_that_the_chain_could_outrun(self, studio: Studio):
        intent = await prepared(studio, studio.person("artist"))

        asked = step_of(intent)["transaction"]

        assert not {"gas_price", "max_fee_per_gas", "nonce"} & asked.keys()
        assert not {"gasPrice", "maxFeePerGas", "maxPriorityFeePerGas"} & asked.keys()


class TestReorganisation:
    async def test_r5_withdraws_the_result(self, studio: Studio):
        artist = studio.person("artist")
        intent = await prepared(studio, artist)
        saved = studio.contracts.node.call("evm_snapshot")
        studio.send_step(artist, step_of(intent))
        studio.catch_up()
        before = await studio.intent(intent["id"])

        studio.contracts.node.call("evm_revert", saved)
        studio.contracts.node.mine(2)
        studio.catch_up()
        after = await studio.intent(intent["id"])

        assert before["state"] == "in_block"
        assert (after["state"], after["result"]) == ("prepared", None)
        assert step_of(after)["state"] == "incomplete"


class TestReading:
    @pytest.mark.parametrize("intent_id", ["0" * 32, "%00", "x", "0" * 500])
    async def test_an_intent_that_is_none(self, studio: Studio, intent_id: str):
        for path in (f"/api/intents/{intent_id}", f"/api/intents/{intent_id}/events"):
            answer = await studio.client.get(path)

            assert answer.status_code == 404

    async def test_a_list_is_ones_own(self, studio: Studio):
        artist, stranger = studio.person("artist"), studio.person("stranger")
        auth = await studio.sign_in(artist)
        upload = await studio.upload(auth, png(40, 30))
        body = studio.mint_body(artist, upload)
        for title in ("One", "Two", "Three"):
            await studio.client.post("/api/mints", json={**body, "title": title}, headers=auth)

        first = (await studio.client.get("/api/intents?limit=2", headers=auth)).json()
        rest = await studio.client.get(
            "/api/intents", params={"limit": 2, "cursor": first["next"]}, headers=auth
        )
        theirs = await studio.client.get("/api/intents", headers=await studio.sign_in(stranger))

        titles = [one["request"]["title"] for one in [*first["items"], *rest.json()["items"]]]
        assert titles == ["Three", "Two", "One"]
        assert rest.json()["next"] is None
        assert theirs.json()["items"] == []

    async def test_events_tell_each_change_until_the_end(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)
        upload = await studio.upload(auth, png(40, 30))
        asked = await studio.client.post(
            "/api/mints", json=studio.mint_body(artist, upload), headers=auth
        )
        intent_id = asked.json()["id"]
        events = follow(studio.parts, intent_id, present)

        told = [await anext(events)]
        await studio.work()
        told.append(await anext(events))
        await studio.client.delete(f"/api/intents/{intent_id}")
        told += [event async for event in events]

        states = [json.loads(event.partition("data: ")[2])["state"] for event in told]
        assert states == ["preparing", "prepared", "abandoned"]
        assert told[0].startswith("event: intent\ndata: {")

    async def test_events_are_a_stream(self, studio: Studio):
        intent = await prepared(studio, studio.person("artist"))
        await studio.client.delete(f"/api/intents/{intent['id']}")

        heard = await studio.client.get(f"/api/intents/{intent['id']}/events")

        assert heard.headers["Content-Type"].startswith("text/event-stream")
        assert heard.headers["Cache-Control"] == "no-store"
        assert heard.text.count("event: intent") == 1


async def present() -> bool:
    """Nobody has hung up."""
    return False

    async def test_leaves_out_what_a_stranger_prepared_in_their_name(self, studio: Studio):
        artist, thief = studio.person("artist"), studio.person("thief")
        intent = await prepared(studio, artist)
        studio.send_step(artist, step_of(intent))
        studio.catch_up()
        seen = await studio.intent(intent["id"])
        token = "/".join(seen["result"][part] for part in ("chain_id", "contract", "token_id"))
        body = {"owner": artist.address, "to": thief.address}

        offered = await studio.client.post(f"/api/tokens/{token}/transfer", json=body)
        listed = await studio.client.get("/api/intents", headers=await studio.sign_in(artist))

        assert offered.status_code == 201
        assert [item["id"] for item in listed.json()["items"]] == [intent["id"]]
