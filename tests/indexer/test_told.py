"""What the outbox says of a transfer, whichever way its row was made."""

from indexer import told
from indexer.facts import TRANSFERS, Facts, Move
from nft.types import Address, Digest

CONTRACT, NOBODY, SOMEBODY, ANOTHER = bytes(range(20)), bytes(20), b"\x11" * 20, b"\xab" * 20
BLOCKS = {7: {"block_hash": Digest(b"\x07" * 32), "timestamp": 1_700_000_000}}


def move(sender: bytes, receiver: bytes, log_index: int = 0) -> Move:
    token = (2**255 + 5).to_bytes(32, "big")
    return Move(31337, 7, log_index, CONTRACT, token, sender, receiver, b"\xcd" * 32)


def test_a_transfer_is_worded_like_a_row_of_any_other_table() -> None:
    one = move(SOMEBODY, ANOTHER)

    [entry] = told.entries(Facts(moves=[one]), BLOCKS, {})

    timestamp = {"timestamp": 1_700_000_000}
    assert entry["payload"] == {**told.payload_of(one.row()), **timestamp}
    assert set(entry["payload"]) == {*TRANSFERS.columns.keys(), *timestamp}


def test_a_first_transfer_is_a_mint_and_a_last_one_burns() -> None:
    moves = [move(NOBODY, SOMEBODY), move(SOMEBODY, ANOTHER, 1), move(ANOTHER, NOBODY, 2)]

    entries = told.entries(Facts(moves=moves), BLOCKS, {})

    assert [entry["kind"] for entry in entries] == ["minted", "transferred", "burned"]


def test_history_from_before_a_registration_is_not_told() -> None:
    moves = [move(SOMEBODY, ANOTHER)]

    assert told.entries(Facts(moves=moves), BLOCKS, {Address(CONTRACT): 7}) == []
    assert len(told.entries(Facts(moves=moves), BLOCKS, {Address(CONTRACT): 6})) == 1
