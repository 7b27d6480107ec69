// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";

import {Share} from "../interfaces/ISplitter.sol";

/// @title PackedShares
/// @notice Shares as a splitter's code holds them: 22 bytes each, receiver and basis points.
library PackedShares {
    uint256 private constant SIZE = 22;

    function pack(Share[] calldata shares) internal pure returns (bytes memory packed) {
        for (uint256 i = 0; i < shares.length; ++i) {
            packed = abi.encodePacked(packed, shares[i].receiver, shares[i].bps);
        }
    }

    function unpack(bytes memory packed) internal pure returns (Share[] memory shares) {
        shares = new Share[](packed.length / SIZE);
        for (uint256 i = 0; i < shares.length; ++i) {
            shares[i] = _at(packed, i);
        }
    }

    /// @notice The share of a receiver; zero for anybody else.
    function bpsOf(bytes memory packed, address receiver) internal pure returns (uint256) {
        for (uint256 i = 0; i < packed.length / SIZE; ++i) {
            Share memory share = _at(packed, i);
            if (share.receiver == receiver) return share.bps;
        }
        return 0;
    }

    function _at(bytes memory packed, uint256 i) private pure returns (Share memory share) {
        bytes22 part = bytes22(Bytes.slice(packed, i * SIZE, (i + 1) * SIZE));
        share.receiver = address(bytes20(part));
        share.bps = uint16(uint176(part));
    }
}
