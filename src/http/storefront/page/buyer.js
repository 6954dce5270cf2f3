// The fields of the checkout form: who buys and where to. Nothing typed is ever lost.

import { element } from "./dom.js";
import { Fields } from "./fields.js";
import * as login from "./login.js";
import * as memory from "./memory.js";
import { STATES } from "./places.js";

const ADDRESS = "shipping_address";
const POSTAL_CODE = `${ADDRESS}.postal_code`;
const COUNTRY = "IN";

const EMAIL = { name: "email", label: "E-mail", type: "email", autocomplete: "email" };
const NAME = { name: "name", label: "Name", autocomplete: "name" };
const PHONE = { name: "phone", label: "Phone", type: "tel", autocomplete: "tel", hint: "With the country's number, such as +91 98000 00000" };
const WHERE = [
  { name: `${ADDRESS}.line1`, label: "Address", autocomplete: "address-line1" },
  { name: `${ADDRESS}.line2`, label: "Address, second line", autocomplete: "address-line2", optional: true },
  { name: `${ADDRESS}.city`, label: "Town or city", autocomplete: "address-level2" },
  { name: `${ADDRESS}.state`, label: "State", autocomplete: "address-level1", choices: STATES },
  { name: POSTAL_CODE, label: "PIN code", autocomplete: "postal-code", inputmode: "numeric", hint: "6 digits; anywhere in India" },
];

export class BuyerFields extends Fields {
  constructor(changed) {
    const person = login.current();
    const who = person === null ? [EMAIL, NAME, PHONE] : fromAccount(person);
    super([...who, ...WHERE], memory.typed());
    this.person = person;
    this.changed = changed;
  }

  get nodes() {
    const rows = super.nodes;
    const where = rows.length - WHERE.length;
    const known = this.person && element("p", {}, "You are signed in as ", element("strong", {}, this.person.email), ".");
    return [
      element("fieldset", {}, element("legend", {}, "Who you are"), known, rows.slice(0, where)),
      element("fieldset", {}, element("legend", {}, "Where it goes"), rows.slice(where)),
    ];
  }

  typing(name, value) {
    this.typed[name] = value;
    memory.keepTyped(this.typed);
    if (name === POSTAL_CODE) this.changed();
  }

  get postalCode() {
    return this.value(POSTAL_CODE).replaceAll(" ", "");
  }

  // What `POST /orders` takes; what is empty is left out, so that the shop can say that it is missing.
  get body() {
    const body = { [ADDRESS]: { country: COUNTRY } };
    for (const { name } of this.fields) {
      const value = name === POSTAL_CODE ? this.postalCode : this.value(name);
      const [place, inner] = name.split(".");
      if (value === "") continue;
      if (inner === undefined) body[place] = value;
      else body[place][inner] = value;
    }
    return body;
  }
}

// An account's name and phone are used where another is not given.
function fromAccount({ name, phone }) {
  return [
    { ...NAME, optional: true, hint: `Left empty: ${name}` },
    { ...PHONE, optional: phone !== null, hint: phone === null ? PHONE.hint : `Left empty: ${phone}` },
  ];
}
