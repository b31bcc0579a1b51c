// Keeps the first page alive, and signs in from an address's fragment. Without it every page still works.
"use strict";

// --- sign in: /login#TOKEN; the token never reaches a server in an address, nor stays in the history.
const login = document.getElementById("login");
if (login && location.hash.length > 1) {
  document.getElementById("token").value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname + location.search);
  login.submit();
}

// --- the live page
const figures = document.getElementById("figures");
if (figures && "EventSource" in window) {
  const state = document.querySelector(".live-state");
  const button = document.getElementById("pause");
  let source = null;
  let paused = false;

  // Items keep their place by data-key, so that focus and selection survive an update.
  const weave = (place, html) => {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const known = new Map();
    for (const item of place.children) known.set(item.dataset.key, item);
    const items = [];
    for (const item of [...fresh.content.children]) {
      const old = known.get(item.dataset.key);
      if (old && old.outerHTML.replace(' class="arrived"', "") === item.outerHTML) items.push(old);
      else if (old && old.contains(document.activeElement)) items.push(old);
      else {
        if (!old && place.tagName === "UL" && place.id !== "silences") item.classList.add("arrived");
        items.push(item);
      }
    }
    place.replaceChildren(...items);
  };
  const say = (name) => {
    state.className = `live-state ${name}`;
    state.lastElementChild.textContent = state.dataset[name];
  };
  const open = () => {
    if (source || paused || document.hidden) return;
    source = new EventSource(figures.dataset.live);
    source.onopen = () => say("alive");
    source.onerror = () => say("lost");
    source.onmessage = (event) => {
      for (const [name, html] of Object.entries(JSON.parse(event.data))) {
        const place = document.getElementById(name);
        if (place) weave(place, html);
      }
    };
  };
  const shut = () => {
    if (source) source.close();
    source = null;
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    paused = !paused;
    button.textContent = paused ? button.dataset.resume : button.dataset.pause;
    if (paused) shut();
    else open();
    say(paused ? "paused" : "alive");
  });
  // Nobody looks at a hidden page, so the house is not asked.
  document.addEventListener("visibilitychange", () => (document.hidden ? shut() : open()));
  addEventListener("pagehide", shut);
  open();
}
