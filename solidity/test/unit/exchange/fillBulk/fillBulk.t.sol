// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IExchange} from "../../../../src/interfaces/IExchange.sol";
import {Bulk, Order} from "../../../../src/types/Orders.sol";
import {ExchangeBase} from "../../../ExchangeBase.t.sol";
import {PlainHash} from "../../../reference/PlainHash.sol";
import {Trees} from "../../../support/Trees.sol";
import {Vm, vm} from "../../../support/Vm.sol";

contract FillBulk_Unit_Test is ExchangeBase {
    bytes private signature;
    bytes32[] private leaves;

    function setUp() public override {
        super.setUp();
        Order[] memory made = _listings(3);
        for (uint256 i = 0; i < 3; ++i) {
            leaves.push(PlainHash.hash(made[i]));
        }
        // The rest of the tree is orders of nobody.
        Order memory nobody;
        leaves.push(PlainHash.hash(nobody));
        signature = _signTree(SELLER_KEY);
    }

    function test_RevertWhen_ProofLongerThanTen() external {
        Order[] memory made = _remade();
        _refuseBulk(
            made[0],
            Bulk(0, new bytes32[](11)),
            abi.encodeWithSelector(IExchange.Exchange_BulkInvalid.selector, 0, 11)
        );
    }

    function test_RevertWhen_IndexOutsideOfTheTree() external {
        Order[] memory made = _remade();
        _refuseBulk(
            made[0],
            Bulk(4, Trees.proof(leaves, 0)),
            abi.encodeWithSelector(IExchange.Exchange_BulkInvalid.selector, 4, 2)
        );
        _refuseBulk(
            made[0],
            Bulk(1, new bytes32[](0)),
            abi.encodeWithSelector(IExchange.Exchange_BulkInvalid.selector, 1, 0)
        );
    }

    function test_RevertWhen_OrderNotAtItsPlace() external {
        Order[] memory made = _remade();
        _refuseBulk(made[0], Bulk(1, Trees.proof(leaves, 0)), _invalid(made[0]));
    }

    function test_RevertWhen_OrderOfAnotherTree() external {
        Order[] memory made = _remade();
        made[0].price = made[0].endPrice = 1;
        _refuseBulk(made[0], Bulk(0, Trees.proof(leaves, 0)), _invalid(made[0]));
    }

    function test_WhenProofEmpty() external {
        Order memory order = _listing();
        bytes memory plain = _sign(SELLER_KEY, order);

        vm.prank(buyer);
        exchange.fillBulk{value: PRICE}(order, plain, Bulk(0, new bytes32[](0)));

        // It should take a plain signature.
        vm.assertEq(works.ownerOf(tokenId), buyer);
    }

    function test_WhenOrderInTheTree() external {
        Order[] memory made = _remade();
        for (uint256 i = 0; i < 3; ++i) {
            vm.recordLogs();
            vm.prank(buyer);
            exchange.fillBulk{value: PRICE}(made[i], signature, Bulk(i, Trees.proof(leaves, i)));

            // It should settle every order by one signature.
            vm.assertEq(works.ownerOf(made[i].tokenId), buyer);
            // It should name the order by its own hash.
            Vm.Log[] memory logs = vm.getRecordedLogs();
            vm.assertEq(logs[1].topics[0], IExchange.OrderFilled.selector);
            vm.assertEq(logs[1].topics[1], exchange.hashOrder(made[i]));
        }
    }

    /// @dev The orders of the tree once more, as they were signed.
    function _remade() private view returns (Order[] memory made) {
        made = new Order[](3);
        for (uint256 i = 0; i < 3; ++i) {
            made[i] = _listing();
            made[i].tokenId = _idOf(artist, uint96(100 + i));
            made[i].nonce = 100 + i;
        }
    }

    function _signTree(uint256 key) private view returns (bytes memory) {
        bytes32 domain = PlainHash.domain("Vernissage Exchange", block.chainid, address(exchange));
        bytes32 digest =
            PlainHash.digest(domain, PlainHash.hash(leaves[0], Bulk(0, Trees.proof(leaves, 0))));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _invalid(Order memory order) private view returns (bytes memory) {
        return abi.encodeWithSelector(
            IExchange.Exchange_SignatureInvalid.selector, exchange.hashOrder(order), seller
        );
    }

    function _refuseBulk(Order memory order, Bulk memory bulk, bytes memory reason) private {
        vm.prank(buyer);
        vm.expectRevert(reason);
        exchange.fillBulk{value: order.price}(order, signature, bulk);

        vm.assertEq(works.ownerOf(order.tokenId), seller);
    }
}
