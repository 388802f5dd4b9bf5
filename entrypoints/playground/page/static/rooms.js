// Where the reader is: the side, the channel, the thread beside it, and the posts in them.

import { send } from "./composer.js";
import { showTab, tellOpened } from "./direct.js";
import { $, make, nearBottom, rendered, toBottom } from "./dom.js";
import { refreshMemory } from "./memory.js";
import { avatar, fillPost, fillReplies, postNode } from "./posts.js";
import { showProgress } from "./progress.js";
import { channel, channelName, dismissed, isAnswer, isDirect, isEmpty, isGroup, isOpen, isSeen, key } from "./state.js";
import { placeOf, publicRepliesTo, repliesTo, speaker, state, topLevel, view } from "./state.js";
import { strings } from "./strings.js";

const WIDE = matchMedia("(min-width: 760px)");

// --- the side, the channel and the thread ----------------------------------------------------------

function showSide() {
  const item = (each, mark) => {
    const current = each.id === view.channel;
    const button = make(
      "button",
      { type: "button", className: "room" },
      make("span", { className: "mark", "aria-hidden": "true" }, mark),
      each.name,
    );
    if (current) button.setAttribute("aria-current", "page");
    button.addEventListener("click", () => openChannel(each.id));
    return make("li", {}, button);
  };
  const rooms = state.channels.filter((each) => !isDirect(each) && !isGroup(each));
  const groups = state.channels.filter((each) => isGroup(each) && isOpen(each));
  $("channels").replaceChildren(...rooms.map((each) => item(each, "#")));
  $("direct").replaceChildren(
    ...state.channels.filter((each) => isDirect(each) && isOpen(each)).map((each) => item(each, "●")),
    ...groups.map((each) => item(each, "●●")),
  );
  $("people").replaceChildren(
    ...state.people.map((person) => {
      const input = make("input", {
        type: "radio",
        name: "person",
        value: person.id,
        checked: person.id === view.person,
      });
      input.addEventListener("change", () => become(person.id));
      return make(
        "label",
        { className: "person" },
        input,
        avatar(person.id, person.name),
        make("span", {}, person.name),
      );
    }),
  );
  $("model").textContent = state.model ? strings.model(state.model) : strings.offlineModel;
  $("offline").hidden = Boolean(state.model);
  $("offline").textContent = strings.offline;
}

function showChannel() {
  $("channel-name").textContent = channelName();
  $("composer-text").placeholder = strings.to(channelName());
  const posts = topLevel();
  $("posts").replaceChildren(...(posts.length ? posts.map((post) => postNode(post, false)) : [invitation()]));
  for (const post of posts) fillReplies($("posts").querySelector(`[data-ts="${post.ts}"]`), post.ts);
  showTab();
  showProgress();
  showOpenThread();
  toBottom($("posts"));
  $("composer").querySelector(".mention").hidden = isDirect();
  $("composer").querySelector(".command").hidden = !state.command;
  $("composer").querySelector(".command").textContent = state.command;
  document.title = `${channelName()} – Playground`;
}

function showThread() {
  const open = Boolean(view.thread);
  $("thread").hidden = !open;
  $("app").classList.toggle("with-thread", open);
  showProgress();
  if (!open) return;
  showThreadTitle();
  $("thread-text").placeholder = strings.reply;
  $("thread-composer").querySelector(".mention").hidden = isDirect();
  const first = state.posts.get(`${view.channel}/${view.thread}`);
  const start = first ? postNode(first, true) : make("p", { className: "gone" }, strings.gone);
  const divider = make(
    "p",
    { className: "divider" },
    make("span", {}, strings.replies(publicRepliesTo(view.thread).length)),
  );
  $("thread-posts").replaceChildren(start, divider, ...repliesTo(view.thread).map((post) => postNode(post, true)));
  suggest();
  toBottom($("thread-posts"));
}

export function showThreadTitle() {
  const title = state.sessions.get(placeOf({ channel: view.channel, thread: view.thread }))?.title || firstLine() ||
    strings.thread;
  $("thread-title").textContent = title;
  $("thread-title").title = title;
  $("thread-channel").textContent = channelName();
}

/** How the open thread begins, without the mention of the bot: what the bot calls its session, too. */
function firstLine() {
  const post = state.posts.get(key({ channel: view.channel, ts: view.thread }));
  const words = rendered(post?.html ?? "").textContent.replaceAll(`@${state.bot.name}`, "");
  return words.trim().split("\n")[0].trim();
}

/** Suggest what to say next, while a conversation is young: under an answer that nothing has followed. */
function suggest() {
  const box = $("thread-posts");
  box.querySelector(".suggestions")?.remove();
  const replies = publicRepliesTo(view.thread);
  const last = replies.at(-1);
  if (!last || !isAnswer(last) || replies.length > 5) return;
  box.querySelector(`[data-ts="${last.ts}"]`).after(
    make(
      "div",
      { className: "suggestions", role: "group", "aria-label": strings.suggestions },
      ...strings.followUps.map((text) => example(text, view.thread)),
    ),
  );
}

