// The memory panel's place: opened, closed, and made wider or narrower by its edge.

import { $ } from "./dom.js";
import { view } from "./state.js";
import { browser } from "./store.js";
import { openSheet } from "./places.js";

/** Below, the panel is a sheet over everything; from the second on, there is room for it beside a thread. */
const PHONE = matchMedia("(max-width: 759px)");
const ROOMY = matchMedia("(min-width: 1200px)");

const LEAST = 240; // pixels
const MOST = 640;
const STEP = 24;

const name = () => (ROOMY.matches ? "memory-in-a-wide-window" : "memory-in-a-narrow-window");
const isOpen = () => (PHONE.matches ? view.sheet === "memory" : browser.get(name(), ROOMY.matches));

/** Show the panel or its absence, and tell it to the buttons that open it. */
export function showPanel() {
  const open = isOpen();
  $("app").classList.toggle("without-memory", !PHONE.matches && !open);
  for (const id of ["open-memory", "thread-memory"]) $(id).setAttribute("aria-expanded", String(open));
}

function toggle(opener) {
  if (PHONE.matches) openSheet("memory");
  else browser.set(name(), !isOpen());
  showPanel();
  if (isOpen()) $("close-memory").focus();
  else opener.focus();
}

/** Close the panel, and give the focus to the button that opens it. */
export function closeMemory() {
  if (PHONE.matches) openSheet(view.thread ? "thread" : "");
  else browser.set(name(), false);
  showPanel();
  const openers = [$("thread-memory"), $("open-memory")];
  openers.find((each) => each.checkVisibility({ visibilityProperty: true }))?.focus();
}

/** Is the panel a sheet that Escape closes? */
export const isSheet = () => PHONE.matches && view.sheet === "memory";

function resize(width) {
  const within = Math.round(Math.min(MOST, Math.max(LEAST, width)));
  document.documentElement.style.setProperty("--memory", `${within}px`);
  $("memory-edge").setAttribute("aria-valuenow", String(within));
  browser.set("memory-width", within);
}

const width = () => $("memory").offsetWidth;

export function prepareMemoryPanel() {
  for (const id of ["open-memory", "thread-memory"]) $(id).addEventListener("click", () => toggle($(id)));
  $("close-memory").addEventListener("click", closeMemory);
  for (const query of [PHONE, ROOMY]) query.addEventListener("change", showPanel);
  const edge = $("memory-edge");
  edge.setAttribute("aria-valuemin", String(LEAST));
  edge.setAttribute("aria-valuemax", String(MOST));
  const kept = browser.get("memory-width");
  if (kept) resize(kept);
  else edge.setAttribute("aria-valuenow", String(width() || LEAST));
  edge.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    edge.focus();
    edge.setPointerCapture(event.pointerId);
  });
  edge.addEventListener("pointermove", (event) => {
    if (edge.hasPointerCapture(event.pointerId)) resize($("memory").getBoundingClientRect().right - event.clientX);
  });
  edge.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: STEP, ArrowRight: -STEP };
    if (event.key in steps) resize(width() + steps[event.key]);
  });
  showPanel();
}
