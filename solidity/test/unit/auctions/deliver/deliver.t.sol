// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAuctions} from "../../../../src/interfaces/IAuctions.sol";
import {Auction} from "../../../../src/types/Orders.sol";
import {AuctionsBase} from "../../../AuctionsBase.t.sol";
import {vm} from "../../../support/Vm.sol";

contract AuctionsDeliver_Unit_Test is AuctionsBase {
    function test_RevertWhen_CallerNotTheAuctions() external {
        Auction memory auction = _auction();
        _open(auction);
        vm.warp(NOW + 8 days);

        vm.prank(forger);
        vm.expectRevert(abi.encodeWithSelector(IAuctions.Auctions_NotSelf.selector, forger));
        auctions.deliver(auction, forger);

        vm.assertEq(works.ownerOf(tokenId), address(auctions));
    }

    function test_WhenCalledWithinUnwinding() external {
        Auction memory auction = _auction();
        _open(auction);
        vm.warp(NOW + 8 days);

        auctions.unwind(auction);

        // It should deliver the work.
        vm.assertEq(works.ownerOf(tokenId), buyer);
    }
}
