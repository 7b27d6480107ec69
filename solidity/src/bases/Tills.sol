// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Governed} from "./Governed.sol";

/// @notice The money of one call: what came in, and the payouts that are due.
///
/// @dev Sales are added one by one. As long as payer, currency and receiver stay the same, what is
/// due to a receiver grows into one payout; the first change pays it.
struct Till {
    /// Who called: the buyer of listings, the seller to offers.
    address taker;
    /// The platform's share, read once.
    uint256 feeBps;
    /// The coin that came with the call and is not spent yet.
    uint256 coin;
    /// Of the payouts that are due.
    address payer;
    address currency;
    address seller;
    uint256 proceeds;
    address royaltyReceiver;
    uint256 royalty;
    uint256 fee;
}

/// @title Tills
/// @notice Pays for sales, in coin that is here or in an ERC-20 that its payer allowed.
abstract contract Tills is Governed {
    /// @dev A till for the caller. Reverts when there can be no sale now.
    function _openTill(address taker, uint256 coin) internal view returns (Till memory till) {
        till.feeBps = _openFee();
        till.taker = taker;
        till.coin = coin;
    }

    /// @dev Says who pays for the next order, and in what.
    function _setPayer(Till memory till, address payer, address currency) internal {
        if (till.currency != currency || till.payer != payer) {
            _payOut(till);
            till.payer = payer;
            till.currency = currency;
        }
    }

    /// @dev Adds what one work's seller is due, and the platform.
    function _addProceeds(Till memory till, address seller, uint256 amount, uint256 fee) internal {
        if (till.seller != seller) {
            _payOne(till, till.seller, till.proceeds);
            till.seller = seller;
            till.proceeds = 0;
        }
        till.proceeds += amount;
        till.fee += fee;
    }

    /// @dev Adds one work's royalty.
    function _addRoyalty(Till memory till, address receiver, uint256 amount) internal {
        if (till.royaltyReceiver != receiver) {
            _payOne(till, till.royaltyReceiver, till.royalty);
            till.royaltyReceiver = receiver;
            till.royalty = 0;
        }
        till.royalty += amount;
    }

    /// @dev Pays all that is due. The fee stays here: of coin it is here already.
    function _payOut(Till memory till) internal {
        _payOne(till, till.royaltyReceiver, till.royalty);
        _payOne(till, till.seller, till.proceeds);
        if (till.currency != address(0)) {
            _payFrom(till.payer, till.currency, address(this), till.fee);
        }
        till.royalty = 0;
        till.proceeds = 0;
        till.fee = 0;
    }

    function _payOne(Till memory till, address to, uint256 amount) private {
        if (till.currency == address(0)) {
            _pay(to, amount);
        } else {
            _payFrom(till.payer, till.currency, to, amount);
        }
    }
}
