// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {IAuctions} from "../../src/interfaces/IAuctions.sol";
import {ICollection} from "../../src/interfaces/ICollection.sol";
import {IExchange} from "../../src/interfaces/IExchange.sol";
import {CidText} from "../../src/libraries/CidText.sol";
import {OrderHash} from "../../src/libraries/OrderHash.sol";
import {OwnershipWord} from "../../src/libraries/OwnershipWord.sol";
import {Auction, Bulk, Item, Order, Voucher} from "../../src/types/Orders.sol";
import {Base} from "../Base.t.sol";
import {PlainHash} from "../reference/PlainHash.sol";
import {PlainWord} from "../reference/PlainSettlement.sol";
import {vm} from "../support/Vm.sol";

/// @notice What eth-account, SHA-256 and the papers of IPFS say: cases SIG-12 and MNT-07.
contract Vectors_Cases is Base {
    using OwnershipWord for uint256;

    uint256 private constant ORDERS = 10;
    uint256 private constant AUCTIONS = 3;
    uint256 private constant VOUCHERS = 3;
    uint256 private constant BULKS = 6;
    uint256 private constant SETS = 4;
    uint256 private constant WORDS = 6;
    uint256 private constant METADATA = 5;

    string private json;

    function test_SIG12_Typehashes() external {
        json = vm.readFile("../tests/vectors/orders.json");

        vm.assertEq(OrderHash.ITEM_TYPEHASH, _bytes32(".typehashes.Item"));
        vm.assertEq(OrderHash.ORDER_TYPEHASH, _bytes32(".typehashes.Order"));
        vm.assertEq(OrderHash.AUCTION_TYPEHASH, _bytes32(".typehashes.Auction"));
        vm.assertEq(OrderHash.VOUCHER_TYPEHASH, _bytes32(".typehashes.Voucher"));
    }

    function test_SIG12_Orders() external {
        json = vm.readFile("../tests/vectors/orders.json");
        IExchange deployed = IExchange(_exchange());
        vm.assertEq(address(deployed), _address(".exchange"));

        for (uint256 i = 0; i < ORDERS; ++i) {
            string memory key = string.concat(".orders[", vm.toString(i), "]");
            Order memory order = _order(key);
            bytes32 structHash = this.hashOrder(order);
            vm.assertEq(structHash, _bytes32(string.concat(key, ".structHash")));
            vm.assertEq(structHash, PlainHash.hash(order));
            bytes32 digest = deployed.hashOrder(order);
            vm.assertEq(digest, _bytes32(string.concat(key, ".digest")));

            _checkSignature(key, digest);
        }
    }

    function test_SIG12_OrdersSignedTogether() external {
        json = vm.readFile("../tests/vectors/orders.json");
        IExchange deployed = IExchange(_exchange());
        json = vm.readFile("../tests/vectors/trees.json");
        vm.assertEq(address(deployed), _address(".exchange"));

        for (uint256 i = 0; i < BULKS; ++i) {
            string memory key = string.concat(".bulks[", vm.toString(i), "]");
            Order memory order = _order(key);
            Bulk memory bulk = _bulk(key);
            bytes32 leaf = PlainHash.hash(order);
            bytes32 structHash = this.hashTree(leaf, bulk);
            vm.assertEq(structHash, _bytes32(string.concat(key, ".structHash")));
            vm.assertEq(structHash, PlainHash.hash(leaf, bulk));
            bytes32 digest = deployed.hashBulk(order, bulk);
            vm.assertEq(digest, _bytes32(string.concat(key, ".digest")));
            _checkSignature(key, digest);
        }
    }

    function test_SIG12_Sets() external {
        json = vm.readFile("../tests/vectors/trees.json");

        for (uint256 i = 0; i < SETS; ++i) {
            string memory key = string.concat(".sets[", vm.toString(i), "]");
            bytes32 root = _bytes32(string.concat(key, ".root"));
            for (uint256 j = 0; j < _uint(string.concat(key, ".size")); ++j) {
                string memory work = string.concat(key, ".works[", vm.toString(j), "]");
                bytes memory encoded = abi.encode(
                    _uint(string.concat(work, ".tokenId")),
                    _uint(string.concat(work, ".transferCount"))
                );
                bytes32 leaf = keccak256(abi.encode(keccak256(encoded)));
                vm.assertEq(leaf, _bytes32(string.concat(work, ".leaf")));
                bytes32[] memory proof =
                    vm.parseJsonBytes32Array(json, string.concat(work, ".proof"));
                vm.assertTrue(MerkleProof.verify(proof, root, leaf));
            }
        }
    }

    function test_SIG12_Auctions() external {
        json = vm.readFile("../tests/vectors/orders.json");
        bytes memory code = abi.encodePacked(
            vm.getCode("Auctions.sol:Auctions"),
            abi.encode(owner, platform, FEE_BPS, address(exchange))
        );
        IAuctions deployed = IAuctions(_deploy(code, 2));
        vm.assertEq(address(deployed), _address(".auctions"));

        for (uint256 i = 0; i < AUCTIONS; ++i) {
            string memory key = string.concat(".auctionsSigned[", vm.toString(i), "]");
            Auction memory auction = _auction(key);
            bytes32 structHash = this.hashAuction(auction);
            vm.assertEq(structHash, _bytes32(string.concat(key, ".structHash")));
            vm.assertEq(structHash, PlainHash.hash(auction));
            bytes32 digest = deployed.hashAuction(auction);
            vm.assertEq(digest, _bytes32(string.concat(key, ".digest")));
            _checkSignature(key, digest);
        }
    }

    function test_SIG12_Vouchers() external {
        json = vm.readFile("../tests/vectors/orders.json");
        bytes memory code = abi.encodePacked(
            vm.getCode("Collection.sol:Collection"),
            abi.encode("House", "HOUSE", bytes32(0), address(exchange))
        );
        ICollection deployed = ICollection(_deploy(code, 1));
        vm.assertEq(address(deployed), _address(".collection"));

        for (uint256 i = 0; i < VOUCHERS; ++i) {
            string memory key = string.concat(".vouchers[", vm.toString(i), "]");
            Voucher memory voucher = _voucher(string.concat(key, ".voucher"));
            bytes32 structHash = this.hashVoucher(voucher);
            vm.assertEq(structHash, _bytes32(string.concat(key, ".structHash")));
            vm.assertEq(structHash, PlainHash.hash(voucher));
            bytes32 digest = deployed.hashVoucher(voucher);
            vm.assertEq(digest, _bytes32(string.concat(key, ".digest")));
            _checkSignature(key, digest);
        }
    }

    function test_MNT07_Words() external {
        json = vm.readFile("../tests/vectors/words.json");
        for (uint256 i = 0; i < WORDS; ++i) {
            string memory key = string.concat(".words[", vm.toString(i), "]");
            uint256 id = _uint(string.concat(key, ".tokenId"));
            uint256 word = uint256(_bytes32(string.concat(key, ".word")));
            uint256 slot = uint256(_bytes32(string.concat(key, ".wordSlot")));
            vm.assertEq(OwnershipWord.slotOf(id), slot);
            vm.assertEq(PlainWord.slot(id), slot);
            vm.assertEq(collection.creatorOf(id), _address(string.concat(key, ".creator")));
            _checkParts(key, word);
            _checkDeployed(key, id, word);
        }
    }

    function test_MNT07_MetadataAddresses() external {
        json = vm.readFile("../tests/vectors/metadata.json");
        for (uint256 i = 0; i < METADATA; ++i) {
            string memory key = string.concat(".metadata[", vm.toString(i), "]");
            bytes32 digest = _bytes32(string.concat(key, ".digest"));
            vm.assertEq(
                CidText.ofRawBlock(digest), vm.parseJsonString(json, string.concat(key, ".cid"))
            );
        }
    }

    function hashOrder(Order calldata order) external pure returns (bytes32) {
        return OrderHash.hash(order);
    }

    function hashTree(bytes32 leaf, Bulk calldata bulk) external pure returns (bytes32) {
        return OrderHash.hashTree(leaf, bulk.index, bulk.proof);
    }

    function hashAuction(Auction calldata auction) external pure returns (bytes32) {
        return OrderHash.hash(auction);
    }

    function hashVoucher(Voucher calldata voucher) external pure returns (bytes32) {
        return OrderHash.hash(voucher);
    }

    function _checkParts(string memory key, uint256 word) private view {
        vm.assertEq(word.owner(), _address(string.concat(key, ".owner")));
        vm.assertEq(word.royaltyBps(), _uint(string.concat(key, ".royaltyBps")));
        vm.assertEq(word.isFrozen(), _uint(string.concat(key, ".frozen")) == 1);
        vm.assertEq(word.isApproved(), _uint(string.concat(key, ".approved")) == 1);
        vm.assertEq(word.payee(), _uint(string.concat(key, ".payee")));
        vm.assertEq(word.transferCount(), _uint(string.concat(key, ".transferCount")));
    }

    /// @dev The deployed collection keeps word, digest and payee in the slots that are named.
    function _checkDeployed(string memory key, uint256 id, uint256 word) private {
        bytes32 wordSlot = _bytes32(string.concat(key, ".wordSlot"));
        vm.store(address(collection), wordSlot, bytes32(word));
        vm.assertEq(collection.ownershipWord(id), bytes32(word));
        vm.assertEq(collection.transferCount(id), word.transferCount());

        vm.store(address(collection), _bytes32(string.concat(key, ".digestSlot")), DIGEST);
        vm.assertEq(collection.metadataDigest(id), DIGEST);
        bytes32 payeeSlot = _bytes32(string.concat(key, ".payeeSlot"));
        vm.store(address(collection), payeeSlot, bytes32(uint256(uint160(studio))));
        vm.assertEq(collection.payees(word.payee()), studio);
    }

    /// @dev The vectors' key signs this digest, with the signature of the vector in both forms.
    function _checkSignature(string memory key, bytes32 digest) private view {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_uint(".signer.key"), digest);
        bytes memory signature = abi.encodePacked(r, s, v);
        vm.assertEq(signature, _bytes(string.concat(key, ".signature")));
        vm.assertEq(_compact(signature), _bytes(string.concat(key, ".compactSignature")));
    }

    function _exchange() private returns (address) {
        bytes memory arguments = abi.encode(owner, platform, FEE_BPS);
        return _deploy(abi.encodePacked(vm.getCode("Exchange.sol:Exchange"), arguments), 0);
    }

    /// @dev At the address that the vectors' deployer gives to the contract of this number.
    function _deploy(bytes memory code, uint64 nonce) private returns (address) {
        address deployer = _address(".deployer");
        vm.assertEq(_uint(".chainId"), block.chainid);
        if (nonce != 0) vm.setNonce(deployer, nonce);
        vm.prank(deployer);
        return _create(code);
    }

    function _create(bytes memory code) private returns (address made) {
        assembly ("memory-safe") {
            made := create(0, add(code, 0x20), mload(code))
        }
    }

    function _order(string memory key) private view returns (Order memory order) {
        string memory of_ = string.concat(key, ".order");
        order.kind = uint8(_uint(string.concat(of_, ".kind")));
        order.maker = _address(string.concat(of_, ".maker"));
        order.taker = _address(string.concat(of_, ".taker"));
        order.collection = _address(string.concat(of_, ".collection"));
        order.tokenId = _uint(string.concat(of_, ".tokenId"));
        order.transferCount = _uint(string.concat(of_, ".transferCount"));
        order.criteria = _bytes32(string.concat(of_, ".criteria"));
        order.metadataDigest = _bytes32(string.concat(of_, ".metadataDigest"));
        order.currency = _address(string.concat(of_, ".currency"));
        order.price = _uint(string.concat(of_, ".price"));
        order.endPrice = _uint(string.concat(of_, ".endPrice"));
        order.start = uint64(_uint(string.concat(of_, ".start")));
        order.end = uint64(_uint(string.concat(of_, ".end")));
        order.maxRoyaltyBps = uint16(_uint(string.concat(of_, ".maxRoyaltyBps")));
        order.maxFeeBps = uint16(_uint(string.concat(of_, ".maxFeeBps")));
        order.nonce = _uint(string.concat(of_, ".nonce"));
        order.counter = _uint(string.concat(of_, ".counter"));
        order.more = new Item[](_uint(string.concat(key, ".items")));
        for (uint256 i = 0; i < order.more.length; ++i) {
            string memory item = string.concat(of_, ".more[", vm.toString(i), "]");
            order.more[i] = Item({
                collection: _address(string.concat(item, ".collection")),
                tokenId: _uint(string.concat(item, ".tokenId")),
                transferCount: _uint(string.concat(item, ".transferCount"))
            });
        }
    }

    function _bulk(string memory key) private view returns (Bulk memory bulk) {
        bulk.index = _uint(string.concat(key, ".index"));
        bulk.proof = vm.parseJsonBytes32Array(json, string.concat(key, ".proof"));
    }

    function _auction(string memory key) private view returns (Auction memory auction) {
        string memory of_ = string.concat(key, ".auction");
        auction.seller = _address(string.concat(of_, ".seller"));
        auction.collection = _address(string.concat(of_, ".collection"));
        auction.tokenId = _uint(string.concat(of_, ".tokenId"));
        auction.transferCount = _uint(string.concat(of_, ".transferCount"));
        auction.reserve = _uint(string.concat(of_, ".reserve"));
        auction.start = uint64(_uint(string.concat(of_, ".start")));
        auction.openUntil = uint64(_uint(string.concat(of_, ".openUntil")));
        auction.duration = uint64(_uint(string.concat(of_, ".duration")));
        auction.end = uint64(_uint(string.concat(of_, ".end")));
        auction.minStepBps = uint16(_uint(string.concat(of_, ".minStepBps")));
        auction.maxRoyaltyBps = uint16(_uint(string.concat(of_, ".maxRoyaltyBps")));
        auction.maxFeeBps = uint16(_uint(string.concat(of_, ".maxFeeBps")));
        auction.nonce = _uint(string.concat(of_, ".nonce"));
        auction.counter = _uint(string.concat(of_, ".counter"));
    }

    function _voucher(string memory key) private view returns (Voucher memory voucher) {
        voucher.tokenId = _uint(string.concat(key, ".tokenId"));
        voucher.metadataDigest = _bytes32(string.concat(key, ".metadataDigest"));
        voucher.price = _uint(string.concat(key, ".price"));
        voucher.currency = _address(string.concat(key, ".currency"));
        voucher.royaltyBps = uint16(_uint(string.concat(key, ".royaltyBps")));
        voucher.royaltyReceiver = _address(string.concat(key, ".royaltyReceiver"));
        voucher.recipient = _address(string.concat(key, ".recipient"));
        voucher.feeReceiver = _address(string.concat(key, ".feeReceiver"));
        voucher.maxFeeBps = uint16(_uint(string.concat(key, ".maxFeeBps")));
        voucher.editionSize = uint32(_uint(string.concat(key, ".editionSize")));
        voucher.maxPerRecipient = uint32(_uint(string.concat(key, ".maxPerRecipient")));
        voucher.start = uint64(_uint(string.concat(key, ".start")));
        voucher.end = uint64(_uint(string.concat(key, ".end")));
        voucher.nonce = _uint(string.concat(key, ".nonce"));
        voucher.counter = _uint(string.concat(key, ".counter"));
    }

    function _uint(string memory key) private view returns (uint256) {
        return vm.parseJsonUint(json, key);
    }

    function _address(string memory key) private view returns (address) {
        return vm.parseJsonAddress(json, key);
    }

    function _bytes32(string memory key) private view returns (bytes32) {
        return vm.parseJsonBytes32(json, key);
    }

    function _bytes(string memory key) private view returns (bytes memory) {
        return vm.parseJsonBytes(json, key);
    }
}
