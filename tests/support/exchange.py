"""
A small exchange for a test: the real application over a real chain, mirrored on demand.

People are fresh accounts with money; what they do goes through the API's own steps wherever there
are some. `catch_up` runs the real mirror until it stands at the head.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from eth_account import Account
from procrastinate import App as JobApp
from procrastinate.testing import InMemoryConnector
from sqlalchemy import create_engine, insert
from sqlalchemy.ext.asyncio import async_sessionmaker
from sqlmodel import SQLModel

from api.app import create_app
from api.parts import ChainParts, Parts
from indexer.mirror import Mirror, Outcome
from media.shelves import Shelves
from media.store import BlockStore
from media.uploads import UploadRules
from nft.chain.client import Web3Chain
from nft.chain.contracts import Collection
from nft.chain.deployments import Deployment
from nft.chain.protocol import Call
from nft.database import make_async_engine
from nft.metadata import Asset, Work, canonical_bytes, document, metadata_digest
from nft.tokens import token_id
from nft.types import ZERO_ADDRESS, Address, Digest, TokenRef
from tests.support.servers import Contracts

CHAIN_ID = 31337
ETHER = 10**18
MEDIA_URL = "http://media.test"
PUBLIC_URL = "http://exchange.test"


class Clock:
    """Now, plus however far a test has moved it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Person:
    """Somebody with a key of their own."""

    name: str
    key: bytes

    @property
    def address(self) -> Address:
        return Address.parse(Account.from_key(self.key).address)

    def __str__(self) -> str:
        return str(self.address)

    def sign(self, typed_data: dict[str, Any]) -> str:
        signed = Account.sign_typed_data(self.key, full_message=typed_data)
        return "0x" + bytes(signed.signature).hex()


