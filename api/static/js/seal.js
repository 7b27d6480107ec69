// The seal of an address, equal to api/seal.py bar for bar; see there for what it is.

const END = { 1: 200, 2: 330, 3: 330 };

function mixed(bytes) {
  const state = [...bytes];
  for (let i = 0; i < 60; i += 1) {
    state[i % 20] = (state[i % 20] ^ (state[(i + 7) % 20] * 167 + i * 59 + 11)) & 255;
    state[(i + 1) % 20] = (state[(i + 1) % 20] + (state[i % 20] >> 3) + state[i % 20]) & 255;
  }
  return state;
}

export function sealPath(address) {
  const bytes = address.replace(/^0x/, "").match(/../g).map((pair) => parseInt(pair, 16));
  const state = mixed(bytes);
  let place = 0;
  const bit = () => {
    const found = (state[(place >> 3) % 20] >> (place & 7)) & 1;
    place += 1;
    return found;
  };
  let bars = "";
  for (let quarter = 0; quarter < 4; quarter += 1) {
    place = quarter * 40;
    const left = 140 + (quarter % 2) * 390;
    const top = 172 + (quarter >> 1) * 380;
    for (let row = 0; row < 4; row += 1) {
      const kind = bit() * 2 + bit();
      const y = top + row * 93;
      if (kind) bars += `M${left + (kind === 2 ? 140 : 0)} ${y}H${left + END[kind]}`;
    }
    for (let column = 0; column < 3; column += 1) {
      const start = bit() + bit();
      const end = 2 + bit();
      const x = left + 20 + column * 145;
      bars += `M${x} ${top + start * 93}V${top + end * 93}`;
    }
  }
  return bars;
}

const SVG = "http://www.w3.org/2000/svg";

// An <svg> element; `relief` is the artist's seal, otherwise a collector's.
export function seal(address, { relief = false } = {}) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("class", `seal ${relief ? "relief" : "line"}`);
  picture.setAttribute("viewBox", "0 0 1000 1000");
  picture.setAttribute("aria-hidden", "true");
  const ground = document.createElementNS(SVG, "rect");
  const [class_, at, side, radius] = relief ? ["ground", 20, 960, 60] : ["frame", 42, 916, 80];
  for (const [name, value] of Object.entries({ class: class_, x: at, y: at, width: side, height: side, rx: radius })) {
    ground.setAttribute(name, value);
  }
  const bars = document.createElementNS(SVG, "path");
  bars.setAttribute("d", sealPath(address));
  picture.append(ground, bars);
  return picture;
}
