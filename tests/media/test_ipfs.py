"""The door to Kubo against the real Kubo, and against servers that are none."""

import os
import socketserver
import threading
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler

import pytest

from media import keeping, ledger
from media.ipfs import KuboPinner, multiaddress
from media.jobs import PIN, UNPIN
from media.pinning import Source
from media.streams import PieceStream
from nft.content.cid import Cid
from nft.content.importer import import_pieces
from nft.content.profiles import DEFAULT, PROFILES
from nft.errors import BlockInvalid, BlockMissing, PinFailed
from tests.media.conftest import NOON
from tests.media.test_folders import laid_out
from tests.nft.content.test_exporter import imported
from tests.support.kubo import running_kubo

BIG = os.urandom(3_000_000)


@pytest.fixture(scope="module")
def kubo(kubo_program):
    with running_kubo(kubo_program) as node:
        yield node


@pytest.fixture
def pinner(kubo):
    return KuboPinner(kubo.api)


def source_of(data, profile=DEFAULT):
    cid, blocks = imported(data, profile)
    sha256 = import_pieces([data], []).sha256
    return Source(cid, profile.name, sha256=sha256, size=len(data), get=blocks.fetch)


@pytest.mark.kubo
class TestKubo:
    @pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda each: each.name)
    @pytest.mark.parametrize("size", [0, 1, 524_288, 3_000_000])
    def test_keeps_what_it_was_given_under_our_cid(self, kubo, pinner, profile, size):
        source = source_of(BIG[:size], profile)

        pinner.pin(source)

        assert b"".join(pinner.read(source)) == BIG[:size]
        assert kubo.run("cat", str(source.cid)) == BIG[:size]
        assert str(source.cid).encode() in kubo.run("pin", "ls", "--type=recursive", "--quiet")

    def test_lets_go_and_may_be_told_twice(self, kubo, pinner):
        source = source_of(b"let go of me")
        pinner.pin(source)

        pinner.unpin(source.cid)
        pinner.unpin(source.cid)

        assert str(source.cid).encode() not in kubo.run("pin", "ls", "--type=recursive", "--quiet")

    def test_keeps_a_folder_whole_and_gives_it_back(self, parts, pinner, kubo, tmp_path):
        files = {"index.html": b"<!doctype html>", "js/run.js": b"run()", "big": BIG}
        root = parts.private.add_folder(laid_out(tmp_path / "files", files))
        source = keeping.source_of(parts, str(root))

        pinner.pin(source)
        keeping.check_kept(parts, source, pinner)

        assert kubo.run("cat", f"{root}/js/run.js") == b"run()"
        assert kubo.run("ls", str(root)).count(b"\n") == 3

        kubo.run("pin", "rm", str(root))
        kubo.run("repo", "gc", "--quiet")
        with pytest.raises((PinFailed, BlockInvalid)):
            keeping.check_kept(parts, source, pinner)

    def test_says_that_content_was_collected(self, kubo, pinner):
        source = source_of(os.urandom(1000))
        pinner.pin(source)
        kubo.run("pin", "rm", str(source.cid))
        kubo.run("repo", "gc", "--quiet")

        with pytest.raises(PinFailed):
            list(pinner.read(source))

    def test_sends_no_path_of_ours(self, pinner):
        source = source_of(BIG)
        with recording_server() as (address, seen), pytest.raises(PinFailed):
            KuboPinner(address).pin(source)

        assert len(seen[0]) > len(BIG)
        assert b"Abspath" not in seen[0]
        assert b"/tmp" not in seen[0]

    def test_tells_the_version(self, pinner):
        assert pinner.version().startswith("0.42")

    def test_stands_in_the_ledger_beside_the_embedded_store(self, parts, pinner, kubo):
        both = replace(parts, pinners={**parts.pinners, "kubo": pinner})
        cid = parts.private.add_bytes(BIG).cids[DEFAULT.name]
        with parts.sessions.begin() as session:
            jobs = ledger.want(session, [cid], stores=list(both.pinners), holder="x", now=NOON)

        assert {job.name for job in jobs} == {PIN}
        for job in jobs:
            assert keeping.pin(both, **job.args, now=NOON) == "read_back"

        with parts.sessions.begin() as session:
            unpins = ledger.let_go(session, holder="x")
        assert [job.name for job in unpins] == [UNPIN, UNPIN]
        for job in unpins:
            keeping.unpin(both, **job.args, now=NOON)
        assert cid.encode() not in kubo.run("pin", "ls", "--type=recursive", "--quiet")
        assert not parts.public.has(Cid.parse(cid))


