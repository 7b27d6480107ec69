// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Base} from "../Base.t.sol";
import {PlainWord} from "../reference/PlainSettlement.sol";
import {PlainWorks} from "../reference/PlainWorks.sol";
import {vm} from "../support/Vm.sol";

/// @notice Whatever owners, the approved and strangers do with two works in whatever order: who owns
/// them, who is approved and how often they moved is what the plain twin says.
contract Works_Fuzz_Test is Base {
    uint256 private constant TERMS = type(uint256).max >> 48 >> 160 << 160;
    uint256 private constant APPROVED = 1 << 175;

    PlainWorks private plain;
    uint256[2] private ids;
    address[4] private people;

    function setUp() public override {
        super.setUp();
        plain = new PlainWorks();
        uint256 second = _idOf(artist, 2);
        vm.startPrank(artist);
        collection.mint(seller, second, DIGEST, ROYALTY_BPS, studio);
        collection.freeze(second);
        vm.stopPrank();
        ids = [tokenId, second];
        people = [seller, buyer, studio, address(0)];
        plain.mint(seller, ids[0]);
        plain.mint(seller, ids[1]);
        plain.setOperator(seller, address(exchange), true);
    }

    /// @dev The low bits of each step choose what happens, the next ones who and what.
    function testFuzz_WorksMoveAsThePlainOnesDo(uint64[32] calldata steps) external {
        uint256[2] memory terms = [_word(ids[0]) & TERMS, _word(ids[1]) & TERMS];
        for (uint256 i = 0; i < steps.length; ++i) {
            uint256 step = steps[i];
            address caller = people[(step >> 8) % 3];
            bytes memory data = _call(step);
            vm.prank(caller);
            (bool done,) = address(collection).call(data);
            vm.assertEq(done, _plainly(step, caller), "refused by one alone");
            _same(0, terms[0]);
            _same(1, terms[1]);
        }
    }

    function _call(uint256 step) private view returns (bytes memory) {
        (uint256 action, uint256 id, address from, address to) = _parts(step);
        if (action == 0) return abi.encodeWithSignature("burn(uint256)", id);
        if (action < 3) {
            return abi.encodeWithSignature("setApprovalForAll(address,bool)", to, action == 1);
        }
        if (action < 8) return abi.encodeWithSignature("approve(address,uint256)", to, id);
        string memory signature = action < 12
            ? "transferFrom(address,address,uint256)"
            : "safeTransferFrom(address,address,uint256)";
        return abi.encodeWithSignature(signature, from, to, id);
    }

    function _plainly(uint256 step, address caller) private returns (bool) {
        (uint256 action, uint256 id, address from, address to) = _parts(step);
        if (action == 0) return plain.burn(caller, id);
        if (action < 3) {
            plain.setOperator(caller, to, action == 1);
            return true;
        }
        if (action < 8) return plain.approve(caller, to, id);
        return plain.transfer(caller, from, to, id);
    }

    /// @dev Mostly from the one who owns the work, or most steps would be refused.
    function _parts(uint256 step)
        private
        view
        returns (uint256 action, uint256 id, address from, address to)
    {
        action = step % 16;
        // A burning ends all: three of four become movements.
        if (action == 0 && (step >> 32) % 4 != 0) action = 8;
        id = ids[(step >> 16) % 2];
        from = (step >> 40) % 8 == 0 ? people[(step >> 44) % 4] : plain.ownerOf(id);
        to = people[(step >> 24) % 4];
    }

    function _same(uint256 which, uint256 terms) private view {
        uint256 id = ids[which];
        uint256 word = _word(id);
        PlainWord.Parts memory parts = PlainWord.unpack(word);
        address approved = plain.approvedFor(id);
        address holder = plain.ownerOf(id);

        vm.assertEq(parts.owner, holder);
        vm.assertEq(parts.transferCount, plain.movements(id));
        vm.assertEq(parts.approved, approved != address(0), "the bit is the slot's");
        vm.assertEq(word & TERMS & ~APPROVED, holder == address(0) ? 0 : terms, "terms stay");
        bytes32 slot = bytes32(PlainWord.slot(id) + 1);
        vm.assertEq(address(uint160(uint256(vm.load(address(collection), slot)))), approved);
        if (holder != address(0)) vm.assertEq(works.getApproved(id), approved);
        for (uint256 i = 0; i < 3; ++i) {
            vm.assertEq(works.balanceOf(people[i]), plain.balanceOf(people[i]));
        }
    }

    function _word(uint256 id) private view returns (uint256) {
        return uint256(collection.ownershipWord(id));
    }
}
