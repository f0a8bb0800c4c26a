// The page of a link in a browser of a telephone's width, used by its keyboard alone and checked by axe-core.
// `node link_page.js CHROMIUM URL` prints one line of JSON: what was focused in which order, what axe-core found, how the
// page fits, and what a wrong and the right passcode did. `PASSCODE` has the fields of the right one, as JSON.
import { chromium } from "playwright-core";

import { examined } from "./axe.js";

const [executablePath, url] = process.argv.slice(2);
const passcode = JSON.parse(process.env.PASSCODE);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--no-first-run"] });

// The page itself runs no script: what checks it runs in a world of its own, which its security policy does not bind.
const checking = await browser.newContext({ viewport: { width: 320, height: 640 }, bypassCSP: true });

async function check(address) {
  const tab = await checking.newPage();
  await tab.goto(address);
  const found = await examined(tab);
  await tab.close();
  return found;
}

const context = await browser.newContext({
  viewport: { width: 320, height: 640 },
  javaScriptEnabled: false,
});
const tab = await context.newPage();
const requested = [];
tab.on("request", (request) => requested.push(request.url()));

async function focused() {
  return tab.locator(":focus").evaluate((element) => element.id || element.tagName.toLowerCase());
}

async function type(fields) {
  const order = [];
  for (let presses = 0; presses < 12; presses++) {
    await tab.keyboard.press("Tab");
    const name = await focused();
    order.push(name);
    if (name in fields) await tab.keyboard.type(fields[name]);
    if (name === "button") break;
  }
  await tab.waitForTimeout(1100); // a person types for longer
  return order;
}

const pages = [await check(url), await check(`${url}?lang=hi`)];
await tab.goto(url);
const order = await type({ ...passcode, year: "1980", code: "000000" });
await Promise.all([tab.waitForNavigation(), tab.keyboard.press("Enter")]);
const wrong = await tab.locator("[role=alert]").innerText();
await tab.screenshot({ path: process.env.PICTURE, fullPage: true });
await type(passcode);
const isAnswer = (response) => response.request().method() === "POST";
const [answer] = await Promise.all([tab.waitForResponse(isAnswer), tab.keyboard.press("Enter")]);
const opened = { status: answer.status(), type: answer.headers()["content-type"] };
console.log(JSON.stringify({ pages, order, wrong, opened, requested }));
await browser.close();
