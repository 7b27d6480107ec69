// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IExchange} from "../../src/interfaces/IExchange.sol";
import {Order} from "../../src/types/Orders.sol";
import {Base} from "../Base.t.sol";
import {RoyaltyToken} from "../doubles/Tokens.sol";
import {PlainSettlement} from "../reference/PlainSettlement.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Sales with random terms against the plain settlement: who gets what, or a refusal.
contract Settlement_Fuzz_Test is Base {
    RoyaltyToken private token;

    function testFuzz_SettlesAsThePlainOneDoes(
        uint96 price,
        uint256 answer,
        uint16 maxRoyaltyBps,
        uint16 maxFeeBps,
        uint16 feeBps,
        bool valid
    ) external {
        PlainSettlement.Terms memory terms = PlainSettlement.Terms({
            price: bound(price, 1, type(uint96).max),
            feeBps: bound(feeBps, 0, 500),
            maxFeeBps: bound(maxFeeBps, 0, 1000),
            maxRoyaltyBps: bound(maxRoyaltyBps, 0, 12_000),
            valid: valid,
            answer: 0
        });
        // Mostly near the cap, where refusal and sale meet.
        uint256 cap = terms.price * terms.maxRoyaltyBps / 10_000;
        terms.answer = answer % 4 == 0 ? answer : bound(answer, cap / 2, cap + 2);

        _compare(terms);
    }

    function testFuzz_SettlesAsThePlainOneDoesAtSmallPrices(
        uint8 price,
        uint8 answer,
        uint16 maxRoyaltyBps
    ) external {
        _compare(
            PlainSettlement.Terms({
                price: bound(price, 1, 255),
                feeBps: 333,
                maxFeeBps: 333,
                maxRoyaltyBps: bound(maxRoyaltyBps, 0, 10_000),
                valid: true,
                answer: answer
            })
        );
    }

    function _compare(PlainSettlement.Terms memory terms) private {
        Order memory order = _prepared(terms);
        bytes memory data = abi.encodeCall(IExchange.fill, (order, _sign(SELLER_KEY, order)));
        PlainSettlement.Split memory expected = PlainSettlement.split(terms);
        uint256 before = seller.balance;

        vm.deal(buyer, terms.price);
        vm.prank(buyer);
        (bool success,) = address(exchange).call{value: terms.price}(data);

        vm.assertEq(success, !expected.refused);
        if (expected.refused) {
            vm.assertEq(buyer.balance, terms.price);
            vm.assertEq(token.ownerOf(1), seller);
        } else {
            vm.assertEq(seller.balance - before, expected.seller);
            vm.assertEq(artist.balance, expected.royalty);
            vm.assertEq(exchange.fees(address(0)), expected.fee);
            vm.assertEq(expected.seller + expected.royalty + expected.fee, terms.price);
            vm.assertEq(token.ownerOf(1), buyer);
        }
    }

    /// @dev A fresh exchange with the terms' fee, and a token with the terms' answer.
    function _prepared(PlainSettlement.Terms memory terms) private returns (Order memory order) {
        exchange = IExchange(
            vm.deployCode("Exchange.sol:Exchange", abi.encode(owner, platform, terms.feeBps))
        );
        token = new RoyaltyToken();
        token.mint(seller, 1);
        token.set(
            terms.valid ? RoyaltyToken.Answer.Given : RoyaltyToken.Answer.Reverts,
            artist,
            terms.answer
        );
        vm.prank(seller);
        token.setApprovalForAll(address(exchange), true);
        order = _foreignListing(address(token), 1);
        order.price = order.endPrice = terms.price;
        order.maxFeeBps = uint16(terms.maxFeeBps);
        order.maxRoyaltyBps = uint16(terms.maxRoyaltyBps);
    }
}
