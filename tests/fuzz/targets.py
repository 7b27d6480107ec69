"""
What strangers can hand us, and what may come of it: an answer, or one of the errors named here.

Each target makes one input from a `Random` and tries it. Any other exception is a find.
"""

import contextlib
import hashlib
import io
from collections.abc import Callable
from random import Random

from starlette.requests import Request

from api.uploads import tus
from media.gateway import parse_range, path_segments
from media.receiving import Checksum
from nft.content.car import CarReader, Walk, car_header, car_section, write_car
from nft.content.cid import DAG_PB, RAW, Cid
from nft.content.dagpb import (
    MURMUR3_X64_64,
    Link,
    Unixfs,
    child_cids,
    decode_node,
    decode_unixfs,
    encode_node,
)
from nft.content.directories import name_hash
from nft.content.exporter import Budget, file_size, is_directory, list_directory, read_file, resolve
from nft.content.importer import import_pieces, leaf_block
from nft.content.profiles import PROFILES
from nft.content.shelf import Shelf
from nft.errors import (
    BlockInvalid,
    BlockMissing,
    ChecksumNotKnown,
    FileTooLarge,
    NoSuchPath,
    NotACid,
    PathInvalid,
    RangeNotSatisfiable,
)
from nft.types import Address
from tests.fuzz.mutations import NUMBERS, mutated, mutated_text

OWNER = Address(b"\xaa" * 20)
Target = Callable[[Random], object]


class _Blocks(dict[bytes, bytes]):
    """Blocks by digest, with the CIDs that lead to them."""

    def __init__(self) -> None:
        super().__init__()
        self.cids: list[Cid] = []

    def put(self, block: bytes, codec: int = DAG_PB) -> Cid:
        cid = Cid.of_block(block, codec=codec)
        self[cid.digest] = block
        self.cids.append(cid)
        return cid

    def leaf(self, cid: Cid, *, offset: int, length: int) -> None:
        """Leaves are put by hand."""

    def node(self, cid: Cid, block: bytes) -> None:
        self[cid.digest] = block
        self.cids.append(cid)

    def fetch(self, cid: Cid) -> bytes:
        if cid.digest not in self:
            raise BlockMissing(str(cid))
        return self[cid.digest]


def _honest() -> _Blocks:
    """Small trees of every kind that there is."""
    blocks = _Blocks()
    data = bytes(range(251)) * 2_200
    for profile in PROFILES.values():
        import_pieces([data], [profile], [blocks])
        for at in range(0, len(data), profile.chunk_bytes):
            codec = RAW if profile.raw_leaves else DAG_PB
            blocks.put(leaf_block(profile, data[at : at + profile.chunk_bytes]), codec)
    small = [blocks.put(bytes([number]), RAW) for number in range(9)]
    names = sorted("abcdefghi", key=lambda name: name_hash(name)[0])
    plain = [Link(cid, 1, name=name) for cid, name in zip(small, sorted(names), strict=True)]
    blocks.put(encode_node(plain, Unixfs(kind=1).encode()))
    blocks.put(encode_node(plain[:2], Unixfs(kind=2, file_bytes=2, block_sizes=(1, 1)).encode()))
    slots = [name_hash(name)[0] for name in names]
    shard = [
        Link(cid, 1, name=f"{slot:02X}{name}")
        for cid, slot, name in zip(small, slots, names, strict=True)
    ]
    blocks.put(encode_node(shard, _shard_data(slots)))
    blocks.put(encode_node((), Unixfs(kind=4, data=b"../a").encode()))
    return blocks


