// What may be meant by "@…" and "/…": a list above the text box, to be chosen from by key or click.

import { make } from "./dom.js";
import { state } from "./state.js";
import { strings } from "./strings.js";

/** Offer completions in a composer. `threadOf()` is the thread that it writes to: Slack takes no command there. */
export function prepareCompletion(form, area, threadOf) {
  const list = make("ul", { className: "completions", id: `${area.id}-completions`, role: "listbox", hidden: true });
  list.setAttribute("aria-label", strings.completions);
  form.prepend(list);
  area.setAttribute("aria-autocomplete", "list");
  area.setAttribute("aria-controls", list.id);
  let offered = [];
  let chosen = 0;
  let from = 0;

  function show(completions) {
    offered = completions;
    chosen = 0;
    list.hidden = !offered.length;
    list.replaceChildren(...offered.map(option));
    mark();
  }

  function option([text, meaning], index) {
    const node = make(
      "li",
      { role: "option", id: `${list.id}-${index}` },
      make("b", {}, text),
      make("span", {}, meaning),
    );
    node.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the text box keeps the focus
      take(index);
    });
    return node;
  }

  function mark() {
    [...list.children].forEach((node, index) => node.setAttribute("aria-selected", String(index === chosen)));
    list.children[chosen]?.scrollIntoView({ block: "nearest" });
    if (offered.length) area.setAttribute("aria-activedescendant", `${list.id}-${chosen}`);
    else area.removeAttribute("aria-activedescendant");
  }

  function take(index) {
    area.setRangeText(`${offered[index][0]} `, from, area.selectionEnd, "end");
    show([]);
    area.dispatchEvent(new Event("input"));
  }

  area.addEventListener("input", (event) => {
    if (event.isComposing || area !== document.activeElement) return show([]);
    if (/^\S/.test(area.value.slice(area.selectionStart))) return show([]); // in the middle of a word
    const before = area.value.slice(0, area.selectionStart);
    const begun = beginning(before, Boolean(threadOf()));
    from = before.length - (begun?.length ?? 0);
    show(begun === null ? [] : candidates(begun));
  });
  area.addEventListener("blur", () => show([]));
  area.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing || event.keyCode === 229) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      chosen = (chosen + steps[event.key] + offered.length) % offered.length;
      mark();
    } else if (event.key === "Enter" || event.key === "Tab") take(chosen);
    else if (event.key === "Escape") show([]);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation(); // neither is the message sent nor the thread closed
  });
}

/** What has been begun just before the cursor; null where nothing that could be completed has. */
function beginning(text, inThread) {
  const mention = /(?:^|[^A-Za-z0-9_.])(@\S*)$/.exec(text);
  if (mention) return mention[1];
  const command = /^\s*(\/\S*(?: \S*)?)$/.exec(text);
  return command && !inThread ? command[1] : null;
}

function candidates(begun) {
  const people = [state.bot, ...state.people].map((
    { id, name },
  ) => [`@${name}`, id === state.bot.id ? strings.app : ""]);
  const commands = state.command
    ? strings.commands.map(([word, meaning]) => [`${state.command}${word && ` ${word}`}`, meaning])
    : [];
  const all = begun.startsWith("@") ? people : commands;
  const fitting = all.filter(([text]) => text.toLowerCase().startsWith(begun.toLowerCase()));
  return fitting.some(([text]) => text === begun) && !begun.startsWith("@")
    ? []
    : fitting.filter(([text]) => text !== begun);
}
