// The JSON API; a failure is an Error with the server's words, its line and its column.
export async function get(path) {
  return read(await fetch(path));
}

export async function post(path, body, signal) {
  const headers = { "Content-Type": "application/json" };
  return read(await fetch(path, { method: "POST", headers, body: JSON.stringify(body), signal }));
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
