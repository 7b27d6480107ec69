// A folder and its sheet: checked first, then taken and sent, then minted group by group.

import { make } from "./dom.js";
import { ask } from "./http.js";
import { _, locale } from "./i18n.js";
import { Chosen, base64Of, dropped } from "./import-files.js";
import { Minting } from "./import-mint.js";
import { PagedTable, csvOf, linesOf, reportRow, standingRow, stateWords } from "./import-table.js";
import { upload } from "./upload.js";

const SENDERS = 3;
const LOOK_MS = 2_000;
const STATES = ["missing", "receiving", "checking", "refused", "unanswered", "ready", "preparing", "prepared", "sent", "minted"];
const MOVING = ["receiving", "checking", "preparing", "sent"];
const MEGABYTE = 1_000_000;

const root = document.querySelector("#import");
const part = (name) => root.querySelector(`[data-${name}]`);
const chosen = new Chosen();
let importId = root.dataset.import || null;
let answer = null;
let isSending = false;
let looking = null;

const report = new PagedTable({ body: part("lines"), pager: root.querySelector("[data-pager=report]"), row: reportRow });
const standing = new PagedTable({ body: part("rows"), pager: root.querySelector("[data-pager=rows]"), row: (row) => standingRow(row, accept) });
const minting = new Minting({ root, account: root.dataset.account, onChange: () => look() });

const amount = (bytes) => `${(bytes / MEGABYTE).toLocaleString(locale, { maximumFractionDigits: 1 })} MB`;

function complain(words) {
  part("problem").hidden = !words;
  part("problem").textContent = words;
}

async function take(dryRun, partial) {
  const sheet = await base64Of(chosen.sheet);
  const files = await chosen.facts((done, all) => {
    part("chosen").textContent = _("Reading the files: {done} of {all}", { done, all });
  });
  const name = root.dataset.name || chosen.folder || chosen.sheet.name.replace(/\.\w+$/, "");
  return ask("POST", "/api/imports", { chain_id: root.dataset.chainId, name, sheet, files, dry_run: dryRun, partial });
}

// What the sheet comes to, without keeping anything.
async function rehearse() {
  complain("");
  if (!chosen.sheet || !chosen.files.size) {
    part("chosen").textContent = chosen.sheet ? _("The sheet is {name}. Now choose the folder of its files.", { name: chosen.sheet.name }) : _("{count} files. Now choose the sheet.", { count: chosen.files.size });
    return;
  }
  try {
    answer = await take(true, true);
    showReport();
  } catch (error) {
    complain(error.message);
  }
  part("chosen").textContent = _("{name}, and {count} files of {size} in all", { name: chosen.sheet.name, count: chosen.files.size, size: amount(chosen.size) });
}

function showReport() {
  const { rows, accepted, problems } = answer.report;
  const wrong = new Set(problems.map((each) => each.row)).size;
  part("report").hidden = false;
  part("filter").hidden = !problems.length;
  root.querySelector("#only").checked = problems.length > 0;
  part("verdict").textContent = problems.length ? _("{rows} rows: {accepted} can be taken, {wrong} have problems.", { rows, accepted, wrong }) : _("{rows} rows, all of them right.", { rows });
  part("take").disabled = !accepted;
  part("take").textContent = problems.length && accepted ? _("Take the {accepted} rows that are right", { accepted }) : _("Take it and send the files");
  part("download").hidden = !problems.length;
  filter();
}

function filter() {
  const lines = linesOf(answer);
  report.show(root.querySelector("#only").checked ? lines.filter((line) => line.isWrong) : lines);
}

async function takeAndSend() {
  part("take").disabled = true;
  isSending = true;
  try {
    answer = await take(false, true);
    importId = answer.id;
    history.replaceState(null, "", `/mint/import/${importId}`);
    await look();
    await send(answer.missing.map((name) => chosen.files.get(name)).filter(Boolean));
  } catch (error) {
    complain(error.message);
  } finally {
    isSending = false;
    part("take").disabled = false;
    await look();
  }
}

