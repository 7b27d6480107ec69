"""
One person at the API: what is sent again after an interruption, and what is not.

The exchange and the node stand behind a scripted transport here; `test_exhibition.py` meets
the real ones.
"""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from eth_account import Account
from eth_account.messages import encode_defunct

from api.demo.node import Node, NodeRefused
from api.demo.patience import Patience
from api.demo.people import ILKA_MARROW
from api.demo.visitor import Refused, Visitor, account_of

NODE = "http://node.test"
EXCHANGE = "http://exchange.test"
TRANSACTION = "0x" + "ab" * 32


class Script:
    """Answers by method and path, and what was asked."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.answers: dict[tuple[str, str], Callable[[httpx.Request], httpx.Response]] = {}
        self.calls: dict[str, Any] = {"eth_chainId": "0x7a69"}
        self.on("POST", "/api/session/nonce", lambda _: answer({"message": "sign in"}))
        self.on("POST", "/api/session", lambda _: answer({"token": "secret"}))

    def on(self, method: str, path: str, reply: Callable[[httpx.Request], httpx.Response]) -> None:
        self.answers[(method, path)] = reply

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.url.host == "node.test":
            method = json.loads(request.content)["method"]
            if method not in self.calls:
                return answer({"error": {"message": f"no {method}"}})
            return answer({"result": self.calls[method]})
        return self.answers[(request.method, request.url.path)](request)

    def paths(self, method: str) -> list[str]:
        return [request.url.path for request in self.asked if request.method == method]

    def methods(self) -> list[str]:
        calls = [request for request in self.asked if request.url.host == "node.test"]
        return [json.loads(call.content)["method"] for call in calls]


def answer(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=body, headers=headers)


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def artist(script: Script) -> Visitor:
    http = httpx.Client(base_url=EXCHANGE, transport=httpx.MockTransport(script))
    return Visitor(
        ILKA_MARROW,
        http=http,
        node=Node(http, NODE),
        chain_id="31337",
        patience=Patience(),
    )


def intent(state: str, **fields: Any) -> dict[str, Any]:
    return {"id": "i1", "intent": "mint", "state": state, "steps": [STEP], **fields}


STEP = {
    "id": "mint",
    "kind": "transaction",
    "title": "Mint",
    "state": "incomplete",
    "request": {"method": "eth_sendTransaction", "params": [{"to": "0x00"}]},
}


class TestAccount:
    def test_is_the_nodes_account_of_that_number(self) -> None:
        assert account_of(ILKA_MARROW).address == "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


class TestSession:
    def test_begins_once_and_signs_the_text_as_given(self, script: Script, artist: Visitor) -> None:
        script.on("POST", "/api/mints", lambda _: answer({"id": "i1"}))

        artist.post("/api/mints", {}, "a")
        artist.post("/api/mints", {}, "b")

        signed = json.loads(script.asked[1].content)
        text = encode_defunct(text="sign in")
        assert Account.recover_message(text, signature=signed["signature"]) == artist.address
        assert script.paths("POST").count("/api/session") == 1
        assert script.asked[-1].headers["Authorization"] == "Bearer secret"


class TestAsk:
    def test_says_what_the_problem_document_says(self, script: Script, artist: Visitor) -> None:
        problem = {
            "code": "RoyaltyTooHigh",
            "detail": "too high",
            "errors": [{"pointer": "/royalties/0/bps", "detail": "at most 2500"}],
        }
        script.on("GET", "/api/tokens", lambda _: answer(problem, status=422))

        with pytest.raises(Refused, match=r"RoyaltyTooHigh: too high \[/royalties/0/bps") as caught:
            artist.get("/api/tokens")

        assert caught.value.status == 422

    def test_comes_back_when_asked_to(self, script: Script, artist: Visitor) -> None:
        busy = iter([answer({}, 429, **{"Retry-After": "0"}), answer({"items": []})])
        script.on("GET", "/api/tokens", lambda _: next(busy))

        assert artist.get("/api/tokens") == {"items": []}


class TestUpload:
    def test_sends_only_what_is_missing(self, script: Script, artist: Visitor) -> None:
        script.on("POST", "/api/uploads", lambda _: answer({}, 201, Location="/api/uploads/u1"))
        script.on("HEAD", "/api/uploads/u1", lambda _: answer({}, **{"Upload-Offset": "4"}))
        script.on("PATCH", "/api/uploads/u1", lambda _: httpx.Response(204))
        script.on("GET", "/api/uploads/u1", lambda _: answer({"id": "u1", "state": "ready"}))

        found = artist.upload(b"painting", filename="p.png", mime="image/png", key="k")

        sent = next(request for request in script.asked if request.method == "PATCH")
        assert found == "u1"
        assert sent.content == b"ting"
        assert sent.headers["Upload-Offset"] == "4"

    def test_begins_anew_when_the_earlier_one_is_gone(
        self, script: Script, artist: Visitor
    ) -> None:
        def made(request: httpx.Request) -> httpx.Response:
            place = "/api/uploads/old" if request.headers["Idempotency-Key"] == "k" else "/new"
            return answer({}, 201, Location=place)

        script.on("POST", "/api/uploads", made)
        script.on("HEAD", "/api/uploads/old", lambda _: httpx.Response(410))
        script.on("HEAD", "/new", lambda _: answer({}, **{"Upload-Offset": "8"}))
        script.on("GET", "/new", lambda _: answer({"id": "u2", "state": "ready"}))

        assert artist.upload(b"painting", filename="p.png", mime="image/png", key="k") == "u2"
        assert script.paths("PATCH") == []

    def test_tells_why_a_file_was_refused(self, script: Script, artist: Visitor) -> None:
        refused = {"id": "u1", "state": "refused", "problem": {"code": "FileEmpty"}}
        script.on("POST", "/api/uploads", lambda _: answer({}, 201, Location="/api/uploads/u1"))
        script.on("HEAD", "/api/uploads/u1", lambda _: answer({}, **{"Upload-Offset": "1"}))
        script.on("GET", "/api/uploads/u1", lambda _: answer(refused))

        with pytest.raises(Refused, match="FileEmpty"):
            artist.upload(b"x", filename="p.png", mime="image/png", key="k")


class TestIntend:
    def test_leaves_a_failed_intent_behind(self, script: Script, artist: Visitor) -> None:
        def made(request: httpx.Request) -> httpx.Response:
            return answer({"id": "i1" if request.headers["Idempotency-Key"] == "k" else "i2"})

        script.on("POST", "/api/mints", made)
        script.on("GET", "/api/intents/i1", lambda _: answer(intent("failed")))
        script.on("GET", "/api/intents/i2", lambda _: answer(intent("prepared", id="i2")))

        assert artist.intend("/api/mints", {}, "k")["id"] == "i2"


class TestCarryOut:
    def test_sends_reports_and_waits(self, script: Script, artist: Visitor) -> None:
        script.calls["eth_sendTransaction"] = TRANSACTION
        script.calls["eth_getTransactionReceipt"] = {"status": "0x1"}
        script.on("POST", "/api/intents/i1/transactions", lambda _: answer({}))
        script.on("GET", "/api/intents/i1", lambda _: answer(intent("in_block", result={})))

        done = artist.carry_out(intent("prepared"))

        assert done["state"] == "in_block"
        assert json.loads(script.asked[1].content) == {"step": "mint", "hash": TRANSACTION}

    def test_sends_nothing_for_what_has_happened(self, script: Script, artist: Visitor) -> None:
        done = artist.carry_out(intent("confirmed"))

        assert done["state"] == "confirmed"
        assert script.asked == []

    def test_waits_for_what_an_earlier_run_sent(self, script: Script, artist: Visitor) -> None:
        script.calls["eth_getTransactionByHash"] = {"hash": TRANSACTION}
        script.calls["eth_getTransactionReceipt"] = {"status": "0x1"}
        script.on("GET", "/api/intents/i1", lambda _: answer(intent("in_block")))

        artist.carry_out(intent("submitted", transactions=[{"step": "mint", "hash": TRANSACTION}]))

        assert "eth_sendTransaction" not in script.methods()

    def test_sends_again_what_the_chain_lost(self, script: Script, artist: Visitor) -> None:
        script.calls["eth_getTransactionByHash"] = None
        script.calls["eth_sendTransaction"] = TRANSACTION
        script.calls["eth_getTransactionReceipt"] = {"status": "0x1"}
        script.on("POST", "/api/intents/i1/transactions", lambda _: answer({}))
        script.on("GET", "/api/intents/i1", lambda _: answer(intent("in_block")))

        artist.carry_out(intent("dropped", transactions=[{"step": "mint", "hash": "0x01"}]))

        assert script.methods().count("eth_sendTransaction") == 1

    def test_stops_at_a_transaction_that_reverted(self, script: Script, artist: Visitor) -> None:
        script.calls["eth_sendTransaction"] = TRANSACTION
        script.calls["eth_getTransactionReceipt"] = {"status": "0x0"}
        script.on("POST", "/api/intents/i1/transactions", lambda _: answer({}))

        with pytest.raises(Refused, match="Reverted"):
            artist.carry_out(intent("prepared"))

    def test_stops_when_the_node_refuses(self, script: Script, artist: Visitor) -> None:
        with pytest.raises(NodeRefused, match="eth_sendTransaction"):
            artist.carry_out(intent("prepared"))
