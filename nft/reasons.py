"""
Why something signed cannot be filled: numbers, words and sentences.

The numbers are those of the contracts (`solidity/src/types/Reasons.sol`, `Validator`); the words
are what JSON says, and never change. Below 1,000 a reason refuses, from 1,000 on it warns.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

FIRST_WARNING = 1_000


class Code(StrEnum):
    """A reason: its name in the contracts, its word, its number and its plain sentence."""

    number: int
    sentence: str

    def __new__(cls, word: str, number: int, sentence: str) -> Code:
        """A member is its word; number and sentence come with it."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.number = number
        member.sentence = sentence
        return member

    # Of the terms themselves: nothing that happens mends them.
    KIND_UNKNOWN = ("KindUnknown", 1, "no such kind of order is settled here")
    MAKER_ZERO = ("MakerZero", 2, "the order names no maker")
    PRICE_ZERO = ("PriceZero", 3, "a price of 0 is not a sale")
    PRICE_RISES = ("PriceRises", 4, "the price would rise with time")
    OFFER_PRICE_MOVES = ("OfferPriceMoves", 5, "an offer has one price")
    OFFER_BOUND = ("OfferBound", 6, "an offer cannot be bound to a transfer count")
    BUNDLE_UNSUPPORTED = ("BundleUnsupported", 7, "only a listing can be a bundle")
    CRITERIA_MISMATCH = (
        "CriteriaMismatch",
        8,
        "only an offer on a set names a set, and it must name one",
    )
    END_BEFORE_START = ("EndBeforeStart", 9, "it ends before it begins")
    UNBOUND_TOO_LONG = (
        "UnboundTooLong",
        10,
        "what is not bound to a transfer count lives at most 60 days",
    )
    TERMS_INVALID = ("TermsInvalid", 11, "its terms do not fit together")
    BULK_INVALID = ("BulkInvalid", 12, "its place among the orders signed together is not valid")
    FEE_TOO_HIGH = ("FeeTooHigh", 13, "the fee is above the highest that the contract allows")
    DIGEST_ZERO = ("DigestZero", 14, "it names no metadata")
    ROYALTY_TOO_HIGH = (
        "RoyaltyTooHigh",
        15,
        "the royalty is above the highest that the collection allows",
    )

    # Of the signature and of what the maker has taken back.
    SIGNATURE_INVALID = ("SignatureInvalid", 101, "the signature is not the maker's")
    NONCE_USED = ("NonceUsed", 102, "its nonce is used or cancelled")
    COUNTER_MOVED = ("CounterMoved", 103, "the maker cancelled all earlier orders")
    COUNTER_AHEAD = ("CounterAhead", 104, "it was signed for a counter that is not the maker's yet")
    SIGNER_NOT_ALLOWED = ("SignerNotAllowed", 105, "the signer may not mint for the creator")
    WALLET_NOT_DEPLOYED = ("WalletNotDeployed", 106, "the maker's wallet is not deployed yet")

    # Of the moment and the taker.
    NOT_STARTED = ("NotStarted", 201, "it has not begun")
    EXPIRED = ("OrderExpired", 202, "it has expired")
    TAKER_MISMATCH = ("TakerMismatch", 203, "it is for somebody else")
    MAKER_IS_TAKER = ("MakerIsTaker", 204, "nobody can take the own order")
    PAUSED = ("Paused", 205, "new sales are paused")
    RETIRED = ("Retired", 206, "this contract makes no new sales any more")
    RECIPIENT_LIMIT = ("RecipientLimit", 207, "the account has taken as many as one may")
    EDITION_EXCEEDED = ("EditionExceeded", 208, "there is no work of this number")
    ALREADY_OPENED = ("AlreadyOpened", 209, "the auction has been opened")
    AUCTION_OVER = ("AuctionOver", 210, "the auction is over")

    # Of the work.
    TOKEN_GONE = ("TokenGone", 301, "the work does not exist or was burned")
    NOT_OWNER = ("SellerNotOwner", 302, "the seller does not own the work")
    OWNERSHIP_MOVED = ("OwnershipChanged", 303, "the work has changed hands since it was signed")
    NOT_APPROVED = ("NotApproved", 304, "the exchange may not move the work")
    COUNT_UNSUPPORTED = ("CountUnsupported", 305, "the collection counts no transfers")
    METADATA_MISMATCH = ("MetadataMismatch", 306, "the work's metadata is not what the offer names")
    NOT_IN_SET = ("NotInSet", 307, "the work is not in the set that the offer is for")
    TOKEN_MISMATCH = ("TokenMismatch", 308, "the offer is for another work")
    ALREADY_MINTED = ("AlreadyMinted", 309, "the work has been minted")
    NO_CODE = ("NoCode", 310, "there is no contract at the collection's address")

    # Of the money.
    CURRENCY_UNSUPPORTED = ("CurrencyUnsupported", 401, "the currency is not accepted")
    BALANCE_TOO_LOW = ("BalanceTooLow", 402, "the buyer does not hold the price")
    ALLOWANCE_TOO_LOW = ("AllowanceTooLow", 403, "the exchange may not take the price")
    ROYALTY_ABOVE_MAXIMUM = (
        "RoyaltyAboveMaximum",
        404,
        "the token now asks more than the signed maximum",
    )
    FEE_ABOVE_MAXIMUM = (
        "FeeAboveMaximum",
        405,
        "the exchange now takes more than the signed maximum",
    )
    PRICE_EXCEEDED = ("PriceExceeded", 406, "royalty and fee together exceed the price")
    PROCEEDS_TOO_LOW = ("ProceedsTooLow", 407, "the seller would receive less than demanded")

    # Warnings.
    NO_ROYALTY_ANSWER = ("NoRoyaltyAnswer", 1001, "the token names nobody who gets a royalty")
    UNBOUND_ORDER = ("UnboundOrder", 1002, "it stays good when the work leaves and comes back")
    NO_ERC721_CLAIMED = ("NoErc721Claimed", 1003, "the contract does not claim to be ERC-721")
    METADATA_NOT_FROZEN = ("MetadataNotFrozen", 1004, "the creator may still change the metadata")
    ALSO_ERC1155 = ("AlsoErc1155", 1005, "the contract claims to be ERC-1155 as well")
    ANY_WORK_OF_OPEN_COLLECTION = (
        "AnyWorkOfOpenCollection",
        1006,
        "anyone can mint a work here and sell it to this offer",
    )
    FEE_WILL_RISE = ("FeeWillRise", 1007, "the fee will rise above the signed maximum")
    HIGH_ROYALTY = ("HighRoyalty", 1008, "the royalty is above 10 %")

    @property
    def is_warning(self) -> bool:
        """Whether it only warns."""
        return self.number >= FIRST_WARNING


_BY_NUMBER = {code.number: code for code in Code}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason why something cannot be filled: a stable word and a sentence."""

    code: str
    detail: str

    @classmethod
    def of(cls, code: Code, detail: str = "") -> Reason:
        """With a sentence of its own where there is more to say."""
        return cls(str(code), detail or code.sentence)


TOKEN_LOCKED = Reason(
    "TokenLocked", "its contract says that the work is locked: it cannot be moved"
)
"""By an event alone (ERC-5192), which the mirror heard and `Validator` cannot: it has no number."""


def from_numbers(numbers: Iterable[int]) -> list[Reason]:
    """What `Validator` answered; a number of a later contract keeps its number as its word."""
    return [
        Reason.of(_BY_NUMBER[number])
        if number in _BY_NUMBER
        else Reason(f"Reason{number}", f"a reason unknown here, number {number}")
        for number in numbers
    ]
