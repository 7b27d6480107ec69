// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IExchange} from "../../src/interfaces/IExchange.sol";
import {Order} from "../../src/types/Orders.sol";
import {Base} from "../Base.t.sol";
import {vm} from "../support/Vm.sol";

/// @notice The life of an order: cases ORD-01 to ORD-09.
contract Orders_Cases is Base {
    function test_ORD01_SoldWorkComesBack() external {
        Order memory order = _listing();
        bytes memory signature = _sign(SELLER_KEY, order);
        _buy(order, signature);
        vm.prank(buyer);
        works.transferFrom(buyer, seller, tokenId);

        _refuse(
            order,
            signature,
            PRICE,
            abi.encodeWithSelector(IExchange.Exchange_NonceUsed.selector, seller, order.nonce)
        );
    }

    function test_ORD02_BoundOrderDiesWithTheOwnership() external {
        Order memory order = _listing();
        vm.prank(seller);
        works.transferFrom(seller, seller, tokenId);

        _refuse(order, abi.encodeWithSelector(IExchange.Exchange_TransferCountMoved.selector, 0, 1));
    }

    function test_ORD02_UnboundOrderLivesOn() external {
        foreign.mint(seller, 1);
        Order memory order = _foreignListing(address(foreign), 1);
        vm.prank(seller);
        foreign.transferFrom(seller, studio, 1);
        vm.prank(studio);
        foreign.transferFrom(studio, seller, 1);

        _buy(order);

        vm.assertEq(foreign.ownerOf(1), buyer);
    }

    function test_ORD03_CancelTwiceUnknownAndByAStranger() external {
        Order memory order = _listing();
        uint256[] memory nonces = new uint256[](2);
        nonces[0] = nonces[1] = order.nonce;

        vm.prank(forger);
        exchange.cancel(nonces);
        vm.prank(forger);
        exchange.cancelAll();
        vm.assertFalse(exchange.isNonceUsed(seller, order.nonce));
        vm.assertEq(exchange.counterOf(seller), 0);

        vm.prank(seller);
        exchange.cancel(nonces);
        _refuse(
            order,
            abi.encodeWithSelector(IExchange.Exchange_NonceUsed.selector, seller, order.nonce)
        );
    }

    function test_ORD03_OrderSignedInAdvanceStaysDead() external {
        vm.roll(1000);
        vm.setBlockhash(999, bytes32(uint256(12_345)));
        Order memory order = _listing();
        order.counter = 1;

        vm.prank(seller);
        exchange.cancelAll();

        _refuse(order, abi.encodeWithSelector(IExchange.Exchange_CounterMoved.selector, 1, 12_346));
    }

    function test_ORD03_OrderOfACounterToComeIsNotYetGood() external {
        Order memory order = _listing();
        order.counter = 1;

        _refuse(order, abi.encodeWithSelector(IExchange.Exchange_CounterMoved.selector, 1, 0));
    }

    function test_ORD04_OneOfThese() external {
        Order memory first = _listing();
        Order memory second = _listing();
        second.tokenId = _mint(seller, 2);

        _buy(first);

        _refuse(
            second,
            abi.encodeWithSelector(IExchange.Exchange_NonceUsed.selector, seller, first.nonce)
        );
        vm.assertEq(works.ownerOf(second.tokenId), seller);
    }

    function test_ORD04_TwoListingsOfOneWork() external {
        Order memory first = _listing();
        Order memory second = _listing();
        second.nonce = 8;
        second.price = second.endPrice = PRICE / 2;

        _buy(first);

        _refuse(second, abi.encodeWithSignature("TransferFromIncorrectOwner()"));
    }

    function testFuzz_ORD05_NoncesAtTheEdges(uint8 which, uint256 other) external {
        uint256[8] memory edges =
            [uint256(0), 191, 192, 255, 256, 511, type(uint256).max - 1, type(uint256).max];
        Order memory order = _listing();
        order.nonce = edges[which % 8];
        vm.assume(other != order.nonce);

        _buy(order);

        vm.assertTrue(exchange.isNonceUsed(seller, order.nonce));
        vm.assertFalse(exchange.isNonceUsed(seller, other));
        vm.assertEq(exchange.counterOf(seller), 0);
        _refuse(
            order,
            abi.encodeWithSelector(IExchange.Exchange_NonceUsed.selector, seller, order.nonce)
        );
    }

    function test_ORD05_CounterAtItsEnd() external {
        bytes32 slot = keccak256(abi.encode(seller, 7));
        vm.store(address(exchange), slot, bytes32(uint256(type(uint64).max)));
        vm.assertEq(exchange.counterOf(seller), type(uint64).max);

        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 1));
        exchange.cancelAll();

        Order memory order = _listing();
        _buy(order);
        vm.assertEq(exchange.counterOf(seller), type(uint64).max);
    }

    function test_ORD06_FirstAndLastSecond() external {
        Order memory order = _listing();
        order.start = uint64(NOW);
        order.end = uint64(NOW);

        _buy(order);

        vm.assertEq(works.ownerOf(tokenId), buyer);
    }

    function test_ORD06_EndBeforeStartAndEndZero() external {
        Order memory order = _listing();
        (order.start, order.end) = (uint64(NOW - 1), uint64(NOW - 2));
        _refuse(
            order, abi.encodeWithSelector(IExchange.Exchange_OrderExpired.selector, NOW - 2, NOW)
        );

        order.end = 0;
        _refuse(order, abi.encodeWithSelector(IExchange.Exchange_OrderExpired.selector, 0, NOW));
    }

    function test_ORD06_BoundOrderWithoutEnd() external {
        Order memory order = _listing();
        order.start = 0;
        order.end = type(uint64).max;

        _buy(order);

        vm.assertEq(works.ownerOf(tokenId), buyer);
    }

    function test_ORD07_TakerAndSelf() external {
        Order memory order = _listing();
        order.taker = studio;
        _refuse(
            order, abi.encodeWithSelector(IExchange.Exchange_TakerMismatch.selector, studio, buyer)
        );

        Order memory own = _listing();
        bytes memory signature = _sign(SELLER_KEY, own);
        vm.prank(seller);
        vm.expectRevert(abi.encodeWithSelector(IExchange.Exchange_MakerIsTaker.selector, seller));
        exchange.fill{value: PRICE}(own, signature);
    }

    function test_ORD08_GreatestPrice() external {
        Order memory order = _listing();
        order.price = order.endPrice = type(uint256).max;
        vm.deal(buyer, type(uint256).max);

        // The share of such a price cannot be reckoned: refused, not wrapped.
        _refuse(
            order,
            abi.encodeWithSelector(
                IExchange.Exchange_PriceTooHigh.selector, order.price, type(uint128).max
            )
        );
        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function test_ORD08_OneWei() external {
        Order memory order = _listing();
        order.price = order.endPrice = 1;
        uint256 before = seller.balance;

        _buy(order);

        vm.assertEq(seller.balance, before + 1);
        vm.assertEq(exchange.fees(address(0)), 0);
        vm.assertEq(artist.balance, 0);
    }

    function test_ORD09_WorkGone() external {
        Order memory order = _listing();
        vm.prank(seller);
        collection.burn(tokenId);
        _refuse(order, abi.encodeWithSignature("TokenDoesNotExist()"));

        order.transferCount = 1;
        _refuse(order, abi.encodeWithSignature("TokenDoesNotExist()"));

        // A work that was never minted has the count 0 and no owner.
        order.tokenId = tokenId + 1;
        order.transferCount = 0;
        _refuse(order, abi.encodeWithSignature("TokenDoesNotExist()"));
    }

    function test_ORD09_ForeignTokenGone() external {
        foreign.mint(seller, 1);
        Order memory order = _foreignListing(address(foreign), 1);
        foreign.burn(1);

        _refuse(order, abi.encodeWithSignature("ERC721NonexistentToken(uint256)", 1));
    }
}