export function invitation() {
  const direct = isDirect();
  const how = direct ? strings.inviteDirect : state.scope === "channel" ? strings.inviteChannel : strings.invite;
  const welcome = direct
    ? strings.welcomeDirect
    : isGroup()
    ? strings.welcomeGroup(channel().name)
    : strings.welcome(channel().name);
  const node = make(
    "div",
    { className: "invitation" },
    make("span", { className: "avatar of-bot big", "aria-hidden": "true" }),
    make("h3", {}, welcome),
    make("p", {}, how),
  );
  if (direct && state.prompts[view.channel]?.prompts.length) return node; // the bot's own prompts are better
  const examples = strings.examples.map((text) => example(direct ? text : `@bot ${text}`, ""));
  node.append(make("p", { className: "try" }, strings.try), make("div", { className: "examples" }, ...examples));
  return node;
}

function example(text, thread) {
  const button = make("button", { type: "button", className: "example" }, text);
  button.addEventListener("click", () => say(text, thread));
  return button;
}

export function say(text, thread) {
  (thread ? $("thread-text") : $("composer-text")).focus();
  send(thread ? $("thread-composer") : $("composer"), { text, thread, sent });
}

/** A post of this reader has been taken. */
export function sent(post) {
  if (!state.posts.has(key(post))) place(post);
  if (!post.thread && !view.thread && post.channel === view.channel) expectReply(post);
}

/** Show everything anew. */
export function showAll() {
  showSide();
  showChannel();
  showThread();
  refreshMemory();
}

// --- news of posts ---------------------------------------------------------------------------------

/** Show one new or changed post where it belongs, leaving everything else on the page as it is. */
export function place(post) {
  if (post.deleted) return takeAway(post);
  const before = state.posts.get(key(post));
  state.posts.set(key(post), post);
  if (post.channel !== view.channel || !isSeen(post)) return;
  if (post.ts === view.thread) {
    fillPost($("thread-posts").querySelector(`[data-ts="${post.ts}"]`) ?? postNode(post, true), post);
    showThreadTitle();
  }
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
    const text = rendered(post.html).textContent.trim();
    $("announcer").textContent = strings.said(speaker(post), text.slice(0, 400));
  }
}

function takeAway(post) {
  state.posts.delete(key(post));
  if (post.channel !== view.channel) return;
  for (const box of [$("posts"), $("thread-posts")]) box.querySelector(`.post[data-ts="${post.ts}"]`)?.remove();
  if (!topLevel().length && !$("posts").firstChild) $("posts").append(invitation());
  const parent = post.thread && $("posts").querySelector(`[data-ts="${post.thread}"]`);
  if (parent) fillReplies(parent, post.thread);
  if (!view.thread || post.thread !== view.thread) return;
  countReplies();
  suggest();
}

/** Show an ephemeral post no more. */
export function dismiss(ts) {
  const post = state.posts.get(key({ channel: view.channel, ts }));
  dismissed.add(key(post));
  takeAway(post);
  $(post.thread ? "thread-text" : "composer-text").focus();
}

function countReplies() {
  $("thread-posts").querySelector(".divider span").textContent = strings.replies(publicRepliesTo(view.thread).length);
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
    if (inThread) countReplies();
  }
  if (inThread) suggest();
  if (follow || post.user === view.person) toBottom(box);
}

// --- going places --------------------------------------------------------------------------------

export function openChannel(id) {
  Object.assign(view, { channel: id, thread: "", awaited: null, tab: "messages" });
  openSheet("");
  showAll();
  tellOpened();
  if (WIDE.matches) $("composer-text").focus();
}

function become(person) {
  const direct = isDirect();
  view.person = person;
  if (direct) openChannel(state.channels.find((each) => isDirect(each) && isOpen(each)).id);
  else if (!isOpen(channel())) openChannel(state.channels[0].id);
  else {
    showSide();
    showChannel(); // to each their own ephemeral posts and pressed buttons
    showThread();
    $("people").querySelector(":checked").focus();
  }
}

export function openThread(ts, byHand) {
  view.thread = ts;
  showThread();
  showOpenThread();
  refreshMemory();
  openSheet("thread");
  if (byHand) $("thread-text").focus();
}

/** Close the thread and leave the focus where it is. */
export function leaveThread() {
  Object.assign(view, { thread: "", awaited: null });
  openSheet("");
  showThread();
  showOpenThread();
  refreshMemory();
}

export function closeThread() {
  const opener = $("posts").querySelector(`[data-opens="${view.thread}"]`);
  leaveThread();
  (opener ?? $("composer-text")).focus();
}

/** Where there is room, show the thread of a question as soon as somebody replies, which may be sooner than we know its ts. */
function expectReply(post) {
  view.awaited = post.ts;
  showProgress();
  if (repliesTo(post.ts).length && WIDE.matches) openThread(post.ts, false);
}

function showOpenThread() {
  for (const post of $("posts").querySelectorAll(".post")) {
    post.querySelector(".replies")?.setAttribute("aria-expanded", String(post.dataset.ts === view.thread));
    post.classList.toggle("open", post.dataset.ts === view.thread);
  }
}

/** On a narrow screen, what lies over the channel: `side`, `thread` or `memory`; empty for nothing. */
export function openSheet(name) {
  view.sheet = name;
  $("app").dataset.sheet = name;
}
