// A report's sentences in another language: the English one is found among the templates again, and
// its values go into the translation, those that are words translated, too. What is not found stands
// as it is.

import { VALUES, WORDS } from "./words.js";

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function patternOf(template) {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map((found) => found[1]);
  const pattern = template.split(/\{\w+\}/).map(escaped).join("(.*?)");
  return { template, names, pattern: new RegExp(`^${pattern}$`, "s") };
}

// Those with most words of their own first: a blank takes any text.
const own = ({ template }) => template.replace(/\{\w+\}/g, "").length;
const patternsOf = (templates) => templates.map(patternOf).sort((one, other) => own(other) - own(one));

const SENTENCES = patternsOf(Object.values(WORDS));
const WORDED = new Map(Object.entries(VALUES).map(([blank, templates]) => [blank, patternsOf(templates)]));

function translated(text, patterns, say) {
  for (const { template, names, pattern } of patterns) {
    const found = pattern.exec(text);
    if (!found) continue;
    const values = new Map(names.map((name, at) => [name, valueOf(name, found[at + 1], say)]));
    return say(template).replace(/\{(\w+)\}/g, (whole, name) => values.get(name) ?? whole);
  }
  return text;
}

function valueOf(blank, text, say) {
  const patterns = WORDED.get(blank);
  if (!patterns) return text;
  if (blank !== "parts") return translated(text, patterns, say);
  return text.split(", ").map((part) => translated(part, patterns, say)).join(say(", "));
}

export const told = (sentence, say) => translated(sentence, SENTENCES, say);
