"""How certificates come to be: with proofs, once, in versions that stay."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from api.certificates import issuers, status
from api.certificates.auditing import audit_if_due
from api.certificates.issuing import Issued, issue_certificate
from api.certificates.status import Change
from api.certificates.waiting import issuing_round, look_again, put_down
from nft.anchors import Status
from nft.chain.client import Web3Chain
from nft.chain.contracts import Collection
from nft.chain.protocol import Chain
from nft.layouts.collection import metadata_digest, our_collection, ownership
from nft.proofs.evidence import Evidence
from nft.proofs.linked import ProvenChain, Vouched
from nft.types import TokenRef
from tests.support.exchange import CHAIN_ID, Exchange
from tests.support.tcp_proxy import TcpProxy, wired

BLOCKS_TO_SAFETY = 2
UNPROVEN = cast("Chain", object())
"""A chain that is reached through nothing which proves anything."""


def settle(exchange: Exchange) -> None:
    """Blocks on top, so that what was done is safe."""
    exchange.contracts.node.mine(BLOCKS_TO_SAFETY)
    exchange.catch_up()


async def from_here(exchange: Exchange) -> None:
    """The works that other tests left on the chain are no concern of this one."""
    head = exchange.chain.head().number
    async with exchange.parts.sessions.begin() as session:
        method = (await issuers.current(session, exchange.parts)).method
        await session.execute(
            text(
                "INSERT INTO book_certificate_cursors VALUES (:chain_id, :head, :method) "
                "ON CONFLICT (chain_id) DO UPDATE SET number = :head, method = :method"
            ),
            {"chain_id": CHAIN_ID, "head": head, "method": method},
        )


async def rows(exchange: Exchange, query: str) -> list[tuple[Any, ...]]:
    async with exchange.parts.sessions() as session:
        return [tuple(row) for row in await session.execute(text(query))]


async def versions_of(exchange: Exchange, ref: TokenRef) -> list[tuple[int, str, bool]]:
    found = await rows(
        exchange, "SELECT version, reason, has_evidence, token_id FROM book_certificates ORDER BY 1"
    )
    mine = ref.token_id.to_bytes(32, "big")
    return [(row[0], row[1], row[2]) for row in found if bytes(row[3]) == mine]


def proven_by(certificate: dict[str, Any]) -> ProvenChain:
    """What the proofs say to somebody who knows the hash of each block in it."""
    told = certificate["evidence"][0]
    evidence = Evidence.read(told["proofs"])
    hashes = [Vouched(one.number, one.block_hash) for one in evidence.headers.values()]
    return ProvenChain(evidence.chain_id, [evidence], hashes)


@dataclass
class Asking:
    """Somebody issues, and the node keeps its first answer to itself."""

    exchange: Exchange
    ref: TokenRef
    wire: TcpProxy
    asked: threading.Event = field(default_factory=threading.Event)
    answer: threading.Event = field(default_factory=threading.Event)

    async def begin(self) -> "asyncio.Task[Issued | None]":
        """Issue as far as to the node."""
        self.wire.break_with(self._keep)
        parts = self.exchange.parts
        slow = replace(parts.chains[CHAIN_ID], chain=Web3Chain(CHAIN_ID, [self.wire.url]))
        issuing = issue_certificate(
            replace(parts, chains={CHAIN_ID: slow}), self.ref, now=self.exchange.clock()
        )
        task = asyncio.create_task(issuing)
        assert await asyncio.to_thread(self.asked.wait, 60)
        return task

    def _keep(self, client: socket.socket, part: bytes) -> bool:
        self.asked.set()
        self.answer.wait(60)
        client.sendall(part)
        return True


class TestIssuing:
    async def test_the_job_issues_what_is_safe_with_its_proofs(self, exchange: Exchange) -> None:
        await from_here(exchange)
        artist = exchange.person("artist")
        ref = exchange.mint(artist)
        settle(exchange)

        assert await issuing_round(exchange.parts) >= 1

        certificate = await exchange.get(f"/api/certificates/{ref.path}")
        told = certificate["evidence"][0]
        proven = proven_by(certificate)
        block = int(told["state"]["block"])
        ours = our_collection(proven, block, ref.contract).value
        digest = metadata_digest(proven, block, ours, ref.token_id)
        assert told["state"]["block"] == certificate["credentialSubject"]["mint"]["block_number"]
        assert ownership(proven, block, ref).value.owner == artist.address
        assert str(digest.value) == certificate["credentialSubject"]["metadata"]["sha256"]
        assert len(certificate["credentialStatus"]) == 2

    async def test_the_receipt_in_it_is_that_of_the_mint(self, exchange: Exchange) -> None:
        await from_here(exchange)
        ref = exchange.mint(exchange.person("artist"))
        settle(exchange)

        certificate = await exchange.get(f"/api/certificates/{ref.path}")

        mint = certificate["evidence"][0]["mint"]
        proven = proven_by(certificate).receipt(int(mint["block"]), int(mint["index"]))
        assert proven is not None
        log = proven.value.receipt.logs[mint["log"]]
        assert log.address == ref.contract
        assert log.topics[1] == bytes(32)
        assert log.topics[3] == ref.token_id.to_bytes(32, "big")
        assert (
            str(proven.value.transaction_hash)
            == (certificate["credentialSubject"]["mint"]["transaction_hash"])
        )

    async def test_reading_issues_and_the_bytes_stay(self, exchange: Exchange) -> None:
        await from_here(exchange)
        ref = exchange.mint(exchange.person("artist"))
        settle(exchange)

        first = await exchange.client.get(f"/api/certificates/{ref.path}")
        await issuing_round(exchange.parts)
        second = await exchange.client.get(f"/api/certificates/{ref.path}")

        assert first.content == second.content
        assert await versions_of(exchange, ref) == [(1, "issued", True)]

    async def test_what_is_not_safe_is_a_draft_and_waits(self, exchange: Exchange) -> None:
        await from_here(exchange)
        ref = exchange.mint(exchange.person("artist"))

        await issuing_round(exchange.parts)

        found = await exchange.client.get(f"/api/certificates/{ref.path}")
        assert found.json()["credentialSubject"]["provisional"] is True
        assert found.headers["Certificate-Version"] == "0"
        assert await versions_of(exchange, ref) == []

    async def test_two_who_issue_at_once_make_one_version(self, exchange: Exchange) -> None:
        await from_here(exchange)
        ref = exchange.mint(exchange.person("artist"))
        settle(exchange)

        reading = [exchange.client.get(f"/api/certificates/{ref.path}") for _ in range(6)]
        working = [issuing_round(exchange.parts) for _ in range(3)]
        answers, _ = await asyncio.gather(asyncio.gather(*reading), asyncio.gather(*working))

        assert len({answer.content for answer in answers}) == 1
        assert await versions_of(exchange, ref) == [(1, "issued", True)]

    async def test_a_sale_makes_no_version(self, exchange: Exchange) -> None:
        await from_here(exchange)
        artist, buyer = exchange.person("artist"), exchange.person("buyer")
        ref = exchange.mint(artist)
        settle(exchange)
        await issuing_round(exchange.parts)
        before = await exchange.client.get(f"/api/certificates/{ref.path}")

        await exchange.buy(buyer, await exchange.list(artist, ref))
        settle(exchange)
        await issuing_round(exchange.parts)

        after = await exchange.client.get(f"/api/certificates/{ref.path}")
        assert after.content == before.content
        assert len(await versions_of(exchange, ref)) == 1


class TestVersions:
    async def test_a_corrected_description_makes_one(self, exchange: Exchange) -> None:
        await from_here(exchange)
        artist = exchange.person("artist")
        ref = exchange.mint(artist)
        settle(exchange)
        old = await exchange.client.get(f"/api/certificates/{ref.path}")
        digest = exchange.describe(title=f"Corrected {exchange.seed}")
        call = Collection(ref.contract).set_metadata(ref.token_id, digest)
        assert exchange.send(artist, call)["status"] == "0x1"
        exchange.catch_up()

        pending = await exchange.client.get(f"/api/certificates/{ref.path}")
        settle(exchange)
        await issuing_round(exchange.parts)
        new = await exchange.client.get(f"/api/certificates/{ref.path}")

        assert pending.content == old.content
        assert new.json()["credentialSubject"]["metadata"]["sha256"] == str(digest)
        assert new.json()["evidence"][0]["state"] != old.json()["evidence"][0]["state"]
        assert await versions_of(exchange, ref) == [(1, "issued", True), (2, "metadata", True)]

    async def test_another_key_of_the_issuer_makes_one(self, exchange: Exchange) -> None:
        await from_here(exchange)
        ref = exchange.mint(exchange.person("artist"))
        settle(exchange)
        await issuing_round(exchange.parts)
        key = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)

        successor = replace(exchange.parts, issuer_key=key)
        await issue_certificate(successor, ref, now=exchange.clock())

        assert await versions_of(exchange, ref) == [(1, "issued", True), (2, "issuer", True)]

    async def test_a_node_that_proves_nothing_makes_one_without(self, exchange: Exchange) -> None:
        await from_here(exchange)
        ref = exchange.mint(exchange.person("artist"))
        settle(exchange)
        known = exchange.parts.chains[CHAIN_ID]
        nothing = replace(exchange.parts, chains={CHAIN_ID: replace(known, chain=UNPROVEN)})

        await issuing_round(nothing)
        waiting = await rows(exchange, "SELECT why FROM book_certificates_due")
        without = await exchange.get(f"/api/certificates/{ref.path}")
        exchange.clock.ahead += timedelta(seconds=10)
        await issuing_round(exchange.parts)

        assert "evidence" not in without
        assert len(waiting) == 1
        assert await versions_of(exchange, ref) == [(1, "issued", False), (2, "evidence", True)]
        assert await rows(exchange, "SELECT why FROM book_certificates_due") == []

    async def test_stay_readable_and_say_what_came_after(self, exchange: Exchange) -> None:
        await from_here(exchange)
        artist = exchange.person("artist")
        ref = exchange.mint(artist)
        settle(exchange)
        old = await exchange.client.get(f"/api/certificates/{ref.path}")
        digest = exchange.describe(title=f"Later {exchange.seed}")
        exchange.send(artist, Collection(ref.contract).set_metadata(ref.token_id, digest))
        settle(exchange)
        await exchange.client.get(f"/api/certificates/{ref.path}")

        listed = await exchange.get(f"/api/certificates/{ref.path}/versions")
        first = await exchange.client.get(f"/api/certificates/{ref.path}/versions/1")
        none = await exchange.client.get(f"/api/certificates/{ref.path}/versions/3")

        assert [one["superseded"] for one in listed["items"]] == [True, False]
        assert first.content == old.content
        assert first.headers["Certificate-Status"] == "superseded"
        assert "immutable" in first.headers["Cache-Control"]
        assert (
            f'</api/certificates/{ref.path}/versions/2>; rel="successor-version"'
            in (first.headers["Link"])
        )
        assert (none.status_code, none.json()["code"]) == (404, "NoSuchVersion")
        page = await exchange.client.get(f"/c/{ref.path}?version=1")
        assert "Superseded. This is version 1" in page.text
        assert f'href="/c/{ref.path}"' in page.text


class TestCalledBack:
    """Whoever's certificate was called back asks for none that is valid by changing a word."""

    async def called_back(
        self, exchange: Exchange, word: Status, reason: str
    ) -> tuple[TokenRef, dict[str, Any]]:
        """A work whose certificate is called back, and the status after its artist corrected it."""
        await from_here(exchange)
        artist = exchange.person("artist")
        ref = exchange.mint(artist)
        settle(exchange)
        await issuing_round(exchange.parts)
        async with exchange.parts.sessions.begin() as session:
            turn = Change(word, reason, "A museum wrote to us.", exchange.clock())
            await status.change(session, ref, 1, turn)
        digest = exchange.describe(title=f"Another word {exchange.seed}")
        exchange.send(artist, Collection(ref.contract).set_metadata(ref.token_id, digest))
        settle(exchange)
        await issuing_round(exchange.parts)
        return ref, await exchange.get(f"/api/certificates/{ref.path}/status")

    @pytest.mark.parametrize("word", [Status.REVOKED, Status.SUSPENDED])
    async def test_the_next_version_begins_suspended(
        self, exchange: Exchange, word: Status
    ) -> None:
        ref, found = await self.called_back(exchange, word, "not_the_artist")

        assert (found["version"], found["status"]) == (2, "suspended")
        [turn] = found["history"]
        assert (turn["reason"], turn["note"]) == ("not_the_artist", "A museum wrote to us.")
        listed = await exchange.get(f"/api/certificates/{ref.path}/versions")
        assert [one["status"] for one in listed["items"]] == [word.word, "suspended"]

    async def test_the_issuer_can_end_it(self, exchange: Exchange) -> None:
        ref, _ = await self.called_back(exchange, Status.REVOKED, "wrong_facts")
        async with exchange.parts.sessions.begin() as session:
            turn = Change(Status.VALID, "settled", "", exchange.clock())
            await status.change(session, ref, 2, turn)

        found = await exchange.get(f"/api/certificates/{ref.path}/status")

        assert (found["version"], found["status"]) == (2, "valid")

    async def test_what_was_wrong_with_the_document_alone_ends_with_it(
        self, exchange: Exchange
    ) -> None:
        _, found = await self.called_back(exchange, Status.REVOKED, "key_compromised")

        assert (found["version"], found["status"], found["history"]) == (2, "valid", [])


