// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICollection} from "../../src/interfaces/ICollection.sol";
import {CollectionBase} from "../CollectionBase.t.sol";
import {vm} from "../support/Vm.sol";

/// @notice Where a collection keeps what proofs of storage show: case MNT-07, for house and clone.
contract Storage_Cases is CollectionBase {
    uint256 private constant WORDS = 6;

    string private _json;

    function test_MNT07_SlotsOfTheHouse() external {
        _checkSlots(collection);
    }

    function test_MNT07_SlotsOfAClone() external {
        _checkSlots(own);
    }

    function _checkSlots(ICollection target) private {
        _json = vm.readFile("../tests/vectors/words.json");
        for (uint256 i = 0; i < WORDS; ++i) {
            string memory key = string.concat(".words[", vm.toString(i), "]");
            uint256 id = vm.parseJsonUint(_json, string.concat(key, ".tokenId"));
            address creator = vm.parseJsonAddress(_json, string.concat(key, ".creator"));
            _checkWork(target, key, id);
            _checkCreator(target, key, creator);
        }
    }

    /// @dev Word, approval and balance lie in slots placed by hand.
    function _checkWork(ICollection target, string memory key, uint256 id) private {
        bytes32 word = vm.parseJsonBytes32(_json, string.concat(key, ".word"));
        address holder = vm.parseJsonAddress(_json, string.concat(key, ".owner"));
        vm.store(address(target), _slot(key, ".wordSlot"), word);
        vm.store(address(target), _slot(key, ".digestSlot"), DIGEST);
        vm.store(address(target), _slot(key, ".balanceSlot"), bytes32(uint256(3)));
        vm.store(address(target), _slot(key, ".approvalSlot"), _asWord(studio));

        vm.assertEq(target.ownershipWord(id), word);
        vm.assertEq(target.metadataDigest(id), DIGEST);
        if (holder == address(0)) return;
        (bool found, bytes memory answer) =
            address(target).staticcall(abi.encodeWithSignature("balanceOf(address)", holder));
        vm.assertTrue(found);
        vm.assertEq(abi.decode(answer, (uint256)), 3);
        (found, answer) =
            address(target).staticcall(abi.encodeWithSignature("getApproved(uint256)", id));
        vm.assertTrue(found);
        vm.assertEq(abi.decode(answer, (address)), studio);
    }

    /// @dev Royalty bps 16 | payee 32 | frozen 8, from the low bits up.
    function _checkCreator(ICollection target, string memory key, address creator) private {
        uint256 terms = 750 | (uint256(9) << 16) | (uint256(1) << 48);
        vm.store(address(target), _slot(key, ".creatorSlot"), bytes32(terms));
        bytes32 payee = keccak256(abi.encode(uint256(9), uint256(3)));
        vm.store(address(target), payee, _asWord(studio));

        vm.assertTrue(target.isAllFrozen(creator));
        (uint16 bps, address receiver) = target.defaultRoyalty(creator);
        vm.assertEq(bps, 750);
        vm.assertEq(receiver, studio);
    }

    function _slot(string memory key, string memory field) private view returns (bytes32) {
        return vm.parseJsonBytes32(_json, string.concat(key, field));
    }

    function _asWord(address account) private pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }
}
