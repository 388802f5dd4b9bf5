// The side: rooms, people, who answers, and the page's language.

import { $, make } from "./dom.js";
import { avatar } from "./posts.js";
import { isDirect, isGroup, isOpen, state, view } from "./state.js";
import { browser } from "./store.js";
import { language, strings } from "./strings.js";

/** `openRoom` and `become` are what a click on a room and on a person does. */
export function showSide({ openRoom, become }) {
  const item = (each, mark) => {
    const current = each.id === view.channel;
    const name = make("span", { className: "room-name" }, each.name);
    const button = make(
      "button",
      { type: "button", className: "room" },
      make("span", { className: "mark", "aria-hidden": "true" }, mark),
      name,
    );
    button.dataset.room = each.id;
    if (current) button.setAttribute("aria-current", "page");
    button.addEventListener("click", () => openRoom(each.id));
    return make("li", {}, button);
  };
  const rooms = state.channels.filter((each) => !isDirect(each) && !isGroup(each));
  const groups = state.channels.filter((each) => isGroup(each) && isOpen(each));
  const direct = state.channels.filter((each) => isDirect(each) && isOpen(each));
  $("channels").replaceChildren(...rooms.map((each) => item(each, "#")));
  $("direct").replaceChildren(...direct.map((each) => item(each, "●")), ...groups.map((each) => item(each, "●●")));
  $("people").replaceChildren(...state.people.map((each) => person(each, become)));
  $("model").textContent = state.model ? strings.model(state.model) : strings.offlineModel;
  $("offline").hidden = Boolean(state.model);
  $("offline").textContent = strings.offline;
  $("bot-language").hidden = state.language === language;
  $("bot-language").textContent = strings.botLanguage(state.language);
}

function person({ id, name }, become) {
  const input = make("input", { type: "radio", name: "person", value: id, checked: id === view.person });
  input.addEventListener("change", () => become(id));
  return make("label", { className: "person" }, input, avatar(id, name), make("span", {}, name));
}

/** The page's own words change with a click. What the bot says is for its settings to choose, as in a real Slack. */
export function prepareLanguages() {
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
    button.addEventListener("click", () => {
      browser.set("language", button.dataset.language);
      location.reload();
    });
  }
}
