// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IExchange} from "../../../../src/interfaces/IExchange.sol";
import {IGoverned} from "../../../../src/interfaces/IGoverned.sol";
import {Base, IERC5267Domain, IOwned} from "../../../Base.t.sol";
import {vm} from "../../../support/Vm.sol";

contract Constructor_Unit_Test is Base {
    function test_RevertWhen_FeeReceiverZero() external {
        bytes memory code = _creation(address(0), 200);

        (address made, bytes memory reason) = _create(code);

        vm.assertEq(made, address(0));
        vm.assertEq(reason, abi.encodeWithSelector(IGoverned.Governed_FeeReceiverZero.selector));
    }

    function test_RevertWhen_FeeAbove500Bps() external {
        bytes memory code = _creation(platform, 501);

        (address made, bytes memory reason) = _create(code);

        vm.assertEq(made, address(0));
        vm.assertEq(
            reason, abi.encodeWithSelector(IGoverned.Governed_FeeTooHigh.selector, 501, 500)
        );
    }

    function test_WhenTermsInOrder() external {
        (address made,) = _create(_creation(studio, 500));

        // It should set fee and receiver.
        vm.assertEq(IExchange(made).feeBps(), 500);
        vm.assertEq(IExchange(made).feeReceiver(), studio);
        // It should set the EIP-712 domain.
        (, string memory name, string memory version, uint256 chain, address verifying,,) =
            IERC5267Domain(made).eip712Domain();
        vm.assertEq(name, "Vernissage Exchange");
        vm.assertEq(version, "1");
        vm.assertEq(chain, block.chainid);
        vm.assertEq(verifying, made);
        // It should be open, with the owner named and no guardian.
        vm.assertTrue(IExchange(made).isOpen());
        vm.assertEq(IOwned(made).owner(), owner);
        vm.assertEq(IExchange(made).guardian(), address(0));
        vm.assertEq(IExchange(made).pausedUntil(), 0);
        // It should allow no currency.
        vm.assertFalse(IExchange(made).isCurrencyAllowed(address(0)));
    }

    function _creation(address receiver, uint16 bps) private view returns (bytes memory) {
        return
            abi.encodePacked(vm.getCode("Exchange.sol:Exchange"), abi.encode(owner, receiver, bps));
    }

    function _create(bytes memory code) private returns (address made, bytes memory reason) {
        assembly ("memory-safe") {
            made := create(0, add(code, 0x20), mload(code))
            reason := mload(0x40)
            mstore(reason, returndatasize())
            returndatacopy(add(reason, 0x20), 0x00, returndatasize())
            mstore(0x40, and(add(add(reason, 0x3f), returndatasize()), not(0x1f)))
        }
    }
}
