// `npm run sandbox:conformance`: what AWS documents of KMS and of what is around it, asked of the sandbox by boto3.
// `-- walk` tells one story through all of it, `-- --endpoint URL` asks another server, `-- --compare` MiniStack and
// moto as well; `-- --help` has the rest.

import { buildSandbox } from "./lib/cargo.mjs";
import { conformance } from "./lib/conformance.mjs";
import { toBuild, toMeetPeers } from "./lib/needs.mjs";
import { prepareMoto, preparePython } from "./lib/python.mjs";
import { prepareSystem } from "./lib/system.mjs";

const words = process.argv.slice(2);

need(await prepareSystem([...toBuild, ...toMeetPeers]));
need(await preparePython());
// A comparison without moto is still one with MiniStack; the table then says so.
if (words.includes("--compare")) await prepareMoto();
if (!words.includes("--endpoint")) need((await buildSandbox()) === 0);
process.exit(await conformance(words));

function need(holds) {
  if (!holds) process.exit(1);
}
