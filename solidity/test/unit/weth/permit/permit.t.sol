// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

import {IWeth} from "../../../support/IWeth.sol";
import {Base} from "../../../Base.t.sol";
import {vm} from "../../../support/Vm.sol";

contract WethPermit_Unit_Test is Base {
    bytes32 private constant PERMIT_TYPEHASH = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );

    IWeth private weth;

    function setUp() public override {
        vm.warp(NOW);
        weth = IWeth(vm.deployCode("Weth.sol:Weth", ""));
    }

    function test_RevertWhen_SignedByAnother() external {
        (uint8 v, bytes32 r, bytes32 s) = _permit(FORGER_KEY, NOW);

        vm.expectRevert(
            abi.encodeWithSelector(ERC20Permit.ERC2612InvalidSigner.selector, forger, seller)
        );
        weth.permit(seller, studio, 5, NOW, v, r, s);
    }

    function test_RevertWhen_TooLate() external {
        (uint8 v, bytes32 r, bytes32 s) = _permit(SELLER_KEY, NOW - 1);

        vm.expectRevert(
            abi.encodeWithSelector(ERC20Permit.ERC2612ExpiredSignature.selector, NOW - 1)
        );
        weth.permit(seller, studio, 5, NOW - 1, v, r, s);
    }

    function test_WhenSignedByTheHolder() external {
        (uint8 v, bytes32 r, bytes32 s) = _permit(SELLER_KEY, NOW);

        weth.permit(seller, studio, 5, NOW, v, r, s);

        // It should allow the spender once.
        vm.assertEq(weth.allowance(seller, studio), 5);
        vm.assertEq(weth.nonces(seller), 1);
    }

    function _permit(uint256 key, uint256 deadline)
        private
        view
        returns (uint8 v, bytes32 r, bytes32 s)
    {
        bytes32 content = keccak256(
            abi.encode(PERMIT_TYPEHASH, seller, studio, 5, weth.nonces(seller), deadline)
        );
        return
            vm.sign(key, keccak256(abi.encodePacked(hex"1901", weth.DOMAIN_SEPARATOR(), content)));
    }
}
