"""The program behind `Letter Without Words`: a page that writes it, line by line."""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Letter Without Words</title>
<style>
html, body { margin: 0; height: 100%; background: #161b3d; }
canvas { display: block; width: 100%; height: 100%; }
</style>
</head>
<body>
<canvas aria-label="Three hundred pale lines are written across an indigo sheet"></canvas>
<script>
const sheet = document.querySelector('canvas');
const pen = sheet.getContext('2d');
const LINES = 300;
const STEPS = 900;
const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;

// A hand that writes: along the sheet, in loops, now and then leaning.
function hand(t, line) {
  const open = Math.sin(t * 9.1) * 0.5 + Math.sin(t * 4.3 + 1) * 0.5;
  const spread = (line / LINES - 0.5) * 0.2 * open;
  const loop = t * Math.PI * 11;
  return [
    0.08 + 0.84 * t - 0.05 * Math.sin(loop) + spread * 0.6,
    0.5 - 0.17 * Math.cos(loop * 1.01) * (0.6 + 0.4 * Math.sin(t * 7)) + spread,
  ];
}

function fit() {
  const scale = devicePixelRatio || 1;
  sheet.width = sheet.clientWidth * scale;
  sheet.height = sheet.clientHeight * scale;
  pen.lineWidth = 0.6 * scale;
  pen.strokeStyle = 'rgb(244 236 214 / 0.16)';
}

function stroke(from, to) {
  for (let line = 0; line < LINES; line += 1) {
    pen.beginPath();
    for (let step = from; step <= to; step += 1) {
      const [x, y] = hand(step / STEPS, line);
      pen.lineTo(x * sheet.width, y * sheet.height);
    }
    pen.stroke();
  }
}

let at = 0;
function write() {
  const to = calm ? STEPS : Math.min(STEPS, at + 3);
  stroke(at, to);
  at = to;
  if (at < STEPS) requestAnimationFrame(write);
}

function begin() {
  fit();
  const isWriting = at > 0 && at < STEPS;
  at = 0;
  if (!isWriting) requestAnimationFrame(write);
}

addEventListener('resize', begin);
addEventListener('click', begin);
begin();
</script>
</body>
</html>
"""


def render() -> bytes:
    """The page, everything in one file."""
    return _PAGE.encode()
