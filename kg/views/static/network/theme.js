// Colours after Okabe and Ito, one set for each theme; shapes say the same for who sees no colours.
const PALETTES = {
  light: {
    kinds: ["#0072b2", "#d55e00", "#009e73", "#b5578f", "#c98500", "#3d9bd4", "#7d5f25", "#5f6670"],
    ink: "#1f2328", paper: "#fcfcfa", faint: "#5c636b", line: "#7a828c", accent: "#a3005c", conflict: "#c40018",
  },
  dark: {
    kinds: ["#5cb3ec", "#ff9150", "#2cc79b", "#e59fc8", "#f5bd3d", "#8fd3fb", "#cfae6b", "#b3bac2"],
    ink: "#eceae4", paper: "#17191c", faint: "#a4abb3", line: "#8b939c", accent: "#ff7fc0", conflict: "#ff6b6b",
  },
};
const SHAPES = ["dot", "square", "diamond", "triangle", "hexagon", "drop", "star"];
const DASHES = [[], [7, 4], [10, 3, 2, 3], [1.5, 3.5]];
const LINES = ["solid", "dashed", "dashes and dots", "dotted"];

const wishesDark = matchMedia("(prefers-color-scheme: dark)");
let chosenTheme = "";
const theme = () => chosenTheme || (wishesDark.matches ? "dark" : "light");
const palette = () => PALETTES[theme()];

// The most frequent class has the first colour; the ninth has the first colour again in another shape.
const kindSizes = new Int32Array(data.kinds.length);
for (const kind of things.kind) kindSizes[kind]++;
const kindRank = new Int32Array(data.kinds.length);
[...kindSizes.keys()].sort((a, b) => kindSizes[b] - kindSizes[a] || a - b).forEach((kind, rank) => (kindRank[kind] = rank));
const colorOf = (kind) => palette().kinds[kindRank[kind] % 8];
const shapeOf = (kind) => SHAPES[(kindRank[kind] + Math.floor(kindRank[kind] / 8)) % SHAPES.length];

// A line is drawn as its strongest standing wants it.
const lineOf = Int8Array.from(data.said, (pairs) => Math.min(...pairs.map(([, standing]) => data.standings[standing][1])));

const polygon = (ctx, x, y, r, corners, turn) => {
  for (let i = 0; i < corners; i++) {
    const angle = turn + (i * 2 * Math.PI) / corners;
    ctx[i ? "lineTo" : "moveTo"](x + r * Math.cos(angle), y + r * Math.sin(angle));
  }
  ctx.closePath();
};
// Add a thing's outline to the path; each shape covers about the area of the dot.
const outline = (ctx, shape, x, y, r) => {
  if (shape === "square") polygon(ctx, x, y, r * 1.25, 4, Math.PI / 4);
  else if (shape === "diamond") polygon(ctx, x, y, r * 1.3, 4, 0);
  else if (shape === "triangle") polygon(ctx, x, y, r * 1.4, 3, -Math.PI / 2);
  else if (shape === "drop") polygon(ctx, x, y, r * 1.4, 3, Math.PI / 2);
  else if (shape === "hexagon") polygon(ctx, x, y, r * 1.12, 6, 0);
  else if (shape === "star") {
    for (let i = 0; i < 10; i++) {
      const [angle, far] = [-Math.PI / 2 + (i * Math.PI) / 5, i % 2 ? r * 0.65 : r * 1.5];
      ctx[i ? "lineTo" : "moveTo"](x + far * Math.cos(angle), y + far * Math.sin(angle));
    }
    ctx.closePath();
  } else {
    ctx.moveTo(x + r, y);
    ctx.arc(x, y, r, 0, 2 * Math.PI);
  }
};
