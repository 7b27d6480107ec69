"""
A gallery's word for a certificate: with a key of its own domain, for this certificate alone.
"""

import json
from asyncio import gather
from datetime import timedelta
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from nft.countersignatures import (
    Countersigned,
    countersign,
    did_document,
    withdraw,
)
from nft.tokens import creator_of
from nft.types import Digest, TokenRef
from tests.api.standing.conftest import Desk
from tests.support.exchange import Person

pytestmark = pytest.mark.chain

KEY, FORGED = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (3, 4))
GALLERY = "did:web:gallery.art"


async def signed(
    desk: Desk, ref: TokenRef, *, key: Ed25519PrivateKey = KEY, did: str = GALLERY
) -> dict[str, Any]:
    body = await desk.certificate(ref)
    metadata = json.loads(body)["credentialSubject"]["metadata"]["sha256"]
    what = Countersigned(
        certificate=Digest.sha256(body),
        token=ref,
        metadata=Digest.parse(metadata),
        creator=creator_of(ref.token_id),
    )
    return countersign(what, key=key, did=did, now=desk.clock())


async def post(desk: Desk, ref: TokenRef, document: Any, more: str = "") -> httpx.Response:
    path = f"/api/certificates/{ref.path}/countersignatures{more}"
    return await desk.client.post(path, json=document)


def host(desk: Desk, key: Ed25519PrivateKey = KEY) -> None:
    """The gallery publishes its key."""
    desk.publish("gallery.art", did_document(key, GALLERY), "/.well-known/did.json")


class TestCountersignature:
    async def test_verifies_the_creator_by_the_gallerys_word(
        self, desk: Desk, artist: Person
    ) -> None:
        work = desk.mint_own(artist)
        host(desk)

        posted = await post(desk, work, await signed(desk, work))

        found = await desk.standing(work)
        level = found["assurance"]["levels"][2]
        assert posted.status_code == 201, posted.text
        assert found["assurance"]["level"] == "creator_verified"
        assert "did:web:gallery.art" in level["requirements"][0]["evidence"]
        assert "gallery's word" in level["requirements"][0]["evidence"]
        [shown] = found["countersignatures"]
        assert shown["did_document"]["document"]["id"] == GALLERY
        assert shown["current"] is True

    async def test_by_a_key_that_the_domain_does_not_list_is_refused(
        self, desk: Desk, impostor: Person
    ) -> None:
        """An impostor signs in a gallery's name."""
        work = desk.mint_own(impostor)
        host(desk)

        posted = await post(desk, work, await signed(desk, work, key=FORGED))

        assert (posted.status_code, posted.json()["code"]) == (409, "DomainDoesNotSaySo")
        assert await desk.level(work) == "signed_by_minting_key"

    async def test_without_the_domain_there_is_none(self, desk: Desk, impostor: Person) -> None:
        work = desk.mint_own(impostor)

        posted = await post(desk, work, await signed(desk, work))

        assert (posted.status_code, posted.json()["code"]) == (503, "DomainSilent")
        assert (await desk.standing(work))["countersignatures"] == []

    async def test_of_the_artists_work_is_not_of_the_impostors(
        self, desk: Desk, artist: Person, impostor: Person
    ) -> None:
        work, forged = desk.mint_own(artist), desk.mint_own(impostor)
        host(desk)
        document = await signed(desk, work)

        posted = await post(desk, forged, document)

        assert (posted.status_code, posted.json()["code"]) == (404, "CertificateUnknown")
        assert await desk.level(forged) == "signed_by_minting_key"

    async def test_by_the_artists_own_domain_is_no_gallerys(
        self, desk: Desk, artist: Person
    ) -> None:
        work = desk.mint_own(artist)
        await desk.bind(artist, "gallery.art")
        host(desk)
        await post(desk, work, await signed(desk, work))

        level = (await desk.standing(work))["assurance"]["levels"][2]

        assert "name each other: gallery.art" in level["requirements"][0]["evidence"]
        assert "countersigned" not in level["requirements"][0]["evidence"]

    async def test_twice_is_once(self, desk: Desk, artist: Person) -> None:
        work = desk.mint_own(artist)
        host(desk)
        document = await signed(desk, work)
        first = await post(desk, work, document)

        again = await post(desk, work, document)
        another = await signed(desk, work)
        another["validFrom"] = "2020-01-01T00:00:00Z"
        broken = await post(desk, work, another)

        assert (first.status_code, again.status_code) == (201, 200)
        assert broken.json()["code"] == "CountersignatureInvalid"
        assert len((await desk.standing(work))["countersignatures"]) == 1

    async def test_twice_at_once_is_once(self, desk: Desk, artist: Person) -> None:
        work = desk.mint_own(artist)
        host(desk)
        document = await signed(desk, work)

        answers = await gather(*[post(desk, work, document) for _ in range(4)])

        assert sorted(one.status_code for one in answers) == [200, 200, 200, 201]
        assert len((await desk.standing(work))["countersignatures"]) == 1

    async def test_that_begins_only_later_is_refused(self, desk: Desk, artist: Person) -> None:
        work = desk.mint_own(artist)
        host(desk)
        desk.clock.ahead += timedelta(days=1)
        dated_ahead = await signed(desk, work)
        desk.clock.ahead -= timedelta(days=1)

        posted = await post(desk, work, dated_ahead)

        assert (posted.status_code, posted.json()["code"]) == (422, "CountersignatureInvalid")
        assert "validFrom" in posted.json()["detail"]
        assert (await desk.standing(work))["countersignatures"] == []

    async def test_anything_else_is_refused(self, desk: Desk, artist: Person) -> None:
        work = desk.mint(artist)

        posted = await post(desk, work, {"type": "Countersignature"})

        assert (posted.status_code, posted.json()["code"]) == (422, "CountersignatureInvalid")


