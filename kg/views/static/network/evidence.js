// The passages behind the relations, packed in blocks that are opened when one of them is asked for.
const packed = [...document.querySelectorAll("script.passages")];
const hasPassages = packed.length > 0;
const unpacked = new Map();

const unpack = async (number) => {
  const bytes = Uint8Array.from(atob(packed[number].textContent), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
};

const passagesOf = async (relation) => {
  if (!hasPassages) return [];
  const number = Math.floor(relation / data.block);
  if (!unpacked.has(number)) unpacked.set(number, unpack(number));
  const block = await unpacked.get(number);
  return block.relations[relation % data.block].map((place) => block.passages[place]);
};

const titleOf = (passage) => data.sources[passage.source][1];
const standingOf = (passage) => data.standings[passage.standing][0];
const placeOf = (passage) =>
  [passage.locator, passage.start >= 0 ? `characters ${figure(passage.start)}–${figure(passage.end)}` : ""].filter(Boolean).join(", ");

const citation = (relation, passage) =>
  [
    passage.quote ? `“${passage.quote}”` : "",
    [passage.voice, titleOf(passage), placeOf(passage), standingOf(passage), data.sources[passage.source][2], passage.id]
      .filter(Boolean)
      .join(", "),
    `(for: ${sentence(relation)}${dateOf(relation) ? ", " + dateOf(relation) : ""})`,
  ]
    .filter(Boolean)
    .join("\n");
