// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

/// @notice The wrapped coin as tests call it. They deploy it by name: what imports the contract
/// itself would be compiled as slowly as what is deployed.
interface IWeth is IERC20Metadata, IERC20Permit {
    event Deposit(address indexed account, uint256 amount);
    event Withdrawal(address indexed account, uint256 amount);

    function deposit() external payable;
    function withdraw(uint256 amount) external;
}
