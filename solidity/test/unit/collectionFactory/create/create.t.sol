// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721Metadata} from "@openzeppelin/contracts/interfaces/IERC721Metadata.sol";

import {ICollection} from "../../../../src/interfaces/ICollection.sol";
import {ICollectionFactory} from "../../../../src/interfaces/ICollectionFactory.sol";
import {CollectionBase} from "../../../CollectionBase.t.sol";
import {vm} from "../../../support/Vm.sol";

contract Create_CollectionFactory_Unit_Test is CollectionBase {
    string private constant LONGEST_NAME =
        "sixty-four bytes of a name, which is as long as one may be here!";

    function test_RevertWhen_NameEmpty() external {
        vm.prank(artist);
        vm.expectRevert(
            abi.encodeWithSelector(ICollectionFactory.CollectionFactory_NameEmpty.selector)
        );
        factory.create("", "S", DIGEST, 0);
    }

    function test_RevertWhen_NameAbove64Bytes() external {
        vm.prank(artist);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICollectionFactory.CollectionFactory_TextTooLong.selector, 65, 64
            )
        );
        factory.create(string.concat(LONGEST_NAME, "!"), "S", DIGEST, 0);
    }

    function test_RevertWhen_SymbolAbove16Bytes() external {
        vm.prank(artist);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICollectionFactory.CollectionFactory_TextTooLong.selector, 17, 16
            )
        );
        factory.create("Studio", "SEVENTEEN-LETTERS", DIGEST, 0);
    }

    function test_RevertGiven_TheSameMadeBefore() external {
        bytes memory code = address(own).code;

        vm.prank(artist);
        vm.expectRevert(abi.encodeWithSignature("FailedDeployment()"));
        factory.create("Studio", "STUDIO", DIGEST, 0);

        vm.assertEq(address(own).code, code);
    }

    function test_WhenTextsAtTheirLongest() external {
        vm.prank(artist);
        ICollection made = ICollection(factory.create(LONGEST_NAME, "SIXTEEN-LETTERS!", DIGEST, 0));

        // It should make the collection.
        vm.assertEq(IERC721Metadata(address(made)).name(), LONGEST_NAME);
        vm.assertEq(IERC721Metadata(address(made)).symbol(), "SIXTEEN-LETTERS!");
        vm.assertEq(made.artist(), artist);
    }

    function test_WhenSymbolEmptyAndNoDescription() external {
        vm.prank(artist);
        ICollection made = ICollection(factory.create(unicode"墨", "", 0, 0));

        // It should make the collection all the same.
        vm.assertEq(IERC721Metadata(address(made)).name(), unicode"墨");
        vm.assertEq(IERC721Metadata(address(made)).symbol(), "");
        vm.assertEq(made.contractURI(), "");
    }

    function test_WhenCalledByTwoArtistsWithTheSameTextsAndSalt() external {
        vm.prank(forger);
        ICollection other = ICollection(factory.create("Studio", "STUDIO", DIGEST, 0));

        // It should make a collection for each.
        vm.assertNotEq(uint160(address(other)), uint160(address(own)));
        vm.assertEq(other.artist(), forger);
        vm.assertEq(own.artist(), artist);
    }

    function test_WhenCalledWithAnotherSalt() external {
        vm.prank(artist);
        ICollection other =
            ICollection(factory.create("Studio", "STUDIO", DIGEST, bytes32(uint256(1))));

        // It should make another collection.
        vm.assertNotEq(uint160(address(other)), uint160(address(own)));
        vm.assertTrue(factory.isCollection(address(other)) && factory.isCollection(address(own)));
    }

    function test_WhenTermsInOrder() external {
        address expected = factory.predict(artist, "Works", "W", DIGEST, bytes32(uint256(7)));

        // It should emit {CollectionCreated}.
        vm.expectEmit(address(factory));
        emit ICollectionFactory.CollectionCreated(expected, artist, "Works", "W");
        vm.prank(artist);
        address made = factory.create("Works", "W", DIGEST, bytes32(uint256(7)));

        // It should make it where {predict} says.
        vm.assertEq(made, expected);
        // It should run the code of the house.
        bytes memory code = abi.encodePacked(
            hex"363d3d373d3d3d363d73",
            collection,
            hex"5af43d82803e903d91602b57fd5bf3",
            abi.encode(artist, DIGEST, "Works", "W")
        );
        vm.assertEq(made.code, code);
        vm.assertEq(factory.house(), address(collection));
        // It should know it for a collection.
        vm.assertTrue(factory.isCollection(made));
        vm.assertTrue(factory.isCollection(address(collection)));
        vm.assertFalse(factory.isCollection(address(foreign)));
        vm.assertFalse(factory.isCollection(address(0)));
    }
}
