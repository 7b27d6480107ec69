import hashlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, text
from sqlmodel import SQLModel

from nft import statements
from nft.certificates import described
from nft.chain.contracts import Collection, CollectionFactory
from nft.tokens import token_id
from nft.types import ZERO_ADDRESS, Address, Digest, TokenRef
from tests.support.domains import House
from tests.support.exchange import CHAIN_ID, Person
from tests.support.servers import Contracts


class Desk(House):
    """A house with artists who have collections of their own, and say so."""

    def found(self, artist: Person) -> Address:
        """A collection of the artist's own."""
        factory = CollectionFactory(self.deployment.collection_factory.address)
        contract = factory.predict(artist.address, "Own", "OWN").ask(self.chain)
        assert self.send(artist, factory.create("Own", "OWN"))["status"] == "0x1"
        return contract

    def mint_own(self, artist: Person, *, signs: bool = True, freezes: bool = True) -> TokenRef:
        """A work in the artist's own contract, described, signed, frozen and safe."""
        contract = self.found(artist)
        digest = self.describe(title=f"Haze, {artist.name}", artist="Mei Lin")
        ref = TokenRef(CHAIN_ID, contract, token_id(artist.address, 1))
        if signs:
            self.state(artist, ref, digest)
        call = Collection(contract).mint(artist.address, ref.token_id, digest, 500, ZERO_ADDRESS)
        assert self.send(artist, call)["status"] == "0x1"
        if freezes:
            self.send(artist, Collection(contract).freeze(ref.token_id))
        self.settle()
        return ref

    def settle(self) -> None:
        self.contracts.node.mine(2)
        self.catch_up()

    def state(self, artist: Person, ref: TokenRef, digest: Digest) -> None:
        """Keep a statement as a sitting would have."""
        [(document,)] = self.rows(
            "SELECT document FROM media_metadata WHERE digest = :digest", digest=bytes(digest)
        )
        work = statements.stated(
            described(document), token_id=ref.token_id, copies=1, metadata_digest=digest
        )
        typed = statements.typed_data([work], chain_id=CHAIN_ID, contract=ref.contract)
        hashes = [statements.work_hash(work)]
        name = statements.signing_digest(hashes, chain_id=CHAIN_ID, contract=ref.contract)
        tables = SQLModel.metadata.tables
        common = {"digest": name, "chain_id": CHAIN_ID, "contract": ref.contract}
        with self.media_engine.begin() as connection:
            connection.execute(
                insert(tables["book_statements"]).values(
                    **common,
                    signer=artist.address,
                    signature=bytes.fromhex(artist.sign(typed)[2:]),
                    by_contract=False,
                    is_awaited=False,
                    works=b"".join(hashes),
                    created_at=self.clock(),
                )
            )
            connection.execute(
                insert(tables["book_stated_works"]).values(
                    **common,
                    place=0,
                    token_id=ref.token_id,
                    last_token_id=ref.token_id,
                    copies=1,
                    metadata_digest=digest,
                )
            )

    # What is said

    async def prepare_binding(self, person: Person, **asked: Any) -> httpx.Response:
        auth = await self.sign_in(person)
        body = {"chain_id": str(CHAIN_ID), **asked}
        return await self.client.post("/api/bindings/prepare", json=body, headers=auth)

    async def bind(self, person: Person, domain: str, *, publish: bool = True) -> httpx.Response:
        """Both sides, in their order."""
        prepared = (await self.prepare_binding(person, domain=domain)).json()
        if publish:
            self.publish(domain, prepared["publish"]["document"])
        return await self.post_signed(person, prepared["intent"]["steps"][0])

    def publish(
        self, domain: str, document: Any, path: str = "/.well-known/vernissage.json"
    ) -> None:
        self.web.publish(domain, path, json.dumps(document).encode())

    def asked_by_strangers(self, host: str) -> None:
        """Have a host asked for people's statements as often as it is asked within an hour."""
        with self.media_engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO book_readings (url, host, outcome, detail, read_at) "
                    "SELECT 'x', :host, 'lost', '', :now FROM generate_series(1, 20)"
                ),
                {"host": host, "now": self.clock()},
            )

    def bound_long_ago(self, domain: str, count: int) -> None:
        """Accounts that are bound to one domain and were last read ten days ago."""
        with self.media_engine.begin() as connection:
            connection.execute(
                text(
                    "WITH made AS (INSERT INTO book_bindings (binding_hash, chain_id, account, "
                    "domain, method, issued_at, signature, created_at) SELECT "
                    "sha256(int4send(n)), :chain, substr(sha256(int4send(n)), 1, 20), :domain, "
                    "'well-known', :then, '', :then FROM generate_series(1, :count) n "
                    "RETURNING binding_hash) INSERT INTO book_readings (binding_hash, url, host, "
                    "outcome, detail, read_at) SELECT binding_hash, 'x', :domain, 'held', '', "
                    ":then FROM made"
                ),
                {
                    "domain": domain,
                    "count": count,
                    "chain": CHAIN_ID,
                    "then": self.clock() - timedelta(days=10),
                },
            )

    async def standing(self, ref: TokenRef) -> dict[str, Any]:
        return await self.get(f"/api/certificates/{ref.path}/standing")

    async def level(self, ref: TokenRef) -> str | None:
        found: str | None = (await self.standing(ref))["assurance"]["level"]
        return found

    async def certificate(self, ref: TokenRef) -> bytes:
        answer = await self.client.get(f"/api/certificates/{ref.path}")
        assert answer.status_code == 200, answer.text
        return answer.content

    async def mark(self, owner: Person, ref: TokenRef, kind: str = "stolen") -> httpx.Response:
        """The steps of a mark, prepared; sign and post them with `post_signed`."""
        body = {"owner": str(owner), "kind": kind, "reason": "Taken from the studio."}
        return await self.client.post(f"/api/certificates/{ref.path}/marks/prepare", json=body)

    async def marked(self, owner: Person, ref: TokenRef, kind: str = "stolen") -> dict[str, Any]:
        prepared = await self.mark(owner, ref, kind)
        assert prepared.status_code == 201, prepared.text
        posted = await self.post_signed(owner, prepared.json()["steps"][0])
        assert posted.status_code == 201, posted.text
        return dict(posted.json())

    async def claim(self, person: Person, ref: TokenRef, **evidence: str) -> httpx.Response:
        body = {
            "chain_id": str(ref.chain_id),
            "contract": str(ref.contract),
            "token_id": str(ref.token_id),
            "evidence": evidence,
            "reason": "I made this before.",
        }
        auth = await self.sign_in(person)
        return await self.client.post("/api/claims", json=body, headers=auth)


@pytest.fixture
async def desk(
    contracts_put_back: Contracts, migrated_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Desk]:
    """A desk of the test's own on the session's chain."""
    seed = hashlib.sha256(request.node.nodeid.encode()).hexdigest()
    made = Desk(contracts_put_back, migrated_url, tmp_path, seed=seed)
    yield made
    await made.close()


@pytest.fixture
def artist(desk: Desk) -> Person:
    return desk.person("artist")


@pytest.fixture
def impostor(desk: Desk) -> Person:
    return desk.person("impostor")