def _shard_data(slots: list[int], fanout: int = 256) -> bytes:
    field = sum(1 << slot for slot in set(slots))
    data = field.to_bytes((field.bit_length() + 7) // 8, "big")
    return Unixfs(kind=5, data=data, hash_type=MURMUR3_X64_64, fanout=fanout).encode()


HONEST = _honest()
NODES = [block for block in HONEST.values() if len(block) < 20_000]
_SECTIONS = [car_section(cid, HONEST[cid.digest]) for cid in HONEST.cids[-12:]]
CARS = [
    car_header(HONEST.cids[-1]) + b"".join(_SECTIONS[-4:]),
    car_header(*HONEST.cids[-6:]) + b"".join(_SECTIONS),
    car_header(*[HONEST.cids[0]] * 30),
]
CARS.append(
    b"\x0a\xa1\x67version\x02"
    + bytes(16)
    + (51).to_bytes(8, "little")
    + len(CARS[0]).to_bytes(8, "little")
    + bytes(8)
    + CARS[0]
    + b"index"
)


def car(rng: Random) -> None:
    """A damaged CAR, whose blocks sometimes have the right hash all the same."""
    data = mutated(rng, CARS)
    if rng.random() < 0.5:
        block = mutated(rng, NODES)
        data = (
            car_header(Cid.of_block(block, codec=DAG_PB))
            + car_section(Cid.of_block(block, codec=DAG_PB), block)
            + data[rng.randrange(len(data) + 1) :]
        )
    try:
        found = dict(CarReader(io.BytesIO(data)))
    except BlockInvalid:
        return
    for cid, block in found.items():
        assert hashlib.sha256(block).digest() == cid.digest


def node(rng: Random) -> None:
    """A damaged dag-pb block."""
    block = mutated(rng, NODES)
    try:
        decoded = decode_node(block)
        assert [link.cid for link in decoded.links] == list(child_cids(block))
        decode_unixfs(decoded.data, most_sizes=len(decoded.links))
    except BlockInvalid:
        pass


def _odd_node(rng: Random, blocks: _Blocks) -> bytes:
    """A node that is well formed and means nonsense."""
    links = []
    for _ in range(rng.choice((0, 1, 1, 2, 3, 8, 40))):
        name = rng.choice(("", "a", "b", "00", "FFa", "..", "a/b", f"{rng.randrange(256):02X}"))
        if rng.random() < 0.3:
            name = f"{name_hash('a')[rng.randrange(8)]:02X}" + rng.choice(("", "a"))
        size = rng.choice(NUMBERS[:12])
        links.append(Link(rng.choice(blocks.cids), size, name=name))
    kind = rng.randrange(7)
    if kind == 5 and rng.random() < 0.7:
        links.sort(key=lambda link: link.name)
        slots = [
            int(link.name[:2], 16)
            for link in links
            if link.name[:2].isalnum()
            and all(c in "0123456789ABCDEF" for c in link.name[:2])
            and len(link.name) > 1
        ]
        return encode_node(links, _shard_data(slots, rng.choice((256, 256, 16, 1024))))
    sizes = tuple(rng.choice((0, 1, 1, 2, 300_000, 2**40)) for _ in links)
    data = Unixfs(
        kind=kind,
        data=rng.randbytes(rng.choice((0, 0, 3))),
        file_bytes=rng.choice((None, sum(sizes), 1, 2**62)),
        block_sizes=sizes[: rng.choice((len(sizes), len(sizes), 1))],
    )
    return encode_node(links, data.encode())


def tree(rng: Random) -> None:
    """Trees of damaged and of nonsensical nodes, read in every way that there is."""
    blocks = _Blocks()
    blocks.update(HONEST)
    blocks.cids = list(HONEST.cids[-24:])
    for _ in range(rng.randint(1, 6)):
        made = _odd_node(rng, blocks) if rng.random() < 0.6 else mutated(rng, NODES)
        root = blocks.put(made)
    if rng.random() < 0.1:
        blocks[rng.choice(blocks.cids).digest] = b"something else"
    readings: tuple[Callable[[], object], ...] = (
        lambda: _spend(read_file(blocks.fetch, root, start=rng.randrange(9), budget=_budget())),
        lambda: _spend(list_directory(blocks.fetch, root, budget=_budget())),
        lambda: resolve(blocks.fetch, root, [rng.choice("ab"), "a"]),
        lambda: _spend(write_car(root, blocks.fetch, budget=_budget())),
        lambda: (file_size(blocks.fetch, root), is_directory(blocks.fetch, root)),
        lambda: _walked(blocks, root),
    )
    for reading in readings:
        with contextlib.suppress(BlockInvalid, BlockMissing, NoSuchPath):
            reading()


def _budget() -> Budget:
    return Budget(blocks=200)


def _spend(pieces: object) -> None:
    for count, _ in enumerate(pieces):  # type: ignore[arg-type, var-annotated]
        if count > 400:
            return


def _walked(blocks: _Blocks, root: Cid) -> None:
    walk = Walk((root,), seen=Shelf(most_bytes=2_000), budget=_budget())
    for cid in walk:
        walk.enter(cid, blocks.fetch(cid))


_CIDS = [str(cid) for cid in HONEST.cids[:3]] + [
    str(Cid(version=0, codec=DAG_PB, digest=bytes(32))),
    "f01551220" + "00" * 32,
    "k2jmtxw8ej4w3bbbsw6xkkrc8cp7gpyl5d0bqk9mbwjg5vzv3sk0ut1u",
]


def cid_text(rng: Random) -> None:
    """Something like a CID."""
    text = mutated_text(rng, _CIDS, ("Qm", "b", "z", "B", "k", "F", "1", "bafy", "\u0661"))
    try:
        found = Cid.parse(text)
    except NotACid:
        return
    assert Cid.parse(str(found)) == found


_PATHS = ["a/b.png", "sub/%E7%A9%BA.png", "a%2fb", "%2e%2e/x", "a//b", "C:%5Cx", "/".join("a" * 40)]
_PATH_WORDS = (
    "..",
    "%2e%2e",
    "%00",
    "%2f",
    "%5c",
    "\\",
    "/",
    "//",
    "%",
    "%zz",
    "%C0%AE",
    "\x00",
    "a" * 3_000,
)
_RANGES = [
    "bytes=0-99",
    "bytes=-5",
    "bytes=5-",
    "bytes=0-0,5-9",
    "bytes=99999999999999999999-",
    "items=1-2",
]
_RANGE_WORDS = ("bytes=", "-", ",", "--", "=", " ", "9" * 30, "\t", "-1", "\u0661")


def path(rng: Random) -> None:
    """A path below a CID in a URL."""
    try:
        names = path_segments(mutated_text(rng, _PATHS, _PATH_WORDS))
    except PathInvalid:
        return
    assert len(names) <= 32
    for name in names:
        assert name not in ("", ".", "..")
        assert not set(name) & {"/", "\\", "\0"}


def range_header(rng: Random) -> None:
    """A Range header on files of any size."""
    size = rng.choice((0, 1, 2, 100, 2**40))
    try:
        found = parse_range(mutated_text(rng, _RANGES, _RANGE_WORDS), size)
    except RangeNotSatisfiable:
        return
    if found is not None:
        assert 0 <= found[0] < found[1] <= size


_METADATA = [
    "filename d29yay5wbmc=,filetype aW1hZ2UvcG5n",
    "filename 56m6LnBuZw==,sha256 " + "A" * 43 + "=,empty",
    "name YQ==, type YQ==",
]
_HEADER_WORDS = (
    ",",
    " ",
    "=",
    "filename",
    "sha256",
    "0x",
    "////",
    "==",
    "\xff",
    "filename YQ==,",
    "a" * 4_500,
)
_NUMBER_TEXTS = ["0", "1024", "9223372036854775807", "-1", "1e9", "+5", "0x10", "٣"]
_CHECKSUMS = ["sha256 " + "A" * 43 + "=", "md5 " + "A" * 22 + "==", "sha1 AA==", "crc32 AAAA"]


def tus_headers(rng: Random) -> None:
    """The headers that begin an upload or bring its bytes."""
    given = {
        "upload-metadata": mutated_text(rng, _METADATA, _HEADER_WORDS),
        "upload-length": mutated_text(rng, _NUMBER_TEXTS, ("-", "0", " ", ".")),
        "upload-offset": rng.choice(_NUMBER_TEXTS),
        "tus-resumable": rng.choice(("1.0.0", mutated_text(rng, ["1.0.0"], (".", "0")))),
        "content-type": mutated_text(rng, [tus.CONTENT_TYPE], (";", "/", " ")),
        "content-length": mutated_text(rng, _NUMBER_TEXTS, ("0", "9" * 20)),
    }
    raw = [(name.encode(), text.encode("latin-1", "replace")) for name, text in given.items()]
    request = Request({"type": "http", "method": "POST", "headers": raw})
    steps: tuple[Callable[[], object], ...] = (
        lambda: tus.check_version(request),
        lambda: tus.check_content_type(request),
        lambda: tus.brings_bytes(request),
        lambda: tus.number(request, "upload-offset"),
        lambda: tus.new_upload(request, OWNER),
        lambda: tus.check_room(request, 5, 1_000),
    )
    for step in steps:
        try:
            step()
        except (tus.UploadHeaderInvalid, tus.TusVersionUnknown, tus.ContentTypeNotTus):
            pass
        except FileTooLarge:
            pass
    with contextlib.suppress(ChecksumNotKnown):
        Checksum.parse(mutated_text(rng, _CHECKSUMS, ("sha512", " ", "=", "\xff", "shake_128")))


TARGETS: dict[str, tuple[Target, int]] = {
    "car": (car, 3),
    "node": (node, 6),
    "tree": (tree, 1),
    "cid": (cid_text, 2),
    "path": (path, 2),
    "range": (range_header, 2),
    "tus": (tus_headers, 2),
}
"""By name, with the share of all inputs."""
