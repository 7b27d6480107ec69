// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollection} from "../../../../src/interfaces/ICollection.sol";
import {IERC7572} from "../../../../src/interfaces/IERC7572.sol";
import {CidText} from "../../../../src/libraries/CidText.sol";
import {CollectionBase} from "../../../CollectionBase.t.sol";
import {vm} from "../../../support/Vm.sol";

contract SetContractMetadata_Unit_Test is CollectionBase {
    bytes32 private constant OTHER = bytes32(uint256(0x0737));

    function test_RevertGiven_TheHouse() external {
        vm.prank(artist);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_NotArtist.selector, artist, address(0))
        );
        collection.setContractMetadata(OTHER);

        vm.assertEq(collection.contractURI(), "");
    }

    function test_RevertWhen_CallerNotTheArtist() external {
        vm.prank(forger);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_NotArtist.selector, forger, artist)
        );
        own.setContractMetadata(OTHER);

        vm.assertEq(own.contractURI(), _uri(DIGEST));
    }

    function test_RevertWhen_DigestZero() external {
        vm.prank(artist);
        vm.expectRevert(abi.encodeWithSelector(ICollection.Collection_DigestZero.selector));
        own.setContractMetadata(0);
    }

    function test_RevertGiven_AllFrozen() external {
        vm.startPrank(artist);
        own.freezeAll();

        vm.expectRevert(abi.encodeWithSelector(ICollection.Collection_AllFrozen.selector, artist));
        own.setContractMetadata(OTHER);
        vm.stopPrank();

        vm.assertEq(own.contractURI(), _uri(DIGEST));
    }

    function test_GivenDigestUnchanged() external {
        vm.recordLogs();

        vm.prank(artist);
        own.setContractMetadata(DIGEST);

        // It should emit nothing.
        vm.assertEq(vm.getRecordedLogs().length, 0);
    }

    function test_GivenDigestChanged() external {
        // It should emit {ContractURIUpdated}.
        vm.expectEmit(address(own));
        emit IERC7572.ContractURIUpdated();
        vm.prank(artist);
        own.setContractMetadata(OTHER);

        // It should spell the new digest.
        vm.assertEq(own.contractURI(), _uri(OTHER));
        // It should find the former a change again.
        vm.expectEmit(address(own));
        emit IERC7572.ContractURIUpdated();
        vm.prank(artist);
        own.setContractMetadata(DIGEST);
        vm.assertEq(own.contractURI(), _uri(DIGEST));
    }

    function _uri(bytes32 digest) private pure returns (string memory) {
        return string.concat("ipfs://", CidText.ofRawBlock(digest));
    }
}
