"""
What our contracts' custom errors mean, in sentences.

Keyed by the error's name, or by the word after the contract's name where several contracts refuse
for the same reason. A sentence names the error's own arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nft.explain import moment, percent
from nft.types import ZERO_ADDRESS

_SENTENCES = {
    # Orders
    "KindMismatch": "this is not the way to fill an order of kind {kind}",
    "CriteriaMismatch": "only an offer on a set names a set, and it must name one",
    "BundleUnsupported": "an offer is for one work",
    "MetadataMismatch": "the work's metadata is not what was signed",
    "CurrencyUnsupported": "the currency {currency} is not accepted",
    "PriceRises": "the price would rise with time",
    "OfferPriceMoves": "an offer has one price",
    "OfferBound": "an offer is not bound to a transfer count",
    "TokenMismatch": "the offer is for another work",
    "NotInSet": "the work is not in the set that the offer is for",
    "ProceedsTooLow": "the seller would receive {proceeds}, less than the demanded {minProceeds}",
    "MakerZero": "the order names no maker",
    "MakerIsTaker": "nobody can take the own order",
    "TakerMismatch": "the order is for {expected} alone",
    "PriceTooHigh": "the price is too high to be counted",
    "PriceZero": "a price of 0 is not a sale",
    "WrongPayment": "{sent} was sent, {expected} is due",
    "OrderNotStarted": "the order begins on {start}",
    "OrderExpired": "the order ended on {end}",
    "UnboundOrderTooLong": "an order not bound to a transfer count lives at most 60 days",
    "FeeAboveMaximum": "the fee is {feeBps}, above the signed maximum of {maxFeeBps}",
    "RoyaltyAboveMaximum": "the token asks {royalty}, above the signed maximum of {maxRoyalty}",
    "PriceExceeded": "royalty and fee together exceed the price",
    "SignatureInvalid": "the signature is not the one of {maker}",
    "BulkInvalid": "its place among the orders signed together is not valid",
    "Exchange_NonceUsed": "number {nonce} of {maker} is used or cancelled",
    "CounterMoved": "the maker cancelled everything that was signed before",
    "MakerNotOwner": "the work belongs to {owner}",
    "TransferCountMoved": "the work has changed hands since it was signed",
    "NotDelivered": "the collection did not hand the work over",
    "LengthMismatch": "the lists are not of one length",
    "NotSelf": "only the contract itself may call this",
    "ChangeRefused": "{to} refused the coin that was left over",
    # Auctions
    "SellerZero": "the auction names no seller",
    "SellerIsBidder": "a seller cannot bid",
    "TermsInvalid": "the auction's terms do not fit together",
    "UnboundTooLong": "an auction not bound to a transfer count is open at most 60 days",
    "NotStarted": "the auction begins on {start}",
    "NoLongerOpen": "a first bid was possible until {openUntil}",
    "Ended": "the auction ended on {end}",
    "NotEnded": "the auction runs until {end}",
    "Over": "the auction is over",
    "NotOpened": "nobody has made a first bid",
    "AlreadyOpened": "the first bid has been made; bid more",
    "NotUnwound": "the auction was not unwound",
    "BidNotInGwei": "a bid must be whole gwei",
    "BidTooLow": "the bid must be at least {needed} wei",
    "BidTooHigh": "the bid is too high to be counted",
    "Auctions_SignatureInvalid": "the signature is not the one of {seller}",
    "Auctions_NonceUsed": "number {nonce} of {seller} is used or cancelled",
    "SellerNotOwner": "the work belongs to {owner}",
    "MayNotUnwindYet": "the auction can be unwound from {from} on",
    # Collections
    "NotCreator": "only its creator may change the work",
    "AlreadyMinted": "this id was minted before",
    "SerialTooHigh": "the works would pass the creator's last number",
    "DigestZero": "a work has metadata",
    "RoyaltyTooHigh": "a royalty is at most {maxBps}",
    "RoyaltyMayOnlyFall": "the royalty of a work that has moved may only fall from {currentBps}",
    "WorkFrozen": "the work is frozen",
    "CoinNotAccepted": "no coin may be sent along",
    "TransferCountExhausted": "the work has moved as often as can be counted",
    "NotMinter": "{caller} may not mint for {creator}",
    "NotArtist": "only {artist} is an artist here",
    "AllFrozen": "the creator gave up changing works here",
    "DefaultNamesReceiver": "the creator's default royalty has a receiver of its own",
    "EditionEmpty": "an edition has at least one work",
    "VoucherNotStarted": "the sale begins on {start}",
    "VoucherExpired": "the sale ended on {end}",
    "VoucherRecipient": "it is for {expected} alone",
    "VoucherSigner": "{signer} may not mint for {creator}",
    "VoucherSignatureInvalid": "the signature is not the one of {signer}",
    "VoucherNonceUsed": "number {nonce} of {signer} is cancelled",
    "VoucherCounterMoved": "the signer cancelled everything that was signed before",
    "VoucherEditionExceeded": "the edition has {editionSize} works",
    "VoucherRecipientLimit": "one account may take {maxPerRecipient}",
    "VoucherFeeTooHigh": "the fee is {feeBps}, above the maximum of {maxFeeBps}",
    "VoucherPayment": "{sent} was sent, {expected} is due",
    "NameEmpty": "a collection has a name",
    "TextTooLong": "the name or symbol is longer than {maxLength} bytes",
    # Money
    "ReceiverZero": "nobody has the address zero",
    "NothingToWithdraw": "nothing is kept for {account}",
    "WithdrawalRefused": "{to} refused the money",
    "GasTooLow": "the transaction carries too little gas",
    "NotPaid": "the payment to {to} did not arrive in full",
    "SharesNotWhole": "the shares add up to {bps}, not to the whole",
    "TooFewReceivers": "a splitter has at least two receivers",
    "TooManyReceivers": "a splitter has at most {maxReceivers} receivers",
    "ReceiverInvalid": "the receiver {receiver} is out of order, named twice, or zero",
    "ShareZero": "the share of {receiver} is zero",
    "NothingToRelease": "nothing is owed to {receiver}",
    "ReleaseRefused": "{receiver} refused the money",
    "NoShares": "this splitter has no shares",
    "ERC20InsufficientAllowance": "the allowance is {allowance}, {needed} is needed",
    "ERC20InsufficientBalance": "{sender} holds {balance}, {needed} is needed",
    "ERC2612ExpiredSignature": "the permit ended on {deadline}",
    "ERC2612InvalidSigner": "the permit is not signed by {owner}",
    # The platform
    "FeeTooHigh": "the fee is at most {maxFeeBps}",
    "FeeReceiverZero": "the fees need a receiver",
    "NotGuardian": "{caller} is not the guardian",
    "PausedTooRecently": "the next pause is possible from {mayPauseFrom} on",
    "Paused": "new sales are paused until {until}",
    "Retired": "this contract makes no new sales any more",
    "NoFees": "there are no fees to withdraw",
    "FeesRefused": "{receiver} refused the fees",
    "OwnableUnauthorizedAccount": "{account} is not the owner",
    "OwnableInvalidOwner": "{owner} cannot be the owner",
    # Tokens
    "NotOwnerNorApproved": "the caller may not move the work",
    "TokenDoesNotExist": "there is no such work",
    "TransferFromIncorrectOwner": "the work belongs to somebody else",
    "TransferToZeroAddress": "nobody has the address zero",
    "TransferToNonERC721ReceiverImplementer": "the receiver is a contract that cannot hold works",
    "ReentrancyGuardReentrantCall": "the contract is at work already",
}

_MOMENTS = {"start", "end", "openUntil", "from", "until", "mayPauseFrom", "deadline"}


def in_words(name: str, arguments: Mapping[str, Any]) -> str:
    """The sentence of an error, or nothing where we have none."""
    word = name.partition("_")[2]
    sentence = _SENTENCES.get(name) or _SENTENCES.get(word) or ""
    return sentence.format_map({key: _shown(key, value) for key, value in arguments.items()})


def _shown(name: str, value: Any) -> str:
    if name in _MOMENTS:
        return moment(value)
    if name.lower().endswith("bps"):
        return percent(value)
    if value == ZERO_ADDRESS:
        return "nobody"
    return str(value)
