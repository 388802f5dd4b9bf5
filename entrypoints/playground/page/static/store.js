// What outlives a reload. A browser may refuse to store: then it is forgotten, and nothing else happens.

/** Kept in this tab alone: two tabs may show two people. */
export const tab = shelf(() => sessionStorage);
/** Kept for every tab of this browser. */
export const browser = shelf(() => localStorage);

function shelf(storage) {
  return {
    get(name, otherwise = null) {
      try {
        return JSON.parse(storage().getItem(name)) ?? otherwise;
      } catch {
        return otherwise;
      }
    },
    set(name, value) {
      try {
        storage().setItem(name, JSON.stringify(value));
      } catch {
        // There is no room, or the reader allows no storage.
      }
    },
  };
}
