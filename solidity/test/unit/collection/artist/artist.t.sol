// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/interfaces/IERC721Metadata.sol";

import {ICollection} from "../../../../src/interfaces/ICollection.sol";
import {CidText} from "../../../../src/libraries/CidText.sol";
import {IERC5267Domain} from "../../../Base.t.sol";
import {CollectionBase} from "../../../CollectionBase.t.sol";
import {PlainHash} from "../../../reference/PlainHash.sol";
import {vm} from "../../../support/Vm.sol";

contract Artist_Unit_Test is CollectionBase {
    function test_GivenTheHouse() external {
        // It should answer zero.
        vm.assertEq(collection.artist(), address(0));
        // It should let every creator mint own ids.
        vm.prank(buyer);
        collection.mint(buyer, _idOf(buyer, 1), DIGEST, 0, address(0));
        vm.assertEq(works.ownerOf(_idOf(buyer, 1)), buyer);
    }

    function test_GivenAClone() external {
        // It should answer the artist in its code.
        vm.assertEq(own.artist(), artist);
        // It should answer name, symbol and description in its code.
        vm.assertEq(IERC721Metadata(address(own)).name(), "Studio");
        vm.assertEq(IERC721Metadata(address(own)).symbol(), "STUDIO");
        vm.assertEq(own.contractURI(), string.concat("ipfs://", CidText.ofRawBlock(DIGEST)));
        vm.assertEq(own.exchange(), address(exchange));
        // It should speak for its own address when asked for the domain.
        (, string memory name, string memory version, uint256 chainId, address verifying,,) =
            IERC5267Domain(address(own)).eip712Domain();
        vm.assertEq(name, "Vernissage Collection");
        vm.assertEq(version, "1");
        vm.assertEq(chainId, block.chainid);
        vm.assertEq(verifying, address(own));
        bytes32 domain = PlainHash.domain(name, chainId, address(own));
        vm.assertEq(
            own.hashVoucher(_voucher()), PlainHash.digest(domain, PlainHash.hash(_voucher()))
        );
        // It should let the artist mint.
        vm.prank(artist);
        own.mint(buyer, _idOf(artist, 1), DIGEST, 0, address(0));
        vm.assertEq(IERC721(address(own)).ownerOf(_idOf(artist, 1)), buyer);
    }

    function test_RevertGiven_ACloneAndTheIdOfAnother() external {
        uint256 id = _idOf(forger, 1);

        vm.prank(forger);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_NotArtist.selector, forger, artist)
        );
        own.mint(forger, id, DIGEST, 0, address(0));

        vm.assertEq(uint256(own.ownershipWord(id)), 0);
    }
}
