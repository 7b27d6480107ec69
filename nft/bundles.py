"""
The evidence bundle: a certificate and everything that bears on it, in one file that outlives us.

A ZIP without compression, times or places, its names in one fixed order: the same parts give the
same bytes, and so the same CID. What is not there yet is left out; `README.txt` always says how to
check what is. The format is in `CERTIFICATES.md`.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from nft.archives import Entry, NotAnArchive, read_archive
from nft.errors import Unacceptable

README, CERTIFICATE = "README.txt", "certificate.json"
NAMES = (
    README,
    CERTIFICATE,
    "extract.json",
    "links.json",
    "anchor.json",
    "status.json",
    "issuer.json",
    "standing.json",
    "metadata.json",
    "certificate.pdf",
    "verify.html",
)
"""In the order in which they lie in the file; a bundle holds nothing else."""

MAX_BYTES = 64 * 1024 * 1024
"""Of all parts together, when somebody else's file is read."""

_BEGINNING = (1980, 1, 1, 0, 0, 0)
"""A ZIP knows no earlier time: every part is as old as that."""
_READABLE = 0o644 << 16
_UNIX = 3


class NotABundle(Unacceptable):
    """The file is no evidence bundle of ours."""


def is_zip(body: bytes) -> bool:
    """Whether a file can be a bundle at all."""
    return body.startswith(b"PK\x03\x04")


def pack(parts: Mapping[str, bytes]) -> bytes:
    """
    The bundle of these parts; `README.txt` is added. The same parts give the same bytes.

    Raises `NotABundle` without a certificate, or for a part that a bundle does not know.
    """
    unknown = sorted(set(parts) - set(NAMES))
    if unknown:
        raise NotABundle(f"a bundle has no part {unknown[0][:80]!r}")
    if CERTIFICATE not in parts:
        raise NotABundle(f"a bundle holds {CERTIFICATE}")
    given = {**parts, README: README_TEXT.encode()}
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as file:
        for name in NAMES:
            if name in given:
                entry = zipfile.ZipInfo(name, _BEGINNING)
                entry.create_system, entry.external_attr = _UNIX, _READABLE
                file.writestr(entry, given[name])
    return held.getvalue()


def unpack(body: bytes) -> dict[str, bytes]:
    """
    The parts of a bundle, whoever zipped them. Raises `NotABundle`.

    Nothing is written anywhere; a name that we do not know, a name twice, encryption, or more
    bytes than any bundle has is refused before a byte is inflated.
    """
    try:
        return read_archive(body, _check)
    except NotAnArchive as error:
        raise NotABundle(f"the file cannot be read as a ZIP: {error}") from error


def _check(entries: list[Entry]) -> None:
    names = [entry.name for entry in entries]
    for name in names:
        if name not in NAMES:
            raise NotABundle(f"a bundle has no part {name[:80]!r}")
    if len(set(names)) < len(names):
        raise NotABundle("a part is there twice")
    if CERTIFICATE not in names:
        raise NotABundle(f"a bundle holds {CERTIFICATE}")
    if any(entry.is_encrypted for entry in entries):
        raise NotABundle("a part is encrypted")
    total = sum(entry.size for entry in entries)
    if total > MAX_BYTES:
        raise NotABundle(f"{total} bytes, above the maximum of {MAX_BYTES}")


