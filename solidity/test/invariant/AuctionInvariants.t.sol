// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";

import {IAuctions} from "../../src/interfaces/IAuctions.sol";
import {ICollection} from "../../src/interfaces/ICollection.sol";
import {IExchange} from "../../src/interfaces/IExchange.sol";
import {IPlainToken} from "../Base.t.sol";
import {vm} from "../support/Vm.sol";
import {AuctionHandler} from "./AuctionHandler.sol";

/// @notice What stays true of auctions whatever people do, in any order. See `README.md` beside.
contract AuctionInvariants_Test {
    /// @dev The depth of a run in `foundry.toml`.
    uint256 private constant DEPTH = 150;

    IAuctions private _auctions;
    AuctionHandler private _handler;

    function setUp() external {
        address platform = address(uint160(uint256(keccak256("platform"))));
        address owner = address(uint160(uint256(keccak256("owner"))));
        vm.warp(1_800_000_000);
        address exchange =
            vm.deployCode("Exchange.sol:Exchange", abi.encode(owner, platform, uint16(200)));
        address collection = vm.deployCode(
            "Collection.sol:Collection", abi.encode("House", "HOUSE", bytes32(0), exchange)
        );
        address foreign =
            vm.deployCode("PlainToken.sol:PlainToken", abi.encode(platform, uint96(500)));
        _auctions = IAuctions(
            vm.deployCode(
                "Auctions.sol:Auctions", abi.encode(owner, platform, uint16(200), exchange)
            )
        );
        _handler = new AuctionHandler(
            _auctions, IExchange(exchange), ICollection(collection), IPlainToken(foreign), owner
        );
    }

    /// @dev forge asks which contracts it may call.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev forge asks which calls it may make: all but the one that ends everything.
    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](14);
        selectors[0] = AuctionHandler.open.selector;
        selectors[1] = AuctionHandler.bid.selector;
        selectors[2] = AuctionHandler.bidByContract.selector;
        selectors[3] = AuctionHandler.settle.selector;
        selectors[4] = AuctionHandler.endAgain.selector;
        selectors[5] = AuctionHandler.unwind.selector;
        selectors[6] = AuctionHandler.unwindDelivers.selector;
        selectors[7] = AuctionHandler.reclaim.selector;
        selectors[8] = AuctionHandler.withdraw.selector;
        selectors[9] = AuctionHandler.withdrawFees.selector;
        selectors[10] = AuctionHandler.donate.selector;
        selectors[11] = AuctionHandler.takeBack.selector;
        selectors[12] = AuctionHandler.govern.selector;
        selectors[13] = AuctionHandler.pause.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(_handler), selectors);
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function invariant_INV01_BalanceIsBidsCreditAndFees() external view {
        vm.assertEq(_auctions.escrowed(), _handler.standing() + _handler.donated(), "bids");
        vm.assertEq(_auctions.totalCredit(address(0)), _handler.credit(), "credit");
        vm.assertEq(_auctions.fees(address(0)), _handler.fees(), "fees");
        vm.assertEq(
            address(_auctions).balance,
            _handler.standing() + _handler.donated() + _handler.credit() + _handler.fees()
        );
        uint256 credit;
        for (uint256 i = 0; i < 3; ++i) {
            address receiver = address(_handler.receivers(i));
            vm.assertEq(_auctions.credit(receiver, address(0)), _handler.creditOf(receiver));
            credit += _handler.creditOf(receiver);
        }
        for (uint256 i = 0; i < 4; ++i) {
            credit += _auctions.credit(_handler.person(i), address(0));
        }
        vm.assertEq(credit, _handler.credit());
    }

    function invariant_INV03_WorksHeldAreThoseOfLiveAuctions() external view {
        _checkLots(_handler.lots() < 6 ? 0 : _handler.lots() - 6);
    }

    /// @dev INV-07 too: what is over stays over, and was paid once, as the books say.
    function invariant_INV07_AnAuctionEndsOnce() external view {
        vm.assertEq(
            IERC721(address(_handler.collection())).balanceOf(address(_auctions))
                + IERC721(address(_handler.foreign())).balanceOf(address(_auctions))
                + _handler.blocking().balanceOf(address(_auctions)),
            _live()
        );
    }

    /// @dev INV-10, then INV-09: everything comes to its end without seller, bidder or platform.
    function afterInvariant() external {
        _checkLots(0);
        if (_handler.total() >= DEPTH) {
            bytes32[14] memory actions = [
                bytes32("open"),
                "bid",
                "bidByContract",
                "settle",
                "endAgain",
                "unwind",
                "unwindDelivers",
                "reclaim",
                "withdraw",
                "withdrawFees",
                "donate",
                "takeBack",
                "govern",
                "pause"
            ];
            for (uint256 i = 0; i < actions.length; ++i) {
                vm.assertGt(_handler.succeeded(actions[i]), 0);
            }
        }

        _handler.bringAllToTheirEnd();

        vm.assertEq(_live(), 0);
        uint256 people;
        for (uint256 i = 0; i < 4; ++i) {
            people += _auctions.credit(_handler.person(i), address(0));
        }
        vm.assertEq(address(_auctions).balance, _handler.donated() + people);
        vm.assertEq(_auctions.totalCredit(address(0)), people);
        _checkLots(0);
    }

    function _checkLots(uint256 first) private view {
        for (uint256 i = first; i < _handler.lots(); ++i) {
            AuctionHandler.Lot memory lot = _handler.lot(i);
            (uint8 state, address bidder, uint256 amount, uint256 end) =
                _auctions.standingBid(_auctions.hashAuction(lot.auction));
            vm.assertEq(state, uint8(lot.state));
            address holder = IERC721(lot.auction.collection).ownerOf(lot.auction.tokenId);
            bool held = lot.state != AuctionHandler.State.Over;
            vm.assertEq(holder == address(_auctions), held);
            if (lot.state == AuctionHandler.State.Standing) {
                vm.assertEq(bidder, lot.bidder);
                vm.assertEq(amount, lot.amount);
                vm.assertEq(end, lot.end);
            }
        }
    }

    /// @dev How many auctions hold a work.
    function _live() private view returns (uint256 live) {
        for (uint256 i = 0; i < _handler.lots(); ++i) {
            if (_handler.lot(i).state != AuctionHandler.State.Over) ++live;
        }
    }
}
