// Through whose hands a work went: each move by its receipt, and all of them as one chain:
// nft/verification/provenance.py.

import { checksummed, equal, hex0x } from "./bytes.js";
import { moves, transactionOf } from "./chain.js";
import { COMPLETENESS, isUnborn } from "./extract_claims.js";
import { isOurs } from "./layouts.js";
import { timeOf } from "./reading.js";
import { asCheck, failed, passed, unchecked, unlessUnlinked } from "./report.js";
import { Venues, handsOf as salesHands } from "./sales.js";

const NOBODY = new Uint8Array(20);

const isNobody = (address) => !address.some(Boolean);
const shownOf = (address) => (address === null ? "None" : checksummed(address));

// [{moved, told}, …]: whether the work moved so, and what else the line says.
export function findLines(claims, believed, exchange) {
  const venues = new Venues(believed.proven, claims, exchange);
  return claims.items.map((item) => lineOf(item, claims, believed, venues));
}

export const checkLines = (lines) => lines.map((line, position) => asCheck(line.told, `provenance.${position}`, false));

function lineOf(item, claims, believed, venues) {
  const shown = hex0x(item.transactionHash);
  const both = (found) => ({ moved: found, told: found });
  if (!item.isMove) return both(unchecked("provenance.event", shown));
  const { where } = item;
  const included = where ? believed.proven.receipt(where.block, where.index) : null;
  if (included === null) return both(unchecked("provenance.missing", shown));
  if (!isAt(item, included) || !hasMoved(item, claims, included.told, where.log)) return both(failed("provenance.differs", shown));
  const held = (found, block) => unlessUnlinked(found, block, believed.isLinked(block));
  const told = held(toldOf(item, claims, included.told, venues), where.block);
  return {
    moved: held(passed("provenance.transfer", transactionOf(included.told, item.transactionHash), handsOf(item)), where.block),
    // Whose log it is, the code says: that of the extract's block.
    told: item.price === null ? told : held(told, claims.block),
  };
}

const handsOf = (item) => ({ from: shownOf(item.sender), to: shownOf(item.receiver), number: String(item.blockNumber) });

// Block, time and transaction are those that the receipt's header has.
function isAt(item, { block, told }) {
  return (
    block.number === item.blockNumber &&
    equal(block.hash, item.blockHash) &&
    timeOf(block.timestamp) === item.timestamp &&
    (told.transactionHash === null || equal(told.transactionHash, item.transactionHash))
  );
}

function hasMoved(item, token, included, place) {
  const log = included.logs[place];
  const moved = log ? moves(log, token.contract, token.tokenId) : null;
  if (moved === null || !item.sender || !item.receiver || !equal(moved[0], item.sender) || !equal(moved[1], item.receiver)) return false;
  const [isMint, isBurn] = moved.map(isNobody);
  return item.event === "mint" ? isMint && !isBurn : !isMint && isBurn === (item.event === "burn");
}

function toldOf(item, token, included, venues) {
  const shown = transactionOf(included, item.transactionHash);
  const hands = handsOf(item);
  // A sale without a price says no more than a transfer.
  if (item.price === null) return passed(`provenance.${item.event === "sale" ? "transfer" : item.event}`, shown, hands);
  const sale = saleOf(item, token, included, venues);
  if (sale === null) return unchecked("provenance.unpriced", shown, hands);
  if (!isSame(item, item.price, sale)) return failed("provenance.differs", shown);
  return passed(`provenance.${sale.kind}`, shown, {
    ...hands,
    from: checksummed(sale.seller),
    price: String(item.price.price),
    currency: checksummed(item.price.currency),
    exchange: checksummed(sale.by),
  });
}

// The sale that this move settled; null: one between other hands is none of it.
function saleOf(item, token, included, venues) {
  const found = venues.sale(included.logs, item.where, token);
  const parties = [item.sender, item.receiver];
  return found !== null && salesHands(found).every((one, at) => equal(one, parties[at])) ? found : null;
}

function isSame(item, claimed, { price, seller }) {
  return (
    claimed.price === price.price &&
    equal(claimed.currency, price.currency) &&
    claimed.royalty === price.royalty &&
    equal(claimed.royaltyReceiver, price.royaltyReceiver) &&
    claimed.fee === price.fee &&
    (claimed.orderHash === null || equal(claimed.orderHash, price.orderHash)) &&
    (item.seller === null || equal(item.seller, seller))
  );
}

// All moves as one chain, and how much is thereby known. `state` is what was found of owner and
// counter; null where the layout is not known.
export const checkChainOfOwners = (claims, lines, state) => asCheck(wholeOf(claims, lines, state), "provenance.chain", true);

function wholeOf(claims, lines, state) {
  const steps = claims.items.map((item, at) => ({ item, moved: lines[at].moved })).filter(({ item }) => item.isMove);
  const shown = String(steps.length);
  // Counter and owner are those of the extract's block: what came later is none of theirs.
  if (steps.some(({ item }) => item.where !== null && item.where.block > claims.block)) return failed("provenance.later", shown);
  if (!isContinuous(claims, steps.map(({ item }) => item))) return failed("provenance.broken", shown);
  const reached = reachedBy(claims, steps.length, state);
  if (COMPLETENESS.indexOf(claims.completeness) > COMPLETENESS.indexOf(reached)) return failed("provenance.claimed", shown);
  const restsOn = [...steps.map(({ moved }) => moved), ...(state ? [state] : [])];
  const first = restsOn.find((found) => found.result !== "pass");
  return first ? { ...first, input: shown } : passed(`provenance.${claims.completeness}`, shown);
}

function reachedBy(claims, steps, state) {
  if (state === null) return "attested";
  return isUnborn(claims) || (isOurs(claims.layout) && claims.transferCount === steps - 1) ? "complete" : "continuous";
}

const isBefore = (one, other) => [one.block - other.block, one.index - other.index, BigInt(one.log - other.log)].find((difference) => difference !== 0n) < 0n;

const sameParty = (one, other) => (one === null || other === null ? one === other : equal(one, other));

// Each in its own place, from the mint on, each from whom the one before it went to.
function isContinuous(claims, steps) {
  const places = steps.map((step) => step.where).filter((where) => where !== null);
  if (places.some((where, at) => at > 0 && !isBefore(places[at - 1], where))) return false;
  if (!steps.length) return isUnborn(claims);
  if (!steps[0].sender || !isNobody(steps[0].sender)) return false;
  if (steps.some((step, at) => at > 0 && !sameParty(steps[at - 1].receiver, step.sender))) return false;
  return sameParty(steps.at(-1).receiver, claims.owner ?? NOBODY);
}
