"""
One person at the exchange's public HTTP API: signs in, uploads, mints, lists, buys, gives.

Nothing here knows how the exchange works inside. It is what a script with its own key does,
and every call may be repeated: uploads and intents carry idempotency keys, and an intent that
is already on its way is waited for, not sent again.
"""

from base64 import b64encode
from threading import Lock
from typing import Any

import httpx
from eth_account import Account
from eth_account.messages import encode_defunct, encode_typed_data
from eth_account.signers.local import LocalAccount

from api.demo.node import Node
from api.demo.patience import Patience
from api.demo.people import MNEMONIC, Person

ATTEMPTS = 4
HAPPENED = ("in_block", "confirmed", "final")


class Refused(RuntimeError):
    """The exchange did not do what it was asked; the message says what it answered."""

    def __init__(self, asked: str, code: str, detail: str, status: int = 0) -> None:
        self.code = code
        self.status = status
        super().__init__(f"{asked}: {code}: {detail}")


def account_of(person: Person) -> LocalAccount:
    """The key of one of the node's accounts; everybody in the world knows it."""
    Account.enable_unaudited_hdwallet_features()
    path = f"m/44'/60'/0'/0/{person.index}"
    account: LocalAccount = Account.from_mnemonic(MNEMONIC, account_path=path)
    return account


