// The page: a channel, its threads, and what the bot remembers of them.
//
// `state` is what the server said, `view` what this reader looks at; everything visible follows from
// the two. Changes arrive as server-sent events; after an interruption everything is read anew.

import { render } from "./markdown.js";
import { language, strings } from "./strings.js";

const $ = (id) => document.getElementById(id);
const WIDE = matchMedia("(min-width: 760px)");
const state = { bot: {}, model: "", scope: "thread", people: [], channels: [], posts: new Map() };
const view = { person: "", channel: "", thread: "", sheet: "", awaited: "" };
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const seconds = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const number = new Intl.NumberFormat(language);

// --- what there is -------------------------------------------------------------------------------

const key = (post) => `${post.channel}/${post.ts}`;
const channel = () => state.channels.find((each) => each.id === view.channel) ?? state.channels[0];
const isDirect = () => Boolean(channel()?.owner);
const topLevel = () => sorted((post) => post.channel === view.channel && !post.thread);
const repliesTo = (ts) => sorted((post) => post.channel === view.channel && post.thread === ts);

function sorted(wanted) {
  return [...state.posts.values()].filter(wanted).sort((a, b) => (a.ts < b.ts ? -1 : 1));
}

function nameOf(user) {
  if (user === state.bot.id) return state.bot.name;
  return state.people.find((person) => person.id === user)?.name ?? user;
}

const speaker = (post) => post.username || nameOf(post.user);
const isEmpty = (post) => !post.text.trim() || (post.user === state.bot.id && post.text === "…");

// --- building ------------------------------------------------------------------------------------

/** An element with properties and children; a child that is a string is text. */
function make(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [property, value] of Object.entries(properties)) {
    if (property.includes("-") || property === "role") node.setAttribute(property, value);
    else node[property] = value;
  }
  node.append(...children);
  return node;
}

function avatar(user, name) {
  const index = state.people.findIndex((person) => person.id === user);
  const kind = index < 0 ? "of-bot" : `of-${index + 1}`;
  return make("span", { className: `avatar ${kind}`, "aria-hidden": "true" }, index < 0 ? "" : [...name][0]);
}

function postNode(post, inThread) {
  const node = make("article", { className: "post" });
  node.dataset.ts = post.ts;
  const head = make("header", {}, make("strong", { className: "name" }, speaker(post)));
  if (post.user === state.bot.id) head.append(make("span", { className: "badge" }, strings.app));
  const when = new Date(Number(post.ts) * 1000);
  head.append(make("time", { dateTime: when.toISOString(), title: when.toLocaleString(language) }, clock.format(when)));
  node.append(avatar(post.user, nameOf(post.user)), make("div", { className: "said" }, head, make("div", { className: "text" })));
  if (!inThread) {
    const act = make("button", { type: "button", className: "quiet act", "aria-label": `${strings.replyInThread}: ${speaker(post)}` }, strings.replyInThread);
    act.addEventListener("click", () => openThread(post.ts, true));
    node.append(act);
  }
  fillPost(node, post);
  return node;
}

function fillPost(node, post) {
  const text = node.querySelector(".text");
  text.classList.toggle("live", post.live);
  if (isEmpty(post)) {
    text.replaceChildren(make("span", { className: "typing" }, make("span", { className: "sr" }, strings.typing), ...[1, 2, 3].map(() => make("i"))));
  } else {
    text.replaceChildren(render(post.text, { markdown: post.markdown, names: nameOf }));
    if (post.edited && post.user !== state.bot.id) text.append(make("small", {}, strings.edited));
  }
}

function fillReplies(node, ts) {
  node.querySelector(".replies")?.remove();
  const replies = repliesTo(ts);
  if (!replies.length) return;
  const people = [...new Set(replies.map((post) => post.user))].slice(0, 4);
  const last = replies.at(-1);
  const button = make("button", { type: "button", className: "replies" }, ...people.map((user) => avatar(user, nameOf(user))), make("span", { className: "count" }, strings.replies(replies.length)));
  const extra = last.live && isEmpty(last) ? `${speaker(last)} … ${strings.typing}` : clock.format(new Date(Number(last.ts) * 1000));
  button.append(make("span", { className: "last" }, extra));
  button.setAttribute("aria-expanded", String(view.thread === ts));
  button.addEventListener("click", () => openThread(ts, true));
  node.querySelector(".said").append(button);
}

