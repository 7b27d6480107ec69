// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IExchange} from "../../src/interfaces/IExchange.sol";
import {Order, UNBOUND} from "../../src/types/Orders.sol";
import {Base} from "../Base.t.sol";
import {Receiver} from "../doubles/Receivers.sol";
import {CountingToken, IdleToken} from "../doubles/Tokens.sol";
import {vm} from "../support/Vm.sol";

/// @notice Foreign collections: cases TOK-01 to TOK-05, and collections that miscount.
contract Tokens_Cases is Base {
    IdleToken private idle;

    function setUp() public override {
        super.setUp();
        idle = new IdleToken();
        idle.mint(seller, 1);
        idle.mint(seller, 2);
        vm.prank(seller);
        idle.setApprovalForAll(address(exchange), true);
    }

    function test_TOK01_TransferDoesNothing() external {
        idle.become(IdleToken.Manner.Idle, address(0));

        _refuse(_foreignListing(address(idle), 1), _notDelivered(1));
    }

    function test_TOK01_TransferDoesNothingAndBuyerHasItAlready() external {
        idle.become(IdleToken.Manner.LiesOnce, buyer);

        _refuse(
            _foreignListing(address(idle), 1),
            abi.encodeWithSelector(IExchange.Exchange_MakerNotOwner.selector, seller, buyer)
        );
    }

    function test_TOK01_TransferMovesAnother() external {
        idle.become(IdleToken.Manner.MovesAnother, address(0));

        _refuse(_foreignListing(address(idle), 1), _notDelivered(1));
        vm.assertEq(idle.ownerOf(2), seller);
    }

    function test_TOK01_NoCode() external {
        Order memory order = _foreignListing(address(0xc0de), 1);
        bytes memory signature = _sign(SELLER_KEY, order);

        vm.prank(buyer);
        vm.expectRevert(
            abi.encodeWithSelector(IExchange.Exchange_MakerNotOwner.selector, seller, address(0))
        );
        exchange.fill{value: PRICE}(order, signature);

        order.transferCount = 0;
        signature = _sign(SELLER_KEY, order);
        vm.prank(buyer);
        vm.expectRevert(
            abi.encodeWithSelector(IExchange.Exchange_NotDelivered.selector, address(0xc0de), 1)
        );
        exchange.fill{value: PRICE}(order, signature);
    }

    function test_TOK02_OwnerLies() external {
        idle.become(IdleToken.Manner.LiesOnce, seller);

        _refuse(_foreignListing(address(idle), 1), _notDelivered(1));
    }

    function test_TOK02_BoundOrderOnCollectionThatDoesNotCount() external {
        foreign.mint(seller, 1);
        Order memory order = _foreignListing(address(foreign), 1);
        order.transferCount = 0;
        bytes memory signature = _sign(SELLER_KEY, order);

        // Never probed, never taken for unbound.
        vm.prank(buyer);
        vm.expectRevert(bytes(""));
        exchange.fill{value: PRICE}(order, signature);

        vm.assertEq(foreign.ownerOf(1), seller);
    }

    function test_TOK02_CollectionThatMiscounts() external {
        CountingToken counting = new CountingToken();
        counting.mint(seller, 1);
        vm.prank(seller);
        counting.setApprovalForAll(address(exchange), true);
        Order memory order = _foreignListing(address(counting), 1);
        order.transferCount = 0;

        counting.countBy(0);
        _refuse(order, _notDelivered(address(counting), 1));
        counting.countBy(2);
        _refuse(order, abi.encodeWithSelector(IExchange.Exchange_TransferCountMoved.selector, 0, 1));
        counting.countBy(1);
        _buy(order);

        vm.assertEq(counting.ownerOf(1), buyer);
    }

    function test_TOK03_BuyerWithoutReceiverHook() external {
        Receiver gallery = new Receiver(Receiver.Manner.Accepts);
        Order memory order = _listing();
        bytes memory signature = _sign(SELLER_KEY, order);

        // The rule: a contract that buys is not asked, and receives the work.
        vm.prank(buyer);
        gallery.act{value: PRICE}(
            address(exchange), abi.encodeCall(IExchange.fill, (order, signature))
        );

        vm.assertEq(works.ownerOf(tokenId), address(gallery));
    }

    function test_TOK04_CollectionBlocksTheExchange() external {
        idle.become(IdleToken.Manner.Blocks, address(0));
        _refuse(
            _foreignListing(address(idle), 1),
            abi.encodeWithSignature("Error(string)", "operator not allowed")
        );
    }

    function test_TOK04_CollectionBurnsAllGas() external {
        idle.become(IdleToken.Manner.BurnsGas, address(0));
        Order memory order = _foreignListing(address(idle), 1);
        bytes memory data = abi.encodeCall(IExchange.fill, (order, _sign(SELLER_KEY, order)));

        vm.prank(buyer);
        (bool success,) = address(exchange).call{value: PRICE, gas: 1_000_000}(data);

        vm.assertFalse(success);
        vm.assertEq(buyer.balance, 100 ether);
    }

    function test_TOK05_LowestAndHighestId() external {
        foreign.mint(seller, 0);
        foreign.mint(seller, type(uint256).max);
        Order memory highest = _foreignListing(address(foreign), type(uint256).max);
        highest.nonce = 8;

        _buy(_foreignListing(address(foreign), 0));
        _buy(highest);

        vm.assertEq(foreign.ownerOf(0), buyer);
        vm.assertEq(foreign.ownerOf(type(uint256).max), buyer);
    }

    function test_TOK05_CountBelowUnbound() external {
        Order memory order = _listing();
        order.transferCount = UNBOUND - 1;
        _refuse(
            order,
            abi.encodeWithSelector(IExchange.Exchange_TransferCountMoved.selector, UNBOUND - 1, 0)
        );
    }

    function _notDelivered(uint256 id) private view returns (bytes memory) {
        return _notDelivered(address(idle), id);
    }

    function _notDelivered(address token, uint256 id) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IExchange.Exchange_NotDelivered.selector, token, id);
    }
}
