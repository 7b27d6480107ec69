"""
An exchange with its worker: uploads are checked, works pinned and minted through the API alone.
"""

import base64
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
from eth_account import Account
from eth_account.messages import encode_defunct
from sqlalchemy import text
from sqlalchemy.orm import sessionmaker

from api.jobs import Worker, run_worker
from api.parts import Parts
from api.queue import make_app
from media.embedded import EmbeddedPinner
from media.work import MediaParts
from nft.database import make_engine
from tests.support.exchange import CHAIN_ID, PUBLIC_URL, Exchange, Person


@dataclass
class Studio(Exchange):
    """The exchange, and everything that an artist does in it."""

    def _parts(self) -> Parts:
        parts = super()._parts()
        for folder in (parts.public, parts.private, parts.uploads):
            folder.prepare()
        self.media_engine = make_engine(self.database_url)
        self.media = MediaParts(
            engine=self.media_engine,
            sessions=sessionmaker(self.media_engine, expire_on_commit=False),
            rules=parts.uploads,
            private=parts.private,
            public=parts.public,
            pinners={"embedded": EmbeddedPinner(parts.private, parts.public)},
            shelves=parts.shelves,
        )
        return replace(parts, jobs=make_app(self.database_url))

    async def close(self) -> None:
        await super().close()
        self.media_engine.dispose()

    @property
    def worker(self) -> Worker:
        return Worker(parts=self.parts, media=self.media)

    async def work(self) -> None:
        """Do every job that waits."""
        await run_worker(self.database_url, self.worker, wait=False)

    def lose_worker(self) -> None:
        """Every job that waits is being done by a worker that died an hour ago."""
        with self.media_engine.begin() as connection:
            connection.exec_driver_sql(
                "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat) "
                "VALUES (now() - interval '1 hour') RETURNING id) "
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = dead.id FROM dead"
            )

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """What the database holds."""
        with self.media_engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query), values)]

    # Signing in

    async def nonce(self, person: Person) -> str:
        """A fresh text to sign."""
        body = {"address": str(person), "chain_id": str(CHAIN_ID)}
        answer = await self.client.post("/api/session/nonce", json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["message"])

    async def sign_in(self, person: Person) -> dict[str, str]:
        """The headers of a signed-in script."""
        message = await self.nonce(person)
        body = {"message": message, "signature": sign_text(person, message)}
        answer = await self.client.post("/api/session", json=body)
        assert answer.status_code == 200, answer.text
        self.client.cookies.clear()
        return {"Authorization": f"Bearer {answer.json()['token']}"}

    # Uploading and minting

    async def begin_upload(
        self, auth: dict[str, str], length: int, filename: str = "work.png", **headers: str
    ) -> httpx.Response:
        named = base64.b64encode(filename.encode()).decode()
        given = {
            **auth,
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(length),
            "Upload-Metadata": f"filename {named},filetype aW1hZ2UvcG5n",
            **headers,
        }
        return await self.client.post("/api/uploads", headers=given)

    async def send_bytes(
        self, auth: dict[str, str], place: str, data: bytes, offset: int = 0, **headers: str
    ) -> httpx.Response:
        given = {
            **auth,
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
            **headers,
        }
        return await self.client.patch(place, content=data, headers=given)

    async def upload(self, auth: dict[str, str], data: bytes) -> str:
        """A checked upload's id."""
        begun = await self.begin_upload(auth, len(data))
        assert begun.status_code == 201, begun.text
        sent = await self.send_bytes(auth, begun.headers["Location"], data)
        assert sent.status_code == 204, sent.text
        upload = str(begun.headers["Location"]).rpartition("/")[2]
        await self.worker.check_upload(upload)
        return upload

    def mint_body(self, person: Person, *uploads: str, **more: Any) -> dict[str, Any]:
        """A mint as the interfaces have it."""
        return {
            "chain_id": str(CHAIN_ID),
            "creator": str(person),
            "media": [{"upload_id": upload, "role": "image"} for upload in uploads],
            "title": "Harbour, early",
            # Of the test's own: what other tests minted on the same chain is another work.
            "description": f"Fog. {self.seed}",
            "alt_text": "A harbour in fog",
            "work": {"date": "2026", "medium": "ink", "edition": {"number": 1, "size": 1}},
            "attributes": [{"trait_type": "paper", "value": "rag"}],
            "royalties": [{"receiver": str(person), "bps": 750}],
            **more,
        }

    async def mint_too_early(self, artist: Person, auth: dict[str, str]) -> dict[str, Any]:
        """What is refused: to mint from an upload that has only begun."""
        begun = await self.begin_upload(auth, 100)
        return self.mint_body(artist, begun.headers["Location"].rpartition("/")[2])

    async def mint_through(
        self, person: Person, auth: dict[str, str], data: bytes, **more: Any
    ) -> dict[str, Any]:
        """Upload, ask, wait: an intent with its steps."""
        upload = await self.upload(auth, data)
        asked = await self.client.post(
            "/api/mints", json=self.mint_body(person, upload, **more), headers=auth
        )
        assert asked.status_code == 201, asked.text
        await self.work()
        return await self.intent(asked.json()["id"])

    async def intent(self, intent_id: str) -> dict[str, Any]:
        return await self.get(f"/api/intents/{intent_id}")


def step_of(intent: dict[str, Any], name: str = "mint") -> dict[str, Any]:
    """A step of an intent by its id."""
    found: dict[str, Any] = next(step for step in intent["steps"] if step["id"] == name)
    return found


def sign_text(person: Person, message: str) -> str:
    """`personal_sign`, as a wallet does it."""
    signed = Account.sign_message(encode_defunct(text=message), person.key)
    return "0x" + bytes(signed.signature).hex()


def same_origin() -> dict[str, str]:
    """What a browser sends along from our own pages."""
    return {"Origin": PUBLIC_URL, "Sec-Fetch-Site": "same-origin"}


def folder_of(path: Path) -> list[str]:
    """The names below a folder, for looking at what is left."""
    return sorted(str(found.relative_to(path)) for found in path.rglob("*") if found.is_file())