class TestMany:
    """Whoever has one domain has as many names below it as they like."""

    @pytest.fixture
    async def work(self, desk: Desk, artist: Person) -> TokenRef:
        """A work that somebody countersigned a hundred times, by names of one domain."""
        work = desk.mint_own(artist)
        did = "did:web:crowd.art"
        desk.publish("crowd.art", did_document(KEY, did), "/.well-known/did.json")
        posted = await post(desk, work, await signed(desk, work, did=did))
        assert posted.status_code == 201, posted.text
        with desk.media_engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO book_countersignatures SELECT (one).* FROM (SELECT "
                    "jsonb_populate_record(c, jsonb_build_object('countersignature_hash', "
                    "'\\x' || encode(sha256(int4send(n)), 'hex'), "
                    "'gallery', 'did:web:n' || n || '.crowd.art')) AS one "
                    "FROM book_countersignatures c, generate_series(1, 150) n) made"
                )
            )
        return work

    async def test_leave_room_for_a_gallery(self, desk: Desk, work: TokenRef) -> None:
        host(desk)

        posted = await post(desk, work, await signed(desk, work))

        found = await desk.standing(work)
        assert posted.status_code == 201, posted.text
        assert GALLERY in [one["gallery"] for one in found["countersignatures"]]
        assert len(found["countersignatures"]) == 100

    async def test_are_not_all_named(self, desk: Desk, work: TokenRef) -> None:
        level = (await desk.standing(work))["assurance"]["levels"][2]

        assert level["requirements"][0]["evidence"].count("did:web:") == 4
        assert " and 96 more countersigned it" in level["requirements"][0]["evidence"]


class TestWithdrawal:
    async def test_by_the_gallery_with_its_date(self, desk: Desk, artist: Person) -> None:
        work = desk.mint_own(artist)
        host(desk)
        document = await signed(desk, work)
        name = (await post(desk, work, document)).json()["id"]
        word = withdraw(document, key=KEY, did=GALLERY, now=desk.clock())

        withdrawn = await post(desk, work, word, f"/{name}/withdraw")

        found = await desk.standing(work)
        assert withdrawn.status_code == 200, withdrawn.text
        assert found["countersignatures"][0]["withdrawn_at"] is not None
        assert found["countersignatures"][0]["document"] == document, "it is never erased"
        assert found["assurance"]["level"] == "signed_by_minting_key"

    async def test_not_by_another(self, desk: Desk, artist: Person) -> None:
        work = desk.mint_own(artist)
        host(desk)
        document = await signed(desk, work)
        name = (await post(desk, work, document)).json()["id"]
        forged = withdraw(document, key=FORGED, did=GALLERY, now=desk.clock())
        other = withdraw(document, key=FORGED, did="did:web:other.art", now=desk.clock())

        answers = [await post(desk, work, one, f"/{name}/withdraw") for one in (forged, other)]

        assert [one.status_code for one in answers] == [409, 422]
        assert await desk.level(work) == "creator_verified"
