// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BoundedCalls} from "../../src/libraries/BoundedCalls.sol";
import {MakerWord} from "../../src/libraries/MakerWord.sol";
import {OrderHash} from "../../src/libraries/OrderHash.sol";
import {OrderWords} from "../../src/libraries/OrderWords.sol";
import {TokenCalls} from "../../src/libraries/TokenCalls.sol";
import {Order} from "../../src/types/Orders.sol";
import {Answerer} from "../doubles/Answerer.sol";
import {CountingToken} from "../doubles/Tokens.sol";
import {PlainHash} from "../reference/PlainHash.sol";
import {vm} from "../support/Vm.sol";

/// @notice The assembly of calls and of orders in memory against plain Solidity.
contract Calls_Fuzz_Test {
    using MakerWord for MakerWord.Makers;

    MakerWord.Makers private _spent;
    MakerWord.Makers private _used;
    Answerer private answerer = new Answerer();

    function testFuzz_OwnerOfAnyAnswer(bytes calldata data, bool reverts) external {
        answerer.set(data, reverts);
        if (reverts) vm.expectRevert(data);
        address owner = this.ownerOf(address(answerer), 1);
        if (!reverts) vm.assertEq(owner, _address(data, 0x20));
    }

    function testFuzz_OwnerAndCountOfAnyAnswer(bytes calldata data, bool reverts) external {
        answerer.set(data, reverts);
        if (reverts) vm.expectRevert(data);
        (address owner, uint256 count) = this.ownerAndCount(address(answerer), 1);
        if (reverts) return;
        vm.assertEq(owner, _address(data, 0x40));
        bool valid = data.length >= 0x40 && uint256(bytes32(data[:0x20])) >> 160 == 0;
        vm.assertEq(count, valid ? uint256(bytes32(data[0x20:0x40])) : 0);
    }

    function testFuzz_OwnerAndCountOfAWord(address owner, uint256 count) external {
        answerer.set(abi.encode(owner, count), false);
        (address found, uint256 counted) = TokenCalls.ownerAndCount(address(answerer), 1);
        vm.assertEq(found, owner);
        vm.assertEq(counted, count);
        vm.assertEq(TokenCalls.ownerOf(address(answerer), 1), owner);
        vm.assertEq(TokenCalls.balanceOf(address(answerer), owner), uint160(owner));
    }

    function testFuzz_BalanceOfAnyAnswer(bytes calldata data, bool reverts) external {
        answerer.set(data, reverts);
        bool valid = !reverts && data.length >= 0x20;
        vm.assertEq(
            TokenCalls.balanceOf(address(answerer), address(this)),
            valid ? uint256(bytes32(data[:0x20])) : 0
        );
        vm.assertEq(
            BoundedCalls.metadataDigest(address(answerer), 7),
            valid ? bytes32(data[:0x20]) : bytes32(0)
        );
    }

    function testFuzz_CallSelf(uint256 word, bool refuse) external {
        (bool success, bytes32 answer) =
            BoundedCalls.callSelf(100_000, abi.encodeCall(this.echo, (word, refuse)));
        vm.assertEq(success, !refuse);
        bytes4 selector = bytes4(keccak256("Refused(uint256)"));
        vm.assertEq(
            bytes32(bytes4(answer)), refuse ? bytes32(selector) : bytes32(bytes4(bytes32(word)))
        );
        if (!refuse) vm.assertEq(answer, bytes32(word));
    }

    function testFuzz_MoveAsAPlainCall(uint256 tokenId, address to) external {
        vm.assume(to != address(0));
        CountingToken token = new CountingToken();
        token.mint(address(this), tokenId);
        TokenCalls.move(address(token), address(this), to, tokenId);
        vm.assertEq(token.ownerOf(tokenId), to);

        if (to == address(this)) return;
        // A refusal is passed on as it is.
        vm.expectRevert(
            abi.encodeWithSignature(
                "ERC721InsufficientApproval(address,uint256)", address(this), tokenId
            )
        );
        this.move(address(token), to, address(this), tokenId);
    }

    function testFuzz_OrderWords(Order calldata order) external pure {
        OrderWords words = OrderHash.read(order, order.more);

        vm.assertEq(OrderHash.hash(words), PlainHash.hash(order));
        vm.assertEq(words.kind(), order.kind);
        vm.assertEq(words.maker(), order.maker);
        vm.assertEq(words.taker(), order.taker);
        vm.assertEq(words.collection(), order.collection);
        vm.assertEq(words.tokenId(), order.tokenId);
        vm.assertEq(words.transferCount(), order.transferCount);
        vm.assertEq(words.criteria(), order.criteria);
        vm.assertEq(words.metadataDigest(), order.metadataDigest);
        vm.assertEq(words.currency(), order.currency);
        vm.assertEq(words.price(), order.price);
        vm.assertEq(words.endPrice(), order.endPrice);
        vm.assertEq(words.start(), order.start);
        vm.assertEq(words.end(), order.end);
        vm.assertEq(words.maxRoyaltyBps(), order.maxRoyaltyBps);
        vm.assertEq(words.maxFeeBps(), order.maxFeeBps);
        vm.assertEq(words.nonce(), order.nonce);
        vm.assertEq(words.counter(), order.counter);
    }

    function testFuzz_SpendAsUse(address maker, uint256 nonce, uint64 jump, bool twice) external {
        _spent.advance(maker, jump);
        _used.advance(maker, jump);
        if (twice) {
            _spent.spend(maker, nonce);
            _used.use(maker, nonce);
        }

        (bool fresh, uint256 counter) = _spent.spend(maker, nonce);

        vm.assertEq(fresh, _used.use(maker, nonce));
        vm.assertEq(counter, _used.counterOf(maker));
        vm.assertEq(counter, jump);
        vm.assertTrue(_spent.isUsed(maker, nonce));
    }

    error Refused(uint256 word);

    function echo(uint256 word, bool refuse) external pure returns (uint256) {
        if (refuse) revert Refused(word);
        return word;
    }

    function ownerOf(address token, uint256 tokenId) external view returns (address) {
        return TokenCalls.ownerOf(token, tokenId);
    }

    function ownerAndCount(address token, uint256 tokenId)
        external
        view
        returns (address, uint256)
    {
        return TokenCalls.ownerAndCount(token, tokenId);
    }

    function move(address token, address from, address to, uint256 tokenId) external {
        TokenCalls.move(token, from, to, tokenId);
    }

    /// @dev The address in the first word, if the answer is long enough and it is one.
    function _address(bytes calldata data, uint256 least) private pure returns (address) {
        if (data.length < least) return address(0);
        uint256 word = uint256(bytes32(data[:0x20]));
        return word >> 160 == 0 ? address(uint160(word)) : address(0);
    }
}
