"""
Certificates served per CPU second, against a bare FastAPI route in the same run; and what it takes
to check and to print one.

Starts a whole exchange, mints works over HTTP, then asks for their certificates again and again:
first of a process that keeps nothing in memory (every answer is read from PostgreSQL), then of one
that does, and of the bare route right before each. What counts is the CPU time of the serving
process, so that a busy machine and a slow client change the figures little; what PostgreSQL takes
beside it is told. The floor beneath the uncached figure is a bare route that reads one row of the
same size by its key, as a route is commonly written: a pool, a prepared statement, bytes in binary.
PDFs are printed by the process that served before, of works that have nothing in common but their
artist (copies of an edition would share their picture, and the typesetter remembers what it has
set), each for the first time and then again. Ends with 1 where a target is not met; `JSON=1` makes
the last line one JSON object.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from base64 import b32encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import httpx
from PIL import Image

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
PRINTED = 9
"""Works that are printed: the first one to be warm, as a server is."""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: a figure, and what it is to be."""

    name: str
    measured: float
    unit: str = "/s"
    at_least: float | None = None
    at_most: float | None = None
    beside: float = 1
    """The bare route's rate a moment before."""

    @property
    def is_met(self) -> bool:
        """Whether the target is reached; one without a target is."""
        low, high = self.at_least, self.at_most
        return (low is None or self.measured >= low) and (high is None or self.measured <= high)

    def line(self) -> str:
        """The row as it is printed."""
        digits = 1 if self.unit == "ms" else 0
        told = f"{self.name:<38}{self.measured:>10,.{digits}f} {self.unit:<6}"
        told += f"{self.measured / self.beside:>8.0%}" if self.unit == "/s" else " " * 8
        if self.at_least is None and self.at_most is None:
            return told
        word = "at least" if self.at_least is not None else "at most"
        wanted = self.at_least if self.at_least is not None else self.at_most
        return f"{told}{word:>10}{wanted:>8,.0f} {'met' if self.is_met else 'NO':>6}"


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

ONE_ROW = """
import contextlib, fastapi, uvicorn, sys, socket, psycopg_pool
pool = psycopg_pool.AsyncConnectionPool(sys.argv[1], min_size=4, max_size=4, open=False)
@contextlib.asynccontextmanager
async def lifespan(app):
    async with pool:
        yield
app = fastapi.FastAPI(lifespan=lifespan)
query = ("SELECT body FROM book_certificates "
    "WHERE chain_id = %s AND contract = %s AND token_id = %s ORDER BY version DESC LIMIT 1")
@app.get("/api/certificates/{chain}/{contract}/{token}")
async def one(chain: int, contract: str, token: str) -> fastapi.Response:
    key = (chain, bytes.fromhex(contract[2:]), int(token).to_bytes(32, "big"))
    async with pool.connection() as connection, connection.cursor(binary=True) as cursor:
        await cursor.execute(query, key, prepare=True)
        (body,) = await cursor.fetchone()
    return fastapi.Response(body, media_type="application/json")
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
    return with_database(pid, 0, *urls, headers=headers)[0]


def with_database(
    pid: int, supervisor: int, *urls: str, headers: dict[str, str] | None = None
) -> tuple[float, float]:
    """Requests per second of the process's own CPU time; milliseconds of PostgreSQL for each."""
    asyncio.run(load(urls, headers or {}))  # Warm, as a server is.
    beside = database_processes(supervisor) if supervisor else []
    before, earlier = cpu_seconds(pid), _seconds_of(beside)
    count = asyncio.run(load(urls, headers or {}))
    used, later = cpu_seconds(pid) - before, _seconds_of(beside)
    of_database = sum(seconds - earlier[one] for one, seconds in later.items() if one in earlier)
    return count / used, 1_000 * of_database / count


def _seconds_of(pids: Iterable[int]) -> dict[int, float]:
    """Of each that still runs: a worker of autovacuum ends when it is done."""
    found = {}
    for pid in pids:
        with suppress(OSError):
            found[pid] = cpu_seconds(pid)
    return found


def database_processes(supervisor: int) -> list[int]:
    """PostgreSQL below the supervisor: those that a measurement finds and leaves alive."""
    found = []
    for pid in descendants(supervisor):
        if Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"postgres: "):
            found.append(pid)
    return found


def scene(seed: int) -> bytes:
    """A JPEG as large and as rich as a photograph's; another seed gives other bytes."""
    size = (1_200, 800)
    drawn = Image.effect_mandelbrot(size, (-2.2, -1.2, 1.0, 1.2), 40 + seed)
    grain = Image.effect_noise((300, 200), 60).resize(size)
    told, held = Image.blend(drawn, grain, 0.4), BytesIO()
    Image.merge("RGB", (told, drawn, grain)).save(held, "JPEG", quality=90)
    return held.getvalue()


def mint(artist: Visitor, url: str, body: dict[str, Any], key: str) -> list[str]:
    """Mint, and wait until each work has its certificate; where they are."""
    told = {"chain_id": "31337", "creator": artist.address, "accept_findings": True}
    done = artist.carry_out(artist.intend("/api/mints", {**told, **body}, key=key))
    found = [
        f"{url}/api/certificates/{one['chain_id']}/{one['contract']}/{one['token_id']}"
        for one in done["result"]["tokens"]
    ]
    for certificate in found:
        while httpx.get(certificate).headers["Certificate-Version"] == "0":
            time.sleep(0.5)
    return found