// --- the channel and the thread ------------------------------------------------------------------

function showSide() {
  const item = (each, mark) => {
    const current = each.id === view.channel;
    const button = make("button", { type: "button", className: "room" }, make("span", { className: "mark", "aria-hidden": "true" }, mark), each.name);
    if (current) button.setAttribute("aria-current", "page");
    button.addEventListener("click", () => openChannel(each.id));
    return make("li", {}, button);
  };
  $("channels").replaceChildren(...state.channels.filter((each) => !each.owner).map((each) => item(each, "#")));
  $("direct").replaceChildren(...state.channels.filter((each) => each.owner === view.person).map((each) => item(each, "●")));
  $("people").replaceChildren(
    ...state.people.map((person) => {
      const input = make("input", { type: "radio", name: "person", value: person.id, checked: person.id === view.person });
      input.addEventListener("change", () => become(person.id));
      return make("label", { className: "person" }, input, avatar(person.id, person.name), make("span", {}, person.name));
    }),
  );
  $("model").textContent = state.model ? strings.model(state.model) : strings.offlineModel;
  $("offline").hidden = Boolean(state.model);
  $("offline").textContent = strings.offline;
}

function showChannel() {
  const name = isDirect() ? channel().name : `#${channel().name}`;
  $("channel-name").textContent = name;
  $("composer-text").placeholder = strings.to(name);
  const posts = topLevel();
  $("posts").replaceChildren(...(posts.length ? posts.map((post) => postNode(post, false)) : [invitation()]));
  for (const post of posts) fillReplies($("posts").querySelector(`[data-ts="${post.ts}"]`), post.ts);
  toBottom($("posts"));
  for (const button of document.querySelectorAll("#composer .mention")) button.hidden = isDirect();
  document.title = `${name} – Playground`;
}

function showThread() {
  const open = Boolean(view.thread);
  $("thread").hidden = !open;
  $("app").classList.toggle("with-thread", open);
  if (!open) return;
  $("thread-channel").textContent = isDirect() ? channel().name : `#${channel().name}`;
  $("thread-text").placeholder = strings.reply;
  const first = state.posts.get(`${view.channel}/${view.thread}`);
  const start = first ? postNode(first, true) : make("p", { className: "gone" }, strings.gone);
  const replies = repliesTo(view.thread);
  $("thread-posts").replaceChildren(start, make("p", { className: "divider" }, make("span", {}, strings.replies(replies.length))), ...replies.map((post) => postNode(post, true)));
  suggest();
  toBottom($("thread-posts"));
}

function suggest() {
  const box = $("thread-posts");
  box.querySelector(".suggestions")?.remove();
  const replies = repliesTo(view.thread);
  const last = replies.at(-1);
  if (last?.user !== state.bot.id || last.live || replies.length > 5) return;
  box.append(make("div", { className: "suggestions", role: "group", "aria-label": strings.suggestions }, ...strings.followUps.map((text) => example(text, view.thread))));
}

function invitation() {
  const direct = isDirect();
  const how = direct ? strings.inviteDirect : state.scope === "channel" ? strings.inviteChannel : strings.invite;
  return make(
    "div",
    { className: "invitation" },
    make("span", { className: "avatar of-bot big", "aria-hidden": "true" }),
    make("h3", {}, direct ? strings.welcomeDirect : strings.welcome(channel().name)),
    make("p", {}, how),
    make("p", { className: "try" }, strings.try),
    make("div", { className: "examples" }, ...strings.examples.map((text) => example(direct ? text : `@bot ${text}`, ""))),
  );
}

function example(text, thread) {
  const button = make("button", { type: "button", className: "example" }, text);
  button.addEventListener("click", () => {
    (thread ? $("thread-text") : $("composer-text")).focus();
    send(text, thread, thread ? $("thread-composer") : $("composer"));
  });
  return button;
}

function nearBottom(box) {
  return box.scrollHeight - box.scrollTop - box.clientHeight < 80;
}

function toBottom(box) {
  box.scrollTop = box.scrollHeight;
}

