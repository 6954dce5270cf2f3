// Who has signed in: their tokens, renewed before they expire, and the cart that comes along.

import { Problem, ask, get, post, speakAs } from "./api.js";
import * as memory from "./memory.js";

const EARLY_MS = 60_000;
const LOCK = "khata.login";

let renewing = null;
let changed = () => {};
let ended = () => {};

// `changed` hears of every coming and going, `ended` when a login is over that nobody here has ended.
export function follow(hear) {
  ({ changed, ended } = hear);
  window.addEventListener("storage", (event) => {
    if (event.key === memory.LOGIN) changed(); // Another tab signed in or out.
  });
}

// Name, e-mail and phone of whoever has signed in, or null.
export function current() {
  return memory.login()?.person ?? null;
}

// The guest's cart comes along, if there is one. Returns which cart is theirs now, or null.
export async function signIn(email, password) {
  const mine = memory.cart();
  const brings = mine?.secret ? { cart_id: mine.cart_id } : {};
  const tokens = await ask("/customers/login", { email, password, ...brings }, mine?.secret);
  keep(tokens, { email, name: email, phone: null });
  if (tokens.cart_id !== null && tokens.cart_id === mine?.cart_id) memory.keepCart(tokens.cart_id);
  const person = await get("/customers/me").catch(() => null);
  if (person !== null) memory.keepLogin({ ...memory.login(), person });
  changed();
  return tokens.cart_id;
}

export function register(person) {
  return ask("/customers", person);
}

// Over here at once; where the shop cannot be reached, the tokens are gone from here all the same.
export async function signOut() {
  const { refresh_token } = memory.login() ?? {};
  leave();
  if (refresh_token) await ask("/customers/logout", { refresh_token }).catch(() => null);
}

// On all devices; raises where the shop did not hear it.
export async function signOutEverywhere() {
  await post("logout-everywhere", "/customers/logout-everywhere", {});
  leave();
}

// Lets go of everything that is the account's and not this browser's.
export function leave() {
  const cart = memory.cart();
  memory.forgetLogin();
  memory.keepTyped({});
  if (cart !== null && !cart.secret) memory.forgetCart(cart.cart_id);
  changed();
}

function keep({ access_token, refresh_token, expires_in }, person) {
  memory.keepLogin({ access_token, refresh_token, until: Date.now() + expires_in * 1000, person });
}

async function token() {
  const mine = memory.login();
  if (mine === null) return null;
  if (mine.until - Date.now() > EARLY_MS) return mine.access_token;
  await renew().catch((said) => {
    if (mine.until <= Date.now()) throw said;
  });
  return memory.login()?.access_token ?? null;
}

// One exchange at a time, in all tabs: who comes second finds the new tokens already there.
function renew() {
  const used = memory.login()?.refresh_token;
  renewing ??= alone(() => exchange(used)).finally(() => { renewing = null; });
  return renewing;
}

function alone(work) {
  return navigator.locks ? navigator.locks.request(LOCK, work) : work(); // Plain http has no locks, and the shop ten seconds' grace.
}

async function exchange(used) {
  const mine = memory.login();
  if (mine === null || mine.refresh_token !== used) return;
  try {
    const next = await ask("/customers/refresh", { refresh_token: used });
    if (memory.login()?.refresh_token === used) keep(next, mine.person); // Otherwise somebody signed out meanwhile.
  } catch (said) {
    if (!(said instanceof Problem && said.status === 401)) throw said;
    leave();
    ended();
  }
}

speakAs({ token, renew });
