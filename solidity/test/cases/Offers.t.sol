// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

import {IExchange} from "../../src/interfaces/IExchange.sol";
import {Acceptance, Bulk, Order, UNBOUND} from "../../src/types/Orders.sol";
import {ExchangeBase} from "../ExchangeBase.t.sol";
import {SilentToken} from "../doubles/AuctionTokens.sol";
import {TokenAccount} from "../doubles/Hostile.sol";
import {RoyaltyToken} from "../doubles/Tokens.sol";
import {YesWallet} from "../doubles/Wallets.sol";
import {vm} from "../support/Vm.sol";

/// @notice What can be done to those who make offers and those who take them, and case AUC-08.
contract Offers_Cases is ExchangeBase {
    function test_SIG06_OfferAsListingAndListingAsOffer() external {
        Order memory offer = _offer();
        bytes memory signature = _sign(COLLECTOR_KEY, offer);
        _refuse(offer, signature, 0, _reason(IExchange.Exchange_KindMismatch.selector, offer.kind));
        offer.kind = 0;
        bytes32 orderHash = exchange.hashOrder(offer);
        _refuse(
            offer,
            signature,
            0,
            abi.encodeWithSelector(
                IExchange.Exchange_SignatureInvalid.selector, orderHash, collector
            )
        );
        _refuseAccept(
            _listing(), _acceptance(tokenId), _reason(IExchange.Exchange_KindMismatch.selector, 0)
        );
    }

    function test_SIG08_WalletThatSaysYesAsBuyer() external {
        YesWallet wallet = new YesWallet();
        _fill(weth, address(wallet));
        Order memory order = _offer();
        order.maker = address(wallet);
        Bulk memory none;

        // Anybody sells it anything, and it alone pays.
        vm.prank(seller);
        exchange.accept(order, "", none, _acceptance(tokenId));

        vm.assertEq(works.ownerOf(tokenId), address(wallet));
        vm.assertEq(_held(address(wallet)), PURSE - PRICE);
        vm.assertEq(_held(collector), PURSE);
    }

    function test_OFFER_MinProceedsAgainstARoyaltyThatRises() external {
        RoyaltyToken token = new RoyaltyToken();
        token.mint(seller, 1);
        vm.prank(seller);
        token.setApprovalForAll(address(exchange), true);
        Order memory order = _offer();
        (order.collection, order.tokenId, order.maxRoyaltyBps) = (address(token), 1, 5000);
        token.set(RoyaltyToken.Answer.Given, artist, ROYALTY);
        Acceptance memory acceptance = _acceptance(1);
        acceptance.minProceeds = PRICE - ROYALTY - FEE;

        // In the block before, the royalty goes up to what the buyer's order allows.
        token.set(RoyaltyToken.Answer.Given, artist, PRICE / 2);
        _refuseAccept(
            order,
            acceptance,
            abi.encodeWithSelector(
                IExchange.Exchange_ProceedsTooLow.selector, PRICE / 2 - FEE, PRICE - ROYALTY - FEE
            )
        );
        token.set(RoyaltyToken.Answer.Given, artist, ROYALTY);
        _accept(order, acceptance);
        vm.assertEq(_held(seller), PRICE - ROYALTY - FEE);
    }

    function test_OFFER_MinProceedsAgainstAFeeThatRises() external {
        Order memory order = _offer();
        order.maxFeeBps = 500;
        Acceptance memory acceptance = _acceptance(tokenId);
        acceptance.minProceeds = PRICE - ROYALTY - FEE;
        vm.prank(owner);
        exchange.setFee(500);
        vm.warp(NOW + 7 days);

        _refuseAccept(
            order,
            acceptance,
            abi.encodeWithSelector(
                IExchange.Exchange_ProceedsTooLow.selector,
                PRICE - ROYALTY - PRICE * 500 / 10_000,
                PRICE - ROYALTY - FEE
            )
        );
    }

    function test_OFFER_SignedForACounterToCome() external {
        Order memory order = _offer();
        order.counter = 1;
        _refuseAccept(
            order,
            _acceptance(tokenId),
            abi.encodeWithSelector(IExchange.Exchange_CounterMoved.selector, 1, 0)
        );
        vm.roll(1000);
        vm.setBlockhash(999, bytes32(uint256(77)));
        vm.prank(collector);
        exchange.cancelAll();

        _refuseAccept(
            order,
            _acceptance(tokenId),
            abi.encodeWithSelector(IExchange.Exchange_CounterMoved.selector, 1, 78)
        );
    }

    function test_OFFER_CollectionOfferTakesAFreshBlankWork() external {
        // The stated rule: in a collection open to all, an offer for any work is one for any work.
        uint256 blank = _idOf(forger, 1);
        vm.startPrank(forger);
        collection.mint(forger, blank, bytes32(uint256(1)), 0, address(0));
        works.setApprovalForAll(address(exchange), true);
        Order memory order = _collectionOffer();
        bytes memory signature = _sign(COLLECTOR_KEY, order);
        Bulk memory none;
        exchange.accept(order, signature, none, _acceptance(blank));
        vm.stopPrank();
        vm.assertEq(works.ownerOf(blank), collector);

        // A creator's works, a set, or the metadata protect from it.
        uint256 second = _idOf(forger, 2);
        vm.prank(forger);
        collection.mint(seller, second, bytes32(uint256(1)), 0, address(0));
        order.nonce = 8;
        order.tokenId = _idOf(artist, 0);
        _refuseAccept(
            order,
            _acceptance(second),
            abi.encodeWithSelector(IExchange.Exchange_TokenMismatch.selector, order.tokenId, second)
        );
        order.tokenId = 0;
        order.metadataDigest = DIGEST;
        _refuseAccept(
            order,
            _acceptance(second),
            abi.encodeWithSelector(IExchange.Exchange_MetadataMismatch.selector, DIGEST, uint256(1))
        );
        Order memory set = _setOffer(_leaf(tokenId, UNBOUND));
        set.nonce = 8;
        _refuseAccept(
            set, _acceptance(second), _reason(IExchange.Exchange_NotInSet.selector, second)
        );
    }

    function test_OFFER_MetadataSwappedBeforeTheFill() external {
        Order memory order = _offer();
        order.metadataDigest = DIGEST;
        vm.prank(artist);
        collection.setMetadata(tokenId, bytes32(uint256(2)));

        _refuseAccept(
            order,
            _acceptance(tokenId),
            abi.encodeWithSelector(IExchange.Exchange_MetadataMismatch.selector, DIGEST, uint256(2))
        );

        vm.prank(artist);
        collection.setMetadata(tokenId, DIGEST);
        _accept(order, _acceptance(tokenId));
        vm.assertEq(works.ownerOf(tokenId), collector);
    }

    function test_OFFER_ContentsOfATokenAccountDrainedBeforeTheFill() external {
        // The stated rule: a sale is of the work, and of nothing that an account of it holds.
        TokenAccount account = new TokenAccount(ERC721(address(works)), tokenId);
        vm.deal(address(account), 5 ether);
        Order memory order = _offer();

        vm.prank(seller);
        account.drain(payable(seller));
        _accept(order, _acceptance(tokenId));

        vm.assertEq(works.ownerOf(tokenId), collector);
        vm.assertEq(address(account).balance, 0);
        // What is not bound does not notice; a leaf that names the count is no help either, as
        // nothing moved. A maker who cares names a time and looks.
        vm.assertEq(collection.transferCount(tokenId), 1);
    }

    function test_OFFER_SetAtItsCountsDiesWithTheOwnership() external {
        Order memory order = _setOffer(_leaf(tokenId, 0));
        Acceptance memory acceptance = _acceptance(tokenId);
        acceptance.transferCount = 0;
        vm.prank(seller);
        works.transferFrom(seller, forger, tokenId);
        vm.prank(forger);
        works.transferFrom(forger, seller, tokenId);

        _refuseAccept(
            order,
            acceptance,
            abi.encodeWithSelector(IExchange.Exchange_TransferCountMoved.selector, 0, 2)
        );
    }

    function test_AUC08_FallingPriceAtItsEdges() external {
        Order memory order = _fallingListing();
        uint256[5] memory times = [NOW, NOW + 1, NOW + 5 days, NOW + 10 days - 1, NOW + 10 days];
        for (uint256 i = 0; i < 5; ++i) {
            uint256 id = vm.snapshotState();
            vm.warp(times[i]);
            uint256 price = exchange.priceAt(order, times[i]);
            vm.assertLe(price, PRICE);
            vm.assertGe(price, PRICE / 2);
            uint256 before = buyer.balance;
            _buy(order);
            vm.assertEq(before - buyer.balance, price);
            vm.revertToState(id);
        }
        bytes memory signature = _sign(SELLER_KEY, order);
        vm.warp(NOW - 1);
        _refuse(
            order,
            signature,
            PRICE,
            abi.encodeWithSelector(IExchange.Exchange_OrderNotStarted.selector, NOW, NOW - 1)
        );
        vm.warp(NOW + 10 days + 1);
        _refuse(
            order,
            signature,
            PRICE,
            abi.encodeWithSelector(
                IExchange.Exchange_OrderExpired.selector, NOW + 10 days, NOW + 10 days + 1
            )
        );
    }

    function testFuzz_AUC08_BuyersMaximumHolds(uint256 offered, uint256 later) external {
        Order memory order = _fallingListing();
        bytes memory signature = _sign(SELLER_KEY, order);
        later = later % (10 days + 1);
        offered = offered % (2 * PRICE);
        vm.warp(NOW + later);
        uint256 price = exchange.priceAt(order, NOW + later);
        uint256 before = buyer.balance;

        vm.prank(buyer);
        (bool success,) = address(exchange).call{value: offered}(
            abi.encodeCall(IExchange.fill, (order, signature))
        );

        // What is sent is the most that is paid, and the rest returns.
        vm.assertEq(success, offered >= price);
        vm.assertEq(before - buyer.balance, success ? price : 0);
    }

    function test_AUC08_FallsInACurrencyToo() external {
        Order memory order = _fallingListing();
        order.currency = address(weth);
        bytes memory signature = _sign(SELLER_KEY, order);
        vm.warp(NOW + 5 days);

        vm.prank(buyer);
        exchange.fill(order, signature);

        vm.assertEq(_held(buyer), PURSE - PRICE * 3 / 4);
        _checkBooks();
    }

    function test_ORD06_FallingPriceWithoutEnd() external {
        Order memory order = _fallingListing();
        (order.start, order.end) = (0, type(uint64).max);
        uint256 before = buyer.balance;

        _buy(order);

        // Nothing overflows, and next to nothing has fallen off.
        uint256 fallen = uint256(PRICE / 2) * NOW / type(uint64).max;
        vm.assertEq(before - buyer.balance, PRICE - fallen);
    }

    function test_ORD06_FallingPriceInOneSecond() external {
        Order memory order = _fallingListing();
        (order.start, order.end) = (uint64(NOW), uint64(NOW));
        uint256 before = buyer.balance;

        _buy(order);

        vm.assertEq(before - buyer.balance, PRICE);
    }

    function test_ORD08_HighestPriceOfACurrency() external {
        Order memory order = _wrappedListing();
        order.price = type(uint128).max;
        order.endPrice = 1;
        (order.start, order.end) = (uint64(NOW - 1), uint64(NOW));
        bytes memory signature = _sign(SELLER_KEY, order);

        vm.prank(buyer);
        exchange.fill(order, signature);
        vm.assertEq(_held(buyer), PURSE - 1);

        order.nonce = 8;
        order.price = order.endPrice = type(uint256).max;
        _refuse(
            order,
            _sign(SELLER_KEY, order),
            0,
            abi.encodeWithSelector(
                IExchange.Exchange_PriceTooHigh.selector, type(uint256).max, type(uint128).max
            )
        );
    }

    function test_TOK01_NobodySellsTheBuyersOwnWork() external {
        SilentToken token = new SilentToken();
        token.mint(seller, 1);
        Order memory order = _setOffer(_leaf(1, 0));
        order.collection = address(token);
        bytes memory signature = _sign(COLLECTOR_KEY, order);
        vm.prank(seller);
        token.transferFrom(seller, collector, 1);
        Acceptance memory acceptance;
        acceptance.tokenId = 1;
        Bulk memory none;
        uint256 before = _held(collector);

        vm.prank(forger);
        vm.expectRevert(
            abi.encodeWithSelector(IExchange.Exchange_MakerNotOwner.selector, forger, collector)
        );
        exchange.accept(order, signature, none, acceptance);

        vm.assertEq(_held(collector), before);
    }
}
