// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IERC165} from "@openzeppelin/contracts/interfaces/IERC165.sol";
import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/interfaces/IERC721Metadata.sol";

import {ICollection} from "../../src/interfaces/ICollection.sol";
import {Order, Voucher} from "../../src/types/Orders.sol";
import {CollectionBase} from "../CollectionBase.t.sol";
import {vm} from "../support/Vm.sol";

/// @notice Collections of artists: cases MNT-06, MNT-08 and MNT-09.
contract Clones_Cases is CollectionBase {
    function test_MNT06_OnlyTheArtistMintsInAnOwnCollection() external {
        // Nobody mints the own ids there, not even by voucher or by a minter of one's own.
        address[3] memory others = [forger, seller, address(collection)];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory reason = abi.encodeWithSelector(
                ICollection.Collection_NotArtist.selector, others[i], artist
            );
            vm.startPrank(others[i]);
            vm.expectRevert(reason);
            own.mint(others[i], _idOf(others[i], 1), DIGEST, 0, address(0));
            vm.expectRevert(reason);
            own.mintMany(others[i], _idOf(others[i], 1), new bytes32[](0), 0, address(0));
            vm.expectRevert(reason);
            own.mintEdition(others[i], _idOf(others[i], 1), 1, DIGEST, 0, address(0));
            vm.expectRevert(
                abi.encodeWithSelector(ICollection.Collection_NotMinter.selector, artist, others[i])
            );
            own.mint(others[i], _idOf(artist, 1), DIGEST, 0, address(0));
            vm.stopPrank();
        }
    }

    function test_MNT06_NobodySellsOwnIdsInAnothersCollection() external {
        Voucher memory voucher = _voucher();
        voucher.tokenId = _idOf(forger, 1);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(FORGER_KEY, own.hashVoucher(voucher));

        vm.prank(buyer);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_NotArtist.selector, forger, artist)
        );
        own.redeem{value: PRICE}(voucher, forger, abi.encodePacked(r, s, v), 0);
    }

    function test_MNT06_MinterOfTheHouseIsNoneInTheOwnCollection() external {
        vm.prank(artist);
        collection.setMinter(minter, true);

        vm.prank(minter);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_NotMinter.selector, artist, minter)
        );
        own.mint(minter, _idOf(artist, 1), DIGEST, 0, address(0));
    }

    function test_MNT06_HouseAndOwnCollectionShareNothing() external {
        vm.startPrank(artist);
        own.mint(seller, tokenId, bytes32(uint256(1)), 0, address(0));
        own.freezeAll();
        collection.setMetadata(tokenId, bytes32(uint256(2)));
        vm.stopPrank();

        vm.assertEq(own.metadataDigest(tokenId), bytes32(uint256(1)));
        vm.assertEq(collection.metadataDigest(tokenId), bytes32(uint256(2)));
        vm.assertFalse(collection.isFrozen(tokenId));
    }

    function test_MNT08_HouseHasNothingToInitialise() external {
        bytes32 word = collection.ownershipWord(tokenId);
        bytes[4] memory calls = [
            abi.encodeWithSignature("initialize()"),
            abi.encodeWithSignature("initialize(address)", forger),
            abi.encodeWithSignature("initialize(address,string,string)", forger, "F", "F"),
            abi.encodeWithSignature(
                "initialize(address,bytes32,string,string)", forger, DIGEST, "F", "F"
            )
        ];
        vm.startPrank(forger);
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool house,) = address(collection).call(calls[i]);
            (bool clone,) = address(own).call(calls[i]);
            vm.assertFalse(house || clone);
        }
        vm.stopPrank();

        vm.assertEq(collection.artist(), address(0));
        vm.assertEq(own.artist(), artist);
        vm.assertEq(IERC721Metadata(address(collection)).name(), "House");
        vm.assertEq(collection.ownershipWord(tokenId), word);
    }

    function test_MNT08_ArtistCannotBeFrontRun() external {
        // A forger sees the artist's creation coming and sends the same first.
        address expected = factory.predict(artist, "Oeuvre", "O", DIGEST, bytes32(uint256(5)));
        vm.prank(forger);
        address squatted = factory.create("Oeuvre", "O", DIGEST, bytes32(uint256(5)));
        vm.assertNotEq(uint160(squatted), uint160(expected));
        vm.assertEq(expected.code.length, 0);

        vm.prank(artist);
        vm.assertEq(factory.create("Oeuvre", "O", DIGEST, bytes32(uint256(5))), expected);
        vm.assertEq(ICollection(expected).artist(), artist);
    }

    function testFuzz_MNT08_AddressNamesTheArtist(address other, bytes32 salt) external view {
        vm.assume(other != artist);

        vm.assertNotEq(
            uint160(factory.predict(other, "Studio", "STUDIO", DIGEST, salt)),
            uint160(factory.predict(artist, "Studio", "STUDIO", DIGEST, salt))
        );
        vm.assertNotEq(
            uint160(factory.predict(other, "Studio", "STUDIO", DIGEST, salt)), uint160(address(own))
        );
    }

    function test_MNT08_StrangersProxyIsNoCollectionOfOurs() external {
        // Anybody may point a clone at the house; it is another contract, and known as none.
        ICollection bare = ICollection(Clones.clone(address(collection)));
        ICollection posing = ICollection(
            Clones.cloneWithImmutableArgs(
                address(collection), abi.encode(artist, DIGEST, "Studio", "STUDIO")
            )
        );

        vm.assertFalse(factory.isCollection(address(bare)));
        vm.assertFalse(factory.isCollection(address(posing)));
        vm.assertEq(bare.artist(), address(0));
        vm.prank(forger);
        vm.expectRevert(
            abi.encodeWithSelector(ICollection.Collection_NotArtist.selector, forger, address(0))
        );
        bare.mint(forger, _idOf(forger, 1), DIGEST, 0, address(0));
        vm.assertEq(works.balanceOf(forger), 0);
    }

    /// @dev The assembly that reads the artist, held against the library that copies everything.
    function testFuzz_CloneArguments(address who, bytes32 digest, bytes32 salt, bytes16 text)
        external
    {
        vm.assume(who != address(0));
        string memory name = string(abi.encodePacked(text));
        vm.prank(who);
        address made = factory.create(name, name, digest, salt);

        (address first, bytes32 second, string memory third, string memory fourth) =
            abi.decode(Clones.fetchCloneArgs(made), (address, bytes32, string, string));
        vm.assertEq(ICollection(made).artist(), first);
        vm.assertEq(first, who);
        vm.assertEq(second, digest);
        vm.assertEq(IERC721Metadata(made).name(), third);
        vm.assertEq(IERC721Metadata(made).symbol(), fourth);
        vm.assertEq(third, name);
    }

    function test_MNT09_InterfaceIdsOfAClone() external view {
        IERC165 found = IERC165(address(own));
        bytes4[7] memory spoken = [
            bytes4(0x01ffc9a7),
            0x80ac58cd,
            0x5b5e139f,
            0x2a55205a,
            0x49064906,
            0xe8a3d485,
            0xcaf1690e
        ];
        for (uint256 i = 0; i < spoken.length; ++i) {
            vm.assertTrue(found.supportsInterface(spoken[i]));
        }
        vm.assertFalse(found.supportsInterface(0xffffffff));
    }

    function test_CloneIsSoldAtTheExchange() external {
        uint256 id = _idOf(artist, 1);
        vm.prank(artist);
        own.mint(seller, id, DIGEST, ROYALTY_BPS, studio);
        vm.prank(seller);
        IERC721(address(own)).setApprovalForAll(address(exchange), true);
        Order memory order = _listing();
        order.collection = address(own);
        order.tokenId = id;
        order.transferCount = 0;

        _buy(order);

        (address holder, uint256 count) = own.ownerAndCount(id);
        vm.assertEq(holder, buyer);
        vm.assertEq(count, 1);
        vm.assertEq(studio.balance, PRICE * ROYALTY_BPS / 10_000);
    }

    function test_VoucherInAnOwnCollection() external {
        Voucher memory voucher = _voucher();
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ARTIST_KEY, own.hashVoucher(voucher));
        uint256 before = artist.balance;

        vm.prank(buyer);
        own.redeem{value: PRICE}(voucher, artist, abi.encodePacked(r, s, v), 0);

        vm.assertEq(IERC721(address(own)).ownerOf(voucher.tokenId), buyer);
        vm.assertEq(artist.balance, before + PRICE - _feeOf(PRICE));
        vm.assertEq(address(own).balance, 0);
        vm.assertEq(uint256(collection.ownershipWord(voucher.tokenId)), 0);
    }

    function test_BurnInAnOwnCollectionByTheOwner() external {
        uint256 id = _idOf(artist, 1);
        vm.prank(artist);
        own.mint(seller, id, DIGEST, ROYALTY_BPS, studio);

        vm.prank(seller);
        own.burn(id);

        vm.assertEq(uint256(own.ownershipWord(id)), 1 << 208);
        vm.assertEq(own.metadataDigest(id), 0);
    }
}
