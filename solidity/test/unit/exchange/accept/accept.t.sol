// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICredits} from "../../../../src/interfaces/ICredits.sol";
import {IExchange} from "../../../../src/interfaces/IExchange.sol";
import {IGoverned} from "../../../../src/interfaces/IGoverned.sol";
import {Acceptance, Bulk, Item, Order, UNBOUND} from "../../../../src/types/Orders.sol";
import {ExchangeBase} from "../../../ExchangeBase.t.sol";
import {PlainHash} from "../../../reference/PlainHash.sol";
import {vm} from "../../../support/Vm.sol";

contract Accept_Unit_Test is ExchangeBase {
    function test_RevertGiven_Paused() external {
        vm.prank(guardian);
        exchange.pause();
        _refuseAccept(
            _offer(),
            _acceptance(tokenId),
            _reason(IGoverned.Governed_Paused.selector, NOW + 7 days)
        );
    }

    function test_RevertWhen_KindListing() external {
        Order memory order = _offer();
        order.kind = 0;
        _refuseOne(order, _reason(IExchange.Exchange_KindMismatch.selector, 0));
    }

    function test_RevertWhen_KindUnknown() external {
        Order memory order = _offer();
        order.kind = 4;
        _refuseOne(order, _reason(IExchange.Exchange_KindMismatch.selector, 4));
    }

    function test_RevertWhen_MoreWorksNamed() external {
        Order memory order = _offer();
        order.more = new Item[](1);
        _refuseOne(order, abi.encodeWithSelector(IExchange.Exchange_BundleUnsupported.selector));
    }

    function test_RevertWhen_OfferBound() external {
        Order memory order = _offer();
        order.transferCount = 0;
        _refuseOne(order, _reason(IExchange.Exchange_OfferBound.selector, 0));
    }

    function test_RevertWhen_PriceMoves() external {
        Order memory order = _offer();
        order.endPrice = PRICE / 2;
        _refuseOne(
            order,
            abi.encodeWithSelector(IExchange.Exchange_OfferPriceMoves.selector, PRICE, PRICE / 2)
        );
    }

    function test_RevertWhen_PriceZero() external {
        Order memory order = _offer();
        order.price = order.endPrice = 0;
        _refuseOne(order, abi.encodeWithSelector(IExchange.Exchange_PriceZero.selector));
    }

    function test_RevertWhen_CriteriaDoNotFitTheKind() external {
        Order memory order = _offer();
        order.criteria = DIGEST;
        _refuseOne(order, _reason(IExchange.Exchange_CriteriaMismatch.selector, uint256(DIGEST)));
        order = _collectionOffer();
        order.criteria = DIGEST;
        _refuseOne(order, _reason(IExchange.Exchange_CriteriaMismatch.selector, uint256(DIGEST)));
        _refuseOne(_setOffer(0), _reason(IExchange.Exchange_CriteriaMismatch.selector, 0));
    }

    function test_RevertWhen_OfferInCoin() external {
        Order memory order = _offer();
        order.currency = address(0);
        _refuseOne(order, _reason(IExchange.Exchange_CurrencyUnsupported.selector, 0));
    }

    function test_RevertWhen_OfferGoodForTooLong() external {
        Order memory order = _offer();
        order.end = order.start + 60 days + 1;
        _refuseOne(
            order,
            abi.encodeWithSelector(
                IExchange.Exchange_UnboundOrderTooLong.selector, 60 days + 1, 60 days
            )
        );
    }

    function test_RevertWhen_CallerIsMaker() external {
        Order memory order = _offer();
        order.maker = seller;
        _refuseOne(order, _reason(IExchange.Exchange_MakerIsTaker.selector, uint160(seller)));
    }

    function test_RevertWhen_AnotherWorkThanTheNamed() external {
        uint256 other = _mint(seller, 2);
        _refuseAccept(_offer(), _acceptance(other), _mismatch(tokenId, other));
    }

    function test_RevertWhen_ProofGivenWithoutASet() external {
        Acceptance memory acceptance = _acceptance(tokenId);
        acceptance.proof = new bytes32[](1);
        _refuseAccept(_offer(), acceptance, _reason(IExchange.Exchange_NotInSet.selector, tokenId));
    }

    function test_RevertWhen_CountGivenWithoutASet() external {
        Acceptance memory acceptance = _acceptance(tokenId);
        acceptance.transferCount = 0;
        _refuseAccept(_offer(), acceptance, _reason(IExchange.Exchange_OfferBound.selector, 0));
    }

    function test_RevertWhen_WorkNotOfTheSet() external {
        bytes32 other = _leaf(tokenId + 1, UNBOUND);
        Acceptance memory acceptance = _acceptance(tokenId);
        acceptance.proof = _one(other);
        _refuseAccept(
            _setOffer(_node(_leaf(tokenId + 2, UNBOUND), other)),
            acceptance,
            _reason(IExchange.Exchange_NotInSet.selector, tokenId)
        );
    }

    function test_RevertWhen_SetNamesAToken() external {
        Order memory order = _setOffer(_leaf(tokenId, UNBOUND));
        order.tokenId = tokenId;
        _refuseOne(order, _mismatch(tokenId, tokenId));
    }

    function test_RevertWhen_WorkOfAnotherCreator() external {
        Order memory order = _collectionOffer();
        order.tokenId = _idOf(studio, 0);
        _refuseOne(order, _mismatch(order.tokenId, tokenId));
        // No creator's first id: nothing it could mean.
        order.tokenId = tokenId;
        _refuseOne(order, _mismatch(tokenId, tokenId));
    }

    function test_RevertGiven_ProceedsBelowTheLeast() external {
        Acceptance memory acceptance = _acceptance(tokenId);
        acceptance.minProceeds = PRICE - ROYALTY - FEE + 1;
        _refuseAccept(
            _offer(),
            acceptance,
            abi.encodeWithSelector(
                IExchange.Exchange_ProceedsTooLow.selector,
                PRICE - ROYALTY - FEE,
                PRICE - ROYALTY - FEE + 1
            )
        );
    }

    function test_RevertGiven_CountMovedSinceTheLeaf() external {
        Acceptance memory acceptance = _acceptance(tokenId);
        acceptance.transferCount = 0;
        Order memory order = _setOffer(_leaf(tokenId, 0));
        vm.prank(seller);
        works.transferFrom(seller, seller, tokenId);
        _refuseAccept(
            order,
            acceptance,
            abi.encodeWithSelector(IExchange.Exchange_TransferCountMoved.selector, 0, 1)
        );
    }

    function test_RevertGiven_OtherMetadata() external {
        Order memory order = _collectionOffer();
        order.metadataDigest = bytes32(uint256(1));
        _refuseOne(
            order,
            abi.encodeWithSelector(IExchange.Exchange_MetadataMismatch.selector, uint256(1), DIGEST)
        );
    }

    function test_RevertGiven_CollectionThatStatesNoMetadata() external {
        foreign.mint(seller, 1);
        Order memory order = _offer();
        (order.collection, order.tokenId) = (address(foreign), 1);
        order.metadataDigest = DIGEST;
        _refuseAccept(
            order,
            _acceptance(1),
            abi.encodeWithSelector(IExchange.Exchange_MetadataMismatch.selector, DIGEST, 0)
        );
    }

    function test_RevertGiven_BuyerCannotPay() external {
        vm.prank(collector);
        weth.approve(address(exchange), PRICE - 1);
        Order memory order = _offer();
        bytes memory signature = _sign(COLLECTOR_KEY, order);
        Bulk memory none;

        vm.prank(seller);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICredits.Credits_NotPaid.selector, address(weth), address(exchange), FEE
            )
        );
        exchange.accept(order, signature, none, _acceptance(tokenId));
        vm.assertEq(works.ownerOf(tokenId), seller);
    }

    function test_WhenTokenOffer() external {
        Order memory order = _offer();
        bytes memory signature = _sign(COLLECTOR_KEY, order);
        Bulk memory none;
        bytes32 orderHash = exchange.hashOrder(order);

        // It should emit {OrderFilled} with the flag of an offer.
        vm.prank(seller);
        vm.expectEmit(address(exchange));
        emit IExchange.OrderFilled(
            orderHash,
            collector,
            seller,
            address(collection),
            tokenId,
            address(weth),
            PRICE,
            artist,
            ROYALTY,
            FEE,
            2
        );
        exchange.accept(order, signature, none, _acceptance(tokenId));

        // It should deliver the work to the maker.
        vm.assertEq(works.ownerOf(tokenId), collector);
        // It should take the price from the maker.
        vm.assertEq(_held(collector), PURSE - PRICE);
        vm.assertEq(_held(seller), PRICE - ROYALTY - FEE);
        vm.assertEq(_held(artist), ROYALTY);
        // It should keep the fee.
        vm.assertEq(exchange.fees(address(weth)), FEE);
        // It should use the nonce.
        vm.assertTrue(exchange.isNonceUsed(collector, order.nonce));
    }

    function test_WhenSetOffer() external {
        bytes32 other = _leaf(tokenId + 1, 0);
        Acceptance memory acceptance = _acceptance(tokenId);
        acceptance.transferCount = 0;
        acceptance.proof = _one(other);

        _accept(_setOffer(_node(_leaf(tokenId, 0), other)), acceptance);

        // It should deliver a work of the set at its count.
        (address holder, uint256 count) = collection.ownerAndCount(tokenId);
        vm.assertEq(holder, collector);
        vm.assertEq(count, 1);
    }

    function test_WhenSetOfferUnbound() external {
        vm.prank(seller);
        works.transferFrom(seller, seller, tokenId);

        _accept(_setOffer(_leaf(tokenId, UNBOUND)), _acceptance(tokenId));

        // It should deliver a work of the set at any count.
        vm.assertEq(works.ownerOf(tokenId), collector);
    }

    function test_WhenCollectionOffer() external {
        uint256 other = _mint(seller, 77);

        _accept(_collectionOffer(), _acceptance(other));

        // It should deliver any work.
        vm.assertEq(works.ownerOf(other), collector);
    }

    function test_WhenOfferForACreator() external {
        Order memory order = _collectionOffer();
        order.tokenId = _idOf(artist, 0);

        _accept(order, _acceptance(tokenId));

        // It should deliver a work of that creator.
        vm.assertEq(works.ownerOf(tokenId), collector);
    }

    function test_WhenOfferSignedInATree() external {
        Order memory order = _offer();
        Order memory other = _collectionOffer();
        Bulk memory bulk = Bulk(1, _one(PlainHash.hash(other)));
        bytes32 domain = PlainHash.domain("Vernissage Exchange", block.chainid, address(exchange));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(
            COLLECTOR_KEY, PlainHash.digest(domain, PlainHash.hash(PlainHash.hash(order), bulk))
        );

        vm.prank(seller);
        exchange.accept(order, abi.encodePacked(r, s, v), bulk, _acceptance(tokenId));

        // It should deliver the work.
        vm.assertEq(works.ownerOf(tokenId), collector);
    }

    function test_GivenMetadataAsNamed() external {
        Order memory order = _collectionOffer();
        order.metadataDigest = DIGEST;

        _accept(order, _acceptance(tokenId));

        // It should deliver the work that carries it.
        vm.assertEq(works.ownerOf(tokenId), collector);
    }

    function _refuseOne(Order memory order, bytes memory reason) private {
        _refuseAccept(order, _acceptance(tokenId), reason);
    }

    function _mismatch(uint256 expected, uint256 id) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IExchange.Exchange_TokenMismatch.selector, expected, id);
    }
}
