"""
Documents of strangers: where they are read from, and what is made of their words.
"""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from media.documents import (
    MAX_BYTES,
    DocumentRefused,
    Sources,
    host_of,
    ipfs_path,
    parse,
    read_data,
)
from media.store import BlockStore
from nft.content.profiles import DEFAULT
from nft.errors import PinFailed
from nft.outgoing import AddressRefused, Outgoing
from tests.support.tls_host import Host, answer, running_host, sends

DOCUMENT = {"name": "Haze", "image": "ipfs://bafy/1.png"}
BODY = json.dumps(DOCUMENT).encode()


class TestParse:
    def test_reads_an_object(self) -> None:
        assert parse(BODY) == DOCUMENT

    def test_reads_past_a_mark_of_byte_order(self) -> None:
        assert parse(b"\xef\xbb\xbf" + BODY) == DOCUMENT

    @pytest.mark.parametrize(
        "body",
        [
            *(b"", b"null", b"[]", b'"x"', b"{", b"<html>", b"\xff\xfe{}"),
            *(b'{"a": NaN}', b'{"a": Infinity}', b'{"a": ' + b"1" * 5_000 + b"}"),
            *(b'{"a":' + b"[" * 200 + b"]" * 200 + b"}", b'{"a":' + b"[" * 100_000),
        ],
    )
    def test_refuses_what_is_no_object(self, body: bytes) -> None:
        with pytest.raises(DocumentRefused):
            parse(body)

    def test_makes_words_fit_to_be_kept(self) -> None:
        found = parse(b'{"a\\u0000": "b\\u0000c", "d": ["\\ud800"], "e": 1e999}')

        sign = "\N{REPLACEMENT CHARACTER}"
        assert found == {f"a{sign}": f"b{sign}c", "d": ["?"], "e": "inf"}


class TestReadData:
    @pytest.mark.parametrize(
        "uri",
        [
            "data:application/json;base64," + base64.b64encode(BODY).decode(),
            "data:application/json;base64," + base64.urlsafe_b64encode(BODY).decode().rstrip("="),
            "data:application/json;utf8," + BODY.decode(),
            "data:application/json;charset=utf-8," + BODY.decode().replace('"', "%22"),
            "data:," + BODY.decode(),
            "DATA:Application/JSON," + BODY.decode(),
        ],
    )
    def test_reads_every_way_of_writing_it(self, uri: str) -> None:
        assert parse(read_data(uri)) == DOCUMENT

    @pytest.mark.parametrize(
        "uri",
        [
            "data:application/json;base64",
            "data:application/json;base64,{}",
            "data:image/svg+xml;base64,PHN2Zz4=",
            "data:text/html,<script>",
            "data:application/json," + "x" * (MAX_BYTES + 1),
            "data:application/json;base64," + "AAAA" * MAX_BYTES,
        ],
    )
    def test_refuses_the_rest(self, uri: str) -> None:
        with pytest.raises(DocumentRefused):
            read_data(uri)


class TestIpfsPath:
    @pytest.mark.parametrize(
        ("uri", "path"),
        [
            ("ipfs://bafy/1.json", "bafy/1.json"),
            ("ipfs://ipfs/bafy/1.json", "bafy/1.json"),
            ("ipfs:bafy", "bafy"),
            ("IPFS://bafy/a%20b", "bafy/a%20b"),
            ("ipfs://bafy/", "bafy"),
            ("ipfs://bafy/1?x=1", "bafy/1"),
        ],
    )
    def test_is_cid_and_path(self, uri: str, path: str) -> None:
        assert ipfs_path(uri) == path

    @pytest.mark.parametrize(
        "uri",
        ["ipfs://", "ipfs://bafy/../x", "ipfs://bafy//x", "ipfs://./x", "ipfs://" + "a" * 2000],
    )
    def test_refuses_what_is_none(self, uri: str) -> None:
        with pytest.raises(DocumentRefused):
            ipfs_path(uri)


class TestHostOf:
    @pytest.mark.parametrize(
        ("uri", "host"),
        [
            ("https://Works.test/1", "works.test"),
            ("https://works.test:443/1", "works.test:443"),
            ("ipfs://bafy/1", "ipfs"),
            ("data:,{}", ""),
            ("", ""),
        ],
    )
    def test_is_whom_it_burdens(self, uri: str, host: str) -> None:
        assert host_of(uri) == host


@pytest.fixture
def store(tmp_path: Path) -> BlockStore:
    made = BlockStore(tmp_path / "public")
    made.prepare()
    return made


@pytest.fixture
def host() -> Iterator[Host]:
    with running_host() as made:
        yield made


def put(store: BlockStore, folder: Path, body: bytes) -> str:
    path = folder / "document.json"
    path.write_bytes(body)
    return store.add_file(path).cids[DEFAULT.name]


class TestSources:
    def test_reads_from_our_own_store_first(self, store: BlockStore, tmp_path: Path) -> None:
        def fail(path: str, most: int) -> bytes:
            raise PinFailed("kubo", path, "it was asked")

        cid = put(store, tmp_path, BODY)

        assert Sources(store=store, node=fail).read(f"ipfs://{cid}") == BODY

    def test_asks_the_node_for_what_we_do_not_keep(self, store: BlockStore) -> None:
        asked: list[Any] = []

        def node(path: str, most: int) -> bytes:
            asked.append((path, most))
            return BODY

        uri = "ipfs://bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq/1.json"
        found = Sources(store=store, node=node).read(uri)

        assert found == BODY
        assert asked == [(uri.removeprefix("ipfs://"), MAX_BYTES + 1)]

    def test_refuses_more_than_a_document_may_have(self, store: BlockStore) -> None:
        cid = "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq"
        sources = Sources(store=store, node=lambda path, most: b"x" * most)

        with pytest.raises(DocumentRefused, match="larger"):
            sources.read(f"ipfs://{cid}")

    def test_says_when_there_is_no_node_to_ask(self, store: BlockStore) -> None:
        cid = "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq"

        with pytest.raises(DocumentRefused, match="no IPFS node"):
            Sources(store=store).read(f"ipfs://{cid}")

    def test_asks_a_host(self, store: BlockStore, host: Host) -> None:
        host.pages["/1.json"] = sends(answer(BODY))
        outgoing = Outgoing(
            ports=frozenset({host.port}),
            resolve=lambda name, port: ["127.0.0.1"],
            admits=lambda address: True,
            context=host.context,
        )

        assert Sources(store=store, outgoing=outgoing).read(host.url()) == BODY

    @pytest.mark.parametrize("uri", ["https://127.0.0.1/1", "https://[::1]/", "https://10.0.0.1/"])
    def test_asks_nobody_inside(self, store: BlockStore, uri: str) -> None:
        with pytest.raises(AddressRefused):
            Sources(store=store).read(uri)

    @pytest.mark.parametrize(
        "uri", ["http://works.test/1", "ar://x", "", "file:///etc/passwd", "1"]
    )
    def test_follows_no_other_way(self, store: BlockStore, uri: str) -> None:
        with pytest.raises(DocumentRefused, match="only https, ipfs and data"):
            Sources(store=store).read(uri)
