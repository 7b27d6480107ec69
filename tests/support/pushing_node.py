"""
A WebSocket beside a scripted node, that pushes the heads a test tells it to, and no others.
"""

import contextlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve


@dataclass
class Pusher:
    """Who subscribed, now and ever."""

    chain_id: int = 1
    url: str = ""
    subscribers: list[ServerConnection] = field(default_factory=list)
    subscriptions: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def push(self, header: Any) -> None:
        """Tell everybody who is subscribed."""
        params = {"subscription": "0x1", "result": header}
        told = {"jsonrpc": "2.0", "method": "eth_subscription", "params": params}
        for one in self.subscribers:
            one.send(json.dumps(told))

    def wait_for(self, subscriptions: int) -> bool:
        """Until so many have subscribed, ever."""
        with self.changed:
            return self.changed.wait_for(lambda: self.subscriptions >= subscriptions, 5)

    def wait_until_left(self) -> bool:
        """Until nobody is subscribed."""
        with self.changed:
            return self.changed.wait_for(lambda: not self.subscribers, 5)

    def serve(self, connection: ServerConnection) -> None:
        """One client, until it leaves."""
        with contextlib.suppress(ConnectionClosed):
            for message in connection:
                asked = json.loads(message)
                self._answer(connection, asked)
        with self.changed:
            if connection in self.subscribers:
                self.subscribers.remove(connection)
            self.changed.notify_all()

    def _answer(self, connection: ServerConnection, asked: Any) -> None:
        result = hex(self.chain_id) if asked["method"] == "eth_chainId" else "0x1"
        connection.send(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": result}))
        if asked["method"] == "eth_subscribe":
            with self.changed:
                self.subscribers.append(connection)
                self.subscriptions += 1
                self.changed.notify_all()


@contextmanager
def pushing(*, chain_id: int = 1) -> Iterator[Pusher]:
    """A socket on a free port."""
    pusher = Pusher(chain_id)
    with serve(pusher.serve, "127.0.0.1", 0, compression=None) as server:
        pusher.url = f"ws://127.0.0.1:{_port(server)}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield pusher
        finally:
            server.shutdown()
            thread.join(5)


def _port(server: Server) -> int:
    return int(server.socket.getsockname()[1])