/** Show one new or changed post where it belongs, leaving everything else on the page as it is. */
function place(post) {
  if (post.deleted) return takeAway(post);
  const before = state.posts.get(key(post));
  state.posts.set(key(post), post);
  if (post.channel !== view.channel) return;
  if (!post.thread) placeIn($("posts"), post, false);
  else {
    const parent = $("posts").querySelector(`[data-ts="${post.thread}"]`);
    if (parent && (!before || before.live !== post.live || isEmpty(before) !== isEmpty(post))) {
      const follow = nearBottom($("posts"));
      fillReplies(parent, post.thread);
      if (follow) toBottom($("posts"));
    }
    if (post.thread === view.thread) placeIn($("thread-posts"), post, true);
    else if (post.thread === view.awaited && !view.thread && WIDE.matches) openThread(post.thread, false);
  }
  if (!post.live && !isEmpty(post) && (!before || before.live || isEmpty(before)) && post.user !== view.person) {
    const text = render(post.text, { markdown: post.markdown, names: nameOf }).textContent;
    $("announcer").textContent = strings.said(speaker(post), text.slice(0, 400));
  }
}

function takeAway(post) {
  state.posts.delete(key(post));
  if (post.channel !== view.channel) return;
  for (const box of [$("posts"), $("thread-posts")]) box.querySelector(`.post[data-ts="${post.ts}"]`)?.remove();
  const parent = post.thread && $("posts").querySelector(`[data-ts="${post.thread}"]`);
  if (parent) fillReplies(parent, post.thread);
}

function placeIn(box, post, inThread) {
  const follow = nearBottom(box);
  box.querySelector(".invitation")?.remove();
  const node = box.querySelector(`[data-ts="${post.ts}"]`);
  if (node) fillPost(node, post);
  else {
    const added = postNode(post, inThread);
    const after = [...box.querySelectorAll(".post")].find((each) => each.dataset.ts > post.ts);
    if (after) after.before(added);
    else box.append(added);
    const divider = inThread && box.querySelector(".divider span");
    if (divider) divider.textContent = strings.replies(repliesTo(post.thread).length);
  }
  if (inThread) suggest();
  if (follow || post.user === view.person) toBottom(box);
}

// --- going places --------------------------------------------------------------------------------

function openChannel(id) {
  Object.assign(view, { channel: id, thread: "", awaited: "" });
  openSheet("");
  showSide();
  showChannel();
  showThread();
  refreshMemory();
  if (WIDE.matches) $("composer-text").focus();
}

function become(person) {
  const direct = isDirect();
  view.person = person;
  if (direct) return openChannel(state.channels.find((each) => each.owner === person).id);
  showSide();
  $("people").querySelector(":checked").focus();
}

function openThread(ts, byHand) {
  view.thread = ts;
  showThread();
  showReplyState();
  refreshMemory();
  openSheet("thread");
  if (byHand) $("thread-text").focus();
}

function closeThread() {
  const opener = $("posts").querySelector(`[data-ts="${view.thread}"] button`);
  Object.assign(view, { thread: "", awaited: "" });
  openSheet("");
  showThread();
  showReplyState();
  refreshMemory();
  (opener ?? $("composer-text")).focus();
}

/** Where there is room, show the thread of a question as soon as somebody replies, which may be sooner than we know its ts. */
function expectReply(post) {
  view.awaited = post.ts;
  if (repliesTo(post.ts).length && WIDE.matches) openThread(post.ts, false);
}

function showReplyState() {
  for (const post of $("posts").querySelectorAll(".post")) {
    post.querySelector(".replies")?.setAttribute("aria-expanded", String(post.dataset.ts === view.thread));
    post.classList.toggle("open", post.dataset.ts === view.thread);
  }
}

/** On a narrow screen, what lies over the channel: `side`, `thread` or `memory`; empty for nothing. */
function openSheet(name) {
  view.sheet = name;
  $("app").dataset.sheet = name;
}

// --- saying --------------------------------------------------------------------------------------

