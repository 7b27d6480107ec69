// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAuctions} from "../../src/interfaces/IAuctions.sol";
import {ICredits} from "../../src/interfaces/ICredits.sol";
import {IGoverned} from "../../src/interfaces/IGoverned.sol";
import {Auction} from "../../src/types/Orders.sol";
import {AuctionsBase} from "../AuctionsBase.t.sol";
import {Receiver} from "../doubles/Receivers.sol";
import {vm} from "../support/Vm.sol";

interface IOwnedInTwoSteps {
    function owner() external view returns (address);
    function pendingOwner() external view returns (address);
    function transferOwnership(address to) external;
    function acceptOwnership() external;
    function renounceOwnership() external;
}

/// @notice Forces coin in, which nothing can refuse.
contract Forcer {
    constructor(address payable to) payable {
        selfdestruct(to);
    }
}

/// @notice Who may do what with auctions: cases ADM-01 to ADM-05.
///
/// @dev That the lists below name every function of the contract is checked against its ABI in
/// `tests/project/test_artifacts.py`.
contract AdminAuctions_Cases is AuctionsBase {
    IOwnedInTwoSteps private owned;

    function setUp() public override {
        super.setUp();
        owned = IOwnedInTwoSteps(address(auctions));
    }

    function test_ADM01_AuctionsClosedToStrangers() external {
        Auction memory auction = _auction();
        _open(auction);
        bytes[9] memory calls = [
            abi.encodeCall(IAuctions.deliver, (auction, forger)),
            abi.encodeCall(IGoverned.setFee, (0)),
            abi.encodeCall(IGoverned.setFeeReceiver, (forger)),
            abi.encodeCall(IGoverned.setGuardian, (forger)),
            abi.encodeCall(IGoverned.pause, ()),
            abi.encodeCall(IGoverned.unpause, ()),
            abi.encodeCall(IGoverned.retire, ()),
            abi.encodeCall(IOwnedInTwoSteps.transferOwnership, (forger)),
            abi.encodeCall(IOwnedInTwoSteps.acceptOwnership, ())
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(forger);
            (bool success,) = address(auctions).call(calls[i]);
            vm.assertFalse(success);
        }
        vm.prank(forger);
        (bool renounced,) =
            address(auctions).call(abi.encodeCall(IOwnedInTwoSteps.renounceOwnership, ()));
        vm.assertFalse(renounced);

        vm.assertEq(owned.owner(), owner);
        vm.assertEq(auctions.feeBps(), FEE_BPS);
        vm.assertEq(auctions.feeReceiver(), platform);
        vm.assertTrue(auctions.isOpen());
        vm.assertEq(works.ownerOf(tokenId), address(auctions));
    }

    function test_ADM01_AuctionsOpenToAllTouchOnlyTheCaller() external {
        // open, bid, settle, unwind, reclaim, withdraw, withdrawFor, withdrawFees are open.
        Auction memory auction = _auction();
        bytes[8] memory calls = [
            abi.encodeCall(IAuctions.open, (auction, _sign(FORGER_KEY, auction))),
            abi.encodeCall(IAuctions.bid, (auction)),
            abi.encodeCall(IAuctions.settle, (auction)),
            abi.encodeCall(IAuctions.unwind, (auction)),
            abi.encodeCall(IAuctions.reclaim, (auction)),
            abi.encodeCall(ICredits.withdraw, (address(0), forger)),
            abi.encodeCall(ICredits.withdrawFor, (forger, address(0))),
            abi.encodeCall(IGoverned.withdrawFees, (address(0)))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(forger);
            (bool success,) = address(auctions).call(calls[i]);
            vm.assertFalse(success);
        }
        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function test_ADM02_PauseInMidAuction() external {
        Auction memory auction = _auction();
        _open(auction);
        Receiver refuser = new Receiver(Receiver.Manner.Reverts);
        refuser.act{value: 2 * RESERVE}(address(auctions), abi.encodeCall(IAuctions.bid, (auction)));
        vm.prank(guardian);
        auctions.pause();

        // Bids, refunds, settlements and withdrawals go on; first bids do not.
        _bid(rival, auction, 3 * RESERVE);
        Auction memory second = _auction();
        second.tokenId = _mint(seller, 2);
        second.transferCount = 0;
        _refuseOpen(
            second, abi.encodeWithSelector(IGoverned.Governed_Paused.selector, NOW + 7 days)
        );
        _settle(auction);
        refuser.become(Receiver.Manner.Accepts);
        auctions.withdrawFor(address(refuser), address(0));
        auctions.withdrawFees(address(0));

        vm.assertEq(works.ownerOf(tokenId), rival);
        vm.assertEq(address(refuser).balance, 2 * RESERVE);
        vm.assertEq(address(auctions).balance, 0);
        // And they do again when the pause has ended by itself.
        vm.warp(NOW + 7 days);
        _open(second);
    }

    function test_ADM02_PauseOnceInThirtyDays() external {
        vm.startPrank(guardian);
        auctions.pause();
        auctions.unpause();
        vm.assertTrue(auctions.isOpen());
        vm.expectRevert(
            abi.encodeWithSelector(IGoverned.Governed_PausedTooRecently.selector, NOW + 30 days)
        );
        auctions.pause();
        vm.warp(NOW + 30 days);
        auctions.pause();
        vm.stopPrank();

        vm.assertFalse(auctions.isOpen());
    }

    function test_ADM02_FeeOfARunningAuctionRisesToItsMaximumAtMost() external {
        Auction memory auction = _auction();
        auction.duration = 30 days;
        auction.maxFeeBps = 300;
        _open(auction);
        vm.prank(owner);
        auctions.setFee(500);
        vm.assertEq(auctions.feeBps(), FEE_BPS);
        vm.warp(NOW + 30 days);
        vm.assertEq(auctions.feeBps(), 500);

        auctions.settle(auction);

        vm.assertEq(auctions.fees(address(0)), RESERVE * 300 / 10_000);
    }

    function test_ADM03_OwnershipInTwoSteps() external {
        vm.prank(owner);
        owned.transferOwnership(studio);
        vm.assertEq(owned.owner(), owner);

        vm.prank(studio);
        owned.acceptOwnership();

        vm.assertEq(owned.owner(), studio);
    }

    function test_ADM03_RenouncingStrandsNoMoney() external {
        Auction memory auction = _auction();
        _open(auction);
        vm.prank(owner);
        owned.renounceOwnership();

        _settle(auction);
        auctions.withdrawFees(address(0));

        vm.assertEq(platform.balance, FEE);
        vm.assertEq(address(auctions).balance, 0);
    }

    function test_ADM04_ThePlatformReachesNoBidAndNoWork() external {
        Auction memory auction = _auction();
        _open(auction);
        vm.startPrank(owner);
        auctions.setFee(500);
        auctions.setFeeReceiver(owner);
        auctions.setGuardian(owner);
        auctions.pause();
        auctions.retire();
        vm.expectRevert(abi.encodeWithSelector(IGoverned.Governed_NoFees.selector, address(0)));
        auctions.withdrawFees(address(0));
        vm.expectRevert(
            abi.encodeWithSelector(IGoverned.Governed_NoFees.selector, address(collection))
        );
        auctions.withdrawFees(address(collection));
        vm.expectRevert(abi.encodeWithSelector(IAuctions.Auctions_NotSelf.selector, owner));
        auctions.deliver(auction, owner);
        vm.stopPrank();

        _settle(auction);
        vm.assertEq(works.ownerOf(tokenId), buyer);
    }

    function test_ADM04_ForcedCoinIsNobodys() external {
        Auction memory auction = _auction();
        _open(auction);
        new Forcer{value: 5 ether}(payable(address(auctions)));

        vm.expectRevert(abi.encodeWithSelector(IGoverned.Governed_NoFees.selector, address(0)));
        auctions.withdrawFees(address(0));
        _checkBooks();
        _settle(auction);
        auctions.withdrawFees(address(0));

        vm.assertEq(platform.balance, FEE);
        vm.assertEq(address(auctions).balance, 5 ether);
    }

    function test_ADM04_NoCoinComesInExceptByABid() external {
        vm.prank(buyer);
        (bool plain,) = address(auctions).call{value: 1 gwei}("");
        vm.prank(buyer);
        (bool paid,) = address(auctions).call{value: 1 gwei}(
            abi.encodeCall(IGoverned.withdrawFees, (address(0)))
        );

        vm.assertFalse(plain || paid);
    }

    function test_ADM04_AWorkSentInIsNotSellable() external {
        vm.prank(seller);
        works.transferFrom(seller, address(auctions), tokenId);
        Auction memory auction = _auction();
        auction.seller = address(auctions);

        _refuseOpen(
            auction,
            RESERVE,
            _sign(FORGER_KEY, auction),
            abi.encodeWithSelector(
                IAuctions.Auctions_SignatureInvalid.selector,
                auctions.hashAuction(auction),
                address(auctions)
            )
        );
        vm.assertEq(works.ownerOf(tokenId), address(auctions));
    }

    function test_ADM04_SafeTransfersInAreRefused() external {
        vm.prank(seller);
        vm.expectRevert();
        works.safeTransferFrom(seller, address(auctions), tokenId);

        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function test_ADM05_NoDelegateCallInTheAuctions() external view {
        bytes memory code = address(auctions).code;
        bool called;
        for (uint256 i = 0; i < code.length; ++i) {
            uint8 opcode = uint8(code[i]);
            vm.assertTrue(opcode != 0xf4 && opcode != 0xff);
            if (opcode == 0xf1) called = true;
            if (opcode >= 0x60 && opcode <= 0x7f) i += opcode - 0x5f;
            // What follows an INVALID that is not jumped over is data.
            if (opcode == 0xfe && i + 1 < code.length && uint8(code[i + 1]) != 0x5b) break;
        }
        vm.assertTrue(called);
    }
}
