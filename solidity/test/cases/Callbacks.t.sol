// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICredits} from "../../src/interfaces/ICredits.sol";
import {IExchange} from "../../src/interfaces/IExchange.sol";
import {IGoverned} from "../../src/interfaces/IGoverned.sol";
import {Listings} from "../../src/bases/Listings.sol";
import {Acceptance, Bulk, Order, Permit} from "../../src/types/Orders.sol";
import {ExchangeBase} from "../ExchangeBase.t.sol";
import {OddCoin} from "../doubles/Currencies.sol";
import {HostileToken} from "../doubles/Hostile.sol";
import {Reenterer} from "../doubles/Receivers.sol";
import {vm} from "../support/Vm.sol";

/// @notice From every place where strangers' code runs into every entry, empty batches included:
/// cases REE-01, REE-02 and REE-04.
contract Callbacks_Cases is ExchangeBase {
    bytes private constant REENTRANT = abi.encodeWithSignature("ReentrancyGuardReentrantCall()");

    function test_REE01_FromAPayoutIntoEveryEntry() external {
        Reenterer greedy = new Reenterer();
        foreign.setRoyalty(address(greedy), ROYALTY_BPS);
        bytes[] memory entries = _entries();
        for (uint256 i = 0; i < entries.length; ++i) {
            foreign.mint(seller, i);
            Order memory order = _foreignListing(address(foreign), i);
            order.nonce = i;
            greedy.arm(address(exchange), entries[i]);

            _buy(order);

            vm.assertEq(greedy.calls(), i + 1);
            vm.assertEq(greedy.answer(), REENTRANT);
            vm.assertEq(foreign.ownerOf(i), buyer);
        }
        vm.assertEq(address(greedy).balance, entries.length * ROYALTY);
    }

    function test_REE01_FromTheChangeIntoEveryEntry() external {
        Reenterer greedy = new Reenterer();
        vm.deal(address(this), 1 ether);
        bytes[] memory entries = _entries();
        for (uint256 i = 0; i < entries.length; ++i) {
            greedy.arm(address(exchange), entries[i]);
            greedy.act{value: 1}(
                address(exchange),
                abi.encodeCall(IExchange.buyMany, (new Order[](0), new bytes[](0), _noBulks()))
            );
            vm.assertEq(greedy.answer(), REENTRANT);
            greedy.act{value: 1}(
                address(exchange),
                abi.encodeCall(
                    IExchange.buyAvailable, (new Order[](0), new bytes[](0), _noBulks(), 1)
                )
            );
            vm.assertEq(greedy.answer(), REENTRANT);
        }
        vm.assertEq(address(exchange).balance, 0);
    }

    function test_REE01_FromAWithdrawalIntoEveryEntry() external {
        Reenterer greedy = new Reenterer();
        bytes[] memory entries = _entries();
        for (uint256 i = 0; i < entries.length; ++i) {
            _credit(address(greedy));
            greedy.arm(address(exchange), entries[i]);

            exchange.withdrawFor(address(greedy), address(0));

            vm.assertEq(greedy.answer(), REENTRANT);
        }
        vm.assertEq(address(greedy).balance, entries.length);
        vm.assertEq(exchange.totalCredit(address(0)), 0);
    }

    function test_REE01_FromTheFeesIntoEveryEntry() external {
        Reenterer greedy = new Reenterer();
        vm.prank(owner);
        exchange.setFeeReceiver(address(greedy));
        bytes[] memory entries = _entries();
        for (uint256 i = 0; i < entries.length; ++i) {
            vm.deal(address(exchange), 1);
            greedy.arm(address(exchange), entries[i]);
            exchange.withdrawFees(address(0));
            vm.assertEq(greedy.answer(), REENTRANT);
        }
        vm.assertEq(address(greedy).balance, entries.length);
    }

    function test_REE02_FromTheTransferIntoEveryEntry() external {
        HostileToken token = _hostile();
        bytes[] memory entries = _entries();
        for (uint256 i = 0; i < entries.length; ++i) {
            token.mint(seller, i);
            token.arm(address(exchange), entries[i]);
            Order memory order = _foreignListing(address(token), i);
            order.nonce = i;

            _buy(order);

            vm.assertEq(token.answer(), REENTRANT);
        }
    }

    function test_REE02_FromACurrencyIntoEveryEntry() external {
        OddCoin coin = new OddCoin(18);
        vm.prank(owner);
        exchange.setCurrency(address(coin), true);
        coin.mint(collector, PURSE);
        vm.prank(collector);
        coin.approve(address(exchange), type(uint256).max);
        bytes[] memory entries = _entries();
        for (uint256 i = 0; i < entries.length; ++i) {
            Order memory order = _collectionOffer();
            (order.currency, order.nonce) = (address(coin), i);
            coin.arm(address(exchange), entries[i]);

            _accept(order, _acceptance(_mint(seller, uint96(500 + i))));

            vm.assertEq(coin.answer(), REENTRANT);
        }
        vm.assertEq(coin.balanceOf(seller), entries.length * (PRICE - ROYALTY - FEE));
    }

    function test_REE02_FromAnItemOfBuyAvailable() external {
        // The self-call runs without the guard of its own: what it calls finds it held all the same.
        HostileToken token = _hostile();
        token.mint(seller, 1);
        Order[] memory orders = _listings(2);
        orders[0] = _foreignListing(address(token), 1);
        bytes[] memory signatures = _signAll(SELLER_KEY, orders);
        bytes[] memory entries = _entries();
        for (uint256 i = 0; i <= entries.length; ++i) {
            uint256 id = vm.snapshotState();
            bool self = i == entries.length;
            token.arm(address(exchange), self ? _buyFor(orders[1], signatures[1]) : entries[i]);
            vm.prank(buyer);
            bool[] memory filled =
                exchange.buyAvailable{value: 2 * PRICE}(orders, signatures, _noBulks(), 1_000_000);

            vm.assertTrue(filled[0] && filled[1]);
            vm.assertFalse(token.succeeded());
            vm.assertEq(
                token.answer(),
                self
                    ? _reason(IExchange.Exchange_NotSelf.selector, uint160(address(token)))
                    : REENTRANT
            );
            vm.assertEq(address(exchange).balance, PRICE * FEE_BPS / 10_000 * 2);
            vm.revertToState(id);
        }
    }

    function test_REE02_FromTheTransferIntoCancel() external {
        // Cancels are open at all times and reach the caller's own orders alone.
        HostileToken token = _hostile();
        token.mint(seller, 1);
        token.arm(address(exchange), abi.encodeCall(IExchange.cancelAll, ()));

        _buy(_foreignListing(address(token), 1));

        vm.assertTrue(token.succeeded());
        vm.assertGt(exchange.counterOf(address(token)), 0);
        vm.assertEq(exchange.counterOf(seller), 0);
    }

    function test_REE04_GuardIsFreeAfterASkippedItem() external {
        Order[] memory orders = _listings(2);
        orders[0].counter = 9;
        bytes[] memory signatures = _signAll(SELLER_KEY, orders);
        vm.startPrank(buyer);
        exchange.buyAvailable{value: 2 * PRICE}(orders, signatures, _noBulks(), 400_000);
        vm.stopPrank();

        Order memory order = _listing();
        _buy(order);
        vm.assertEq(works.ownerOf(tokenId), buyer);
        vm.assertEq(works.ownerOf(orders[1].tokenId), buyer);
    }

    /// @dev Every entry that moves anything, batches empty, and the view that would be wrong.
    function _entries() private view returns (bytes[] memory entries) {
        Order memory order = _listing();
        Bulk memory bulk;
        Permit memory permit;
        order.currency = address(weth);
        Acceptance memory acceptance;
        Order[] memory orders = new Order[](0);
        bytes[] memory none = new bytes[](0);
        entries = new bytes[](11);
        entries[0] = abi.encodeCall(IExchange.fill, (order, ""));
        entries[1] = abi.encodeCall(IExchange.fillBulk, (order, "", bulk));
        entries[2] = abi.encodeCall(IExchange.fillWithPermit, (order, "", bulk, permit));
        entries[3] = abi.encodeCall(IExchange.buyMany, (orders, none, _noBulks()));
        entries[4] = abi.encodeCall(IExchange.buyAvailable, (orders, none, _noBulks(), 1));
        entries[5] = abi.encodeCall(IExchange.accept, (order, "", bulk, acceptance));
        entries[6] =
            abi.encodeCall(IExchange.acceptMany, (orders, none, _noBulks(), new Acceptance[](0)));
        entries[7] = abi.encodeCall(ICredits.withdraw, (address(0), seller));
        entries[8] = abi.encodeCall(ICredits.withdrawFor, (seller, address(0)));
        entries[9] = abi.encodeCall(IGoverned.withdrawFees, (address(0)));
        entries[10] = abi.encodeCall(IGoverned.fees, (address(0)));
    }

    function _buyFor(Order memory order, bytes memory signature)
        private
        view
        returns (bytes memory)
    {
        return abi.encodeCall(
            Listings.buyFor, (order, signature, 0, new bytes32[](0), buyer, PRICE)
        );
    }

    function _hostile() private returns (HostileToken token) {
        token = new HostileToken();
        vm.prank(seller);
        token.setApprovalForAll(address(exchange), true);
    }

    /// @dev Credits one wei, in the two slots that keep it, and puts it here.
    function _credit(address account) private {
        bytes32 row = keccak256(abi.encode(address(0), 0));
        vm.store(address(exchange), keccak256(abi.encode(account, row)), bytes32(uint256(1)));
        vm.store(address(exchange), keccak256(abi.encode(address(0), 1)), bytes32(uint256(1)));
        vm.deal(address(exchange), address(exchange).balance + 1);
        vm.assertEq(exchange.credit(account, address(0)), 1);
    }
}
