// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {IExchange} from "../../src/interfaces/IExchange.sol";
import {Order} from "../../src/types/Orders.sol";

/// @notice A wallet contract as it should be: what its owner's key signed, it signed.
contract GoodWallet is IERC1271 {
    address private immutable _owner;

    constructor(address owner) {
        _owner = owner;
    }

    receive() external payable {}

    function approve(address token, address operator) external {
        IERC721(token).setApprovalForAll(operator, true);
    }

    function isValidSignature(bytes32 digest, bytes memory signature)
        external
        view
        virtual
        returns (bytes4)
    {
        (address recovered,,) = ECDSA.tryRecover(digest, signature);
        return recovered == _owner ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// @notice A wallet that answers a question of signature in one of the ways that are not a yes.
contract LyingWallet {
    enum Lie {
        WrongMagic,
        DirtyMagic,
        Reverts,
        BurnsGas,
        RevertsWithMegabyte,
        Short,
        Nothing,
        MagicThenReverts
    }

    Lie private immutable _lie;

    constructor(Lie lie) {
        _lie = lie;
    }

    receive() external payable {}

    function approve(address token, address operator) external {
        IERC721(token).setApprovalForAll(operator, true);
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        bytes4 magic = IERC1271.isValidSignature.selector;
        Lie lie = _lie;
        if (lie == Lie.WrongMagic) return 0x12345678;
        if (lie == Lie.Reverts) revert("no");
        assembly ("memory-safe") {
            mstore(0x00, magic)
            switch lie
            case 1 {
                // DirtyMagic
                mstore(0x00, or(mload(0x00), 1))
                return(0x00, 0x20)
            }
            case 3 {
                // BurnsGas
                invalid()
            }
            case 4 {
                // RevertsWithMegabyte
                revert(0x00, 1000000)
            }
            case 5 {
                // Short
                return(0x00, 0x04)
            }
            case 6 {
                // Nothing
                return(0x00, 0x00)
            }
            default {
                // MagicThenReverts
                revert(0x00, 0x20)
            }
        }
    }
}

/// @notice Says yes to everything and everybody, in a megabyte.
contract YesWallet is GoodWallet {
    constructor() GoodWallet(address(0)) {}

    function isValidSignature(bytes32, bytes memory) external pure override returns (bytes4) {
        bytes4 magic = IERC1271.isValidSignature.selector;
        assembly ("memory-safe") {
            mstore(0x00, magic)
            return(0x00, 1000000)
        }
    }
}

/// @notice Says yes to everything, and has no way to take coin.
contract PurselessWallet {
    function approve(address token, address operator) external {
        IERC721(token).setApprovalForAll(operator, true);
    }

    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        return IERC1271.isValidSignature.selector;
    }
}

/// @notice Changes its mind within one transaction.
contract FickleWallet is GoodWallet {
    address private immutable _exchange;

    constructor(address exchange) GoodWallet(address(0)) {
        _exchange = exchange;
    }

    /// @dev Yes until the first order is used, and no from then on.
    function isValidSignature(bytes32, bytes memory) external view override returns (bytes4) {
        return IExchange(_exchange).isNonceUsed(address(this), 1)
            ? bytes4(0)
            : IERC1271.isValidSignature.selector;
    }
}

/// @notice Code for a delegated account (EIP-7702) that knows nothing of ERC-1271.
contract PlainDelegate {
    receive() external payable {}
}

/// @notice Code for a delegated account that refuses coin and every question.
contract RefusingDelegate {
    fallback() external {
        revert("closed");
    }
}

/// @notice A buyer that fills two orders in one transaction.
contract TwiceBuyer {
    function buy(
        IExchange exchange,
        Order calldata first,
        bytes calldata firstSignature,
        Order calldata second,
        bytes calldata secondSignature
    ) external payable {
        exchange.fill{value: first.price}(first, firstSignature);
        exchange.fill{value: second.price}(second, secondSignature);
    }

    /// @dev Tries the first, swallows its failure, then fills the second.
    function buyAfterFailure(
        IExchange exchange,
        Order calldata first,
        Order calldata second,
        bytes calldata signature
    ) external payable {
        try exchange.fill{value: first.price}(first, "") {
            revert("the first should have failed");
        } catch {}
        exchange.fill{value: second.price}(second, signature);
    }
}
