// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISplitter, ISplitterFactory, Share} from "../../../../src/interfaces/ISplitter.sol";
import {SplitterBase} from "../../../SplitterBase.t.sol";
import {vm} from "../../../support/Vm.sol";

contract Create_SplitterFactory_Unit_Test is SplitterBase {
    function test_RevertWhen_FewerThanTwoReceivers() external {
        Share[] memory one = new Share[](1);
        one[0] = Share(artist, 10_000);

        _refuseShares(
            one,
            abi.encodeWithSelector(ISplitterFactory.SplitterFactory_TooFewReceivers.selector, 1)
        );
        _refuseShares(
            new Share[](0),
            abi.encodeWithSelector(ISplitterFactory.SplitterFactory_TooFewReceivers.selector, 0)
        );
    }

    function test_RevertWhen_MoreThan32Receivers() external {
        _refuseShares(
            _many(33),
            abi.encodeWithSelector(
                ISplitterFactory.SplitterFactory_TooManyReceivers.selector, 33, 32
            )
        );
    }

    function test_RevertWhen_SharesBelowTheWhole() external {
        Share[] memory shares = _three();
        shares[0].bps -= 1;

        _refuseShares(
            shares,
            abi.encodeWithSelector(ISplitterFactory.SplitterFactory_SharesNotWhole.selector, 9999)
        );
    }

    function test_RevertWhen_SharesAboveTheWhole() external {
        Share[] memory shares = _three();
        shares[0].bps = type(uint16).max;
        uint256 sum = uint256(type(uint16).max) + shares[1].bps + shares[2].bps;

        _refuseShares(
            shares,
            abi.encodeWithSelector(ISplitterFactory.SplitterFactory_SharesNotWhole.selector, sum)
        );
    }

    function test_RevertWhen_AShareZero() external {
        Share[] memory shares = _three();
        shares[1].bps = 0;

        _refuseShares(
            shares,
            abi.encodeWithSelector(
                ISplitterFactory.SplitterFactory_ShareZero.selector, shares[1].receiver
            )
        );
    }

    function test_RevertWhen_AReceiverZero() external {
        Share[] memory shares = _three();
        shares[0].receiver = address(0);

        _refuseShares(shares, _invalidReceiver(address(0)));
    }

    function test_RevertWhen_ReceiversOutOfOrder() external {
        Share[] memory shares = _three();
        (shares[1], shares[2]) = (shares[2], shares[1]);

        _refuseShares(shares, _invalidReceiver(shares[2].receiver));
    }

    function test_RevertWhen_AReceiverNamedTwice() external {
        Share[] memory shares = _three();
        shares[1].receiver = shares[0].receiver;

        _refuseShares(shares, _invalidReceiver(shares[0].receiver));
    }

    function test_GivenTheSameMadeBefore() external {
        vm.recordLogs();

        address again = splitters.create(_three());

        // It should answer where it is.
        vm.assertEq(again, address(splitter));
        vm.assertEq(vm.getRecordedLogs().length, 0);
    }

    function test_When32Receivers() external {
        Share[] memory shares = _many(32);

        ISplitter made = ISplitter(splitters.create(shares));

        // It should make the splitter.
        vm.assertEq(keccak256(abi.encode(made.shares())), keccak256(abi.encode(shares)));
    }

    function test_WhenSharesInOrder() external {
        Share[] memory shares = _three();
        (shares[0].bps, shares[1].bps) = (shares[1].bps, shares[0].bps);
        address expected = splitters.predict(shares);
        vm.assertEq(expected.code.length, 0);

        // It should emit {SplitterCreated}.
        vm.expectEmit(address(splitters));
        emit ISplitterFactory.SplitterCreated(expected, shares);
        vm.prank(forger);
        address made = splitters.create(shares);

        // It should make it where {predict} says.
        vm.assertEq(made, expected);
        // It should keep the shares in its code.
        bytes memory packed;
        for (uint256 i = 0; i < 3; ++i) {
            packed = abi.encodePacked(packed, shares[i].receiver, shares[i].bps);
        }
        vm.assertEq(
            made.code,
            abi.encodePacked(
                hex"363d3d373d3d3d363d73",
                splitters.implementation(),
                hex"5af43d82803e903d91602b57fd5bf3",
                packed
            )
        );
        vm.assertEq(keccak256(abi.encode(ISplitter(made).shares())), keccak256(abi.encode(shares)));
    }

    function _refuseShares(Share[] memory shares, bytes memory reason) private {
        vm.expectRevert(reason);
        splitters.create(shares);
        // Nobody may name the address of what can never be made.
        vm.expectRevert(reason);
        splitters.predict(shares);
    }

    function _many(uint256 count) private pure returns (Share[] memory shares) {
        shares = new Share[](count);
        for (uint256 i = 0; i < count; ++i) {
            shares[i] = Share(address(uint160(0x1000 + i)), 1);
        }
        shares[0].bps = uint16(10_001 - count);
    }

    function _invalidReceiver(address receiver) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(
                ISplitterFactory.SplitterFactory_ReceiverInvalid.selector, receiver
            );
    }
}
