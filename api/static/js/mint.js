// The studio: a file, a label, a preview by the public page's own template, and the consent
// before anything becomes public.

import { make, rows } from "./dom.js";
import { Draft } from "./draft.js";
import { Problem, ask } from "./http.js";
import { _ } from "./i18n.js";
import { currencyOf, parseAmount, parsePercent, showAmount, split } from "./money.js";
import { Sharers } from "./sharers.js";
import { isLikeness, likeness } from "./likenesses.js";
import { FileShelf } from "./shelf.js";
import { after } from "./time.js";
import { animate } from "./viewer.js";

const form = document.querySelector("#work");
const { chainId, creator, feeBps } = form.dataset;
const part = (name) => document.querySelector(`[data-${name}]`);
const FIELDS = ["title", "artist", "date", "medium", "dimensions", "description", "alt_text", "rights", "external_id", "royalty", "price", "edition_number", "edition_size", "currency", "days", "most", "contract"].filter((name) => form.elements[name]);
const MAX_ROYALTY_BPS = 2500;
const CONFIRM_ROYALTY_BPS = 1000;
const PREVIEW_MS = 250;

const whole = (text) => (/^\d{1,7}$/.test(text.trim()) ? Number(text) : null);
const value = (name) => form.elements[name].value.trim();
const royaltyBps = () => parsePercent(value("royalty") || "0");
const isLazy = () => form.elements.way.value === "lazy";
const money = () => currencyOf(form.elements.currency);
const price = () => parseAmount(value("price"), money());
const copies = () => (form.elements.whole_edition.checked ? whole(value("edition_size")) ?? 1 : 1);
const sharers = new Sharers({ place: part("sharers"), onChange: () => changed() });
const DAY_MS = 86_400_000;

function traits() {
  return [...part("traits").children]
    .map((row) => ({ trait_type: row.querySelector("[name=trait]").value.trim(), value: row.querySelector("[name=value]").value.trim() }))
    .filter((each) => each.trait_type || each.value);
}

function addTrait(trait = "", said = "") {
  const field = (label, name, content) => make("label", { class: "field" }, make("span", { class: "hint" }, label), make("input", { name, value: content, maxlength: 300 }));
  const row = make("div", { class: "trait" }, field(_("Name"), "trait", trait), field(_("Value"), "value", said));
  row.append(make("button", { class: "button link", type: "button", onclick: () => { row.remove(); draft.touch(); } }, _("Remove")));
  part("traits").append(row);
  return row;
}

function read() {
  const body = Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value]));
  return { ...body, way: form.elements.way.value, whole_edition: form.elements.whole_edition.checked, sharers: sharers.read(), attributes: traits(), files: shelf.facts() };
}

function write(body) {
  for (const name of FIELDS) if (typeof body[name] === "string") form.elements[name].value = body[name];
  if (["now", "lazy"].includes(body.way)) form.elements.way.value = body.way;
  form.elements.whole_edition.checked = Boolean(body.whole_edition);
  sharers.write(body.sharers ?? []);
  part("traits").replaceChildren();
  for (const each of body.attributes ?? []) addTrait(each.trait_type, each.value);
  shelf.restore(body.files ?? []);
}

const draft = new Draft({
  id: form.dataset.draft || null,
  revision: Number(form.dataset.revision) || null,
  read,
  onSaved: (words) => { part("saved").textContent = words; },
  onMerge: (theirs) => {
    const notice = part("merge");
    const take = () => { write(theirs.body); draft.revision = theirs.revision; draft.isDirty = false; notice.hidden = true; changed(false); };
    const keep = () => { notice.hidden = true; draft.overwrite(theirs.revision); };
    notice.replaceChildren(
      _("This draft was changed in another tab or on another device. Nothing is lost: choose which words to go on with."),
      " ",
      make("button", { class: "button link", type: "button", onclick: take }, _("Take the other ones")),
      " ",
      make("button", { class: "button link", type: "button", onclick: keep }, _("Keep mine")),
    );
    notice.hidden = false;
    notice.scrollIntoView({ block: "center" });
  },
});

const shelf = new FileShelf({ place: part("files"), onChange: () => changed() });

