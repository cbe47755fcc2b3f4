// See: a projection, or what ties the things of the answer, as the graph of `kg view` in a frame of its own.
import { byId, make } from "./dom.js";

export function showProjections(names, main) {
  byId("projection").replaceChildren(...names.map((name) => make("option", { value: name, selected: name === main }, name.replaceAll("-", " "))));
}

export function openGraph(asked) {
  const values = Object.entries(asked?.values ?? {}).map(([name, value]) => ["p." + name, value]);
  const path = asked ? "/view?" + new URLSearchParams([["q", asked.question], ...values]) : "/view/" + encodeURIComponent(byId("projection").value);
  const place = byId("picture-place");
  place.hidden = false;
  // A frame that is replaced adds no step to the history, so Back leaves the page as it was asked.
  const frame = make("iframe", { id: "picture", title: asked ? "The graph of the answer" : "The relationship graph", src: path });
  frame.setAttribute("sandbox", "allow-scripts allow-downloads");
  byId("picture").replaceWith(frame);
  byId("picture-title").textContent = asked ? "What ties the things of this answer" : `The graph: ${byId("projection").selectedOptions[0]?.text ?? ""}`;
  byId("picture-alone").href = path;
  place.scrollIntoView({ block: "start" });
}
