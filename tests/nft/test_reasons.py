"""The reasons of Python and those of the contracts: the same names, the same numbers."""

import re
from pathlib import Path

from nft.reasons import Code, Reason, from_numbers

SOURCE = Path(__file__).resolve().parents[2] / "solidity" / "src" / "types" / "Reasons.sol"

WORDS_IN_USE = {
    "TokenGone", "SellerNotOwner", "OwnershipChanged", "NotApproved", "NonceUsed", "CounterMoved",
    "NotStarted", "OrderExpired", "RoyaltyAboveMaximum", "FeeAboveMaximum",
}  # fmt: skip
"""Callers of the API compare with these: they stay."""


class TestCodes:
    def test_are_those_of_the_contracts(self) -> None:
        found = re.findall(r"uint16 internal constant (\w+) = (\d+);", SOURCE.read_text("utf-8"))

        assert {name: int(number) for name, number in found} == {
            code.name: code.number for code in Code
        }

    def test_have_each_a_word_and_a_number_of_their_own(self) -> None:
        assert len({code.number for code in Code}) == len(Code)
        assert len({str(code) for code in Code}) == len(Code)
        assert set(Code) >= WORDS_IN_USE

    def test_are_plain_words(self) -> None:
        assert all(re.fullmatch(r"([A-Z][a-z0-9]+)+", code) for code in Code)
        assert all(code.sentence and not code.sentence.endswith(".") for code in Code)

    def test_warn_from_a_thousand_on(self) -> None:
        assert {code for code in Code if code.is_warning} == {
            code for code in Code if code.number >= 1_000
        }
        assert not Code.RETIRED.is_warning


class TestReasons:
    def test_of_the_validator_have_words(self) -> None:
        found = from_numbers([102, 1008])

        assert [one.code for one in found] == ["NonceUsed", "HighRoyalty"]
        assert all(one.detail for one in found)

    def test_of_a_later_contract_keep_their_number(self) -> None:
        assert [one.code for one in from_numbers([599])] == ["Reason599"]

    def test_may_say_more(self) -> None:
        assert Reason.of(Code.NOT_OWNER, "Mira has it") == Reason("SellerNotOwner", "Mira has it")
        assert Reason.of(Code.NOT_OWNER).detail == Code.NOT_OWNER.sentence
