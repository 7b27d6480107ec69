"""
A JSON-RPC node that says what a test tells it to: a foreign program, not one of ours.

It keeps a chain of blocks with logs, mines and drops them on demand, and can lie: an answer of
one method is replaced or spoiled as often as asked, a connection is cut, dripped or left open.
"""

import contextlib
import hashlib
import json
import operator
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, TypeVar

from eth_hash.auto import keccak

from nft.types import Address

Fault = Callable[[Any], Any]
"""Takes the honest result of a call, gives the one to send; may raise `Refuse` or `Cut`."""


class Refuse(Exception):
    """Answer with a JSON-RPC error, or with an HTTP status."""

    def __init__(
        self, message: str, *, code: int = -32000, status: int = 200, after: int | None = None
    ) -> None:
        self.error = {"code": code, "message": message}
        self.status = status
        self.after = after
        super().__init__(message)


class Cut(Exception):
    """Close the connection without an answer."""


class Drip(Exception):
    """Promise a long answer and send a byte now and then."""


def refuse(
    message: str, *, code: int = -32000, status: int = 200, after: int | None = None
) -> Fault:
    """A fault that refuses; `after` is said as `Retry-After`."""

    def fault(result: Any) -> Any:
        raise Refuse(message, code=code, status=status, after=after)

    return fault


def cut(result: Any) -> Any:
    """A fault that closes the connection."""
    raise Cut


def drip(result: Any) -> Any:
    """A fault that drips."""
    raise Drip


def empty(result: Any) -> Any:
    """A fault that leaves everything out."""
    return []


def null(result: Any) -> Any:
    """A fault that knows nothing."""
    return None


def honest(result: Any) -> Any:
    """No fault: the answer passes."""
    return result


@lru_cache(maxsize=4096)
def bloom_bits(value: bytes) -> int:
    """What an address or topic sets in a header's bloom."""
    hashed = keccak(value)
    return reduce(
        operator.or_, (1 << (int.from_bytes(hashed[i : i + 2], "big") & 2047) for i in (0, 2, 4))
    )


@dataclass(frozen=True)
class ScriptedLog:
    """A log before it has a place."""

    address: Address
    topics: tuple[bytes, ...]
    data: bytes = b""


def transaction(block_hash: str, index: int) -> str:
    """The hash of a block's transaction."""
    return "0x" + hashlib.sha256(f"{block_hash}/{index}".encode()).hexdigest()


@dataclass
class ScriptedBlock:
    """One block and its logs; each log is a transaction of its own unless `one_transaction`."""

    number: int
    parent_hash: str
    timestamp: int
    logs: Sequence[ScriptedLog]
    label: str
    one_transaction: bool = False

    @property
    def hash(self) -> str:
        """Distinct for every content and ancestry."""
        told = f"{self.number}|{self.parent_hash}|{self.label}|{self.logs}"
        return "0x" + hashlib.sha256(told.encode()).hexdigest()

    def header(self) -> dict[str, Any]:
        """As `eth_getBlockByNumber` answers."""
        bloom = 0
        for log in self.logs:
            for value in (log.address, *log.topics):
                bloom |= bloom_bits(value)
        return {
            "number": hex(self.number),
            "hash": self.hash,
            "parentHash": self.parent_hash,
            "timestamp": hex(self.timestamp),
            "logsBloom": f"{bloom:#0514x}",
            "baseFeePerGas": "0x7",
        }

    def answer_logs(self) -> list[dict[str, Any]]:
        """As `eth_getLogs` answers."""
        block_hash = self.hash
        return [
            {
                "address": "0x" + log.address.hex(),
                "topics": ["0x" + part.hex() for part in log.topics],
                "data": "0x" + log.data.hex(),
                "blockNumber": hex(self.number),
                "blockHash": block_hash,
                "transactionHash": transaction(block_hash, 0 if self.one_transaction else index),
                "logIndex": hex(index),
                "removed": False,
            }
            for index, log in enumerate(self.logs)
        ]

    def receipts(self) -> list[dict[str, Any]]:
        """As `eth_getBlockReceipts` answers."""
        return [
            {
                "transactionHash": log["transactionHash"],
                "blockNumber": hex(self.number),
                "blockHash": self.hash,
                "status": "0x1",
                "from": "0x" + "11" * 20,
                "to": log["address"],
                "contractAddress": None,
                "gasUsed": "0x5208",
                "logs": [log],
            }
            for log in self.answer_logs()
        ]


