// Writes money and times. Money is whole minor units, and never becomes a fraction on the way.

const LOCALE = "en-IN";

export function money({ amount, currency }) {
  const format = new Intl.NumberFormat(LOCALE, { style: "currency", currency });
  return format.format(decimal(amount, format.resolvedOptions().maximumFractionDigits));
}

// 149900 with two digits after the point is "1499.00": a text, for a text has no rounding.
export function decimal(amount, digits) {
  const text = String(Math.abs(amount)).padStart(digits + 1, "0");
  const whole = text.slice(0, text.length - digits);
  const sign = amount < 0 ? "-" : "";
  return digits === 0 ? `${sign}${whole}` : `${sign}${whole}.${text.slice(-digits)}`;
}

export function plus(one, other) {
  return { amount: one.amount + other.amount, currency: one.currency };
}

export function moment(text) {
  return new Date(text).toLocaleString(LOCALE, { dateStyle: "medium", timeStyle: "short" });
}

export function clock(text) {
  return new Date(text).toLocaleTimeString(LOCALE, { timeStyle: "medium" });
}

// Seconds as 29:05.
export function countdown(seconds) {
  const left = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}
