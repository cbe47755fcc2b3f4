// See: a projection, or what ties the things of the answer, as the graph of `kg view` in a frame of its own.
import { byId, make } from "./dom.js";

export function showProjections(names, main) {
  byId("projection").replaceChildren(...names.map((name) => make("option", { value: name, selected: name === main }, name.replaceAll("-", " "))));
}

const opened = new Set();
let drawn = "";

// Draw the picture again with all that touches a thing; what is open in it stays open.
addEventListener("message", ({ source, data }) => {
  const frame = byId("picture");
  if (source !== frame.contentWindow || typeof data?.expand !== "string" || opened.has(data.expand)) return;
  opened.add(data.expand);
  const more = [...opened].map((thing) => "expand=" + encodeURIComponent(thing)).join("&");
  const open = [...opened].map((thing) => "open=" + encodeURIComponent(thing)).join("&");
  const path = `${drawn}${drawn.includes("?") ? "&" : "?"}${more}`;
  const next = frame.cloneNode();
  next.src = `${path}#thing=${encodeURIComponent(data.expand)}&${open}`;
  frame.replaceWith(next);
  byId("picture-alone").href = path;
  byId("picture-title").textContent = `${byId("picture-title").textContent.split(", and")[0]}, and all that touches ${opened.size === 1 ? "what was opened" : `the ${opened.size} things that were opened`}`;
});

export function openGraph(asked) {
  const values = Object.entries(asked?.values ?? {}).map(([name, value]) => ["p." + name, value]);
  const path = asked ? "/view?" + new URLSearchParams([["q", asked.question], ...values]) : "/view/" + encodeURIComponent(byId("projection").value);
  const place = byId("picture-place");
  opened.clear();
  drawn = path;
  place.hidden = false;
  // A frame that is replaced adds no step to the history, so Back leaves the page as it was asked.
  const frame = make("iframe", { id: "picture", title: asked ? "The graph of the answer" : "The relationship graph", src: path });
  frame.setAttribute("sandbox", "allow-scripts allow-downloads");
  byId("picture").replaceWith(frame);
  byId("picture-title").textContent = asked ? "What ties the things of this answer" : `The graph: ${byId("projection").selectedOptions[0]?.text ?? ""}`;
  byId("picture-alone").href = path;
}
