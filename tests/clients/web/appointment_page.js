// The page of an appointment in a browser of a telephone's width: checked by axe-core, then answered by keyboard alone
// and without scripts. `node appointment_page.js CHROMIUM URL YEAR` prints one line of JSON: what axe-core found on each
// page, the names that a screen reader says, and what the answers did.
import { chromium } from "playwright-core";

import { examined } from "./axe.js";

const [executablePath, url, year] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--no-first-run"] });
const viewport = { width: 320, height: 640 };

// The pages themselves run no script: what checks them runs in a world of its own, which their policy does not bind.
const checking = await browser.newContext({ viewport, bypassCSP: true });
const pages = [];
for (const language of ["en", "hi"]) {
  const tab = await checking.newPage();
  await tab.goto(`${url}?lang=${language}`);
  pages.push(await examined(tab));
  for (const answer of ["confirm", "other_time", "cancel"]) {
    await tab.goto(`${url}?lang=${language}`);
    await Promise.all([tab.waitForNavigation(), tab.locator(`button[value=${answer}]`).click()]);
    pages.push(await examined(tab));
  }
  await tab.close();
}

const context = await browser.newContext({ viewport, javaScriptEnabled: false });
const tab = await context.newPage();
const requested = [];
tab.on("request", (request) => requested.push(request.url()));

// Press Tab until an element is focused; returns how it is named on the way.
async function walk(selector) {
  const order = [];
  for (let presses = 0; presses < 25; presses++) {
    await tab.keyboard.press("Tab");
    // Of a date field, whose parts have the focus one after another, the whole field.
    const name = await tab.evaluate(() => {
      const { id, value, tagName } = document.activeElement;
      return id || value || tagName.toLowerCase();
    });
    order.push(name);
    if (await tab.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return order;
  }
  throw new Error(`no way to ${selector}: ${order}`);
}

async function press() {
  await Promise.all([tab.waitForNavigation(), tab.keyboard.press("Enter")]);
}

await tab.goto(url);
const first = await walk("button[value=other_time]");
await press();
const second = await walk("#wish");
await tab.keyboard.type("After work");
await walk("#year");
await tab.keyboard.type("1900");
const named = await tab.getByRole("textbox", { name: "The patient's year of birth" }).count();
await tab.waitForTimeout(1100); // a person types for longer
await walk("button");
await press();
const wrong = await tab.getByRole("alert").innerText();
await walk("#year");
await tab.keyboard.type(year);
await tab.waitForTimeout(1100);
await walk("button");
await press();
const asked = await tab.getByRole("heading", { level: 1 }).innerText();
await walk("button[value=confirm]");
await press();
await walk("#year");
await tab.keyboard.type(year);
await tab.waitForTimeout(1100);
await walk("button");
await press();
const confirmed = await tab.getByRole("status").innerText();
console.log(JSON.stringify({ pages, first, second, named, wrong, asked, confirmed, requested }));
await browser.close();
