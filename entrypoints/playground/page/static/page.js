// The page: a channel, its threads, and what the bot remembers of them.
//
// Here everything begins: what the server tells is handed to those who show it, and the buttons of
// the frame do what they say.

import { isOverlaid, prepareMenu } from "./actions.js";
import { record } from "./address.js";
import { prepareComposer } from "./composer.js";
import { prepareDirect, showHome, showPrompts } from "./direct.js";
import { $ } from "./dom.js";
import { refreshMemory } from "./memory.js";
import { prepareModal, showModal } from "./modal.js";
import { dismiss, place } from "./news.js";
import { closeMemory, isSheet, prepareMemoryPanel } from "./panel.js";
import { closeThread, goWhereTheAddressSays, leaveThread, openSheet, openThread, say, sent } from "./places.js";
import { forgetStop, showProgress } from "./progress.js";
import { invitation, showAll, showThreadTitle } from "./rooms.js";
import { prepareLanguages } from "./side.js";
import { adopt, key, placeOf, state, view } from "./state.js";
import { tab } from "./store.js";
import { follow } from "./stream.js";
import { language, strings } from "./strings.js";
import { prepareLatest } from "./timeline.js";
import { beginReading, showUnread } from "./unread.js";

/** Slack takes a status away by itself after so long. */
const STATUS_MS = 120_000;

async function load() {
  adopt(await (await fetch("/playground/state")).json());
  state.statuses.forEach(expire);
  if (view.channel) return showAll();
  beginReading();
  const before = tab.get("person");
  view.person = state.people.some(({ id }) => id === before) ? before : state.people[0].id;
  goWhereTheAddressSays();
  record(true);
  if (!view.thread && view.tab === "messages") $("composer-text").focus({ preventScroll: true });
}

/** What to do about each kind of news, and what it is about: of that, only the latest counts. */
const NEWS = {
  memory: [() => "", refreshMemory],
  post: [key, place],
  session: [
    placeOf,
    (session) => {
      state.sessions.set(placeOf(session), session);
      forgetStop(session); // what was stopped has ended, even if the next question has begun
      showProgress();
      if (view.thread) showThreadTitle();
    },
  ],
  status: [
    placeOf,
    (status) => {
      state.statuses.set(placeOf(status), status);
      showProgress();
      expire(status);
    },
  ],
  prompts: [
    (prompts) => prompts.channel,
    (prompts) => {
      state.prompts[prompts.channel] = prompts;
      if (prompts.channel !== view.channel) return;
      $("posts").querySelector(".invitation")?.replaceWith(invitation());
      showPrompts();
    },
  ],
  scopes: [
    () => "",
    (scopes) => {
      state.scopes = scopes;
      showAll();
    },
  ],
  modal: [
    (modal) => modal.user,
    (modal) => {
      if (modal.view) state.modals[modal.user] = modal.view;
      else delete state.modals[modal.user];
      showModal();
    },
  ],
  home: [
    (home) => home.user,
    (home) => {
      state.homes[home.user] = home.blocks;
      showHome();
    },
  ],
};

function expire(status) {
  setTimeout(() => {
    if (state.statuses.get(placeOf(status)) !== status) return; // there is another one by now
    state.statuses.delete(placeOf(status));
    showProgress();
  }, STATUS_MS);
}

// --- beginning -------------------------------------------------------------------------------------

document.documentElement.lang = language;
for (const node of document.querySelectorAll("[data-text]")) node.textContent = strings[node.dataset.text];
for (const node of document.querySelectorAll("[data-label]")) {
  node.setAttribute("aria-label", strings[node.dataset.label]);
  if (node.matches("button")) node.title = strings[node.dataset.label];
}
prepareComposer($("composer"), { around: $("channel"), threadOf: () => "", sent });
prepareComposer($("thread-composer"), { around: $("thread"), threadOf: () => view.thread, sent });
prepareDirect((text) => say(text, ""), leaveThread);
prepareMenu();
prepareModal();
prepareLanguages();
prepareMemoryPanel();
for (const id of ["posts", "thread-posts"]) prepareLatest($(id));
for (const name of ["dragover", "drop"]) {
  // A file dropped beside the composers must not replace the page.
  document.addEventListener(name, (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault());
}
$("posts").addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) openThread(opener.dataset.opens, true);
});
for (const id of ["posts", "thread-posts"]) {
  $(id).addEventListener("click", (event) => {
    const dismisser = event.target.closest("[data-dismisses]");
    if (dismisser) dismiss(dismisser.dataset.dismisses);
  });
}
$("close-thread").addEventListener("click", closeThread);
$("open-side").addEventListener("click", () => {
  openSheet("side");
  $("close-side").focus();
});
$("close-side").addEventListener("click", () => {
  openSheet("");
  $("open-side").focus();
});
$("channel").addEventListener("pointerdown", () => view.sheet === "side" && openSheet(""));
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address says where the reader is
  $("composer-text").focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || isOverlaid()) return;
  if (isSheet()) closeMemory();
  else if (view.sheet === "side") $("close-side").click();
  else if (view.thread) closeThread();
});
addEventListener("popstate", () => state.channels.length && goWhereTheAddressSays());
addEventListener("storage", () => state.channels.length && showUnread()); // another tab has shown something
document.addEventListener("visibilitychange", () => state.channels.length && showUnread());
follow(load, NEWS);
