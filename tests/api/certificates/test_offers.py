"""Certificates of works that are offered and not minted: anchored first, minted by the buyer."""

import asyncio
import io
import json
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from eth_account import Account

from api.certificates import anchor, anchoring, status
from api.certificates.auditing import audit_if_due, audit_some
from api.certificates.issuing import issue_certificate
from api.certificates.status import Change
from api.certificates.waiting import issuing_round
from api.key_site import KeySite
from api.statements.works import Wanted, entries
from nft.anchors import Status, read_anchor
from nft.chain.contracts import Collection
from nft.chain.contracts import Exchange as ExchangeContract
from nft.signing import voucher_hash, voucher_message, voucher_typed_data
from nft.statements import typed_data
from nft.tokens import token_id
from nft.types import Digest, TokenRef
from nft.vouchers import Voucher
from tests.api.certificates.test_issuing import from_here, settle, versions_of
from tests.support.exchange import CHAIN_ID, ETHER, Exchange, Person
from tests.support.sheets import attached_to, text_of

pytestmark = pytest.mark.chain

NOON = datetime(2020, 1, 15, 12, tzinfo=UTC)
"""Long ago, so that no test knows midnight; the contract takes any day that began."""
MONTH = timedelta(days=30)
TRUSTING = "0x631626ba7e60e01b60005260206000f3"
"""A wallet's code that vouches for everything (ERC-1271), as in `tests/api/orders`."""


@dataclass(frozen=True)
class Offered:
    """A voucher on the book, and the work that it offers first."""

    voucher: Voucher
    signer: Person
    signature: str
    ref: TokenRef
    hash: str

    def ref_of(self, number: int) -> TokenRef:
        return TokenRef(self.ref.chain_id, self.ref.contract, self.ref.token_id + number)


async def offer(
    exchange: Exchange,
    artist: Person,
    serial: int = 1,
    *,
    by: Person | None = None,
    signature: str = "",
    **changed: Any,
) -> Offered:
    """Sign a lazy mint and post it; `by` signs in the artist's name, `signature` is a wallet's."""
    signer = by or artist
    now = int(exchange.clock().timestamp())
    digest = changed.pop("digest", None) or exchange.describe(title=f"Offered {exchange.seed}")
    terms = {"nonce": serial, "price": ETHER, "royalty_bps": 750, "max_fee_bps": 0, **changed}
    voucher = Voucher(
        token_id=token_id(artist.address, serial),
        metadata_digest=digest,
        start=now - 60,
        end=now + int(MONTH.total_seconds()),
        counter=0,
        **terms,
    )
    signature = signature or signer.sign(
        voucher_typed_data(voucher, chain_id=CHAIN_ID, collection=exchange.house)
    )
    body = {
        "chain_id": str(CHAIN_ID),
        "contract": str(exchange.house),
        "signer": str(signer),
        "voucher": voucher_message(voucher),
        "signature": signature,
    }
    posted = await exchange.client.post("/api/orders", json=body)
    assert posted.status_code == 201, posted.text
    ref = TokenRef(CHAIN_ID, exchange.house, voucher.token_id)
    return Offered(voucher, signer, signature, ref, posted.json()["hash"])


def let_mint(exchange: Exchange, artist: Person, minter: Person, *, allowed: bool) -> None:
    """The artist lets somebody mint in their name, or no longer."""
    call = Collection(exchange.house).set_minter(minter.address, allowed)
    assert exchange.send(artist, call)["status"] == "0x1"
    exchange.catch_up()


async def audited_before_and_after(exchange, artist, minter, offered):
    """What the audit says of an offer, and again when the artist has taken the right back."""
    await ask(exchange, offered.ref)
    allowed = await audit_some(exchange.parts, 1)
    let_mint(exchange, artist, minter, allowed=False)
    return allowed, await audit_some(exchange.parts, 1)


