// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721Metadata} from "@openzeppelin/contracts/interfaces/IERC721Metadata.sol";

import {ICollection} from "../../../../src/interfaces/ICollection.sol";
import {IERC7572} from "../../../../src/interfaces/IERC7572.sol";
import {Base} from "../../../Base.t.sol";
import {Vm, vm} from "../../../support/Vm.sol";

contract TokenURI_Unit_Test is Base {
    // The digest of "{}", whose text any IPFS tool prints.
    bytes32 private constant EMPTY =
        0x44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a;
    string private constant EMPTY_URI =
        "ipfs://bafkreicecnx2gvntm6fbcrvnc336qze6st5u7qq7457igegamd3bzkx7ri";

    function test_RevertGiven_NoSuchWork() external {
        vm.expectRevert(abi.encodeWithSignature("TokenDoesNotExist()"));
        IERC721Metadata(address(collection)).tokenURI(tokenId + 1);
    }

    function test_RevertGiven_Burned() external {
        vm.prank(seller);
        collection.burn(tokenId);

        vm.expectRevert(abi.encodeWithSignature("TokenDoesNotExist()"));
        IERC721Metadata(address(collection)).tokenURI(tokenId);
    }

    function test_GivenAWork() external {
        uint256 id = _idOf(artist, 2);
        vm.prank(artist);
        collection.mint(artist, id, EMPTY, 0, address(0));

        // It should spell the digest as an address of IPFS.
        vm.assertEq(IERC721Metadata(address(collection)).tokenURI(id), EMPTY_URI);
    }

    function test_GivenCollectionWithoutMetadata() external view {
        // It should answer an empty contractURI.
        vm.assertEq(collection.contractURI(), "");
        vm.assertEq(IERC721Metadata(address(collection)).name(), "House");
        vm.assertEq(IERC721Metadata(address(collection)).symbol(), "HOUSE");
    }

    function test_GivenCollectionWithMetadata() external {
        vm.recordLogs();

        ICollection other = ICollection(
            vm.deployCode("Collection.sol:Collection", abi.encode("Other", "O", EMPTY, exchange))
        );

        // It should spell its digest as an address of IPFS.
        vm.assertEq(other.contractURI(), EMPTY_URI);
        // It should emit {ContractURIUpdated} at its making.
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs[0].topics[0], IERC7572.ContractURIUpdated.selector);
    }
}
