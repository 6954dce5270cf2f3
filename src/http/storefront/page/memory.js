// What this browser remembers: the cart and its secret, orders bought here, who signed in, and wishes not yet answered.

const KEPT = "khata.shop.1";
const TYPED = "khata.typed.1";
const PASSES = "khata.passes.1";
export const LOGIN = "khata.login.1";
const ORDERS_MAX = 50;
const KEY_BYTES = 16;

const without = new Map(); // Stands in for a storage that is full or forbidden, until the page is closed.

function read(storage, name) {
  if (without.has(name)) return without.get(name);
  try {
    return JSON.parse(storage().getItem(name)) ?? {};
  } catch {
    return {};
  }
}

function write(storage, name, value) {
  try {
    storage().setItem(name, JSON.stringify(value));
    without.delete(name);
  } catch {
    without.set(name, value);
  }
}

const lasting = () => window.localStorage;
const passing = () => window.sessionStorage; // Names and addresses go when the tab goes.
const kept = () => read(lasting, KEPT);
const keep = (changes) => write(lasting, KEPT, { ...kept(), ...changes });

export function cart() {
  return kept().cart ?? null;
}

// An account's cart has no secret of its own.
export function keepCart(cart_id, secret = null) {
  if (cart()?.cart_id !== cart_id || cart().secret !== secret) keep({ cart: { cart_id, secret } });
}

export function keepSession(checkout_session_id) {
  keep({ cart: { ...cart(), checkout_session_id } });
}

export function forgetCart(cart_id) {
  if (cart()?.cart_id === cart_id) keep({ cart: null });
}

export function orders() {
  return kept().orders ?? [];
}

export function order(order_id) {
  return orders().find((each) => each.order_id === order_id) ?? null;
}

export function keepOrder(order) {
  const others = orders().filter((each) => each.order_id !== order.order_id);
  const before = orders().find((each) => each.order_id === order.order_id);
  keep({ orders: [{ ...before, ...order }, ...others].slice(0, ORDERS_MAX) });
}

export function forgetOrder(order_id) {
  keep({ orders: orders().filter((each) => each.order_id !== order_id) });
}

// Tokens, and whose they are. They are kept beside the cart, whose secret is worth as much, and not in each tab:
// a refresh token is good for once, so all tabs must share the newest. A script of ours or of the payment window
// could use them wherever they lay; no other script may run here, and the API has no cookies that a page could misuse.
export function login() {
  const found = read(lasting, LOGIN);
  return found.refresh_token ? found : null;
}

export function keepLogin(found) {
  write(lasting, LOGIN, found);
}

export function forgetLogin() {
  write(lasting, LOGIN, {});
}

// A pass opens one order for a day; the tab that a letter opened remembers it.
export function pass(order_id) {
  return read(passing, PASSES)[order_id] ?? null;
}

export function keepPass(order_id, given) {
  write(passing, PASSES, { ...read(passing, PASSES), [order_id]: given });
}

// The Idempotency-Key of an intention: the same one as long as it asks for the same and has no answer.
export function wishKey(name, body) {
  const wishes = kept().wishes ?? {};
  const text = fingerprint(name, body);
  if (wishes[name]?.text === text) return wishes[name].key;
  const key = random();
  keep({ wishes: { ...wishes, [name]: { text, key } } });
  return key;
}

export function forgetWish(name) {
  const { [name]: _answered, ...others } = kept().wishes ?? {};
  keep({ wishes: others });
}

export function typed() {
  return read(passing, TYPED);
}

export function keepTyped(values) {
  write(passing, TYPED, values);
}

// Names nobody: what is kept beyond the tab is a sum of what was asked for, not the address itself.
function fingerprint(name, body) {
  let sum = 5381n;
  for (const character of JSON.stringify([name, body])) {
    sum = (sum * 33n + BigInt(character.codePointAt(0))) % 2n ** 61n;
  }
  return sum.toString(36);
}

function random() {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
