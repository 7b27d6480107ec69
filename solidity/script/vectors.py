"""
Writes the vectors that pytest, forge and JavaScript all read, below `tests/vectors`.

    python solidity/script/vectors.py

What is signed is in `signed.py`. Storage slots and CIDs come from their definitions, so that
neither our contracts nor our Python packages check themselves.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from eth_hash.auto import keccak
from signed import orders, trees

VECTORS = Path(__file__).resolve().parents[2] / "tests" / "vectors"


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def _slot(token: int) -> int:
    """Where Solady keeps the owner: its seed lies over the low 32 bits of the hashed id."""
    seeded = token.to_bytes(32, "big")[:28] + bytes.fromhex("7d882553")
    return (2 * token + int.from_bytes(keccak(seeded), "big")) % 2**256


def _word(
    name: str, creator: int, serial: int, parts: tuple[int, int, int, int, int, int]
) -> dict[str, Any]:
    owner, royalty_bps, frozen, approved, payee, transfer_count = parts
    token = creator << 96 | serial
    flags = frozen << 174 | approved << 175
    packed = owner | royalty_bps << 160 | flags | payee << 176 | transfer_count << 208
    digest_slot = keccak(token.to_bytes(32, "big") + (2).to_bytes(32, "big"))
    payee_slot = keccak(payee.to_bytes(32, "big") + (3).to_bytes(32, "big"))
    creator_slot = keccak(creator.to_bytes(32, "big") + (6).to_bytes(32, "big"))
    balance_slot = keccak(owner.to_bytes(20, "big") + bytes.fromhex("0a5a2e7a00000000"))
    return {
        "name": name,
        "creator": f"0x{creator:040x}",
        "serial": str(serial),
        "tokenId": str(token),
        "owner": f"0x{owner:040x}",
        "royaltyBps": royalty_bps,
        "frozen": frozen,
        "approved": approved,
        "payee": payee,
        "transferCount": str(transfer_count),
        "word": f"0x{packed:064x}",
        "wordSlot": f"0x{_slot(token):064x}",
        "digestSlot": _hex(digest_slot),
        "payeeSlot": _hex(payee_slot),
        "creatorSlot": _hex(creator_slot),
        "approvalSlot": f"0x{(_slot(token) + 1) % 2**256:064x}",
        "balanceSlot": _hex(balance_slot),
    }


def words() -> dict[str, Any]:
    """Token ids, the ownership word, and the slots of it and of all that goes with a work."""
    artist, collector = int("a1" * 20, 16), int("c2" * 20, 16)
    full = 2**160 - 1
    return {
        "words": [
            _word("just minted", artist, 1, (artist, 500, 0, 0, 0, 0)),
            _word("sold twice, frozen, paid to a studio", artist, 2, (collector, 1000, 1, 0, 7, 2)),
            _word("burned after three transfers", artist, 3, (0, 0, 0, 0, 0, 4)),
            _word("never minted", artist, 2**96 - 1, (0, 0, 0, 0, 0, 0)),
            _word(
                "every part at its greatest",
                full,
                2**96 - 1,
                (full, 2**14 - 1, 1, 1, 2**32 - 1, 2**48 - 1),
            ),
            _word("a number above 32 bits", collector, 2**32 + 5, (collector, 2500, 0, 1, 1, 1)),
        ]
    }


def metadata() -> dict[str, Any]:
    """Metadata bytes, their SHA-256 digest, and the address of that one raw block."""
    bodies = {
        "smallest": b"{}",
        "a work": '{"description":"","name":"Morgenröte, 墨"}'.encode(),
        "as large as a block may be": b'"' + b"a" * 262_142 + b'"',
    }
    found = []
    for name, body in bodies.items():
        digest = hashlib.sha256(body).digest()
        cid = base64.b32encode(b"\x01\x55\x12\x20" + digest).decode().rstrip("=").lower()
        found.append(
            {
                "name": name,
                "body": body.decode() if len(body) < 100 else "",
                "size": len(body),
                "digest": _hex(digest),
                "cid": f"b{cid}",
            }
        )
    for name, digest in {"lowest": bytes(31) + b"\x01", "highest": b"\xff" * 32}.items():
        cid = base64.b32encode(b"\x01\x55\x12\x20" + digest).decode().rstrip("=").lower()
        found.append({"name": name, "size": 0, "digest": _hex(digest), "cid": f"b{cid}"})
    return {"metadata": found}


def main() -> None:
    """Write the files."""
    for write in (orders, trees, words, metadata):
        name, found = write.__name__, write()
        text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
        (VECTORS / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