@dataclass
class ScriptedNode:
    """The node's chain, its tags, its faults, and what it was asked."""

    chain_id: int = 1
    blocks: list[ScriptedBlock] = field(default_factory=list)
    safe: int | None = 0
    final: int | None = 0
    """None: the node knows no such tag."""
    asked: list[str] = field(default_factory=list)
    _faults: dict[str, list[Fault]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""

    def __post_init__(self) -> None:
        self.mine()

    def mine(self, *logs: ScriptedLog, label: str = "a", one_transaction: bool = False) -> str:
        """One block more; its hash is returned. Another `label` makes another branch."""
        parent = self.blocks[-1].hash if self.blocks else "0x" + "00" * 32
        number = len(self.blocks)
        block = ScriptedBlock(number, parent, 1_700_000_000 + number, logs, label, one_transaction)
        self.blocks.append(block)
        return block.hash

    def mine_empty(self, count: int, *, label: str = "a") -> None:
        """Several blocks without logs."""
        for _ in range(count):
            self.mine(label=label)

    def drop(self, count: int) -> None:
        """Forget the newest blocks."""
        del self.blocks[-count:]

    def fault(self, method: str, *faults: Fault) -> None:
        """Spoil the next answers of a method, one fault each."""
        with self._lock:
            self._faults.setdefault(method, []).extend(faults)

    def heal(self) -> None:
        """No fault waits any more."""
        with self._lock:
            self._faults.clear()

    def answer(self, method: str, params: list[Any]) -> Any:
        """The result of one call, faults applied."""
        self.asked.append(method)
        result = self._honest(method, params)
        with self._lock:
            waiting = self._faults.get(method, [])
            fault = waiting.pop(0) if waiting else None
        return result if fault is None else fault(result)

    def _honest(self, method: str, params: list[Any]) -> Any:
        if method == "eth_chainId":
            return hex(self.chain_id)
        if method == "eth_getBlockByNumber":
            block = self._at(params[0])
            return None if block is None else block.header()
        if method == "eth_getBlockByHash":
            found = [block for block in self.blocks if block.hash == params[0]]
            return found[0].header() if found else None
        if method == "eth_getLogs":
            return self._logs(params[0])
        if method == "eth_getBlockReceipts":
            found = [block for block in self.blocks if block.hash == params[0]]
            return found[0].receipts() if found else None
        raise Refuse(f"the method {method} does not exist", code=-32601)

    def _at(self, tag: str) -> ScriptedBlock | None:
        if tag in ("safe", "finalized"):
            number = self.safe if tag == "safe" else self.final
            if number is None:
                raise Refuse(f"{tag} block not found")
            return self.blocks[min(number, len(self.blocks) - 1)]
        number = len(self.blocks) - 1 if tag == "latest" else int(tag, 16)
        return self.blocks[number] if number < len(self.blocks) else None

    def _logs(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        if "blockHash" in query:
            chosen = [block for block in self.blocks if block.hash == query["blockHash"]]
            if not chosen:
                raise Refuse("unknown block")
        else:
            first, last = int(query["fromBlock"], 16), int(query["toBlock"], 16)
            chosen = self.blocks[first : last + 1]
        addresses, topics = set(query["address"]), query.get("topics", [None])[0]
        return [
            log
            for block in chosen
            for log in block.answer_logs()
            if log["address"] in addresses and (topics is None or log["topics"][0] in topics)
        ]


class Answering(Protocol):
    """What stands behind a handler."""

    url: str

    def answer(self, method: str, params: list[Any]) -> Any:
        """The result of one call; may raise what a fault may."""


class Handler(BaseHTTPRequestHandler):
    """JSON-RPC over HTTP, and the ways to fail at it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    node: Any

    def do_POST(self) -> None:
        """A request or a batch."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            document = self.answer(body)
        except Cut:
            self.close_connection = True
            return
        except Drip:
            self._drip()
            return
        except Refuse as refusal:
            document = {"jsonrpc": "2.0", "id": None, "error": refusal.error}
            self._send(refusal.status, document, after=refusal.after)
            return
        self._send(200, document)

    def answer(self, body: bytes) -> Any:
        """The document to send, or its bytes."""
        asked = json.loads(body)
        return [self.one(part) for part in asked] if isinstance(asked, list) else self.one(asked)

    def one(self, asked: dict[str, Any]) -> dict[str, Any]:
        """One member of a batch."""
        told = {"jsonrpc": "2.0", "id": asked["id"]}
        try:
            return {**told, "result": self.node.answer(asked["method"], asked["params"])}
        except Refuse as refusal:
            if refusal.status != 200:
                raise
            return {**told, "error": refusal.error}

    def _send(self, status: int, document: Any, *, after: int | None = None) -> None:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        if after is not None:
            self.send_header("Retry-After", str(after))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        pause = threading.Event()
        with contextlib.suppress(OSError):
            for _ in range(1000):
                self.wfile.write(b" ")
                self.wfile.flush()
                pause.wait(0.05)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


N = TypeVar("N", bound=Answering)


@contextmanager
def serving(node: N, kind: type[Handler] = Handler) -> Iterator[N]:
    """The node behind a URL of its own on a free port."""
    handler = type("Handler", (kind,), {"node": node})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    node.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield node
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
