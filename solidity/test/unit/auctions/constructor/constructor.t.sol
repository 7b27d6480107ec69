// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGoverned} from "../../../../src/interfaces/IGoverned.sol";
import {AuctionsBase} from "../../../AuctionsBase.t.sol";
import {IERC5267Domain} from "../../../Base.t.sol";
import {vm} from "../../../support/Vm.sol";

interface IOwned {
    function owner() external view returns (address);
}

contract AuctionsConstructor_Unit_Test is AuctionsBase {
    function test_RevertWhen_OwnerZero() external {
        (address made, bytes memory reason) = _create(address(0), platform, FEE_BPS);

        vm.assertEq(made, address(0));
        vm.assertEq(reason, abi.encodeWithSignature("OwnableInvalidOwner(address)", address(0)));
    }

    function test_RevertWhen_FeeReceiverZero() external {
        (address made, bytes memory reason) = _create(owner, address(0), FEE_BPS);

        vm.assertEq(made, address(0));
        vm.assertEq(reason, abi.encodeWithSelector(IGoverned.Governed_FeeReceiverZero.selector));
    }

    function test_RevertWhen_FeeAbove500Bps() external {
        (address made, bytes memory reason) = _create(owner, platform, 501);

        vm.assertEq(made, address(0));
        vm.assertEq(
            reason, abi.encodeWithSelector(IGoverned.Governed_FeeTooHigh.selector, 501, 500)
        );
    }

    function test_WhenFeeAtMost500Bps() external {
        auctions = _deployAuctions(500);

        // It should name owner and fee receiver.
        vm.assertEq(IOwned(address(auctions)).owner(), owner);
        vm.assertEq(auctions.feeReceiver(), platform);
        // It should set the fee.
        vm.assertEq(auctions.feeBps(), 500);
        // It should know the exchange.
        vm.assertEq(auctions.exchange(), address(exchange));
        // It should state its domain.
        (, string memory name, string memory version, uint256 chainId, address verifier,,) =
            IERC5267Domain(address(auctions)).eip712Domain();
        vm.assertEq(name, "Vernissage Auctions");
        vm.assertEq(version, "1");
        vm.assertEq(chainId, block.chainid);
        vm.assertEq(verifier, address(auctions));
    }

    function _create(address owner_, address receiver, uint16 feeBps)
        private
        returns (address made, bytes memory reason)
    {
        bytes memory code = abi.encodePacked(
            vm.getCode("Auctions.sol:Auctions"),
            abi.encode(owner_, receiver, feeBps, address(exchange))
        );
        assembly ("memory-safe") {
            made := create(0, add(code, 0x20), mload(code))
            reason := mload(0x40)
            mstore(reason, returndatasize())
            returndatacopy(add(reason, 0x20), 0x00, returndatasize())
            mstore(0x40, and(add(add(reason, 0x3f), returndatasize()), not(0x1f)))
        }
    }
}
