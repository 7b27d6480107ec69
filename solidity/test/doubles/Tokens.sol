// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// @notice Answers a question for its royalty in every way that is seen, and some that are not.
contract RoyaltyToken is ERC721 {
    enum Answer {
        Given,
        Reverts,
        BurnsGas,
        HalfMegabyte,
        ThirtyTwoBytes,
        DirtyReceiver,
        AsksRegistry,
        ByCaller
    }

    Answer private _answer;
    address private _receiver;
    uint256 private _amount;

    constructor() ERC721("Royalty", "R") {}

    function mint(address to, uint256 tokenId) external {
        _mint(to, tokenId);
    }

    function set(Answer answer, address receiver, uint256 amount) external {
        (_answer, _receiver, _amount) = (answer, receiver, amount);
    }

    /// @dev Says nothing of ERC-2981, which nobody should ask.
    function supportsInterface(bytes4 id) public view override returns (bool) {
        return super.supportsInterface(id);
    }

    function royaltyInfo(uint256, uint256) external view returns (address, uint256) {
        (address receiver, uint256 amount, Answer answer) = (_receiver, _amount, _answer);
        if (answer == Answer.Reverts) revert("no");
        if (answer == Answer.AsksRegistry) {
            // As royalty registries do: when the look-up fails, there is no royalty.
            try this.registry() returns (uint256 found) {
                amount = found;
            } catch {
                amount = 0;
            }
        }
        if (answer == Answer.ByCaller && msg.sender == _receiver) amount = 0;
        assembly ("memory-safe") {
            if eq(answer, 2) { invalid() }
            if eq(answer, 5) { receiver := or(receiver, shl(200, 1)) }
            mstore(0x00, receiver)
            mstore(0x20, amount)
            if eq(answer, 3) { return(0x00, 500000) }
            if eq(answer, 4) { return(0x00, 0x20) }
            return(0x00, 0x40)
        }
    }

    /// @dev Costs some 40,000 gas.
    function registry() external view returns (uint256 found) {
        for (uint256 i = 0; i < 150; ++i) {
            found = uint256(keccak256(abi.encode(found, i)));
        }
        found = _amount;
    }
}

/// @notice Claims to move works and does not, or moves another one.
contract IdleToken is ERC721 {
    enum Manner {
        Idle,
        MovesAnother,
        TakesFromBuyerToo,
        LiesOnce,
        BurnsGas,
        Blocks
    }

    Manner private _manner;
    address private _liar;

    constructor() ERC721("Idle", "I") {}

    function mint(address to, uint256 tokenId) external {
        _mint(to, tokenId);
    }

    function become(Manner manner, address liar) external {
        (_manner, _liar) = (manner, liar);
    }

    function royaltyInfo(uint256, uint256) external pure returns (address, uint256) {
        return (address(0xa1), 0);
    }

    function ownerOf(uint256 tokenId) public view override returns (address) {
        return _manner == Manner.LiesOnce ? _liar : super.ownerOf(tokenId);
    }

    function transferFrom(address from, address to, uint256 tokenId) public override {
        if (_manner == Manner.Idle || _manner == Manner.LiesOnce) return;
        if (_manner == Manner.MovesAnother) return super.transferFrom(from, to, tokenId + 1);
        if (_manner == Manner.Blocks) revert("operator not allowed");
        if (_manner == Manner.BurnsGas) {
            assembly {
                invalid()
            }
        }
        super.transferFrom(from, to, tokenId);
    }
}

/// @notice A counted collection that miscounts, or calls back while it moves a work.
contract CountingToken is ERC721 {
    uint256 private _step = 1;
    mapping(uint256 tokenId => uint256 count) private _counts;
    address private _target;
    bytes private _data;

    bool public called;
    bool public succeeded;

    constructor() ERC721("Counting", "C") {}

    function mint(address to, uint256 tokenId) external {
        _mint(to, tokenId);
    }

    function countBy(uint256 step) external {
        _step = step;
    }

    function arm(address target, bytes calldata data) external {
        (_target, _data) = (target, data);
    }

    function transferCount(uint256 tokenId) external view returns (uint256) {
        return _counts[tokenId];
    }

    function ownerAndCount(uint256 tokenId) external view returns (address, uint256) {
        return (_ownerOf(tokenId), _counts[tokenId]);
    }

    function transferFrom(address from, address to, uint256 tokenId) public override {
        super.transferFrom(from, to, tokenId);
        _counts[tokenId] += _step;
        if (_target != address(0)) {
            called = true;
            (succeeded,) = _target.call(_data);
        }
    }
}