async def state(exchange: Exchange, artist: Person, token: int, digest: Digest) -> None:
    """Sign one work's words and files, and post that."""
    async with exchange.parts.sessions() as session:
        works = await entries(session, [Wanted(token, 1, digest)], signer=artist.address)
    body = {
        "chain_id": str(CHAIN_ID),
        "contract": str(exchange.house),
        "signer": str(artist),
        "works": [{"token_id": str(token), "copies": 1, "metadata_digest": str(digest)}],
        "signature": artist.sign(typed_data(works, chain_id=CHAIN_ID, contract=exchange.house)),
    }
    posted = await exchange.client.post("/api/statements", json=body)
    assert posted.status_code == 201, posted.text


def redeem(exchange: Exchange, buyer: Person, offered: Offered, number: int = 0) -> None:
    """The buyer's purchase, which mints; mirrored and not safe yet."""
    call = Collection(exchange.house).redeem(
        offered.voucher, offered.signer.address, bytes.fromhex(offered.signature[2:]), number
    )
    assert exchange.send(buyer, call)["status"] == "0x1"
    exchange.catch_up()


def cancel(exchange: Exchange, offered: Offered) -> None:
    """The signer takes the voucher back on the chain."""
    call = ExchangeContract(exchange.exchange).cancel([offered.voucher.nonce])
    assert exchange.send(offered.signer, call)["status"] == "0x1"
    exchange.catch_up()


async def anchored(exchange: Exchange) -> None:
    """Today's tree, its root on the chain, and the proof of it."""
    early = frozenset([CHAIN_ID])
    later = NOON + timedelta(minutes=5)
    assert await anchoring.prepare_due(exchange.parts, now=later, early=early) == 1
    key = exchange.person("issuer").key
    site = KeySite(exchange.chain, Account.from_key(key), patience=20)
    await anchoring.send_due(exchange.parts, CHAIN_ID, site, key=None)
    settle(exchange)
    assert await anchor.prove_due(exchange.parts) == 1


async def ask(exchange: Exchange, ref: TokenRef, more: str = "") -> httpx.Response:
    return await exchange.client.get(f"/api/certificates/{ref.path}{more}")


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.fixture
def artist(exchange: Exchange) -> Person:
    return exchange.person("artist")


@pytest.fixture
def buyer(exchange: Exchange) -> Person:
    return exchange.person("buyer")


