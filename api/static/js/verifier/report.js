// A report: ordered checks, what each rests on, and the verdict they add up to.

import { WORDS } from "./words.js";

export const sentence = (key, values = {}) => WORDS[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

const finding = (result) => (key, input = "", values = {}) => ({ result, detail: sentence(key, values), input });

// It holds; it does not; nothing at hand could say.
export const passed = finding("pass");
export const failed = finding("fail");
export const unchecked = finding("not_checked");

export const asCheck = ({ result, detail, input }, id, required) => ({ id, result, required, detail, input });

export const refused = (key) => report([asCheck(failed(key), "document", true)]);

const ORDER = ["fail", "pass", "not_checked"];

// Several sources on one question: who contradicts is heard first, then who confirms.
export function together(...findings) {
  return findings.reduce((best, found) => (ORDER.indexOf(found.result) < ORDER.indexOf(best.result) ? found : best));
}

// A fact of a block that is not linked is never a pass; a contradiction stays one.
export function unlessUnlinked(found, number, isLinked) {
  if (isLinked || found.result !== "pass") return found;
  return { ...found, result: "not_checked", detail: sentence("block.unlinked", { number: String(number) }) };
}

export function report(checks, blocks = []) {
  let verdict = "incomplete";
  if (checks.some((check) => check.result === "fail")) verdict = "fail";
  else if (checks.every((check) => !check.required || check.result === "pass")) verdict = "pass";
  return { verdict, valid: verdict === "pass", checks, blocks };
}
