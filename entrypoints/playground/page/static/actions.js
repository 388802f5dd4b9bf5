// What a person can do besides writing: press a button, choose a shortcut, stop the bot, open a tab.

import { changesOf } from "./changes.js";
import { $, glyph, make } from "./dom.js";
import { state, view } from "./state.js";
import { strings } from "./strings.js";

/** Tell the server of it. Where that fails, the reader is told, unless it was nothing that they asked for. */
export async function act(kind, details, quietly = false) {
  $("refused").hidden = true;
  try {
    await post("/playground/actions", { kind, person: view.person, ...details });
    return true;
  } catch (error) {
    if (!quietly) complain($("refused"), error, strings.notDone);
    return false;
  }
}

/** Post JSON and return the answer, or throw an error whose message is the server's code for it. */
export async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

export function complain(box, error, otherwise) {
  box.textContent = strings.troubles[error.message] ?? otherwise;
  box.hidden = false;
}

// --- buttons in blocks -----------------------------------------------------------------------------

/** Which thumb each person pressed. The server does not tell, as Slack does not tell the bot's readers. */
const chosen = new Map();
const choice = (ts, action) => `${view.person}/${view.channel}/${ts}/${action}`;

/** What `renderBlocks` needs for the blocks of a post, or of a Home tab: that has neither channel nor ts. */
export function pressing(channel, ts) {
  return {
    pressed: (action) => chosen.get(choice(ts, action)),
    press: async (element, value, node) => {
      if (element.confirm && !(await confirmed(element.confirm))) return;
      node.disabled = true;
      const done = await act("click", { channel, ts, action_id: element.action_id ?? "", value });
      node.disabled = false;
      node.focus({ preventScroll: true }); // a disabled button has lost it
      if (!done || element.type !== "feedback_buttons") return;
      chosen.set(choice(ts, element.action_id), value);
      for (const each of node.parentElement.children) each.setAttribute("aria-pressed", String(each === node));
    },
  };
}

export function confirmed({ title, text, confirm, deny, style }) {
  return asked(title?.text ?? "", make("p", {}, text?.text ?? ""), confirm, deny, style);
}

/** The same with something to fill in; `save` is what the button says that takes it. */
export const answered = (title, field, save) => asked(title, field, { text: save });

function asked(title, content, confirm, deny, style) {
  const dialog = $("confirm");
  const answers = [
    ["", deny, "block-button"],
    ["yes", confirm, `block-button ${style === "danger" ? "danger" : "primary"}`],
  ].map(([value, label, className]) => {
    const button = make("button", { type: "button", className }, label?.text ?? (value ? strings.yes : strings.no));
    button.addEventListener("click", () => dialog.close(value));
    return button;
  });
  dialog.replaceChildren(
    make("h2", {}, title),
    content,
    make("div", { className: "block-actions" }, ...answers),
  );
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true })
  );
}

// --- the shortcuts of a message --------------------------------------------------------------------

/** The button that opens a post's menu, or nothing where there is nothing to choose. */
export function menuButton(post, label) {
  if (!entriesOf(post).length) return null;
  const button = make("button", {
    type: "button",
    className: "quiet act more",
    "aria-haspopup": "menu",
    "aria-expanded": "false",
    "aria-label": label,
    title: strings.more,
  }, glyph("dots"));
  button.addEventListener("click", () => openMenu(button, post));
  return button;
}

let opener = null;

function openMenu(button, post) {
  const menu = $("menu");
  const items = entriesOf(post).map(({ name, choose }) => {
    const item = make("button", { type: "button", role: "menuitem", tabIndex: -1 }, name);
    item.addEventListener("click", () => {
      menu.hidePopover();
      choose();
    });
    return item;
  });
  menu.replaceChildren(...items);
  menu.showPopover();
  button.setAttribute("aria-expanded", "true");
  opener = button;
  const at = button.getBoundingClientRect();
  const below = at.bottom + menu.offsetHeight + 8 < innerHeight;
  menu.style.top = `${below ? at.bottom + 4 : at.top - menu.offsetHeight - 4}px`;
  menu.style.left = `${Math.max(8, at.right - menu.offsetWidth)}px`;
  items[0].focus();
}

/** The app's shortcuts, and what the person may make of the post. */
function entriesOf(post) {
  const shortcuts = state.shortcuts.map((shortcut) => ({
    name: shortcut.name,
    choose: async () => {
      if (shortcut.callback_id === "reset" && !(await confirmed(forgetting(shortcut.name)))) return;
      act("shortcut", { channel: post.channel, ts: post.ts, name: shortcut.callback_id });
    },
  }));
  return [...shortcuts, ...changesOf(post)];
}

/** What the page asks before a shortcut has the bot forget. Slack asks nothing before a shortcut. */
const forgetting = (name) => ({
  title: { text: name },
  text: { text: strings.forgetting },
  confirm: { text: name },
  style: "danger",
});

export function prepareMenu() {
  $("menu").addEventListener(
    "toggle",
    ({ newState }) => newState === "closed" && opener?.setAttribute("aria-expanded", "false"),
  );
  $("menu").addEventListener("keydown", (event) => {
    const items = [...$("menu").children];
    const now = items.indexOf(document.activeElement);
    const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: items.length - 1 }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      items.at(next % items.length).focus();
    } else if (event.key === "Tab") $("menu").hidePopover();
  });
}

/** Is something open that Escape closes by itself? */
export const isOverlaid = () => $("menu").matches(":popover-open") || $("confirm").open || $("modal").open;
