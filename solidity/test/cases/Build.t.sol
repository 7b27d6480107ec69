// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Base} from "../Base.t.sol";
import {vm} from "../support/Vm.sol";

/// @notice The code under test is the code that is deployed: case BLD-01.
contract Build_Cases is Base {
    function test_BLD01_TestsRunWhatIsDeployed() external view {
        _sameCreation("../nft/chain/artifacts/", "Anchors");
        _sameCreation("../nft/chain/artifacts/", "Auctions");
        _sameCreation("../nft/chain/artifacts/", "Collection");
        _sameCreation("../nft/chain/artifacts/", "CollectionFactory");
        _sameCreation("../nft/chain/artifacts/", "Exchange");
        _sameCreation("../nft/chain/artifacts/", "Splitter");
        _sameCreation("../nft/chain/artifacts/", "SplitterFactory");
        _sameCreation("../nft/chain/artifacts/", "Validator");
        _sameCreation("../nft/chain/artifacts/", "Weth");
        _sameCreation("../tests/support/artifacts/", "PlainToken");
        _sameCreation("../tests/support/artifacts/", "PushingBuyer");
    }

    /// @dev What forge compiled among all the tests equals what was exported alone.
    function _sameCreation(string memory folder, string memory name) private view {
        string memory artifact = vm.readFile(string.concat(folder, name, ".json"));
        bytes memory exported = vm.parseJsonBytes(artifact, ".bytecode");
        bytes memory compiled = vm.getCode(string.concat(name, ".sol:", name));
        vm.assertEq(keccak256(compiled), keccak256(exported), name);
    }
}
