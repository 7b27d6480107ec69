"""Headers of real blocks hash to their names, and any other header does not."""

import pytest

from nft.proofs.errors import HeaderDisproved
from nft.proofs.headers import FIELDS, LATER_FIELDS, header_hash, proven_header
from tests.nft.proofs.recorded import BLOCKS, NAMES, Json, blocks, flips, without

# The main chain's first block: Frontier, fifteen fields.
GENESIS: Json = {
    "parentHash": "0x" + "00" * 32,
    "sha3Uncles": "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
    "miner": "0x" + "00" * 20,
    "stateRoot": "0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544",
    "transactionsRoot": "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
    "receiptsRoot": "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
    "logsBloom": "0x" + "00" * 256,
    "difficulty": "0x400000000",
    "number": "0x0",
    "gasLimit": "0x1388",
    "gasUsed": "0x0",
    "timestamp": "0x0",
    "extraData": "0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa",
    "mixHash": "0x" + "00" * 32,
    "nonce": "0x0000000000000042",
}
GENESIS_HASH = "d4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3"

COVERED = [name for name, _ in (*FIELDS, *LATER_FIELDS)]


class TestHeaders:
    @pytest.mark.parametrize(("node", "kind", "block"), BLOCKS, ids=NAMES)
    def test_hash_of_a_recorded_block(self, node: str, kind: int, block: Json) -> None:
        told = block["header"]

        assert str(header_hash(told)) == told["hash"]

    def test_hash_of_the_first_block_ever(self) -> None:
        assert header_hash(GENESIS).hex() == GENESIS_HASH

    def test_says_what_the_block_says(self) -> None:
        told = blocks("geth")[0]["header"]

        header = proven_header(told, bytes.fromhex(told["hash"][2:]))

        assert header.number == int(told["number"], 16)
        assert str(header.parent_hash) == told["parentHash"]
        assert header.receipts_root.hex() == told["receiptsRoot"][2:]
        assert header.bloom == int(told["logsBloom"], 16)

    def test_every_altered_digit_gives_another_hash(self) -> None:
        told = {name: value for name, value in blocks("anvil")[0]["header"].items()}
        covered = {name: told[name] for name in COVERED if name in told}

        same = [
            where for where, altered in flips(covered) if str(header_hash(altered)) == told["hash"]
        ]

        assert len(covered) >= 21
        assert same == []

    @pytest.mark.parametrize("name", [name for name, _ in FIELDS])
    def test_a_field_that_is_missing(self, name: str) -> None:
        with pytest.raises(HeaderDisproved):
            header_hash(without(GENESIS, name))

    def test_a_late_field_without_those_before_it(self) -> None:
        with pytest.raises(HeaderDisproved, match="without what came before"):
            header_hash({**GENESIS, "withdrawalsRoot": "0x" + "00" * 32})

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("parentHash", "0x" + "00" * 31),
            ("number", "-0x1"),
            ("number", "0x-1"),
            ("extraData", "0x0"),
            ("extraData", "0x1 1 "),
            ("nonce", "0x42"),
            ("miner", None),
            ("gasUsed", 7),
        ],
    )
    def test_a_malformed_field(self, name: str, value: object) -> None:
        with pytest.raises(HeaderDisproved):
            header_hash({**GENESIS, name: value})

    def test_a_header_told_under_another_hash(self) -> None:
        with pytest.raises(HeaderDisproved, match="hashes to"):
            proven_header(GENESIS, bytes(32))

    def test_fields_of_amsterdam_come_last(self) -> None:
        later = [name for name, _ in LATER_FIELDS]

        assert later[-3:] == ["requestsHash", "blockAccessListHash", "slotNumber"]
