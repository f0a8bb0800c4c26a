// The app of page.ts in a browser, for a test in another language. `node browser.js CHROMIUM` prints a line when it is
// ready. Each line of standard input, [call, ...parameters], is a call in the page; its result is one line of output.
// ["open", origin] reloads the page. The origin is http://localhost with any port, although no server listens there:
// the browser resolves this name to the server of this program, and no other name to anything.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { chromium } from "playwright-core";

const executablePath = process.argv[2];
const page = fileURLToPath(new URL("page.ts", import.meta.url));
const bundle = await build({ entryPoints: [page], bundle: true, format: "esm", write: false });
const server = createServer((request, response) => {
  const script = request.url === "/app.js";
  response.setHeader("Content-Type", script ? "text/javascript" : "text/html");
  response.end(script ? bundle.outputFiles[0].contents : '<!doctype html><script type="module" src="/app.js"></script>');
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

const rules = `MAP localhost 127.0.0.1:${server.address().port}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`;
const browser = await chromium.launch({
  executablePath,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    `--host-resolver-rules=${rules}`,
  ],
});
const tab = await browser.newPage();
tab.on("console", (message) => console.error(message.text()));

async function open(origin) {
  await tab.goto(origin);
  await tab.waitForFunction(() => "answer" in window);
  return {};
}

console.log("{}");
for await (const line of createInterface({ input: process.stdin })) {
  const [call, ...given] = JSON.parse(line);
  const inPage = () => tab.evaluate((asked) => window.answer(...asked), [call, given]);
  console.log(JSON.stringify(call === "open" ? await open(...given) : await inPage()));
}
await browser.close();
server.close();
