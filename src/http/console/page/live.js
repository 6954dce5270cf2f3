// Keeps a page of the console up to date: facts as they come, and tables looked at again.
// Without this script the same pages are read by refreshing them.

const FACTS_KEPT = 200;
const SAID_EVERY_MS = 5000;
const UNAUTHORIZED = 401;

/** A region that says, politely and not too often, what changed. */
function speaker(place) {
  let waiting = null;
  let last = -SAID_EVERY_MS;
  const speak = () => {
    last = performance.now();
    if (place.textContent !== waiting) place.textContent = waiting;
    waiting = null;
  };
  return (words, now = false) => {
    const isDue = waiting === null;
    waiting = words;
    const rest = last + SAID_EVERY_MS - performance.now();
    if (now || rest <= 0) speak();
    else if (isDue) setTimeout(() => waiting !== null && speak(), rest);
  };
}

/** A button that stops what moves, for whoever wants to read. */
function pausing(button, changed) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const isPaused = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(isPaused));
    changed(isPaused);
  });
  return () => button.getAttribute("aria-pressed") === "true";
}

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function placed(fact, book) {
  const words = `position ${fact.position.toLocaleString("en")}`;
  if (!book) return words;
  const link = element("a", words);
  link.href = `${book}?after=${fact.position - 1}`;
  return link;
}

function shown(fact, book) {
  const item = document.createElement("li");
  const time = element("time", fact.time);
  time.dateTime = fact.at;
  const about = element("p", "", "quiet");
  about.append(time, ` · ${fact.event} · `, placed(fact, book));
  item.append(element("p", fact.text), about);
  return item;
}

function missed(count) {
  return element("li", `${count.toLocaleString("en")} facts came at once and are not shown here.`, "quiet");
}

function watchFacts(region) {
  const list = region.querySelector("[data-facts]");
  const say = speaker(region.querySelector("[data-said]"));
  let held = [];

  const show = () => {
    for (const item of held) list.prepend(item);
    held = [];
    while (list.children.length > FACTS_KEPT) list.lastElementChild.remove();
    region.querySelector("[data-nothing]")?.remove();
  };
  const isPaused = pausing(region.querySelector("[data-pause]"), (paused) => {
    if (!paused) show();
    say(paused ? "Paused." : "Live.", true);
  });

  const source = new EventSource(`${region.dataset.live}?after=${region.dataset.position}`);
  source.addEventListener("open", () => say(isPaused() ? "Paused." : "Live.", true));
  source.addEventListener("facts", (message) => {
    const news = JSON.parse(message.data);
    if (news.missed) held.push(missed(news.missed));
    held.push(...news.facts.map((fact) => shown(fact, list.dataset.book)));
    held = held.slice(-FACTS_KEPT);
    if (isPaused()) say(`Paused; ${held.length} new facts wait.`);
    else {
      say(news.facts.length === 1 ? news.facts[0].text : `${news.facts.length} new facts.`);
      show();
    }
  });
  source.addEventListener("error", () => {
    const isOver = source.readyState === EventSource.CLOSED;
    say(isOver ? "Not live: refresh to see newer facts." : "Not connected; trying again.", true);
  });
}

function lookAgain(region) {
  const say = speaker(document.querySelector("[data-say]"));
  const button = document.querySelector("[data-pause]");
  const isPaused = pausing(button, () => {});
  const every = Number(region.dataset.again) * 1000;
  let isOver = false;

  const look = async () => {
    try {
      if (!isPaused() && !document.hidden) await refresh();
    } catch {
      say("Not connected; trying again.");
    }
    if (!isOver) setTimeout(look, every);
  };
  const refresh = async () => {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (answer.status === UNAUTHORIZED) {
      isOver = true;
      say("Your session is over: refresh, and log in again.", true);
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-part]")) {
      const newer = page.querySelector(`[data-part="${part.dataset.part}"]`);
      if (newer && newer.innerHTML !== part.innerHTML) part.replaceChildren(...newer.childNodes);
    }
    const said = page.querySelector("[data-say]");
    if (said) say(said.textContent, true);
  };
  setTimeout(look, every);
}

document.querySelectorAll("[data-live]").forEach(watchFacts);
document.querySelectorAll("[data-again]").forEach(lookAgain);
