/** What a person does while writing in blocks, by keys alone, and what must then be in the fields. Each throws when it is not. */
import type { Page } from "playwright-core";
import type { OpenDocument } from "../../../src/peer/open-document.ts";

declare global {
  interface Window {
    /** Set by page.ts: the document that was opened last. */
    opened?: OpenDocument;
  }
}

const fields = (page: Page) =>
  page.locator(".editor textarea").evaluateAll((all) => all.map((each) => (each as HTMLTextAreaElement).value));

/** Number of the field that has the focus, and where the caret is in it. */
const caret = (page: Page) =>
  page.evaluate(() => {
    const all = [...document.querySelectorAll<HTMLTextAreaElement>(".editor textarea")];
    const at = all.findIndex((each) => each === document.activeElement);
    return [at, all[at]?.selectionStart ?? -1] as const;
  });

/** Somebody else puts words into a block, and a frame passes. */
async function remote(page: Page, block: number, at: number, words: string): Promise<void> {
  await page.evaluate(
    ([index, place, text]) => {
      const map = window.opened
        ?.live()
        .getArray<{ get: (key: string) => { insert: (at: number, text: string) => void } }>("blocks");
      map?.get(index).get("text").insert(place, text);
    },
    [block, at, words] as const,
  );
  await page.waitForTimeout(50);
}

async function expectThat(name: string, found: unknown, wanted: unknown): Promise<void> {
  const [left, right] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (left !== right) throw new Error(`${name}: ${left}, not ${right}`);
  return Promise.resolve();
}

export async function writeByKeys(page: Page): Promise<void> {
  const { keyboard } = page;
  await page.getByRole("button", { name: "Write the first line" }).click();
  await keyboard.type("# Title");
  await keyboard.press("Enter");
  await keyboard.type("one two");
  await keyboard.press("Shift+Enter");
  await keyboard.type("three");
  await keyboard.press("Enter");
  await keyboard.type("- item");
  await expectThat("typed", await fields(page), ["Title", "one two\nthree", "item"]);

  await keyboard.press("Home");
  await keyboard.press("Backspace");
  await keyboard.press("Backspace");
  await expectThat("merged", await fields(page), ["Title", "one two\nthreeitem"]);
  await expectThat("the caret after merging", await caret(page), [1, 13]);

  await keyboard.press("ArrowUp");
  await expectThat("up within the field", (await caret(page))[0], 1);
  await keyboard.press("ArrowUp");
  await expectThat("up across", (await caret(page))[0], 0);
  await keyboard.press("ArrowDown");
  await expectThat("down across", (await caret(page))[0], 1);
  await keyboard.press("Alt+ArrowUp");
  await expectThat("moved up", await fields(page), ["one two\nthreeitem", "Title"]);
  await keyboard.press("Alt+ArrowDown");
  const [field, place] = await caret(page);
  await expectThat("moved along", field, 1);
  if (place < 0 || place > 8) throw new Error(`moved along to ${place}`);

  await keyboard.press("Control+Home");
  await keyboard.press("ArrowRight");
  await keyboard.press("ArrowRight");
  await keyboard.press("ArrowRight");
  await expectThat("three to the right", await caret(page), [1, 3]);
  await remote(page, 1, 0, "Zero ");
  await expectThat("the caret after others wrote before it", await caret(page), [1, 8]);
  await remote(page, 1, 20, "!");
  await expectThat("the caret after others wrote behind it", await caret(page), [1, 8]);
  await keyboard.type("X");
  await expectThat("typed after others", (await fields(page))[1], "Zero oneX two\nthreeit!em");
  await keyboard.press("Control+z");
  const undone = (await fields(page)).join("|");
  if (undone.includes("X") || !undone.includes("Zero ") || !undone.includes("!")) throw new Error(`undone: ${undone}`);
  await keyboard.press("Control+Shift+z");
  if (!(await fields(page)).join("|").includes("X")) throw new Error("redone: not");

  await keyboard.press("Control+Home");
  await page.evaluate(() => {
    const pasted = new DataTransfer();
    pasted.setData("text/plain", "# Pasted\n- a\n- b\n");
    document.activeElement?.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData: pasted, bubbles: true, cancelable: true }),
    );
  });
  await page.waitForTimeout(50);
  const after = await fields(page);
  await expectThat("pasted", after.slice(1, 3), ["Pasted", "a"]);

  const agree = await page.evaluate(() =>
    [...document.querySelectorAll(".editor .field")].every(
      (field) => field.querySelector(".mirror")?.textContent === field.querySelector("textarea")?.value,
    ),
  );
  if (!agree) throw new Error("a mirror says something else than its field");
}

/** Tab goes through and out; every control on the way has a name. */
export async function tabThrough(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Write", exact: true }).click();
  const names: string[] = [];
  for (let step = 0; step < 40; step += 1) {
    const name = await page.evaluate(
      () => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? "",
    );
    names.push(name.trim());
    if (name.includes("About this document")) break;
    await page.keyboard.press("Tab");
  }
  await expectThat("first", names.slice(0, 3), ["Heading 1 of 12", "Heading 1: change, move or remove", "Paragraph 2 of 12"]);
  await expectThat("last", names.at(-1), "About this document");
}

/** Up and up again by the tools, without looking for them anew; then away with it. */
export async function moveByTools(page: Page): Promise<void> {
  const { keyboard } = page;
  await page.getByRole("button", { name: "Write", exact: true }).click();
  await page.getByRole("button", { name: "List item 4: change, move or remove" }).click();
  await page.getByRole("button", { name: "List item 4: move up" }).focus();
  await keyboard.press("Enter");
  await keyboard.press("Enter");
  const name = await page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
  await expectThat("the focus after moving", name, "List item 2: move up");
  await expectThat("moved", (await fields(page))[1], "An ask is one line. Nobody has to explain why.");
  await page.getByRole("combobox", { name: "List item 2: kind" }).selectOption("quote");
  await page.getByRole("button", { name: "Quote 2: remove" }).click();
  await page.waitForTimeout(50);
  await expectThat("removed", (await fields(page)).length, 11);
  await expectThat("the caret after removing", (await caret(page))[0], 0);
}

/** A word composed by an input method, while somebody else writes in the same block. */
export async function compose(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Write the first line" }).click();
  await page.keyboard.type("ab");
  const client = await page.context().newCDPSession(page);
  await client.send("Input.imeSetComposition", { text: "に", selectionStart: 1, selectionEnd: 1 });
  await remote(page, 0, 0, "XX");
  await expectThat("while composing", await fields(page), ["abに"]);
  await client.send("Input.imeSetComposition", { text: "にほ", selectionStart: 2, selectionEnd: 2 });
  await client.send("Input.insertText", { text: "日本" });
  await page.waitForTimeout(50);
  await expectThat("composed", await fields(page), ["XXab日本"]);
  await expectThat("the caret after composing", await caret(page), [0, 6]);
}
