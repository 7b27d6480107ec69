"""
Certificates served per CPU second, against a bare FastAPI route in the same run; and what it takes
to check and to print one.

Starts a whole exchange, mints works over HTTP, then asks for their certificates again and again:
first of a process that keeps nothing in memory (every answer is read from PostgreSQL), then of one
that does. What counts is the CPU time of the serving process, so that a busy machine and a slow
client change the figures little. `JSON=1` makes the last line one JSON object.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import httpx

sys.path.insert(0, str(Path(__file__).parents[2]))

from api.demo.node import Node
from api.demo.patience import Patience
from api.demo.people import ILKA_MARROW
from api.demo.visitor import Visitor
from nft.types import Digest
from nft.verification import Evidence, verify_file
from tests.support.journey import picture, travel

CONNECTIONS = 16
SECONDS = float(os.environ.get("SECONDS", "4"))
COPIES = 32
"""Works whose certificates are asked for in turn."""
TARGETS = {"certificate": 0.75, "certificate_304": 0.90}
UNCACHED = 4_000
TICKS = os.sysconf("SC_CLK_TCK")

BARE = """
import fastapi, uvicorn, sys, socket
app = fastapi.FastAPI()
@app.get("/")
async def bare() -> dict[str, str]:
    return {"state": "alive"}
listening = socket.socket(); listening.bind(("127.0.0.1", 0)); listening.listen()
print(listening.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listening])
"""


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def descendants(pid: int) -> Iterator[int]:
    """Every process below one, by the parent that each names."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    waiting = [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        yield from children
        waiting += children


def web_process(supervisor: int) -> int:
    """The process below the supervisor that runs `vernissage web`."""
    for pid in descendants(supervisor):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if b"web" in words:
            return pid
    raise LookupError("no web process below the supervisor")