class TestMeanwhile:
    """What happens while a node is being asked for proofs."""

    @pytest.fixture
    async def asking(self, exchange: Exchange) -> AsyncIterator[Asking]:
        await from_here(exchange)
        ref = exchange.mint(exchange.person("artist"))
        settle(exchange)
        with wired(exchange.contracts.rpc_url) as wire:
            made = Asking(exchange, ref, wire)
            yield made
            made.answer.set()

    async def test_another_key_makes_no_version_twice(
        self, exchange: Exchange, asking: Asking
    ) -> None:
        first = await asking.begin()
        async with exchange.parts.sessions.begin() as session:
            await issuers.rotate(session, exchange.parts, note="", now=exchange.clock())
        await issue_certificate(exchange.parts, asking.ref, now=exchange.clock())
        asking.answer.set()

        found = await first

        assert found is not None
        assert not found.is_new
        assert await versions_of(exchange, asking.ref) == [(1, "issued", True)]

    async def test_the_chain_grows_and_the_proofs_stay_good(
        self, exchange: Exchange, asking: Asking
    ) -> None:
        first = await asking.begin()
        settle(exchange)
        asking.answer.set()

        found = await first

        assert found is not None
        assert (found.is_new, found.lacks) == (True, None)
        assert await versions_of(exchange, asking.ref) == [(1, "issued", True)]


