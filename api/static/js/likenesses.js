// A finding that names published works: both pictures side by side, with words that accuse nobody.

import { make } from "./dom.js";
import { _ } from "./i18n.js";

const HEADS = {
  SameFile: _("Exactly this file was published before."),
  NearCopy: _("This picture is very close to one that was published before."),
  PossibleCopy: _("This picture resembles one that was published before."),
};
const HOW = {
  mirrored: _("mirrored"),
  upside_down_mirrored: _("mirrored upside down"),
  turned_180: _("turned by a half"),
  turned_90: _("turned by a quarter"),
  turned_270: _("turned by a quarter"),
  transposed: _("mirrored and turned by a quarter"),
  transverse: _("mirrored and turned by a quarter"),
  part_of_it: _("a part of it"),
  holds_it: _("with more around it"),
  border: _("but for a border"),
};

function picture(source, words) {
  const image = source ? make("img", { src: source, alt: "", decoding: "async" }) : make("span", { class: "mat" });
  return make("figure", {}, image, make("figcaption", { class: "quiet small" }, words));
}

function pair(match, mine) {
  const title = match.title || _("Untitled");
  const named = match.work_url ? make("a", { href: match.work_url, target: "_blank", rel: "noopener" }, title) : make("span", {}, title);
  const how = match.transformation.map((each) => HOW[each]).filter(Boolean);
  const apart = match.likeness === "same_file" ? [] : [_("{bits} of 256 bits apart", { bits: match.distance })];
  const waiting = match.work_url ? [] : [_("not minted yet")];
  return make(
    "li",
    {},
    // Two models without pictures have nothing to be laid side by side.
    mine || match.thumbnail_url ? make("div", { class: "pictures" }, picture(mine, _("yours")), picture(match.thumbnail_url, _("published before"))) : null,
    make("p", {}, named, " ", make("span", { class: "quiet" }, match.artist || match.creator || "")),
    make("p", { class: "quiet small" }, [...how, ...apart, ...waiting].join(_(", "))),
  );
}

export const isLikeness = (finding) => finding.code in HEADS;

export function likeness(finding, mine) {
  const others = finding.matches.filter((each) => !each.own);
  return make(
    "li",
    { class: "likeness" },
    make("p", {}, HEADS[finding.code]),
    make("ul", { class: "pairs" }, ...others.map((each) => pair(each, mine))),
    make("p", { class: "quiet small" }, _("There may be good reasons: an edition, a study, a permission. It stays your decision, and what was found stays with the work.")),
  );
}
