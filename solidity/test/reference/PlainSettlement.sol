// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice One sale divided, once more and in plain steps.
library PlainSettlement {
    struct Split {
        bool refused;
        uint256 seller;
        uint256 royalty;
        uint256 fee;
        bool flagged;
    }

    struct Terms {
        uint256 price;
        uint256 feeBps;
        uint256 maxFeeBps;
        uint256 maxRoyaltyBps;
        /// The token's answer; `valid` is whether it is one.
        bool valid;
        uint256 answer;
    }

    function split(Terms memory terms) internal pure returns (Split memory found) {
        found.fee = terms.price * terms.feeBps / 10_000;
        found.flagged = !terms.valid;
        found.royalty = terms.valid ? terms.answer : 0;

        // The most that the maker allows, in full units: one more wei when it does not come out.
        uint256 most = terms.price * terms.maxRoyaltyBps / 10_000;
        if (terms.price * terms.maxRoyaltyBps % 10_000 != 0) most = most + 1;

        bool feeTooHigh = terms.feeBps > terms.maxFeeBps;
        bool royaltyTooHigh = found.royalty > most;
        bool together = found.royalty > terms.price || found.fee > terms.price - found.royalty;
        found.refused = feeTooHigh || royaltyTooHigh || together;
        if (!found.refused) found.seller = terms.price - found.royalty - found.fee;
    }
}

/// @notice What an order costs, once more: as weights of its two prices, and in parts.
library PlainPrice {
    /// @dev Between the two ends the mean of both prices, weighed by the time that is left and the
    /// time that has gone, and one more unit when it does not come out.
    function at(uint256 first, uint256 last, uint256 start, uint256 end, uint256 time)
        internal
        pure
        returns (uint256)
    {
        if (time <= start || first == last) return first;
        if (time >= end) return last;
        uint256 weighed = first * (end - time) + last * (time - start);
        uint256 price = weighed / (end - start);
        return weighed % (end - start) == 0 ? price : price + 1;
    }

    /// @dev Dealt out one by one until too little is left for a round; the first has the rest.
    function parts(uint256 price, uint256 count) internal pure returns (uint256[] memory dealt) {
        dealt = new uint256[](count);
        for (uint256 i = 1; i < count; ++i) {
            dealt[i] = (price - price % count) / count;
        }
        dealt[0] = price;
        for (uint256 i = 1; i < count; ++i) {
            dealt[0] = dealt[0] - dealt[i];
        }
    }
}

/// @notice The ownership word, once more, with division instead of shifts.
library PlainWord {
    struct Parts {
        address owner;
        uint256 royaltyBps;
        bool frozen;
        bool approved;
        uint256 payee;
        uint256 transferCount;
    }

    function unpack(uint256 word) internal pure returns (Parts memory parts) {
        parts.owner = address(uint160(word % 2 ** 160));
        parts.royaltyBps = word / 2 ** 160 % 2 ** 14;
        parts.frozen = word / 2 ** 174 % 2 == 1;
        parts.approved = word / 2 ** 175 % 2 == 1;
        parts.payee = word / 2 ** 176 % 2 ** 32;
        parts.transferCount = word / 2 ** 208;
    }

    function slot(uint256 tokenId) internal pure returns (uint256 found) {
        uint256 seeded = tokenId - tokenId % 2 ** 32 + 0x7d882553;
        unchecked {
            found = tokenId + tokenId + uint256(keccak256(abi.encode(seeded)));
        }
    }
}
