"""
A pinning service as providers run them: the Pinning Services API 1.0 over HTTP, a real Kubo behind.

It pins by fetching: its Kubo connects to the origins and asks for the blocks. It can be told to do
badly; `Faults` are what users of real ones report.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx

from tests.support.kubo import Kubo

TOKEN = "token-of-the-tests"


@dataclass
class Faults:
    """What goes wrong; all may be changed while it runs."""

    is_down: bool = False
    """Answers 503."""
    busy: int = 0
    """So many of the next calls are answered with 429."""
    retry_after: str = "7"
    queues_for_ever: bool = False
    lies: bool = False
    """Says `pinned` and fetches nothing."""
    forgets: bool = False
    """Accepts a request and knows nothing of it afterwards."""
    fails: bool = False
    wrong_cid: str = ""
    answer: bytes | None = None
    """Sent instead of every answer, with status 200."""
    echoes_token: bool = False


@dataclass
class Service:
    """Where it is, what it was asked, what it knows."""

    kubo: Kubo
    url: str = ""
    faults: Faults = field(default_factory=Faults)
    requests: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    workers: list[threading.Thread] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    count: int = 0

    def rpc(self, call: str, **arguments: str) -> httpx.Response:
        """A call of the Kubo behind."""
        _, _, host, _, port, _ = self.kubo.api.split("/")
        url = f"http://{host}:{port}/api/v0/{call}"
        return httpx.post(url, params=arguments, timeout=60, trust_env=False)

    def addresses(self) -> list[str]:
        """Where the Kubo behind is reached."""
        return list(self.rpc("id").json()["Addresses"])

    def add(self, pin: dict[str, Any]) -> dict[str, Any]:
        """A new request, which is worked on at once."""
        with self.lock:
            self.count += 1
            request = {
                "requestid": f"request/{self.count}",
                "status": "queued",
                "created": f"2030-01-01T00:00:{self.count % 60:02}Z",
                "pin": {**pin, "cid": self.faults.wrong_cid or pin["cid"]},
                "delegates": self.addresses(),
            }
            self.origins = list(pin.get("origins") or [])
            if not self.faults.forgets:
                self.requests[request["requestid"]] = request
        if self.faults.lies:
            request["status"] = "pinned"
        elif self.faults.fails:
            request["status"] = "failed"
            request["info"] = {"status_details": "no peer has it"}
        elif not self.faults.queues_for_ever:
            worker = threading.Thread(target=self.fetch, args=(request, pin), daemon=True)
            self.workers.append(worker)
            worker.start()
        return dict(request)

    def fetch(self, request: dict[str, Any], pin: dict[str, Any]) -> None:
        """Get every block from whoever has it, and pin."""
        request["status"] = "pinning"
        for origin in pin.get("origins") or []:
            with suppress(httpx.HTTPError):
                self.rpc("swarm/connect", arg=origin)
        with suppress(httpx.HTTPError):
            done = self.rpc("pin/add", arg=pin["cid"])
            request["status"] = "pinned" if done.status_code == 200 else "failed"

    def finish(self) -> None:
        """Wait for what it is working on."""
        for worker in self.workers:
            worker.join(30)

    def collect(self, cid: str) -> None:
        """Lose a content behind everybody's back: unpinned, and the garbage collected."""
        self.rpc("pin/rm", arg=cid)
        self.rpc("repo/gc")

    def listed(self, query: dict[str, list[str]]) -> list[dict[str, Any]]:
        """Requests by cid and status, as the API filters them."""
        statuses = query.get("status", ["pinned"])[0].split(",")
        cids = query["cid"][0].split(",") if "cid" in query else None
        with self.lock:
            found = [
                one
                for one in self.requests.values()
                if one["status"] in statuses and (cids is None or one["pin"]["cid"] in cids)
            ]
        return found[: int(query.get("limit", ["10"])[0])]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service: Service

    def _say(self, status: int, told: Any = None, **headers: str) -> None:
        body = b"" if told is None else json.dumps(told).encode()
        if self.service.faults.answer is not None:
            status, body = 200, self.service.faults.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _refuses(self) -> bool:
        faults = self.service.faults
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(length)
        self.service.asked.append((self.command, self.path))
        if faults.is_down:
            said = f"down, {self.headers['Authorization']}" if faults.echoes_token else "down"
            self._say(503, {"error": {"reason": "INTERNAL", "details": said}})
        elif faults.busy:
            faults.busy -= 1
            self._say(429, {"error": {"reason": "BUSY"}}, Retry_After=faults.retry_after)
        elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._say(401, {"error": {"reason": "UNAUTHORIZED"}})
        else:
            return False
        return True

    @property
    def _request_id(self) -> str:
        return unquote(urlsplit(self.path).path.removeprefix("/pins/"))

    def do_GET(self) -> None:
        if self._refuses():
            return
        place = urlsplit(self.path)
        if place.path == "/pins":
            found = self.service.listed(parse_qs(place.query))
            self._say(200, {"count": len(found), "results": found})
        elif self._request_id in self.service.requests:
            self._say(200, self.service.requests[self._request_id])
        else:
            self._say(404, {"error": {"reason": "NOT_FOUND"}})

    def do_POST(self) -> None:
        if self._refuses():
            return
        if urlsplit(self.path).path != "/pins":
            if self._request_id not in self.service.requests:
                self._say(404, {"error": {"reason": "NOT_FOUND"}})
                return
            del self.service.requests[self._request_id]
        self._say(202, self.service.add(json.loads(self.body)))

    def do_DELETE(self) -> None:
        if self._refuses():
            return
        with self.service.lock:
            request = self.service.requests.pop(self._request_id, None)
            cids = {one["pin"]["cid"] for one in self.service.requests.values()}
        if request is None:
            self._say(404, {"error": {"reason": "NOT_FOUND"}})
            return
        if request["pin"]["cid"] not in cids:
            self.service.rpc("pin/rm", arg=request["pin"]["cid"])
        self._say(202)

    def log_message(self, *_: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        pass  # The client hung up, which some tests want.


@contextmanager
def running_service(kubo: Kubo) -> Iterator[Service]:
    """A service on a Kubo that is online."""
    service = Service(kubo)
    handler = type("Handler", (_Handler,), {"service": service})
    with _Server(("127.0.0.1", 0), handler) as server:
        service.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()
