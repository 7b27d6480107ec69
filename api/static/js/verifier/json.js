// JSON that means the same to every reader, and its canonical form: nft/strict_json.py and RFC 8785.

import { Refused, utf8 } from "./bytes.js";

export const MAX_DEPTH = 64;

const MEANING =
  "it is not JSON that has one meaning only (UTF-8, no name twice, whole numbers below 2^53, " +
  "no half of a surrogate pair, at most 64 levels)";

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?![0-9.eE])/y;
const LITERAL = /true|false|null/y;
const HALF = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const LITERALS = { true: true, false: false, null: null };

// The value of a text in UTF-8 without a byte order mark.
export function parse(bytes) {
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refused(MEANING);
  }
  return new Reader(text).whole();
}

export const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  whole() {
    const value = this.value(1);
    this.take(SPACE);
    if (this.at !== this.text.length) throw new Refused(MEANING);
    return value;
  }

  take(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) throw new Refused(MEANING);
    this.at = pattern.lastIndex;
    return found[0];
  }

  peek() {
    this.take(SPACE);
    return this.text[this.at];
  }

  value(depth) {
    const next = this.peek();
    if (next === "{") return this.object(depth);
    if (next === "[") return this.array(depth);
    if (next === '"') return this.string();
    if (next === "-" || (next >= "0" && next <= "9")) return this.number();
    return LITERALS[this.take(LITERAL)];
  }

  // Objects have no prototype: a member named `__proto__` is a member.
  object(depth) {
    this.enter(depth);
    const found = Object.create(null);
    if (this.peek() === "}") return this.end(found);
    for (;;) {
      if (this.peek() !== '"') throw new Refused(MEANING);
      const name = this.string();
      if (name in found || this.peek() !== ":") throw new Refused(MEANING);
      this.at += 1;
      found[name] = this.value(depth + 1);
      if (this.next("}")) return found;
    }
  }

  array(depth) {
    this.enter(depth);
    const found = [];
    if (this.peek() === "]") return this.end(found);
    for (;;) {
      found.push(this.value(depth + 1));
      if (this.next("]")) return found;
    }
  }

  enter(depth) {
    if (depth > MAX_DEPTH) throw new Refused(MEANING);
    this.at += 1;
  }

  end(found) {
    this.at += 1;
    return found;
  }

  // Past a comma: false; past the closing sign: true.
  next(closing) {
    const sign = this.peek();
    if (sign !== "," && sign !== closing) throw new Refused(MEANING);
    this.at += 1;
    return sign === closing;
  }

  // By hand: a pattern over a string of a megabyte overflows the stack of some engines.
  string() {
    const start = this.at;
    for (let at = start + 1; at < this.text.length; at += 1) {
      const code = this.text.charCodeAt(at);
      if (code === 0x5c) at += 1;
      else if (code === 0x22) {
        this.at = at + 1;
        return unescaped(this.text.slice(start, this.at));
      }
    }
    throw new Refused(MEANING);
  }

  number() {
    const digits = this.take(NUMBER);
    const found = Number(digits);
    if (digits === "-0" || !Number.isSafeInteger(found)) throw new Refused(MEANING);
    return found;
  }
}

function unescaped(token) {
  let found;
  try {
    found = JSON.parse(token);
  } catch {
    throw new Refused(MEANING);
  }
  if (HALF.test(found)) throw new Refused(MEANING);
  return found;
}

// The canonical text of what `parse` gave.
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

export const canonicalBytes = (value) => utf8(canonical(value));
