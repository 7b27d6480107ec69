"""
An upload through the real server, as a client sends it: from the creation to the answer that all
of it is hashed and on disk, over one connection of this machine.
"""

from __future__ import annotations

import base64
import http.client
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from eth_account import Account
from eth_account.messages import encode_defunct

from tests.support.stack import Stack

PIECE = 4 * 1024 * 1024


class Client:
    """One connection, signed in."""

    def __init__(self, stack: Stack) -> None:
        parts = urlsplit(stack.url)
        self._connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port or 80, timeout=600
        )
        self._headers: dict[str, str] = {}

    def ask(self, method: str, path: str, **more: Any) -> tuple[Any, http.client.HTTPResponse]:
        """A JSON answer, and its headers."""
        headers = {**self._headers, **more.pop("headers", {})}
        body = more.pop("body", None)
        if isinstance(body, dict):
            body, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        self._connection.request(method, path, body=body, headers=headers)
        answer = self._connection.getresponse()
        data = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {data[:500]!r}")
        return (json.loads(data) if data else None), answer

    def sign_in(self) -> None:
        """As a new account, which has nothing and needs nothing."""
        person = Account.create()
        chain_id = self.ask("GET", "/api/chains")[0]["items"][0]["chain_id"]
        asked = {"address": person.address, "chain_id": chain_id}
        message = self.ask("POST", "/api/session/nonce", body=asked)[0]["message"]
        signed = Account.sign_message(encode_defunct(text=message), person.key)
        said = {"message": message, "signature": "0x" + bytes(signed.signature).hex()}
        token = self.ask("POST", "/api/session", body=said)[0]["token"]
        self._headers["Authorization"] = f"Bearer {token}"

    def upload(self, path: Path) -> float:
        """Seconds from the creation until the last byte is acknowledged, in one PATCH."""
        size = path.stat().st_size
        named = base64.b64encode(b"work.mp4").decode()
        kind = base64.b64encode(b"video/mp4").decode()
        started = time.perf_counter()
        created = self.ask(
            "POST",
            "/api/uploads",
            headers={
                "Tus-Resumable": "1.0.0",
                "Upload-Length": str(size),
                "Upload-Metadata": f"filename {named},filetype {kind}",
            },
        )[1]
        with path.open("rb") as file:
            sent = self.ask(
                "PATCH",
                urlsplit(created.headers["Location"]).path,
                body=iter(lambda: file.read(PIECE), b""),
                headers={
                    "Tus-Resumable": "1.0.0",
                    "Upload-Offset": "0",
                    "Content-Type": "application/offset+octet-stream",
                    "Content-Length": str(size),
                },
            )[1]
        seconds = time.perf_counter() - started
        if sent.headers["Upload-Offset"] != str(size):
            raise RuntimeError(f"only {sent.headers['Upload-Offset']} of {size} bytes arrived")
        return seconds

    def close(self) -> None:
        """Hang up."""
        self._connection.close()
