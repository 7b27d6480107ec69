// What the logs of a receipt say that was paid for a work, and whose logs are believed:
// nft/verification/sales.py.

import { checksummed, equal, keccak, toBytes, toNumber, utf8 } from "./bytes.js";
import { moves } from "./chain.js";
import { LayoutUnknown, NotShown, venueAt } from "./layouts.js";
import { creatorOf } from "./tokens.js";

const ORDER_FILLED = keccak(utf8("OrderFilled(bytes32,address,address,address,uint256,address,uint256,address,uint256,uint256,uint8)"));
const VOUCHER_FILLED = keccak(utf8("VoucherFilled(bytes32,address,address,uint256,address,uint256,address,uint256)"));
const AUCTION_SETTLED = keccak(utf8("AuctionSettled(bytes32,address,address,address,uint256,uint256,address,uint256,uint256,uint8)"));
const WORDS = 8;
const VOUCHER_WORDS = 5;
const AUCTION_WORDS = 7;
// Flag of an offer, whose maker is the buyer.
const MAKER_BOUGHT = 2n;
const NOBODY = new Uint8Array(20);
const KINDS = { Exchange: "sale", Auctions: "auction" };

// Whose word is taken for a price. `exchange` is the one that the collection's code names; null of
// code not known: what a stranger's contract means by its logs is not known either.
export class Venues {
  constructor(proven, { chainId, block, contract }, exchange) {
    Object.assign(this, { proven, chainId, block, known: new Map(), read: new Map() });
    if (exchange !== null) this.known.set(checksummed(exchange), "sale").set(checksummed(contract), "voucher");
  }

  // What one of them says of the move at that place of a receipt: {kind, price, by, seller, buyer},
  // or null. Each receipt is read once: a document may name a large one thousands of times.
  sale(logs, where, token) {
    const receipt = `${where.block}/${where.index}`;
    if (!this.read.has(receipt)) this.read.set(receipt, this.byMove(logs, token));
    return this.read.get(receipt).get(where.log) ?? null;
  }

  // The first sale that is told after each move, before the work moves again.
  byMove(logs, token) {
    const found = new Map();
    let moved = null;
    logs.forEach((log, at) => {
      if (moves(log, token.contract, token.tokenId) !== null) moved = at;
      else if (moved !== null && !found.has(moved)) {
        const sale = saleIn(log, token);
        if (sale !== null && this.kindOf(sale.by) === sale.kind) found.set(moved, sale);
      }
    });
    return found;
  }

  kindOf(address) {
    const name = checksummed(address);
    if (!this.known.has(name)) this.known.set(name, this.recognised(address));
    return this.known.get(name);
  }

  recognised(address) {
    try {
      return KINDS[venueAt(this.proven, this.chainId, this.block, address)];
    } catch (error) {
      if (error instanceof NotShown || error instanceof LayoutUnknown) return null;
      throw error;
    }
  }
}

const saleIn = (log, token) => filled(log, token) ?? auctioned(log, token) ?? redeemed(log, token);

function filled(log, token) {
  const words = wordsOf(log, ORDER_FILLED, WORDS);
  if (words === null) return null;
  const [collection, tokenId, currency, price, receiver, royalty, fee, flags] = words;
  const [maker, taker] = partiesOf(log);
  if (!isOf(token, collection, tokenId) || !areAddresses(currency, receiver, maker, taker)) return null;
  const paid = { price, currency: addressOf(currency), royalty, royaltyReceiver: addressOf(receiver), fee, orderHash: log.topics[1] };
  const [seller, buyer] = flags & MAKER_BOUGHT ? [taker, maker] : [maker, taker];
  return { kind: "sale", by: log.address, price: paid, seller: addressOf(seller), buyer: addressOf(buyer) };
}

// Always in the chain's coin. The work comes from the contract that kept it.
function auctioned(log, token) {
  const words = wordsOf(log, AUCTION_SETTLED, AUCTION_WORDS);
  if (words === null) return null;
  const [collection, tokenId, price, receiver, royalty, fee] = words;
  const [seller, winner] = partiesOf(log);
  if (!isOf(token, collection, tokenId) || !areAddresses(receiver, seller, winner)) return null;
  const paid = { price, currency: NOBODY, royalty, royaltyReceiver: addressOf(receiver), fee, orderHash: log.topics[1] };
  return { kind: "auction", by: log.address, price: paid, seller: addressOf(seller), buyer: addressOf(winner) };
}

// By a voucher, as the work was minted. No royalty: the creator sold, whoever signed in their name.
function redeemed(log, token) {
  const words = wordsOf(log, VOUCHER_FILLED, VOUCHER_WORDS);
  if (words === null || !equal(log.address, token.contract)) return null;
  const [tokenId, currency, price, , fee] = words;
  const [, buyer] = partiesOf(log);
  if (tokenId !== token.tokenId || !areAddresses(currency, buyer)) return null;
  const paid = { price, currency: addressOf(currency), royalty: 0n, royaltyReceiver: NOBODY, fee, orderHash: log.topics[1] };
  return { kind: "voucher", by: log.address, price: paid, seller: creatorOf(tokenId), buyer: addressOf(buyer) };
}

// From whom to whom the work moved: at auction from the contract that kept it.
export const handsOf = ({ kind, by, seller, buyer }) => [kind === "auction" ? by : seller, buyer];

const partiesOf = (log) => [toNumber(log.topics[2]), toNumber(log.topics[3])];

// The words of an event's data; null for another event.
function wordsOf(log, event, count) {
  if (log.topics.length !== 4 || !equal(log.topics[0], event) || log.data.length !== 32 * count) return null;
  return Array.from({ length: count }, (_, at) => toNumber(log.data.subarray(32 * at, 32 * at + 32)));
}

const isOf = (token, collection, tokenId) => collection === toNumber(token.contract) && tokenId === token.tokenId;
const areAddresses = (...words) => words.every((word) => word >> 160n === 0n);
const addressOf = (word) => toBytes(word, 20);
