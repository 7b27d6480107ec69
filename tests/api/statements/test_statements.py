"""
The artist's statement: asked for before the mint, kept for ever, shown to anybody.
"""

from typing import Any

import pytest

from api.certificates.waiting import issuing_round
from api.statements import queries
from nft.signing import typed_data_digest
from nft.statements import check
from nft.types import Address, Digest, TokenRef
from tests.media.pictures import png
from tests.support.exchange import CHAIN_ID, Person
from tests.support.studio import Studio, step_of

pytestmark = pytest.mark.chain

# PUSH4 magic PUSH1 224 SHL PUSH1 0 MSTORE PUSH1 32 PUSH1 0 RETURN: vouches for everything.
TRUSTING = "0x631626ba7e60e01b60005260206000f3"

STATEMENT = "sign-statement"


@pytest.fixture
def artist(studio: Studio) -> Person:
    return studio.person("artist")


@pytest.fixture
async def auth(studio: Studio, artist: Person) -> dict[str, str]:
    return await studio.sign_in(artist)


async def prepared(studio: Studio, artist: Person, auth: dict[str, str], **more: Any) -> Any:
    return await studio.mint_through(artist, auth, png(60, 40), **more)


async def minted(studio: Studio, person: Person, intent: dict[str, Any]) -> TokenRef:
    """The (first) work, sent and mirrored."""
    receipt = studio.send_step(person, step_of(intent))
    assert receipt["status"] == "0x1"
    studio.catch_up()
    result = (await studio.intent(intent["id"]))["result"]
    return TokenRef(CHAIN_ID, Address.parse(result["contract"]), int(result["token_id"]))


async def found(studio: Studio, ref: TokenRef) -> dict[str, Any] | None:
    """What a certificate of the work would carry."""
    token = await studio.token(ref)
    async with studio.parts.sessions() as session:
        return await queries.find(session, ref, Digest.parse(token["metadata_digest"]))


async def holds(studio: Studio, ref: TokenRef, statement: dict[str, Any]) -> Any:
    """The check of a verifier that has nothing but the certificate's facts."""
    token = await studio.token(ref)
    facts = {name: token[name] for name in ("title", "artist", "date", "medium", "dimensions")}
    media = [
        {name: one[name] for name in ("role", "sha256", "type", "size")} for one in token["media"]
    ]
    return check(
        statement,
        {**facts, "description": token["description"], "media": media},
        chain_id=ref.chain_id,
        contract=ref.contract,
        token_id=ref.token_id,
        metadata_digest=Digest.parse(token["metadata_digest"]),
    )


class TestMint:
    async def test_is_signed_first_and_stands_with_the_work(self, studio, artist, auth):
        intent = await prepared(studio, artist, auth)
        stating = intent["steps"][0]

        posted = await studio.post_signed(artist, stating)
        between = await studio.intent(intent["id"])
        ref = await minted(studio, artist, intent)

        assert (stating["id"], stating["kind"]) == (STATEMENT, "signature")
        assert (posted.status_code, posted.json()["signer"]) == (201, str(artist))
        assert [step["state"] for step in between["steps"]] == ["complete", "incomplete"]
        finding = await holds(studio, ref, await found(studio, ref))
        assert finding.is_proven
        assert finding.signer == artist.address

    async def test_can_do_without(self, studio, artist, auth):
        intent = await prepared(studio, artist, auth)

        ref = await minted(studio, artist, intent)

        seen = await studio.intent(intent["id"])
        states = {step["id"]: step["state"] for step in seen["steps"]}
        assert states == {STATEMENT: "incomplete", "mint": "complete"}
        assert await found(studio, ref) is None
        missing = await studio.client.get(f"/api/tokens/{ref.path}/statement")
        assert (missing.status_code, missing.json()["code"]) == (404, "NoSuchStatement")

    async def test_is_one_signature_for_all_works_of_a_sitting(self, studio, artist, auth):
        upload = await studio.upload(auth, png(60, 40))
        body = studio.mint_body(artist, upload)
        shared = {name: body.pop(name) for name in ("media", "alt_text", "work", "attributes")}
        del body["title"], body["description"]
        works = [{**shared, "title": f"Sheet {n} {studio.seed}"} for n in range(3)]
        asked = await studio.client.post("/api/mints", json={**body, "works": works}, headers=auth)
        await studio.work()
        intent = await studio.intent(asked.json()["id"])

        await studio.post_signed(artist, step_of(intent, STATEMENT))
        first = await minted(studio, artist, intent)

        for place in range(3):
            ref = TokenRef(first.chain_id, first.contract, first.token_id + place)
            statement = await found(studio, ref)
            assert (statement["place"], len(statement["works"])) == (place, 3)
            assert (await holds(studio, ref, statement)).is_proven

    async def test_of_an_edition_is_of_every_copy(self, studio, artist, auth):
        intent = await prepared(studio, artist, auth, copies=3)
        await studio.post_signed(artist, step_of(intent, STATEMENT))

        first = await minted(studio, artist, intent)

        last = TokenRef(first.chain_id, first.contract, first.token_id + 2)
        statement = await found(studio, last)
        assert statement == await found(studio, first)
        assert statement["copies"] == "3"
        assert (await holds(studio, last, statement)).is_proven

    async def test_comes_before_the_voucher_of_a_lazy_mint(self, studio, artist, auth):
        intent = await prepared(studio, artist, auth, lazy=True, list_at={"price": "5"})

        await studio.post_signed(artist, step_of(intent, STATEMENT))
        await studio.post_signed(artist, step_of(intent, "sign-voucher"))

        assert [step["id"] for step in intent["steps"]] == [STATEMENT, "sign-voucher"]
        assert intent["cost"]["prompts"] == 2
        seen = await studio.intent(intent["id"])
        assert {step["state"] for step in seen["steps"]} == {"complete"}


