"""
Keccak-256, where there is one by a binding in C alone: a node of a trie takes it 2 µs, and
`eth_hash` 6.

The proof of a history hashes some ten thousand nodes and a hundred thousand topics. The binding
has wheels for Linux only; elsewhere the same hash is merely slower.
"""

from __future__ import annotations

from collections.abc import Callable


def _fastest() -> Callable[[bytes], bytes]:
    try:
        from sha3 import keccak_256
    except ImportError:
        from eth_hash.auto import keccak

        return keccak

    def hashed(data: bytes) -> bytes:
        digest: bytes = keccak_256(data).digest()
        return digest

    return hashed


keccak = _fastest()
"""The 32 bytes of a hash."""
