// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAuctions} from "../../../../src/interfaces/IAuctions.sol";
import {ICredits} from "../../../../src/interfaces/ICredits.sol";
import {Auction} from "../../../../src/types/Orders.sol";
import {AuctionsBase} from "../../../AuctionsBase.t.sol";
import {IdleToken} from "../../../doubles/Tokens.sol";
import {vm} from "../../../support/Vm.sol";

contract AuctionsUnwind_Unit_Test is AuctionsBase {
    IdleToken private token;
    Auction private auction;

    function setUp() public override {
        super.setUp();
        (token, auction) = _openIdle();
    }

    modifier whenSevenDaysPassed() {
        vm.warp(NOW + 8 days);
        _;
        _checkBooks();
    }

    function test_RevertGiven_NotOpened() external {
        auction.nonce = 8;
        _refuse(
            abi.encodeWithSelector(
                IAuctions.Auctions_NotOpened.selector, auctions.hashAuction(auction)
            )
        );
    }

    function test_RevertGiven_Over() external {
        _settle(auction);
        _refuse(
            abi.encodeWithSelector(IAuctions.Auctions_Over.selector, auctions.hashAuction(auction))
        );
    }

    function test_RevertGiven_Unwound() external {
        token.become(IdleToken.Manner.Blocks, address(0));
        vm.warp(NOW + 8 days);
        auctions.unwind(auction);

        _refuse(
            abi.encodeWithSelector(IAuctions.Auctions_Over.selector, auctions.hashAuction(auction))
        );
        vm.assertEq(auctions.totalCredit(address(0)), RESERVE);
    }

    function test_RevertWhen_SevenDaysNotPassed() external {
        token.become(IdleToken.Manner.Blocks, address(0));
        vm.warp(NOW + 8 days - 1);

        _refuse(
            abi.encodeWithSelector(
                IAuctions.Auctions_MayNotUnwindYet.selector, NOW + 8 days, NOW + 8 days - 1
            )
        );
    }

    function test_RevertGiven_GasTooLowForTheDelivery() external whenSevenDaysPassed {
        (bool success, bytes memory reason) =
            address(auctions).call{gas: 1_000_000}(abi.encodeCall(IAuctions.unwind, (auction)));

        vm.assertFalse(success);
        vm.assertEq(bytes32(bytes4(reason)), bytes32(ICredits.Credits_GasTooLow.selector));
        _checkStanding(auction, buyer, RESERVE, NOW + 1 days);
    }

    function test_GivenCollectionDelivers() external whenSevenDaysPassed {
        uint256 before = seller.balance;

        // It should emit {AuctionSettled}.
        vm.expectEmit(address(auctions));
        emit IAuctions.AuctionSettled(
            auctions.hashAuction(auction),
            seller,
            buyer,
            address(token),
            1,
            RESERVE,
            address(0),
            0,
            FEE,
            0
        );
        auctions.unwind(auction);

        // It should deliver the work to the winner.
        vm.assertEq(token.ownerOf(1), buyer);
        // It should pay artist and seller.
        vm.assertEq(seller.balance - before, RESERVE - FEE);
        // It should be over.
        vm.assertEq(_stateOf(auction), 2);
    }

    function test_GivenCollectionBurnsAllGas() external whenSevenDaysPassed {
        token.become(IdleToken.Manner.BurnsGas, address(0));

        auctions.unwind{gas: 1_200_000}(auction);

        // It should credit the bidder.
        _checkUnwound();
    }

    function test_GivenCollectionMovesNothing() external whenSevenDaysPassed {
        token.become(IdleToken.Manner.Idle, address(0));

        auctions.unwind(auction);

        // It should credit the bidder.
        _checkUnwound();
    }

    function test_GivenCollectionIsGone() external whenSevenDaysPassed {
        vm.etch(address(token), "");

        auctions.unwind(auction);

        // It should credit the bidder.
        _checkUnwound();
    }

    function test_GivenCollectionBlocks() external whenSevenDaysPassed {
        token.become(IdleToken.Manner.Blocks, address(0));
        uint256 before = seller.balance;

        // It should emit {AuctionUnwound}.
        vm.expectEmit(address(auctions));
        emit IAuctions.AuctionUnwound(auctions.hashAuction(auction), buyer, RESERVE);
        vm.expectEmit(address(auctions));
        emit ICredits.Credited(buyer, address(0), RESERVE);
        auctions.unwind(auction);

        // It should credit the bidder.
        // It should be unwound.
        _checkUnwound();
        // It should pay nobody else.
        vm.assertEq(seller.balance, before);
        vm.assertEq(auctions.fees(address(0)), 0);
        // It should keep the work.
        vm.assertEq(token.ownerOf(1), address(auctions));
    }

    function _refuse(bytes memory reason) private {
        bytes32 before = _standing(auction);

        vm.expectRevert(reason);
        auctions.unwind(auction);

        vm.assertEq(_standing(auction), before);
        _checkBooks();
    }

    function _checkUnwound() private view {
        vm.assertEq(_stateOf(auction), 3);
        vm.assertEq(auctions.credit(buyer, address(0)), RESERVE);
        vm.assertEq(auctions.escrowed(), 0);
    }
}