class TestWaiting:
    async def test_is_told_since_when_whatever_was_tried(self, exchange: Exchange) -> None:
        await from_here(exchange)
        ref = exchange.mint(exchange.person("artist"))
        settle(exchange)
        since = exchange.clock()
        await put_down(exchange.parts, now=since)
        async with exchange.parts.sessions.begin() as session:
            await look_again(session, ref, now=since + timedelta(hours=1))
        exchange.clock.ahead += timedelta(hours=3)

        told = (await exchange.get("/status", format="json"))["certificates"]
        page = await exchange.client.get("/status", headers={"Accept": "text/html"})

        assert (told["waiting"], told["waiting_since"]) == (1, since.isoformat())
        assert "One work, which was put down 3 hours ago." in page.text
        assert "No certificate has been issued yet." in page.text


class TestAudit:
    async def test_verifies_every_certificate_once_a_day(self, exchange: Exchange) -> None:
        await from_here(exchange)
        refs = [exchange.mint(exchange.person("artist"), serial) for serial in (1, 2)]
        settle(exchange)
        for ref in refs:
            await exchange.get(f"/api/certificates/{ref.path}")
        async with exchange.parts.sessions.begin() as session:
            spoil = (
                "UPDATE book_certificates SET body = convert_to("
                "replace(convert_from(body, 'UTF8'), 'artist 2', 'artist 3'), 'UTF8') "
                "WHERE token_id = :token_id"
            )
            await session.execute(text(spoil), {"token_id": refs[1].token_id.to_bytes(32, "big")})

        found = await audit_if_due(exchange.parts)
        again = await audit_if_due(exchange.parts)

        assert found is not None
        assert dict(found.verdicts) == {"pass": 1, "fail": 1}
        assert found.failures[0]["check"] == "issuer.signature"
        assert again is None
        told = (await exchange.get("/status", format="json"))["certificates"]
        assert (told["issued"], told["audit"]["checked"], told["audit"]["failed"]) == (2, 2, 1)
        assert (
            "vernissage_certificates_audit_failed 1.0"
            in (await exchange.client.get("/metrics")).text
        )
