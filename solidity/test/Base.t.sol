// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/interfaces/IERC721Metadata.sol";

import {ICollection} from "../src/interfaces/ICollection.sol";
import {IExchange} from "../src/interfaces/IExchange.sol";
import {Item, LISTING, Order, UNBOUND} from "../src/types/Orders.sol";
import {bound, vm} from "./support/Vm.sol";

interface IPlainToken is IERC721 {
    function mint(address to, uint256 tokenId) external;
    function burn(uint256 tokenId) external;
    function setRoyalty(address receiver, uint96 bps) external;
}

interface IOwned {
    function owner() external view returns (address);
    function pendingOwner() external view returns (address);
    function transferOwnership(address newOwner) external;
    function acceptOwnership() external;
    function renounceOwnership() external;
}

interface IERC5267Domain {
    function eip712Domain()
        external
        view
        returns (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        );
}

/// @notice The people, the contracts exactly as they are deployed, and an order with defaults.
abstract contract Base {
    uint256 internal constant NOW = 1_800_000_000;
    uint256 internal constant PRICE = 1 ether;
    uint16 internal constant ROYALTY_BPS = 500;
    uint16 internal constant FEE_BPS = 200;
    bytes32 internal constant DIGEST = bytes32(uint256(0x5a5a));
    uint256 internal constant SECP256K1_N =
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    uint256 internal constant SELLER_KEY = 0x5e11e7;
    uint256 internal constant FORGER_KEY = 0xf0e9e7;

    address internal artist = _person("artist");
    address internal seller = vm.addr(SELLER_KEY);
    address internal buyer = _person("buyer");
    address internal forger = vm.addr(FORGER_KEY);
    address internal studio = _person("studio");
    address internal platform = _person("platform");
    address internal owner = _person("owner");

    ICollection internal collection;
    IERC721 internal works;
    IExchange internal exchange;
    IPlainToken internal foreign;

    uint256 internal tokenId;

    function setUp() public virtual {
        vm.warp(NOW);
        exchange =
            IExchange(vm.deployCode("Exchange.sol:Exchange", abi.encode(owner, platform, FEE_BPS)));
        collection = ICollection(
            vm.deployCode(
                "Collection.sol:Collection",
                abi.encode("House", "HOUSE", bytes32(0), address(exchange))
            )
        );
        works = IERC721(address(collection));
        foreign = IPlainToken(
            vm.deployCode("PlainToken.sol:PlainToken", abi.encode(artist, uint96(ROYALTY_BPS)))
        );
        vm.label(address(collection), "collection");
        vm.label(address(exchange), "exchange");
        vm.label(seller, "seller");
        vm.label(forger, "forger");
        vm.deal(seller, 1 ether);
        vm.deal(forger, 100 ether);
        vm.deal(buyer, 100 ether);

        tokenId = _mint(seller, 1);
        vm.startPrank(seller);
        works.setApprovalForAll(address(exchange), true);
        foreign.setApprovalForAll(address(exchange), true);
        vm.stopPrank();
    }

    function _person(string memory name) internal returns (address person) {
        person = address(uint160(uint256(keccak256(bytes(name)))));
        vm.label(person, name);
    }

    /// @dev A work of the artist in the house collection, with the default royalty.
    function _mint(address to, uint96 n) internal returns (uint256 id) {
        id = _idOf(artist, n);
        vm.prank(artist);
        collection.mint(to, id, DIGEST, ROYALTY_BPS, address(0));
    }

    function _idOf(address creator, uint96 n) internal pure returns (uint256) {
        return (uint256(uint160(creator)) << 96) | n;
    }

    /// @dev A bound listing of `tokenId` by the seller.
    function _listing() internal view returns (Order memory order) {
        order.kind = LISTING;
        order.maker = seller;
        order.collection = address(collection);
        order.tokenId = tokenId;
        order.transferCount = collection.transferCount(tokenId);
        order.price = PRICE;
        order.endPrice = PRICE;
        order.start = uint64(NOW - 1 days);
        order.end = uint64(NOW + 30 days);
        order.maxRoyaltyBps = ROYALTY_BPS;
        order.maxFeeBps = FEE_BPS;
        order.nonce = 7;
        order.counter = exchange.counterOf(seller);
    }

    /// @dev An unbound listing of a token of another's collection.
    function _foreignListing(address token, uint256 id) internal view returns (Order memory order) {
        order = _listing();
        order.collection = token;
        order.tokenId = id;
        order.transferCount = UNBOUND;
    }

    function _sign(uint256 key, Order memory order) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, exchange.hashOrder(order));
        return abi.encodePacked(r, s, v);
    }

    /// @dev The 64-byte form of a signature (EIP-2098).
    function _compact(bytes memory signature) internal pure returns (bytes memory) {
        (bytes32 r, bytes32 s, uint8 v) = _parts(signature);
        return abi.encodePacked(r, uint256(s) | (uint256(v - 27) << 255));
    }

    function _parts(bytes memory signature) internal pure returns (bytes32 r, bytes32 s, uint8 v) {
        assembly ("memory-safe") {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
            v := byte(0, mload(add(signature, 0x60)))
        }
    }

    /// @dev The buyer pays the order's price, with the seller's signature.
    function _buy(Order memory order) internal {
        _buy(order, _sign(SELLER_KEY, order));
    }

    function _buy(Order memory order, bytes memory signature) internal {
        vm.prank(buyer);
        exchange.fill{value: order.price}(order, signature);
    }

    /// @dev The sale must be refused with exactly this error, and leave everything as it was.
    function _refuse(Order memory order, bytes memory reason) internal {
        _refuse(order, _sign(SELLER_KEY, order), order.price, reason);
    }

    function _refuse(Order memory order, bytes memory signature, uint256 value, bytes memory reason)
        internal
    {
        uint256 balance = buyer.balance;
        bool used = exchange.isNonceUsed(order.maker, order.nonce);

        vm.prank(buyer);
        vm.expectRevert(reason);
        exchange.fill{value: value}(order, signature);

        vm.assertEq(buyer.balance, balance, "the buyer's coin stays");
        vm.assertEq(exchange.isNonceUsed(order.maker, order.nonce), used, "the nonce stays");
        vm.assertEq(
            address(exchange).balance, exchange.totalCredit(address(0)) + exchange.fees(address(0))
        );
    }
}
