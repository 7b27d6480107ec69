"""
Uploads cut at half by real clients: each goes on where it stood, and what arrives is the file (U3).

Three clients (tus-js-client in a browser and in Node, tuspy), three accidents: the network is cut,
the client itself ends and begins anew, the server is killed with -9. A long run sends 1 GiB.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from api.local.processes import wait_until
from nft.content.importer import import_pieces
from nft.content.profiles import PROFILES
from tests.pages.reader import Reader
from tests.pages.visit import sign_in
from tests.support.servers import ROOT, find_program
from tests.support.stack import Stack, running_stack
from tests.support.tcp_proxy import TcpProxy, wired

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600), pytest.mark.xdist_group("stack")]

MIB = 1024 * 1024
CHUNK = 8 * MIB
PATIENCE = 300.0
CUTS = ("network", "client", "server")
SIZES = [128, pytest.param(1024, marks=pytest.mark.long)]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("uploads") / "data", "--no-demo") as running:
        yield running


@pytest.fixture
def wire(stack: Stack) -> Iterator[TcpProxy]:
    with wired(stack.url) as proxy:
        yield proxy


@dataclass(frozen=True)
class Sent:
    """A file to send, and what it is."""

    path: Path
    size: int
    sha256: str
    cids: dict[str, str]


@pytest.fixture(params=SIZES, ids=lambda size: f"{size} MiB")
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sent]:
    """So many bytes that say nothing; gone after the test, because they are many."""
    path, size = tmp_path / "work.bin", request.param * MIB
    with Path("/dev/urandom").open("rb") as source, path.open("wb") as target:
        for _ in range(request.param):
            target.write(source.read(MIB))
    with path.open("rb") as source:
        pieces = iter(lambda: source.read(MIB), b"")
        found = import_pieces(pieces, list(PROFILES.values()))
    yield Sent(path, size, found.sha256.hex(), found.cids)
    path.unlink()


def token_of(url: str) -> str:
    """Signs somebody new in."""
    person = Account.create()
    asked = {"address": person.address, "chain_id": "31337"}
    message = httpx.post(f"{url}/api/session/nonce", json=asked).json()["message"]
    signature = person.sign_message(encode_defunct(text=message)).signature.hex()
    body = {"message": message, "signature": "0x" + signature.removeprefix("0x")}
    return str(httpx.post(f"{url}/api/session", json=body).json()["token"])


@dataclass
class Program:
    """A client that runs by itself, and what it has said so far."""

    command: list[str]
    offsets: list[int] = field(default_factory=list)
    child: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Begin, or begin anew."""
        self.child = subprocess.Popen(
            self.command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def send_until(self, offset: int) -> None:
        """Until the server has acknowledged so much."""
        while not self.offsets or self.offsets[-1] < offset:
            self.offsets.append(int(self._line()))

    def finish(self) -> None:
        """Until all of it is there."""
        while (line := self._line()).partition(" ")[0] != "done":
            self.offsets.append(int(line))
        assert self.child is not None
        self.child.communicate()

    def die(self) -> None:
        """By kill -9, with whatever it knows."""
        assert self.child is not None
        self.child.kill()
        self.child.communicate()

    def _line(self) -> str:
        assert self.child is not None
        assert self.child.stdout is not None
        line = self.child.stdout.readline().strip()
        assert line, self.child.communicate()[1]
        return line


def client(name: str, url: str, token: str, file: Sent, folder: Path) -> Program:
    """One of the two that need no browser."""
    given = [f"{url}/api/uploads", token, str(file.path), str(folder / "urls.json"), str(CHUNK)]
    modules = str(ROOT / "api" / "node_modules")
    node = str(Path(sys.executable).parent / "node")
    commands = {
        "tus-js-client": [node, str(ROOT / "tests/support/tus_client.mjs"), modules, *given],
        "tuspy": [sys.executable, "-m", "tests.support.tuspy_client", *given],
    }
    return Program(commands[name])


def received(stack: Stack) -> int:
    """Where the newest upload stands."""
    return int(newest(stack)[0])


def newest(stack: Stack) -> tuple[Any, ...]:
    """What the database says of the newest upload."""
    query = (
        "select received, encode(sha256, 'hex'), cids from media_uploads order by created_at desc"
    )
    with psycopg.connect(stack.ready["database_url"]) as connection:
        row = connection.execute(f"{query} limit 1".encode()).fetchone()
    assert row is not None
    return row


def cut(stack: Stack, wire: TcpProxy) -> dict[str, Any]:
    """Accidents that happen outside the client."""

    def network() -> None:
        wire.refuse()
        wire.listen()

    return {"network": network, "server": lambda: stack.kill("web")}


def expect_whole(stack: Stack, file: Sent) -> None:
    """Every byte is there, and the server knew what it was when the last one came."""
    assert newest(stack) == (file.size, file.sha256, file.cids)


@pytest.mark.parametrize("accident", CUTS)
@pytest.mark.parametrize("name", ["tus-js-client", "tuspy"])
def test_a_program_goes_on_where_it_stood(
    stack: Stack, wire: TcpProxy, file: Sent, tmp_path: Path, name: str, accident: str
) -> None:
    sending = client(name, wire.url, token_of(stack.url), file, tmp_path)
    sending.start()
    sending.send_until(file.size // 2)
    if accident == "client":
        sending.die()
        sending.start()
    else:
        cut(stack, wire)[accident]()
    stands_at = received(stack)

    sending.finish()

    half = sending.offsets.index(next(one for one in sending.offsets if one >= file.size // 2))
    assert stands_at >= sending.offsets[half]
    assert sending.offsets == sorted(sending.offsets)
    assert len(sending.offsets) <= file.size // CHUNK + 3
    expect_whole(stack, file)


def opened(playwright: Any, stack: Stack, wire: TcpProxy, folder: Path) -> BrowserContext:
    """A browser that keeps what it knows in a folder, and reaches the exchange by the wire."""
    address = stack.url.partition("://")[2]
    found: BrowserContext = playwright.chromium.launch_persistent_context(
        str(folder),
        executable_path=str(find_program(["chromium"], "VERNISSAGE_CHROMIUM")),
        args=["--no-sandbox", f"--host-resolver-rules=MAP {address} 127.0.0.1:{wire.port}"],
        locale="en-GB",
    )
    return found


def choose(context: BrowserContext, stack: Stack, file: Sent) -> Page:
    """The studio, with the file chosen."""
    page = context.new_page()
    page.goto(stack.url + "/mint")
    page.locator("[data-pick]").set_input_files(file.path)
    return page


@pytest.mark.browser
@pytest.mark.parametrize("accident", CUTS)
def test_a_browser_goes_on_where_it_stood(
    stack: Stack, wire: TcpProxy, file: Sent, tmp_path: Path, accident: str
) -> None:
    with sync_playwright() as playwright:
        context = opened(playwright, stack, wire, tmp_path / "profile")
        sign_in(Reader(context.new_page()), stack, "Ilka Marrow")
        assert wire.connections > 0
        page = choose(context, stack, file)
        assert wait_until(
            lambda: file.size // 2 <= received_of(stack, file) < file.size, patience=PATIENCE
        )
        if accident == "client":
            context.close()
            stands_at = received(stack)
            context = opened(playwright, stack, wire, tmp_path / "profile")
            page = choose(context, stack, file)
        else:
            cut(stack, wire)[accident]()
            stands_at = received(stack)

        card = page.locator(".file", has_text="work.bin")
        done = card.locator("[data-stage=hashed].done")
        expect(done).to_be_visible(timeout=PATIENCE * 1000)
        # It is no work, and the one who sent it is told so.
        expect(card.get_by_role("alert")).to_have_text(re.compile("accepted are"), timeout=60_000)
        context.close()

    assert stands_at >= file.size // 2
    expect_whole(stack, file)
    assert uploads_of(stack, file) == 1


def received_of(stack: Stack, file: Sent) -> int:
    """Where the newest upload stands, if it is this file's."""
    with psycopg.connect(stack.ready["database_url"]) as connection:
        query = "select received from media_uploads where length = %s and sha256 is null"
        row = connection.execute(query, (file.size,)).fetchone()
    return int(row[0]) if row else 0


def uploads_of(stack: Stack, file: Sent) -> int:
    """How many uploads this file took."""
    with psycopg.connect(stack.ready["database_url"]) as connection:
        query = "select count(*) from media_uploads where sha256 = %s or sha256 is null"
        row = connection.execute(query, (bytes.fromhex(file.sha256),)).fetchone()
    assert row is not None
    return int(row[0])