@contextmanager
def running(command: list[str], **more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A program and its first line, with `more` in its environment."""
    environment = {**os.environ, **more}
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert started.stdout is not None
    try:
        yield started, started.stdout.readline()
    finally:
        started.terminate()
        started.wait(30)


async def ask_for(host: str, port: int, requests: Sequence[bytes], until: float) -> int:
    """One connection, one request after the other, each in turn; how many were answered."""
    reader, writer = await asyncio.open_connection(host, port)
    count = 0
    while time.monotonic() < until:
        writer.write(requests[count % len(requests)])
        head = await reader.readuntil(b"\r\n\r\n")
        assert head[9:12] in (b"200", b"304"), head
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:") and head[9:12] == b"200":
                await reader.readexactly(int(line.partition(b":")[2]))
        count += 1
    writer.close()
    return count


async def load(urls: Sequence[str], headers: dict[str, str]) -> int:
    """Requests answered in the time of one measurement."""
    parts = urlsplit(urls[0])
    assert parts.hostname is not None
    assert parts.port is not None
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    requests = [
        f"GET {urlsplit(url).path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\n{more}\r\n".encode()
        for url in urls
    ]
    until = time.monotonic() + SECONDS
    asking = (
        # Each connection begins elsewhere: else all would ask for the same work at once.
        ask_for(parts.hostname, parts.port, requests[at % len(requests) :] + requests, until)
        for at in range(CONNECTIONS)
    )
    return sum(await asyncio.gather(*asking))


def per_cpu_second(pid: int, *urls: str, headers: dict[str, str] | None = None) -> float:
    """Requests per second of the serving process's own CPU time."""
    asyncio.run(load(urls, headers or {}))  # Warm, as a server is.
    before = cpu_seconds(pid)
    count = asyncio.run(load(urls, headers or {}))
    return count / (cpu_seconds(pid) - before)


def mint_edition(line: dict[str, Any]) -> list[str]:
    """Mint an edition and wait until each copy has its certificate; where they are."""
    url = line["url"]
    with httpx.Client(base_url=url, timeout=120) as http:
        node = Node(http, line["rpc_url"])
        artist = Visitor(ILKA_MARROW, http=http, node=node, chain_id="31337", patience=Patience())
        upload = artist.upload(picture(7), filename="a.png", mime="image/png", key="bench-file")
        body = {
            "chain_id": "31337",
            "creator": artist.address,
            "title": "An edition",
            "description": "Asked for again and again.",
            "alt_text": "A picture",
            "media": [{"upload_id": upload, "role": "image"}],
            "copies": COPIES,
            "accept_findings": True,
        }
        done = artist.carry_out(artist.intend("/api/mints", body, key="bench-mint"))
        tokens = done["result"]["tokens"]
        found = [
            f"{url}/api/certificates/{one['chain_id']}/{one['contract']}/{one['token_id']}"
            for one in tokens
        ]
        for certificate in found:
            while httpx.get(certificate).headers["Certificate-Version"] == "0":
                time.sleep(0.5)
    return found


def milliseconds(work: Callable[[], object], times: int) -> float:
    """The middle of several runs."""
    spent = []
    for _ in range(times):
        before = time.perf_counter()
        work()
        spent.append(time.perf_counter() - before)
    return 1_000 * median(spent)


def checked(body: bytes) -> Callable[[], object]:
    """The whole report on a certificate, for a reader who knows the hash of its block."""
    mint = json.loads(body)["credentialSubject"]["mint"]
    hashes = {int(mint["block_number"]): Digest.parse(mint["block_hash"])}
    return lambda: verify_file(body, Evidence(block_hashes=hashes))


def measure(up: list[str], bare: tuple[int, str], folder: str) -> dict[str, float]:
    """All figures, by name: requests per CPU second, and milliseconds."""
    found = {"bare_route": per_cpu_second(bare[0], f"http://127.0.0.1:{bare[1].strip()}/")}
    with running(up, CERTIFICATE_MEMORY_BYTES="0") as (exchange, line):
        told = json.loads(line)
        travel(told["url"], Path(folder))
        paths = [urlsplit(one).path for one in mint_edition(told)]
        urls = [told["url"] + path for path in paths]
        found["certificate_uncached"] = per_cpu_second(web_process(exchange.pid), *urls)
    with running(up) as (exchange, line):
        urls = [json.loads(line)["url"] + path for path in paths]
        first = httpx.get(urls[0])
        web, tag = web_process(exchange.pid), first.headers["etag"]
        found |= {
            "certificate": per_cpu_second(web, *urls),
            "certificate_304": per_cpu_second(web, urls[0], headers={"If-None-Match": tag}),
            "bytes": len(first.content),
            "verification_ms": milliseconds(checked(first.content), 20),
            "pdf_ms": milliseconds(lambda: httpx.get(urls[1] + ".pdf", timeout=60), 1),
        }
        if httpx.get(urls[1] + ".pdf", timeout=60).status_code != httpx.codes.OK:
            del found["pdf_ms"]
    return found


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        up = [sys.executable, "-m", "api.cli", "up", "--data-dir", f"{folder}/data"]
        up += ["--port", "0", "--media-port", "0", "--chain-port", "0", "--no-demo", "--json"]
        with running([sys.executable, "-c", BARE]) as (bare, port):
            found = measure(up, (bare.pid, port), folder)
    floor = found["bare_route"]
    print(f"{'requests per CPU second':<26}{'':>10}   of a bare route")
    rates = ("bare_route", "certificate", "certificate_304", "certificate_uncached")
    for name in rates:
        wanted = f"   at least {TARGETS[name]:.0%}" if name in TARGETS else ""
        if name == "certificate_uncached":
            wanted = f"   at least {UNCACHED:,}"
        print(f"{name:<26}{found[name]:>10,.0f}{found[name] / floor:>12.0%}{wanted}")
    print(f"{'one certificate':<26}{found['bytes']:>10,.0f} bytes")
    print(f"{'checked whole, offline':<26}{found['verification_ms']:>10,.1f} ms")
    if "pdf_ms" in found:
        print(f"{'printed (PDF), first time':<26}{found['pdf_ms']:>10,.0f} ms")
    if os.environ.get("JSON"):
        print(json.dumps({name: round(rate, 1) for name, rate in found.items()}))


if __name__ == "__main__":
    main()