def work(artist: Visitor, number: int) -> dict[str, Any]:
    """A work with a picture and a title of its own."""
    key = f"bench-work-{number}"
    upload = artist.upload(scene(number), filename="a.jpg", mime="image/jpeg", key=key)
    name = b32encode(sha256(key.encode()).digest()).decode().capitalize()
    return {
        "title": f"{name[:7]} {name[8:12].lower()}",
        "description": f"Printed, the {number}th.",
        "alt_text": f"A picture like no other: {name}",
        "work": {"date": str(1990 + number), "medium": f"Light, {number} minutes"},
        "media": [{"upload_id": upload, "role": "image"}],
    }


def mint_all(line: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Certificates of an edition, and of works that are printed."""
    url = line["url"]
    with httpx.Client(base_url=url, timeout=120) as http:
        node = Node(http, line["rpc_url"])
        artist = Visitor(ILKA_MARROW, http=http, node=node, chain_id="31337", patience=Patience())
        upload = artist.upload(picture(7), filename="a.png", mime="image/png", key="bench-file")
        edition = {
            "title": "An edition",
            "description": "Asked for again and again.",
            "alt_text": "A picture",
            "media": [{"upload_id": upload, "role": "image"}],
            "copies": COPIES,
        }
        works = {"works": [work(artist, number) for number in range(PRINTED)]}
        return mint(artist, url, edition, "bench-mint"), mint(artist, url, works, "bench-works")


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


def printed(pid: int, urls: Sequence[str]) -> tuple[float, float]:
    """Milliseconds to the PDF of a work (the middle of them), and of the process's CPU each."""
    before, spent = cpu_seconds(pid), []
    with httpx.Client(timeout=60) as http:
        for url in urls:
            start = time.perf_counter()
            http.get(url + ".pdf").raise_for_status()
            spent.append(time.perf_counter() - start)
    used = cpu_seconds(pid) - before
    return 1_000 * median(spent), 1_000 * used / len(urls)


def measure(up: list[str], bare: tuple[int, str], folder: str) -> dict[str, float]:
    """All figures, by name: requests per CPU second, and milliseconds."""
    found: dict[str, float] = {}

    def beside() -> float:
        return per_cpu_second(bare[0], f"http://127.0.0.1:{bare[1].strip()}/")

    with running(up, CERTIFICATE_MEMORY_BYTES="0") as (exchange, line):
        told = json.loads(line)
        travel(told["url"], Path(folder))
        paths, unlike = [[urlsplit(one).path for one in found] for found in mint_all(told)]
        urls = [told["url"] + path for path in paths]
        with running([sys.executable, "-c", ONE_ROW, told["database_url"]]) as (floor, port):
            near = [f"http://127.0.0.1:{port.strip()}{path}" for path in paths]
            found["one_row"] = per_cpu_second(floor.pid, *near)
        web, found["bare_beside_uncached"] = web_process(exchange.pid), beside()
        found["certificate_uncached"], found["uncached_database_ms"] = with_database(
            web, exchange.pid, *urls
        )
    with running(up) as (exchange, line):
        url = json.loads(line)["url"]
        urls = [url + path for path in paths]
        shown = httpx.get(urls[0])
        web, tag = web_process(exchange.pid), shown.headers["etag"]
        found["bare_route"] = beside()
        found |= {
            "certificate": per_cpu_second(web, *urls),
            "certificate_304": per_cpu_second(web, urls[0], headers={"If-None-Match": tag}),
            "bytes": len(shown.content),
            "verification_ms": milliseconds(checked(shown.content), 20),
        }
        first, *others = [url + path for path in unlike]
        printed(web, [first])
        found["pdf_ms"], found["pdf_cpu_ms"] = printed(web, others)
        found["pdf_again_ms"], found["pdf_again_cpu_ms"] = printed(web, others)
    return found


def rows_of(found: dict[str, float]) -> list[Row]:
    """The figures beside what they are to be."""
    floor, then = found["bare_route"], found["bare_beside_uncached"]
    unchanged, uncached = found["certificate_304"], found["certificate_uncached"]
    return [
        Row("a bare route", floor, beside=floor),
        Row("certificate from memory", found["certificate"], at_least=0.75 * floor, beside=floor),
        Row("certificate unchanged (304)", unchanged, at_least=0.90 * floor, beside=floor),
        Row("a bare route", then, beside=then),
        Row("certificate from PostgreSQL", uncached, at_least=4_000, beside=then),
        Row("  CPU of PostgreSQL for each", found["uncached_database_ms"], "ms"),
        Row("floor: a bare route reads such a row", found["one_row"], beside=then),
        Row("size of one certificate", found["bytes"], "bytes"),
        Row("checked whole, offline", found["verification_ms"], "ms", at_most=10),
        Row("printed (PDF), first of a work", found["pdf_ms"], "ms", at_most=80),
        Row("  CPU of the process", found["pdf_cpu_ms"], "ms"),
        Row("printed again (from memory)", found["pdf_again_ms"], "ms", at_most=80),
        Row("  CPU of the process", found["pdf_again_cpu_ms"], "ms"),
    ]


def main() -> int:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        up = [sys.executable, "-m", "api.cli", "up", "--data-dir", f"{folder}/data"]
        up += ["--port", "0", "--media-port", "0", "--chain-port", "0", "--no-demo", "--json"]
        with running([sys.executable, "-c", BARE]) as (bare, port):
            found = measure(up, (bare.pid, port), folder)
    rows = rows_of(found)
    print(f"{'rates per CPU second of the server':<55}of bare    wanted")
    for row in rows:
        print(row.line())
    if os.environ.get("JSON"):
        print(json.dumps({name: round(rate, 1) for name, rate in found.items()}))
    return 0 if all(row.is_met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
