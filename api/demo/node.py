"""
The chain's own door, as any wallet uses it: plain JSON-RPC over HTTP.

The exhibition's people sign transactions with the accounts that a development node unlocks;
on any other node the calls are refused, which is as it should be.
"""

from itertools import count
from typing import Any

import httpx


class NodeRefused(RuntimeError):
    """The node answered a call with an error."""

    def __init__(self, method: str, message: str) -> None:
        self.method = method
        super().__init__(f"the node refused {method}: {message}")


class Node:
    """A JSON-RPC endpoint."""

    def __init__(self, http: httpx.Client, rpc_url: str) -> None:
        self._http = http
        self._rpc_url = rpc_url
        self._numbers = count(1)

    def call(self, method: str, *params: Any) -> Any:
        """One call's result; raises `NodeRefused` on an error."""
        body = {"jsonrpc": "2.0", "id": next(self._numbers), "method": method, "params": params}
        response = self._http.post(self._rpc_url, json=body)
        answer = response.json()
        if "error" in answer:
            raise NodeRefused(method, str(answer["error"].get("message", answer["error"])))
        return answer["result"]

    def chain_id(self) -> str:
        """The chain's number, as decimal text."""
        return str(int(self.call("eth_chainId"), 16))

    def send(self, transaction: dict[str, Any]) -> str:
        """Send a wallet's `eth_sendTransaction` from an unlocked account; returns its hash."""
        return str(self.call("eth_sendTransaction", transaction))

    def knows(self, transaction_hash: str) -> bool:
        """Whether a transaction is mined or waiting; one that was lost has to be sent again."""
        return self.call("eth_getTransactionByHash", transaction_hash) is not None

    def receipt(self, transaction_hash: str) -> dict[str, Any] | None:
        """What became of a transaction, or None while it waits."""
        found: dict[str, Any] | None = self.call("eth_getTransactionReceipt", transaction_hash)
        return found
