// What is sent by letter: one order, a new password, all orders. The answer is the same for every e-mail.

import { ask } from "./api.js";
import { button, element, heading, link, message, say, whileBusy } from "./dom.js";
import { EMAIL, form } from "./form.js";
import { inWords } from "./refusals.js";

const NUMBER = { name: "order_number", label: "Order number", autocomplete: "off", autocapitalize: "characters", hint: "Such as K7M2Q-4XD3N; it stands on the order's page" };
const ALL_SENT = "If something was bought with this e-mail as a guest, a letter is on its way to it. Its link is good once, for a day.";

export async function find() {
  return asking({
    name: "orders", title: "Find my order", fields: [NUMBER, EMAIL], path: "/orders/lookup",
    intro: "Bought as a guest? Say which order, and with which e-mail. We send a link that opens it.",
    done: "If there is such an order, a letter with a link to it is on its way to that e-mail.",
  });
}

export async function forgotten() {
  return asking({
    name: "login", title: "Forgotten password", fields: [EMAIL], path: "/customers/password/forgotten",
    intro: "We send a letter with which you choose another one.",
    done: "If this e-mail has an account, a letter is on its way to it. Its link is good once, for a day.",
    next: "#/reset",
  });
}

export async function keep() {
  return asking({
    name: "orders", title: "See all your orders", fields: [EMAIL], path: "/customers/claim/request",
    intro: "We send a letter with which every order bought with your e-mail as a guest comes into one account.",
    done: ALL_SENT, next: "#/claim",
  });
}

// Beside a guest's order: the letter goes to the e-mail of that order.
export function offerToKeep(email) {
  const place = element("div");
  const press = button("Send me the letter", () => whileBusy(press, async () => {
    try {
      await ask("/customers/claim/request", { email });
      place.replaceChildren(element("p", {}, ALL_SENT));
      say(ALL_SENT);
    } catch (said) {
      place.querySelector(".message")?.remove();
      place.append(message("bad", inWords(said)));
    }
  }), { id: "keep" });
  place.append(element("p", {}, `We send a letter to ${email}, with which all you bought as a guest comes into one account.`), press);
  return element("section", { class: "panel", "aria-labelledby": "all" }, element("h2", { id: "all" }, "See all your orders"), place);
}

function asking({ name, title, fields, path, intro, done, next }) {
  const place = element("div");
  const sent = element("h2", { tabindex: "-1" }, "Look into your mail");
  const send = async (values) => {
    await ask(path, values);
    place.replaceChildren(sent, message("good", done),
      ...(next ? [element("p", {}, "The link does not open? ", link("Enter the code from the letter", next))] : []));
    sent.focus();
  };
  place.append(element("p", {}, intro), form({ fields, action: "Send me the letter", send }));
  return { name, title, content: [heading(title), place] };
}