class TestOffered:
    async def test_is_certified_by_the_worker_once_it_is_posted(self, exchange, artist):
        await from_here(exchange)
        offered = await offer(exchange, artist)

        assert await issuing_round(exchange.parts) == 1

        answer = await ask(exchange, offered.ref)
        certificate = answer.json()
        subject = certificate["credentialSubject"]
        digest = voucher_hash(offered.voucher, chain_id=CHAIN_ID, collection=exchange.house)
        assert answer.headers["Certificate-Version"] == "1"
        assert subject["voucher"] == {
            "signer": str(artist),
            "signature": offered.signature,
            "message": voucher_message(offered.voucher),
        }
        assert "mint" not in subject
        assert "evidence" not in certificate
        assert len(certificate["credentialStatus"]) == 2
        assert (await ask(exchange, offered.ref)).content == answer.content
        assert await versions_of(exchange, offered.ref) == [(1, "issued", False)]
        assert offered.hash == str(digest)

    async def test_is_shown_plainly_and_found_by_its_code(self, exchange, artist):
        offered = await offer(exchange, artist)
        await ask(exchange, offered.ref)
        listed = await exchange.get(f"/api/certificates/{offered.ref.path}/versions")
        page = await exchange.client.get(f"/c/{offered.ref.path}")
        code = page.text.partition("/v/")[2][:12]

        led = await exchange.client.get(f"/v/{code}")
        of_voucher = await exchange.client.get(f"/vouchers/{offered.hash}")

        assert page.status_code == 200, page.text
        assert "Not minted yet." in page.text
        assert f'href="/vouchers/{offered.hash}"' in page.text
        assert "Held by" not in page.text
        assert "linked-art" not in page.headers["Link"]
        assert led.headers["Location"] == f"/c/{offered.ref.path}"
        assert f'href="/c/{offered.ref.path}"' in of_voucher.text
        assert [one["status"] for one in listed["items"]] == ["valid"]

    async def test_has_what_the_artist_stated(self, exchange, artist):
        await from_here(exchange)
        digest = exchange.describe(title=f"Stated {exchange.seed}")
        first, second = token_id(artist.address, 1), token_id(artist.address, 2)
        await state(exchange, artist, first, digest)
        with_it = await offer(exchange, artist, digest=digest)
        without = await offer(exchange, artist, 2, digest=digest)
        before = await ask(exchange, without.ref)

        await state(exchange, artist, second, digest)
        await issuing_round(exchange.parts)

        stated = (await ask(exchange, with_it.ref)).json()["credentialSubject"]["statement"]
        assert "statement" not in before.json()["credentialSubject"]
        assert (stated["signer"], stated["token_id"]) == (str(artist), str(first))
        assert await versions_of(exchange, with_it.ref) == [(1, "issued", False)]
        assert await versions_of(exchange, without.ref) == [
            (1, "issued", False),
            (2, "statement", False),
        ]

    async def test_of_an_edition_is_issued_to_the_first_reader_of_each(self, exchange, artist):
        offered = await offer(exchange, artist, edition_size=3)
        last = offered.ref_of(2)

        answers = await asyncio.gather(*(ask(exchange, last) for _ in range(6)))

        assert len({answer.content for answer in answers}) == 1
        assert await versions_of(exchange, last) == [(1, "issued", False)]
        assert answers[0].json()["credentialSubject"]["token"]["token_id"] == str(last.token_id)
        assert refusal(await ask(exchange, offered.ref_of(3))) == (404, "NoSuchToken")
        assert await versions_of(exchange, offered.ref_of(1)) == []

    async def test_is_none_without_a_voucher(self, exchange, artist):
        ref = TokenRef(CHAIN_ID, exchange.house, token_id(artist.address, 9))
        exchange.catch_up()

        paths = ("", "/versions", "/ownership", ".zip", ".pdf")
        answers = [refusal(await ask(exchange, ref, more)) for more in paths]
        page = await exchange.client.get(f"/c/{ref.path}")

        assert answers == [(404, "NoSuchToken")] * 5
        assert page.status_code == 404

    async def test_another_voucher_makes_the_next_version(self, exchange, artist):
        await from_here(exchange)
        digest = exchange.describe(title=f"Twice {exchange.seed}")
        first = await offer(exchange, artist, digest=digest)
        await issuing_round(exchange.parts)

        second = await offer(exchange, artist, digest=digest, nonce=7, price=ETHER // 2)
        await issuing_round(exchange.parts)

        told = (await ask(exchange, second.ref)).json()["credentialSubject"]["voucher"]
        assert told["message"]["nonce"] == "7"
        assert await versions_of(exchange, first.ref) == [
            (1, "issued", False),
            (2, "voucher", False),
        ]
        cancel(exchange, second)
        again = (await ask(exchange, first.ref)).json()["credentialSubject"]["voucher"]
        assert again["message"]["nonce"] == "1"


class TestNoLongerOffered:
    async def test_stays_what_it_was_when_the_voucher_is_taken_back(self, exchange, artist):
        offered = await offer(exchange, artist, edition_size=2)
        before = await ask(exchange, offered.ref)

        cancel(exchange, offered)

        after = await ask(exchange, offered.ref)
        page = await exchange.client.get(f"/c/{offered.ref.path}")
        assert after.content == before.content
        assert len(await versions_of(exchange, offered.ref)) == 1
        assert "the offer that this certificate is of is over" in page.text
        assert refusal(await ask(exchange, offered.ref_of(1))) == (404, "NoSuchToken")

    async def test_is_kept_back_while_a_hidden_voucher_could_be_used(self, exchange, artist):
        offered = await offer(exchange, artist)
        before = await ask(exchange, offered.ref)
        asked = await exchange.client.post(
            f"/api/vouchers/{offered.hash}/cancel", json={"maker": str(artist), "how": "hide"}
        )
        hidden = await exchange.post_signed(artist, asked.json()["steps"][0])
        assert hidden.status_code == 200, hidden.text

        paths = ("", ".zip", ".pdf", "/versions/1")
        answers = [refusal(await ask(exchange, offered.ref, more)) for more in paths]
        page = await exchange.client.get(f"/c/{offered.ref.path}?version=1")

        assert answers == [(404, "CertificateHidden")] * 4
        assert page.status_code == 404
        exchange.clock.ahead += MONTH + timedelta(days=1)
        assert (await ask(exchange, offered.ref)).content == before.content


class TestAnchoredAndMinted:
    async def test_is_followed_by_an_ordinary_one(self, exchange, artist, buyer):
        await from_here(exchange)
        offered = await offer(exchange, artist)
        issued = await issue_certificate(exchange.parts, offered.ref, now=NOON)
        waiting = await ask(exchange, offered.ref, "/anchor")
        early = await ask(exchange, offered.ref, ".pdf")
        await anchored(exchange)
        late, again = [await ask(exchange, offered.ref, ".pdf") for _ in range(2)]
        shown = await exchange.client.get(f"/c/{offered.ref.path}")
        proof = (await ask(exchange, offered.ref, "/anchor")).json()

        redeem(exchange, buyer, offered)
        draft = await ask(exchange, offered.ref)
        settle(exchange)
        await issuing_round(exchange.parts)

        new = await ask(exchange, offered.ref)
        old = await ask(exchange, offered.ref, "/versions/1")
        page = await exchange.client.get(f"/c/{offered.ref.path}?version=1")
        assert refusal(waiting) == (404, "AnchorWaiting")
        assert "Anchored, not minted." in shown.text
        assert text_of(early.content).startswith("Not minted yet.")
        assert text_of(late.content).startswith("Anchored, not minted. Since")
        assert early.headers["ETag"] != late.headers["ETag"]
        assert again.content == late.content
        assert attached_to(late.content) == issued.certificate.body
        assert read_anchor(proof).certificate == Digest.sha256(issued.certificate.body)
        assert draft.json()["credentialSubject"]["provisional"] is True
        assert "evidence" in new.json()
        assert "voucher" not in new.json()["credentialSubject"]
        assert old.content == issued.certificate.body
        assert old.headers["Certificate-Status"] == "superseded"
        assert "Superseded. This is version 1" in page.text
        assert "Anchored, not minted." in page.text
        assert (await ask(exchange, offered.ref, "/anchor?version=1")).json() == proof
        assert await versions_of(exchange, offered.ref) == [
            (1, "issued", False),
            (2, "minted", True),
        ]

    async def test_has_the_price_of_its_first_sale_proven(self, exchange, artist, buyer):
        offered = await offer(exchange, artist)
        redeem(exchange, buyer, offered)
        settle(exchange)

        extract = await ask(exchange, offered.ref, "/ownership")

        report = await exchange.client.post(
            "/api/certificates/verify",
            content=extract.content,
            headers={"Content-Type": "application/json"},
        )
        told = {one["id"]: (one["result"], one["detail"]) for one in report.json()["checks"]}
        result, detail = told["provenance.1"]
        assert result == "pass"
        assert detail.endswith("as the work's own contract recorded it")
        assert f"for {offered.voucher.price} of" in detail

    async def test_is_in_force_again_when_the_mint_is_undone(self, exchange, artist, buyer):
        offered = await offer(exchange, artist)
        before = await ask(exchange, offered.ref)
        with exchange.contracts.node.put_back():
            redeem(exchange, buyer, offered)
            draft = await ask(exchange, offered.ref)

        exchange.contracts.node.mine(2)
        exchange.catch_up()

        assert draft.headers["Certificate-Version"] == "0"
        assert (await ask(exchange, offered.ref)).content == before.content
        redeem(exchange, buyer, offered)
        settle(exchange)
        assert "evidence" in (await ask(exchange, offered.ref)).json()
        assert await versions_of(exchange, offered.ref) == [
            (1, "issued", False),
            (2, "minted", True),
        ]

    async def test_follows_a_mint_that_was_safe_and_is_undone(self, exchange, artist, buyer):
        """A development node can do that; nothing of what was issued is lost."""
        offered = await offer(exchange, artist)
        first = await ask(exchange, offered.ref)
        with exchange.contracts.node.put_back():
            redeem(exchange, buyer, offered)
            settle(exchange)
            minted = await ask(exchange, offered.ref)

        exchange.contracts.node.mine(2)
        exchange.catch_up()
        await issuing_round(exchange.parts)

        again = await ask(exchange, offered.ref)
        assert minted.headers["Certificate-Version"] == "2"
        assert (
            again.json()["credentialSubject"]["voucher"]
            == (first.json()["credentialSubject"]["voucher"])
        )
        assert "mint" not in again.json()["credentialSubject"]
        assert await versions_of(exchange, offered.ref) == [
            (1, "issued", False),
            (2, "minted", True),
            (3, "voucher", False),
        ]
        assert (await ask(exchange, offered.ref, "/versions/2")).content == minted.content

    async def test_one_work_of_an_edition_leaves_the_others_as_they_are(
        self, exchange, artist, buyer
    ):
        offered = await offer(exchange, artist, edition_size=2)
        before = [await ask(exchange, offered.ref_of(number)) for number in range(2)]

        redeem(exchange, buyer, offered, number=1)
        settle(exchange)

        assert (await ask(exchange, offered.ref)).content == before[0].content
        minted = await ask(exchange, offered.ref_of(1))
        assert minted.headers["Certificate-Version"] == "2"
        assert "mint" in minted.json()["credentialSubject"]


class TestChecks:
    async def test_can_be_revoked_and_is_audited(self, exchange, artist):
        offered = await offer(exchange, artist)
        await ask(exchange, offered.ref)

        found = await audit_if_due(exchange.parts)
        async with exchange.parts.sessions.begin() as session:
            turn = Change(Status.REVOKED, "rights", "", exchange.clock())
            await status.change(session, offered.ref, 1, turn)

        told = await exchange.get(f"/api/certificates/{offered.ref.path}/status")
        page = await exchange.client.get(f"/c/{offered.ref.path}")
        assert dict(found.verdicts) == {"pass": 1}
        assert told["status"] == "revoked"
        assert "Revoked. The issuer took this certificate back for good." in page.text

    async def test_of_the_audit_find_a_voucher_that_was_changed(self, exchange, artist):
        offered = await offer(exchange, artist)
        await ask(exchange, offered.ref)
        async with exchange.parts.sessions.begin() as session:
            spoil = (
                "UPDATE book_certificates SET body = convert_to(replace("
                "convert_from(body, 'UTF8'), '\"nonce\":\"1\"', '\"nonce\":\"2\"'), 'UTF8')"
            )
            await (await session.connection()).exec_driver_sql(spoil)

        found = await audit_if_due(exchange.parts)

        assert dict(found.verdicts) == {"fail": 1}

    async def test_of_the_audit_ask_the_chain_who_mints_for_the_artist(self, exchange, artist):
        minter = exchange.person("minter")
        let_mint(exchange, artist, minter, allowed=True)
        offered = await offer(exchange, artist, by=minter)

        allowed, no_longer = await audited_before_and_after(exchange, artist, minter, offered)

        assert dict(allowed.verdicts) == {"pass": 1}
        assert dict(no_longer.verdicts) == {"incomplete": 1}
        assert no_longer.failures == []

    async def test_of_the_audit_ask_a_wallet_whether_it_signed(self, exchange, artist):
        exchange.contracts.node.call("anvil_setCode", str(artist), TRUSTING)
        offered = await offer(exchange, artist, signature="0x" + "ab" * 90)
        await ask(exchange, offered.ref)

        vouching = await audit_some(exchange.parts, 1)
        exchange.contracts.node.call("anvil_setCode", str(artist), "0x60006000fd")
        silent = await audit_some(exchange.parts, 1)

        assert dict(vouching.verdicts) == {"pass": 1}
        assert dict(silent.verdicts) == {"incomplete": 1}
        assert silent.failures == []

    async def test_of_the_audit_ask_whether_a_wallet_may_mint_too(self, exchange, artist):
        minter = exchange.person("minter")
        let_mint(exchange, artist, minter, allowed=True)
        exchange.contracts.node.call("anvil_setCode", str(minter), TRUSTING)
        offered = await offer(exchange, artist, by=minter, signature="0x" + "ab" * 90)

        allowed, no_longer = await audited_before_and_after(exchange, artist, minter, offered)

        assert dict(allowed.verdicts) == {"pass": 1}
        assert dict(no_longer.verdicts) == {"incomplete": 1}

    async def test_say_that_the_mint_alone_is_open(self, exchange, artist):
        offered = await offer(exchange, artist)
        body = (await ask(exchange, offered.ref)).content

        report = (await exchange.client.post("/api/certificates/verify", content=body)).json()

        open_ones = [
            one["id"]
            for one in report["checks"]
            if one["required"] and one["result"] == "not_checked"
        ]
        assert "chain.mint" in open_ones
        assert (report["verdict"], set(open_ones) - {"media.0.image"}) == (
            "incomplete",
            {"chain.mint"},
        )


class TestForms:
    async def test_of_a_bundle_say_that_nothing_is_minted(self, exchange, artist):
        offered = await offer(exchange, artist)
        certificate = await ask(exchange, offered.ref)
        exchange.contracts.node.mine(2)  # Money was given outside of any block that stood.
        settle(exchange)

        answer = await ask(exchange, offered.ref, ".zip")

        report = await exchange.client.post(
            "/api/certificates/verify",
            content=answer.content,
            headers={"Content-Type": "application/zip"},
        )
        bundle = zipfile.ZipFile(io.BytesIO(answer.content))
        extract = json.loads(bundle.read("extract.json"))
        assert bundle.read("certificate.json") == certificate.content
        assert (extract["owner"], extract["transfer_count"], extract["provenance"]) == (None, 0, [])
        assert extract["completeness"] == "complete"
        assert {"status.json", "issuer.json", "metadata.json", "verify.html"} <= set(
            bundle.namelist()
        )
        assert text_of(bundle.read("certificate.pdf")).startswith("Not minted yet.")
        assert report.json()["verdict"] == "incomplete"
        assert [one["id"] for one in report.json()["checks"] if one["result"] == "fail"] == []
        assert "X-Ipfs-Path" not in answer.headers

    async def test_of_a_mint_are_not_there_yet(self, exchange, artist):
        offered = await offer(exchange, artist)
        await ask(exchange, offered.ref)
        path = offered.ref.path

        assert refusal(await ask(exchange, offered.ref, "/links")) == (404, "NotMintedYet")
        assert refusal(await ask(exchange, offered.ref, "/linked-art")) == (404, "NoSuchToken")
        assert refusal(await ask(exchange, offered.ref, "/standing")) == (404, "NoSuchToken")
        assert (await exchange.client.get(f"/embed/{path}")).status_code == 404
        credential, paper = [
            await exchange.client.get(f"/c/{path}", headers={"Accept": form})
            for form in ("application/vc", "application/pdf")
        ]
        assert paper.content == (await ask(exchange, offered.ref, ".pdf")).content
        assert f'{path}.pdf>; rel="alternate"' in paper.headers["Link"]
        assert "linked-art" not in paper.headers["Link"]
        assert credential.content == (await ask(exchange, offered.ref)).content
