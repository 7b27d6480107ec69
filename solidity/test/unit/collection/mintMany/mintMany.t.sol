// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollection} from "../../../../src/interfaces/ICollection.sol";
import {Base} from "../../../Base.t.sol";
import {Vm, vm} from "../../../support/Vm.sol";

contract MintMany_Unit_Test is Base {
    function test_WhenNoDigestGiven() external {
        vm.recordLogs();

        _mintMany(2, new bytes32[](0));

        // It should mint nothing.
        vm.assertEq(vm.getRecordedLogs().length, 0);
        vm.assertEq(works.balanceOf(buyer), 0);
    }

    function test_RevertWhen_ADigestZero() external {
        bytes32[] memory digests = _digests(3);
        digests[2] = 0;

        vm.expectRevert(abi.encodeWithSelector(ICollection.Collection_DigestZero.selector));
        this.mintMany(2, digests);

        vm.assertEq(works.balanceOf(buyer), 0);
    }

    function test_RevertWhen_AWorkMintedBefore() external {
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_AlreadyMinted.selector, tokenId)
        );
        this.mintMany(0, _digests(2));

        vm.assertEq(works.balanceOf(buyer), 0);
    }

    function test_RevertWhen_NumbersRunPastTheLast() external {
        vm.expectRevert(
            abi.encodeWithSelector(
                ICollection.Collection_SerialTooHigh.selector, uint256(1 << 96) + 1
            )
        );
        this.mintMany(type(uint96).max, _digests(2));
    }

    function test_WhenNumbersEndAtTheLast() external {
        uint256 first = _mintMany(type(uint96).max - 1, _digests(2));

        // It should mint to the last number.
        vm.assertEq(works.ownerOf(first + 1), buyer);
        vm.assertEq(uint96(first + 1), type(uint96).max);
        vm.assertEq(collection.creatorOf(first + 1), artist);
    }

    function test_WhenTermsInOrder() external {
        vm.recordLogs();

        uint256 first = _mintMany(2, _digests(3));

        // It should number the works in a row.
        vm.assertEq(first, _idOf(artist, 2));
        vm.assertEq(works.ownerOf(first + 2), buyer);
        vm.assertEq(collection.metadataDigest(first + 2), _digests(3)[2]);
        vm.assertEq(collection.ownershipWord(first), collection.ownershipWord(first + 2));
        // It should raise the balance by their number.
        vm.assertEq(works.balanceOf(buyer), 3);
        // It should emit {Transfer} and {Minted} for each.
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 6);
        vm.assertEq(logs[4].topics[3], bytes32(first + 2));
        vm.assertEq(logs[5].topics[0], ICollection.Minted.selector);
        vm.assertEq(logs[5].data, abi.encode(_digests(3)[2], ROYALTY_BPS, artist));
    }

    function mintMany(uint96 firstN, bytes32[] memory digests) external {
        _mintMany(firstN, digests);
    }

    function _mintMany(uint96 firstN, bytes32[] memory digests) private returns (uint256 first) {
        first = _idOf(artist, firstN);
        vm.prank(artist);
        collection.mintMany(buyer, first, digests, ROYALTY_BPS, address(0));
    }

    function _digests(uint256 count) private pure returns (bytes32[] memory digests) {
        digests = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            digests[i] = bytes32(i + 1);
        }
    }
}
