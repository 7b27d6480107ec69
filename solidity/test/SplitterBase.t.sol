// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISplitter, ISplitterFactory, Share} from "../src/interfaces/ISplitter.sol";
import {CollectionBase} from "./CollectionBase.t.sol";
import {vm} from "./support/Vm.sol";

/// @notice A splitter of three: 60 % for the artist, 30 % for the studio, 10 % for the platform.
abstract contract SplitterBase is CollectionBase {
    address internal constant COIN = address(0);

    ISplitterFactory internal splitters;
    ISplitter internal splitter;

    function setUp() public virtual override {
        super.setUp();
        splitters =
            ISplitterFactory(vm.deployCode("SplitterFactory.sol:SplitterFactory", bytes("")));
        splitter = ISplitter(splitters.create(_three()));
        vm.label(address(splitter), "splitter");
    }

    function _three() internal view returns (Share[] memory shares) {
        shares = new Share[](3);
        shares[0] = Share(artist, 6000);
        shares[1] = Share(studio, 3000);
        shares[2] = Share(platform, 1000);
        _sort(shares);
    }

    /// @dev Ascending by receiver, as a splitter wants them.
    function _sort(Share[] memory shares) internal pure {
        for (uint256 i = 1; i < shares.length; ++i) {
            for (uint256 j = i; j > 0 && shares[j].receiver < shares[j - 1].receiver; --j) {
                (shares[j], shares[j - 1]) = (shares[j - 1], shares[j]);
            }
        }
    }

    function _pay(uint256 amount) internal {
        vm.deal(buyer, amount);
        vm.prank(buyer);
        (bool success,) = address(splitter).call{value: amount, gas: 100_000}("");
        vm.assertTrue(success, "a splitter takes coin");
    }
}
