// What the bot is doing at the moment, above the composer, and the button that stops it.

import { act } from "./actions.js";
import { $, make } from "./dom.js";
import { dots } from "./posts.js";
import { placeOf, state, view } from "./state.js";
import { strings } from "./strings.js";

/** In the thread that is open; and in the channel while the reader waits for an answer whose thread is not. */
export function showProgress() {
  fill($("thread-progress"), view.thread || null);
  fill($("progress"), view.thread ? null : view.awaited);
}

function fill(box, thread) {
  const place = { channel: view.channel, thread };
  const told = thread !== null && state.statuses.get(placeOf(place))?.text;
  const processing = thread !== null && state.sessions.get(placeOf(place))?.status === "processing";
  const text = told ? said(told) : processing ? strings.working(state.bot.name) : "";
  const now = JSON.stringify([place, text, processing]);
  if (box.dataset.shown === now) return; // else it would be read out again
  box.dataset.shown = now;
  box.classList.toggle("busy", Boolean(text));
  const focused = box.contains(document.activeElement);
  box.querySelector(".status").replaceChildren(...(text ? [make("span", { className: "typing", "aria-hidden": "true" }, ...dots()), make("span", {}, text)] : []));
  box.querySelector(".stop")?.remove();
  if (processing) box.append(stopButton(place));
  else if (focused) box.parentElement.querySelector("textarea").focus();
}

/** Slack puts the app's name before what it says of itself. */
const said = (text) => (text.startsWith(state.bot.name) ? text : `${state.bot.name} ${text}`);

function stopButton(place) {
  const button = make("button", { type: "button", className: "stop" }, make("span", { className: "square", "aria-hidden": "true" }), strings.stop);
  button.addEventListener("click", async () => {
    button.setAttribute("aria-disabled", "true"); // it keeps the focus until the bot has stopped
    if (!(await act("stop", place))) button.removeAttribute("aria-disabled");
  });
  return button;
}
