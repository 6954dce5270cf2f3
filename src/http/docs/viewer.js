// Draws the OpenAPI document as a page. Everything is made as text nodes: nothing of it is markup.
"use strict";

const METHODS = ["get", "post", "put", "patch", "delete"];
const DEPTH_MAX = 6;
const LINE_MAX = 60;
const KEYS = {
  guest: 'X-Session-Id: $SESSION',
  customer: 'Authorization: Bearer $TOKEN',
  staff: 'Authorization: Bearer $TOKEN',
  razorpay: 'X-Razorpay-Signature: $SIGNATURE',
};

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// Makes `code` and **strong** words of a sentence into elements.
function words(text) {
  return (text || "").split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.startsWith("`")) return element("code", {}, part.slice(1, -1));
    if (part.startsWith("**")) return element("strong", {}, part.slice(2, -2));
    return part;
  });
}

function paragraphs(text) {
  return (text || "").split("\n\n").filter(Boolean).map((part) => element("p", {}, ...words(part)));
}

function resolved(spec, part) {
  if (!part || !part.$ref) return part;
  return part.$ref.slice(2).split("/").reduce((at, key) => at && at[key], spec);
}

// Writes a schema the way its JSON would look: {"quantity": integer 1…999}.
function shape(spec, schema, depth) {
  const it = resolved(spec, schema) || {};
  const choices = it.oneOf || it.anyOf;
  if (choices) return choices.map((each) => shape(spec, { ...it, oneOf: undefined, ...each }, depth)).join(" | ");
  if (it.enum) return it.enum.map((each) => JSON.stringify(each)).join(" | ");
  if (it.type === "array") return `[${shape(spec, it.items, depth)}, …]`;
  if (it.properties) return depth > DEPTH_MAX ? "{…}" : object(spec, it, depth);
  return limits(it);
}

function object(spec, it, depth) {
  const fields = Object.entries(it.properties);
  if (fields.length === 0) return "{}";
  const indent = "  ".repeat(depth + 1);
  const required = new Set(it.required || []);
  const lines = fields.map(([name, value]) =>
    `${indent}${name}${required.has(name) ? "" : "?"}: ${shape(spec, value, depth + 1)}`);
  return `{\n${lines.join("\n")}\n${"  ".repeat(depth)}}`;
}

function limits(it) {
  const type = [].concat(it.type || "any").join(" | ");
  if (type === "null") return type;
  const low = it.minimum ?? it.minLength;
  const high = it.maximum ?? it.maxLength;
  const range = low === undefined && high === undefined ? "" : ` ${low ?? ""}…${high ?? ""}`;
  return type + range + (it.format ? ` (${it.format})` : "");
}

function block(text, label) {
  return element("pre", { tabindex: "0", role: "region", "aria-label": label }, text);
}

function body(spec, content, label) {
  return Object.entries(content || {}).flatMap(([type, media]) => {
    const fields = element("details", { class: "fields" }, element("summary", {}, `Fields (${type})`),
      block(shape(spec, media.schema, 0), `${label}: fields`));
    if (media.example === undefined) return [fields];
    const example = typeof media.example === "string" ? media.example : JSON.stringify(media.example, null, 2);
    return [block(example, `${label}: example`), fields];
  });
}

function parameters(spec, list) {
  const all = (list || []).map((each) => resolved(spec, each));
  if (all.length === 0) return [];
  const rows = all.map((it) => element("tr", {},
    element("th", { scope: "row" }, element("code", {}, it.name + (it.required ? "" : "?"))),
    element("td", {}, it.in), element("td", {}, shape(spec, it.schema, 0)),
    element("td", {}, ...words(it.description))));
  const head = ["Name", "In", "Value", "Meaning"].map((each) => element("th", { scope: "col" }, each));
  return [element("h4", {}, "Parameters"), scrolled("Parameters", element("table", {},
    element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows)))];
}

function scrolled(label, inside) {
  return element("div", { class: "wide", tabindex: "0", role: "region", "aria-label": label }, inside);
}

function answers(spec, all) {
  return Object.entries(all).filter(([status]) => /^[23]/.test(status)).flatMap(([status, answer]) => {
    const it = resolved(spec, answer);
    const json = Object.fromEntries(Object.entries(it.content || {}).filter(([type]) => !type.includes("problem")));
    const headers = Object.keys(it.headers || {});
    return [element("h4", {}, `${status}: `, ...words(it.description)),
      headers.length > 0 ? element("p", { class: "quiet" }, `Headers: ${headers.join(", ")}`) : null,
      ...body(spec, json, `Answer ${status}`)];
  });
}

function problems(spec, all) {
  const rows = Object.entries(all).flatMap(([status, answer]) => {
    const media = (resolved(spec, answer).content || {})["application/problem+json"];
    return Object.entries((media || {}).examples || {}).map(([code, example]) => {
      const value = resolved(spec, example).value;
      return element("tr", {}, element("th", { scope: "row" }, status),
        element("td", {}, element("code", {}, code)), element("td", {}, ...words(value.detail || value.title)));
    });
  });
  const table = element("table", {}, element("tbody", {}, ...rows));
  return element("details", { class: "fields" }, element("summary", {}, `Refusals (${rows.length})`),
    scrolled("Refusals", table));
}

