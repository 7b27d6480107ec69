// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGoverned} from "../../../../src/interfaces/IGoverned.sol";
import {Auction} from "../../../../src/types/Orders.sol";
import {AuctionsBase} from "../../../AuctionsBase.t.sol";
import {KittyToken} from "../../../doubles/AuctionTokens.sol";
import {Receiver} from "../../../doubles/Receivers.sol";
import {vm} from "../../../support/Vm.sol";

contract AuctionsFees_Unit_Test is AuctionsBase {
    function test_RevertGiven_NoFees() external {
        _open(_auction());

        // Bids are not fees.
        vm.expectRevert(abi.encodeWithSelector(IGoverned.Governed_NoFees.selector, address(0)));
        auctions.withdrawFees(address(0));

        vm.assertEq(auctions.escrowed(), RESERVE);
    }

    function test_RevertWhen_CurrencyIsNotTheCoin() external {
        // One work lies here: as a currency the collection says 1, and would move number 1.
        KittyToken kitties = new KittyToken();
        kitties.mint(seller, 1);
        vm.prank(seller);
        kitties.setApprovalForAll(address(auctions), true);
        _open(_foreignAuction(address(kitties), 1));

        vm.expectRevert(
            abi.encodeWithSelector(IGoverned.Governed_NoFees.selector, address(kitties))
        );
        auctions.withdrawFees(address(kitties));

        vm.assertEq(kitties.ownerOf(1), address(auctions));
        vm.assertEq(auctions.fees(address(kitties)), 0);
    }

    function test_RevertGiven_ReceiverRefuses() external {
        Receiver refuser = new Receiver(Receiver.Manner.Reverts);
        Auction memory auction = _auction();
        _open(auction);
        _settle(auction);
        vm.prank(owner);
        auctions.setFeeReceiver(address(refuser));

        vm.expectRevert(
            abi.encodeWithSelector(
                IGoverned.Governed_FeesRefused.selector, address(refuser), address(0)
            )
        );
        auctions.withdrawFees(address(0));

        vm.assertEq(auctions.fees(address(0)), FEE);
    }

    function test_GivenFees() external {
        Auction memory first = _auction();
        _open(first);
        _settle(first);
        Auction memory second = _auction();
        second.tokenId = _mint(seller, 2);
        second.transferCount = 0;
        _open(second);

        // It should emit {FeesWithdrawn}.
        vm.expectEmit(address(auctions));
        emit IGoverned.FeesWithdrawn(platform, address(0), FEE);
        vm.prank(forger);
        auctions.withdrawFees(address(0));

        // It should send them to the fee receiver.
        vm.assertEq(platform.balance, FEE);
        vm.assertEq(auctions.fees(address(0)), 0);
        // It should leave bids and credit.
        vm.assertEq(auctions.escrowed(), RESERVE);
        _checkBooks();
    }
}
