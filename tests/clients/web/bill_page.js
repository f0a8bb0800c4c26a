// The page of a bill in a browser of a telephone's width, opened by keyboard and checked by axe-core.
// `node bill_page.js CHROMIUM URL` prints one line of JSON. `PASSCODE` has the fields of the passcode, as JSON; `PICTURE`
// is where the screenshot goes.
import { chromium } from "playwright-core";

import { examined } from "./axe.js";

const [executablePath, url] = process.argv.slice(2);
const passcode = JSON.parse(process.env.PASSCODE);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--no-first-run"] });
const requested = [];
const pages = [];

for (const [language, width] of [["en", 320], ["hi", 390]]) {
  // The page itself runs no script: what checks it runs in a world of its own, which its security policy does not bind.
  const context = await browser.newContext({ viewport: { width, height: 844 }, bypassCSP: true, deviceScaleFactor: 2 });
  const tab = await context.newPage();
  tab.on("request", (request) => requested.push(request.url()));
  await tab.goto(`${url}?lang=${language}`);
  for (const [name, value] of Object.entries(passcode)) await tab.locator(`#${name}`).fill(value);
  await tab.waitForTimeout(1100); // a person types for longer
  await Promise.all([tab.waitForNavigation(), tab.keyboard.press("Enter")]);
  const heading = await tab.locator("h1").innerText();
  const owed = await tab.locator(".owed").innerText();
  const upi = await tab.locator("a.button").getAttribute("href");
  await tab.screenshot({ path: `${process.env.PICTURE}-${language}.png`, fullPage: true });
  const found = await examined(tab);
  const isAnswer = (response) => response.request().method() === "POST";
  const [answer] = await Promise.all([tab.waitForResponse(isAnswer), tab.locator("form button").press("Enter")]);
  const paper = { status: answer.status(), type: answer.headers()["content-type"] };
  pages.push({ ...found, heading, owed, upi, paper });
  await context.close();
}
console.log(JSON.stringify({ pages, requested }));
await browser.close();
