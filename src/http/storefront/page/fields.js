// Fields of a form: label, hint and fault beside each.

import { element } from "./dom.js";

export class Fields {
  constructor(fields, typed = {}) {
    this.fields = fields;
    this.typed = typed;
    this.rows = new Map(fields.map((field) => [field.name, this.row(field)]));
  }

  get nodes() {
    return [...this.rows.values()].map((row) => row.node);
  }

  typing(_name, _value) {} // For those who keep what is typed; a password is never kept.

  value(name) {
    return this.raw(name).trim();
  }

  // As it was typed: a password may begin with a space.
  raw(name) {
    return this.rows.get(name).control.value;
  }

  // Whether everything that is needed is there; faults are shown at once, and not one at a time.
  check() {
    this.clear();
    const missing = this.fields.filter((field) => !field.optional && this.value(field.name) === "");
    return this.show(missing.map(({ name }) => ({ field: name, message: "is needed" })));
  }

  clear() {
    for (const name of this.rows.keys()) this.fault(name, "");
  }

  // Shows each fault beside its field and goes to the first; returns those that belong to no field.
  show(errors) {
    const known = errors.filter((error) => this.rows.has(error.field));
    for (const { field, message } of known) this.fault(field, message);
    const first = [...this.rows.keys()].find((name) => known.some((error) => error.field === name));
    if (first) this.rows.get(first).control.focus();
    return { any: errors.length > 0, others: errors.filter((error) => !this.rows.has(error.field)) };
  }

  fault(name, message) {
    const { control, wrong, label } = this.rows.get(name);
    const isSentence = /^[A-Z]/.test(message);
    wrong.textContent = message === "" || isSentence ? message : `${label} ${message}.`.replace("..", ".");
    if (message === "") control.removeAttribute("aria-invalid");
    else control.setAttribute("aria-invalid", "true");
  }

  row({ name, label, hint, optional, choices, ...attributes }) {
    const id = name.replace(".", "-");
    const described = [hint ? `${id}-hint` : "", `${id}-wrong`].join(" ").trim();
    const common = { id, name, "aria-describedby": described, required: !optional };
    const control = choices ? select(choices, { ...common, autocomplete: attributes.autocomplete })
      : element("input", { type: "text", ...attributes, ...common });
    control.value = this.typed[name] ?? "";
    control.addEventListener("input", () => {
      this.fault(name, "");
      this.typing(name, control.value);
    });
    const wrong = element("p", { class: "wrong", id: `${id}-wrong` });
    const node = element("div", { class: "field" },
      element("label", { for: id }, label, optional ? element("span", { class: "quiet" }, " (may be left out)") : null),
      control, hint ? element("p", { class: "hint", id: `${id}-hint` }, hint) : null, wrong);
    return { control, wrong, label, node };
  }
}

function select(choices, attributes) {
  return element("select", attributes,
    element("option", { value: "" }, "Choose…"),
    choices.map((choice) => element("option", {}, choice)));
}
