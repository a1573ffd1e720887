// OwnKey's own words and places, for tests that are about something else.

/** Waits until everything in scope was read. */
export async function synchronised(window) {
  await window.until("the synchronisation to end", async () =>
    (await window.text("sync-status"))?.startsWith("Synced"),
  );
}

/** The keys on the list's present page: `{ arn, name }`. */
export function rows(window) {
  return window.run(
    `return [...document.querySelectorAll('[data-testid="key-row"]')]
       .map((one) => ({ arn: one.dataset.arn, name: one.innerText.trim() }))`,
  );
}

/** Goes to a list of keys and waits until its title's count and its rows agree. */
export async function openKeys(window, path = "/keys") {
  // From another page: a list that changes shows its last rows until the new ones are there.
  await window.go("/settings");
  await window.find("heading", "Settings");
  await window.go(path);
  await window.find("grid", "Keys");
  return window.until("a counted list of keys", async () => {
    const count = await matching(window);
    const shown = await rows(window);
    return count !== null && shown.length === Math.min(count, 50) && count > 0 && shown;
  });
}

/** The number in the list's title. */
export async function matching(window) {
  const [title] = await window.all("heading", /^Keys/);
  const found = /\(([\d,]+)\)/.exec((await title?.getText()) ?? "");
  return found ? Number(found[1].replaceAll(",", "")) : null;
}

/** The ARNs of every key of a list, over all its pages. */
export async function allKeys(window, query = "") {
  const arns = new Set((await openKeys(window, `/keys?${query}`)).map(({ arn }) => arn));
  for (let page = 2; arns.size < (await matching(window)); page += 1) {
    await window.go(`/keys?${query}&page=${page}`);
    const more = await window.until(`page ${page}`, async () => {
      const shown = (await rows(window)).map(({ arn }) => arn);
      return shown.length > 0 && !shown.some((arn) => arns.has(arn)) && shown;
    });
    for (const arn of more) arns.add(arn);
  }
  return [...arns].sort();
}
