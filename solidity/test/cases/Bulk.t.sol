// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IExchange} from "../../src/interfaces/IExchange.sol";
import {Acceptance, Bulk, Order, UNBOUND} from "../../src/types/Orders.sol";
import {ExchangeBase} from "../ExchangeBase.t.sol";
import {GoodWallet} from "../doubles/Wallets.sol";
import {PlainHash} from "../reference/PlainHash.sol";
import {Trees} from "../support/Trees.sol";
import {bound, vm} from "../support/Vm.sol";

/// @notice Trees of orders under one signature, and of works that an offer is for: case SIG-13.
contract Bulk_Cases is ExchangeBase {
    bytes32[] private leaves;

    function test_SIG13_InnerNodeAsLeaf() external {
        // A node of two is the hash of 64 bytes, an order that of 608: the node of the tree's left
        // half is presented as if it were a leaf of a tree one lower.
        Order[] memory orders = _tree();
        bytes32 left = keccak256(abi.encode(leaves[0], leaves[1]));
        bytes32 right = keccak256(abi.encode(leaves[2], leaves[3]));
        bytes memory signature = _signTree(SELLER_KEY);
        bytes32 lower = PlainHash.hash(left, Bulk(0, _one(right)));

        // The very root, but another type: what was signed is no tree of height 1.
        vm.assertNotEq(lower, PlainHash.hash(leaves[0], Bulk(0, Trees.proof(leaves, 0))));
        _refuseBulk(orders[0], signature, Bulk(0, _one(right)));
    }

    function test_SIG13_OtherHeight() external {
        Order[] memory orders = _tree();
        bytes memory signature = _signTree(SELLER_KEY);
        bytes32[] memory proof = Trees.proof(leaves, 0);
        bytes32[] memory longer = new bytes32[](3);
        (longer[0], longer[1]) = (proof[0], proof[1]);

        _refuseBulk(orders[0], signature, Bulk(0, longer));
        _refuseBulk(orders[0], signature, Bulk(0, _one(proof[0])));
    }

    function test_SIG13_ProofLongerThanTheLimit() external {
        Order memory order = _tree()[0];
        bytes32[] memory proof = new bytes32[](11);
        bytes memory signature =
            _signDigest(SELLER_KEY, PlainHash.hash(PlainHash.hash(order), Bulk(0, proof)));

        vm.prank(buyer);
        vm.expectRevert(abi.encodeWithSelector(IExchange.Exchange_BulkInvalid.selector, 0, 11));
        exchange.fillBulk{value: PRICE}(order, signature, Bulk(0, proof));
    }

    function test_SIG13_ProofAtTheLimit() external {
        Order memory order = _tree()[0];
        bytes32[] memory proof = new bytes32[](10);
        Bulk memory bulk = Bulk(1023, proof);
        bytes memory signature =
            _signDigest(SELLER_KEY, PlainHash.hash(PlainHash.hash(order), bulk));

        vm.prank(buyer);
        exchange.fillBulk{value: PRICE}(order, signature, bulk);

        vm.assertEq(exchange.hashBulk(order, bulk), _digest(PlainHash.hash(leaves[0], bulk)));
        vm.assertEq(works.ownerOf(order.tokenId), buyer);
    }

    function test_SIG13_EmptyProofNeedsAPlainSignature() external {
        Order[] memory orders = _tree();

        _refuseBulk(orders[0], _signTree(SELLER_KEY), Bulk(0, new bytes32[](0)));
    }

    function test_SIG13_PlainSignatureIsNoneOfATree() external {
        Order[] memory orders = _tree();

        _refuseBulk(orders[0], _sign(SELLER_KEY, orders[0]), Bulk(0, Trees.proof(leaves, 0)));
    }

    function test_SIG13_DuplicateLeaves() external {
        Order[] memory orders = _tree();
        leaves[1] = leaves[0];
        bytes memory signature = _signTree(SELLER_KEY);
        vm.prank(buyer);
        exchange.fillBulk{value: PRICE}(orders[0], signature, Bulk(0, Trees.proof(leaves, 0)));

        // At its other place it is the same order still.
        bytes32[] memory proof = Trees.proof(leaves, 1);
        vm.prank(buyer);
        vm.expectRevert(abi.encodeWithSelector(IExchange.Exchange_NonceUsed.selector, seller, 100));
        exchange.fillBulk{value: PRICE}(orders[0], signature, Bulk(1, proof));
    }

    function test_SIG13_PaddingLeafIsNobodys() external {
        _tree();
        Order memory nobody;
        leaves[3] = PlainHash.hash(nobody);
        bytes memory signature = _signTree(SELLER_KEY);
        bytes32[] memory proof = Trees.proof(leaves, 3);

        vm.prank(buyer);
        vm.expectRevert(IExchange.Exchange_PriceZero.selector);
        exchange.fillBulk(nobody, signature, Bulk(3, proof));
    }

    function test_SIG13_WalletSignsATree() external {
        GoodWallet wallet = new GoodWallet(seller);
        wallet.approve(address(works), address(exchange));
        Order[] memory orders = _tree();
        orders[2].maker = address(wallet);
        orders[2].tokenId = _mint(address(wallet), 50);
        leaves[2] = PlainHash.hash(orders[2]);
        bytes memory signature = _signTree(SELLER_KEY);

        vm.prank(buyer);
        exchange.fillBulk{value: PRICE}(orders[2], signature, Bulk(2, Trees.proof(leaves, 2)));

        vm.assertEq(works.ownerOf(orders[2].tokenId), buyer);
    }

    function testFuzz_SIG13_AnyWordOfTheProofChanged(uint256 which, uint256 bits) external {
        Order[] memory orders = _tree();
        bytes memory signature = _signTree(SELLER_KEY);
        bytes32[] memory proof = Trees.proof(leaves, 1);
        vm.assume(bits != 0);
        proof[bound(which, 0, 1)] ^= bytes32(bits);

        _refuseBulk(orders[1], signature, Bulk(1, proof));
    }

    function test_SIG13_SetInnerNodeAsLeaf() external {
        (bytes32 root, bytes32 left, bytes32 right) = _set();

        // The node cannot be shown as a leaf, as leaves are hashed once more.
        Acceptance memory acceptance = _acceptance(uint256(left));
        acceptance.proof = _one(right);
        _refuseAccept(
            _setOffer(root),
            acceptance,
            _reason(IExchange.Exchange_NotInSet.selector, uint256(left))
        );
    }

    function test_SIG13_SetNodeAsTokenId() external {
        // (token id, count) made of the two halves of a node: the leaf would be the node itself if
        // it were hashed once.
        bytes32 a = _leaf(tokenId, UNBOUND);
        bytes32 b = _leaf(tokenId + 1, UNBOUND);
        (bytes32 low, bytes32 high) = a < b ? (a, b) : (b, a);
        Acceptance memory acceptance = _acceptance(uint256(low));
        acceptance.transferCount = uint256(high);

        _refuseAccept(
            _setOffer(_node(a, b)),
            acceptance,
            _reason(IExchange.Exchange_NotInSet.selector, uint256(low))
        );
    }

    function test_SIG13_SetProofLongerThanTheLimit() external {
        bytes32 root = _leaf(tokenId, UNBOUND);
        for (uint256 i = 0; i < 33; ++i) {
            root = _node(root, 0);
        }
        Acceptance memory acceptance = _acceptance(tokenId);
        acceptance.proof = new bytes32[](33);

        _refuseAccept(
            _setOffer(root), acceptance, _reason(IExchange.Exchange_NotInSet.selector, tokenId)
        );
    }

    function test_SIG13_SetEmptyProof() external {
        (bytes32 root,,) = _set();

        _refuseAccept(
            _setOffer(root),
            _acceptance(tokenId),
            _reason(IExchange.Exchange_NotInSet.selector, tokenId)
        );
    }

    function test_SIG13_SetDuplicateLeaves() external {
        // A work named twice is in the set, and the offer is good for one.
        bytes32 leaf = _leaf(tokenId, UNBOUND);
        Order memory order = _setOffer(_node(leaf, leaf));
        Acceptance memory acceptance = _acceptance(tokenId);
        acceptance.proof = _one(leaf);
        _accept(order, acceptance);
        vm.prank(collector);
        works.transferFrom(collector, seller, tokenId);

        _refuseAccept(
            order,
            acceptance,
            abi.encodeWithSelector(IExchange.Exchange_NonceUsed.selector, collector, order.nonce)
        );
    }

    function test_SIG13_SetLeafAtAnotherCount() external {
        Acceptance memory acceptance = _acceptance(tokenId);
        acceptance.transferCount = 1;

        _refuseAccept(
            _setOffer(_leaf(tokenId, 0)),
            acceptance,
            _reason(IExchange.Exchange_NotInSet.selector, tokenId)
        );
    }

    /// @dev Four listings, whose hashes are the leaves.
    function _tree() private returns (Order[] memory orders) {
        orders = _listings(4);
        for (uint256 i = 0; i < 4; ++i) {
            leaves.push(PlainHash.hash(orders[i]));
        }
    }

    /// @dev A set of four works, of which `tokenId` is the first.
    function _set() private view returns (bytes32 root, bytes32 left, bytes32 right) {
        left = _node(_leaf(tokenId, UNBOUND), _leaf(tokenId + 1, UNBOUND));
        right = _node(_leaf(tokenId + 2, UNBOUND), _leaf(tokenId + 3, UNBOUND));
        root = _node(left, right);
    }

    function _signTree(uint256 key) private view returns (bytes memory) {
        return _signDigest(key, PlainHash.hash(leaves[0], Bulk(0, Trees.proof(leaves, 0))));
    }

    function _signDigest(uint256 key, bytes32 structHash) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, _digest(structHash));
        return abi.encodePacked(r, s, v);
    }

    function _digest(bytes32 structHash) private view returns (bytes32) {
        return PlainHash.digest(
            PlainHash.domain("Vernissage Exchange", block.chainid, address(exchange)), structHash
        );
    }

    function _refuseBulk(Order memory order, bytes memory signature, Bulk memory bulk) private {
        bytes32 orderHash = exchange.hashOrder(order);
        vm.prank(buyer);
        vm.expectRevert(
            abi.encodeWithSelector(
                IExchange.Exchange_SignatureInvalid.selector, orderHash, order.maker
            )
        );
        exchange.fillBulk{value: order.price}(order, signature, bulk);
    }
}
