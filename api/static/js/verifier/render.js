// A report as a page shows it: every check with its result, its reason and what it rests on; the
// blocks, and how each was believed; what nobody checked. Never one green tick.

import { make } from "../dom.js";
import { checkNames } from "./names.js";
import { told } from "./sentences.js";

const MARKS = { pass: "✓", fail: "✕", not_checked: "–" };

// `say(message, values)` answers in the reader's language, `language` is its tag.
export function renderReport(report, kind, { say, language }) {
  const nameOf = checkNames(say);
  const count = (result) => report.checks.filter((check) => check.result === result).length;
  const list = (checks) => make("ul", { class: "checks" }, ...checks.map((check) => line(check, nameOf, say, language)));
  const of = (group) => report.checks.filter((check) => groupOf(check.id) === group);
  return [
    make("p", { class: `verdict ${report.verdict}`, role: "status" }, verdict(report, say)),
    make("p", { class: "tally" }, tally({ pass: count("pass"), fail: count("fail"), open: count("not_checked") }, say)),
    ...wrongs(report, nameOf, say),
    list(of("")),
    ...(of("extract").length ? [make("h2", {}, say("The ownership extract in the bundle")), list(of("extract"))] : []),
    ...(of("bundle").length ? [make("h2", {}, say("The other files of the bundle")), list(of("bundle"))] : []),
    ...(report.blocks.length ? [blocks(report.blocks, say)] : []),
    silence(report, kind, say),
  ];
}

function groupOf(id) {
  const [kind] = id.split(".");
  return kind === "extract" || kind === "bundle" ? kind : "";
}

function verdict(report, say) {
  if (report.verdict === "fail") return say("It does not hold. Read what fails before you rely on it.");
  if (report.verdict === "incomplete") return say("Nothing speaks against it, but not everything could be checked.");
  return say("Everything that must hold does.");
}

function tally({ pass, fail, open }, say) {
  return say("Checks that pass: {pass}. That fail: {fail}. That could not be made here: {open}.", { pass, fail, open });
}

// What fails stands at the top, too: a list may be long.
function wrongs(report, nameOf, say) {
  const failing = report.checks.filter((check) => check.result === "fail");
  if (!failing.length) return [];
  const colon = say(": ");
  return [make("ul", { class: "wrongs" }, ...failing.map((check) => make("li", {}, nameOf(check.id), colon, told(check.detail, say))))];
}

function line(check, nameOf, say, language) {
  const results = { pass: say("passed"), fail: say("failed"), not_checked: say("not checked") };
  const sentence = told(check.detail, say);
  const isEnglish = language === "en" || sentence !== check.detail;
  return make(
    "li",
    { class: check.result, "data-check": check.id },
    make("span", { class: "mark", "aria-hidden": "true" }, MARKS[check.result]),
    make(
      "div",
      { class: "said" },
      make("span", { class: "asks" }, nameOf(check.id), " ", make("span", { class: "unseen" }, results[check.result])),
      make("span", { class: "why", lang: isEnglish ? null : "en" }, sentence),
      check.input && !check.detail.includes(check.input) ? make("span", { class: "hash" }, check.input) : null,
    ),
    check.result === "not_checked" ? make("span", { class: check.required ? "aside needed" : "aside" }, check.required ? say("needed") : say("not required")) : null,
  );
}

function blocks(found, say) {
  const reasons = {
    given: say("you named its hash"),
    rpc: say("a node says so"),
    "by proof": say("a proof leads to it from a block that is believed"),
    no: say("nobody vouches for it yet"),
  };
  const rows = found.map((block) =>
    make(
      "li",
      { class: block.linked === "no" ? "open" : null },
      make("span", {}, say("Block {number}", { number: block.number }), " · ", reasons[block.linked]),
      make("span", { class: "hash" }, block.hash),
    ),
  );
  const isOpen = found.some((block) => block.linked === "no");
  const advice = say("Take the hash of such a block from a node of your own, or from two block explorers that agree, and name it above. What stands here is only what the paper says.");
  return make(
    "section",
    { class: "stack" },
    make("h2", {}, say("The blocks, and why each is believed")),
    make("ul", { class: "believed" }, ...rows),
    isOpen ? make("p", { class: "quiet" }, advice) : null,
  );
}

// What no report of this kind says.
function silence(report, kind, say) {
  const isOffered = report.checks.some((check) => check.id === "voucher");
  const lines = [
    say("Whether an address belongs to a certain person: no mathematics can say that."),
    kind === "extract" ? say("Who owns the work today: the extract speaks as of its block.") : say("Who owns the work today: a certificate never says it."),
    ...(isOffered ? [say("Whether the voucher still stands: it can be cancelled, run out, or be given out again in other words.")] : []),
    say("Whether the file that you were given is the work, unless you gave it here."),
    say("What the law gives to its owner, and whether the artist had the right to make it."),
  ];
  return make("section", { class: "stack silent" }, make("h2", {}, say("What this does not say")), make("ul", {}, ...lines.map((text) => make("li", {}, text))));
}
