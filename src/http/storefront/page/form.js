// A short form: its fields, one button, and why not, beside the field or above the button.

import { Problem } from "./api.js";
import { element, message, say, whileBusy } from "./dom.js";
import { Fields } from "./fields.js";
import { inWords } from "./refusals.js";

export const EMAIL = { name: "email", label: "E-mail", type: "email", autocomplete: "username", inputmode: "email" };

const PASSWORD_HINT = "At least 10 characters, and none that many people use";

export function newPassword(name, label) {
  return { name, label, type: "password", autocomplete: "new-password", hint: PASSWORD_HINT };
}

// `send` gets what was typed, and returns what to do then; what it throws is said.
export function form({ fields: wanted, typed = {}, action, send, says = {} }) {
  const fields = new Fields(wanted, typed);
  const told = element("div");
  const press = element("button", { type: "submit", class: "main wide-button" }, action);
  const submit = (event) => {
    event.preventDefault();
    told.replaceChildren();
    if (fields.check().any) say("Some fields need another look.");
    else whileBusy(press, () => sent(fields, send, told, says));
  };
  return element("form", { novalidate: true, submit, class: "short" }, fields.nodes, told, press);
}

async function sent(fields, send, told, says) {
  const values = Object.fromEntries(fields.fields
    .map(({ name, type }) => [name, type === "password" ? fields.raw(name) : fields.value(name)])
    .filter(([, value]) => value !== ""));
  try {
    await send(values);
  } catch (said) {
    const errors = said instanceof Problem ? said.document.errors ?? [] : [];
    const { others } = fields.show(errors);
    if (errors.length > 0 && others.length === 0) say("Some fields need another look.");
    else told.replaceChildren(message("bad", ...(says[said.code]?.() ?? [inWords(said), ...others.map((error) => ` ${error.field} ${error.message}.`)])));
  }
}
