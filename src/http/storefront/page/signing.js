// Signing in, and opening an account; whatever lies in the guest's cart comes along.

import * as basket from "./basket.js";
import { element, heading, link, say } from "./dom.js";
import { EMAIL, form, newPassword } from "./form.js";
import * as login from "./login.js";

const PASSWORD = { name: "password", label: "Password", type: "password", autocomplete: "current-password" };
const NAME = { name: "name", label: "Name", autocomplete: "name" };
const PHONE = { name: "phone", label: "Phone", type: "tel", autocomplete: "tel", optional: true, hint: "With the country's number, such as +91 98000 00000" };

let expected = ""; // Who has just chosen a password.

// The next form to sign in knows the e-mail already.
export function expect(email) {
  expected = email;
}

export async function signIn() {
  if (login.current() !== null) return { instead: "#/account" };
  const typed = { email: expected };
  expected = "";
  return {
    name: "login", title: "Sign in",
    content: [
      heading("Sign in"),
      form({ fields: [EMAIL, PASSWORD], typed, action: "Sign in", send: ({ email, password }) => enter(email, password) }),
      element("p", {}, link("Forgotten your password?", "#/forgotten")),
      element("p", {}, "No account yet? ", link("Open an account", "#/register")),
      element("p", {}, "Bought as a guest? ", link("Find my order", "#/find"), " or ", link("see all your orders", "#/keep")),
    ],
  };
}

export async function open() {
  if (login.current() !== null) return { instead: "#/account" };
  const send = async ({ email, password, name, phone }) => {
    await login.register({ email, password, name, phone });
    await enter(email, password);
  };
  const taken = () => ["This e-mail has an account already. ", link("Sign in", "#/login"), " or ", link("choose a new password", "#/forgotten"), "."];
  return {
    name: "login", title: "Open an account",
    content: [
      heading("Open an account"),
      form({
        fields: [NAME, EMAIL, PHONE, newPassword("password", "Password")],
        action: "Open the account", send, says: { "email-taken": taken },
      }),
      element("p", {}, "You have one? ", link("Sign in", "#/login")),
    ],
  };
}

async function enter(email, password) {
  const cart_id = await login.signIn(email, password);
  if (cart_id === null) basket.expectNone();
  const cart = await basket.look().catch(() => null);
  say(`You are signed in as ${login.current()?.name ?? email}.`);
  location.hash = cart?.items.length > 0 ? "#/cart" : "#/orders";
}

