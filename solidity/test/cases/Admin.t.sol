// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollection} from "../../src/interfaces/ICollection.sol";
import {ICredits} from "../../src/interfaces/ICredits.sol";
import {Listings} from "../../src/bases/Listings.sol";
import {IExchange} from "../../src/interfaces/IExchange.sol";
import {IGoverned} from "../../src/interfaces/IGoverned.sol";
import {Acceptance, Bulk, Order, Permit} from "../../src/types/Orders.sol";
import {IOwned} from "../Base.t.sol";
import {ExchangeBase} from "../ExchangeBase.t.sol";
import {OddCoin} from "../doubles/Currencies.sol";
import {Receiver} from "../doubles/Receivers.sol";
import {vm} from "../support/Vm.sol";

/// @notice Who may do what: cases ADM-01, ADM-02, ADM-04 and ADM-05.
///
/// @dev That the lists below name every function of the contracts is checked against their ABI in
/// `tests/project/test_artifacts.py`.
contract Admin_Cases is ExchangeBase {
    function test_ADM01_ClosedToStrangers() external {
        bytes[6] memory calls = [
            abi.encodeCall(ICollection.setMetadata, (tokenId, bytes32(uint256(1)))),
            abi.encodeCall(ICollection.setRoyalty, (tokenId, 0)),
            abi.encodeCall(ICollection.freeze, (tokenId)),
            abi.encodeCall(ICollection.burn, (tokenId)),
            abi.encodeWithSelector(works.approve.selector, forger, tokenId),
            abi.encodeWithSelector(works.transferFrom.selector, seller, forger, tokenId)
        ];
        bytes32 word = collection.ownershipWord(tokenId);
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(forger);
            (bool success,) = address(collection).call(calls[i]);
            vm.assertFalse(success);
        }
        vm.assertEq(collection.ownershipWord(tokenId), word);
        vm.assertEq(works.getApproved(tokenId), address(0));
    }

    function test_ADM01_SafeTransferClosedToStrangers() external {
        vm.startPrank(forger);
        vm.expectRevert(abi.encodeWithSignature("NotOwnerNorApproved()"));
        works.safeTransferFrom(seller, forger, tokenId);
        vm.expectRevert(abi.encodeWithSignature("NotOwnerNorApproved()"));
        works.safeTransferFrom(seller, forger, tokenId, "");
        vm.stopPrank();
    }

    function test_ADM01_OpenToAllTouchesOnlyTheCaller() external {
        // cancel, cancelAll, withdraw, withdrawFees, mint, mintMany, setApprovalForAll are open.
        Order memory order = _listing();
        bytes32 word = collection.ownershipWord(tokenId);
        uint256[] memory nonces = new uint256[](1);
        nonces[0] = order.nonce;

        vm.startPrank(forger);
        exchange.cancel(nonces);
        exchange.cancelAll();
        works.setApprovalForAll(forger, true);
        collection.mint(forger, _idOf(forger, 1), DIGEST, 0, address(0));
        collection.mintMany(forger, _idOf(forger, 2), new bytes32[](0), 0, address(0));
        vm.expectRevert(
            abi.encodeWithSelector(ICredits.Credits_NothingToWithdraw.selector, forger, address(0))
        );
        exchange.withdraw(address(0), forger);
        vm.expectRevert(
            abi.encodeWithSelector(ICredits.Credits_NothingToWithdraw.selector, forger, address(0))
        );
        exchange.withdrawFor(forger, address(0));
        vm.expectRevert(abi.encodeWithSelector(IGoverned.Governed_NoFees.selector, address(0)));
        exchange.withdrawFees(address(0));
        exchange.buyMany(new Order[](0), new bytes[](0), _noBulks());
        exchange.buyAvailable(new Order[](0), new bytes[](0), _noBulks(), 0);
        exchange.acceptMany(new Order[](0), new bytes[](0), _noBulks(), new Acceptance[](0));
        vm.stopPrank();

        vm.assertEq(collection.ownershipWord(tokenId), word);
        _buy(order);
        vm.assertEq(works.ownerOf(tokenId), buyer);
    }

    function test_ADM01_ExchangeClosedToStrangers() external {
        bytes[] memory calls = new bytes[](10);
        calls[0] = abi.encodeCall(IExchange.setCurrency, (address(weth), false));
        calls[1] = abi.encodeCall(IGoverned.setFee, (0));
        calls[2] = abi.encodeCall(IGoverned.setFeeReceiver, (forger));
        calls[3] = abi.encodeCall(IGoverned.setGuardian, (forger));
        calls[4] = abi.encodeCall(IGoverned.pause, ());
        calls[5] = abi.encodeCall(IGoverned.unpause, ());
        calls[6] = abi.encodeCall(IGoverned.retire, ());
        calls[7] = abi.encodeCall(IOwned.transferOwnership, (forger));
        calls[8] = abi.encodeCall(IOwned.acceptOwnership, ());
        calls[9] = abi.encodeCall(IOwned.renounceOwnership, ());
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(forger);
            (bool success,) = address(exchange).call(calls[i]);
            vm.assertFalse(success);
        }
        Order memory order = _listing();
        bytes memory signature = _sign(SELLER_KEY, order);
        Listings self = Listings(address(exchange));
        vm.prank(forger);
        vm.expectRevert(_reason(IExchange.Exchange_NotSelf.selector, uint160(forger)));
        self.buyFor(order, signature, 0, new bytes32[](0), forger, PRICE);

        vm.assertTrue(exchange.isOpen() && exchange.isCurrencyAllowed(address(weth)));
        vm.assertEq(exchange.feeBps(), FEE_BPS);
        vm.assertEq(exchange.feeReceiver(), platform);
        vm.assertEq(IOwned(address(exchange)).owner(), owner);
    }

    function test_ADM01_SalesFollowASignature() external {
        Order memory order = _listing();
        Order memory offer = _offer();
        bytes memory forged = _sign(FORGER_KEY, order);
        bytes memory reason = abi.encodeWithSelector(
            IExchange.Exchange_SignatureInvalid.selector, exchange.hashOrder(order), seller
        );
        Bulk memory none;
        Permit memory permit;
        vm.startPrank(buyer);
        vm.expectRevert(reason);
        exchange.fill{value: PRICE}(order, forged);
        vm.expectRevert(reason);
        exchange.fillBulk{value: PRICE}(order, forged, none);
        order.currency = address(weth);
        reason = abi.encodeWithSelector(
            IExchange.Exchange_SignatureInvalid.selector, exchange.hashOrder(order), seller
        );
        vm.expectRevert(reason);
        exchange.fillWithPermit(order, forged, none, permit);
        reason = abi.encodeWithSelector(
            IExchange.Exchange_SignatureInvalid.selector, exchange.hashOrder(offer), collector
        );
        vm.expectRevert(reason);
        exchange.accept(offer, forged, none, _acceptance(tokenId));
        vm.stopPrank();
        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function test_ADM02_PauseLeavesWithdrawalsAndCancels() external {
        Receiver refuser = new Receiver(Receiver.Manner.Reverts);
        foreign.mint(seller, 1);
        foreign.setRoyalty(address(refuser), ROYALTY_BPS);
        _buy(_foreignListing(address(foreign), 1));
        vm.prank(guardian);
        exchange.pause();

        refuser.become(Receiver.Manner.Accepts);
        exchange.withdrawFor(address(refuser), address(0));
        exchange.withdrawFees(address(0));
        vm.startPrank(seller);
        exchange.cancelAll();
        exchange.cancel(new uint256[](1));
        vm.stopPrank();

        vm.assertEq(address(refuser).balance, ROYALTY);
        vm.assertEq(platform.balance, FEE);
        vm.assertTrue(exchange.isNonceUsed(seller, 0));
    }

    function test_ADM02_FeeRaisedAfterSigning() external {
        Order memory order = _listing();
        vm.prank(owner);
        exchange.setFee(FEE_BPS + 1);
        vm.warp(NOW + 7 days);

        _refuse(
            order,
            abi.encodeWithSelector(
                IExchange.Exchange_FeeAboveMaximum.selector, FEE_BPS + 1, FEE_BPS
            )
        );
    }

    function test_ADM03_OwnershipInTwoSteps() external {
        IOwned owned = IOwned(address(exchange));
        vm.prank(owner);
        owned.transferOwnership(studio);
        vm.assertEq(owned.owner(), owner);
        vm.assertEq(owned.pendingOwner(), studio);

        vm.prank(forger);
        vm.expectRevert(abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", forger));
        owned.acceptOwnership();

        vm.prank(studio);
        owned.acceptOwnership();
        vm.assertEq(owned.owner(), studio);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", owner));
        exchange.setFee(0);
    }

    function test_ADM03_RenouncingStrandsNoMoney() external {
        _buy(_listing());
        vm.prank(owner);
        IOwned(address(exchange)).renounceOwnership();

        exchange.withdrawFees(address(0));
        Order memory second = _listings(1)[0];
        _buy(second);
        exchange.withdrawFees(address(0));

        vm.assertEq(platform.balance, 2 * FEE);
        vm.assertEq(address(exchange).balance, 0);
    }

    function test_ADM04_OwnerAndGuardianReachNoWorkAndNoMoney() external {
        // Both have allowed the exchange everything; the two together use all their powers.
        Receiver refuser = new Receiver(Receiver.Manner.Reverts);
        foreign.mint(seller, 1);
        foreign.setRoyalty(address(refuser), ROYALTY_BPS);
        _buy(_foreignListing(address(foreign), 1));
        uint256 owed = exchange.totalCredit(address(0));
        OddCoin evil = new OddCoin(18);

        vm.startPrank(owner);
        exchange.setFeeReceiver(owner);
        exchange.setGuardian(owner);
        exchange.setFee(500);
        exchange.setCurrency(address(works), true);
        exchange.setCurrency(address(evil), true);
        exchange.pause();
        exchange.unpause();
        exchange.withdrawFees(address(0));
        vm.expectRevert();
        exchange.withdrawFees(address(works));
        exchange.retire();
        vm.stopPrank();

        vm.assertEq(owner.balance, FEE);
        vm.assertEq(exchange.credit(address(refuser), address(0)), owed);
        vm.assertEq(address(exchange).balance, owed);
        vm.assertEq(works.ownerOf(tokenId), seller);
        vm.assertEq(_held(collector), PURSE);
        vm.assertEq(_held(buyer), PURSE);
    }

    function test_ADM02_RefusingFeeReceiverStopsNothing() external {
        _buy(_listing());
        vm.etch(platform, address(new Receiver(Receiver.Manner.Reverts)).code);
        Receiver(payable(platform)).become(Receiver.Manner.Reverts);
        Order memory second = _listing();
        second.tokenId = _mint(seller, 2);
        second.transferCount = 0;
        second.nonce = 8;

        _buy(second);

        vm.assertEq(works.ownerOf(second.tokenId), buyer);
        vm.assertEq(exchange.fees(address(0)), 2 * PRICE * FEE_BPS / 10_000);
    }

    function test_ADM04_ThePlatformReachesNothing() external {
        // The fee receiver is the only named party, and has no function of its own.
        Receiver refuser = new Receiver(Receiver.Manner.Reverts);
        foreign.mint(seller, 1);
        foreign.setRoyalty(address(refuser), ROYALTY_BPS);
        _buy(_foreignListing(address(foreign), 1));
        uint256 owed = exchange.totalCredit(address(0));

        vm.startPrank(platform);
        exchange.withdrawFees(address(0));
        vm.expectRevert(
            abi.encodeWithSelector(
                ICredits.Credits_NothingToWithdraw.selector, platform, address(0)
            )
        );
        exchange.withdraw(address(0), platform);
        vm.expectRevert(abi.encodeWithSignature("NotOwnerNorApproved()"));
        works.transferFrom(seller, platform, tokenId);
        vm.stopPrank();

        vm.assertGt(owed, 0);
        vm.assertEq(address(exchange).balance, owed);
    }

    function test_ADM04_NoCoinComesInExceptByASale() external {
        vm.prank(buyer);
        (bool plain,) = address(exchange).call{value: 1}("");
        vm.prank(buyer);
        (bool paid,) =
            address(exchange).call{value: 1}(abi.encodeCall(IGoverned.withdrawFees, (address(0))));

        vm.assertFalse(plain || paid);
        vm.assertEq(address(exchange).balance, 0);
    }

    function test_ADM04_AWorkSentInByMistakeIsForNobody() external {
        vm.prank(seller);
        works.transferFrom(seller, address(exchange), tokenId);
        Order memory order = _listing();
        order.maker = address(exchange);

        _refuse(
            order,
            _sign(FORGER_KEY, order),
            PRICE,
            abi.encodeWithSelector(
                IExchange.Exchange_SignatureInvalid.selector,
                exchange.hashOrder(order),
                address(exchange)
            )
        );
        vm.assertEq(works.ownerOf(tokenId), address(exchange));
    }

    function test_ADM05_NoDelegateCallInTheCode() external view {
        // That it finds what is there: both contracts make calls.
        vm.assertTrue(_holds(address(exchange).code, 0xf1));
        vm.assertTrue(_holds(address(collection).code, 0xf1));
        vm.assertFalse(_holds(address(exchange).code, 0xf4));
        vm.assertFalse(_holds(address(collection).code, 0xf4));
        vm.assertFalse(_holds(address(exchange).code, 0xff));
        vm.assertFalse(_holds(address(collection).code, 0xff));
    }

    /// @dev Whether an opcode stands in the code, outside the data of pushes.
    function _holds(bytes memory code, uint8 opcode) private pure returns (bool) {
        for (uint256 i = 0; i < code.length; ++i) {
            uint8 found = uint8(code[i]);
            if (found == opcode) return true;
            if (found >= 0x60 && found <= 0x7f) i += found - 0x5f;
            // What follows an INVALID that is not jumped over is data.
            if (found == 0xfe && i + 1 < code.length && uint8(code[i + 1]) != 0x5b) return false;
        }
        return false;
    }
}