let previewing = null;
async function preview() {
  const file = shelf.first();
  const body = Object.fromEntries(["title", "artist", "alt_text", "date", "medium", "dimensions"].map((name) => [name, value(name)]));
  Object.assign(body, { edition_number: whole(value("edition_number")) ?? 1, edition_size: whole(value("edition_size")) });
  if (file) Object.assign(body, { type: file.type, width: file.width, height: file.height });
  // A picture that the browser can show stands there at once; everything else when it is checked.
  const isHere = Boolean(file?.source) && (!file.kind || file.kind === "image");
  if (!isHere) body.files = shelf.media();
  const answer = await fetch("/mint/preview", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (!answer.ok) return;
  const bench = part("preview");
  const hung = JSON.stringify(body.files ?? null);
  if (body.files && bench.dataset.hung === hung) {
    // What is being looked at or listened to stays as it is while its label is written.
    const made = make("div");
    made.innerHTML = await answer.text();
    bench.querySelector(".label").replaceWith(made.querySelector(".label"));
    return;
  }
  bench.dataset.hung = hung;
  bench.innerHTML = await answer.text();
  const picture = bench.querySelector(".wall img");
  if (picture && isHere) picture.src = file.source;
  if (isHere) bench.querySelector(".wall a")?.removeAttribute("href");
  animate(bench);
}

function showSplit() {
  const sum = price();
  const bps = royaltyBps();
  part("split").replaceChildren();
  part("high-royalty").hidden = !(bps > CONFIRM_ROYALTY_BPS);
  part("whole").hidden = !(whole(value("edition_size")) > 1);
  if (!sum || bps === null) return;
  // A lazy mint is a first sale by the artist: no royalty is taken off it.
  const shares = split(sum, isLazy() ? 0 : bps, Number(feeBps));
  const say = (amount) => showAmount(amount, money());
  part("split").append(
    rows([
      [isLazy() ? _("Of each sale, to you") : _("Of a first sale, to you as seller"), say(shares.seller)],
      ...(isLazy() ? [] : [[_("to the artist, as royalty"), say(shares.royalty)]]),
      [_("to the house"), say(shares.fee)],
    ]),
  );
}

function showFindings() {
  const findings = shelf.findings();
  const place = part("findings");
  const before = place.querySelector("input")?.checked ?? false;
  place.replaceChildren();
  if (!findings.length) return;
  place.append(
    make("ul", {}, ...findings.map((each) => isLikeness(each) ? likeness(each, shelf.sourceOf(each)) : make("li", {}, each.detail))),
    make("div", { class: "check" }, make("input", { type: "checkbox", id: "accept_findings", ...(before ? { checked: true } : {}) }), make("label", { for: "accept_findings" }, _("I have read what the file contains, and it may become public as it is."))),
  );
}

function changed(touch = true) {
  if (touch) draft.touch();
  showSplit();
  showFindings();
  clearTimeout(previewing);
  previewing = setTimeout(preview, PREVIEW_MS);
}

// The first thing that stands in the way, with the field it concerns.
function missing() {
  const bps = royaltyBps();
  if (shelf.lacksCover() && !shelf.isBusy()) return [_("The work needs a cover: its file shows no picture by itself."), part("easel")];
  if (!shelf.isReady()) return [_("Add the work’s file first, and wait until it is checked."), part("easel")];
  if (!value("title")) return [_("A work needs a title."), form.elements.title];
  if (bps === null || bps > MAX_ROYALTY_BPS) return [_("The royalty is a number from 0 to 25."), form.elements.royalty];
  if (sharers.problem(bps)) return sharers.problem(bps);
  if (isLazy() && !value("price")) return [_("A work that its collector mints needs a price."), form.elements.price];
  if (value("price") && !price()) return [_("Write the price in digits, as 0.5."), form.elements.price];
  if (value("most") && !whole(value("most"))) return [_("Write a whole number, or leave it empty."), form.elements.most];
  if (bps > CONFIRM_ROYALTY_BPS && !form.elements.high_royalty.checked) return [_("Confirm the high royalty, or lower it."), form.elements.high_royalty];
  if (!form.elements.consent.checked) return [_("Say that the files may become public."), form.elements.consent];
  const findings = document.querySelector("#accept_findings");
  if (findings && !findings.checked) return [_("Say that the file may become public as it is."), findings];
  return null;
}

// The price, and of a lazy mint how long and for whom it stands.
function sale() {
  if (!price()) return {};
  const lazy = { expires_at: after(Number(value("days")) * DAY_MS), max_per_recipient: whole(value("most")) ?? 0 };
  return { list_at: { price: String(price()), currency: money().address, ...(isLazy() ? lazy : {}) } };
}

function request() {
  return {
    chain_id: chainId,
    creator,
    ...(form.elements.contract ? { contract: value("contract") } : {}),
    media: shelf.media(),
    title: value("title"),
    artist: value("artist"),
    description: value("description"),
    alt_text: value("alt_text"),
    accept_findings: Boolean(document.querySelector("#accept_findings")?.checked),
    work: {
      date: value("date"),
      medium: value("medium"),
      dimensions: value("dimensions"),
      edition: { number: whole(value("edition_number")) ?? 1, size: whole(value("edition_size")) },
    },
    attributes: traits(),
    rights: value("rights"),
    external_id: value("external_id"),
    royalties: sharers.royalties(creator, royaltyBps()),
    ...(copies() > 1 ? { copies: copies() } : {}),
    ...(isLazy() ? { lazy: true } : {}),
    ...sale(),
    ...(draft.id ? { draft_id: draft.id } : {}),
  };
}

function complain(text) {
  part("problem").hidden = !text;
  part("problem").textContent = text;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const [why, field] = missing() ?? [];
  complain(why ?? "");
  if (why) {
    field.focus();
    return;
  }
  part("submit").disabled = true;
  try {
    await draft.save();
    const intent = await ask("POST", "/api/mints", request());
    location.assign(`/sign/${intent.id}`);
  } catch (error) {
    part("submit").disabled = false;
    // Something was published since the file came: show it, and let it be answered.
    if (error instanceof Problem && error.body.findings) {
      shelf.learn(error.body.findings);
      showFindings();
    }
    complain(error instanceof Problem && error.body.errors?.length ? error.body.errors.map((each) => each.detail).join(" ") : error.message);
  }
});

part("add-sharer").addEventListener("click", () => sharers.add().querySelector("input").focus());
part("add-trait").addEventListener("click", () => addTrait().querySelector("input").focus());
part("discard").addEventListener("click", async () => {
  await draft.discard();
  location.assign("/mint");
});
form.addEventListener("input", (event) => {
  if (event.target.type !== "file") changed();
});
window.addEventListener("beforeunload", (event) => {
  if (draft.isDirty || shelf.isBusy()) event.preventDefault();
});

write(JSON.parse(document.querySelector("#draft").textContent));
changed(false);