README_TEXT = """\
EVIDENCE OF A WORK OF ART

This file holds a certificate of authenticity and what is needed to check it. It was drawn by an
exchange, and it is made so that nobody needs that exchange to check it. The Chinese text follows
the English one.


What is here (a part that did not exist when this was drawn is missing)

  certificate.json   the certificate. These bytes count; everything else explains or proves them.
  extract.json       who owned the work, and through whose hands it went, as of one block
  links.json         proofs that lead from a recent block to the blocks of the certificate
  anchor.json        proof that the certificate existed on a certain day
  status.json        whether it was revoked or suspended, as of the time that it names
  issuer.json        every key that the exchange signed with, and when
  standing.json      who vouches for the artist, who countersigned, who objects
  metadata.json      the description; its SHA-256 is what the token carries
  certificate.pdf    the same on one sheet of paper; certificate.json is attached to it
  verify.html        a program that checks all this in a browser, without a network

1. In a browser

  Unpack this file, open verify.html (the network may be off), and drop this file on the page, and
  the file of the work beside it. Where it asks for a block hash, take it from a source that you
  trust: a node of your own, or two block explorers that agree.

2. On the command line

  With the program `vernissage` (free software, Python 3.11 or newer):

    vernissage verify BUNDLE.zip --media FILE_OF_THE_WORK --block-hash NUMBER=0xHASH
    vernissage verify BUNDLE.zip --media FILE_OF_THE_WORK --rpc https://A_NODE_OF_YOUR_CHOICE

  It exits with 0 when all holds, 1 when something does not, 2 for bad input, 3 when something
  that it needed did not answer.

3. With neither

  Everything follows public standards. Any programmer can check it with these:

  a. The file of the work: its SHA-256 stands in certificate.json, credentialSubject.media[].sha256.
       sha256sum FILE_OF_THE_WORK
  b. The description: the SHA-256 of metadata.json is credentialSubject.metadata.sha256, and the
     contract keeps that number for the token.
       sha256sum metadata.json
  c. The exchange's signature: W3C Verifiable Credentials 2.0, Data Integrity, cryptosuite
     eddsa-jcs-2022 (canonical JSON by RFC 8785, SHA-256, Ed25519 by RFC 8032). The key stands in
     proof.verificationMethod after the #, as a Multikey.
  d. The artist's signature: EIP-712 typed data; credentialSubject.statement names the signer. The
     signer must be credentialSubject.creator.address, and the first 20 bytes of the token id too.
  e. What the chain says: evidence[0].proofs holds headers of blocks (RLP) and Merkle proofs.
     Keccak-256 of a header is the block's hash: compare it with a node or an explorer that you
     trust. Under its state root lie accounts and storage (EIP-1186), under its receipts root the
     receipt of the mint (EIP-2718, the Yellow Paper's appendices B and D).
  f. From one block to an older one: the history contract of EIP-2935, read by the proofs in
     links.json.
  g. The token itself: ERC-721; the royalty: ERC-2981; its name: CAIP-19.

A certificate says what the artist and the exchange assert. Whether an address belongs to a person
is outside of any mathematics: standing.json tells who has vouched for that.


一件艺术作品的证据

本文件包含一份真品证书，以及核验它所需的一切。它由一个交易所制作，而核验时不需要该交易所。


内容（制作时尚不存在的部分不在其中）

  certificate.json   证书。以这些字节为准；其余文件只是说明或证明它。
  extract.json       截至某一区块：作品属于谁，经过谁的手
  links.json         从较新区块通向证书所涉区块的证明
  anchor.json        证明证书在某一天已经存在
  status.json        截至所载时间：是否被撤销或中止
  issuer.json        交易所用过的每一把密钥及其时期
  standing.json      谁为艺术家作保，谁副署，谁有异议
  metadata.json      作品说明；代币所载的正是它的 SHA-256
  certificate.pdf    同一证书的纸面形式；certificate.json 附于其中
  verify.html        在浏览器中核验这一切的程序，不需要网络

一、用浏览器

  解压本文件，打开 verify.html（可以断网），把本文件和作品文件拖到页面上。页面询问区块哈希时，
  请从您信任的来源取得：自己的节点，或彼此一致的两个区块浏览器。

二、用命令行

  使用程序 vernissage（自由软件，需要 Python 3.11 或更新版本）：

    vernissage verify BUNDLE.zip --media 作品文件 --block-hash 区块号=0x哈希
    vernissage verify BUNDLE.zip --media 作品文件 --rpc https://您选择的节点

  一切成立时退出码为 0，有不成立者为 1，输入有误为 2，所需之处没有应答为 3。

三、两者都没有时

  一切都遵循公开标准，任何程序员都能核验：

  a. 作品文件：其 SHA-256 见 certificate.json 的 credentialSubject.media[].sha256。
       sha256sum 作品文件
  b. 作品说明：metadata.json 的 SHA-256 即 credentialSubject.metadata.sha256，合约为该代币保存着
     这个数。
       sha256sum metadata.json
  c. 交易所的签名：W3C 可验证凭证 2.0，数据完整性，密码套件 eddsa-jcs-2022（RFC 8785 规范 JSON、
     SHA-256、RFC 8032 的 Ed25519）。公钥在 proof.verificationMethod 的 # 之后，格式为 Multikey。
  d. 艺术家的签名：EIP-712 类型化数据；credentialSubject.statement 写明签名者。签名者必须是
     credentialSubject.creator.address，也必须是代币编号的前 20 个字节。
  e. 链上事实：evidence[0].proofs 含区块头（RLP）与默克尔证明。区块头的 Keccak-256 即区块哈希：
     请与您信任的节点或浏览器比对。其状态根之下是账户与存储（EIP-1186），收据根之下是铸造的收据
     （EIP-2718，黄皮书附录 B、D）。
  f. 从一个区块到更早的区块：EIP-2935 的历史合约，其证明见 links.json。
  g. 代币：ERC-721；版税：ERC-2981；名称：CAIP-19。

证书说的是艺术家与交易所的主张。一个地址是否属于某人，数学无法回答：standing.json 说明谁为此作保。
"""