class TestPosting:
    async def test_twice_is_one_statement(self, studio, artist, auth):
        stating = step_of(await prepared(studio, artist, auth), STATEMENT)

        first = await studio.post_signed(artist, stating)
        second = await studio.post_signed(artist, stating)

        assert (first.status_code, second.status_code) == (201, 200)
        assert first.json() == second.json()
        assert studio.rows("SELECT count(*) FROM book_stated_works") == [(1,)]

    async def test_by_another_is_refused(self, studio, artist, auth):
        stating = step_of(await prepared(studio, artist, auth), STATEMENT)
        forger = studio.person("forger")

        posted = await studio.post_signed(forger, stating)
        stating["submit"]["body"]["signer"] = str(forger)
        named = await studio.post_signed(forger, stating)

        assert (posted.status_code, posted.json()["code"]) == (403, "StatementNotSigners")
        assert (named.status_code, named.json()["code"]) == (422, "NotTheSigners")
        assert studio.rows("SELECT count(*) FROM book_statements") == [(0,)]

    async def test_of_a_description_that_nobody_has_is_refused(self, studio, artist, auth):
        submit = step_of(await prepared(studio, artist, auth), STATEMENT)["submit"]
        works = [{**submit["body"]["works"][0], "metadata_digest": "0x" + "12" * 32}]
        body = {**submit["body"], "works": works, "signature": "0x" + "11" * 65}

        posted = await studio.client.post(submit["href"], json=body)

        assert (posted.status_code, posted.json()["code"]) == (422, "DescriptionUnknown")

    async def test_by_a_contract_wallet_is_asked_of_the_chain(self, studio, artist, auth):
        stating = step_of(await prepared(studio, artist, auth), STATEMENT)
        body = {**stating["submit"]["body"], "signature": "0x" + "ab" * 65}

        before = await studio.client.post(stating["submit"]["href"], json=body)
        studio.contracts.node.call("anvil_setCode", str(artist), TRUSTING)
        after = await studio.client.post(stating["submit"]["href"], json=body)
        studio.contracts.node.call("anvil_setCode", str(artist), "0x")

        assert (before.status_code, after.status_code) == (403, 201)
        assert studio.rows("SELECT by_contract FROM book_statements") == [(True,)]


class TestLater:
    async def test_a_minted_work_is_stated_and_shown(self, studio, artist, auth):
        ref = await minted(studio, artist, await prepared(studio, artist, auth))
        path = f"/api/tokens/{ref.path}/statement"

        asked = await studio.client.post(path, json={"creator": str(artist)})
        posted = await studio.post_signed(artist, asked.json()["steps"][0])
        again = await studio.client.post(path, json={"creator": str(artist)})

        assert (asked.status_code, asked.json()["intent"]) == (201, "statement")
        assert posted.status_code == 201
        assert (await studio.intent(asked.json()["id"]))["state"] == "final"
        assert (again.status_code, again.json()["code"]) == (409, "AlreadyStated")
        shown = await studio.get(path)
        assert str(typed_data_digest(shown["typed_data"])) == shown["digest"]
        assert shown["statement"] == await found(studio, ref)
        page = (await studio.client.get(f"/c/{ref.path}")).text
        assert "The artist signed exactly these words" in page

    async def test_a_certificate_that_was_there_gets_a_version_with_it(self, studio, artist, auth):
        ref = await minted(studio, artist, await prepared(studio, artist, auth))
        studio.contracts.node.mine(2)
        studio.catch_up()
        path = f"/api/certificates/{ref.path}"
        first = await studio.client.get(path)
        asked = await studio.client.post(
            f"/api/tokens/{ref.path}/statement", json={"creator": str(artist)}
        )

        await studio.post_signed(artist, asked.json()["steps"][0])
        await issuing_round(studio.parts)
        second = await studio.client.get(path)

        assert "statement" not in first.json()["credentialSubject"]
        assert second.headers["Certificate-Version"] == "2"
        assert second.json()["credentialSubject"]["statement"] == await found(studio, ref)

    async def test_somebody_else_is_not_asked(self, studio, artist, auth):
        ref = await minted(studio, artist, await prepared(studio, artist, auth))
        other = studio.person("other")

        asked = await studio.client.post(
            f"/api/tokens/{ref.path}/statement", json={"creator": str(other)}
        )

        assert (asked.status_code, asked.json()["code"]) == (403, "NotTheCreator")

    async def test_a_correction_is_stated_anew(self, studio, artist, auth):
        intent = await prepared(studio, artist, auth)
        await studio.post_signed(artist, step_of(intent, STATEMENT))
        ref = await minted(studio, artist, intent)
        before = await found(studio, ref)
        asked = await studio.client.post(
            f"/api/tokens/{ref.path}/metadata",
            json={"creator": str(artist), "title": "Harbour, late"},
            headers=auth,
        )
        await studio.work()
        correction = await studio.intent(asked.json()["id"])

        studio.send_step(artist, step_of(correction, "metadata"))
        studio.catch_up()
        without = await found(studio, ref)
        await studio.post_signed(artist, step_of(correction, STATEMENT))

        assert [step["id"] for step in correction["steps"]] == [STATEMENT, "metadata"]
        assert without is None
        after = await found(studio, ref)
        assert after["works"] != before["works"]
        assert (await holds(studio, ref, after)).is_proven
