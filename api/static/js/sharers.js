// Who shares a royalty: each with an own part of every sale; what is left is the artist's.

import { make } from "./dom.js";
import { _ } from "./i18n.js";
import { parsePercent } from "./money.js";

export class Sharers {
  constructor({ place, onChange }) {
    Object.assign(this, { place, onChange });
  }

  add(address = "", percent = "") {
    const field = (label, name, value, mode) =>
      make("label", { class: "field" }, make("span", { class: "hint" }, label), make("input", { name, value, inputmode: mode, spellcheck: "false", autocomplete: "off" }));
    const row = make("div", { class: "sharer" }, field(_("Address"), "sharer", address, "text"), field(_("Of every sale, %"), "part", percent, "decimal"));
    const remove = () => {
      row.remove();
      this.onChange();
    };
    row.append(make("button", { class: "button link", type: "button", onclick: remove }, _("Remove")));
    this.place.append(row);
    return row;
  }

  write(kept) {
    this.place.replaceChildren();
    for (const { address, percent } of kept) this.add(address, percent);
  }

  read() {
    return [...this.place.children].map((row) => ({
      address: row.querySelector("[name=sharer]").value.trim(),
      percent: row.querySelector("[name=part]").value.trim(),
    }));
  }

  // What stands in the way, with the field it concerns; null when nothing does.
  problem(totalBps) {
    let left = totalBps;
    for (const [at, { address, percent }] of this.read().entries()) {
      const row = this.place.children[at];
      if (!/^0x[0-9a-fA-F]{40}$/.test(address)) return [_("An address is 0x and 40 hexadecimal digits."), row.querySelector("[name=sharer]")];
      const bps = parsePercent(percent);
      if (!bps) return [_("Say which part of every sale is theirs, as 2.5."), row.querySelector("[name=part]")];
      left -= bps;
      if (left < 0) return [_("The parts are more than the whole royalty."), row.querySelector("[name=part]")];
    }
    return null;
  }

  royalties(creator, totalBps) {
    const others = this.read().map(({ address, percent }) => ({ receiver: address, bps: parsePercent(percent) }));
    const own = totalBps - others.reduce((sum, each) => sum + each.bps, 0);
    return [...(own > 0 ? [{ receiver: creator, bps: own }] : []), ...others];
  }
}
