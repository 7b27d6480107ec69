"""One receipt and one transaction of a block, of every type, as anvil and geth told them."""

import pytest

from nft.proofs.errors import FormUnknown, ReceiptsDisproved
from nft.proofs.inclusion import decode_receipt, listed, transaction_hash
from nft.proofs.keccak import keccak
from nft.proofs.receipts import DEPOSIT, encode_receipt, read_receipts
from nft.proofs.rlp import encode_bytes, encode_int, encode_list
from nft.proofs.transactions import encode_transaction
from nft.proofs.trie import Trie
from nft.types import Address
from tests.nft.proofs.made import CONTRACT, log, receipt
from tests.nft.proofs.recorded import BLOCKS, NAMES, Json, blocks, header_of, without

FROM_THE_SEA: Json = {
    "type": "0x7e",
    "sourceHash": "0x" + "ab" * 32,
    "from": "0xdeaddeaddeaddeaddeaddeaddeaddeaddead0001",
    "to": "0x4200000000000000000000000000000000000015",
    "mint": None,
    "value": "0x0",
    "gas": "0xf4240",
    "isSystemTx": False,
    "input": "0x440a5e20",
}
"""A deposit in the form of an OP chain."""


class TestRecorded:
    @pytest.mark.parametrize(("node", "kind", "block"), BLOCKS, ids=NAMES)
    def test_a_receipt_says_what_the_node_says(self, node: str, kind: int, block: Json) -> None:
        header, told = header_of(block), read_receipts(block["receipts"])
        proof = Trie.ordered([encode_receipt(one) for one in told]).proof(encode_int(0))

        found = decode_receipt(listed(header.receipts_root, 0, proof))

        assert found.succeeded
        assert [
            ("0x" + one.address.hex(), ["0x" + topic.hex() for topic in one.topics], one.data.hex())
            for one in found.logs
        ] == [(one.address.lower(), one.topics, one.data[2:]) for one in told[0].logs]

    @pytest.mark.parametrize(("node", "kind", "block"), BLOCKS, ids=NAMES)
    def test_a_transaction_has_its_hash(self, node: str, kind: int, block: Json) -> None:
        encoded = [encode_transaction(one) for one in block["transactions"]]

        hashes = ["0x" + transaction_hash(one).hex() for one in encoded]

        assert hashes == [one["hash"] for one in block["transactions"]]

    @pytest.mark.parametrize(
        ("node", "kind", "block"),
        # Anvil roots a blob transaction in the form that it was sent in, blobs and all.
        [one for one in BLOCKS if one[:2] != ("anvil", 3)],
    )
    def test_transactions_make_the_root(self, node: str, kind: int, block: Json) -> None:
        trie = Trie.ordered([encode_transaction(one) for one in block["transactions"]])

        assert trie.root == header_of(block).transactions_root

    def test_a_place_where_nothing_is(self) -> None:
        block = blocks("geth")[0]
        trie = Trie.ordered([encode_receipt(one) for one in read_receipts(block["receipts"])])

        with pytest.raises(ReceiptsDisproved):
            listed(trie.root, 1, trie.proof(encode_int(1)))


class TestTransactions:
    def test_a_deposit(self) -> None:
        encoded = encode_transaction(FROM_THE_SEA)

        assert encoded[0] == DEPOSIT
        assert encoded[2:].startswith(b"\xa0" + b"\xab" * 32, encoded[2:].index(b"\xa0"))

    def test_of_a_later_type(self) -> None:
        with pytest.raises(FormUnknown):
            encode_transaction({**FROM_THE_SEA, "type": "0x6a"})

    @pytest.mark.parametrize("name", ["sourceHash", "from", "value", "input"])
    def test_that_lacks_a_field(self, name: str) -> None:
        with pytest.raises(ReceiptsDisproved):
            encode_transaction(without(FROM_THE_SEA, name))

    @pytest.mark.parametrize("raw", [b"", b"\0\xc0", b"\x80", b"\xbf"])
    def test_bytes_that_are_none(self, raw: bytes) -> None:
        with pytest.raises(ReceiptsDisproved):
            transaction_hash(raw)


LOG = log(CONTRACT, [b"\1" * 32, b"\2" * 32], b"data")


class TestReceipts:
    @pytest.mark.parametrize("kind", [0, 1, 2, 3, 4, 0x64, 0x7F])
    def test_of_any_type(self, kind: int) -> None:
        found = decode_receipt(receipt([LOG], kind=kind))

        assert found.logs[0].address == CONTRACT
        assert found.logs[0].topics == (b"\1" * 32, b"\2" * 32)

    def test_of_a_failure(self) -> None:
        assert not decode_receipt(receipt(status=b"")).succeeded

    def test_of_before_byzantium(self) -> None:
        assert decode_receipt(receipt([LOG], kind=0, status=keccak(b"state"))).succeeded

    def test_of_a_deposit(self) -> None:
        rest = encode_int(4) + encode_int(1)

        assert decode_receipt(receipt([LOG], kind=DEPOSIT, rest=rest)).logs
        assert decode_receipt(receipt([LOG], kind=DEPOSIT)).logs

    def test_of_a_later_type_with_more_in_it(self) -> None:
        assert decode_receipt(receipt([LOG], kind=0x70, rest=encode_int(4))).logs

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"\2",
            b"\0" + receipt(kind=0),
            b"\x80",
            b"\xc0",
            receipt(status=b"\2"),
            receipt(status=b"\0"),
            receipt(rest=encode_int(4)),
            receipt(kind=DEPOSIT, rest=encode_int(4)),
            receipt([b"\x80"]),
            receipt([log(Address(b"\1" * 20), [b"\1" * 31])]),
            receipt([encode_list(encode_bytes(b"\1" * 19) + b"\xc0\x80")]),
            receipt() + b"\x80",
        ],
    )
    def test_bytes_that_are_none(self, raw: bytes) -> None:
        with pytest.raises(ReceiptsDisproved):
            decode_receipt(raw)


class TestTrie:
    @pytest.mark.parametrize("count", [1, 2, 17, 130, 300])
    def test_a_list_proves_each_of_its_members(self, count: int) -> None:
        values = [b"value %d" % at * (1 + at % 5) for at in range(count)]
        trie = Trie.ordered(values)

        proofs = [trie.proof(encode_int(at)) for at in range(count)]

        assert [listed(trie.root, at, proof) for at, proof in enumerate(proofs)] == values