class Visitor:
    """A person with a key, before the exchange at `url`."""

    def __init__(
        self,
        person: Person,
        *,
        http: httpx.Client,
        node: Node,
        chain_id: str,
        patience: Patience,
    ) -> None:
        self.person = person
        self.account = account_of(person)
        self._http = http
        self._node = node
        self.chain_id = chain_id
        self._patience = patience
        self._token: str | None = None
        self._signing_in = Lock()
        self._sending = Lock()

    @property
    def address(self) -> str:
        """The person's address, checksummed."""
        return str(self.account.address)

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        """One request; raises `Refused` with what the problem document says."""
        response = self._patient_request(method, path, **given)
        if response.is_success:
            return response
        kind = response.headers.get("Content-Type", "")
        problem = response.json() if "json" in kind else {}
        detail = str(problem.get("detail", response.text[:200]))
        for error in problem.get("errors", []):
            detail += f" [{error.get('pointer')}: {error.get('detail')}]"
        code = str(problem.get("code", response.status_code))
        asked = f"{self.person.name}, {method} {path}"
        raise Refused(asked, code, detail, response.status_code)

    def _patient_request(self, method: str, path: str, **given: Any) -> httpx.Response:
        """A request, sent again when nobody listened or the exchange asked to come back later."""

        def send() -> httpx.Response | None:
            try:
                response = self._http.request(method, path, **given)
            except httpx.ConnectError:
                return None  # A web process that was restarted listens again in a moment.
            # Too fast, not ready, or the same request of a killed run still counts as running.
            later = response.headers.get("Retry-After")
            if later is None or response.is_success:
                return response
            self._patience.pause(float(later))
            return None

        return self._patience.wait_for(f"an answer to {method} {path}", send)

    def get(self, path: str, **params: str) -> Any:
        """A public document."""
        return self.ask("GET", path, params=params).json()

    def post(self, path: str, body: dict[str, Any], key: str) -> Any:
        """Make something once, however often it is asked for with the same key."""
        headers = {"Idempotency-Key": key, **self.signed_in()}
        return self.ask("POST", path, json=body, headers=headers).json()

    def signed_in(self) -> dict[str, str]:
        """The header of a session, begun with Sign-in with Ethereum when there is none."""
        with self._signing_in:
            if self._token is None:
                asked = {"address": self.address, "chain_id": self.chain_id}
                message = self.ask("POST", "/api/session/nonce", json=asked).json()["message"]
                signed = self.account.sign_message(encode_defunct(text=message))
                body = {"message": message, "signature": hexadecimal(signed.signature)}
                self._token = str(self.ask("POST", "/api/session", json=body).json()["token"])
        return {"Authorization": f"Bearer {self._token}"}

    def intend(self, path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """
        Ask for an intent, or find the one that an earlier run asked for.

        One that came to nothing is left behind, and another is asked for under the next key.
        """
        for attempt in range(ATTEMPTS):
            made = self.post(path, body, f"{key}-{attempt}" if attempt else key)
            try:
                intent: dict[str, Any] = self.get(f"/api/intents/{made['id']}")
            except Refused as refused:
                if refused.status != httpx.codes.NOT_FOUND:
                    raise
                continue
            if intent["state"] not in ("failed", "abandoned"):
                return intent
        raise Refused(path, "CameToNothing", f"{ATTEMPTS} intents failed or were abandoned")

    def upload(self, data: bytes, *, filename: str, mime: str, key: str) -> str:
        """Send a file by tus, from where an earlier run stopped; returns the upload's id."""
        for attempt in range(ATTEMPTS):
            own_key = f"{key}-{attempt}" if attempt else key
            try:
                return self._upload_once(data, filename=filename, mime=mime, key=own_key)
            except Refused as refused:
                # What an earlier run began has expired meanwhile.
                if refused.status not in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
                    raise
        raise Refused(filename, "CameToNothing", f"{ATTEMPTS} uploads were gone")

    def _upload_once(self, data: bytes, *, filename: str, mime: str, key: str) -> str:
        """One attempt at `upload`."""
        tus = {"Tus-Resumable": "1.0.0", **self.signed_in()}
        facts = {"filename": filename, "filetype": mime}
        metadata = ",".join(f"{k} {b64encode(v.encode()).decode()}" for k, v in facts.items())
        made = self.ask(
            "POST",
            "/api/uploads",
            headers={
                **tus,
                "Upload-Length": str(len(data)),
                "Upload-Metadata": metadata,
                "Idempotency-Key": key,
            },
        )
        place = made.headers["Location"]
        sent = int(self.ask("HEAD", place, headers=tus).headers["Upload-Offset"])
        if sent < len(data):
            piece = {"Upload-Offset": str(sent), "Content-Type": "application/offset+octet-stream"}
            self.ask("PATCH", place, content=data[sent:], headers={**tus, **piece})
        return str(self._checked(place)["id"])

    def _checked(self, place: str) -> dict[str, Any]:
        """The upload's document once its file was looked at; raises `Refused` if it was bad."""

        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.ask("GET", place, headers=self.signed_in()).json()
            return found if found["state"] in ("ready", "refused") else None

        found = self._patience.wait_for(f"the check of {place}", look)
        if found["state"] == "refused":
            problem = found.get("problem") or {}
            raise Refused(f"{place} was refused", str(problem.get("code")), str(problem))
        return found

    def prepared(self, intent: dict[str, Any]) -> dict[str, Any]:
        """The intent once its steps are handed out: every asset is pinned and read back."""
        first = [intent]

        def look() -> dict[str, Any] | None:
            now = first.pop() if first else self.get(f"/api/intents/{intent['id']}")
            if now["state"] in ("failed", "abandoned"):
                problem = now.get("problem") or {}
                raise Refused(str(now["intent"]), str(problem.get("code")), str(problem))
            return None if now["state"] == "preparing" else now

        return self._patience.wait_for(f"{intent['intent']} to be prepared", look)

    def carry_out(self, intent: dict[str, Any]) -> dict[str, Any]:
        """
        Do what the intent's steps ask, in order, and wait until the chain has it.

        Returns the intent; its `result` says what came of it.
        """
        intent = self.prepared(intent)
        if intent["state"] in HAPPENED:
            return intent
        self._follow(intent)
        return self._patience.wait_for(
            f"{intent['intent']} to stand on the chain",
            lambda: self._settled(intent["id"]),
        )

    def _follow(self, intent: dict[str, Any]) -> None:
        """Take each step that is left, as it stands once the one before it is done."""
        taken: set[str] = set()
        while True:
            reported = {report["step"]: report["hash"] for report in intent.get("transactions", [])}
            left = [
                step
                for step in intent["steps"]
                if step["state"] != "complete" and step["id"] not in taken
            ]
            if not left:
                return
            step = left[0]
            if step["kind"] == "signature":
                self._sign(step, key=f"demo-{intent['id']}-{step['id']}")
            else:
                self._send(intent, step, reported.get(step["id"]))
            taken.add(step["id"])
            if len(left) > 1:
                intent = self.get(f"/api/intents/{intent['id']}")

    def _settled(self, intent_id: str) -> dict[str, Any] | None:
        """The intent when nothing is left to do; raises `Refused` when it went wrong."""
        intent: dict[str, Any] = self.get(f"/api/intents/{intent_id}")
        if intent["state"] in HAPPENED:
            return intent
        if intent["state"] in ("failed", "dropped", "replaced", "abandoned"):
            problem = intent.get("problem") or {}
            asked = f"{intent['intent']} is {intent['state']}"
            raise Refused(asked, str(problem.get("code")), str(problem.get("detail")))
        return None

    def _sign(self, step: dict[str, Any], key: str) -> None:
        """Sign typed data and post it where the step says."""
        signed = self.account.sign_message(encode_typed_data(full_message=step["typed_data"]))
        submit = step["submit"]
        body = {**submit["body"], "signature": hexadecimal(signed.signature)}
        headers = {"Idempotency-Key": key, **self.signed_in()}
        self.ask(submit["method"], submit["href"], json=body, headers=headers)

    def _send(self, intent: dict[str, Any], step: dict[str, Any], sent: str | None) -> None:
        """Send a transaction unless an earlier run did, tell the exchange, wait for its block."""
        if sent is None or not self._node.knows(sent):
            # A node that is asked twice at once gives both transactions the same number.
            with self._sending:
                sent = self._node.send(step["request"]["params"][0])
            report = {"step": step["id"], "hash": sent}
            self.ask("POST", f"/api/intents/{intent['id']}/transactions", json=report)
        transaction_hash = sent
        receipt = self._patience.wait_for(
            f"transaction {transaction_hash}",
            lambda: self._node.receipt(transaction_hash),
        )
        if receipt["status"] != "0x1":
            raise Refused(step["title"], "Reverted", f"transaction {transaction_hash} reverted")


def hexadecimal(data: bytes) -> str:
    """Bytes as the API takes them."""
    return "0x" + bytes(data).hex()
