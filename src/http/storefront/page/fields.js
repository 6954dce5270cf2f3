// The fields of the checkout form: label, hint and fault beside each, and nothing typed is ever lost.

import { element } from "./dom.js";
import * as memory from "./memory.js";
import { STATES } from "./places.js";

const ADDRESS = "shipping_address";
const POSTAL_CODE = `${ADDRESS}.postal_code`;
const COUNTRY = "IN";

const FIELDS = [
  { name: "email", label: "E-mail", type: "email", autocomplete: "email" },
  { name: "name", label: "Name", autocomplete: "name" },
  { name: "phone", label: "Phone", type: "tel", autocomplete: "tel", hint: "With the country's number, such as +91 98000 00000" },
  { name: `${ADDRESS}.line1`, label: "Address", autocomplete: "address-line1" },
  { name: `${ADDRESS}.line2`, label: "Address, second line", autocomplete: "address-line2", optional: true },
  { name: `${ADDRESS}.city`, label: "Town or city", autocomplete: "address-level2" },
  { name: `${ADDRESS}.state`, label: "State", autocomplete: "address-level1", choices: STATES },
  { name: POSTAL_CODE, label: "PIN code", autocomplete: "postal-code", inputmode: "numeric", hint: "6 digits; anywhere in India" },
];

export class Fields {
  constructor(changed) {
    this.typed = memory.typed();
    this.changed = changed;
    this.rows = new Map(FIELDS.map((field) => [field.name, this.row(field)]));
  }

  get nodes() {
    const rows = [...this.rows.values()].map((row) => row.node);
    return [
      element("fieldset", {}, element("legend", {}, "Who you are"), rows.slice(0, 3)),
      element("fieldset", {}, element("legend", {}, "Where it goes"), rows.slice(3)),
    ];
  }

  get postalCode() {
    return this.value(POSTAL_CODE).replaceAll(" ", "");
  }

  // What `POST /orders` takes; what is empty is left out, so that the shop can say that it is missing.
  get body() {
    const body = { [ADDRESS]: { country: COUNTRY } };
    for (const { name } of FIELDS) {
      const value = name === POSTAL_CODE ? this.postalCode : this.value(name);
      const [place, inner] = name.split(".");
      if (value === "") continue;
      if (inner === undefined) body[place] = value;
      else body[place][inner] = value;
    }
    return body;
  }

  value(name) {
    return this.rows.get(name).control.value.trim();
  }

  // Whether everything that is needed is there; faults are shown at once, and not one at a time.
  check() {
    this.clear();
    const missing = FIELDS.filter((field) => !field.optional && this.value(field.name) === "");
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
      this.typed[name] = control.value;
      memory.keepTyped(this.typed);
      this.fault(name, "");
      if (name === POSTAL_CODE) this.changed();
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
