// Tables of a thousand rows, a page at a time: what is not looked at is not in the document.

import { make } from "./dom.js";
import { _ } from "./i18n.js";

const PAGE = 50;

export class PagedTable {
  constructor({ body, pager, row }) {
    Object.assign(this, { body, pager, row });
    this.items = [];
    this.page = 0;
  }

  show(items, { keepPage = false } = {}) {
    this.items = items;
    this.page = keepPage ? Math.min(this.page, this.last) : 0;
    this.draw();
  }

  get last() {
    return Math.max(0, Math.ceil(this.items.length / PAGE) - 1);
  }

  turn(by) {
    this.page = Math.min(this.last, Math.max(0, this.page + by));
    this.draw();
  }

  draw() {
    const from = this.page * PAGE;
    const shown = this.items.slice(from, from + PAGE);
    this.body.replaceChildren(...shown.map((item) => this.row(item)));
    this.pager.replaceChildren();
    if (this.last === 0) return;
    const turn = (words, by, off) => make("button", { class: "button link", type: "button", disabled: off, onclick: () => this.turn(by) }, words);
    this.pager.append(
      turn(_("Earlier rows"), -1, this.page === 0),
      make("span", { class: "quiet" }, _("{from} to {to} of {count}", { from: from + 1, to: from + shown.length, count: this.items.length })),
      turn(_("Later rows"), 1, this.page === this.last),
    );
  }
}

// The report's lines: every problem beside its cell, and what becomes of rows without any.
export function linesOf({ report, works }) {
  const problems = report.problems.map((each) => ({ ...each, isWrong: true }));
  const notices = new Map(report.notices.map((each) => [each.row, each.detail]));
  const taken = works.map((each) => ({ ...each, notice: notices.get(each.row) }));
  return [...problems, ...taken].sort((one, other) => one.row - other.row);
}

const OUTCOMES = () => ({
  new: _("new"),
  changed: _("changed, takes the place of the earlier row"),
  unchanged: _("as it was"),
  bound: _("minted or on its way; not minted again"),
});

export function reportRow(line) {
  const number = make("td", { class: "figure" }, line.isWrong ? line.cell : String(line.row));
  if (!line.isWrong) {
    const words = line.notice ?? OUTCOMES()[line.outcome];
    return make("tr", {}, number, make("td", { class: "quiet" }, line.file), make("td", {}, line.title), make("td", { class: line.notice ? "" : "quiet" }, words));
  }
  return make("tr", { class: "problem" }, number, make("td", {}, line.column), make("td", {}, make("code", {}, line.value)), make("td", {}, line.detail));
}

const WORDS = () => ({
  missing: _("file missing"),
  receiving: _("being sent"),
  checking: _("being checked"),
  refused: _("file refused"),
  unanswered: _("waits for your answer"),
  ready: _("ready to mint"),
  preparing: _("being pinned"),
  prepared: _("ready to sign"),
  sent: _("sent"),
  minted: _("minted"),
});

export const stateWords = (state) => WORDS()[state] ?? state;

export function standingRow(row, onAccept) {
  const last = make("td", {}, stateWords(row.state));
  if (row.problem) last.append(make("p", { class: "wrong" }, row.problem.detail ?? ""));
  const open = row.findings.filter((each) => !each.accepted);
  if (row.state === "unanswered") {
    last.append(make("ul", { class: "small" }, ...open.map((each) => make("li", {}, each.detail))));
    last.append(make("button", { class: "button link", type: "button", onclick: () => onAccept(row) }, _("It may become public as it is")));
  }
  const title = row.work_url ? make("a", { href: row.work_url }, row.title) : row.title;
  return make("tr", {}, make("td", { class: "figure" }, String(row.row)), make("td", { class: "quiet" }, row.file), make("td", {}, title), last);
}

// The problems as a sheet. A cell that a spreadsheet would compute gets an apostrophe in front.
export function csvOf(problems) {
  const names = ["row", "column", "cell", "value", "rule", "detail"];
  const cell = (value) => {
    const text = String(value ?? "");
    return `"${(/^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  };
  const lines = problems.map((each) => names.map((name) => cell(each[name])).join(","));
  return `\ufeff${[names.join(","), ...lines].join("\r\n")}\r\n`;
}