// Some files at a time; one that is refused holds up none of the others.
async function send(files) {
  const all = files.reduce((sum, file) => sum + file.size, 0);
  const sent = new Map();
  let done = 0;
  part("sending").hidden = false;
  part("refusals").replaceChildren();
  const show = () => {
    const bytes = [...sent.values()].reduce((sum, each) => sum + each, 0);
    part("progress").value = all ? bytes / all : 1;
    part("sent").textContent = _("{done} of {count} files sent and checked, {sent} of {all}", { done, count: files.length, sent: amount(bytes), all: amount(all) });
  };
  show();
  const waiting = [...files];
  const sender = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      const onBytes = (bytes) => { sent.set(file, bytes); show(); };
      try {
        await upload(file, { onBytes, onStage: () => {} });
      } catch (error) {
        part("refusals").append(make("li", { class: "wrong" }, `${file.name}: ${error.message}`));
      }
      sent.set(file, file.size);
      done += 1;
      show();
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
}

// How far everything is; asked again while something moves by itself.
async function look() {
  clearTimeout(looking);
  if (!importId) return;
  try {
    const detail = await ask("GET", `/api/imports/${importId}`);
    await showStanding(detail);
    if (isSending || MOVING.some((state) => detail.counts[state])) looking = setTimeout(look, LOOK_MS);
  } catch (error) {
    complain(error.message);
  }
}

let shown = "";
async function showStanding(detail) {
  part("standing").hidden = false;
  part("minting").hidden = false;
  part("listing").hidden = false;
  const said = STATES.filter((state) => detail.counts[state]).map((state) => make("li", { class: state === "minted" ? "done" : MOVING.includes(state) ? "now" : "" }, `${detail.counts[state]} ${stateWords(state)}`));
  part("counts").replaceChildren(...said);
  showFindings(detail.findings);
  minting.show(detail);
  const now = JSON.stringify([detail.counts, detail.groups, detail.updated_at]);
  if (now === shown) return;
  shown = now;
  standing.show(await allRows(), { keepPage: true });
}

async function allRows() {
  const found = [];
  let cursor = "0";
  while (cursor) {
    const page = await ask("GET", `/api/imports/${importId}/rows?cursor=${cursor}`);
    found.push(...page.items);
    cursor = page.next;
  }
  return found;
}

function showFindings(findings) {
  const kinds = Object.entries(findings);
  if (!kinds.length) {
    part("findings").replaceChildren();
    return;
  }
  const said = kinds.map(([code, count]) => make("li", {}, `${count} × ${code} `, make("button", { class: "button link", type: "button", onclick: () => answerAll({ all: true, codes: [code] }) }, _("All of these may become public as they are"))));
  part("findings").replaceChildren(make("p", { class: "notice" }, _("Some files reveal something, or resemble a work that is known. Look at them below and answer each, or all of a kind.")), make("ul", {}, ...said));
}

const accept = (row) => answerAll({ rows: [row.id] });

async function answerAll(body) {
  try {
    await ask("POST", `/api/imports/${importId}/findings`, body);
  } catch (error) {
    complain(error.message);
  }
  shown = "";
  await look();
}

function download() {
  const url = URL.createObjectURL(new Blob([csvOf(answer.report.problems)], { type: "text/csv" }));
  make("a", { href: url, download: "vernissage-report.csv" }).click();
  setTimeout(() => URL.revokeObjectURL(url), LOOK_MS);
}

for (const name of ["folder", "sheet"]) {
  const pick = root.querySelector(`[data-pick=${name}]`);
  root.querySelector(`[data-choose=${name}]`).addEventListener("click", () => pick.click());
  const take = () => {
    if (name === "folder") chosen.add([...pick.files]);
    else if (pick.files[0]) chosen.setSheet(pick.files[0]);
    pick.value = "";
    rehearse();
  };
  pick.addEventListener("change", take);
  if (pick.files.length) queueMicrotask(take); // Chosen before this page could listen.
}
const easel = part("easel");
easel.addEventListener("dragover", (event) => { event.preventDefault(); easel.classList.add("over"); });
easel.addEventListener("dragleave", () => easel.classList.remove("over"));
easel.addEventListener("drop", async (event) => {
  event.preventDefault();
  easel.classList.remove("over");
  const { files, folder } = await dropped(event.dataTransfer);
  if (!files.length) return;
  chosen.add(files);
  if (folder) chosen.folder = folder;
  rehearse();
});
root.querySelector("#only").addEventListener("change", filter);
part("take").addEventListener("click", takeAndSend);
part("download").addEventListener("click", download);
window.addEventListener("beforeunload", (event) => {
  if (isSending || minting.busy) event.preventDefault();
});

look();
