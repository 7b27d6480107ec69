"""
A few words with a JSON-RPC node, by the standard library alone.

The supervisor asks only for heads, blocks and deployments; loading web3 for that would cost it
a second at every start.
"""

import http.client
import itertools
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


class NodeSilent(OSError):
    """The node did not answer, or not in JSON-RPC."""


class NodeRefused(Exception):
    """The node answered with an error."""


@dataclass(slots=True)
class Node:
    """One node behind one URL."""

    url: str
    timeout: float = 5.0
    numbers: Any = field(default_factory=itertools.count)

    def call(self, method: str, *params: object) -> Any:
        """The result of one call. Raises `NodeSilent` or `NodeRefused`."""
        place = urlsplit(self.url)
        body = {"jsonrpc": "2.0", "id": next(self.numbers), "method": method, "params": params}
        connection = http.client.HTTPConnection(place.netloc, timeout=self.timeout)
        try:
            connection.request(
                "POST",
                place.path or "/",
                body=json.dumps(body),
                headers={"Content-Type": "application/json"},
            )
            answer = json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NodeSilent(f"{self.url} did not answer {method}: {error}") from error
        finally:
            connection.close()
        if "error" in answer:
            raise NodeRefused(f"{method}: {answer['error'].get('message', answer['error'])}")
        return answer["result"]

    def is_answering(self) -> bool:
        """Whether it answers at all."""
        try:
            self.call("eth_chainId")
        except (NodeSilent, NodeRefused):
            return False
        return True
