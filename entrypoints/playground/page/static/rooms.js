// Where the reader is: the channel, the thread beside it, and how they get from one place to another.

import { named, record } from "./address.js";
import { send } from "./composer.js";
import { showTab, tellOpened } from "./direct.js";
import { showDraft } from "./drafts.js";
import { $, make, rendered, toBottom } from "./dom.js";
import { refreshMemory } from "./memory.js";
import { showPanel } from "./panel.js";
import { fillPost, fillReplies, postNode } from "./posts.js";
import { showProgress } from "./progress.js";
import { showSide } from "./side.js";
import { channel, channelName, dismissed, isDirect, isEmpty, isGroup, isOpen, isSeen, key, placeOf } from "./state.js";
import { publicRepliesTo, repliesTo, state, topLevel, view } from "./state.js";
import { tab } from "./store.js";
import { strings } from "./strings.js";
import { announce, arrange, countReplies, example, hint, isFinishedNow, placeIn } from "./timeline.js";
import { showReplies, suggest, takeFrom } from "./timeline.js";
import { announceElsewhere, showUnread } from "./unread.js";

const WIDE = matchMedia("(min-width: 760px)");

// --- the channel and the thread ----------------------------------------------------------------------

function showChannel() {
  $("channel-name").textContent = channelName();
  $("composer-text").placeholder = strings.to(channelName());
  const posts = topLevel();
  $("posts").replaceChildren(...(posts.length ? posts.map((post) => postNode(post, false)) : [invitation()]));
  for (const post of posts) fillReplies($("posts").querySelector(`[data-ts="${post.ts}"]`), post.ts);
  arrange($("posts"));
  hint($("posts"), posts);
  showTab();
  showProgress();
  showOpenThread();
  toBottom($("posts"));
  $("composer").querySelector(".mention").hidden = isDirect();
  $("composer").querySelector(".command").hidden = !state.command;
  $("composer").querySelector(".command").textContent = state.command;
  showDraft($("composer-text"), "");
  showUnread();
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
  const divider = make("p", { className: "divider" }, make("span", {}));
  $("thread-posts").replaceChildren(start, divider, ...repliesTo(view.thread).map((post) => postNode(post, true)));
  countReplies();
  arrange($("thread-posts"));
  hint($("thread-posts"), repliesTo(view.thread));
  suggest(say);
  toBottom($("thread-posts"));
  showDraft($("thread-text"), view.thread);
}

