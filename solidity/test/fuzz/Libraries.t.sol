// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BoundedCalls} from "../../src/libraries/BoundedCalls.sol";
import {MakerWord} from "../../src/libraries/MakerWord.sol";
import {OrderHash} from "../../src/libraries/OrderHash.sol";
import {OwnershipWord} from "../../src/libraries/OwnershipWord.sol";
import {Order, Voucher} from "../../src/types/Orders.sol";
import {Base} from "../Base.t.sol";
import {Receiver} from "../doubles/Receivers.sol";
import {RoyaltyToken} from "../doubles/Tokens.sol";
import {PlainHash} from "../reference/PlainHash.sol";
import {PlainWord} from "../reference/PlainSettlement.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Every piece of assembly and bit work against its plain twin.
contract Libraries_Fuzz_Test is Base {
    using MakerWord for MakerWord.Makers;
    using OwnershipWord for uint256;

    MakerWord.Makers private _makers;
    mapping(address maker => mapping(uint256 nonce => bool used)) private _plain;

    function testFuzz_OrderHash(Order calldata order) external view {
        bytes32 structHash = OrderHash.hash(order);

        vm.assertEq(structHash, PlainHash.hash(order));
        vm.assertEq(
            exchange.hashOrder(order),
            PlainHash.digest(
                PlainHash.domain("Vernissage Exchange", block.chainid, address(exchange)),
                structHash
            )
        );
    }

    function testFuzz_VoucherHash(Voucher calldata voucher) external pure {
        vm.assertEq(OrderHash.hash(voucher), PlainHash.hash(voucher));
    }

    function testFuzz_OwnershipSlot(uint256 id) external pure {
        vm.assertEq(OwnershipWord.slotOf(id), PlainWord.slot(id));
    }

    function testFuzz_BalanceSlot(address account) external pure {
        bytes32 slot = keccak256(abi.encodePacked(account, uint64(0x0a5a2e7a00000000)));

        vm.assertEq(OwnershipWord.balanceSlotOf(account), uint256(slot));
    }

    function testFuzz_OwnershipWord(uint256 word, uint16 bps) external pure {
        PlainWord.Parts memory parts = PlainWord.unpack(word);

        vm.assertEq(word.owner(), parts.owner);
        vm.assertEq(word.royaltyBps(), parts.royaltyBps);
        vm.assertEq(word.isFrozen(), parts.frozen);
        vm.assertEq(word.isApproved(), parts.approved);
        vm.assertEq(word.payee(), parts.payee);
        vm.assertEq(word.transferCount(), parts.transferCount);

        bps = uint16(bound(bps, 0, 2500));
        parts.royaltyBps = bps;
        _same(word.withRoyaltyBps(bps), parts);
        parts = PlainWord.unpack(word);
        parts.frozen = true;
        _same(word.withFrozen(), parts);
    }

    function testFuzz_OwnershipWordChangesHands(uint256 word, address to, bool approved)
        external
        pure
    {
        PlainWord.Parts memory parts = PlainWord.unpack(word);
        parts.approved = approved;
        _same(word.withApproved(approved), parts);
        parts = PlainWord.unpack(word);
        parts.owner = to;
        _same(word.withOwner(to), parts);
    }

    function testFuzz_OwnershipWordMoves(uint256 word) external pure {
        PlainWord.Parts memory parts = PlainWord.unpack(word);
        vm.assertEq(word.isExhausted(), parts.transferCount == 2 ** 48 - 1);
        vm.assume(!word.isExhausted());

        parts.transferCount = parts.transferCount + 1;
        _same(word.plusOneTransfer(), parts);
        uint256 burned = word.plusOneTransfer().onlyTransferCount();
        vm.assertEq(burned, parts.transferCount * 2 ** 208);
    }

    function testFuzz_MakerWord(address maker, uint256[8] calldata nonces, uint64 jump) external {
        // Neighbours first, so that one word is used often.
        for (uint256 i = 0; i < nonces.length; ++i) {
            uint256 nonce = i < 4 ? nonces[i] % 520 : nonces[i];
            vm.assertEq(_makers.isUsed(maker, nonce), _plain[maker][nonce]);
            vm.assertEq(_makers.use(maker, nonce), !_plain[maker][nonce]);
            _plain[maker][nonce] = true;
            vm.assertTrue(_makers.isUsed(maker, nonce));
            vm.assertEq(_makers.counterOf(maker), 0);
        }

        vm.assertEq(_makers.advance(maker, jump), jump);
        vm.assertEq(_makers.counterOf(maker), jump);
        for (uint256 i = 0; i < nonces.length; ++i) {
            vm.assertTrue(_makers.isUsed(maker, i < 4 ? nonces[i] % 520 : nonces[i]));
        }
    }

    function testFuzz_NoncesShareNoBit(address maker, uint256 nonce, uint256 small) external {
        nonce = small % 3 == 0 ? nonce : nonce % 1024;
        _makers.use(maker, nonce);

        for (uint256 bit = 0; bit < 256; ++bit) {
            vm.assertFalse(_makers.isUsed(maker, nonce ^ (1 << bit)));
        }
        vm.assertEq(_makers.counterOf(maker), 0);
    }

    function testFuzz_RoyaltyLookUp(uint8 answer, address receiver, uint256 amount) external {
        RoyaltyToken token = new RoyaltyToken();
        RoyaltyToken.Answer which = RoyaltyToken.Answer(bound(answer, 0, 5));
        token.set(which, receiver, amount);

        (bool valid, address named, uint256 found) =
            BoundedCalls.royaltyInfo(address(token), 1, 1 ether);

        (bool success, bytes memory data) = address(token).staticcall{gas: 100_000}(
            abi.encodeCall(RoyaltyToken.royaltyInfo, (1, 1 ether))
        );
        bool plain = success && data.length >= 64;
        (uint256 word, uint256 second) = plain ? abi.decode(data, (uint256, uint256)) : (0, 0);
        plain = plain && word != 0 && word <= type(uint160).max;
        vm.assertEq(valid, plain);
        vm.assertEq(named, plain ? address(uint160(word)) : address(0));
        vm.assertEq(found, plain ? second : 0);
    }

    function testFuzz_Payout(uint8 manner, uint96 amount) external {
        Receiver.Manner which = Receiver.Manner(bound(manner, 0, uint8(type(Receiver.Manner).max)));
        Receiver receiver = new Receiver(which);
        Receiver other = new Receiver(which);
        vm.deal(address(this), 2 * uint256(amount));

        bool success = BoundedCalls.send(address(receiver), amount);

        (bool plain,) = address(other).call{value: amount, gas: 100_000}("");
        vm.assertEq(success, plain);
        vm.assertEq(address(receiver).balance, address(other).balance);
        vm.assertEq(address(receiver).balance, success ? amount : 0);
    }

    function testFuzz_RoyaltyIsExactAndNeverReverts(uint256 id, uint256 price, uint16 bps)
        external
    {
        bps = uint16(bound(bps, 0, 2500));
        uint256 minted = _idOf(artist, 77);
        vm.prank(artist);
        collection.mint(artist, minted, DIGEST, bps, address(0));

        (address receiver, uint256 amount) = collection.royaltyInfo(minted, price);
        vm.assertEq(receiver, artist);
        // The share by long division, in halves of the word that cannot overflow.
        uint256 high = (price >> 128) * bps;
        uint256 low = (price & type(uint128).max) * bps + ((high % 10_000) << 128);
        vm.assertEq(amount, (high / 10_000 << 128) + low / 10_000);

        (receiver,) = collection.royaltyInfo(id, price);
        vm.assertEq(receiver, id == minted ? artist : address(uint160(id >> 96)));
    }

    function _same(uint256 word, PlainWord.Parts memory parts) private pure {
        vm.assertEq(keccak256(abi.encode(PlainWord.unpack(word))), keccak256(abi.encode(parts)));
    }
}
