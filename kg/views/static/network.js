"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const panel = document.getElementById("panel");
  const names = new Map(data.nodes.map((node) => [node.id, node.label]));
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const ink = dark ? "#e6e3dc" : "#222";
  const short = (text) => (text.length > 34 ? text.slice(0, 33) + "…" : text);
  const make = (tag, text, kind) => {
    const element = document.createElement(tag);
    element.dir = "auto";
    if (text) element.textContent = text;
    if (kind) element.className = kind;
    return element;
  };

  document.getElementById("counts").textContent =
    `${data.nodes.length} things, ${data.edges.length} relations`;
  for (const entry of data.legend) {
    const item = make("li", "");
    const mark = make("span", "");
    mark.style.background = entry.color;
    item.append(mark, entry.kind || "no kind");
    document.getElementById("legend").append(item);
  }

  const dashes = (standing) =>
    /alleged|confessed/.test(standing) ? [2, 5] : /asserted/.test(standing) || !standing ? false : [8, 5];
  const crowding = Math.min(1, Math.sqrt(160 / data.nodes.length));
  const nodes = data.nodes.map((node) => ({
    id: node.id, x: node.x, y: node.y, label: short(node.label), color: node.color, shape: node.shape,
    size: (4.5 + 1.7 * Math.sqrt(node.degree)) * crowding, font: { color: ink, size: 15, strokeWidth: 3, strokeColor: dark ? "#1b1b1d" : "#fdfcf9", face: "Georgia, serif" },
  }));
  const edges = data.edges.map((edge, id) => ({
    id, from: edge.from, to: edge.to, dashes: dashes(edge.standing),
    color: { color: dark ? "#777" : "#aaa", highlight: ink, hover: ink }, arrows: { to: { scaleFactor: 0.5 } },
  }));

  const showEdge = (edge) => {
    panel.replaceChildren(make("h2", `${names.get(edge.from)} — ${edge.label} — ${names.get(edge.to)}`));
    if (edge.date) panel.append(make("p", edge.date));
    if (!edge.passages.length) panel.append(make("p", "No source is stated."));
    for (const passage of edge.passages) {
      if (passage.quote) panel.append(make("blockquote", passage.quote));
      const place = passage.locator || (passage.start >= 0 ? `characters ${passage.start}–${passage.end}` : "");
      const said = [passage.standing, passage.voice].filter(Boolean).join(" by ");
      panel.append(make("p", [passage.title || passage.source, place, said].filter(Boolean).join(", "), "place"));
    }
  };
  const showNode = (id) => {
    panel.replaceChildren(make("h2", names.get(id)));
    const list = make("ul", "");
    for (const edge of data.edges) {
      if (edge.from === id) list.append(make("li", `${edge.label} → ${names.get(edge.to)}`));
      else if (edge.to === id) list.append(make("li", `← ${edge.label}: ${names.get(edge.from)}`));
    }
    panel.append(list);
  };

  const shown = new vis.DataSet(nodes);
  const network = new vis.Network(document.getElementById("graph"), { nodes: shown, edges }, {
    physics: false, nodes: { scaling: { label: { drawThreshold: 3 } } }, interaction: { hover: true, keyboard: false },
    edges: { smooth: { type: "continuous" } },
  });

  // Labels and marks keep their size on the screen; of labels that would overlap, the best connected thing's stays.
  const pen = document.createElement("canvas").getContext("2d");
  const busiest = [...nodes].sort((a, b) => b.size - a.size || (a.id < b.id ? -1 : 1));
  const settle = () => {
    const unit = 1 / network.getScale();
    pen.font = `${12.5 * unit}px Georgia, serif`;
    const taken = [];
    shown.update(busiest.map((node) => {
      const half = pen.measureText(node.label).width / 2 + 3 * unit;
      const box = [node.x - half, node.y + node.size * unit, node.x + half, node.y + (node.size + 18) * unit];
      const free = taken.every((o) => box[0] > o[2] || box[2] < o[0] || box[1] > o[3] || box[3] < o[1]);
      if (free) taken.push(box);
      return { id: node.id, size: node.size * unit, font: { ...node.font, size: free ? 12.5 * unit : 0 } };
    }));
  };
  let timer = 0;
  network.on("zoom", () => {
    clearTimeout(timer);
    timer = setTimeout(settle, 120);
  });
  settle();
  network.on("hoverEdge", (event) => showEdge(data.edges[event.edge]));
  network.on("hoverNode", (event) => showNode(event.node));
  network.on("click", (event) => {
    if (event.nodes.length) showNode(event.nodes[0]);
    else if (event.edges.length) showEdge(data.edges[event.edges[0]]);
  });
})();
