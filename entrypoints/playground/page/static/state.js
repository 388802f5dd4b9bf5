// `state` is what the server said, `view` what this reader looks at; everything visible follows from the two.

export const state = {
  bot: {},
  model: "",
  scope: "thread",
  scopes: {},
  people: [],
  channels: [],
  posts: new Map(),
  sessions: new Map(),
  statuses: new Map(),
  prompts: {},
  homes: {},
  modals: {},
  command: "",
  language: "ja",
  shortcuts: [],
};
export const view = { person: "", channel: "", thread: "", tab: "messages", sheet: "", awaited: null };

/** Take in all that the server says at once; what it does not say is not there. */
export function adopt({ posts, sessions = [], statuses = [], ...rest }) {
  Object.assign(state, { scopes: {}, prompts: {}, homes: {}, modals: {}, command: "", shortcuts: [] }, rest);
  state.posts = new Map(posts.map((post) => [key(post), post]));
  state.sessions = new Map(sessions.map((each) => [placeOf(each), each]));
  state.statuses = new Map(statuses.map((each) => [placeOf(each), each]));
}

export const key = (post) => `${post.channel}/${post.ts}`;
export const placeOf = ({ channel, thread }) => `${channel}/${thread}`;

/** What shares one memory in a channel: it may have a setting of its own. */
export const scopeOf = (id) => state.scopes[id] ?? state.scope;

export const channel = () => state.channels.find((each) => each.id === view.channel) ?? state.channels[0];
export const isDirect = (which = channel()) => which?.kind === "im" || Boolean(which?.owner);
export const isGroup = (which = channel()) => which?.kind === "mpim";
/** May the person who speaks go there? One's direct messages are one's own. */
export const isOpen = (
  which,
) => (isDirect(which) ? which.owner === view.person : !which.members?.length || which.members.includes(view.person));
export const channelName = () => (isDirect() || isGroup() ? channel().name : `#${channel().name}`);

/** Ephemeral posts that their reader wants to see no more. The server is not told, as nobody else sees them. */
export const dismissed = new Set();
/** An ephemeral post is seen by one person only. */
export const isSeen = (post) => !post.only_for || (post.only_for === view.person && !dismissed.has(key(post)));
export const topLevel = () => sorted((post) => post.channel === view.channel && !post.thread);
export const repliesTo = (ts) => sorted((post) => post.channel === view.channel && post.thread === ts);
/** The replies that count: what one person alone sees does not. */
export const publicRepliesTo = (ts) => repliesTo(ts).filter((post) => !post.only_for);

function sorted(wanted) {
  return [...state.posts.values()].filter((post) => wanted(post) && isSeen(post)).sort((
    a,
    b,
  ) => (a.ts < b.ts ? -1 : 1));
}

export function nameOf(user) {
  if (user === state.bot.id) return state.bot.name;
  if (user === "USLACKBOT") return "Slackbot"; // speaks where a command or a button failed
  return state.people.find((person) => person.id === user)?.name ?? user;
}

export const speaker = (post) => post.username || nameOf(post.user);

/** Will the bot pass over a person's post, since nobody mentioned it? In a thread that it takes part in, it answers. */
export function needsMention(post) {
  const mention = `<@${state.bot.id}>`;
  const room = state.channels.find((each) => each.id === post.channel);
  if (post.only_for || post.user === state.bot.id || isDirect(room) || post.text.includes(mention)) return false;
  if (!post.thread || scopeOf(post.channel) === "channel") return true;
  const thread = [state.posts.get(key({ channel: post.channel, ts: post.thread })), ...publicRepliesTo(post.thread)];
  return !thread.some((each) => each && (each.user === state.bot.id || each.text.includes(mention)));
}

export function isEmpty(post) {
  if (post.files?.length || post.blocks?.length) return false;
  return !post.text.trim() || (post.user === state.bot.id && post.text === "…");
}

/** The bot's answer to a question: what it says to a command, or when it fails, has no thumbs. */
export const isAnswer = (post) =>
  post.user === state.bot.id && !post.live &&
  post.blocks?.some((block) => block.elements?.some((each) => each.type === "feedback_buttons"));
