// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IExchange} from "../../src/interfaces/IExchange.sol";
import {Acceptance, Bulk, Item, Order, UNBOUND} from "../../src/types/Orders.sol";
import {ExchangeBase} from "../ExchangeBase.t.sol";
import {RoyaltyToken} from "../doubles/Tokens.sol";
import {PlainPrice, PlainSettlement} from "../reference/PlainSettlement.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Falling prices, bundles and offers with random terms against the plain settlement: who
/// gets what, or a refusal.
contract Kinds_Fuzz_Test is ExchangeBase {
    RoyaltyToken private token;

    function testFuzz_PriceAsThePlainOne(
        uint128 first,
        uint128 last,
        uint32 start,
        uint32 length,
        uint40 time
    ) external view {
        Order memory order = _listing();
        (order.price, order.endPrice) = first > last ? (first, last) : (last, first);
        (order.start, order.end) = (start, uint64(start) + length);

        vm.assertEq(
            exchange.priceAt(order, time),
            PlainPrice.at(order.price, order.endPrice, order.start, order.end, time)
        );
    }

    function testFuzz_BundleSettlesAsThePlainOneDoes(
        uint96 price,
        uint96 endPrice,
        uint256 later,
        uint256 answer,
        uint8 count,
        bool wrapped
    ) external {
        Order memory order = _made(bound(count, 1, 4));
        order.price = bound(price, 1, PURSE);
        order.endPrice = bound(endPrice, 1, order.price);
        (order.start, order.end) = (uint64(NOW), uint64(NOW + 10 days));
        order.currency = wrapped ? address(weth) : address(0);
        bytes memory signature = _sign(SELLER_KEY, order);
        later = bound(later, 0, 10 days);
        uint256 cost =
            PlainPrice.at(order.price, order.endPrice, order.start, order.end, NOW + later);
        _answer(order, bound(answer, 0, cost / 20 + 2));
        PlainSettlement.Split memory expected = _expected(order, cost);
        vm.deal(buyer, order.price);
        uint256 before = _has(buyer, wrapped);
        uint256 held = _has(seller, wrapped);
        vm.warp(NOW + later);

        vm.prank(buyer);
        (bool success,) = address(exchange).call{value: wrapped ? 0 : order.price}(
            abi.encodeCall(IExchange.fill, (order, signature))
        );

        vm.assertEq(success, !expected.refused);
        if (expected.refused) expected = PlainSettlement.Split(true, 0, 0, 0, false);
        vm.assertEq(before - _has(buyer, wrapped), success ? cost : 0);
        vm.assertEq(_has(seller, wrapped) - held, expected.seller);
        vm.assertEq(_has(artist, wrapped), expected.royalty);
        vm.assertEq(_has(address(exchange), wrapped), expected.fee);
        for (uint256 i = 1; i <= order.more.length + 1; ++i) {
            vm.assertEq(token.ownerOf(i), success ? buyer : seller);
        }
        _checkBooks();
    }

    function testFuzz_OfferSettlesAsThePlainOneDoes(
        uint96 price,
        uint256 answer,
        uint256 minProceeds,
        uint8 kind
    ) external {
        Order memory order = _made(1);
        order.kind = uint8(bound(kind, 1, 3));
        order.maker = collector;
        order.currency = address(weth);
        order.price = order.endPrice = bound(price, 1, PURSE);
        if (order.kind != 1) order.tokenId = 0;
        if (order.kind == 2) order.criteria = _leaf(1, UNBOUND);
        _answer(order, bound(answer, 0, order.price / 20 + 2));
        PlainSettlement.Split memory expected = _expected(order, order.price);
        minProceeds = bound(minProceeds, 0, order.price);
        bool sold = !expected.refused && expected.seller >= minProceeds;
        bytes memory signature = _sign(COLLECTOR_KEY, order);

        bool success = _take(order, signature, minProceeds);

        vm.assertEq(success, sold);
        vm.assertEq(PURSE - _held(collector), sold ? order.price : 0);
        vm.assertEq(_held(seller), sold ? expected.seller : 0);
        vm.assertEq(_held(artist), sold ? expected.royalty : 0);
        vm.assertEq(exchange.fees(address(weth)), sold ? expected.fee : 0);
        vm.assertEq(token.ownerOf(1), sold ? collector : seller);
    }

    function _take(Order memory order, bytes memory signature, uint256 minProceeds)
        private
        returns (bool success)
    {
        Bulk memory bulk;
        Acceptance memory acceptance = _acceptance(1);
        acceptance.minProceeds = minProceeds;
        vm.prank(seller);
        try exchange.accept(order, signature, bulk, acceptance) {
            success = true;
        } catch {}
    }

    /// @dev An order for the works 1 to `count` of a token with an answer of its own.
    function _made(uint256 count) private returns (Order memory order) {
        token = new RoyaltyToken();
        vm.prank(seller);
        token.setApprovalForAll(address(exchange), true);
        order = _foreignListing(address(token), 1);
        order.more = new Item[](count - 1);
        for (uint256 i = 1; i <= count; ++i) {
            token.mint(seller, i);
            if (i != 1) order.more[i - 2] = Item(address(token), i, UNBOUND);
        }
    }

    /// @dev The token answers every part of the price with the same amount.
    function _answer(Order memory order, uint256 amount) private {
        token.set(RoyaltyToken.Answer.Given, artist, amount / (order.more.length + 1));
    }

    /// @dev The sum of the plain settlements of all parts.
    function _expected(Order memory order, uint256 cost)
        private
        view
        returns (PlainSettlement.Split memory sum)
    {
        uint256[] memory dealt = PlainPrice.parts(cost, order.more.length + 1);
        for (uint256 i = 0; i < dealt.length; ++i) {
            (, uint256 answer) = token.royaltyInfo(i + 1, dealt[i]);
            PlainSettlement.Split memory one = PlainSettlement.split(
                PlainSettlement.Terms({
                    price: dealt[i],
                    feeBps: FEE_BPS,
                    maxFeeBps: FEE_BPS,
                    maxRoyaltyBps: ROYALTY_BPS,
                    valid: true,
                    answer: answer
                })
            );
            sum.refused = sum.refused || one.refused;
            sum.seller += one.seller;
            sum.royalty += one.royalty;
            sum.fee += one.fee;
        }
    }

    function _has(address who, bool wrapped) private view returns (uint256) {
        return wrapped ? _held(who) : who.balance;
    }
}
