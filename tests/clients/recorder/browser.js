// The page of page.js in a browser whose microphone plays a file, for a test in another language.
// `node browser.js CHROMIUM RECORDER WAV FOLDER` prints a line when it is ready. Each line of standard input is a
// command, [name, ...parameters]; its result is one line of output. Those without a function below are calls in the page.
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { chromium } from "playwright-core";

const [executablePath, recorder, wav, folder] = process.argv.slice(2);
const { Resampler } = await import(join(recorder, "dist", "resampler.js"));

const server = createServer(async (request, response) => {
  const script = request.url.endsWith(".js");
  response.setHeader("Content-Type", script ? "text/javascript" : "text/html");
  if (!script) {
    response.end('<!doctype html><script type="module" src="/page.js"></script>');
    return;
  }
  const file = request.url === "/page.js" ? new URL("page.js", import.meta.url) : join(recorder, request.url);
  response.end(await readFile(file));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const local = `http://localhost:${server.address().port}`;
let origin = local;

const stretches = new Map();
let context;
let tab;

async function launch(answer = "") {
  context = await chromium.launchPersistentContext(join(folder, "profile"), {
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--use-fake-device-for-media-stream",
      `--use-fake-ui-for-media-stream${answer}`,
      `--use-file-for-fake-audio-capture=${wav}`,
      // The origin that the API allows is this server.
      `--host-resolver-rules=MAP localhost:3000 127.0.0.1:${server.address().port}`,
    ],
  });
  await context.exposeBinding("tap", (_, stretch, rate, block) => {
    const known = stretches.get(stretch) ?? { rate, blocks: [] };
    stretches.set(stretch, known);
    known.blocks.push(new Float32Array(Uint8Array.from(Buffer.from(block, "base64")).buffer));
  });
  await open();
}

async function open() {
  tab = await context.newPage();
  tab.on("console", (message) => console.error(message.text()));
  tab.on("pageerror", (error) => console.error(error.stack));
  await tab.goto(origin);
  await tab.waitForFunction(() => "call" in window);
}

/** Resampled at once, not in the blocks in which they came. */
function resampled({ rate, blocks }) {
  const whole = new Float32Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    whole.set(block, at);
    at += block.length;
  }
  const resampler = new Resampler(rate);
  return Buffer.concat([resampler.push(whole), resampler.flush()].map((part) => Buffer.from(part.buffer)));
}

const commands = {
  /** A page as if the browser were new. */
  async begin(from = local) {
    origin = from;
    await tab.goto("about:blank");
    await tab.goto(origin);
    await tab.evaluate(async () => {
      const request = indexedDB.deleteDatabase("synapseai-recorder");
      await new Promise((resolve) => (request.onsuccess = resolve));
    });
    stretches.clear();
    await tab.reload();
    await tab.waitForFunction(() => "call" in window);
  },

  async reload() {
    await tab.reload();
    await tab.waitForFunction(() => "call" in window);
  },

  async offline(offline) {
    await context.setOffline(offline);
  },

  /** The browser starts again, for a user who blocks the microphone, or allows it again. */
  async block(blocked) {
    await context.close();
    await launch(blocked ? "=deny" : "");
  },

  async wait(milliseconds) {
    await tab.waitForTimeout(milliseconds);
  },

  /** Wait until this expression is true in the page: of `seen` and `last`, its events. */
  async until(expression) {
    await tab.waitForFunction(expression, undefined, { timeout: 120_000, polling: 50 });
  },

  /** The process of the tab ends. */
  async killTab() {
    const crashed = new Promise((resolve) => tab.once("crash", resolve));
    const session = await context.newCDPSession(tab);
    session.send("Page.crash").catch(() => undefined);
    await crashed;
    await tab.close();
    await open();
  },

  /** Every process of the browser ends; it starts again with the same profile. */
  async killBrowser() {
    const session = await context.browser()?.newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    const closed = new Promise((resolve) => context.once("close", resolve));
    process.kill(processInfo.find(({ type }) => type === "browser").id, "SIGKILL");
    await closed;
    await launch();
  },

  /** The files with what the worklet gave, a file for audio without a break, as 16-bit samples of 16 kHz. */
  async taps() {
    const files = [];
    for (const [name, stretch] of stretches) {
      const file = join(folder, `${name}.pcm`);
      await writeFile(file, resampled(stretch));
      files.push(file);
    }
    return files;
  },
};

await launch();
console.log("{}");
for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...given] = JSON.parse(line);
  const inPage = () => tab.evaluate(([call, parameters]) => window.call[call](...parameters), [name, given]);
  console.log(JSON.stringify({ value: await (commands[name]?.(...given) ?? inPage()) }));
}
await context.close();
server.close();