export function showThreadTitle() {
  const place = placeOf({ channel: view.channel, thread: view.thread });
  const title = state.sessions.get(place)?.title || firstLine() || strings.thread;
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

export function invitation() {
  const direct = isDirect();
  const how = direct ? strings.inviteDirect : state.scope === "channel" ? strings.inviteChannel : strings.invite;
  const group = () => strings.welcomeGroup(channel().name);
  const welcome = direct ? strings.welcomeDirect : isGroup() ? group() : strings.welcome(channel().name);
  const face = make("span", { className: "avatar of-bot big", "aria-hidden": "true" });
  const node = make("div", { className: "invitation" }, face, make("h3", {}, welcome), make("p", {}, how));
  if (direct && state.prompts[view.channel]?.prompts.length) return node; // the bot's own prompts are better
  const texts = state.model ? strings.examples : [strings.story[0], ...strings.offlineExamples];
  const examples = texts.map((text) => (direct ? text : `@bot ${text}`)).map((text) =>
    example(text, () => say(text, ""))
  );
  node.append(make("p", { className: "try" }, strings.try), make("div", { className: "examples" }, ...examples));
  return node;
}

export function say(text, thread) {
  (thread ? $("thread-text") : $("composer-text")).focus();
  send(thread ? $("thread-composer") : $("composer"), { text, thread, sent });
}

/** A post of this reader has been taken. */
export function sent(post) {
  if (!state.posts.has(key(post))) place(post);
  if (!post.thread && post.channel === view.channel) expectReply(post);
}

/** Show everything anew. */
export function showAll() {
  showSide({ openRoom: openChannel, become });
  showChannel();
  showThread();
  refreshMemory();
  showUnread();
}

// --- news of posts ---------------------------------------------------------------------------------

/** Show one new or changed post where it belongs, leaving everything else on the page as it is. */
export function place(post) {
  if (post.deleted) return takeAway(post);
  const before = state.posts.get(key(post));
  state.posts.set(key(post), post);
  if (post.channel === view.channel && isSeen(post)) {
    if (post.thread) placeReply(post, before);
    else placeIn($("posts"), post, false);
    if (post.ts === view.thread) {
      fillPost($("thread-posts").querySelector(`.post[data-ts="${post.ts}"]`) ?? postNode(post, true), post);
      showThreadTitle();
    }
  }
  if (!isFinishedNow(post, before)) return;
  if (post.channel === view.channel) announce(post);
  announceElsewhere(post, visit);
  showUnread();
}

function placeReply(post, before) {
  if (!before || before.live !== post.live || isEmpty(before) !== isEmpty(post)) showReplies(post.thread);
  if (post.thread === view.thread) placeIn($("thread-posts"), post, true);
  else if (post.thread === view.awaited && WIDE.matches && !isWritingInThread()) openThread(post.thread, false);
}

/** A reader who is in the middle of a reply elsewhere is not taken away from it. */
const isWritingInThread = () => document.activeElement === $("thread-text") && Boolean($("thread-text").value);

function takeAway(post) {
  state.posts.delete(key(post));
  if (post.channel !== view.channel) return;
  for (const box of [$("posts"), $("thread-posts")]) takeFrom(box, post);
  if (!topLevel().length && !$("posts").firstChild) $("posts").append(invitation());
  if (post.thread) showReplies(post.thread);
  showUnread();
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

// --- going places --------------------------------------------------------------------------------

export function openChannel(id) {
  goTo({ channel: id, thread: "", tab: "messages" });
  record();
  if (WIDE.matches) $("composer-text").focus();
}

/** Show a place, which the address then says. */
export function goTo({ channel: id, thread, tab: which }) {
  Object.assign(view, { channel: id, thread, tab: which, awaited: null });
  openSheet(thread ? "thread" : "");
  showAll();
  tellOpened();
}

/** Go to where a post stands. */
function visit(post) {
  openChannel(post.channel);
  if (post.thread) openThread(post.thread, true);
}

/** Go where the address says, as the person who speaks or, in somebody's direct messages, as their owner. */
export function goWhereTheAddressSays() {
  const where = named() ?? { channel: state.channels[0].id, thread: "", tab: "messages", owner: "" };
  if (where.owner) speakAs(where.owner);
  goTo(where);
}

function speakAs(person) {
  view.person = person;
  tab.set("person", person);
}

function become(person) {
  const direct = isDirect();
  speakAs(person);
  if (direct) openChannel(state.channels.find((each) => isDirect(each) && isOpen(each)).id);
  else if (!isOpen(channel())) openChannel(state.channels[0].id);
  else {
    showSide({ openRoom: openChannel, become });
    showChannel(); // to each their own ephemeral posts and pressed buttons
    showThread();
    showUnread();
    $("people").querySelector(":checked").focus();
  }
}

export function openThread(ts, byHand) {
  Object.assign(view, { thread: ts, awaited: null });
  record();
  showThread();
  showOpenThread();
  refreshMemory();
  openSheet("thread");
  showUnread();
  if (byHand) $("thread-text").focus();
}

/** Close the thread and leave the focus where it is. */
export function leaveThread() {
  Object.assign(view, { thread: "", awaited: null });
  record();
  openSheet("");
  showThread();
  showOpenThread();
  refreshMemory();
  showUnread();
}

export function closeThread() {
  const opener = $("posts").querySelector(`[data-opens="${view.thread}"]`);
  leaveThread();
  (opener ?? $("composer-text")).focus();
}

/** Where there is room, show the thread of a question as soon as somebody replies, which may be sooner than we know its ts. */
function expectReply(post) {
  if (post.ts === view.thread) return;
  view.awaited = post.ts;
  showProgress();
  if (publicRepliesTo(post.ts).length && WIDE.matches) openThread(post.ts, false);
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
  showPanel();
}
