// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";

import {ICollection} from "../../src/interfaces/ICollection.sol";
import {ICollectionFactory} from "../../src/interfaces/ICollectionFactory.sol";
import {ICredits} from "../../src/interfaces/ICredits.sol";
import {ISplitter, ISplitterFactory, Share} from "../../src/interfaces/ISplitter.sol";
import {Voucher} from "../../src/types/Orders.sol";
import {SplitterBase} from "../SplitterBase.t.sol";
import {vm} from "../support/Vm.sol";

/// @notice Who may do what in collections, their factory and splitters: cases ADM-01, ADM-04 and
/// ADM-05. Nobody has a power here that is not the creator's, the owner's or the receiver's own.
///
/// @dev That every function is called here is checked against the ABI in
/// `tests/project/test_artifacts.py`.
contract AdminOfWorks_Cases is SplitterBase {
    /// @dev What belongs to others, in the house and in an artist's collection.
    function test_ADM01_WorksClosedToStrangers() external {
        vm.prank(artist);
        own.mint(seller, tokenId, DIGEST, ROYALTY_BPS, address(0));

        _tryEverythingOfOthers(collection);
        _tryEverythingOfOthers(own);
    }

    function test_ADM01_ArtistsCollectionClosedToStrangers() external {
        uint256 forged = _idOf(forger, 1);
        bytes[7] memory calls = [
            abi.encodeCall(ICollection.mint, (forger, forged, DIGEST, 0, address(0))),
            abi.encodeCall(ICollection.mintMany, (forger, forged, _digests(), 0, address(0))),
            abi.encodeCall(ICollection.mintEdition, (forger, forged, 2, DIGEST, 0, address(0))),
            abi.encodeCall(ICollection.setMinter, (forger, true)),
            abi.encodeCall(ICollection.setDefaultRoyalty, (2500, forger)),
            abi.encodeCall(ICollection.freezeAll, ()),
            abi.encodeCall(ICollection.setContractMetadata, (bytes32(uint256(1))))
        ];
        vm.recordLogs();
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(forger);
            (bool success, bytes memory reason) = address(own).call(calls[i]);
            vm.assertFalse(success);
            vm.assertEq(
                reason,
                abi.encodeWithSelector(ICollection.Collection_NotArtist.selector, forger, artist)
            );
        }
        vm.assertEq(vm.getRecordedLogs().length, 0);
    }

    function test_ADM01_HouseOpenToAllTouchesOnlyTheCaller() external {
        bytes32 word = collection.ownershipWord(tokenId);

        vm.startPrank(forger);
        collection.mint(forger, _idOf(forger, 1), DIGEST, 0, address(0));
        collection.mintMany(forger, _idOf(forger, 2), _digests(), 0, address(0));
        collection.mintEdition(forger, _idOf(forger, 9), 2, DIGEST, 0, address(0));
        collection.setMinter(minter, true);
        collection.setDefaultRoyalty(2500, forger);
        collection.freezeAll();
        works.setApprovalForAll(minter, true);
        vm.expectRevert(_nothing(forger));
        collection.withdraw(address(0), forger);
        vm.expectRevert(_nothing(seller));
        collection.withdrawFor(seller, address(0));
        vm.stopPrank();

        vm.assertEq(collection.ownershipWord(tokenId), word);
        vm.assertFalse(collection.isFrozen(tokenId));
        vm.assertFalse(collection.isMinter(artist, minter));
        (uint16 bps, address receiver) = collection.defaultRoyalty(artist);
        vm.assertEq(bps, 0);
        vm.assertEq(receiver, artist);
    }

    function test_ADM01_RedeemFollowsASignature() external {
        Voucher memory voucher = _voucher();
        bytes memory forged = _signVoucher(FORGER_KEY, voucher);
        bytes memory reason = _invalid(voucher, artist);

        vm.prank(forger);
        vm.expectRevert(reason);
        collection.redeem{value: PRICE}(voucher, artist, forged, 0);

        _redeem(voucher);
        vm.assertEq(works.ownerOf(voucher.tokenId), buyer);
    }

    function test_ADM01_PlatformAndOwnerOfTheExchangeHaveNoPower() external {
        address[3] memory powers = [owner, platform, address(exchange)];
        for (uint256 i = 0; i < powers.length; ++i) {
            vm.startPrank(powers[i]);
            vm.expectRevert(
                abi.encodeWithSelector(ICollection.Collection_NotMinter.selector, artist, powers[i])
            );
            own.mint(powers[i], _idOf(artist, 5), DIGEST, 0, address(0));
            vm.expectRevert(
                abi.encodeWithSelector(ICollection.Collection_NotArtist.selector, powers[i], artist)
            );
            own.setContractMetadata(bytes32(uint256(1)));
            vm.expectRevert(
                abi.encodeWithSelector(
                    ICollection.Collection_NotCreator.selector, tokenId, powers[i]
                )
            );
            collection.freeze(tokenId);
            vm.stopPrank();
        }
    }

    function test_ADM01_FactoriesServeTheCallerOnly() external {
        vm.startPrank(forger);
        ICollection made = ICollection(factory.create("Studio", "STUDIO", DIGEST, 0));
        Share[] memory shares = _three();
        vm.assertEq(splitters.create(shares), address(splitter));
        vm.stopPrank();

        vm.assertEq(made.artist(), forger);
        vm.assertEq(own.artist(), artist);
    }

    function test_ADM01_ReleaseByAStrangerPaysTheReceiver() external {
        _pay(100);

        vm.startPrank(forger);
        uint256 before = forger.balance;
        splitter.release(studio, address(0));
        vm.expectRevert(
            abi.encodeWithSelector(ISplitter.Splitter_NothingToRelease.selector, forger, address(0))
        );
        splitter.release(forger, address(0));
        vm.stopPrank();

        vm.assertEq(forger.balance, before);
        vm.assertEq(studio.balance, 30);
    }

    function test_ADM04_NoCoinComesIntoWorksExceptByASale() external {
        address[4] memory closed =
            [address(collection), address(own), address(factory), address(splitters)];
        for (uint256 i = 0; i < closed.length; ++i) {
            vm.startPrank(buyer);
            (bool plain,) = closed[i].call{value: 1}("");
            (bool minted,) = closed[i].call{value: 1}(
                abi.encodeCall(ICollection.mint, (buyer, _idOf(buyer, 1), DIGEST, 0, address(0)))
            );
            (bool drawn,) =
                closed[i].call{value: 1}(abi.encodeCall(ICredits.withdraw, (address(0), buyer)));
            (bool made,) = closed[i].call{value: 1}(
                abi.encodeCall(ICollectionFactory.create, ("Name", "N", DIGEST, 0))
            );
            (bool split,) =
                closed[i].call{value: 1}(abi.encodeCall(ISplitterFactory.create, (_three())));
            vm.stopPrank();
            vm.assertFalse(plain || minted || drawn || made || split);
            vm.assertEq(closed[i].balance, 0);
        }
    }

    function test_ADM05_NoDelegateCallInTheCodeOfWorks() external view {
        // That it finds what is there: a collection makes calls.
        vm.assertTrue(_holds(address(collection).code, 0xf1));
        address[4] memory all =
            [address(collection), address(factory), address(splitters), splitters.implementation()];
        for (uint256 i = 0; i < all.length; ++i) {
            vm.assertFalse(_holds(all[i].code, 0xff));
        }
        vm.assertFalse(_holds(address(collection).code, 0xf4));
        vm.assertFalse(_holds(splitters.implementation().code, 0xf4));
    }

    function _tryEverythingOfOthers(ICollection target) private {
        bytes[11] memory calls = [
            abi.encodeCall(ICollection.mint, (forger, _idOf(artist, 50), DIGEST, 0, address(0))),
            abi.encodeCall(
                ICollection.mintMany, (forger, _idOf(artist, 50), _digests(), 0, address(0))
            ),
            abi.encodeCall(
                ICollection.mintEdition, (forger, _idOf(artist, 50), 2, DIGEST, 0, address(0))
            ),
            abi.encodeCall(ICollection.setMetadata, (tokenId, bytes32(uint256(1)))),
            abi.encodeCall(ICollection.setRoyalty, (tokenId, 0)),
            abi.encodeCall(ICollection.freeze, (tokenId)),
            abi.encodeCall(ICollection.burn, (tokenId)),
            abi.encodeCall(ICollection.setContractMetadata, (bytes32(uint256(1)))),
            abi.encodeCall(IERC721.approve, (forger, tokenId)),
            abi.encodeCall(IERC721.transferFrom, (seller, forger, tokenId)),
            abi.encodeWithSignature(
                "safeTransferFrom(address,address,uint256)", seller, forger, tokenId
            )
        ];
        bytes32 word = target.ownershipWord(tokenId);
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(forger);
            (bool success,) = address(target).call(calls[i]);
            vm.assertFalse(success);
        }
        vm.prank(forger);
        vm.expectRevert(abi.encodeWithSignature("NotOwnerNorApproved()"));
        IERC721(address(target)).safeTransferFrom(seller, forger, tokenId, "");

        vm.assertEq(target.ownershipWord(tokenId), word);
        vm.assertEq(target.metadataDigest(tokenId), DIGEST);
        vm.assertEq(IERC721(address(target)).getApproved(tokenId), address(0));
        vm.assertEq(uint256(target.ownershipWord(_idOf(artist, 50))), 0);
    }

    /// @dev Whether an opcode stands in the code, outside the data of pushes.
    function _holds(bytes memory code, uint8 opcode) private pure returns (bool) {
        for (uint256 i = 0; i < code.length; ++i) {
            uint8 found = uint8(code[i]);
            if (found == opcode) return true;
            if (found >= 0x60 && found <= 0x7f) i += found - 0x5f;
            // What follows an INVALID that is not jumped over is data.
            if (found == 0xfe && i + 1 < code.length && uint8(code[i + 1]) != 0x5b) return false;
        }
        return false;
    }

    function _digests() private pure returns (bytes32[] memory digests) {
        digests = new bytes32[](2);
        (digests[0], digests[1]) = (DIGEST, DIGEST);
    }

    function _nothing(address account) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(ICredits.Credits_NothingToWithdraw.selector, account, address(0));
    }
}
