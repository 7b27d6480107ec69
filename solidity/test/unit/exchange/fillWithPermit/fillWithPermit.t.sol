// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICredits} from "../../../../src/interfaces/ICredits.sol";
import {IExchange} from "../../../../src/interfaces/IExchange.sol";
import {Bulk, Order, Permit} from "../../../../src/types/Orders.sol";
import {ExchangeBase} from "../../../ExchangeBase.t.sol";
import {vm} from "../../../support/Vm.sol";

contract FillWithPermit_Unit_Test is ExchangeBase {
    bytes32 private constant PERMIT_TYPEHASH = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );
    Bulk private none;

    function setUp() public override {
        super.setUp();
        vm.prank(collector);
        weth.approve(address(exchange), 0);
    }

    function test_RevertWhen_CurrencyNotAllowed() external {
        Order memory order = _wrappedListing();
        order.currency = address(foreign);
        bytes memory signature = _sign(SELLER_KEY, order);
        Permit memory permit = _permit(PRICE);

        vm.prank(collector);
        vm.expectRevert(
            _reason(IExchange.Exchange_CurrencyUnsupported.selector, uint160(address(foreign)))
        );
        exchange.fillWithPermit(order, signature, none, permit);
    }

    function test_RevertWhen_PermitAndAllowanceMissing() external {
        Order memory order = _wrappedListing();
        bytes memory signature = _sign(SELLER_KEY, order);
        Permit memory permit;

        vm.prank(collector);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICredits.Credits_NotPaid.selector, address(weth), artist, ROYALTY
            )
        );
        exchange.fillWithPermit(order, signature, none, permit);
        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function test_WhenPermitGood() external {
        _buyWith(_permit(PRICE));

        // It should use the permit.
        vm.assertEq(weth.nonces(collector), 1);
        vm.assertEq(weth.allowance(collector, address(exchange)), 0);
        // It should pay by it.
        vm.assertEq(_held(collector), PURSE - PRICE);
        vm.assertEq(works.ownerOf(tokenId), collector);
    }

    function test_GivenPermitUsedBeforeByAnother() external {
        Permit memory permit = _permit(PRICE);
        vm.prank(forger);
        weth.permit(
            collector,
            address(exchange),
            permit.value,
            permit.deadline,
            permit.v,
            permit.r,
            permit.s
        );

        _buyWith(permit);

        // It should pay by the allowance it gave.
        vm.assertEq(_held(collector), PURSE - PRICE);
        vm.assertEq(works.ownerOf(tokenId), collector);
    }

    function test_GivenAllowanceAndAWorthlessPermit() external {
        vm.prank(collector);
        weth.approve(address(exchange), PRICE);
        Permit memory permit;

        _buyWith(permit);

        // It should pay by the allowance.
        vm.assertEq(_held(collector), PURSE - PRICE);
    }

    function _buyWith(Permit memory permit) private {
        Order memory order = _wrappedListing();
        bytes memory signature = _sign(SELLER_KEY, order);
        vm.prank(collector);
        exchange.fillWithPermit(order, signature, none, permit);
    }

    function _permit(uint256 value) private view returns (Permit memory permit) {
        bytes32 hash =
            keccak256(abi.encode(PERMIT_TYPEHASH, collector, address(exchange), value, 0, NOW));
        (permit.value, permit.deadline) = (value, NOW);
        (permit.v, permit.r, permit.s) = vm.sign(
            COLLECTOR_KEY, keccak256(abi.encodePacked("\x19\x01", weth.DOMAIN_SEPARATOR(), hash))
        );
    }
}