class TestNoKubo:
    def test_says_that_nobody_answers(self):
        with pytest.raises(PinFailed, match="kubo"):
            KuboPinner("http://127.0.0.1:1").version()

    @pytest.mark.parametrize(
        "told",
        [
            b'{"Root":{"Cid":{"/":"bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"}}}',
            b'{"Root":{"Cid":{"/":"nonsense"}}}',
            b'{"Root":{"PinErrorMsg":"no space left on device"}}',
            b"{}",
            b"[1, 2]",
            b'{"Root": null}',
            b'{"Root": 1}',
            b"not json",
            b"",
        ],
    )
    def test_believes_no_other_root(self, told):
        with recording_server(told) as (address, _), pytest.raises(PinFailed):
            KuboPinner(address).pin(source_of(b"work"))

    def test_gives_up_on_a_server_that_says_nothing(self):
        with recording_server(silent=True) as (address, _), pytest.raises(PinFailed, match="Time"):
            KuboPinner(address, read_seconds=0.2).version()

    def test_says_what_we_do_not_have_ourselves(self):
        source = replace(source_of(BIG), get=missing)

        with recording_server() as (address, _), pytest.raises(BlockMissing):
            KuboPinner(address).pin(source)


class TestAddress:
    @pytest.mark.parametrize(
        ("given", "read"),
        [
            ("/ip4/127.0.0.1/tcp/5001", "/ip4/127.0.0.1/tcp/5001/http"),
            ("/ip4/127.0.0.1/tcp/5001/http", "/ip4/127.0.0.1/tcp/5001/http"),
            ("http://127.0.0.1:5001", "/ip4/127.0.0.1/tcp/5001/http"),
            ("http://[::1]:5001/", "/ip6/::1/tcp/5001/http"),
            ("https://ipfs.example", "/dns/ipfs.example/tcp/443/https"),
        ],
    )
    def test_reads_multiaddresses_and_urls(self, given, read):
        assert multiaddress(given) == read

    @pytest.mark.parametrize("given", ["", "localhost:5001", "ftp://x", "http://"])
    def test_refuses_anything_else(self, given):
        with pytest.raises(ValueError, match="neither"):
            multiaddress(given)


class TestPieceStream:
    def test_reads_pieces_of_any_size(self):
        stream = PieceStream(iter([b"abc", b"", b"defgh"]))

        assert [stream.read(2) for _ in range(6)] == [b"ab", b"c", b"de", b"fg", b"h", b""]
        assert not hasattr(stream, "name")


def missing(cid):
    raise BlockMissing(str(cid))


@contextmanager
def recording_server(told=b"{}", *, silent=False):
    """A server that stands for a broken Kubo: takes anything, answers what it is told to."""
    seen = []
    done = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            if silent:
                done.wait(5)
                return
            body = b""
            if self.headers.get("Transfer-Encoding") == "chunked":
                while length := int(self.rfile.readline(), 16):
                    body += self.rfile.read(length)
                    self.rfile.readline()
                self.rfile.readline()
            seen.append(body)
            self.send_response(200)
            self.send_header("Content-Length", str(len(told)))
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_):
            pass

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, *_):
            pass  # the client hung up, which some tests want

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", seen
        finally:
            done.set()
            server.shutdown()
            thread.join()
