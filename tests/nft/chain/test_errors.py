from typing import Any

import pytest
from eth_abi.abi import encode

from nft.chain.abi import load
from nft.chain.errors import (
    AlreadyKnown,
    CodeFailed,
    InsufficientFunds,
    MethodUnknown,
    NodeRefused,
    NonceTooLow,
    RangeRefused,
    RateLimited,
    Reverted,
    StateNotAvailable,
    Underpriced,
    decode_revert,
    translate,
)
from nft.chain.refusals import in_words
from nft.types import Digest
from tests.support.people import ARTIST


def failure(name: str, *values: Any) -> bytes:
    found = next(one for one in load("Exchange").failures if one.name == name)
    return found.selector + encode([kind for _, kind in found.arguments], values)


class TestTranslate:
    @pytest.mark.parametrize(
        ("error", "kind"),
        [
            (
                {"code": -32000, "message": "insufficient funds for gas * price + value"},
                InsufficientFunds,
            ),
            (
                {"code": -32003, "message": "Insufficient funds for gas * price + value"},
                InsufficientFunds,
            ),
            ({"code": -32000, "message": "nonce too low: next nonce 5, tx nonce 3"}, NonceTooLow),
            ({"code": -32000, "message": "replacement transaction underpriced"}, Underpriced),
            ({"code": -32000, "message": "already known"}, AlreadyKnown),
            ({"code": 429, "message": "slow down"}, RateLimited),
            ({"code": -32005, "message": "Too Many Requests"}, RateLimited),
            ({"code": -32005, "message": "query returned more than 10000 results"}, RangeRefused),
            ({"code": -32600, "message": "block range too large"}, RangeRefused),
            ({"code": -32000, "message": "missing trie node 0xabc"}, StateNotAvailable),
            ({"code": -32001, "message": "Resource not found"}, StateNotAvailable),
            ({"code": -32601, "message": "Method not found"}, MethodUnknown),
            ({"code": -32099, "message": "computer says no"}, NodeRefused),
            ({"code": -32000, "message": "invalid opcode: INVALID"}, CodeFailed),
            ({"code": -32000, "message": "out of gas"}, CodeFailed),
            ({"code": -32000, "message": "execution aborted (timeout = 5s)"}, CodeFailed),
            ({"code": -32603, "message": "EVM error MemoryOOG"}, CodeFailed),
            ({"code": 3, "message": "execution reverted", "data": "0x"}, Reverted),
            ({"message": "VM Exception: revert", "data": {"result": "0x08c379a0"}}, Reverted),
        ],
    )
    def test_finds_the_word(self, error: dict[str, Any], kind: type[Exception]) -> None:
        assert type(translate(error)) is kind

    @pytest.mark.parametrize(
        ("data", "seconds", "is_told"),
        [
            ({"rate": {"backoff_seconds": 29.5}}, 30, True),
            ({"rate": {"backoff_seconds": "soon"}}, 1, False),
            ({"rate": {"backoff_seconds": 10**9}}, 1, False),
            ({"rate": 7}, 1, False),
            (None, 1, False),
        ],
    )
    def test_how_long_to_wait_is_read(self, data: Any, seconds: int, is_told: bool) -> None:
        error = translate({"code": -32005, "message": "rate limit", "data": data})

        assert isinstance(error, RateLimited)
        assert error.retry_after_seconds == seconds
        assert error.has_said_how_long == is_told

    def test_repeats_a_strangers_text_only_so_far(self) -> None:
        assert len(str(translate({"code": 1, "message": "x" * 100_000}))) < 400


class TestReverts:
    def test_our_errors_have_their_name_and_arguments(self) -> None:
        found = decode_revert(failure("Exchange_NonceUsed", str(ARTIST), 7))

        assert found.name == "Exchange_NonceUsed"
        assert found.arguments == {"maker": ARTIST, "nonce": 7}
        assert f"maker={ARTIST}, nonce=7" in str(found)

    def test_a_hash_is_shown_as_hex(self) -> None:
        told = Digest(b"\x01" * 32)

        found = decode_revert(failure("Exchange_SignatureInvalid", told, str(ARTIST)))

        assert str(told) in str(found)

    def test_our_errors_have_a_sentence_and_a_code(self) -> None:
        found = decode_revert(failure("Exchange_OrderExpired", 1_800_000_000, 1_800_000_001))

        assert found.code == "OrderExpired"
        assert "the order ended on 2027-01-15 08:00 UTC" in str(found)

    def test_basis_points_are_shown_as_percents(self) -> None:
        assert "the fee is 2.5 %" in str(
            decode_revert(failure("Exchange_FeeAboveMaximum", 250, 200))
        )

    @pytest.mark.parametrize("name", ["Auctions", "Collection", "Exchange", "Splitter", "Weth"])
    def test_every_error_that_a_caller_can_meet_has_a_sentence(self, name: str) -> None:
        unmet = {
            "AccountBalanceOverflow", "BalanceQueryForZeroAddress", "ECDSAInvalidSignature",
            "ECDSAInvalidSignatureLength", "ECDSAInvalidSignatureS", "ERC20InvalidApprover",
            "ERC20InvalidReceiver", "ERC20InvalidSender", "ERC20InvalidSpender", "FailedCall",
            "InsufficientBalance", "InvalidAccountNonce", "InvalidShortString", "StringTooLong",
            "TokenAlreadyExists",
        }  # fmt: skip
        values: dict[str, Any] = {"address": ARTIST, "bytes32": Digest(b"\x01" * 32)}
        silent = {
            one.name
            for one in load(name).failures
            if not in_words(one.name, {key: values.get(kind, 7) for key, kind in one.arguments})
        }

        assert silent <= unmet

    def test_what_is_not_ours_has_its_own_name_as_code(self) -> None:
        assert decode_revert(bytes.fromhex("08c379a0") + encode(["string"], ["no"])).code == "Error"
        assert decode_revert(b"").code == "Reverted"

    def test_a_require_text(self) -> None:
        data = bytes.fromhex("08c379a0") + encode(["string"], ["not today"])

        assert decode_revert(data).arguments == {"reason": "not today"}

    def test_a_panic(self) -> None:
        data = bytes.fromhex("4e487b71") + encode(["uint256"], [0x11])

        assert "overflow" in str(decode_revert(data))

    def test_r15_100_kb_of_unknown_bytes_are_shortened(self) -> None:
        found = decode_revert(b"\xde\xad\xbe\xef" * 25_000)

        assert found.name == ""
        assert "(100000 bytes)" in str(found)
        assert len(str(found)) < 200

    @pytest.mark.parametrize(
        "data", [b"", b"\x08", bytes.fromhex("08c379a0"), bytes.fromhex("08c379a0") + b"\xff" * 64]
    )
    def test_what_is_malformed_is_no_crash(self, data: bytes) -> None:
        assert isinstance(decode_revert(data), Reverted)

    def test_a_known_selector_with_foreign_arguments_is_shown_as_bytes(self) -> None:
        data = failure("Exchange_NonceUsed", str(ARTIST), 7)[:20]

        assert decode_revert(data).name == ""
