"""A signed list of final blocks, which a reader may believe for the sake of its key."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nft.certificates import Issuer
from nft.checkpoints import Checkpoint, NotACheckpointList, issue_checkpoints, read_checkpoints
from nft.integrity import ProofInvalid, secure
from nft.types import Digest

KEY = Ed25519PrivateKey.from_private_bytes(b"\x05" * 32)
ISSUER = Issuer.local(KEY)
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
ONE = Checkpoint(1, 21_000_000, Digest(b"\x11" * 32), 1_770_000_000)
TWO = Checkpoint(1, 21_007_200, Digest(b"\x22" * 32), 1_770_086_400)
LOCAL = Checkpoint(31337, 12, Digest(b"\x33" * 32), 1_770_086_400)


def signed(checkpoints):
    document = issue_checkpoints([], ISSUER, as_of=NOON)
    del document["proof"]
    document["credentialSubject"]["checkpoints"] = checkpoints
    return secure(document, key=KEY, method=ISSUER.method, created="2026-11-26T12:00:00Z")


def test_says_which_blocks_it_vouches_for():
    found = read_checkpoints(issue_checkpoints([LOCAL, TWO, ONE], ISSUER, as_of=NOON))

    assert found.of_chain(1) == {ONE.number: ONE.block_hash, TWO.number: TWO.block_hash}
    assert found.of_chain(31337) == {12: LOCAL.block_hash}
    assert found.of_chain(5) == {}
    assert (found.as_of, found.method) == ("2026-11-26T12:00:00Z", ISSUER.method)


def test_does_not_depend_on_an_order():
    one, other = ([ONE, TWO, LOCAL], [LOCAL, TWO, ONE])

    assert issue_checkpoints(one, ISSUER, as_of=NOON) == issue_checkpoints(
        other, ISSUER, as_of=NOON
    )


def test_that_was_changed_is_refused():
    changed = issue_checkpoints([ONE], ISSUER, as_of=NOON)
    changed["credentialSubject"]["checkpoints"][0]["hash"] = str(TWO.block_hash)

    with pytest.raises(ProofInvalid):
        read_checkpoints(changed)


def test_by_another_key_than_the_one_asked_for_is_refused():
    other = Ed25519PrivateKey.from_private_bytes(b"\x06" * 32).public_key()

    with pytest.raises(ProofInvalid):
        read_checkpoints(issue_checkpoints([ONE], ISSUER, as_of=NOON), key=other)


def test_with_two_hashes_for_one_block_is_none():
    other = {**ONE.as_json(), "hash": str(TWO.block_hash)}

    with pytest.raises(NotACheckpointList, match="two hashes"):
        read_checkpoints(signed([ONE.as_json(), other]))


@pytest.mark.parametrize(
    "checkpoints",
    [
        None,
        {},
        ["0x11"],
        [{"chain_id": "1", "number": "2"}],
        [{"chain_id": 1, "number": "2", "hash": str(ONE.block_hash)}],
        [{"chain_id": "1", "number": "-2", "hash": str(ONE.block_hash)}],
        [{"chain_id": "1", "number": "2", "hash": "0x11"}],
    ],
)
def test_that_cannot_be_read_is_none(checkpoints):
    with pytest.raises(NotACheckpointList):
        read_checkpoints(signed(checkpoints))


@pytest.mark.parametrize("name", ["type", "issuer", "validFrom", "credentialSubject"])
def test_that_lacks_a_part_is_none(name):
    document = issue_checkpoints([ONE], ISSUER, as_of=NOON)
    del document[name]

    with pytest.raises(NotACheckpointList):
        read_checkpoints(document)
