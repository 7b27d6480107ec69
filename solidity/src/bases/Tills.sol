// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Governed} from "./Governed.sol";

/// @notice The money of one call: what came in, and the payouts that are due.
///
/// @dev Works are added one by one. As long as the parties stay the same, what is due to one of
/// them grows into one payout; the first change pays it.
struct Till {
    /// Who called: the buyer of listings, the seller to offers.
    address taker;
    /// The platform's share, read once.
    uint256 feeBps;
    /// The coin that came with the call and is not spent yet.
    uint256 coin;
    /// The parties to the present order; the buyer pays.
    address seller;
    address buyer;
    address currency;
    /// What is due: to the seller, to one royalty receiver, to the platform.
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

    /// @dev Names the parties to the next order, after paying those of the last.
    function _setParties(Till memory till, address seller, address buyer, address currency)
        internal
    {
        if (till.seller != address(0)) {
            if (till.buyer != buyer || till.currency != currency) _payOut(till);
            else if (till.seller != seller) _paySeller(till);
        }
        till.seller = seller;
        till.buyer = buyer;
        till.currency = currency;
    }

    /// @dev Adds one work's royalty to what is due.
    function _addRoyalty(Till memory till, address receiver, uint256 amount) internal {
        if (till.royaltyReceiver != receiver) {
            _payRoyalty(till);
            till.royaltyReceiver = receiver;
        }
        till.royalty += amount;
    }

    /// @dev Pays all that is due. The fee stays here: of coin it is here already.
    function _payOut(Till memory till) internal {
        _payRoyalty(till);
        _paySeller(till);
        if (till.currency != address(0)) {
            _payFrom(till.buyer, till.currency, address(this), till.fee);
        }
        till.fee = 0;
    }

    function _paySeller(Till memory till) private {
        uint256 amount = till.proceeds;
        if (amount == 0) return;
        till.proceeds = 0;
        _payOne(till, till.seller, amount);
    }

    function _payRoyalty(Till memory till) private {
        uint256 amount = till.royalty;
        if (amount == 0) return;
        till.royalty = 0;
        _payOne(till, till.royaltyReceiver, amount);
    }

    function _payOne(Till memory till, address to, uint256 amount) private {
        if (till.currency == address(0)) _pay(to, amount);
        else _payFrom(till.buyer, till.currency, to, amount);
    }
}
