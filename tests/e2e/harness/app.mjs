// OwnKey's own words and places, for tests that are about something else.

import assert from "node:assert/strict";

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

/** Registers a profile's account behind an endpoint, under a name, and reads it. */
export async function connect(window, profile, endpoint, name) {
  await signInWith(window, profile, endpoint);
  await reviewed(window, name);
  await register(window);
  await window.shows(name);
  await synchronised(window);
}

/** Begins to register an account: over a profile, with an endpoint unless the profile has one. */
export async function signInWith(window, profile, endpoint) {
  await window.go("/connections/new");
  await window.click("radio", new RegExp(`^${profile}`));
  if (endpoint) {
    await window.click("button", /^Role, region and endpoints/);
    await window.type("textbox", /^Endpoint URL/, endpoint);
  }
  await window.click("button", "Next");
}

/** From what was found to the review of a registration; the regions are left as proposed. */
export async function reviewed(window, name) {
  await named(window, name);
  await window.click("button", "Next");
  await window.find("heading", "Review");
}

/** From what was found to its name and regions. */
export async function named(window, name) {
  await window.find("heading", "What was found");
  await window.click("button", "Next");
  await window.find("heading", "What these credentials may do");
  // One may go on before; but what comes then moves the button.
  await window.shows("Key policies were not evaluated", 60);
  await window.click("button", "Next");
  await window.find("heading", "Name and regions");
  await window.type("textbox", "Name", name);
}

/** From the review to the list of registrations. */
export async function register(window) {
  await window.click("button", "Register and synchronise");
  await window.until("the list of registrations", async () =>
    /^\/connections(\?|$)/.test(await window.path()),
  );
}

/** Calls one of the app's own commands, as the page does; the answer, or the error thrown. */
export async function command(window, name, values = {}) {
  const answer = await window.driver.executeAsyncScript(
    `const [name, values, done] = arguments;
     window.__TAURI_INTERNALS__.invoke(name, values)
       .then((came) => done({ came }), (error) => done({ error }))`,
    name,
    values,
  );
  if (answer.error !== undefined) throw new Error(`${name}: ${JSON.stringify(answer.error)}`);
  return answer.came;
}

/** Opens a selection and takes one of its options. */
export async function choose(window, label, option) {
  await window.click("button", new RegExp(`^${label}`));
  await window.click("option", option);
}

/** Password fields have no role. */
export async function typeSecret(window, label, text) {
  const field = await window.until(`the field ${label}`, () =>
    window.run(
      `const label = [...document.querySelectorAll("label")].find((one) => new RegExp(arguments[0]).test(one.innerText));
       return label ? document.getElementById(label.htmlFor) : null`,
      label.source,
    ),
  );
  await window.run("arguments[0].select()", field);
  await field.sendKeys(text);
}

/** The sandbox's control paths, which are no AWS. */
export async function control(endpoint, method, path, body) {
  const answer = await fetch(`${endpoint}/_sandbox/${path}`, {
    method,
    body: body && JSON.stringify(body),
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  const text = await answer.text();
  return text ? JSON.parse(text) : null;
}
