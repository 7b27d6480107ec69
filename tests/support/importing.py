"""
A gallery with a folder and a sheet, before the studio of the tests.
"""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np
from PIL import Image

from nft.sheets.writing import write_table
from tests.media.pictures import encoded
from tests.support.exchange import CHAIN_ID, Person
from tests.support.studio import Studio


def unlike(name: str, kind: str = "PNG", size: int = 96) -> bytes:
    """A picture that resembles no other name's: no copy check may take it for one."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    blocks = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return encoded(Image.fromarray(blocks).resize((size, size), Image.Resampling.BICUBIC), kind)


@dataclass
class Gallery:
    """Files by name, rows of a sheet, and what is asked with them."""

    studio: Studio
    person: Person
    auth: dict[str, str]
    files: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    async def open(cls, studio: Studio, name: str = "gallery") -> "Gallery":
        person = studio.person(name)
        return cls(studio, person, await studio.sign_in(person))

    def hang(self, *names: str) -> None:
        """Pictures that all differ; the same name is always the same picture."""
        for name in names:
            self.files[name] = unlike(name)

    async def take(
        self, *rows: dict[str, str], name: str = "Spring", **more: Any
    ) -> httpx.Response:
        """Send a sheet of these rows with the folder as it is."""
        columns = list(dict.fromkeys(column for row in rows for column in row))
        sheet = write_table([columns, *([row.get(c, "") for c in columns] for row in rows)])
        return await self.take_bytes(sheet, name=name, **more)

    async def take_bytes(
        self, sheet: bytes, *, name: str = "Spring", **more: Any
    ) -> httpx.Response:
        body = {
            "chain_id": str(CHAIN_ID),
            "name": name,
            "sheet": base64.b64encode(sheet).decode(),
            "files": [
                {
                    "name": file,
                    "size": len(data),
                    "sha256": "0x" + hashlib.sha256(data).hexdigest(),
                }
                for file, data in self.files.items()
            ],
            **more,
        }
        return await self.studio.client.post("/api/imports", json=body, headers=self.auth)

    async def taken(self, *rows: dict[str, str], **more: Any) -> dict[str, Any]:
        """The answer to a sheet that is taken."""
        answer = await self.take(*rows, **more)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def send_files(self, *names: str) -> None:
        """Upload and check files of the folder."""
        for name in names:
            await self.studio.upload(self.auth, self.files[name])

    async def ask(self, path: str = "", **params: Any) -> Any:
        """Something of the imports."""
        answer = await self.studio.client.get(
            f"/api/imports{path}", params=params, headers=self.auth
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def begin(self, import_id: str) -> httpx.Response:
        """Consent to the next group."""
        return await self.studio.client.post(f"/api/imports/{import_id}/mints", headers=self.auth)

    async def mint_next(self, import_id: str) -> dict[str, Any]:
        """Begin, pin and sign the next group's transaction; its intent then."""
        begun = await self.begin(import_id)
        assert begun.status_code == 201, begun.text
        await self.studio.work()
        intent = await self.studio.intent(begun.json()["id"])
        assert intent["state"] == "prepared", intent
        step = next(one for one in intent["steps"] if one["id"] == "mint")
        receipt = self.studio.send_step(self.person, step)
        assert receipt["status"] == "0x1"
        self.studio.catch_up()
        return await self.studio.intent(intent["id"])

    def minted(self) -> list[str]:
        """Titles of the person's works on the chain, as the mirror has them."""
        found = self.studio.rows(
            "SELECT m.document->>'name' FROM chain_tokens t "
            "JOIN media_metadata m ON m.digest = t.metadata_digest "
            "WHERE t.creator = :creator ORDER BY t.token_id",
            creator=bytes(self.person.address),
        )
        return [title for (title,) in found]


def row(number: int, **more: str) -> dict[str, str]:
    """A row of a sheet with a file of its own."""
    return {"file": f"{number}.png", "title": f"Tide {number}", **more}
