// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CollectionBase} from "../CollectionBase.t.sol";
import {vm} from "../support/Vm.sol";
import {VoucherHandler} from "./VoucherHandler.sol";

/// @notice What stays true of a collection's money and works, whatever is sold by voucher.
contract Vouchers_Invariants is CollectionBase {
    /// @dev How many of the newest works are looked at after every call; all are, at the end.
    uint256 private constant RECENT = 4;

    uint256 private constant DEPTH = 150;

    VoucherHandler private _handler;

    function setUp() public override {
        super.setUp();
        _handler = new VoucherHandler(collection);
    }

    /// @dev forge asks which contracts it may call.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_INV01_INV02_CollectionHoldsWhatItOwes() external view {
        address token = address(_handler.token());
        vm.assertEq(
            address(collection).balance, collection.totalCredit(address(0)) + _handler.forced()
        );
        vm.assertEq(_handler.token().balanceOf(address(collection)), collection.totalCredit(token));
        _checkCredits(address(0));
        _checkCredits(token);
    }

    function invariant_SoldWorksAreWhereTheyWereSent() external view {
        uint256 count = _handler.worksCount();
        _checkWorksFrom(count < RECENT ? 0 : count - RECENT);
    }

    function afterInvariant() external view {
        _checkWorksFrom(0);
        _checkBalances();
        if (_handler.total() < DEPTH) return;
        bytes32[8] memory actions = [
            bytes32("redeemForCoin"),
            "redeemForToken",
            "redeemTwice",
            "withdraw",
            "withdrawFor",
            "transfer",
            "burn",
            "force"
        ];
        for (uint256 i = 0; i < actions.length; ++i) {
            vm.assertGt(_handler.succeeded(actions[i]), 0);
        }
    }

    function _checkCredits(address currency) private view {
        uint256 sum;
        for (uint256 i = 0; i < 3; ++i) {
            address account = address(_handler.receivers(i));
            uint256 credit = collection.credit(account, currency);
            vm.assertEq(credit, _handler.expectedCredit(currency, account));
            sum += credit;
        }
        vm.assertEq(sum, collection.totalCredit(currency));
        vm.assertEq(sum, _handler.expectedTotal(currency));
    }

    function _checkWorksFrom(uint256 start) private view {
        for (uint256 i = start; i < _handler.worksCount(); ++i) {
            (uint256 id, address holder, uint256 count, bool burned) = _handler.works(i);
            (address found, uint256 moved) = collection.ownerAndCount(id);
            vm.assertEq(found, holder);
            vm.assertEq(moved, count);
            if (burned) vm.assertEq(uint256(collection.ownershipWord(id)), count << 208);
        }
    }

    function _checkBalances() private view {
        uint256[3] memory balances;
        for (uint256 i = 0; i < _handler.worksCount(); ++i) {
            (, address holder,,) = _handler.works(i);
            for (uint256 j = 0; j < 3; ++j) {
                if (holder == _handler.person(j)) ++balances[j];
            }
        }
        for (uint256 j = 0; j < 3; ++j) {
            vm.assertEq(works.balanceOf(_handler.person(j)), balances[j]);
            vm.assertEq(works.balanceOf(address(_handler.receivers(j))), 0);
        }
    }
}
