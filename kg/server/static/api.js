// The JSON API; a failure is an Error with the server's words, its line and its column.
const KEPT = "kg-language";
const wanted = new URLSearchParams(location.search).get("language");
export const chosen = wanted ?? localStorage.getItem(KEPT) ?? "";
export const language = chosen || navigator.language || "";

export function choose(tag) {
  if (tag) localStorage.setItem(KEPT, tag);
  else localStorage.removeItem(KEPT);
  const url = new URL(location);
  if (tag && url.pathname.startsWith("/thing/")) url.searchParams.set("language", tag);
  else url.searchParams.delete("language");
  if (url.href === location.href) location.reload();
  else location.assign(url);
}

export async function get(path, signal) {
  const url = new URL(path, location.origin);
  url.searchParams.set("language", language);
  return read(await fetch(url, { signal }));
}

export async function post(path, body, signal) {
  const headers = { "Content-Type": "application/json" };
  return read(await fetch(path, { method: "POST", headers, body: JSON.stringify({ ...body, language }), signal }));
}

async function read(response) {
  const text = await response.text();
  let data;
  try {
    data = JSON.parse(text);
  } catch {
    throw new Error("The answer broke off.");
  }
  if (response.ok) return data;
  throw Object.assign(new Error(data.error.message), { line: data.error.line, column: data.error.column });
}
