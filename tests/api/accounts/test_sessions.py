"""
Signing in, staying in, signing out; and everybody who should not.
"""

import asyncio
from datetime import timedelta

import pytest
from eth_account import Account

from tests.support.exchange import CHAIN_ID, PUBLIC_URL
from tests.support.studio import Studio, same_origin, sign_text

pytestmark = pytest.mark.chain

# Answers ERC-1271's magic value to whatever it is asked.
ALWAYS_VALID = "0x631626ba7e60e01b60005260206000f3"
COOKIE = "vernissage_session"


async def sign_in_with(studio: Studio, message: str, signature: str):
    body = {"message": message, "signature": signature}
    return await studio.client.post("/api/session", json=body)


class TestSignIn:
    async def test_gives_a_cookie_and_a_token(self, studio: Studio):
        artist = studio.person("artist")
        message = await studio.nonce(artist)

        answer = await sign_in_with(studio, message, sign_text(artist, message))

        assert answer.status_code == 200
        assert answer.json()["address"] == str(artist)
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(f"{COOKIE}={answer.json()['token']}")
        assert "HttpOnly" in cookie
        assert "samesite=lax" in cookie.lower()

    async def test_keeps_only_a_hash_of_the_token(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))

        kept = studio.rows("SELECT token_hash FROM book_sessions")

        token = auth["Authorization"].removeprefix("Bearer ")
        assert len(kept) == 1
        assert token.encode() not in bytes(kept[0][0])

    async def test_refuses_a_nonce_the_second_time(self, studio: Studio):
        artist = studio.person("artist")
        message = await studio.nonce(artist)
        signature = sign_text(artist, message)
        await sign_in_with(studio, message, signature)

        again = await sign_in_with(studio, message, signature)

        assert (again.status_code, again.json()["code"]) == (401, "SignInRefused")
        assert studio.rows("SELECT count(*) FROM book_sessions") == [(1,)]

    async def test_of_many_with_one_nonce_lets_in_one(self, studio: Studio):
        artist = studio.person("artist")
        message = await studio.nonce(artist)
        signature = sign_text(artist, message)

        answers = await asyncio.gather(
            *(sign_in_with(studio, message, signature) for _ in range(8))
        )

        assert sorted(answer.status_code for answer in answers) == [200] + [401] * 7
        assert studio.rows("SELECT count(*) FROM book_sessions") == [(1,)]

    async def test_refuses_another_wallets_signature(self, studio: Studio):
        artist, forger = studio.person("artist"), studio.person("forger")
        message = await studio.nonce(artist)

        answer = await sign_in_with(studio, message, sign_text(forger, message))

        assert answer.status_code == 401
        assert studio.rows("SELECT count(*) FROM book_nonces") == [(1,)]

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("exchange.test wants", "evil.test wants"),
            ("URI: http://exchange.test", "URI: http://evil.test"),
            ("Chain ID: 31337", "Chain ID: 1"),
            ("This costs nothing", "This costs everything"),
        ],
    )
    async def test_refuses_a_text_other_than_the_one_handed_out(
        self, studio: Studio, old: str, new: str
    ):
        artist = studio.person("artist")
        message = (await studio.nonce(artist)).replace(old, new)

        answer = await sign_in_with(studio, message, sign_text(artist, message))

        assert answer.status_code in (401, 404, 422)
        assert studio.rows("SELECT count(*) FROM book_sessions") == [(0,)]

    async def test_refuses_an_expired_text(self, studio: Studio):
        artist = studio.person("artist")
        message = await studio.nonce(artist)
        studio.clock.ahead = timedelta(minutes=11)

        answer = await sign_in_with(studio, message, sign_text(artist, message))

        assert answer.status_code == 401

    @pytest.mark.parametrize("signature", ["0x", "0xzz", "nothing", "0x" + "00" * 65])
    async def test_refuses_what_is_no_signature(self, studio: Studio, signature: str):
        message = await studio.nonce(studio.person("artist"))

        answer = await sign_in_with(studio, message, signature)

        assert (answer.status_code, answer.json()["code"]) == (422, "NotASignature")

    async def test_takes_the_word_of_a_contract_wallet(self, studio: Studio):
        key_holder, wallet = studio.person("key holder"), studio.person("wallet")
        studio.contracts.node.call("anvil_setCode", str(wallet), ALWAYS_VALID)
        message = await studio.nonce(wallet)

        answer = await sign_in_with(studio, message, sign_text(key_holder, message))

        assert answer.status_code == 200
        assert answer.json()["address"] == str(wallet)

    async def test_refuses_a_contract_that_vouches_for_nothing(self, studio: Studio):
        key_holder, wallet = studio.person("key holder"), studio.person("wallet")
        studio.contracts.node.call("anvil_setCode", str(wallet), "0x60006000f3")
        message = await studio.nonce(wallet)

        answer = await sign_in_with(studio, message, sign_text(key_holder, message))

        assert answer.status_code == 401

    async def test_makes_a_new_session_and_kills_the_one_before(self, studio: Studio):
        artist = studio.person("artist")
        before = await studio.sign_in(artist)
        message = await studio.nonce(artist)
        body = {"message": message, "signature": sign_text(artist, message)}

        answer = await studio.client.post("/api/session", json=body, headers=before)
        studio.client.cookies.clear()
        old = await studio.client.get("/api/session", headers=before)

        assert answer.status_code == 200
        assert old.status_code == 401

    async def test_is_refused_on_a_chain_that_is_not_ours(self, studio: Studio):
        address = Account.create().address
        body = {"address": address, "chain_id": "5"}

        answer = await studio.client.post("/api/session/nonce", json=body)

        assert (answer.status_code, answer.json()["code"]) == (404, "NoSuchChain")

    async def test_names_the_field_of_a_bad_address(self, studio: Studio):
        body = {"address": "0x12", "chain_id": str(CHAIN_ID)}

        answer = await studio.client.post("/api/session/nonce", json=body)

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/address"


