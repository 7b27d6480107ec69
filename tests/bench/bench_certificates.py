"""
Certificates served per CPU second, against a bare FastAPI route in the same run.

Starts a whole exchange, mints and sells one work over HTTP, then asks for its certificate again
and again. What counts is the CPU time of the serving process, so that a busy machine and a slow
client change the figures little. `JSON=1` makes the last line one JSON object.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.support.journey import travel

CONNECTIONS = 16
SECONDS = float(os.environ.get("SECONDS", "4"))
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
def running(command: list[str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A program and its first line."""
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    try:
        yield started, started.stdout.readline()
    finally:
        started.terminate()
        started.wait(30)


async def ask_for(host: str, port: int, request: bytes, until: float) -> int:
    """One connection, one request after the other; how many were answered."""
    reader, writer = await asyncio.open_connection(host, port)
    count = 0
    while time.monotonic() < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head[9:12] in (b"200", b"304"), head
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                await reader.readexactly(int(line.partition(b":")[2]))
        count += 1
    writer.close()
    return count


async def load(url: str, headers: dict[str, str]) -> int:
    """Requests answered in the time of one measurement."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    lines = [f"GET {parts.path or '/'} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    until = time.monotonic() + SECONDS
    found = await asyncio.gather(
        *(ask_for(parts.hostname, parts.port, request, until) for _ in range(CONNECTIONS))
    )
    return sum(found)


def per_cpu_second(pid: int, url: str, headers: dict[str, str] | None = None) -> float:
    """Requests per second of the serving process's own CPU time."""
    before = cpu_seconds(pid)
    count = asyncio.run(load(url, headers or {}))
    return count / (cpu_seconds(pid) - before)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        up = [sys.executable, "-m", "api.cli", "up", "--data-dir", f"{folder}/data"]
        up += ["--port", "0", "--media-port", "0", "--chain-port", "0", "--no-demo", "--json"]
        with (
            running([sys.executable, "-c", BARE]) as (bare, port),
            running(up) as (exchange, line),
        ):
            url = json.loads(line)["url"]
            travel(url, Path(folder))
            token = httpx.get(f"{url}/api/tokens?limit=1").json()["items"][0]
            path = f"{token['chain_id']}/{token['contract']}/{token['token_id']}"
            certificate = f"{url}/api/certificates/{path}"
            tag = httpx.get(certificate).headers["etag"]
            web = web_process(exchange.pid)
            found = {
                "bare_route": per_cpu_second(bare.pid, f"http://127.0.0.1:{port.strip()}/"),
                "certificate": per_cpu_second(web, certificate),
                "certificate_304": per_cpu_second(web, certificate, {"If-None-Match": tag}),
                "token": per_cpu_second(web, f"{url}/api/tokens/{path}"),
                "work_page": per_cpu_second(web, f"{url}/works/{path}"),
            }
    floor = found["bare_route"]
    print(f"{'requests per CPU second':<26}{'':>10}   of a bare route")
    for name, rate in found.items():
        print(f"{name:<26}{rate:>10,.0f}{rate / floor:>12.0%}")
    if os.environ.get("JSON"):
        print(json.dumps({name: round(rate) for name, rate in found.items()}))


if __name__ == "__main__":
    main()
