// What axe-core finds in a page, and how the page fits.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export async function examined(tab) {
  await tab.evaluate(axe);
  const found = await tab.evaluate(() => window.axe.run());
  const width = await tab.evaluate(() => document.documentElement.scrollWidth);
  const language = await tab.evaluate(() => document.documentElement.lang);
  const violations = found.violations.map((one) => `${one.impact} ${one.id}: ${one.nodes[0].html}`);
  return { violations, width, language, passes: found.passes.length };
}
