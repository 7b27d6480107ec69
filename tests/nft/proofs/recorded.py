"""
Blocks as anvil and geth told them, one for each type of transaction, and what may be altered.
"""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nft.proofs.headers import Header, proven_header

VECTORS = Path(__file__).resolve().parents[2] / "vectors"

Json = dict[str, Any]

NODES = ("anvil", "geth")


def blocks(node: str) -> list[Json]:
    """The blocks with types 0 to 4, in that order."""
    found: list[Json] = json.loads((VECTORS / f"blocks-{node}.json").read_text())["blocks"]
    return found


BLOCKS = [(node, kind, block) for node in NODES for kind, block in enumerate(blocks(node))]
NAMES = [f"{node}-{kind}" for node, kind, _ in BLOCKS]


def header_of(block: Json) -> Header:
    """The header, proven."""
    told = block["header"]
    return proven_header(told, bytes.fromhex(told["hash"][2:]))


def flips(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The value once for every hex digit in it, that digit altered; with where it was."""
    if isinstance(value, str) and value.startswith("0x"):
        for at in range(2, len(value)):
            other = f"{int(value[at], 16) ^ 1:x}"
            yield f"{path}[{at}]", value[:at] + other + value[at + 1 :]
    elif isinstance(value, list):
        for index, part in enumerate(value):
            for where, altered in flips(part, f"{path}/{index}"):
                yield where, [*value[:index], altered, *value[index + 1 :]]
    elif isinstance(value, dict):
        for name, part in value.items():
            for where, altered in flips(part, f"{path}/{name}"):
                yield where, {**value, name: altered}


def without(value: Json, *names: str) -> Json:
    """A deep copy that lacks these."""
    return {name: copy.deepcopy(part) for name, part in value.items() if name not in names}
