// The real window of the real program, driven by WebDriver.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { Builder, Capabilities } from "selenium-webdriver";
import { answers, end, freePort, launch, until } from "./processes.mjs";
import { closeWindowOf, pickInDialog } from "./python.mjs";

const axe = await library("axe-core/axe.min.js");
// Testing Library's idea of roles and names, in the real window.
const testingLibrary = await library("@testing-library/dom/dist/@testing-library/dom.umd.min.js");

const TRANSIENT = [
  "StaleElementReferenceError",
  "ElementClickInterceptedError",
  "ElementNotInteractableError",
  "NoSuchElementError",
];

/**
 * Aims at an element; false if it takes no clicks yet. It is brought into view, which WebKit's driver does
 * not do by itself below the window's edge, and the next click reaches nothing else: a notice that comes
 * or goes between the driver's looking where the element is and its click would have it hit a neighbour.
 */
const AIM = `
  const [element] = arguments;
  if (element.matches(":disabled")) return false;
  const events = ["pointerdown", "mousedown", "pointerup", "mouseup", "click"];
  let hit;
  const judge = (event) => {
    hit ??= event.composedPath().includes(element);
    if (hit) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  window.hasHit?.();
  for (const name of events) window.addEventListener(name, judge, true);
  window.hasHit = () => {
    for (const name of events) window.removeEventListener(name, judge, true);
    return hit !== false;
  };
  element.scrollIntoViewIfNeeded();
  return true;`;

/** Opens OwnKey's window on a place; it ends with the place. */
export async function openWindow(place, { size = [1280, 800], env = {} } = {}) {
  const port = await freePort();
  const service = launch("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], {
    ...place.environment(),
    TAURI_WEBVIEW_AUTOMATION: "true",
    ...env,
  });
  try {
    await until("WebKitWebDriver", () => answers(port));
    const session = new Builder()
      .usingServer(`http://127.0.0.1:${port}/`)
      .withCapabilities(
        new Capabilities({
          browserName: "wry",
          "webkitgtk:browserOptions": { binary: process.env.OWNKEY_APP, args: [] },
        }),
      )
      .build();
    const opened = new Window(
      await inTime(session, "the window did not open within a minute"),
      service,
    );
    place.before(() => opened.end());
    if (size) await opened.resize(...size);
    return opened;
  } catch (error) {
    await end(service);
    throw new Error(`the window did not open\n${service.output}`, { cause: error });
  }
}

class Window {
  constructor(driver, service) {
    this.driver = driver;
    this.service = service;
  }

  /** What the program and its driver printed. */
  get output() {
    return this.service.output;
  }

  /** The program's process. */
  async program() {
    const children = `/proc/${this.service.pid}/task/${this.service.pid}/children`;
    return (await readFile(children, "utf8")).trim().split(" ")[0];
  }

  /** Picks a file in a dialog of the desktop, once it is open. */
  async pick(title, path) {
    await pickInDialog(await this.program(), title, path);
  }

  /** Ends the program at once, as a power failure would. */
  async kill() {
    const program = await this.program();
    process.kill(Number(program), "SIGKILL");
    await this.until("the program to be gone", () => !existsSync(`/proc/${program}/exe`));
    await this.end();
  }

  /** Closes the window as a person would, and waits until the program has ended by itself. */
  async close() {
    const program = await this.program();
    await closeWindowOf(program);
    await this.until("the program to end", () => !existsSync(`/proc/${program}/exe`));
    await this.end();
  }

  async end() {
    await this.driver.quit().catch(() => undefined);
    await end(this.service);
  }

  /** Runs a function's body in the page. */
  run(script, ...args) {
    return this.driver.executeScript(script, ...args);
  }

  /** Every visible element with this role and name (a string, a pattern, or `null` for any). */
  async all(role, name = null, within = null) {
    if (await this.run("return !window.TestingLibraryDom")) await this.run(testingLibrary);
    return this.run(
      `const [role, name, flags, within] = arguments;
       const root = within ? document.querySelector(within) : document.body;
       const options = name === null ? {} : { name: flags === null ? name : new RegExp(name, flags) };
       return root ? window.TestingLibraryDom.queryAllByRole(root, role, options) : [];`,
      role,
      name instanceof RegExp ? name.source : name,
      name instanceof RegExp ? name.flags : null,
      within ? `[data-testid="${within}"]` : null,
    );
  }

  /** The first such element, once there is one. */
  find(role, name = null, within = null) {
    return this.until(`${role} ${name ?? ""}`, async () => (await this.all(role, name, within))[0]);
  }

  /** Clicks it; what is drawn anew meanwhile is looked for again. */
  async click(role, name = null, within = null) {
    await this.until(`click on ${role} ${name ?? ""}`, async () => {
      const [element] = await this.all(role, name, within);
      return element ? this.clicked(element) : false;
    });
  }

