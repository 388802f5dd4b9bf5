// What the server sends of its own accord, and how the page gets along without it for a while.

import { $ } from "./dom.js";
import { strings } from "./strings.js";

/** Follow the server. `load` reads everything anew; `news` has for each kind what it is about, and what to do. */
export function follow(load, news) {
  /** News since the last frame: a fast stream is drawn once a frame, not once a word. */
  const waiting = new Map();
  let loading = false;

  function draw() {
    if (loading) return; // what is being loaded may be older than these
    const shows = [...waiting.values()];
    waiting.clear(); // first, so that one that fails does not keep the next from being drawn
    for (const show of shows) show();
  }

  function hear(told) {
    for (const [kind, about] of Object.entries(told)) {
      if (!news[kind]) continue;
      const [subject, show] = news[kind];
      if (!waiting.size) requestAnimationFrame(draw);
      waiting.set(`${kind} ${subject(about)}`, () => show(about));
    }
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
    source.addEventListener("message", (event) => hear(JSON.parse(event.data)));
  }

  listen();
}
