"""Somebody with a folder at the public HTTP API: sends what is missing, mints what is ready."""

import hashlib
import mimetypes
import secrets
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

import httpx

from api.cli.import_folder import Found
from api.demo.visitor import ATTEMPTS, HAPPENED, Refused, Visitor

PIECE = 8 * 1024 * 1024
SENDERS = 4
LOOK_SECONDS = 1.5
UNSETTLED = ("receiving", "checking")
OF_ONE_FILE = ("ChecksumMismatch", "FileChanged", "FileEmpty", "FileTooLarge", "CameToNothing")
"""Refusals that say nothing of other files."""


class Importer(Visitor):
    """A visitor who imports. Whatever was done before is found again and not done twice."""

    def take(self, body: dict[str, Any]) -> dict[str, Any]:
        """Send the sheet and what the folder holds."""
        answer = self.ask("POST", "/api/imports", json=body, headers=self.signed_in())
        found: dict[str, Any] = answer.json()
        return found

    def detail(self, import_id: str) -> dict[str, Any]:
        """The import as it stands."""
        path = f"/api/imports/{import_id}"
        found: dict[str, Any] = self.ask("GET", path, headers=self.signed_in()).json()
        return found

    def rows(self, import_id: str, state: str) -> list[dict[str, Any]]:
        """All rows that are so far."""
        found: list[dict[str, Any]] = []
        cursor = "0"
        while cursor:
            asked = {"state": state, "cursor": cursor}
            path = f"/api/imports/{import_id}/rows"
            page = self.ask("GET", path, params=asked, headers=self.signed_in()).json()
            found += page["items"]
            cursor = page["next"] or ""
        return found

    def send_all(
        self, files: list[Found], *, on_bytes: Callable[[int], None]
    ) -> list[tuple[Found, Refused]]:
        """Send files, some at a time; those that were refused, with the reason."""
        pool = ThreadPoolExecutor(SENDERS)
        refused: list[tuple[Found, Refused]] = []
        try:
            sent = {pool.submit(self.send, file, on_bytes=on_bytes): file for file in files}
            for one in as_completed(sent):
                try:
                    one.result()
                except Refused as error:
                    if error.code not in OF_ONE_FILE:
                        raise
                    refused.append((sent[one], error))
        except BaseException:
            self._patience.end()
            raise
        finally:
            pool.shutdown(cancel_futures=True)
        return refused

    def send(self, file: Found, *, on_bytes: Callable[[int], None]) -> None:
        """One file by tus, from where an earlier run stopped; its check is not waited for."""
        name = hashlib.sha256(file.name.encode()).hexdigest()[:8]
        for attempt in range(ATTEMPTS):
            key = f"import-{file.sha256[2:42]}-{name}" + (f"-{attempt}" if attempt else "")
            try:
                return self._send_once(file, key, on_bytes)
            except Refused as refused:
                # What an earlier run began has expired meanwhile.
                if refused.status not in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
                    raise
        raise Refused(file.name, "CameToNothing", f"{ATTEMPTS} uploads were gone")

    def _send_once(self, file: Found, key: str, on_bytes: Callable[[int], None]) -> None:
        tus = {"Tus-Resumable": "1.0.0", **self.signed_in()}
        mime = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        # With the hash announced, a file that changed meanwhile is refused and not kept.
        facts = {"filename": file.name, "filetype": mime, "sha256": file.sha256[2:]}
        named = ",".join(f"{k} {b64encode(v.encode()).decode()}" for k, v in facts.items())
        with file.path.open("rb") as source:
            first = source.read(PIECE)
            made = self.ask(
                "POST",
                "/api/uploads",
                content=first,
                headers={
                    **tus,
                    **piece_of(first),
                    "Upload-Length": str(file.size),
                    "Upload-Metadata": named,
                    "Idempotency-Key": key,
                },
            )
            place = made.headers["Location"]
            sent = int(made.headers.get("Upload-Offset", "0"))
            if made.headers.get("Idempotency-Replayed") or sent < len(first):
                sent = int(self.ask("HEAD", place, headers=tus).headers["Upload-Offset"])
            on_bytes(sent)
            while sent < file.size:
                source.seek(sent)
                piece = source.read(PIECE)
                if not piece:
                    raise Refused(file.name, "FileChanged", "it became shorter while it was sent")
                headers = {**tus, **piece_of(piece), "Upload-Offset": str(sent)}
                self.ask("PATCH", place, content=piece, headers=headers)
                on_bytes(len(piece))
                sent += len(piece)

    def settled(
        self, import_id: str, *, on_look: Callable[[dict[str, Any]], None]
    ) -> dict[str, Any]:
        """The import once every file that was sent has been looked at."""
        while True:
            found = self.detail(import_id)
            on_look(found)
            if not any(found["counts"].get(state) for state in UNSETTLED):
                return found
            self._patience.pause(LOOK_SECONDS)

    def accept_findings(self, import_id: str) -> int:
        """Answer all findings: they may become public."""
        path = f"/api/imports/{import_id}/findings"
        answer = self.ask("POST", path, json={"all": True}, headers=self.signed_in())
        return int(answer.json()["answered"])

    def mint_all(self, import_id: str, *, on_group: Callable[[dict[str, Any]], None]) -> None:
        """Finish the groups that have begun, then begin and sign one after the other."""
        for group in self.detail(import_id)["groups"]:
            if group["state"] != "minted" or group["unlisted"]:
                self.finish(self.get(f"/api/intents/{group['intent_id']}"))
                on_group(group)
        while (intent := self._next_group(import_id)) is not None:
            self.finish(intent)
            on_group(intent)

    def _next_group(self, import_id: str) -> dict[str, Any] | None:
        """The next group's intent; None when no row is ready."""
        try:
            # A key of its own each time: that no row is taken twice is the import's doing.
            key = f"import-{secrets.token_hex(16)}"
            intent: dict[str, Any] = self.post(f"/api/imports/{import_id}/mints", {}, key)
        except Refused as refused:
            if refused.code == "NothingReady":
                return None
            raise
        return intent

    def finish(self, intent: dict[str, Any]) -> None:
        """
        Sign what is left of a mint and of its listings, and wait until the chain has it.

        A transaction that an earlier run sent and did not report makes the second one fail, since
        its token ids are taken; then the intent itself says that it has happened.
        """
        intent = self.prepared(intent)
        try:
            self._follow(intent)
        except Refused as refused:
            if refused.code != "Reverted":
                raise
            path = f"/api/intents/{intent['id']}"
            self._patience.wait_for(
                f"the mirror to see {intent['id']}",
                lambda: True if self.get(path)["state"] in HAPPENED else None,
            )
            self._follow(self.get(path))
        self._patience.wait_for(
            f"{intent['id']} to stand on the chain", lambda: self._settled(intent["id"])
        )


def piece_of(piece: bytes) -> dict[str, str]:
    """The headers of some bytes; the exchange refuses them if they arrive otherwise."""
    digest = b64encode(hashlib.sha256(piece).digest()).decode()
    return {
        "Content-Type": "application/offset+octet-stream",
        "Upload-Checksum": f"sha256 {digest}",
    }