  /** True, or false if the element is off, vanished, was covered or moved away at that moment. */
  async clicked(element) {
    try {
      if (!(await this.run(AIM, element))) return false;
      await element.click();
    } catch (error) {
      if (TRANSIENT.includes(error.name)) return false;
      throw error;
    }
    // A click can end the program, which then answers nothing: so it hit.
    return this.run("return window.hasHit()").catch(() => true);
  }

  /** Clicks what is painted with exactly this text: a sticky header's visible copy has no accessible name. */
  async clickText(text) {
    await this.until(`click on the text ${text}`, async () => {
      const element = await this.run(
        `return [...document.querySelectorAll("body *")].find((one) => {
           if (one.childElementCount > 0 || one.textContent.trim() !== arguments[0]) return false;
           const { x, y, width, height } = one.getBoundingClientRect();
           const painted = document.elementFromPoint(x + width / 2, y + height / 2);
           return painted !== null && (painted === one || one.contains(painted));
         }) ?? null`,
        text,
      );
      return element ? this.clicked(element) : false;
    });
  }

  /** Types into it, after what is there was selected. */
  async type(role, name, text) {
    await this.click(role, name);
    const field = await this.find(role, name);
    await this.run("arguments[0].select()", field);
    await field.sendKeys(text);
  }

  /** Presses keys wherever the focus is. */
  async press(...keys) {
    const actions = this.driver.actions({ async: true });
    for (const key of keys) actions.sendKeys(key);
    await actions.perform();
  }

  /** One key while another is held down. */
  async chord(held, key) {
    await this.driver.actions({ async: true }).keyDown(held).sendKeys(key).keyUp(held).perform();
  }

  /** The text that `data-testid` shows, or `null` without such an element. */
  text(testId) {
    return this.run(
      "return document.querySelector(arguments[0])?.innerText ?? null",
      `[data-testid="${testId}"]`,
    );
  }

  /** All the text in the window. */
  everything() {
    return this.run("return document.body.innerText");
  }

  /** Waits for a text, or a pattern, anywhere in the window. */
  shows(text, seconds) {
    const holds = text instanceof RegExp ? (all) => text.test(all) : (all) => all.includes(text);
    return this.until(`the text ${text}`, async () => holds(await this.everything()), seconds);
  }

  /** Goes to one of the app's own URLs, as a link would. */
  async go(path) {
    await this.run("window.location.hash = arguments[0]", `#${path}`);
  }

  path() {
    return this.run("return decodeURIComponent(window.location.hash.slice(1))");
  }

  async until(what, holds, seconds) {
    try {
      return await until(what, holds, seconds);
    } catch (error) {
      const seen = await this.everything().catch((reason) => `nothing: ${reason.message}`);
      error.message += `\nThe window shows:\n${seen.slice(0, 4000)}\nThe program printed:\n${this.output.slice(-4000)}`;
      throw error;
    }
  }

  /** Makes the page itself this large; a display without a window manager has no frame around it. */
  async resize(width, height) {
    await this.driver.manage().window().setRect({ width, height });
    await this.until(`a window of ${width}x${height}`, async () => {
      const [wide, high] = await this.size();
      return wide === width && high === height;
    });
  }

  size() {
    return this.run("return [window.innerWidth, window.innerHeight]");
  }

  /** Two frames: a screenshot taken at once after a change may still show what was there before it. */
  async frames() {
    await this.driver.executeAsyncScript(
      "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))",
    );
  }

  /** Waits until nothing in the window moves any more; what begins to move does so within a frame. */
  async still() {
    await this.until("the window to be still", async () => {
      await this.frames();
      return this.run(
        `return document.getAnimations().every((one) =>
           one.playState !== "running" || one.effect?.getComputedTiming().iterations === Infinity)`,
      );
    });
    await this.frames();
  }

  async picture(file) {
    await this.still();
    const picture = Buffer.from(await this.driver.takeScreenshot(), "base64");
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, picture);
    return picture;
  }

  /** What axe finds serious or critical on what is shown now. */
  async seriousFindings() {
    await this.still();
    if (await this.run("return !window.axe")) await this.run(axe);
    const { violations } = await this.driver.executeAsyncScript(
      "const done = arguments[0]; window.axe.run(document, { resultTypes: ['violations'] }).then(done)",
    );
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(
        ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(" | ")}`,
      );
  }

  async isAccessible(where) {
    assert.deepEqual(await this.seriousFindings(), [], `axe on ${where}`);
  }
}

/** A program that opens no window would otherwise be waited for without end. */
function inTime(promise, complaint) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(complaint)), 60_000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A library as one script, to be run in the page. */
function library(path) {
  return readFile(createRequire(import.meta.url).resolve(path), "utf8");
}

/** Where the pictures of a test run go: for looking at, not part of the project. */
export function pictureFile(name) {
  return fileURLToPath(new URL(`../../../.cache/pictures/${name}.png`, import.meta.url));
}
