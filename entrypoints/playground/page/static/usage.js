// What was used: of the last answer, of the conversation, and of the month.

import { make, number } from "./dom.js";
import { strings } from "./strings.js";

const money = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });

/** A list of names and figures, one for each entry of the server's `used`. */
export const usageList = (used) => make("dl", { className: "usage" }, ...used.map(usageItem));

function usageItem(entry) {
  const share = entry.sent ? Math.round((100 * entry.cached) / entry.sent) : 0;
  const besides = [
    ...(entry.answers ? [strings.answers(number.format(entry.answers))] : []),
    ...(entry.estimated ? [strings.estimated(number.format(entry.estimated))] : []),
    ...(entry.money ? [strings.money(money.format(entry.money))] : []),
  ];
  return make(
    "div",
    {},
    make("dt", {}, strings.usageOf[entry.of]),
    make("dd", {}, strings.usedTokens(number.format(entry.sent), share, number.format(entry.received))),
    ...(besides.length ? [make("dd", {}, besides.join(" · "))] : []),
  );
}
