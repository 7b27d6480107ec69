"""
Whether the code at an address is that of one of our contracts, to the byte.

The constructor writes immutables into the code, so those places are cut out of the comparison and
their values compared with what they must be. For clones see `nft.chain.clones`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from eth_hash.auto import keccak

from nft.chain.abi import Abi
from nft.chain.deployments import Deployment
from nft.chain.placing import create_address
from nft.types import Address

DOMAINS = {
    "Auctions": "Vernissage Auctions",
    "Collection": "Vernissage Collection",
    "Exchange": "Vernissage Exchange",
    "Weth": "Wrapped Ether",
}
"""The EIP-712 name of each contract that has one; their version is 1."""

CHOSEN = {"Collection": frozenset({"_houseDigest"})}
"""Immutables that whoever deployed was free to choose."""

_VERSION = "1"
_DOMAIN_TYPE = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it must be."""

    what: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.what}: expected {self.expected}, found {self.found}"


def immutables(contract: str, at: Address, deployment: Deployment) -> dict[str, bytes]:
    """What each immutable of a contract must be at that address, as 32-byte words."""
    found = {
        "Auctions": {"_exchange": deployment.exchange.address},
        "Collection": {"_exchange": deployment.exchange.address, "_house": at},
        "CollectionFactory": {"_house": deployment.house_collection.address},
        "Splitter": {"_implementation": at},
        "SplitterFactory": {"_implementation": create_address(at, 1)},
        "Validator": {
            "_exchange": deployment.exchange.address,
            "_auctions": deployment.auctions.address,
        },
    }.get(contract, {})
    words = {name: _word(address) for name, address in found.items()}
    if contract in DOMAINS:
        words |= domain_words(DOMAINS[contract], at, deployment.chain_id)
    return words


def domain_words(name: str, at: Address, chain_id: int) -> dict[str, bytes]:
    """The immutables of OpenZeppelin's and of Solady's EIP-712."""
    hashes = (keccak(name.encode()), keccak(_VERSION.encode()))
    words = (keccak(_DOMAIN_TYPE), *hashes, chain_id.to_bytes(32, "big"), _word(at))
    return {
        "_cachedDomainSeparator": keccak(b"".join(words)),
        "_cachedChainId": chain_id.to_bytes(32, "big"),
        "_cachedThis": _word(at),
        "_hashedName": hashes[0],
        "_cachedNameHash": hashes[0],
        "_hashedVersion": hashes[1],
        "_cachedVersionHash": hashes[1],
        "_name": _short(name),
        "_version": _short(_VERSION),
    }


def _word(address: Address) -> bytes:
    return bytes(12) + address


def _short(text: str) -> bytes:
    """A text as OpenZeppelin's `ShortString`: its bytes, and their number in the last byte."""
    data = text.encode()
    return data.ljust(31, b"\0") + bytes([len(data)])


def differences(abi: Abi, code: bytes, words: Mapping[str, bytes]) -> list[Difference]:
    """How code on a chain differs from a contract's artifact; empty when it does not."""
    expected = abi.deployed_bytecode
    if not code:
        return [Difference("code", f"{len(expected)} bytes", "none")]
    if len(code) != len(expected):
        return [Difference("length of the code", str(len(expected)), str(len(code)))]
    return [*_bytes_that_differ(abi, code), *_immutables_that_differ(abi, code, words)]


def _bytes_that_differ(abi: Abi, code: bytes) -> Iterator[Difference]:
    found = _masked(abi, code)
    wrong = [
        place
        for place, (one, other) in enumerate(zip(abi.deployed_bytecode, found, strict=True))
        if one != other
    ]
    if wrong:
        first = wrong[0]
        what = f"byte {first}" + (f" and {len(wrong) - 1} more" if len(wrong) > 1 else "")
        yield Difference(what, f"0x{abi.deployed_bytecode[first]:02x}", f"0x{found[first]:02x}")


def _masked(abi: Abi, code: bytes) -> bytes:
    masked = bytearray(code)
    for places in abi.immutables.values():
        for place in places:
            masked[place] = abi.deployed_bytecode[place]
    return bytes(masked)


def _immutables_that_differ(
    abi: Abi, code: bytes, words: Mapping[str, bytes]
) -> Iterator[Difference]:
    free = CHOSEN.get(abi.name, frozenset())
    for name, places in abi.immutables.items():
        found = {code[place] for place in places}
        if name in free and len(found) == 1:
            continue
        expected = words.get(name)
        for value in sorted(found - {expected}):
            told = "one value" if expected is None else f"0x{expected.hex()}"
            yield Difference(f"immutable {name}", told, f"0x{value.hex()}")
