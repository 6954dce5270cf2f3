// Makes elements. Everything a server or a person wrote becomes a text node: nothing of it is markup.

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export function heading(text) {
  return element("h1", { tabindex: "-1" }, text);
}

export function button(text, press, attributes = {}) {
  return element("button", { type: "button", click: press, ...attributes }, text);
}

export function link(text, href, attributes = {}) {
  return element("a", { href, ...attributes }, text);
}

// A message that a screen reader says at once; `mood` is "bad", "good" or "plain".
export function message(mood, ...children) {
  return element("div", { class: `message ${mood}`, role: mood === "bad" ? "alert" : "status" }, ...children);
}

// Says something to those who do not see what changed.
export function say(text) {
  const place = document.getElementById("said");
  place.textContent = "";
  requestAnimationFrame(() => { place.textContent = text; });
}

// Draws a part anew, and keeps the focus on the element of the same id; what is gone leaves it to `otherwise`.
export function redraw(place, children, otherwise = null) {
  const focused = place.contains(document.activeElement) ? document.activeElement.id : null;
  place.replaceChildren(...[children].flat().filter(Boolean));
  if (focused === null) return;
  const again = focused && document.getElementById(focused);
  if (again && !again.disabled) again.focus();
  else (otherwise ? otherwise() : place.closest("main").querySelector("h1"))?.focus();
}

// Runs the work of a button while it cannot be pressed again; the focus stays on it.
export async function whileBusy(pressed, work) {
  if (pressed.getAttribute("aria-disabled") === "true") return undefined;
  pressed.setAttribute("aria-disabled", "true");
  pressed.classList.add("busy");
  try {
    return await work();
  } finally {
    pressed.removeAttribute("aria-disabled");
    pressed.classList.remove("busy");
  }
}
