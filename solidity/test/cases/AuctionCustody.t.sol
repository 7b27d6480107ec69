// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAuctions} from "../../src/interfaces/IAuctions.sol";
import {Auction, UNBOUND} from "../../src/types/Orders.sol";
import {AuctionsBase} from "../AuctionsBase.t.sol";
import {SeizableToken, SilentToken} from "../doubles/AuctionTokens.sol";
import {CountingToken} from "../doubles/Tokens.sol";
import {vm} from "../support/Vm.sol";

/// @notice Whose is the work that lies in the auctions: of collections that take works out again,
/// that miscount, or that ignore what they cannot do.
contract AuctionCustody_Cases is AuctionsBase {
    SeizableToken private _token;

    function test_UND_MiscountedWorkIsReclaimed() external {
        for (uint256 step = 0; step < 3; step += 2) {
            CountingToken token = new CountingToken();
            token.mint(seller, 1);
            vm.prank(seller);
            token.setApprovalForAll(address(auctions), true);
            Auction memory auction = _foreignAuction(address(token), 1);
            auction.transferCount = 0;
            vm.warp(NOW);
            _open(auction);
            token.countBy(step);
            vm.warp(NOW + 8 days);
            vm.expectRevert(_notDelivered(address(token)));
            auctions.settle(auction);
            auctions.unwind(auction);

            auctions.reclaim(auction);

            vm.assertEq(token.ownerOf(1), seller);
            vm.assertEq(auctions.credit(buyer, address(0)), (step / 2 + 1) * RESERVE);
        }
    }

    function test_UND_SeizedWorkOfAnotherIsNotReclaimed() external {
        (Auction memory first, Auction memory second) = _seizedBetween(UNBOUND, UNBOUND);
        vm.warp(NOW + 8 days);
        auctions.unwind(first);
        _open(second, RESERVE, _sign(FORGER_KEY, second));

        vm.expectRevert(_notDelivered(address(_token)));
        auctions.reclaim(first);

        vm.warp(NOW + 9 days);
        auctions.settle(second);
        vm.assertEq(_token.ownerOf(1), buyer);
    }

    function test_UND_SeizedWorkOfAnotherIsNotDelivered() external {
        for (uint256 bounds = 0; bounds < 4; ++bounds) {
            vm.warp(NOW);
            (Auction memory first, Auction memory second) =
                _seizedBetween(bounds & 1 == 0 ? UNBOUND : 0, bounds & 2 == 0 ? UNBOUND : 2);
            uint256 before = forger.balance;
            _open(second, RESERVE, _sign(FORGER_KEY, second));
            vm.warp(NOW + 1 days);

            vm.expectRevert(_notDelivered(address(_token)));
            auctions.settle(first);

            auctions.settle(second);
            vm.assertEq(_token.ownerOf(1), buyer);
            vm.assertEq(forger.balance, before + RESERVE - FEE);
            vm.warp(NOW + 8 days);
            auctions.unwind(first);
            vm.expectRevert(_notDelivered(address(_token)));
            auctions.reclaim(first);
            vm.assertEq(_token.ownerOf(1), buyer);
        }
    }

    function test_UND_SeizedWorkThatIsGivenBackIsDelivered() external {
        (Auction memory first,) = _seizedBetween(UNBOUND, UNBOUND);
        _token.seize(address(auctions), 1);

        _settle(first);

        vm.assertEq(_token.ownerOf(1), buyer);
    }

    function test_TOK01_NobodyOpensWithAWorkThatLiesHere() external {
        SilentToken token = new SilentToken();
        token.mint(seller, 1);
        vm.prank(seller);
        token.setApprovalForAll(address(auctions), true);
        Auction memory auction = _foreignAuction(address(token), 1);
        auction.transferCount = 0;
        _open(auction);

        // The collection would do nothing, and then say what an honest one says.
        Auction memory forged = abi.decode(abi.encode(auction), (Auction));
        forged.seller = forger;
        for (uint256 bounds = 0; bounds < 2; ++bounds) {
            forged.transferCount = bounds == 0 ? 0 : UNBOUND;
            bytes memory signature = _sign(FORGER_KEY, forged);
            vm.prank(rival);
            vm.expectRevert(
                abi.encodeWithSelector(
                    IAuctions.Auctions_SellerNotOwner.selector, forger, address(auctions)
                )
            );
            auctions.open{value: RESERVE}(forged, signature);
        }

        _settle(auction);
        vm.assertEq(token.ownerOf(1), buyer);
    }

    /// @dev An auction of the seller, whose work an authority then gives to another, and one that
    /// the other signed and that nobody has opened yet.
    function _seizedBetween(uint256 firstCount, uint256 secondCount)
        private
        returns (Auction memory first, Auction memory second)
    {
        _token = new SeizableToken();
        _token.mint(seller, 1);
        vm.prank(seller);
        _token.setApprovalForAll(address(auctions), true);
        first = _foreignAuction(address(_token), 1);
        first.transferCount = firstCount;
        _open(first);
        _token.seize(forger, 1);
        vm.prank(forger);
        _token.setApprovalForAll(address(auctions), true);
        second = _foreignAuction(address(_token), 1);
        second.seller = forger;
        second.transferCount = secondCount;
    }

    function _notDelivered(address token) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IAuctions.Auctions_NotDelivered.selector, token, 1);
    }
}
