// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Auction} from "../../src/types/Orders.sol";

/// @notice An auction's hash, bids and settlement, once more and in plain steps.
library PlainAuction {
    struct Split {
        uint256 seller;
        uint256 royalty;
        uint256 fee;
        uint8 flags;
    }

    function hash(Auction memory auction) internal pure returns (bytes32) {
        bytes memory first = abi.encode(
            keccak256(
                "Auction(address seller,address collection,uint256 tokenId,uint256 transferCount,uint256 reserve,uint64 start,uint64 openUntil,uint64 duration,uint64 end,uint16 minStepBps,uint16 maxRoyaltyBps,uint16 maxFeeBps,uint256 nonce,uint256 counter)"
            ),
            auction.seller,
            auction.collection,
            auction.tokenId,
            auction.transferCount,
            auction.reserve,
            auction.start,
            auction.openUntil
        );
        bytes memory second = abi.encode(
            auction.duration,
            auction.end,
            auction.minStepBps,
            auction.maxRoyaltyBps,
            auction.maxFeeBps,
            auction.nonce,
            auction.counter
        );
        return keccak256(abi.encodePacked(first, second));
    }

    /// @notice The least next bid: the step in wei, then up to the next whole gwei.
    function least(uint256 standing, uint256 stepBps) internal pure returns (uint256) {
        uint256 step = standing * stepBps / 10_000;
        if (standing * stepBps % 10_000 != 0) step = step + 1;
        while (step % 1 gwei != 0) {
            step = step + 1 gwei - step % 1 gwei;
        }
        if (step == 0) step = 1 gwei;
        return standing + step;
    }

    /// @notice The end after a bid made before it.
    function end(uint256 present, uint256 latest, uint256 timestamp)
        internal
        pure
        returns (uint256 found)
    {
        found = present;
        if (present - timestamp < 10 minutes) found = timestamp + 10 minutes;
        if (found > latest) found = latest;
    }

    /// @param valid Whether the token gave an answer, and which.
    function split(
        uint256 price,
        uint256 feeBps,
        uint256 maxFeeBps,
        uint256 maxRoyaltyBps,
        bool valid,
        uint256 answer
    ) internal pure returns (Split memory found) {
        found.fee = price * (feeBps < maxFeeBps ? feeBps : maxFeeBps) / 10_000;
        uint256 most = price * maxRoyaltyBps / 10_000;
        if (price * maxRoyaltyBps % 10_000 != 0) most = most + 1;
        if (!valid) {
            found.flags = 1;
        } else if (answer > most) {
            found.royalty = most;
            found.flags = 4;
        } else {
            found.royalty = answer;
        }
        found.seller = price - found.fee - found.royalty;
    }
}
