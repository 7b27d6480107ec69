// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICredits} from "../../src/interfaces/ICredits.sol";
import {IExchange} from "../../src/interfaces/IExchange.sol";
import {IGoverned} from "../../src/interfaces/IGoverned.sol";
import {Order} from "../../src/types/Orders.sol";
import {Base} from "../Base.t.sol";
import {Reenterer} from "../doubles/Receivers.sol";
import {CountingToken} from "../doubles/Tokens.sol";
import {TwiceBuyer} from "../doubles/Wallets.sol";
import {vm} from "../support/Vm.sol";

/// @notice Callbacks into the exchange: cases REE-01 to REE-04.
contract Reentrancy_Cases is Base {
    bytes private constant REENTRANT = abi.encodeWithSignature("ReentrancyGuardReentrantCall()");

    Reenterer private greedy;
    Order private order;
    bytes private signature;

    function setUp() public override {
        super.setUp();
        greedy = new Reenterer();
        foreign.mint(seller, 1);
        foreign.setRoyalty(address(greedy), ROYALTY_BPS);
        _keep(_foreignListing(address(foreign), 1));
    }

    function test_REE01_FromAPayoutIntoFill() external {
        Order memory other = _listing();
        other.nonce = 8;
        vm.deal(address(greedy), PRICE);
        greedy.arm(
            address(exchange), abi.encodeCall(IExchange.fill, (other, _sign(SELLER_KEY, other)))
        );

        _buyKept();

        _expectRefused();
        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function test_REE01_FromAPayoutIntoWithdraw() external {
        greedy.arm(
            address(exchange), abi.encodeCall(ICredits.withdraw, (address(0), address(greedy)))
        );

        _buyKept();

        _expectRefused();
    }

    function test_REE01_FromAPayoutIntoWithdrawFees() external {
        greedy.arm(address(exchange), abi.encodeCall(IGoverned.withdrawFees, (address(0))));

        _buyKept();

        _expectRefused();
        vm.assertEq(platform.balance, 0);
    }

    function test_REE01_FromAPayoutIntoFees() external {
        // The price is in the balance at that moment: the figure would be wrong, so there is none.
        greedy.arm(address(exchange), abi.encodeCall(IGoverned.fees, (address(0))));

        _buyKept();

        _expectRefused();
    }

    function test_REE01_FromAPayoutIntoCancel() external {
        // A maker may always cancel, also here, and touches only the own word.
        uint256[] memory nonces = new uint256[](1);
        nonces[0] = 3;
        greedy.arm(address(exchange), abi.encodeCall(IExchange.cancel, (nonces)));

        _buyKept();

        vm.assertTrue(greedy.succeeded());
        vm.assertTrue(exchange.isNonceUsed(address(greedy), 3));
        vm.assertFalse(exchange.isNonceUsed(seller, 3));
        vm.assertEq(foreign.ownerOf(1), buyer);
    }

    function test_REE01_FromAPayoutIntoNoncesThatAreUsed() external {
        greedy.arm(address(exchange), abi.encodeCall(IExchange.isNonceUsed, (seller, order.nonce)));

        _buyKept();

        vm.assertTrue(greedy.succeeded());
        vm.assertTrue(abi.decode(greedy.answer(), (bool)));
    }

    function test_REE02_FromTheTransfer() external {
        CountingToken token = new CountingToken();
        token.mint(seller, 1);
        vm.prank(seller);
        token.setApprovalForAll(address(exchange), true);
        token.arm(address(exchange), abi.encodeCall(IGoverned.withdrawFees, (address(0))));
        Order memory counted = _foreignListing(address(token), 1);
        counted.transferCount = 0;

        _buy(counted);

        vm.assertTrue(token.called());
        vm.assertFalse(token.succeeded());
        vm.assertEq(token.ownerOf(1), buyer);
        vm.assertEq(platform.balance, 0);
    }

    function test_REE03_TwoSalesInOneTransaction() external {
        TwiceBuyer twice = new TwiceBuyer();
        Order memory second = _listing();
        second.nonce = 8;

        vm.prank(buyer);
        twice.buy{value: 2 * PRICE}(exchange, order, signature, second, _sign(SELLER_KEY, second));

        vm.assertEq(foreign.ownerOf(1), address(twice));
        vm.assertEq(works.ownerOf(tokenId), address(twice));
    }

    function test_REE04_GuardIsFreeAfterAFailure() external {
        TwiceBuyer twice = new TwiceBuyer();
        Order memory second = _listing();
        second.nonce = 8;

        vm.prank(buyer);
        twice.buyAfterFailure{value: 2 * PRICE}(exchange, order, second, _sign(SELLER_KEY, second));

        vm.assertEq(works.ownerOf(tokenId), address(twice));
        vm.assertEq(foreign.ownerOf(1), seller);
    }

    function _keep(Order memory kept) private {
        order.maker = kept.maker;
        order.collection = kept.collection;
        order.tokenId = kept.tokenId;
        order.transferCount = kept.transferCount;
        order.price = order.endPrice = kept.price;
        (order.start, order.end) = (kept.start, kept.end);
        (order.maxRoyaltyBps, order.maxFeeBps) = (kept.maxRoyaltyBps, kept.maxFeeBps);
        order.nonce = kept.nonce;
        signature = _sign(SELLER_KEY, kept);
    }

    function _buyKept() private {
        _buy(order, signature);
    }

    /// @dev The call back failed by the guard, and the payout was made all the same.
    function _expectRefused() private view {
        vm.assertEq(greedy.calls(), 1);
        vm.assertFalse(greedy.succeeded());
        vm.assertEq(greedy.answer(), REENTRANT);
        vm.assertEq(foreign.ownerOf(1), buyer);
        vm.assertGe(address(greedy).balance, PRICE * ROYALTY_BPS / 10_000);
        vm.assertEq(exchange.totalCredit(address(0)), 0);
    }
}