@dataclass
class Exchange:
    """The whole, for one test."""

    contracts: Contracts
    database_url: str
    folder: Path
    seed: str
    clock: Clock = field(default_factory=Clock)
    chain: Web3Chain = field(init=False)
    deployment: Deployment = field(init=False)
    parts: Parts = field(init=False)
    client: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.chain = Web3Chain(CHAIN_ID, [self.contracts.rpc_url])
        self.deployment = Deployment.from_json(self.contracts.deployment())
        self.parts = self._parts()
        self._engine = create_engine(self.database_url)
        self._connection = self._engine.connect()
        self.mirror = Mirror(self._connection, self.chain, self.deployment)
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(self.parts), raise_app_exceptions=False),
            base_url=PUBLIC_URL,
        )
        self._people = 0

    async def close(self) -> None:
        await self.client.aclose()
        await self.parts.engine.dispose()
        self._connection.close()
        self._engine.dispose()

    def _parts(self) -> Parts:
        engine = make_async_engine(self.database_url)
        media = self.folder / "media"
        return Parts(
            engine=engine,
            sessions=async_sessionmaker(engine, expire_on_commit=False),
            chains={
                CHAIN_ID: ChainParts(
                    chain=self.chain,
                    deployment=self.deployment,
                    name="Local test chain",
                    is_test=True,
                    public_rpc_urls=("http://rpc.test",),
                )
            },
            public=BlockStore(media / "public"),
            private=BlockStore(media / "private"),
            uploads=UploadRules(folder=media / "uploads", max_bytes=1 << 20),
            shelves=Shelves(media / "likenesses"),
            jobs=JobApp(connector=InMemoryConnector()),
            clock=self.clock,
            secret_key=b"a secret of the tests",
            issuer_key=Ed25519PrivateKey.from_private_bytes(b"\x01" * 32),
            public_url=PUBLIC_URL,
            media_url=MEDIA_URL,
            data_dir=self.folder,
        )

    # People and the chain

    def person(self, name: str, *, wei: int = 10 * ETHER) -> Person:
        """A fresh account with money; the same test gets the same one each time."""
        self._people += 1
        key = hashlib.sha256(f"{self.seed}/{self._people}/{name}".encode()).digest()
        found = Person(name, key)
        self.contracts.node.call("anvil_setBalance", str(found), hex(wei))
        return found

    def send(self, person: Person, call: Call, *, gas: int = 3_000_000) -> dict[str, Any]:
        """Sign and send a call; its receipt."""
        fees = self.chain.fees()
        signed = Account.sign_transaction(
            {
                "chainId": CHAIN_ID,
                "nonce": self.chain.transaction_count(person.address),
                "to": str(call.to),
                "data": call.data,
                "value": call.value,
                "gas": gas,
                "maxFeePerGas": fees.max_fee,
                "maxPriorityFeePerGas": fees.tip,
            },
            person.key,
        )
        sent = self.chain.send_raw(bytes(signed.raw_transaction))
        return self.contracts.node.receipt(str(sent))

    def send_step(self, person: Person, step: dict[str, Any]) -> dict[str, Any]:
        """Send a transaction step as it was handed out, gas included."""
        asked = step["transaction"]
        assert asked["from"] == str(person)
        call = Call(
            to=Address.parse(asked["to"]),
            data=bytes.fromhex(asked["data"][2:]),
            value=int(asked["value"]),
        )
        return self.send(person, call, gas=int(asked["gas"]))

    def catch_up(self) -> None:
        """Mirror up to the head."""
        while self.mirror.follow() in (Outcome.MOVED, Outcome.REWOUND):
            pass

    # Works

    def describe(self, **stated: Any) -> Digest:
        """Keep a metadata document as a mint would have; its digest."""
        given = {"title": "Untitled", **stated}
        if "assets" not in given:
            content = hashlib.sha256(given["title"].encode()).digest()
            picture = Asset("image", "bafy" + content.hex(), "p", Digest(content), "image/png", 9)
            given["assets"] = (picture,)
        found = document(Work(**given))
        body = canonical_bytes(found)
        digest = metadata_digest(body)
        table = SQLModel.metadata.tables["media_metadata"]
        with self._engine.begin() as connection:
            connection.execute(insert(table).values(digest=digest, body=body, document=found))
        return digest

    def mint(
        self,
        creator: Person,
        serial: int = 1,
        *,
        royalty_bps: int = 750,
        royalty_receiver: Address = ZERO_ADDRESS,
        to: Person | None = None,
        **stated: Any,
    ) -> TokenRef:
        """Mint a described work on the chain, and mirror it."""
        digest = self.describe(**{"title": f"{creator.name} {serial}", **stated})
        token = token_id(creator.address, serial)
        call = Collection(self.house).mint(
            (to or creator).address, token, digest, royalty_bps, royalty_receiver
        )
        assert self.send(creator, call)["status"] == "0x1"
        self.catch_up()
        return TokenRef(CHAIN_ID, self.house, token)

    @property
    def house(self) -> Address:
        return self.deployment.house_collection.address

    @property
    def exchange(self) -> Address:
        return self.deployment.exchange.address

    # The API

    async def get(self, path: str, **params: Any) -> dict[str, Any]:
        answer = await self.client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def token(self, ref: TokenRef) -> dict[str, Any]:
        return await self.get(f"/api/tokens/{ref.path}")

    async def prepare_listing(
        self, maker: Person, ref: TokenRef, price: int = ETHER, **more: Any
    ) -> httpx.Response:
        body = {
            "kind": "listing",
            "maker": str(maker),
            "chain_id": str(ref.chain_id),
            "contract": str(ref.contract),
            "token_id": str(ref.token_id),
            "price": str(price),
            **more,
        }
        return await self.client.post("/api/orders/prepare", json=body)

    async def list(
        self, maker: Person, ref: TokenRef, price: int = ETHER, **more: Any
    ) -> dict[str, Any]:
        """Prepare, approve, sign, post: the order as the book answers it."""
        prepared = await self.prepare_listing(maker, ref, price, **more)
        assert prepared.status_code == 201, prepared.text
        approval, signing = prepared.json()["steps"]
        if approval["state"] == "incomplete":
            self.send_step(maker, approval)
            self.catch_up()
        posted = await self.post_signed(maker, signing)
        assert posted.status_code == 201, posted.text
        return dict(posted.json())

    async def post_signed(self, maker: Person, step: dict[str, Any]) -> httpx.Response:
        """Sign a signature step and post it where it says."""
        submit = step["submit"]
        body = {**submit["body"], "signature": maker.sign(step["typed_data"])}
        return await self.client.request(submit["method"], submit["href"], json=body)

    async def fill(self, taker: Person, order: dict[str, Any]) -> httpx.Response:
        return await self.client.post(
            f"/api/orders/{order['hash']}/fill", json={"taker": str(taker)}
        )

    async def buy(self, taker: Person, order: dict[str, Any]) -> dict[str, Any]:
        """Fill an order; the receipt, mirrored."""
        filling = await self.fill(taker, order)
        assert filling.status_code == 201, filling.text
        receipt = self.send_step(taker, filling.json()["steps"][0])
        assert receipt["status"] == "0x1"
        self.catch_up()
        return receipt

    async def order(self, order: dict[str, Any]) -> dict[str, Any]:
        return await self.get(f"/api/orders/{order['hash']}")
