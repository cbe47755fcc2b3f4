// The years: from, to, and a button that lets them pass.
let playing = 0;
const showYears = () => {
  if (!span[1]) return;
  const place = byId("years");
  const field = (name, word) => {
    const label = make("label", word + " ");
    const input = make("input", "", { type: "number", min: span[0], max: span[1], placeholder: name === "from" ? span[0] : span[1], id: `year-${name}` });
    input.addEventListener("change", () => {
      years[name] = Number(input.value) || 0;
      refilter();
    });
    label.append(input);
    return label;
  };
  const keep = make("label");
  const check = make("input", "", { type: "checkbox", id: "year-undated" });
  check.addEventListener("change", () => {
    years.undated = check.checked;
    refilter();
  });
  keep.append(check, ` keep what has no date (${figure(undated)})`);
  const play = button("▶ Play", () => (playing ? stop() : start()), { id: "play", "aria-pressed": "false" });
  const group = make("details", "", { class: "facet", open: "" });
  const row = make("p", "", { class: "actions" });
  row.append(field("from", "From"), field("to", "to"), play);
  group.append(make("summary", `Years (${span[0]}–${span[1]})`), row, keep);
  if (undated < relationCount) group.append(make("p", "A relation without a date of its own has that of the event it belongs to.", { class: "hint" }));
  place.append(group);
  facets.push(() => {
    byId("year-from").value = years.from || "";
    byId("year-to").value = years.to || "";
    check.checked = years.undated;
  });
  facets.at(-1)();
};
const stop = () => {
  clearInterval(playing);
  playing = 0;
  byId("play").textContent = "▶ Play";
  byId("play").setAttribute("aria-pressed", "false");
};
const start = () => {
  const [from, to] = [years.from || span[0], years.to && years.to < span[1] ? years.to : span[0]];
  Object.assign(years, { from, to: Math.max(from, to) });
  refilter();
  byId("play").textContent = "❚❚ Pause";
  byId("play").setAttribute("aria-pressed", "true");
  playing = setInterval(() => {
    years.to++;
    refilter({ quiet: years.to < span[1] });
    if (years.to >= span[1]) stop();
  }, 700);
};
