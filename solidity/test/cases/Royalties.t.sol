// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IExchange} from "../../src/interfaces/IExchange.sol";
import {Order} from "../../src/types/Orders.sol";
import {Base} from "../Base.t.sol";
import {Reenterer} from "../doubles/Receivers.sol";
import {RoyaltyToken} from "../doubles/Tokens.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Royalty and fee: cases ROY-01 to ROY-09.
contract Royalties_Cases is Base {
    uint256 private constant FEE = PRICE * FEE_BPS / 10_000;
    uint256 private constant CAP = PRICE * ROYALTY_BPS / 10_000;

    RoyaltyToken private token;

    function setUp() public override {
        super.setUp();
        token = new RoyaltyToken();
        token.mint(seller, 1);
        vm.prank(seller);
        token.setApprovalForAll(address(exchange), true);
    }

    function test_ROY01_Reverts() external {
        _expectNone(RoyaltyToken.Answer.Reverts);
    }

    function test_ROY01_BurnsGas() external {
        _expectNone(RoyaltyToken.Answer.BurnsGas);
    }

    function test_ROY01_ThirtyTwoBytes() external {
        _expectNone(RoyaltyToken.Answer.ThirtyTwoBytes);
    }

    function test_ROY01_ReceiverIsNoAddress() external {
        _expectNone(RoyaltyToken.Answer.DirtyReceiver);
    }

    function test_ROY01_HalfMegabyte() external {
        // Half a megabyte costs more than the look-up is given, so that there is no answer.
        _expectNone(RoyaltyToken.Answer.HalfMegabyte);
    }

    function test_ROY01_GasIsBounded() external {
        token.set(RoyaltyToken.Answer.BurnsGas, artist, CAP);
        Order memory order = _foreignListing(address(token), 1);
        bytes memory signature = _sign(SELLER_KEY, order);

        vm.prank(buyer);
        uint256 before = gasleft();
        exchange.fill{value: PRICE}(order, signature);

        vm.assertLe(before - gasleft(), 300_000);
    }

    function test_ROY02_AboveTheCap() external {
        uint256[3] memory answers = [CAP + 1, PRICE + 1, type(uint256).max];
        for (uint256 i = 0; i < answers.length; ++i) {
            token.set(RoyaltyToken.Answer.Given, artist, answers[i]);
            _refuse(
                _foreignListing(address(token), 1),
                abi.encodeWithSelector(
                    IExchange.Exchange_RoyaltyAboveMaximum.selector, answers[i], CAP
                )
            );
        }
        vm.assertEq(token.ownerOf(1), seller);
    }

    function test_ROY02_CapIsRoundedUp() external {
        Order memory order = _foreignListing(address(token), 1);
        order.price = order.endPrice = 1001;

        token.set(RoyaltyToken.Answer.Given, artist, 52);
        _refuse(
            order, abi.encodeWithSelector(IExchange.Exchange_RoyaltyAboveMaximum.selector, 52, 51)
        );

        token.set(RoyaltyToken.Answer.Given, artist, 51);
        _buy(order);
        vm.assertEq(artist.balance, 51);
    }

    function test_ROY02_CapOfZeroEvadesNothing() external {
        Order memory order = _listing();
        order.maxRoyaltyBps = 0;

        _refuse(
            order, abi.encodeWithSelector(IExchange.Exchange_RoyaltyAboveMaximum.selector, CAP, 0)
        );
    }

    function test_ROY03_ReceiverZero() external {
        token.set(RoyaltyToken.Answer.Given, address(0), CAP);
        uint256 before = seller.balance;

        _buy(_foreignListing(address(token), 1));

        vm.assertEq(seller.balance - before, PRICE - FEE);
        vm.assertEq(address(0).balance, 0);
    }

    function test_ROY03_ReceiverIsExchange() external {
        token.set(RoyaltyToken.Answer.Given, address(exchange), CAP);
        uint256 before = seller.balance;

        _buy(_foreignListing(address(token), 1));

        // Nobody could ever draw it there.
        vm.assertEq(seller.balance - before, PRICE - FEE);
        vm.assertEq(exchange.totalCredit(address(0)), 0);
    }

    function test_ROY03_ReceiverIsToken() external {
        token.set(RoyaltyToken.Answer.Given, address(token), CAP);

        _buy(_foreignListing(address(token), 1));

        vm.assertEq(exchange.credit(address(token), address(0)), CAP);
    }

    function test_ROY03_ReceiverIsBuyer() external {
        token.set(RoyaltyToken.Answer.Given, buyer, CAP);
        uint256 before = buyer.balance;

        _buy(_foreignListing(address(token), 1));

        vm.assertEq(before - buyer.balance, PRICE - CAP);
    }

    function testFuzz_ROY04_AnswerByCaller(uint256 amount) external {
        amount = bound(amount, 0, CAP);
        token.set(RoyaltyToken.Answer.ByCaller, artist, amount);

        _buy(_foreignListing(address(token), 1));

        vm.assertEq(artist.balance, amount);
    }

    function testFuzz_ROY05_EveryGasLimit(uint256 gasLimit) external {
        // The token asks a registry and takes a failed call for no royalty.
        token.set(RoyaltyToken.Answer.AsksRegistry, artist, CAP);
        _attempt(bound(gasLimit, 30_000, 400_000));
    }

    function test_ROY05_EveryGasLimitInSteps() external {
        token.set(RoyaltyToken.Answer.AsksRegistry, artist, CAP);
        uint256 settled;
        for (uint256 gasLimit = 60_000; gasLimit < 360_000; gasLimit += 1500) {
            uint256 id = vm.snapshotState();
            if (_attempt(gasLimit)) ++settled;
            vm.revertToState(id);
        }
        vm.assertGt(settled, 0);
    }

    function test_ROY06_NotLinear() external {
        Order memory order = _foreignListing(address(token), 1);
        token.set(RoyaltyToken.Answer.Given, artist, 1);
        order.price = order.endPrice = 1;
        order.maxRoyaltyBps = 1;
        uint256 before = seller.balance;

        _buy(order);

        // The cap of one wei's hundredth of a percent is one wei: the whole price.
        vm.assertEq(artist.balance, 1);
        vm.assertEq(seller.balance, before);
    }

    function test_ROY06_RoyaltyOfNothingNamesNobody() external {
        token.set(RoyaltyToken.Answer.Given, artist, 0);
        Order memory order = _foreignListing(address(token), 1);
        bytes32 orderHash = exchange.hashOrder(order);
        bytes memory signature = _sign(SELLER_KEY, order);

        vm.prank(buyer);
        vm.expectEmit(address(exchange));
        emit IExchange.OrderFilled(
            orderHash, seller, buyer, address(token), 1, address(0), PRICE, address(0), 0, FEE, 0
        );
        exchange.fill{value: PRICE}(order, signature);
    }

    function test_ROY07_TogetherAbovePrice() external {
        token.set(RoyaltyToken.Answer.Given, artist, PRICE - FEE + 1);
        Order memory order = _foreignListing(address(token), 1);
        order.maxRoyaltyBps = 10_000;
        _refuse(
            order,
            abi.encodeWithSelector(
                IExchange.Exchange_PriceExceeded.selector, PRICE - FEE + 1, FEE, PRICE
            )
        );

        token.set(RoyaltyToken.Answer.Given, artist, PRICE - FEE);
        _buy(order);
        vm.assertEq(artist.balance, PRICE - FEE);
    }

    function test_ROY07_FeeAboveTheMakersLimit() external {
        Order memory order = _listing();
        order.maxFeeBps = 0;
        _refuse(
            order, abi.encodeWithSelector(IExchange.Exchange_FeeAboveMaximum.selector, FEE_BPS, 0)
        );
    }

    function test_ROY08_PrimarySale() external {
        token.set(RoyaltyToken.Answer.Given, seller, CAP);
        uint256 before = seller.balance;

        _buy(_foreignListing(address(token), 1));

        vm.assertEq(seller.balance - before, PRICE - FEE);
        vm.assertEq(exchange.fees(address(0)), FEE);
    }

    function test_ROY08_SellerIsPaidOnce() external {
        token.set(RoyaltyToken.Answer.Given, seller, CAP);
        Order memory order = _foreignListing(address(token), 1);
        bytes memory signature = _sign(SELLER_KEY, order);
        vm.signAndAttachDelegation(address(new Reenterer()), SELLER_KEY);
        vm.prank(buyer);
        Reenterer(payable(seller)).arm(artist, "");

        _buy(order, signature);

        vm.assertEq(Reenterer(payable(seller)).calls(), 1);
        vm.assertEq(exchange.totalCredit(address(0)), 0);
    }

    function test_ROY09_TokenThatDeniesIt() external {
        vm.assertFalse(token.supportsInterface(0x2a55205a));
        token.set(RoyaltyToken.Answer.Given, artist, CAP);

        _buy(_foreignListing(address(token), 1));

        vm.assertEq(artist.balance, CAP);
    }

    /// @dev With this answer the sale settles, and the seller has all but the fee.
    function _expectNone(RoyaltyToken.Answer answer) private {
        token.set(answer, artist, CAP);
        uint256 before = seller.balance;

        _buy(_foreignListing(address(token), 1));

        vm.assertEq(token.ownerOf(1), buyer);
        vm.assertEq(artist.balance, 0);
        vm.assertEq(seller.balance - before, PRICE - FEE);
    }

    /// @dev Whatever the gas: the artist is paid in full, or nothing happens at all.
    function _attempt(uint256 gasLimit) private returns (bool success) {
        Order memory order = _foreignListing(address(token), 1);
        bytes memory data = abi.encodeCall(IExchange.fill, (order, _sign(SELLER_KEY, order)));
        vm.prank(buyer);
        (success,) = address(exchange).call{value: PRICE, gas: gasLimit}(data);

        vm.assertEq(artist.balance, success ? CAP : 0);
        vm.assertEq(token.ownerOf(1), success ? buyer : seller);
        vm.assertEq(exchange.totalCredit(address(0)), 0);
    }
}
