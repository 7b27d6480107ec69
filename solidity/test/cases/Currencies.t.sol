// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICredits} from "../../src/interfaces/ICredits.sol";
import {IExchange} from "../../src/interfaces/IExchange.sol";
import {Bulk, Order, Permit} from "../../src/types/Orders.sol";
import {ExchangeBase} from "../ExchangeBase.t.sol";
import {OddCoin, PhantomPermitCoin} from "../doubles/Currencies.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Payment in other currencies: cases PAY-03 and PAY-05 to PAY-08, and permits.
contract Currencies_Cases is ExchangeBase {
    OddCoin private coin;
    Bulk private none;

    function setUp() public override {
        super.setUp();
        coin = _coin(18);
    }

    function test_PAY03_CoinOnAnOrderInACurrency() external {
        Order memory order = _wrappedListing();
        _refuse(
            order,
            _sign(SELLER_KEY, order),
            PRICE,
            abi.encodeWithSelector(IExchange.Exchange_WrongPayment.selector, 0, PRICE)
        );
    }

    function test_PAY05_ReturnsNothing() external {
        coin.become(OddCoin.Manner.ReturnsNothing);

        _buyIn(coin);

        _checkPaid();
    }

    function test_PAY05_ReturnsFalse() external {
        coin.become(OddCoin.Manner.ReturnsFalse);
        _refuseIn(coin, artist, ROYALTY);
    }

    function test_PAY05_ReturnsFalseAndMoves() external {
        // Its word is taken: it says that nothing moved, so nothing is sold, and all is undone.
        coin.become(OddCoin.Manner.ReturnsFalseAndMoves);
        _refuseIn(coin, artist, ROYALTY);
    }

    function test_PAY05_Reverts() external {
        coin.become(OddCoin.Manner.Reverts);
        _refuseIn(coin, artist, ROYALTY);
    }

    function test_PAY05_TakesAFee() external {
        coin.become(OddCoin.Manner.TakesAFee);
        _refuseIn(coin, artist, ROYALTY);
    }

    function test_PAY05_GivesMoreThanWasPaid() external {
        coin.become(OddCoin.Manner.PaysTooMuch);
        _refuseIn(coin, artist, ROYALTY);
    }

    function test_PAY05_SaysNothingOfBalances() external {
        coin.become(OddCoin.Manner.Silent);
        _refuseIn(coin, artist, ROYALTY);
    }

    function test_PAY05_BlocksTheRoyaltyReceiver() external {
        coin.blockAccount(artist);

        _buyIn(coin);

        vm.assertEq(exchange.credit(artist, address(coin)), ROYALTY);
        vm.assertEq(coin.balanceOf(seller), PRICE - ROYALTY - FEE);
        vm.assertEq(exchange.fees(address(coin)), FEE);
        // It is drawn to wherever it may go.
        vm.prank(artist);
        exchange.withdraw(address(coin), studio);
        vm.assertEq(coin.balanceOf(studio), ROYALTY);
    }

    function test_PAY05_BlocksTheSeller() external {
        coin.blockAccount(seller);

        _buyIn(coin);

        vm.assertEq(exchange.credit(seller, address(coin)), PRICE - ROYALTY - FEE);
        vm.assertEq(coin.balanceOf(artist), ROYALTY);
        vm.assertEq(exchange.totalCredit(address(coin)), PRICE - ROYALTY - FEE);
    }

    function test_PAY05_BlocksTheExchange() external {
        // The fee cannot be kept, so there is no sale.
        coin.blockAccount(address(exchange));
        _refuseIn(coin, address(exchange), FEE);
    }

    function test_PAY05_BlocksTheBuyer() external {
        // Whoever cannot receive may still pay.
        coin.blockAccount(buyer);

        _buyIn(coin);

        _checkPaid();
    }

    function test_PAY05_PausesWhileFeesAndCreditAreHere() external {
        coin.blockAccount(artist);
        _buyIn(coin);
        coin.become(OddCoin.Manner.Reverts);

        vm.expectRevert();
        exchange.withdrawFees(address(coin));
        vm.expectRevert();
        exchange.withdrawFor(artist, address(coin));

        // Nothing is lost by it.
        coin.become(OddCoin.Manner.Good);
        exchange.withdrawFees(address(coin));
        exchange.withdrawFor(artist, address(coin));
        vm.assertEq(coin.balanceOf(platform), FEE);
        vm.assertEq(coin.balanceOf(artist), ROYALTY);
    }

    function test_PAY05_CallsBack() external {
        Order memory other = _listings(1)[0];
        other.currency = address(coin);
        coin.arm(
            address(exchange), abi.encodeCall(IExchange.fill, (other, _sign(SELLER_KEY, other)))
        );

        _buyIn(coin);

        vm.assertTrue(coin.called());
        vm.assertFalse(coin.succeeded());
        vm.assertEq(coin.answer(), abi.encodeWithSignature("ReentrancyGuardReentrantCall()"));
        _checkPaid();
    }

    function testFuzz_PAY05_Decimals(uint256 price, bool six) external {
        coin = _coin(six ? 6 : 0);
        price = bound(price, 1, 10 ** 12);
        Order memory order = _listing();
        order.currency = address(coin);
        order.price = order.endPrice = price;
        bytes memory signature = _sign(SELLER_KEY, order);

        vm.prank(buyer);
        exchange.fill(order, signature);

        uint256 royalty = price * ROYALTY_BPS / 10_000;
        uint256 fee = price * FEE_BPS / 10_000;
        vm.assertEq(coin.balanceOf(artist), royalty);
        vm.assertEq(exchange.fees(address(coin)), fee);
        vm.assertEq(coin.balanceOf(seller), price - royalty - fee);
    }

    function test_PAY05_NoCode() external {
        vm.prank(owner);
        vm.expectRevert(_reason(IExchange.Exchange_CurrencyUnsupported.selector, uint160(studio)));
        exchange.setCurrency(studio, true);

        // A currency that goes away later moves nothing, and sells nothing.
        vm.etch(address(coin), "");
        _refuseIn(coin, artist, ROYALTY);
    }

    function test_PAY06_NotOnTheList() external {
        OddCoin other = new OddCoin(18);
        Order memory order = _listing();
        order.currency = address(other);
        _refuse(
            order,
            _sign(SELLER_KEY, order),
            0,
            _reason(IExchange.Exchange_CurrencyUnsupported.selector, uint160(address(other)))
        );
    }

    function test_PAY06_DelistedWhileOpen() external {
        coin.blockAccount(artist);
        _buyIn(coin);
        Order memory offer = _offer();
        Order memory listing = _listings(1)[0];
        listing.currency = address(weth);
        vm.startPrank(owner);
        exchange.setCurrency(address(coin), false);
        exchange.setCurrency(address(weth), false);
        vm.stopPrank();

        bytes memory reason =
            _reason(IExchange.Exchange_CurrencyUnsupported.selector, uint160(address(weth)));
        _refuseAccept(offer, _acceptance(tokenId), reason);
        _refuse(listing, _sign(SELLER_KEY, listing), 0, reason);

        // What is owed is paid all the same.
        coin.become(OddCoin.Manner.Good);
        exchange.withdrawFor(artist, address(coin));
        exchange.withdrawFees(address(coin));
        vm.assertEq(coin.balanceOf(artist), ROYALTY);
        vm.assertEq(coin.balanceOf(address(exchange)), 0);
    }

    function test_PAY07_ThirdPartysAllowance() external {
        // The collector has allowed everything; the forger buys and sells without them.
        Order memory order = _wrappedListing();
        bytes memory signature = _sign(SELLER_KEY, order);
        vm.prank(forger);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICredits.Credits_NotPaid.selector, address(weth), artist, ROYALTY
            )
        );
        exchange.fill(order, signature);

        Order memory offer = _offer();
        bytes32 orderHash = exchange.hashOrder(offer);
        _refuseAccept(
            offer,
            _sign(FORGER_KEY, offer),
            _acceptance(tokenId),
            abi.encodeWithSelector(
                IExchange.Exchange_SignatureInvalid.selector, orderHash, collector
            )
        );
        vm.assertEq(_held(collector), PURSE);
    }

    function test_PAY07_CurrencyAsCollection() external {
        // An order for the currency itself: its `transferFrom` moves money, and only the maker's.
        vm.prank(seller);
        weth.approve(address(exchange), type(uint256).max);
        Order memory order = _foreignListing(address(weth), 5);
        order.maker = seller;
        bytes memory signature = _sign(SELLER_KEY, order);

        vm.prank(buyer);
        vm.expectRevert();
        exchange.fill{value: PRICE}(order, signature);

        order.transferCount = 0;
        signature = _sign(SELLER_KEY, order);
        vm.prank(buyer);
        vm.expectRevert();
        exchange.fill{value: PRICE}(order, signature);
        vm.assertEq(_held(collector), PURSE);
    }

    function test_PAY08_AllowanceLeftOver() external {
        _accept(_offer(), _acceptance(tokenId));
        vm.assertEq(weth.allowance(collector, address(exchange)), type(uint256).max);

        // The same offer is used up, and no other was signed.
        Order memory again = _offer();
        again.nonce = 8;
        uint256 other = _mint(seller, 2);
        again.tokenId = other;
        bytes32 orderHash = exchange.hashOrder(again);
        _refuseAccept(
            again,
            _sign(SELLER_KEY, again),
            _acceptance(other),
            abi.encodeWithSelector(
                IExchange.Exchange_SignatureInvalid.selector, orderHash, collector
            )
        );
    }

    function test_PERMIT_PhantomPermitGivesNothing() external {
        PhantomPermitCoin phantom = new PhantomPermitCoin();
        vm.prank(owner);
        exchange.setCurrency(address(phantom), true);
        phantom.mint(buyer, PRICE);
        Order memory order = _listing();
        order.currency = address(phantom);
        bytes memory signature = _sign(SELLER_KEY, order);
        Permit memory permit;

        // It takes any permit, and no money moves without an allowance.
        vm.prank(buyer);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICredits.Credits_NotPaid.selector, address(phantom), artist, ROYALTY
            )
        );
        exchange.fillWithPermit(order, signature, none, permit);

        vm.startPrank(buyer);
        phantom.approve(address(exchange), PRICE);
        exchange.fillWithPermit(order, signature, none, permit);
        vm.stopPrank();
        vm.assertEq(works.ownerOf(tokenId), buyer);
        vm.assertEq(phantom.phantomCalls(), 1);
    }

    function test_PERMIT_PermitIsForTheCallerAlone() external {
        // A permit of the collector in the forger's hands: the forger pays, or nobody.
        Order memory order = _wrappedListing();
        bytes memory signature = _sign(SELLER_KEY, order);
        Permit memory permit;
        vm.prank(forger);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICredits.Credits_NotPaid.selector, address(weth), artist, ROYALTY
            )
        );
        exchange.fillWithPermit(order, signature, none, permit);
        vm.assertEq(_held(collector), PURSE);
    }

    function test_CREDIT_StarvedTransferIsNoRefusal() external {
        // For every gas limit: the sale is whole and nothing credited, or there is none.
        Order memory order = _listing();
        order.currency = address(coin);
        bytes memory data = abi.encodeCall(IExchange.fill, (order, _sign(SELLER_KEY, order)));
        uint256 settled;
        for (uint256 gasLimit = 100_000; gasLimit < 600_000; gasLimit += 2500) {
            uint256 id = vm.snapshotState();
            vm.prank(buyer);
            (bool success,) = address(exchange).call{gas: gasLimit}(data);
            vm.assertEq(exchange.totalCredit(address(coin)), 0);
            vm.assertEq(coin.balanceOf(artist), success ? ROYALTY : 0);
            if (success) ++settled;
            vm.revertToState(id);
        }
        vm.assertGt(settled, 0);
    }

    function _coin(uint8 decimals) private returns (OddCoin made) {
        made = new OddCoin(decimals);
        vm.prank(owner);
        exchange.setCurrency(address(made), true);
        made.mint(buyer, PURSE);
        vm.prank(buyer);
        made.approve(address(exchange), type(uint256).max);
    }

    function _buyIn(OddCoin currency) private {
        Order memory order = _listing();
        order.currency = address(currency);
        bytes memory signature = _sign(SELLER_KEY, order);
        vm.prank(buyer);
        exchange.fill(order, signature);
        vm.assertEq(works.ownerOf(tokenId), buyer);
    }

    /// @dev The sale must be refused because this receiver was not paid this.
    function _refuseIn(OddCoin currency, address to, uint256 amount) private {
        Order memory order = _listing();
        order.currency = address(currency);
        _refuse(
            order,
            _sign(SELLER_KEY, order),
            0,
            abi.encodeWithSelector(ICredits.Credits_NotPaid.selector, address(currency), to, amount)
        );
        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function _checkPaid() private view {
        vm.assertEq(coin.balanceOf(artist), ROYALTY);
        vm.assertEq(coin.balanceOf(seller), PRICE - ROYALTY - FEE);
        vm.assertEq(coin.balanceOf(buyer), PURSE - PRICE);
        vm.assertEq(exchange.fees(address(coin)), FEE);
        vm.assertEq(exchange.totalCredit(address(coin)), 0);
    }
}
