// Where a letter leads that proves whose mailbox it is: all orders in one account, or another password.

import { ask } from "./api.js";
import { element, heading, link, message } from "./dom.js";
import { EMAIL, form, newPassword } from "./form.js";
import * as login from "./login.js";
import { expect } from "./signing.js";

const CODE = { name: "token", label: "Code from the letter", autocomplete: "one-time-code", autocapitalize: "none", spellcheck: "false" };

export async function claim({ email = "", token = "" }) {
  return proving({
    title: "All your orders in one account", path: "/customers/claim", again: "#/keep",
    typed: { email, token }, action: "Bring my orders together",
    intro: "Choose the password of your account. If this e-mail has an account already, its password stays as it is, and what you type here is not used.",
    done: ({ email: whose }) => `Every order bought as a guest with ${whose} so far is in the account of this e-mail now.`,
  });
}

export async function reset({ email = "", token = "" }) {
  return proving({
    title: "Choose another password", path: "/customers/password/reset", again: "#/forgotten",
    typed: { email, token }, action: "Change the password",
    intro: "The old password, and every login made with it, end then.",
    done: () => "The password is changed, and every login so far has ended.",
    after: () => { if (login.current() !== null) login.leave(); },
  });
}

function proving({ title, path, again, typed, action, intro, done, after }) {
  const place = element("div");
  const over = element("h2", { tabindex: "-1" }, "Done");
  const send = async (values) => {
    await ask(path, values);
    after?.();
    const signedIn = login.current() !== null;
    if (!signedIn) expect(values.email);
    place.replaceChildren(over, message("good", done(values)),
      element("p", {}, signedIn ? link("My orders", "#/orders", { class: "button main" }) : link("Go and sign in", "#/login", { class: "button main" })));
    over.focus();
  };
  const stale = () => ["This letter was used already, is too old, or was written to another e-mail. ", link("Ask for another letter", again), "."];
  place.append(element("p", {}, intro), form({
    fields: [EMAIL, CODE, newPassword("new_password", "New password")], typed, action, send, says: { "invalid-claim": stale },
  }));
  return { name: "login", title, content: [heading(title), place] };
}
