"""
State as a node tells it with an EIP-1186 proof, held against a state root.

An account or a slot that is not there is proven too: it counts as zero. What the node says beside
its proof must be what the proof says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nft.proofs.errors import StateDisproved
from nft.proofs.keccak import keccak
from nft.proofs.rlp import Item, NotCanonical, decode, unhex
from nft.proofs.trie import EMPTY_ROOT, ProofBroken, look_up
from nft.types import Address

NO_CODE = keccak(b"")
"""The code hash of an account without code."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account as a state root has it."""

    nonce: int
    balance: int
    storage_root: bytes
    code_hash: bytes


NOBODY = Account(0, 0, EMPTY_ROOT, NO_CODE)
"""An account that is not there."""


@dataclass(frozen=True, slots=True)
class Proven:
    """What one answer of `eth_getProof` proves."""

    account: Account
    storage: Mapping[int, int]
    """Words by slot."""


def proven_state(
    answer: Mapping[str, Any], state_root: bytes, address: Address, slots: Sequence[int]
) -> Proven:
    """
    The account and these slots of it, proven. Raises `StateDisproved`.

    The answer must be about this address and exactly these slots, in their order.
    """
    try:
        account = account_at(state_root, address, _nodes(answer["accountProof"]))
        _compare(answer, account, address)
        told = answer["storageProof"]
        if [int(one["key"], 16) for one in told] != list(slots):
            raise StateDisproved("it is about other slots")
        storage = {
            slot: _word(one, account.storage_root, slot)
            for slot, one in zip(slots, told, strict=True)
        }
    except (ProofBroken, NotCanonical) as error:
        raise StateDisproved(str(error)) from error
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise StateDisproved(f"malformed: {type(error).__name__}: {error}") from error
    return Proven(account, storage)


def account_at(
    state_root: bytes, address: Address, proof: Sequence[bytes], *, is_strict: bool = False
) -> Account:
    """
    What a proof says of an account.

    Raises `StateDisproved`, `ProofBroken` or `NotCanonical`.
    """
    return _account(look_up(state_root, keccak(address), proof, is_strict=is_strict))


def word_at(
    storage_root: bytes, slot: int, proof: Sequence[bytes], *, is_strict: bool = False
) -> int:
    """
    What a proof says of a slot; a slot that is not there is zero.

    Anvil leaves zeros in its tries where a slot was cleared, and hashes them; other chains do not.

    Raises `StateDisproved`, `ProofBroken` or `NotCanonical`.
    """
    key = keccak(slot.to_bytes(32, "big"))
    found = look_up(storage_root, key, proof, is_strict=is_strict)
    return 0 if found is None else _number(decode(found))


def _nodes(told: Sequence[str]) -> list[bytes]:
    return [unhex(node[2:]) for node in told]


def _account(value: bytes | None) -> Account:
    if value is None:
        return NOBODY
    match decode(value):
        case [bytes(nonce), bytes(balance), bytes(root), bytes(code)] if (
            len(root) == len(code) == 32
        ):
            return Account(_number(nonce), _number(balance), root, code)
    raise StateDisproved("a leaf that is no account")


def _number(digits: Item) -> int:
    if not isinstance(digits, bytes) or digits[:1] == b"\0" or len(digits) > 32:
        raise StateDisproved("a leaf that is no number")
    return int.from_bytes(digits, "big")


def _word(one: Mapping[str, Any], storage_root: bytes, slot: int) -> int:
    value = word_at(storage_root, slot, _nodes(one["proof"]))
    if int(one["value"], 16) != value:
        raise StateDisproved(f"slot {slot:#x} holds {value:#x}, not what is told")
    return value


def _compare(answer: Mapping[str, Any], account: Account, address: Address) -> None:
    """Of an account that is not there, nodes tell empty hashes as such or as zero."""
    if unhex(answer["address"][2:]) != address:
        raise StateDisproved("it is about another account")
    told = Account(
        nonce=int(answer["nonce"], 16),
        balance=int(answer["balance"], 16),
        storage_root=unhex(answer["storageHash"][2:]),
        code_hash=unhex(answer["codeHash"][2:]),
    )
    if account == NOBODY:
        told = Account(
            told.nonce,
            told.balance,
            told.storage_root if any(told.storage_root) else EMPTY_ROOT,
            told.code_hash if any(told.code_hash) else NO_CODE,
        )
    if told != account:
        raise StateDisproved("the account is not what is told")
