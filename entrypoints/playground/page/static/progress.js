// What the bot is doing at the moment, above the composer, and the button that stops it.

import { act } from "./actions.js";
import { $, make } from "./dom.js";
import { dots } from "./posts.js";
import { placeOf, state, view } from "./state.js";
import { strings } from "./strings.js";

/** Where the reader has pressed stop and the bot has not stopped yet. */
const stopping = new Set();

export const forgetStop = (place) => stopping.delete(placeOf(place));

/** In the thread that is open; and in the channel while the reader waits for an answer in another one. */
export function showProgress() {
  fill($("thread-progress"), view.thread || null);
  fill($("progress"), view.awaited);
}

function fill(box, thread) {
  const place = { channel: view.channel, thread };
  const told = thread !== null && state.statuses.get(placeOf(place))?.text;
  const processing = thread !== null && state.sessions.get(placeOf(place))?.status === "processing";
  const ending = processing && stopping.has(placeOf(place));
  const text = ending
    ? strings.stopping(state.bot.name)
    : told
    ? said(told)
    : processing
    ? strings.working(state.bot.name)
    : "";
  const now = JSON.stringify([place, text, processing, ending]);
  if (box.dataset.shown === now) return; // else it would be read out again
  box.dataset.shown = now;
  box.classList.toggle("busy", Boolean(text));
  const focused = box.contains(document.activeElement);
  box.querySelector(".status").replaceChildren(
    ...(text ? [make("span", { className: "typing", "aria-hidden": "true" }, ...dots()), make("span", {}, text)] : []),
  );
  box.querySelector(".stop")?.remove();
  if (processing) {
    box.append(stopButton(place, ending));
    if (focused) box.querySelector(".stop").focus();
  } else if (focused) box.parentElement.querySelector("textarea").focus();
}

/** Slack puts the app's name before what it says of itself. */
const said = (text) => (text.startsWith(state.bot.name) ? text : `${state.bot.name} ${text}`);

function stopButton(place, ending) {
  const button = make(
    "button",
    { type: "button", className: "stop" },
    make("span", { className: "square", "aria-hidden": "true" }),
    strings.stop,
  );
  if (ending) button.setAttribute("aria-disabled", "true"); // it keeps the focus until the bot has stopped
  button.addEventListener("click", async () => {
    if (ending) return;
    stopping.add(placeOf(place));
    showProgress();
    if (await act("stop", place)) return;
    forgetStop(place);
    showProgress();
  });
  return button;
}
