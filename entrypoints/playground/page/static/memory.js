// The memory panel: what the bot remembers of the conversation that the reader looks at.

import { $, make, number, seconds } from "./dom.js";
import { changes, noteList } from "./notes.js";
import { isDirect, scopeOf, view } from "./state.js";
import { strings } from "./strings.js";
import { usageList } from "./usage.js";

let memoryAsked = 0;
let memoryTimer = 0;

export function refreshMemory() {
  clearTimeout(memoryTimer);
  memoryTimer = setTimeout(loadMemory, 30); // several turns' news make one request
}

async function loadMemory() {
  const asked = ++memoryAsked;
  const where = new URLSearchParams({ channel: view.channel, thread: view.thread });
  let memory = { failed: true };
  try {
    const response = await fetch(`/playground/memory?${where}`);
    if (response.ok) memory = await response.json();
  } catch {
    // The reader is told in the panel.
  }
  if (asked === memoryAsked) showMemory(memory);
}

function showMemory(memory) {
  const body = $("memory-body");
  $("memory-of").textContent = memory.conversation
    ? (view.thread && scopeOf(view.channel) === "thread"
      ? strings.ofThread
      : isDirect()
      ? strings.ofDirect
      : strings.ofChannel)
    : "";
  if (memory.failed) return body.replaceChildren(make("p", { className: "none" }, strings.memoryError));
  if (!memory.conversation) return body.replaceChildren(make("p", { className: "none" }, strings.memoryClosed));
  const { limits } = memory;
  const open = new Set([...body.querySelectorAll("details[open]")].map((each) => each.textContent));
  const condensations = memory.history.filter((each) => each.kind === "condensed" || each.kind === "condensing_failed");
  body.replaceChildren(
    section(
      strings.summary,
      gauge(strings.summaryGauge, memory.notes_tokens, limits.summary, [[
        limits.summary,
        strings.summaryMark(number.format(limits.summary)),
        "limit",
      ]]),
      memory.notes.length ? noteList(memory.notes) : none(strings.noSummary),
    ),
    section(
      strings.condensations,
      condensations.length
        ? make("ol", { className: "condensations" }, ...condensations.map(condensationItem).reverse())
        : none(strings.noCondensations),
    ),
    section(
      strings.buffer,
      gauge(strings.bufferGauge, memory.buffer_tokens, limits.buffer, [
        [limits.keep, strings.keepMark(number.format(limits.keep)), "keep"],
        [limits.buffer, strings.limitMark(number.format(limits.buffer)), "limit"],
      ]),
      memory.buffer.length
        ? make("ol", { className: "buffer" }, ...memory.buffer.map(bufferItem))
        : none(memory.version && memory.notes.length ? strings.noBuffer : strings.memoryEmpty),
    ),
    section(strings.used, usageList(memory.used)),
    ...(memory.history.length ? [section(strings.turns, turns(memory.history))] : []),
  );
  for (const each of body.querySelectorAll("details")) each.open = open.has(each.textContent);
}

const none = (text) => make("p", { className: "none" }, text);
const section = (title, ...content) => make("section", {}, make("h3", {}, title), ...content);

function gauge(label, value, most, marks) {
  const scale = Math.max(most * 1.12, value);
  const bar = make("span", { className: "bar" });
  bar.style.width = `${(100 * value) / scale}%`;
  const track = make("div", { className: `track${value > most ? " over" : ""}` }, bar);
  for (const [at, text, kind] of marks) {
    const tick = make("span", { className: `tick ${kind}`, title: text });
    tick.style.left = `${(100 * at) / scale}%`;
    track.append(tick);
  }
  const meter = make("div", {
    className: "gauge",
    role: "meter",
    "aria-label": label,
    "aria-valuemin": "0",
    "aria-valuemax": String(most),
    "aria-valuenow": String(Math.min(value, most)),
    "aria-valuetext": strings.gauge(number.format(value), number.format(most)),
  });
  meter.append(
    make(
      "p",
      { className: "amount" },
      make("b", {}, number.format(value)),
      ` / ${strings.tokens(number.format(most))}`,
    ),
    track,
  );
  return make(
    "div",
    {},
    meter,
    make("p", { className: "legend" }, ...marks.map(([, text, kind]) => make("span", { className: kind }, text))),
  );
}

function bufferItem(message) {
  const who = message.speaker === "bot" ? strings.bot : message.name || strings.person;
  const long = message.text.length > 120 || message.text.split("\n").length > 4;
  const text = long
    ? make("details", {}, make("summary", {}, make("span", {}, message.text)))
    : make("p", {}, message.text);
  return make(
    "li",
    { className: `by-${message.speaker}` },
    make(
      "div",
      { className: "line" },
      make("b", {}, who),
      make("span", { className: "count" }, strings.tokens(number.format(message.tokens))),
    ),
    text,
  );
}

const at = (entry) =>
  make("time", { dateTime: new Date(entry.at * 1000).toISOString() }, seconds.format(new Date(entry.at * 1000)));

function condensationItem(entry) {
  if (entry.kind === "condensing_failed") {
    return make("li", { className: "failed" }, at(entry), make("p", {}, strings.condensingFailed(entry.error)));
  }
  const item = make(
    "li",
    {},
    at(entry),
    make("p", {}, strings.condensed(entry.messages, number.format(entry.folded), number.format(entry.summary))),
  );
  item.append(changes(entry));
  if (entry.kept !== null) {
    item.append(
      make(
        "p",
        { className: "went" },
        strings.bufferWent(number.format(entry.kept + entry.folded), number.format(entry.kept)),
      ),
    );
  }
  if (entry.trimmed) item.append(make("p", { className: "went" }, strings.trimmed));
  return item;
}

function turns(history) {
  const head = [strings.time, strings.sent, strings.received, strings.cached].map((text) =>
    make("th", { scope: "col" }, text)
  );
  const rows = history.map((entry) => {
    const row = make("tr", { className: entry.kind }, make("th", { scope: "row" }, at(entry)));
    if (entry.kind === "condensed") row.firstChild.append(make("small", {}, strings.summary));
    if (entry.stopped) row.firstChild.append(make("small", {}, strings.stopped));
    if (entry.cut) row.firstChild.append(make("small", {}, strings.cut));
    if (entry.stopped && !entry.sent) {
      row.append(make("td", { colSpan: 3 }, strings.unknownTokens)); // the model counts at the end only
    } else if (entry.kind === "answered" || entry.kind === "condensed") {
      const share = entry.sent ? ` (${Math.round((100 * entry.cached) / entry.sent)}%)` : "";
      row.append(
        make("td", {}, number.format(entry.sent)),
        make("td", {}, number.format(entry.received)),
        make("td", {}, number.format(entry.cached) + share),
      );
    } else {
      const what = {
        finished: () => strings.finished,
        obeyed: () => strings.obeyed(entry.command),
        settings: () => strings.settingsChanged,
        edited: () => strings.postEdited,
        deleted: () => strings.postDeleted,
        redacted: () => strings.redacted(entry.notes, entry.changed),
        failed: () => strings.failed(entry.error, entry.reference),
        condensing_failed: () => strings.condensingFailed(entry.error),
      };
      row.append(make("td", { colSpan: 3 }, what[entry.kind]?.() ?? entry.kind));
    }
    return row;
  });
  return make(
    "div",
    { className: "table", tabIndex: 0 },
    make(
      "table",
      { className: "turns" },
      make("thead", {}, make("tr", {}, ...head)),
      make("tbody", {}, ...rows.reverse()),
    ),
  );
}
