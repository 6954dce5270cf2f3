// Draws the OpenAPI document as a page. Everything is made as text nodes: nothing of it is markup.
"use strict";

const METHODS = ["get", "post", "put", "patch", "delete"];
const DEPTH_MAX = 6;

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function resolved(spec, part) {
  if (!part || !part.$ref) return part;
  return part.$ref.slice(2).split("/").reduce((at, key) => at && at[key], spec);
}

// Writes a schema the way its JSON would look: {"quantity": integer 1…999}.
function shape(spec, schema, depth) {
  const it = resolved(spec, schema) || {};
  const choices = it.oneOf || it.anyOf;
  if (choices) return choices.map((each) => shape(spec, each, depth)).join(" | ");
  if (it.enum) return it.enum.map((each) => JSON.stringify(each)).join(" | ");
  if (it.type === "array") return `[${shape(spec, it.items, depth)}, …]`;
  if (it.properties) return depth > DEPTH_MAX ? "{…}" : object(spec, it, depth);
  return limits(it);
}

function object(spec, it, depth) {
  const indent = "  ".repeat(depth + 1);
  const required = new Set(it.required || []);
  const lines = Object.entries(it.properties).map(([name, value]) =>
    `${indent}${name}${required.has(name) ? "" : "?"}: ${shape(spec, value, depth + 1)}`);
  return `{\n${lines.join("\n")}\n${"  ".repeat(depth)}}`;
}

function limits(it) {
  const type = [].concat(it.type || "any").join(" | ");
  const low = it.minimum ?? it.minLength;
  const high = it.maximum ?? it.maxLength;
  const range = low === undefined && high === undefined ? "" : ` ${low ?? ""}…${high ?? ""}`;
  return type + range + (it.format ? ` (${it.format})` : "");
}

function body(spec, content) {
  const [[type, media] = []] = Object.entries(content || {});
  if (!media) return [];
  const parts = [element("pre", { tabindex: "0", "aria-label": type }, shape(spec, media.schema, 0))];
  if (media.example) parts.push(element("pre", { tabindex: "0" }, JSON.stringify(media.example, null, 2)));
  return parts;
}

function parameters(spec, list) {
  if (!list || list.length === 0) return [];
  const rows = list.map((each) => resolved(spec, each)).map((it) => element("tr", {},
    element("th", { scope: "row" }, element("code", {}, it.name + (it.required ? "" : "?"))),
    element("td", {}, it.in), element("td", {}, shape(spec, it.schema, 0)),
    element("td", {}, it.description || "")));
  return [element("h4", {}, "Parameters"), element("table", {}, element("tbody", {}, ...rows))];
}

function responses(spec, all) {
  return Object.entries(all || {}).flatMap(([status, answer]) => {
    const it = resolved(spec, answer);
    return [element("h4", {}, `${status === "default" ? "Problems" : status}: ${it.description || ""}`),
      ...body(spec, it.content)];
  });
}

function call(spec, path, method, operation) {
  const asked = resolved(spec, operation.requestBody);
  const title = element("summary", {}, element("span", { class: "method" }, method.toUpperCase()),
    element("code", {}, path), element("span", { class: "quiet" }, operation.summary || ""));
  const inside = element("div", {}, element("p", {}, operation.description || ""),
    ...parameters(spec, operation.parameters),
    ...(asked ? [element("h4", {}, "Body"), ...body(spec, asked.content)] : []),
    ...responses(spec, operation.responses));
  const drawn = element("details", {}, title, inside);
  drawn.dataset.words = `${method} ${path} ${operation.summary || ""} ${operation.description || ""}`.toLowerCase();
  return drawn;
}

function draw(spec) {
  document.getElementById("about").textContent = spec.info.description || "";
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

function filter(words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  for (const each of document.querySelectorAll("details")) {
    each.hidden = !wanted.every((word) => each.dataset.words.includes(word));
  }
  for (const section of document.querySelectorAll("section")) {
    section.hidden = section.querySelector("details:not([hidden])") === null;
  }
}

async function start() {
  document.getElementById("find").addEventListener("input", (event) => filter(event.target.value));
  document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  try {
    const answer = await fetch("/schema/openapi.json");
    draw(await answer.json());
  } catch {
    document.getElementById("about").textContent = "The document could not be read.";
  }
}

start();