class TestSession:
    async def test_says_who_is_signed_in(self, studio: Studio):
        artist = studio.person("artist")
        auth = await studio.sign_in(artist)

        answer = await studio.client.get("/api/session", headers=auth)

        assert answer.json()["address"] == str(artist)
        assert answer.json()["chain_id"] == str(CHAIN_ID)

    @pytest.mark.parametrize("header", ["", "Bearer nonsense", "Basic eA==", "Bearer"])
    async def test_without_one_asks_to_sign_in(self, studio: Studio, header: str):
        answer = await studio.client.get("/api/session", headers={"Authorization": header})

        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"

    async def test_ends_after_a_week(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        for hours in range(0, 169, 12):
            studio.clock.ahead = timedelta(hours=hours)
            last = await studio.client.get("/api/session", headers=auth)

        assert last.status_code == 401

    async def test_ends_after_a_day_without_use(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        studio.clock.ahead = timedelta(hours=24, minutes=1)

        answer = await studio.client.get("/api/session", headers=auth)

        assert answer.status_code == 401

    async def test_is_dead_once_signed_out(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))

        out = await studio.client.delete("/api/session", headers=auth)
        after = await studio.client.get("/api/session", headers=auth)

        assert out.status_code == 204
        assert "Max-Age=0" in out.headers["set-cookie"]
        assert after.status_code == 401

    async def test_can_be_ended_everywhere(self, studio: Studio):
        artist, other = studio.person("artist"), studio.person("other")
        laptop, phone = await studio.sign_in(artist), await studio.sign_in(artist)
        theirs = await studio.sign_in(other)

        await studio.client.delete("/api/sessions", headers=laptop)

        assert (await studio.client.get("/api/session", headers=phone)).status_code == 401
        assert (await studio.client.get("/api/session", headers=theirs)).status_code == 200


class TestCookieWrites:
    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Origin": "http://evil.test"},
            {"Origin": "null"},
            {"Origin": "http://exchange.test.evil.test"},
            {"Origin": PUBLIC_URL, "Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Sec-Fetch-Site": "none"},
        ],
    )
    async def test_from_elsewhere_are_refused(self, studio: Studio, headers: dict[str, str]):
        auth = await studio.sign_in(studio.person("artist"))
        cookie = {"Cookie": f"{COOKIE}={auth['Authorization'].removeprefix('Bearer ')}"}

        answer = await studio.client.post(
            "/api/drafts", json={"body": {}}, headers={**cookie, **headers}
        )

        assert (answer.status_code, answer.json()["code"]) == (403, "CrossSiteRequest")
        assert studio.rows("SELECT count(*) FROM book_drafts") == [(0,)]

    async def test_from_our_own_pages_pass(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        cookie = {"Cookie": f"{COOKIE}={auth['Authorization'].removeprefix('Bearer ')}"}

        answer = await studio.client.post(
            "/api/drafts", json={"body": {}}, headers={**cookie, **same_origin()}
        )

        assert answer.status_code == 201

    async def test_signing_somebody_in_from_elsewhere_is_refused(self, studio: Studio):
        forger = studio.person("forger")
        message = await studio.nonce(forger)
        body = {"message": message, "signature": sign_text(forger, message)}

        answer = await studio.client.post(
            "/api/session", json=body, headers={"Origin": "http://evil.test"}
        )

        assert (answer.status_code, answer.json()["code"]) == (403, "CrossSiteRequest")

    async def test_signing_out_from_elsewhere_is_refused(self, studio: Studio):
        auth = await studio.sign_in(studio.person("artist"))
        cookie = {"Cookie": f"{COOKIE}={auth['Authorization'].removeprefix('Bearer ')}"}

        answer = await studio.client.delete("/api/session", headers=cookie)

        assert answer.status_code == 403
        assert (await studio.client.get("/api/session", headers=auth)).status_code == 200
