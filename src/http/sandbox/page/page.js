"use strict";
// The payment window without reloads: every form is sent in the background, and the screen
// that comes back takes the place of the old one. In a frame it tells the shop's page, and
// only that page, what happened. Without this script the same forms work by themselves.

const shop = document.body.dataset.shop;
const state = document.querySelector("[role=status]");
const close = document.querySelector(".close");
const FOCUSABLE = "a[href], button, input, select, summary";
const SECOND_MS = 1000;

const tell = (event, detail) => {
  if (shop && window.parent !== window) window.parent.postMessage({ khata: event, detail }, shop);
};
const screen = () => document.querySelector("main");

// Says what a screen means: to the shop's page, to who listens, and to who types.
const settle = () => {
  const main = screen();
  const heading = main.querySelector("h1");
  const wrong = main.querySelector("[aria-invalid=true]");
  const said = main.querySelector(".sign ~ .centred")?.textContent ?? "";
  state.textContent = main.querySelector(".wrong")?.textContent ?? `${heading.textContent}. ${said}`;
  (wrong ?? heading).focus();
  if (main.dataset.event) tell(main.dataset.event, main.dataset.detail && JSON.parse(main.dataset.detail));
  if (!shop) main.querySelector("form[data-returns]")?.submit();
};

const send = async (form, button) => {
  const main = screen();
  if (main.ariaBusy === "true") return;
  main.ariaBusy = "true";
  state.textContent = "One moment…";
  try {
    const body = new URLSearchParams(new FormData(form, button));
    const answer = await fetch(form.action, { method: "POST", body });
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    const arrived = next.querySelector("main");
    if (!arrived) throw new Error(`${answer.status} and no screen`);
    document.title = next.title;
    main.replaceWith(arrived);
    window.scrollTo(0, 0);
    settle();
  } catch (error) {
    main.ariaBusy = "false";
    state.textContent = "The sandbox does not answer. Is it running?";
    console.warn(error);
  }
};

document.addEventListener("submit", (event) => {
  if ("returns" in event.target.dataset) return;
  event.preventDefault();
  send(event.target, event.submitter);
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-leaves], .close")) tell("dismiss", "button");
});

// In a frame Tab goes round within the window: behind it, the shop's page is out of reach.
const goRound = (event) => {
  const all = [...document.querySelectorAll(FOCUSABLE)].filter(
    (each) => !each.disabled && each.type !== "hidden" && each.checkVisibility({ visibilityProperty: true }),
  );
  const [first, last] = event.shiftKey ? [all.at(-1), all[0]] : [all[0], all.at(-1)];
  const isBeforeAll = event.shiftKey && document.activeElement.tabIndex < 0;
  if (document.activeElement !== last && !isBeforeAll) return;
  event.preventDefault();
  first.focus();
};

const countDown = (seconds) => {
  const clock = document.querySelector(".clock");
  const end = Date.now() + seconds * SECOND_MS;
  const show = () => {
    const left = Math.max(0, Math.round((end - Date.now()) / SECOND_MS));
    clock.textContent = `Closes in ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  };
  clock.hidden = false;
  show();
  setInterval(show, SECOND_MS);
};

if (shop && window.parent !== window) {
  document.body.classList.add("framed");
  close.hidden = false;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") tell("dismiss", "escape");
    if (event.key === "Tab") goRound(event);
  });
  // The shop's page shows the frame only once it is ready, and then gives it the focus.
  window.addEventListener("focus", () => {
    if (document.activeElement === document.body) screen().querySelector("h1").focus();
  });
  if (Number(document.body.dataset.seconds) > 0) countDown(Number(document.body.dataset.seconds));
  tell("ready");
}
settle();
