// The account of whoever has signed in, and the way out of it.

import * as basket from "./basket.js";
import { button, element, heading, link, message, say, whileBusy } from "./dom.js";
import { fact } from "./facts.js";
import * as login from "./login.js";
import { inWords } from "./refusals.js";

export async function account() {
  await basket.look().catch(() => null); // A login that is over is seen by this.
  const person = login.current();
  if (person === null) return { instead: "#/login" };
  const told = element("div");
  return {
    name: "account", title: "Your account",
    content: [
      heading("Your account"), told,
      element("dl", { class: "facts" },
        fact("Name", person.name), fact("E-mail", person.email), person.phone ? fact("Phone", person.phone) : null),
      element("p", { class: "actions" }, link("My orders", "#/orders", { class: "button" }), link("My cart", "#/cart", { class: "button" })),
      element("p", { class: "actions" }, out("Sign out", login.signOut, told), out("Sign out on all devices", login.signOutEverywhere, told)),
    ],
  };
}

function out(text, end, told) {
  const press = button(text, () => whileBusy(press, async () => {
    try {
      await end();
    } catch (said) {
      told.replaceChildren(message("bad", inWords(said)));
      return;
    }
    await basket.look().catch(() => null);
    say("You are signed out.");
    location.hash = "#/";
  }));
  return press;
}
