"""The vector file and the inputs that it describes."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nft.content.dagpb import Link
from nft.content.directories import directory
from nft.content.importer import Discard, import_pieces
from nft.content.profiles import Profile

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "cid-vectors.json").read_text()
)


def counting(size: int) -> bytes:
    """byte[i] = i mod 251."""
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def file_input(vector: Mapping[str, Any]) -> bytes:
    """The bytes of a file vector."""
    text = vector["input"]
    if text.startswith("utf8 "):
        return str(json.loads(text.removeprefix("utf8 "))).encode()
    return counting(vector["size"])


NESTED_TEXTS = {"a.txt": b"hello world", "sub/deeper/c.txt": b"hello world\n"}


def entry_input(path: str, size: int) -> bytes:
    """The bytes of a file in a directory vector."""
    return NESTED_TEXTS.get(path) or counting(size)


def tree_of(files: Mapping[str, bytes], profile: Profile, sink: Any = None) -> Link:
    """The root link of a directory given as path → bytes."""
    kept = Discard() if sink is None else sink
    below: dict[str, dict[str, bytes]] = {}
    links = []
    for path, data in files.items():
        name, slash, rest = path.partition("/")
        if slash:
            below.setdefault(name, {})[rest] = data
        else:
            links.append(named(import_pieces([data], [profile], [kept]).roots[profile.name], name))
    for name, inside in below.items():
        links.append(named(tree_of(inside, profile, kept), name))
    return directory(links, profile, kept)


def named(link: Link, name: str) -> Link:
    """The same link with a name."""
    return Link(cid=link.cid, tsize=link.tsize, name=name)
