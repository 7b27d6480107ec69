// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";

import {ICollection} from "../../src/interfaces/ICollection.sol";
import {IExchange} from "../../src/interfaces/IExchange.sol";
import {IWeth} from "../support/IWeth.sol";
import {vm} from "../support/Vm.sol";
import {MarketHandler} from "./MarketHandler.sol";

/// @notice What stays true whatever people do, in any order. The list is in `README.md` beside.
contract Invariants_Test {
    /// @dev How many of the newest entries are looked at after every call; all are, at the end.
    uint256 private constant RECENT = 4;

    /// @dev The depth of a run in `foundry.toml`.
    uint256 private constant DEPTH = 150;

    ICollection private _collection;
    IExchange private _exchange;
    MarketHandler private _handler;

    function setUp() external {
        address platform = address(uint160(uint256(keccak256("platform"))));
        vm.warp(1_800_000_000);
        _exchange = IExchange(
            vm.deployCode("Exchange.sol:Exchange", abi.encode(address(this), platform, uint16(200)))
        );
        _collection = ICollection(
            vm.deployCode(
                "Collection.sol:Collection",
                abi.encode("House", "HOUSE", bytes32(0), address(_exchange))
            )
        );
        IWeth weth = IWeth(vm.deployCode("Weth.sol:Weth", ""));
        _exchange.setCurrency(address(weth), true);
        _handler = new MarketHandler(_collection, _exchange, platform, weth);
    }

    /// @dev forge asks which contracts it may call.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_INV01_BalanceIsCreditAndFees() external view {
        vm.assertEq(
            address(_exchange).balance,
            _exchange.totalCredit(address(0)) + _exchange.fees(address(0))
        );
        vm.assertEq(_exchange.totalCredit(address(0)), _handler.expectedCredit());
        vm.assertEq(_exchange.fees(address(0)), _handler.expectedFees());
        uint256 credit;
        for (uint256 i = 0; i < 3; ++i) {
            address receiver = address(_handler.receivers(i));
            vm.assertEq(_exchange.credit(receiver, address(0)), _handler.expectedCreditOf(receiver));
            credit += _exchange.credit(receiver, address(0));
        }
        vm.assertEq(credit, _exchange.totalCredit(address(0)));
    }

    function invariant_INV02_CurrencyIsCreditAndFees() external view {
        address weth = address(_handler.weth());
        uint256 here = IERC20(weth).balanceOf(address(_exchange));
        vm.assertEq(here, _exchange.totalCredit(weth) + _exchange.fees(weth));
        vm.assertEq(_exchange.totalCredit(weth), 0);
        vm.assertEq(_exchange.fees(weth), _handler.expectedWrappedFees());
    }

    function invariant_INV03_NoWorkIsHeld() external view {
        vm.assertEq(IERC721(address(_collection)).balanceOf(address(_exchange)), 0);
    }

    function invariant_INV04_WhatCameInWentOutOrIsHere() external view {
        vm.assertEq(_handler.coinIn(), _handler.coinOut() + address(_exchange).balance);
    }

    function invariant_INV05_NoncesStayUsedAndCountersNeverFall() external view {
        uint256 count = _handler.usedCount();
        _checkUsedFrom(count < RECENT ? 0 : count - RECENT);
        for (uint256 i = 0; i < 4; ++i) {
            address maker = _handler.person(i);
            vm.assertEq(_exchange.counterOf(maker), _handler.counters(maker));
        }
    }

    function invariant_INV07_NoOrderIsFilledTwice() external view {
        uint256 count = _handler.settledCount();
        _checkSettledFrom(count < RECENT ? 0 : count - RECENT);
    }

    function invariant_WorksAreWhereTheyWereSent() external view {
        uint256[4] memory balances;
        for (uint256 i = 0; i < _handler.worksCount(); ++i) {
            (uint256 id, address owner, uint256 count, bool burned) = _handler.works(i);
            (address holder, uint256 moved) = _collection.ownerAndCount(id);
            vm.assertEq(holder, owner);
            vm.assertEq(moved, count);
            if (burned) {
                vm.assertEq(uint256(_collection.ownershipWord(id)), count << 208);
            }
            for (uint256 j = 0; j < 4; ++j) {
                if (_handler.person(j) == owner) ++balances[j];
            }
        }
        for (uint256 j = 0; j < 4; ++j) {
            vm.assertEq(IERC721(address(_collection)).balanceOf(_handler.person(j)), balances[j]);
        }
    }

    /// @dev INV-10, at the end of every whole run: an action that never succeeds proves nothing.
    /// A run cut short, as forge does to show a failure, need not have come to all of them.
    function afterInvariant() external view {
        _checkUsedFrom(0);
        _checkSettledFrom(0);
        if (_handler.total() < DEPTH) return;
        bytes32[18] memory actions = [
            bytes32("mint"),
            "transfer",
            "burn",
            "sell",
            "sellAgain",
            "cancel",
            "cancelAll",
            "withdraw",
            "withdrawFees",
            "donate",
            "setRoyalty",
            "sellFalling",
            "sellWrapped",
            "takeOffer",
            "sellBundle",
            "buyMany",
            "donateWrapped",
            "withdrawWrapped"
        ];
        for (uint256 i = 0; i < actions.length; ++i) {
            vm.assertGt(_handler.succeeded(actions[i]), 0);
        }
    }

    function _checkUsedFrom(uint256 first) private view {
        for (uint256 i = first; i < _handler.usedCount(); ++i) {
            vm.assertTrue(_exchange.isNonceUsed(_handler.usedMakers(i), _handler.usedNonces(i)));
        }
    }

    function _checkSettledFrom(uint256 first) private view {
        for (uint256 i = first; i < _handler.settledCount(); ++i) {
            vm.assertEq(_handler.fills(_handler.settledHash(i)), 1);
        }
    }
}
