"""Receipts of real blocks make the roots of their headers, and any other receipts do not."""

from typing import Any

import pytest
import rlp
from trie import HexaryTrie

from nft.proofs.errors import FormUnknown, ReceiptsDisproved
from nft.proofs.receipts import (
    bloom_of,
    check_receipts,
    encode_receipt,
    proven_logs,
    read_receipts,
    receipts_root,
    wanted_of,
)
from nft.types import Address
from tests.nft.proofs.recorded import BLOCKS, NAMES, Json, blocks, flips, header_of, without

ALL = [
    receipt for node in ("anvil", "geth") for block in blocks(node) for receipt in block["receipts"]
]
"""Ten receipts, as if they were of one block."""

COVERED = ("type", "status", "cumulativeGasUsed", "logsBloom")


def root(receipts: list[Json]) -> bytes:
    return receipts_root(read_receipts(receipts))


def covered(receipt: Json) -> Json:
    """Only what the root speaks of."""
    logs = [{name: log[name] for name in ("address", "topics", "data")} for log in receipt["logs"]]
    return {**{name: receipt[name] for name in COVERED}, "logs": logs}


def by_the_book(receipts: list[Json]) -> bytes:
    """The same root by other people's encoder and trie."""

    def data(text: str) -> bytes:
        return bytes.fromhex(text[2:])

    tree = HexaryTrie({})
    for index, one in enumerate(receipts):
        logs = [
            [data(log["address"]), [data(topic) for topic in log["topics"]], data(log["data"])]
            for log in one["logs"]
        ]
        fields: list[Any] = [int(one["status"], 16), int(one["cumulativeGasUsed"], 16)]
        kind = int(one["type"], 16)
        body = rlp.encode([*fields, data(one["logsBloom"]), logs])
        tree[rlp.encode(index)] = (bytes([kind]) if kind else b"") + body
    found: bytes = tree.root_hash
    return found


def is_same(altered: Json) -> bool:
    """Whether an altered receipt is taken for the first of all."""
    told = {**altered, "transactionHash": "0x"}
    try:
        return encode_receipt(read_receipts([told])[0]) == FIRST
    except (ReceiptsDisproved, FormUnknown):
        return False


FIRST = encode_receipt(read_receipts(ALL[:1])[0])


class TestRoot:
    @pytest.mark.parametrize(("node", "kind", "block"), BLOCKS, ids=NAMES)
    def test_of_a_recorded_block(self, node: str, kind: int, block: Json) -> None:
        receipts = read_receipts(block["receipts"])

        check_receipts(receipts, header_of(block))

        assert [int(one.type or "", 16) for one in receipts] == [kind]

    @pytest.mark.parametrize("count", [0, 1, 2, 10, 127, 128, 129, 300])
    def test_of_any_number_of_receipts(self, count: int) -> None:
        receipts = (ALL * 30)[:count]

        assert root(receipts) == by_the_book(receipts)

    def test_of_receipts_before_statuses(self) -> None:
        told = {**without(ALL[0], "status", "type"), "root": "0x" + "ab" * 32}
        receipt = read_receipts([told])[0]

        assert rlp.decode(encode_receipt(receipt))[0] == b"\xab" * 32

    def test_of_deposits_with_and_without_their_version(self) -> None:
        told = {**ALL[0], "type": "0x7e", "depositNonce": "0x5"}
        before, since = read_receipts([told, {**told, "depositReceiptVersion": "0x1"}])

        assert len(rlp.decode(encode_receipt(before)[1:])) == 4
        assert rlp.decode(encode_receipt(since)[1:])[4:] == [b"\x05", b"\x01"]


class TestAlteredReceipts:
    def test_every_altered_digit_gives_another_root(self) -> None:
        first = covered(ALL[0])

        taken = [where for where, altered in flips(first) if is_same(altered)]

        assert is_same(first)
        assert taken == []

    def test_a_log_left_out(self) -> None:
        logs = ALL[0]["logs"]

        roots = {root([{**ALL[0], "logs": logs[:n] + logs[n + 1 :]}]) for n in range(len(logs))}

        assert root(ALL[:1]) not in roots
        assert len(roots) == len(logs)

    def test_a_receipt_left_out_doubled_or_moved(self) -> None:
        header = header_of(blocks("anvil")[0])
        told = blocks("anvil")[0]["receipts"]
        lies = ([], told * 2, [*told, ALL[1]], ALL[1:2])

        refused = [pytest.raises(ReceiptsDisproved) for _ in lies]
        for lie, refusal in zip(lies, refused, strict=True):
            with refusal:
                check_receipts(read_receipts(lie), header)

    @pytest.mark.parametrize(
        "log",
        [
            {"address": "0x" + "11" * 21, "topics": [], "data": "0x"},
            {"address": "0X" + "11" * 20, "topics": [], "data": "0x"},
            {"address": "0x" + "11" * 20, "topics": ["zz" + "22" * 32], "data": "0x"},
            {"address": "0x" + "11" * 20, "topics": ["0x22"], "data": "0x"},
            {"address": "0x" + "11" * 20, "topics": [], "data": "0x1"},
            {"address": "0x" + "11" * 19 + "  ", "topics": [], "data": "0x"},
            {"address": "0x" + "11" * 20, "topics": [], "data": "zz"},
        ],
    )
    def test_a_log_of_another_form(self, log: Json) -> None:
        receipt = read_receipts([{**ALL[0], "logs": [log]}])[0]

        with pytest.raises(ReceiptsDisproved, match="malformed"):
            encode_receipt(receipt)

    @pytest.mark.parametrize("answer", [None, {}, [1], [{}], [{**ALL[0], "logs": None}]])
    def test_what_is_no_receipt(self, answer: object) -> None:
        with pytest.raises(ReceiptsDisproved, match="malformed"):
            read_receipts(answer)

    def test_an_unknown_type_is_no_lie(self) -> None:
        block = blocks("anvil")[0]
        told = [{**block["receipts"][0], "type": "0x6a"}]

        with pytest.raises(FormUnknown, match="0x6a"):
            check_receipts(read_receipts(told), header_of(block))


class TestProvenLogs:
    def test_stand_where_they_stood(self) -> None:
        block = blocks("geth")[1]
        told = block["receipts"][0]["logs"]
        contract = Address.parse(told[0]["address"])
        topic = bytes.fromhex("ab" * 32)

        logs = proven_logs(
            read_receipts(block["receipts"]), header_of(block), wanted_of({contract: [topic]})
        )

        assert [log.log_index for log in logs] == [1, 2, 3, 4, 5]
        assert [str(log.transaction_hash) for log in logs] == [told[0]["transactionHash"]] * 5
        assert [len(log.topics) for log in logs] == [1, 2, 3, 4, 1]
        assert {str(log.block_hash) for log in logs} == {block["header"]["hash"]}

    def test_of_others_are_passed_over(self) -> None:
        block = blocks("geth")[1]
        wanted = wanted_of({Address(b"\x01" * 20): [bytes.fromhex("ab" * 32)]})

        assert proven_logs(read_receipts(block["receipts"]), header_of(block), wanted) == []


class TestBloom:
    @pytest.mark.parametrize(("node", "kind", "block"), BLOCKS, ids=NAMES)
    def test_of_a_block_is_that_of_its_logs(self, node: str, kind: int, block: Json) -> None:
        receipts = read_receipts(block["receipts"])

        assert bloom_of(log for one in receipts for log in one.logs) == header_of(block).bloom
