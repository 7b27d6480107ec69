// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Trees of words, whole and plainly: what makers and wallets build.
library Trees {
    /// @notice The siblings of a leaf from the leaf up.
    function proof(bytes32[] memory leaves, uint256 index)
        internal
        pure
        returns (bytes32[] memory siblings)
    {
        uint256 height;
        while (2 ** height < leaves.length) {
            ++height;
        }
        siblings = new bytes32[](height);
        bytes32[] memory row = leaves;
        for (uint256 i = 0; i < height; ++i) {
            siblings[i] = index % 2 == 0 ? row[index + 1] : row[index - 1];
            row = _above(row);
            index = index / 2;
        }
    }

    function _above(bytes32[] memory row) private pure returns (bytes32[] memory next) {
        next = new bytes32[](row.length / 2);
        for (uint256 i = 0; i < next.length; ++i) {
            next[i] = keccak256(abi.encode(row[2 * i], row[2 * i + 1]));
        }
    }
}
