// Where a person writes: messages, files, and commands that begin with a slash.

import { act, complain, post } from "./actions.js";
import { prepareCompletion } from "./completion.js";
import { keepDraft } from "./drafts.js";
import { chooser, encoded } from "./files.js";
import { state, view } from "./state.js";
import { strings } from "./strings.js";

/** Prepare one of the two composers. `threadOf()` is the thread that it writes to; `sent` is told of each post. */
export function prepareComposer(form, { around, threadOf, sent }) {
  const area = form.querySelector("textarea");
  const trouble = form.querySelector(".trouble");
  const files = chooser(form, area, around, trouble);
  const fit = () => {
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, innerHeight * 0.4)}px`;
  };
  area.addEventListener("input", () => {
    fit();
    keepDraft(threadOf(), area.value);
  });
  prepareCompletion(form, area, threadOf);
  area.addEventListener("keydown", (event) => {
    // While an input method composes, Enter chooses a candidate; 229 is how some browsers say so.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = area.value;
    const command = commandIn(text);
    if (!text.trim() && !files.any) return;
    if (command !== null && threadOf()) {
      trouble.textContent = strings.noCommandInThread(state.command);
      trouble.hidden = false;
      return;
    }
    trouble.hidden = true;
    const thread = threadOf();
    write("");
    const taken = command === null ? files.take() : [];
    const done = command === null
      ? await send(form, { text, thread, files: taken, sent })
      : await act("slash", { channel: view.channel, text: command });
    if (done) return;
    if (!area.value && threadOf() === thread) write(text);
    files.giveBack(taken);
  });
  function write(text) {
    area.value = text;
    area.dispatchEvent(new Event("input"));
  }
  const insert = (text, from, to) => {
    area.setRangeText(text, from, to, "end");
    area.focus();
    area.dispatchEvent(new Event("input"));
  };
  form.querySelector(".mention").addEventListener("click", () => {
    const gap = area.selectionStart && !/\s$/.test(area.value.slice(0, area.selectionStart)) ? " " : "";
    insert(`${gap}@bot `, area.selectionStart, area.selectionEnd);
  });
  form.querySelector(".command")?.addEventListener("click", () => {
    if (commandIn(area.value) === null) insert(`${state.command} `, 0, 0);
    else area.focus();
  });
}

/** What follows the command with which a text begins; null where it begins with none. */
function commandIn(text) {
  const [, first, rest] = /^\s*(\S*)\s*([\s\S]*)$/.exec(text);
  return state.command && first.toLowerCase() === state.command ? rest.trim() : null;
}

/** Send a message. Where that fails, the composer says why. */
export async function send(form, { text, thread, files = [], sent }) {
  const trouble = form.querySelector(".trouble");
  trouble.hidden = true;
  try {
    const message = { person: view.person, channel: view.channel, thread, text };
    if (files.length) message.files = await encoded(files);
    sent(await post("/playground/posts", message));
    return true;
  } catch (error) {
    complain(trouble, error, strings.notSent);
    return false;
  }
}
