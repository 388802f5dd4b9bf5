// What only the direct messages with the bot have: the tabs Home and Messages, and suggested prompts.

import { act, pressing } from "./actions.js";
import { renderBlocks } from "./blocks.js";
import { $, make } from "./dom.js";
import { isDirect, state, view } from "./state.js";
import { strings } from "./strings.js";

const TABS = ["home", "messages"];

/** Show the tab that the reader looks at, and with it what belongs to it. */
export function showTab() {
  const home = isDirect() && view.tab === "home";
  $("tabs").hidden = !isDirect();
  for (const name of TABS) {
    const current = name === view.tab;
    $(`tab-${name}`).setAttribute("aria-selected", String(current));
    $(`tab-${name}`).tabIndex = current ? 0 : -1;
  }
  for (const id of ["posts", "composer"]) $(id).hidden = home;
  $("home").hidden = !home;
  showHome();
  showPrompts();
}

export function showHome() {
  if ($("home").hidden) return $("home").replaceChildren();
  const blocks = state.homes[view.person] ?? [];
  const focused = [...$("home").querySelectorAll("button")].indexOf(document.activeElement);
  $("home").replaceChildren(
    blocks.length
      ? make("div", { className: "home-body" }, renderBlocks(blocks, pressing("", "")))
      : make("p", { className: "none" }, strings.noHome),
  );
  $("home").querySelectorAll("button")[focused]?.focus(); // where it was before the tab was published anew
}

/** A click on a prompt says it, as the page's `say` does. */
let say = () => {};

export function showPrompts() {
  const { title = "", prompts = [] } = (isDirect() && view.tab === "messages" && state.prompts[view.channel]) || {};
  $("prompts").hidden = !prompts.length;
  $("prompts").replaceChildren(
    make("p", {}, title || strings.prompts),
    make(
      "div",
      { className: "suggestions", role: "group", "aria-label": title || strings.prompts },
      ...prompts.map((prompt) => {
        const button = make("button", { type: "button", className: "example", title: prompt.message }, prompt.title);
        button.addEventListener("click", () => say(prompt.message));
        return button;
      }),
    ),
  );
}

/** Slack tells the bot which tab a person opens; nobody but the bot needs to know. */
export function tellOpened() {
  if (isDirect()) act("open", { tab: view.tab }, true);
}

export function prepareDirect(sayPrompt, leaveThread) {
  say = sayPrompt;
  for (const name of TABS) {
    $(`tab-${name}`).addEventListener("click", () => {
      if (view.tab === name) return;
      view.tab = name;
      leaveThread(); // it belongs to the messages
      showTab();
      tellOpened();
    });
  }
  $("tabs").addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = $(`tab-${TABS.find((name) => name !== view.tab)}`);
    other.focus();
    other.click();
  });
}
