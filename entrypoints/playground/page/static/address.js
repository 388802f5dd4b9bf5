// The page's address says where the reader is, so that it can be linked and that "back" leads back:
// #C0CHANNEL1, #C0CHANNEL1/1790000000.000001 for a thread, #D0DIRECT01/home for the Home tab.

import { channel, isDirect, state, view } from "./state.js";

export function address() {
  const within = view.thread || (isDirect() && view.tab === "home" ? "home" : "");
  return `#${channel().id}${within && `/${within}`}`;
}

/** Put the reader's place into the address. `replace` where going back should not lead to the place before it. */
export function record(replace = false) {
  if (location.hash === address()) return;
  history[replace ? "replaceState" : "pushState"](null, "", address());
}

/** The place that the address names; null where it names none. */
export function named() {
  const [id, within = ""] = location.hash.slice(1).split("/");
  const room = state.channels.find((each) => each.id === id);
  if (!room) return null;
  const isHome = within === "home" && isDirect(room);
  return { channel: id, thread: isHome ? "" : within, tab: isHome ? "home" : "messages", owner: room.owner };
}
