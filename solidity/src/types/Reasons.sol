// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Reasons
/// @notice The numbers of {IValidator}: below 1,000 reasons that refuse, from 1,000 on warnings.
/// `nft/reasons.py` gives each its word and its sentence.
library Reasons {
    // Of the terms themselves: nothing that happens mends them.
    uint16 internal constant KIND_UNKNOWN = 1;
    uint16 internal constant MAKER_ZERO = 2;
    uint16 internal constant PRICE_ZERO = 3;
    uint16 internal constant PRICE_RISES = 4;
    uint16 internal constant OFFER_PRICE_MOVES = 5;
    uint16 internal constant OFFER_BOUND = 6;
    uint16 internal constant BUNDLE_UNSUPPORTED = 7;
    uint16 internal constant CRITERIA_MISMATCH = 8;
    uint16 internal constant END_BEFORE_START = 9;
    uint16 internal constant UNBOUND_TOO_LONG = 10;
    uint16 internal constant TERMS_INVALID = 11;
    uint16 internal constant BULK_INVALID = 12;
    uint16 internal constant FEE_TOO_HIGH = 13;
    uint16 internal constant DIGEST_ZERO = 14;
    uint16 internal constant ROYALTY_TOO_HIGH = 15;

    // Of the signature and of what the maker has taken back.
    uint16 internal constant SIGNATURE_INVALID = 101;
    uint16 internal constant NONCE_USED = 102;
    uint16 internal constant COUNTER_MOVED = 103;
    uint16 internal constant COUNTER_AHEAD = 104;
    uint16 internal constant SIGNER_NOT_ALLOWED = 105;
    uint16 internal constant WALLET_NOT_DEPLOYED = 106;

    // Of the moment and the taker.
    uint16 internal constant NOT_STARTED = 201;
    uint16 internal constant EXPIRED = 202;
    uint16 internal constant TAKER_MISMATCH = 203;
    uint16 internal constant MAKER_IS_TAKER = 204;
    uint16 internal constant PAUSED = 205;
    uint16 internal constant RETIRED = 206;
    uint16 internal constant RECIPIENT_LIMIT = 207;
    uint16 internal constant EDITION_EXCEEDED = 208;
    uint16 internal constant ALREADY_OPENED = 209;
    uint16 internal constant AUCTION_OVER = 210;

    // Of the work.
    uint16 internal constant TOKEN_GONE = 301;
    uint16 internal constant NOT_OWNER = 302;
    uint16 internal constant OWNERSHIP_MOVED = 303;
    uint16 internal constant NOT_APPROVED = 304;
    uint16 internal constant COUNT_UNSUPPORTED = 305;
    uint16 internal constant METADATA_MISMATCH = 306;
    uint16 internal constant NOT_IN_SET = 307;
    uint16 internal constant TOKEN_MISMATCH = 308;
    uint16 internal constant ALREADY_MINTED = 309;
    uint16 internal constant NO_CODE = 310;

    // Of the money.
    uint16 internal constant CURRENCY_UNSUPPORTED = 401;
    uint16 internal constant BALANCE_TOO_LOW = 402;
    uint16 internal constant ALLOWANCE_TOO_LOW = 403;
    uint16 internal constant ROYALTY_ABOVE_MAXIMUM = 404;
    uint16 internal constant FEE_ABOVE_MAXIMUM = 405;
    uint16 internal constant PRICE_EXCEEDED = 406;
    uint16 internal constant PROCEEDS_TOO_LOW = 407;

    // Warnings.
    uint16 internal constant NO_ROYALTY_ANSWER = 1001;
    uint16 internal constant UNBOUND_ORDER = 1002;
    uint16 internal constant NO_ERC721_CLAIMED = 1003;
    uint16 internal constant METADATA_NOT_FROZEN = 1004;
    uint16 internal constant ALSO_ERC1155 = 1005;
    uint16 internal constant ANY_WORK_OF_OPEN_COLLECTION = 1006;
    uint16 internal constant FEE_WILL_RISE = 1007;
    uint16 internal constant HIGH_ROYALTY = 1008;
}
