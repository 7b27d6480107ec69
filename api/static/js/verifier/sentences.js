// A report's sentences in another language: the English one is found among the templates again, and
// its values go into the translation. What is not found stands as it is.

import { WORDS } from "./words.js";

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

const PATTERNS = Object.values(WORDS).map((template) => {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map((found) => found[1]);
  const pattern = template.split(/\{\w+\}/).map(escaped).join("(.*?)");
  return { template, names, pattern: new RegExp(`^${pattern}$`, "s") };
});

// Those with most words of their own first: a blank takes any text.
const own = ({ template }) => template.replace(/\{\w+\}/g, "").length;
PATTERNS.sort((one, other) => own(other) - own(one));

export function told(sentence, say) {
  for (const { template, names, pattern } of PATTERNS) {
    const found = pattern.exec(sentence);
    if (!found) continue;
    const values = Object.fromEntries(names.map((name, at) => [name, found[at + 1]]));
    return say(template).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  }
  return sentence;
}
