// What JavaScript makes of the shared vectors: viem and ethers, and OpenZeppelin's trees.
//
//     node solidity/script/vectors.mjs
//
// Reads `tests/vectors/{orders,trees}.json` and writes, as one JSON object, what each library
// hashes and signs: `signed`, for each entry {name, kind, library, domainSeparator, structHash,
// digest, signature} (ethers also says the typehash), and `sets`, for each {name, root, proofs}.
// It compares nothing: `tests/nft/test_javascript.py` does.

import { readFileSync } from "node:fs";

import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import * as ethers from "ethers";
import * as viem from "viem";
import { privateKeyToAccount } from "viem/accounts";

const read = (name) =>
  JSON.parse(readFileSync(new URL(`../../tests/vectors/${name}.json`, import.meta.url), "utf8"));
const orders = read("orders");
const trees = read("trees");

const fields = (text) =>
  text.split(",").map((part) => {
    const [type, name] = part.split(" ");
    return { name, type };
  });

const ITEM = fields("address collection,uint256 tokenId,uint256 transferCount");
const ORDER = fields(
  "uint8 kind,address maker,address taker,address collection,uint256 tokenId," +
    "uint256 transferCount,Item[] more,bytes32 criteria,bytes32 metadataDigest,address currency," +
    "uint256 price,uint256 endPrice,uint64 start,uint64 end,uint16 maxRoyaltyBps," +
    "uint16 maxFeeBps,uint256 nonce,uint256 counter",
);
const AUCTION = fields(
  "address seller,address collection,uint256 tokenId,uint256 transferCount,uint256 reserve," +
    "uint64 start,uint64 openUntil,uint64 duration,uint64 end,uint16 minStepBps," +
    "uint16 maxRoyaltyBps,uint16 maxFeeBps,uint256 nonce,uint256 counter",
);
const VOUCHER = fields(
  "uint256 tokenId,bytes32 metadataDigest,uint256 price,address currency,uint16 royaltyBps," +
    "address royaltyReceiver,address recipient,address feeReceiver,uint16 maxFeeBps," +
    "uint32 editionSize,uint32 maxPerRecipient,uint64 start,uint64 end,uint256 nonce," +
    "uint256 counter",
);

function domain(name, verifyingContract) {
  return { name, version: "1", chainId: Number(orders.chainId), verifyingContract };
}

/** The nested array of a tree: the order at each place differs in its nonce alone. */
function nested(entry) {
  let level = [];
  for (let place = 0; place < 2 ** Number(entry.height); place++) {
    const real = place < Number(entry.count);
    level.push(real ? { ...entry.order, nonce: String(place) } : trees.padding);
  }
  while (level.length > 2) {
    level = level.flatMap((left, i) => (i % 2 ? [] : [[left, level[i + 1]]]));
  }
  return level;
}

/** Everything that is signed: its name, types, primary type and message. */
function signables() {
  const exchange = domain("Vernissage Exchange", orders.exchange);
  const auctions = domain("Vernissage Auctions", orders.auctions);
  const collection = domain("Vernissage Collection", orders.collection);
  const plain = (list, primaryType, key, where, types) =>
    list.map((one) => ({ name: one.name, domain: where, primaryType, types, message: one[key] }));
  return [
    ...plain(orders.orders, "Order", "order", exchange, { Order: ORDER, Item: ITEM }),
    ...plain(orders.auctionsSigned, "Auction", "auction", auctions, { Auction: AUCTION }),
    ...plain(orders.vouchers, "Voucher", "voucher", collection, { Voucher: VOUCHER }),
    ...trees.bulks.map((one) => ({
      name: one.name,
      domain: exchange,
      primaryType: "BulkOrder",
      types: {
        BulkOrder: [{ name: "tree", type: "Order" + "[2]".repeat(Number(one.height)) }],
        Order: ORDER,
        Item: ITEM,
      },
      message: { tree: nested(one) },
    })),
  ];
}

async function byViem(one) {
  const account = privateKeyToAccount(orders.signer.key);
  const domainTypes = viem.getTypesForEIP712Domain({ domain: one.domain });
  return {
    domainSeparator: viem.domainSeparator({ domain: one.domain }),
    structHash: viem.hashStruct({
      data: one.message,
      primaryType: one.primaryType,
      types: { EIP712Domain: domainTypes, ...one.types },
    }),
    digest: viem.hashTypedData(one),
    signature: await account.signTypedData(one),
  };
}

async function byEthers(one) {
  const wallet = new ethers.Wallet(orders.signer.key);
  const encoder = ethers.TypedDataEncoder.from(one.types);
  return {
    typehash: ethers.id(encoder.encodeType(one.primaryType)),
    domainSeparator: ethers.TypedDataEncoder.hashDomain(one.domain),
    structHash: encoder.hashStruct(one.primaryType, one.message),
    digest: ethers.TypedDataEncoder.hash(one.domain, one.types, one.message),
    signature: await wallet.signTypedData(one.domain, one.types, one.message),
  };
}

function set(one) {
  const works = one.works.map((work) => [work.tokenId, work.transferCount]);
  const tree = StandardMerkleTree.of(works, ["uint256", "uint256"]);
  return { name: one.name, root: tree.root, proofs: works.map((work) => tree.getProof(work)) };
}

const signed = [];
for (const one of signables()) {
  const named = { name: one.name, kind: one.primaryType };
  signed.push({ ...named, library: "viem", ...(await byViem(one)) });
  signed.push({ ...named, library: "ethers", ...(await byEthers(one)) });
}
process.stdout.write(JSON.stringify({ signed, sets: trees.sets.map(set) }));
