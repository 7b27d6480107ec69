"""
Contracts' interfaces as committed: functions to encode, errors to decode.

Each `Function` prepares its selector and encoder once, so that building calldata costs some
microseconds and never looks a type up again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from typing import Any

from eth_abi.codec import ABICodec
from eth_abi.registry import registry
from eth_hash.auto import keccak

from nft.types import Address, Digest

ARTIFACTS = (
    "Anchors",
    "Auctions",
    "Collection",
    "CollectionFactory",
    "Exchange",
    "Splitter",
    "SplitterFactory",
    "Validator",
)
"""Our contracts on every chain; `Weth` stands on test chains alone."""

_CODEC = ABICodec(registry)

Entry = Mapping[str, Any]


def selector(signature: str) -> bytes:
    """First four bytes of the signature's hash."""
    return keccak(signature.encode())[:4]


def topic(signature: str) -> bytes:
    """The first topic of an event."""
    return keccak(signature.encode())


def canonical_type(parameter: Entry) -> str:
    """A parameter's type as it stands in a signature: tuples spelled out."""
    kind = str(parameter["type"])
    if not kind.startswith("tuple"):
        return kind
    parts = ",".join(canonical_type(part) for part in parameter["components"])
    return f"({parts}){kind[5:]}"


def signature_of(entry: Entry) -> str:
    """`name(type,…)` of a function, event or error."""
    return f"{entry['name']}({','.join(canonical_type(part) for part in entry['inputs'])})"


def tidy(kind: str, value: Any) -> Any:
    """A decoded value in our own types: addresses and 32-byte words instead of text and bytes."""
    if kind == "address":
        return Address(bytes.fromhex(value[2:]))
    if kind == "bytes32":
        return Digest(value)
    if kind.endswith("[]"):
        return tuple(tidy(kind[:-2], part) for part in value)
    if kind.startswith("("):
        parts = zip(_parts(kind), value, strict=True)
        return tuple(tidy(part, one) for part, one in parts)
    return value


def _parts(kind: str) -> list[str]:
    """The types within a tuple's parentheses; a tuple in it stays whole."""
    found, depth = [""], 0
    for sign in kind[1:-1]:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and not depth:
            found.append("")
        else:
            found[-1] += sign
    return found


def encode(types: Sequence[str], values: Sequence[Any]) -> bytes:
    """ABI data. A value outside its type raises `eth_abi.exceptions.EncodingError`."""
    return bytes(_CODEC.encode(types, values))


def decode(types: list[str], data: bytes) -> tuple[Any, ...]:
    """
    Decode ABI data; what does not fit raises `eth_abi.exceptions.DecodingError`.

    `strict=False` would forgive padding that is not zero; we do not.
    """
    values = _CODEC.decode(types, data)
    return tuple(tidy(kind, value) for kind, value in zip(types, values, strict=True))


@dataclass(frozen=True)
class Function:
    """One function of a contract."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @classmethod
    def from_entry(cls, entry: Entry) -> Function:
        """From its ABI entry."""
        return cls(
            name=entry["name"],
            inputs=tuple(canonical_type(part) for part in entry["inputs"]),
            outputs=tuple(canonical_type(part) for part in entry["outputs"]),
        )

    @property
    def signature(self) -> str:
        """`name(type,…)`."""
        return f"{self.name}({','.join(self.inputs)})"

    @cached_property
    def selector(self) -> bytes:
        """The first four bytes of its calldata."""
        return selector(self.signature)

    @cached_property
    def _encoder(self) -> Any:
        return registry.get_encoder(f"({','.join(self.inputs)})")

    def encode(self, *values: Any) -> bytes:
        """Calldata. A value outside its type raises `eth_abi.exceptions.EncodingError`."""
        return self.selector + bytes(self._encoder(values)) if self.inputs else self.selector

    def decode(self, answer: bytes) -> Any:
        """The answer's value, or a tuple where there are several."""
        values = decode(list(self.outputs), answer)
        return values[0] if len(values) == 1 else values


@dataclass(frozen=True)
class Failure:
    """A custom error of a contract: its name and its arguments' names and types."""

    name: str
    arguments: tuple[tuple[str, str], ...]

    @classmethod
    def from_entry(cls, entry: Entry) -> Failure:
        """From its ABI entry."""
        return cls(
            name=entry["name"],
            arguments=tuple((part["name"], canonical_type(part)) for part in entry["inputs"]),
        )

    @property
    def selector(self) -> bytes:
        """The first four bytes of the revert data."""
        return selector(f"{self.name}({','.join(kind for _, kind in self.arguments)})")


@dataclass(frozen=True)
class Abi:
    """The interface of one contract."""

    name: str
    functions: Mapping[str, Function]
    failures: tuple[Failure, ...]
    events: Mapping[str, bytes]
    """First topic by event signature."""
    bytecode: bytes
    deployed_bytecode: bytes
    constructor: tuple[str, ...]
    immutables: Mapping[str, tuple[slice, ...]]
    """Where each immutable stands in the deployed code; zeros hold its place in the artifact."""

    def __getitem__(self, name: str) -> Function:
        return self.functions[name]

    def creation(self, *values: Any) -> bytes:
        """Data of a transaction that deploys the contract."""
        return self.bytecode + (_CODEC.encode(self.constructor, values) if values else b"")


def parse(name: str, artifact: Mapping[str, Any]) -> Abi:
    """Read a compiled contract."""
    entries: list[Entry] = artifact["abi"]

    def of(kind: str) -> Iterable[Entry]:
        return (entry for entry in entries if entry["type"] == kind)

    constructor: Entry = next(iter(of("constructor")), {"inputs": []})
    return Abi(
        name=name,
        functions={entry["name"]: Function.from_entry(entry) for entry in of("function")},
        failures=tuple(Failure.from_entry(entry) for entry in of("error")),
        events={signature_of(entry): topic(signature_of(entry)) for entry in of("event")},
        bytecode=_unhex(artifact["bytecode"]),
        deployed_bytecode=_unhex(artifact["deployedBytecode"]),
        constructor=tuple(canonical_type(part) for part in constructor["inputs"]),
        immutables={
            name: tuple(slice(one["start"], one["start"] + one["length"]) for one in places)
            for name, places in artifact.get("immutableReferences", {}).items()
        },
    )


def _unhex(text: Any) -> bytes:
    digits = text["object"] if isinstance(text, Mapping) else text
    return bytes.fromhex(str(digits).removeprefix("0x"))


_FOLDER = resources.files("nft.chain") / "artifacts"


@lru_cache
def load(name: str) -> Abi:
    """One of our contracts, from its committed artifact."""
    return parse(name, json.loads((_FOLDER / f"{name}.json").read_text("utf-8")))


@lru_cache
def known_failures() -> Mapping[bytes, Failure]:
    """Every custom error of our contracts, by selector."""
    names = sorted(path.name.removesuffix(".json") for path in _FOLDER.iterdir())
    found = (failure for name in names for failure in load(name).failures)
    return {failure.selector: failure for failure in found}