async function send(text, thread, form) {
  const trouble = form.querySelector(".trouble");
  trouble.hidden = true;
  const posted = { person: view.person, channel: view.channel, thread, text };
  try {
    const response = await fetch("/playground/posts", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(posted) });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    if (!state.posts.has(key(answer))) place(answer);
    if (!thread && !view.thread) expectReply(answer);
    return true;
  } catch (error) {
    trouble.textContent = strings.troubles[error.message] ?? strings.notSent;
    trouble.hidden = false;
    return false;
  }
}

function prepareComposer(form, area, threadOf) {
  const fit = () => {
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, innerHeight * 0.4)}px`;
  };
  area.addEventListener("input", fit);
  area.addEventListener("keydown", (event) => {
    // While an input method composes, Enter chooses a candidate; 229 is how some browsers say so.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = area.value;
    if (!text.trim()) return;
    area.value = "";
    fit();
    if (!(await send(text, threadOf(), form)) && !area.value) area.value = text;
    fit();
  });
  form.querySelector(".mention").addEventListener("click", () => {
    const gap = area.selectionStart && !/\s$/.test(area.value.slice(0, area.selectionStart)) ? " " : "";
    area.setRangeText(`${gap}@bot `, area.selectionStart, area.selectionEnd, "end");
    area.focus();
  });
}

// --- the memory ----------------------------------------------------------------------------------

let memoryAsked = 0;
let memoryTimer = 0;

function refreshMemory() {
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
  $("memory-of").textContent = memory.conversation ? (view.thread && state.scope === "thread" ? strings.ofThread : isDirect() ? strings.ofDirect : strings.ofChannel) : "";
  if (memory.failed) return body.replaceChildren(make("p", { className: "none" }, strings.memoryError));
  if (!memory.conversation) return body.replaceChildren(make("p", { className: "none" }, strings.memoryClosed));
  const { limits } = memory;
  const open = new Set([...body.querySelectorAll("details[open]")].map((each) => each.textContent));
  const condensations = memory.history.filter((each) => each.kind === "condensed" || each.kind === "condensing_failed");
  body.replaceChildren(
    section(
      strings.summary,
      gauge(strings.summaryGauge, memory.summary_tokens, limits.summary, [[limits.summary, strings.summaryMark(number.format(limits.summary)), "limit"]]),
      memory.summary ? make("blockquote", { className: "summary" }, memory.summary) : none(strings.noSummary),
    ),
    section(strings.condensations, condensations.length ? make("ol", { className: "condensations" }, ...condensations.map(condensationItem).reverse()) : none(strings.noCondensations)),
    section(
      strings.buffer,
      gauge(strings.bufferGauge, memory.buffer_tokens, limits.buffer, [
        [limits.keep, strings.keepMark(number.format(limits.keep)), "keep"],
        [limits.buffer, strings.limitMark(number.format(limits.buffer)), "limit"],
      ]),
      memory.buffer.length ? make("ol", { className: "buffer" }, ...memory.buffer.map(bufferItem)) : none(memory.version && memory.summary ? strings.noBuffer : strings.memoryEmpty),
    ),
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
  const meter = make("div", { className: "gauge", role: "meter", "aria-label": label, "aria-valuemin": "0", "aria-valuemax": String(most), "aria-valuenow": String(Math.min(value, most)), "aria-valuetext": strings.gauge(number.format(value), number.format(most)) });
  meter.append(make("p", { className: "amount" }, make("b", {}, number.format(value)), ` / ${strings.tokens(number.format(most))}`), track);
  return make("div", {}, meter, make("p", { className: "legend" }, ...marks.map(([, text, kind]) => make("span", { className: kind }, text))));
}

function bufferItem(message) {
  const who = message.speaker === "bot" ? strings.bot : strings.person;
  const long = message.text.length > 120 || message.text.split("\n").length > 4;
  const text = long ? make("details", {}, make("summary", {}, make("span", {}, message.text))) : make("p", {}, message.text);
  return make("li", { className: `by-${message.speaker}` }, make("div", { className: "line" }, make("b", {}, who), make("span", { className: "count" }, strings.tokens(number.format(message.tokens)))), text);
}

const at = (entry) => make("time", { dateTime: new Date(entry.at * 1000).toISOString() }, seconds.format(new Date(entry.at * 1000)));

function condensationItem(entry) {
  if (entry.kind === "condensing_failed") return make("li", { className: "failed" }, at(entry), make("p", {}, strings.condensingFailed(entry.error)));
  const item = make("li", {}, at(entry), make("p", {}, strings.condensed(entry.messages, number.format(entry.folded), number.format(entry.summary))));
  if (entry.kept !== null) item.append(make("p", { className: "went" }, strings.bufferWent(number.format(entry.kept + entry.folded), number.format(entry.kept))));
  if (entry.trimmed) item.append(make("p", { className: "went" }, strings.trimmed));
  return item;
}

function turns(history) {
  const head = [strings.time, strings.sent, strings.received, strings.cached].map((text) => make("th", { scope: "col" }, text));
  const rows = history.map((entry) => {
    const row = make("tr", { className: entry.kind }, make("th", { scope: "row" }, at(entry)));
    if (entry.kind === "condensed") row.firstChild.append(make("small", {}, strings.summary));
    if (entry.cut) row.firstChild.append(make("small", {}, strings.cut));
    if (entry.kind === "answered" || entry.kind === "condensed") {
      const share = entry.sent ? ` (${Math.round((100 * entry.cached) / entry.sent)}%)` : "";
      row.append(make("td", {}, number.format(entry.sent)), make("td", {}, number.format(entry.received)), make("td", {}, number.format(entry.cached) + share));
    } else {
      const what = { finished: () => strings.finished, failed: () => strings.failed(entry.error, entry.reference), condensing_failed: () => strings.condensingFailed(entry.error) };
      row.append(make("td", { colSpan: 3 }, what[entry.kind]()));
    }
    return row;
  });
  return make("div", { className: "table", tabIndex: 0 }, make("table", { className: "turns" }, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows.reverse())));
}

// --- beginning -----------------------------------------------------------------------------------

async function load() {
  const loaded = await (await fetch("/playground/state")).json();
  Object.assign(state, loaded, { posts: new Map(loaded.posts.map((post) => [key(post), post])) });
  if (!view.channel) {
    view.person = state.people[0].id;
    return openChannel(state.channels[0].id);
  }
  showSide();
  showChannel();
  showThread();
  refreshMemory();
}

/** Posts that changed since the last frame: a fast stream is drawn once a frame, not once a word. */
const changed = new Map();
let loading = false;

function draw() {
  if (loading) return; // what is being loaded may be older than these
  for (const post of changed.values()) place(post);
  changed.clear();
}

function listen() {
  const source = new EventSource("/playground/stream");
  const lose = (wait) => {
    $("lost").textContent = strings.lost;
    $("lost").hidden = false;
    if (!wait) return;
    source.close();
    setTimeout(listen, wait);
  };
  source.addEventListener("open", async () => {
    loading = true;
    try {
      await load();
      $("lost").hidden = true;
    } catch {
      lose(2000);
    }
    loading = false;
    draw();
  });
  source.addEventListener("error", () => lose(source.readyState === EventSource.CLOSED ? 2000 : 0));
  source.addEventListener("message", (event) => {
    const { post, memory } = JSON.parse(event.data);
    if (memory) refreshMemory();
    if (!post) return;
    if (!changed.size) requestAnimationFrame(draw);
    changed.set(key(post), post);
  });
}

for (const node of document.querySelectorAll("[data-text]")) node.textContent = strings[node.dataset.text];
for (const node of document.querySelectorAll("[data-label]")) {
  node.setAttribute("aria-label", strings[node.dataset.label]);
  if (node.matches("button")) node.title = strings[node.dataset.label];
}
prepareComposer($("composer"), $("composer-text"), () => "");
prepareComposer($("thread-composer"), $("thread-text"), () => view.thread);
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
for (const id of ["open-memory", "thread-memory"]) {
  $(id).addEventListener("click", () => {
    openSheet("memory");
    $("close-memory").focus();
  });
}

function closeMemory() {
  openSheet(view.thread ? "thread" : "");
  $(view.thread ? "thread-memory" : "open-memory").focus();
}

$("close-memory").addEventListener("click", closeMemory);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  if (view.sheet === "memory" && getComputedStyle($("close-memory")).display !== "none") closeMemory();
  else if (view.sheet === "side") $("close-side").click();
  else if (view.thread) closeThread();
});
listen();
