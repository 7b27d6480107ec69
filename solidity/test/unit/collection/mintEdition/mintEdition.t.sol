// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollection} from "../../../../src/interfaces/ICollection.sol";
import {Base} from "../../../Base.t.sol";
import {Vm, vm} from "../../../support/Vm.sol";

contract MintEdition_Unit_Test is Base {
    function test_RevertWhen_SizeZero() external {
        vm.prank(artist);
        vm.expectRevert(abi.encodeWithSelector(ICollection.Collection_EditionEmpty.selector));
        collection.mintEdition(buyer, _idOf(artist, 2), 0, DIGEST, ROYALTY_BPS, address(0));
    }

    function test_RevertWhen_DigestZero() external {
        vm.prank(artist);
        vm.expectRevert(abi.encodeWithSelector(ICollection.Collection_DigestZero.selector));
        collection.mintEdition(buyer, _idOf(artist, 2), 3, 0, ROYALTY_BPS, address(0));

        vm.assertEq(works.balanceOf(buyer), 0);
    }

    function test_RevertWhen_CallerNeitherCreatorNorMinter() external {
        vm.prank(forger);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_NotMinter.selector, artist, forger)
        );
        collection.mintEdition(buyer, _idOf(artist, 2), 3, DIGEST, ROYALTY_BPS, address(0));
    }

    function test_RevertWhen_NumbersRunPastTheLast() external {
        uint256 last = _idOf(artist, type(uint96).max);

        vm.prank(artist);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICollection.Collection_SerialTooHigh.selector, uint256(1 << 96) + 1
            )
        );
        collection.mintEdition(buyer, last, 2, DIGEST, ROYALTY_BPS, address(0));

        vm.assertEq(uint256(collection.ownershipWord(last)), 0);
    }

    function test_RevertWhen_SizeBeyondAllNumbers() external {
        vm.prank(artist);
        (bool success,) = address(collection).call{gas: 1_000_000}(
            abi.encodeCall(
                ICollection.mintEdition,
                (buyer, _idOf(artist, 2), type(uint256).max, DIGEST, ROYALTY_BPS, address(0))
            )
        );

        vm.assertFalse(success);
    }

    function test_RevertGiven_OneOfThemMintedBefore() external {
        vm.prank(artist);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_AlreadyMinted.selector, tokenId)
        );
        collection.mintEdition(buyer, _idOf(artist, 0), 2, DIGEST, ROYALTY_BPS, address(0));

        vm.assertEq(works.balanceOf(buyer), 0);
    }

    function test_WhenTermsInOrder() external {
        uint256 first = _idOf(artist, 2);
        vm.recordLogs();

        vm.prank(artist);
        collection.mintEdition(buyer, first, 3, DIGEST, ROYALTY_BPS, studio);

        // It should emit {EditionMinted} then {Transfer} and {Minted} for each.
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 7);
        vm.assertEq(logs[0].topics[0], ICollection.EditionMinted.selector);
        vm.assertEq(logs[0].topics[1], bytes32(first));
        vm.assertEq(logs[0].data, abi.encode(3));
        vm.assertEq(logs[5].topics[3], bytes32(first + 2));
        vm.assertEq(logs[6].topics[0], ICollection.Minted.selector);
        vm.assertEq(logs[6].data, abi.encode(DIGEST, ROYALTY_BPS, studio));
        // It should give every work the same digest and word.
        for (uint256 i = 0; i < 3; ++i) {
            vm.assertEq(collection.metadataDigest(first + i), DIGEST);
            vm.assertEq(
                uint256(collection.ownershipWord(first + i)),
                uint160(buyer) | (uint256(ROYALTY_BPS) << 160) | (1 << 176)
            );
        }
        // It should raise the balance by their number.
        vm.assertEq(works.balanceOf(buyer), 3);
    }
}