function json(value) {
  const line = JSON.stringify(value);
  return line.length > LINE_MAX ? JSON.stringify(value, null, 2) : line;
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

// Writes the call as a shell would make it; what is the caller's own stands there as a variable.
function curl(spec, path, method, operation) {
  const all = (operation.parameters || []).map((each) => resolved(spec, each));
  const value = (it) => encodeURIComponent(it.example ?? it.name.toUpperCase());
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) => value(all.find((it) => it.name === name) || { name }));
  const query = all.filter((it) => it.in === "query" && it.required).map((it) => `${it.name}=${value(it)}`).join("&");
  const parts = [`curl ${method === "get" ? "" : `-X ${method.toUpperCase()} `}` +
    quoted(location.origin + filled + (query ? `?${query}` : ""))];
  const schemes = (operation.security || []).flatMap((way) => Object.keys(way));
  const scheme = schemes.includes("guest") ? "guest" : schemes[0];
  const open = (operation.security || []).some((way) => Object.keys(way).length === 0);
  if (scheme && !open) parts.push(`-H "${KEYS[scheme]}"`);
  if (all.some((it) => it.name === "Idempotency-Key")) parts.push('-H "Idempotency-Key: $(uuidgen)"');
  const media = ((operation.requestBody || {}).content || {})["application/json"];
  if (media) parts.push("-H 'Content-Type: application/json'", `-d ${quoted(json(media.example || {}))}`);
  if ("text/event-stream" in (operation.responses["200"]?.content || {})) parts.push("-N");
  return parts.join(" \\\n  ");
}

function tryOut(line) {
  const button = element("button", { type: "button" }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(line);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select it by hand";
    }
  });
  return [element("h4", {}, "Try it ", button), block(line, "curl")];
}

function call(spec, path, method, operation) {
  const asked = resolved(spec, operation.requestBody);
  const title = element("summary", {}, element("span", { class: `method ${method}` }, method.toUpperCase()),
    element("code", {}, path), element("span", { class: "quiet" }, ...words(operation.summary)));
  const inside = element("div", {}, ...paragraphs(operation.description),
    ...tryOut(curl(spec, path, method, operation)), ...parameters(spec, operation.parameters),
    ...(asked ? [element("h4", {}, asked.required ? "Body" : "Body (may be left out)"), ...body(spec, asked.content, "Body")] : []),
    ...answers(spec, operation.responses), problems(spec, operation.responses));
  const drawn = element("details", { class: "call", id: operation.operationId }, title, inside);
  drawn.dataset.words = `${method} ${path} ${operation.operationId} ${operation.description || ""}`.toLowerCase();
  drawn.addEventListener("toggle", () => drawn.open && history.replaceState(null, "", `#${drawn.id}`));
  return drawn;
}

function draw(spec) {
  document.getElementById("about").replaceChildren(...paragraphs(spec.info.description));
  const chapters = new Map((spec.tags || []).map((tag) => [tag.name, { about: tag.description, calls: [] }]));
  for (const [path, item] of Object.entries(spec.paths || {})) {
    for (const method of METHODS.filter((each) => item[each])) {
      const name = (item[method].tags || ["Other"])[0];
      if (!chapters.has(name)) chapters.set(name, { about: "", calls: [] });
      chapters.get(name).calls.push(call(spec, path, method, item[method]));
    }
  }
  for (const [name, chapter] of chapters) if (chapter.calls.length > 0) drawChapter(name, chapter);
}

function drawChapter(name, chapter) {
  const id = `chapter-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`;
  document.getElementById("chapters").append(element("li", {}, element("a", { href: `#${id}` }, name)));
  document.getElementById("calls").append(element("section", { "aria-labelledby": id },
    element("h2", { id }, name), element("p", { class: "quiet" }, chapter.about || ""), ...chapter.calls));
}

function filter(text) {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  const calls = [...document.querySelectorAll(".call")];
  for (const each of calls) each.hidden = !wanted.every((word) => each.dataset.words.includes(word));
  for (const section of document.querySelectorAll("section")) {
    section.hidden = section.querySelector(".call:not([hidden])") === null;
  }
  const left = calls.filter((each) => !each.hidden).length;
  document.getElementById("found").textContent = wanted.length > 0 ? `${left} of ${calls.length} calls` : "";
}

function openNamed() {
  const named = document.getElementById(location.hash.slice(1));
  if (!named) return;
  if (named.matches(".call")) named.open = true;
  named.scrollIntoView();
}

async function start() {
  document.getElementById("find").addEventListener("input", (event) => filter(event.target.value));
  document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", openNamed);
  try {
    const answer = await fetch("/schema/openapi.json");
    draw(await answer.json());
    openNamed();
  } catch {
    document.getElementById("about").textContent = "The document could not be read.";
  }
}

start();
