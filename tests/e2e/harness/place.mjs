// An empty computer for one test: a home, a data folder, AWS's files; nothing of the real ones shows through.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export async function emptyPlace(test) {
  const place = await makePlace();
  test.after(() => place.leave());
  return place;
}

export async function makePlace() {
  const folder = await mkdtemp(join(tmpdir(), "ownkey-e2e-"));
  await mkdir(join(folder, "home/.aws"), { recursive: true });
  return new Place(folder);
}

class Place {
  constructor(folder) {
    this.folder = folder;
    this.home = join(folder, "home");
    this.data = join(folder, "data");
    this.ends = [];
  }

  /** What has to end before the place can go. */
  before(end) {
    this.ends.push(end);
  }

  async leave() {
    for (const end of this.ends.reverse()) await end();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** What the app sees; everything of AWS's that the tests' own environment holds is hidden. */
  environment() {
    const hidden = Object.keys(process.env).filter((name) => name.startsWith("AWS_"));
    return {
      ...Object.fromEntries(hidden.map((name) => [name, undefined])),
      AWS_EC2_METADATA_DISABLED: "true",
      HOME: this.home,
      XDG_CONFIG_HOME: join(this.home, ".config"),
      XDG_DATA_HOME: join(this.home, ".local/share"),
      XDG_CACHE_HOME: join(this.home, ".cache"),
      XDG_STATE_HOME: join(this.home, ".local/state"),
      OWNKEY_DATA_DIR: this.data,
      // The same words and times on every machine.
      LANG: "C.UTF-8",
      TZ: "UTC",
    };
  }

  /** A profile with static keys in ~/.aws, as a person would have it. */
  async writeProfile(name, { region = "eu-west-1", keyId = "test", secret = "test" } = {}) {
    await this.writeConfig(`[profile ${name}]\nregion = ${region}\n`);
    await this.writeCredentials(
      `[${name}]\naws_access_key_id = ${keyId}\naws_secret_access_key = ${secret}\n`,
    );
  }

  writeConfig(text) {
    return writeFile(join(this.home, ".aws/config"), text);
  }

  writeCredentials(text) {
    return writeFile(join(this.home, ".aws/credentials"), text);
  }
}
