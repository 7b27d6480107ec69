// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Base} from "../Base.t.sol";
import {vm} from "../support/Vm.sol";

/// @notice The code under test is the code that is deployed: case BLD-01.
contract Build_Cases is Base {
    function test_BLD01_TestsRunWhatIsDeployed() external view {
        _sameCreation("Auctions.sol:Auctions", "../nft/chain/artifacts/Auctions.json");
        _sameCreation("Validator.sol:Validator", "../nft/chain/artifacts/Validator.json");
        _sameCreation("Collection.sol:Collection", "../nft/chain/artifacts/Collection.json");
        _sameCreation("Exchange.sol:Exchange", "../nft/chain/artifacts/Exchange.json");
        _sameCreation("PlainToken.sol:PlainToken", "../tests/support/artifacts/PlainToken.json");
    }

    /// @dev What forge compiled among all the tests equals what was exported alone.
    function _sameCreation(string memory compiled, string memory artifact) private view {
        bytes memory exported = vm.parseJsonBytes(vm.readFile(artifact), ".bytecode");
        vm.assertEq(keccak256(vm.getCode(compiled)), keccak256(exported));
    }
}
