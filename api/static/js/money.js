// Amounts: typed in a currency, sent in its smallest unit, never a floating-point number between.

export const COIN = { address: `0x${"0".repeat(40)}`, symbol: "ETH", decimals: 18 };
const WHOLE_BPS = 10000n;

// The smallest units of a typed amount as BigInt, or null when it is not one.
export function parseAmount(text, { decimals } = COIN) {
  const found = /^\s*(\d{1,30})?(?:[.,](\d{1,30}))?\s*$/.exec(text);
  if (!found || (!found[1] && !found[2])) return null;
  const part = (found[2] ?? "").replace(/0+$/, "");
  if (part.length > decimals) return null;
  return BigInt((found[1] ?? "0") + part.padEnd(decimals, "0"));
}

// Every digit of an amount, with its symbol.
export function showAmount(amount, { symbol, decimals } = COIN) {
  const digits = BigInt(amount).toString().padStart(decimals + 1, "0");
  const at = digits.length - decimals;
  const part = digits.slice(at).replace(/0+$/, "");
  const whole = digits.slice(0, at).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${whole}${part ? `.${part}` : ""}\u00a0${symbol}`;
}

// Basis points of a typed percentage, or null.
export function parsePercent(text) {
  const found = /^\s*(\d{1,3})(?:[.,](\d{1,2}))?\s*$/.exec(text);
  return found ? Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0")) : null;
}

// Who gets what of a sale, rounded as the contract rounds.
export function split(price, royaltyBps, feeBps) {
  const royalty = (price * BigInt(royaltyBps)) / WHOLE_BPS;
  const fee = (price * BigInt(feeBps)) / WHOLE_BPS;
  return { seller: price - royalty - fee, royalty, fee };
}

// The currency that an <option> of a form names.
export function currencyOf(select) {
  const { symbol, decimals } = select.selectedOptions[0].dataset;
  return { address: select.value, symbol, decimals: Number(decimals) };
}
