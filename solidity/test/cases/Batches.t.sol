// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICredits} from "../../src/interfaces/ICredits.sol";
import {IExchange} from "../../src/interfaces/IExchange.sol";
import {Acceptance, Bulk, Order} from "../../src/types/Orders.sol";
import {ExchangeBase} from "../ExchangeBase.t.sol";
import {HostileToken} from "../doubles/Hostile.sol";
import {Receiver} from "../doubles/Receivers.sol";
import {PlainHash} from "../reference/PlainHash.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Many at once: case ORD-10, and items that try to ruin the others.
contract Batches_Cases is ExchangeBase {
    uint256 private constant ITEM_GAS = 400_000;

    function test_ORD10_Empty() external {
        uint256 before = buyer.balance;
        vm.startPrank(buyer);
        exchange.buyMany{value: 1}(new Order[](0), new bytes[](0), _noBulks());
        exchange.buyAvailable{value: 1}(new Order[](0), new bytes[](0), _noBulks(), ITEM_GAS);
        exchange.acceptMany(new Order[](0), new bytes[](0), new Bulk[](0), new Acceptance[](0));
        exchange.cancel(new uint256[](0));
        vm.stopPrank();

        vm.assertEq(buyer.balance, before);
        vm.assertEq(address(exchange).balance, 0);
    }

    function test_ORD10_OneBadAmongFiveAllOrNothing() external {
        for (uint256 bad = 0; bad < 5; ++bad) {
            uint256 id = vm.snapshotState();
            Order[] memory orders = _listings(5);
            orders[bad].end = uint64(NOW - 1);
            bytes[] memory signatures = _signAll(SELLER_KEY, orders);
            uint256 before = buyer.balance;

            vm.prank(buyer);
            vm.expectRevert(
                abi.encodeWithSelector(IExchange.Exchange_OrderExpired.selector, NOW - 1, NOW)
            );
            exchange.buyMany{value: 5 * PRICE}(orders, signatures, _noBulks());

            vm.assertEq(buyer.balance, before);
            vm.assertEq(works.balanceOf(buyer), 0);
            vm.revertToState(id);
        }
    }

    function test_ORD10_OneBadAmongFiveBestEffort() external {
        for (uint256 bad = 0; bad < 5; ++bad) {
            uint256 id = vm.snapshotState();
            Order[] memory orders = _listings(5);
            orders[bad].end = uint64(NOW - 1);
            bytes[] memory signatures = _signAll(SELLER_KEY, orders);
            uint256 before = buyer.balance;

            vm.prank(buyer);
            bool[] memory filled =
                exchange.buyAvailable{value: 5 * PRICE}(orders, signatures, _noBulks(), ITEM_GAS);

            vm.assertFalse(filled[bad]);
            vm.assertEq(works.balanceOf(buyer), 4);
            vm.assertEq(before - buyer.balance, 4 * PRICE);
            vm.revertToState(id);
        }
    }

    function test_ORD10_SameOrderTwice() external {
        Order[] memory orders = _listings(2);
        orders[1] = orders[0];
        bytes[] memory signatures = _signAll(SELLER_KEY, orders);

        vm.prank(buyer);
        vm.expectRevert(abi.encodeWithSelector(IExchange.Exchange_NonceUsed.selector, seller, 100));
        exchange.buyMany{value: 2 * PRICE}(orders, signatures, _noBulks());

        uint256 before = buyer.balance;
        vm.prank(buyer);
        bool[] memory filled =
            exchange.buyAvailable{value: 2 * PRICE}(orders, signatures, _noBulks(), ITEM_GAS);
        vm.assertTrue(filled[0] && !filled[1]);
        vm.assertEq(before - buyer.balance, PRICE);
    }

    function test_ORD10_FiveHundredCancels() external {
        uint256[] memory nonces = new uint256[](500);
        for (uint256 i = 0; i < 500; ++i) {
            nonces[i] = i;
        }

        vm.prank(seller);
        uint256 before = gasleft();
        exchange.cancel(nonces);

        vm.assertLe(before - gasleft(), 2_000_000);
        for (uint256 i = 0; i < 500; ++i) {
            vm.assertTrue(exchange.isNonceUsed(seller, i));
        }
        vm.assertFalse(exchange.isNonceUsed(seller, 500));
    }

    function test_ORD10_FiftyAtOnce() external {
        Order[] memory orders = _listings(50);
        bytes[] memory signatures = _signAll(SELLER_KEY, orders);
        vm.deal(buyer, 51 * PRICE);

        vm.prank(buyer);
        exchange.buyMany{value: 51 * PRICE}(orders, signatures, _noBulks());

        vm.assertEq(works.balanceOf(buyer), 50);
        vm.assertEq(buyer.balance, PRICE);
        vm.assertEq(artist.balance, 50 * ROYALTY);
    }

    function testFuzz_ORD10_ChangeIsExact(uint256 mask, uint96 over, uint64 later, bool donated)
        external
    {
        Order[] memory orders = _listings(5);
        later = uint64(bound(later, 0, 9 days));
        uint256 spent;
        for (uint256 i = 0; i < 5; ++i) {
            orders[i].price = PRICE + i;
            orders[i].endPrice = PRICE / (i + 1);
            (orders[i].start, orders[i].end) = (uint64(NOW), uint64(NOW + 10 days));
            if (mask >> i & 1 == 1) orders[i].counter = 1;
            else spent += exchange.priceAt(orders[i], NOW + later);
        }
        bytes[] memory signatures = _signAll(SELLER_KEY, orders);
        if (donated) vm.deal(address(exchange), 3 ether);
        vm.deal(buyer, 6 * PRICE + over);
        vm.warp(NOW + later);

        vm.prank(buyer);
        exchange.buyAvailable{value: 6 * PRICE + over}(orders, signatures, _noBulks(), ITEM_GAS);

        vm.assertEq(buyer.balance, 6 * PRICE + over - spent);
        _checkBooks();
    }

    function test_ORD10_BulksGoWithTheirOrders() external {
        Order[] memory orders = _listings(2);
        Bulk[] memory bulks = new Bulk[](2);
        bulks[0] = Bulk(0, _one(PlainHash.hash(orders[1])));
        bytes[] memory signatures = _signAll(SELLER_KEY, orders);
        bytes32 domain = PlainHash.domain("Vernissage Exchange", block.chainid, address(exchange));
        bytes32 tree = PlainHash.hash(PlainHash.hash(orders[0]), bulks[0]);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(SELLER_KEY, PlainHash.digest(domain, tree));
        signatures[0] = abi.encodePacked(r, s, v);

        // The first by a tree, the second by a signature of its own.
        vm.prank(buyer);
        exchange.buyMany{value: 2 * PRICE}(orders, signatures, bulks);

        vm.assertEq(works.balanceOf(buyer), 2);
    }

    function test_ORD10_GasBombIsSkipped() external {
        HostileToken bomb = new HostileToken();
        Order[] memory orders = _withHostile(bomb);
        bytes[] memory signatures = _signAll(SELLER_KEY, orders);
        HostileToken.Manner[2] memory manners =
            [HostileToken.Manner.BurnsGas, HostileToken.Manner.RevertsWithAll];
        for (uint256 i = 0; i < 2; ++i) {
            uint256 id = vm.snapshotState();
            bomb.become(manners[i]);
            vm.prank(buyer);
            uint256 gasBefore = gasleft();
            bool[] memory filled =
                exchange.buyAvailable{value: 3 * PRICE}(orders, signatures, _noBulks(), ITEM_GAS);

            // It cost its share, no more, and the others were bought.
            vm.assertLe(gasBefore - gasleft(), 3 * ITEM_GAS);
            vm.assertTrue(filled[0] && !filled[1] && filled[2]);
            vm.revertToState(id);
        }
    }

    function test_ORD10_RefusingReceiverStopsNobody() external {
        Receiver refuser = new Receiver(Receiver.Manner.BurnsGas);
        Order[] memory orders = _listings(3);
        foreign.mint(seller, 1);
        foreign.setRoyalty(address(refuser), ROYALTY_BPS);
        orders[1] = _foreignListing(address(foreign), 1);
        bytes[] memory signatures = _signAll(SELLER_KEY, orders);

        vm.prank(buyer);
        exchange.buyMany{value: 3 * PRICE}(orders, signatures, _noBulks());

        vm.assertEq(exchange.credit(address(refuser), address(0)), ROYALTY);
        vm.assertEq(artist.balance, 2 * ROYALTY);
        _checkBooks();
    }

    function test_ORD10_StarvedItemIsNotSkipped() external {
        // Whatever the gas: all three are tried with their full share, or nothing happens.
        Order[] memory orders = _listings(3);
        bytes[] memory signatures = _signAll(SELLER_KEY, orders);
        bytes memory data =
            abi.encodeCall(IExchange.buyAvailable, (orders, signatures, _noBulks(), ITEM_GAS));
        uint256 settled;
        for (uint256 gasLimit = 100_000; gasLimit < 1_500_000; gasLimit += 50_000) {
            uint256 id = vm.snapshotState();
            vm.prank(buyer);
            (bool success, bytes memory answer) =
                address(exchange).call{value: 3 * PRICE, gas: gasLimit}(data);
            vm.assertEq(works.balanceOf(buyer), success ? 3 : 0);
            if (success) {
                ++settled;
            } else if (answer.length != 0) {
                vm.assertEq(bytes32(bytes4(answer)), bytes32(ICredits.Credits_GasTooLow.selector));
            }
            vm.revertToState(id);
        }
        vm.assertGt(settled, 0);
    }

    /// @dev Three listings, the second of them of the hostile token.
    function _withHostile(HostileToken bomb) private returns (Order[] memory orders) {
        bomb.mint(seller, 1);
        vm.prank(seller);
        bomb.setApprovalForAll(address(exchange), true);
        orders = _listings(3);
        orders[1] = _foreignListing(address(bomb), 1);
    }
}
