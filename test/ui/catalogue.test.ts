/** Every word on a screen is in the catalogue, every word in the catalogue is on a screen, and each can be formatted. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { IntlMessageFormat } from "intl-messageformat";
import { parse } from "svelte/compiler";
import { expect, test } from "vitest";
import en from "../../src/ui/locales/en.json" with { type: "json" };
import { pseudoOf } from "../../src/ui/locales/pseudo.ts";

const files = readdirSync("src/ui", { recursive: true, encoding: "utf8" })
  .filter((path) => /\.(ts|svelte)$/.test(path))
  .map((path) => join("src/ui", path));
const keys = Object.keys(en);

test("every key that a screen asks for exists, and none is left over", () => {
  const patterns = files.flatMap((file) => keyPatterns(readFileSync(file, "utf8")));
  const missing = patterns.filter(({ pattern }) => !keys.some((key) => pattern.test(key))).map(({ source }) => source);
  const unused = keys.filter((key) => !patterns.some(({ pattern }) => pattern.test(key)));
  expect({ missing, unused }).toEqual({ missing: [], unused: [] });
});

test.each(files.filter((file) => file.endsWith(".svelte")))("%s has no words of its own", (file) => {
  expect(literalWords(readFileSync(file, "utf8"))).toEqual([]);
});

test("the scanner sees words in text and in what is read aloud, and nothing else", () => {
  const markup = `<script>const a = "hidden";</script><p class="x">Hello {name}</p><img alt="A cat" src="cat.png" />
    <button aria-label={t("skip")} title="Go {where}">·</button><Field label="Name" id="name" /><p>{"quoted"}{yes ? "one" : t("two")}</p>`;
  expect(literalWords(markup)).toEqual(["Hello", "A cat", "Go", "Name", "quoted", "one"]);
});

test.each([
  ["as written", en],
  ["in the pseudo-locale", pseudoOf(en)],
] as const)("every message can be formatted, %s", (_name, catalogue) => {
  for (const [key, message] of Object.entries(catalogue)) {
    const format = new IntlMessageFormat(message, "en");
    const values = Object.fromEntries(argumentsOf(message).map((name) => [name, 2]));
    expect(() => format.format(values), key).not.toThrow();
    expect(argumentsOf(message), key).toEqual(argumentsOf(en[key as keyof typeof en])); // keys come from `en`
  }
});

/** Whole string literals that look like keys, and templates with one hole, such as `state.${state}`. */
function keyPatterns(text: string): { readonly source: string; readonly pattern: RegExp }[] {
  const families = new Set(keys.map((key) => key.split(".")[0]));
  const literal = [...text.matchAll(/"([a-z]\w*(?:\.[\w-]+)+|[a-z]+)"/gi)].map((match) => match[1] ?? "");
  const template = [...text.matchAll(/`([a-z]\w*\.[^`\s]*\$\{[^`\s]*)`/gi)].map((match) => match[1] ?? "");
  return [
    ...literal.filter(
      (word) =>
        families.has(word.split(".")[0]) && (word.includes(".") ? !/\.(ts|json|svelte)$/.test(word) : keys.includes(word)),
    ),
    ...template.filter((word) => families.has(word.split(".")[0])),
  ].map((source) => ({
    source,
    pattern: new RegExp(
      `^${source
        .split(/\$\{[^}]*\}/)
        .map((part) => part.replace(/[.]/g, "\\."))
        .join("[\\w-]+")}$`,
    ),
  }));
}

const SAID = new Set([
  "aria-label",
  "aria-description",
  "title",
  "placeholder",
  "alt",
  "label",
  "help",
  "legend",
  "optional",
  "name",
  "example",
]);
const LETTERS = /\p{L}/u;

interface Node {
  readonly type?: string | number;
  readonly name?: string;
  readonly [field: string]: unknown;
}

/** Words in text, in attributes that are read aloud, and in bare strings of expressions between the two. */
function literalWords(markup: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown, said: boolean): void => {
    if (Array.isArray(node)) return node.forEach((each) => visit(each, said));
    if (typeof node !== "object" || node === null) return;
    const each = node as Node; // svelte's AST, walked by shape
    if (each.type === "Text" && said && typeof each["data"] === "string" && LETTERS.test(each["data"]))
      found.push(each["data"].trim());
    if (each.type === "Literal" && said && typeof each["value"] === "string" && LETTERS.test(each["value"]))
      found.push(each["value"]);
    if (each.type === "Attribute") return visit(each["value"], SAID.has(each.name ?? "") && !isInput(each));
    if (each.type === "CallExpression" || each.type === "BinaryExpression") return; // t("…"), and comparisons
    if (each.type === "ExpressionTag") return visit(each["expression"], said);
    if (each.type === "ConditionalExpression") return visit([each["consequent"], each["alternate"]], said);
    if (/^(If|Each|Await|Key|Snippet)Block$/.test(String(each.type))) {
      return visit(
        [
          each["consequent"],
          each["alternate"],
          each["body"],
          each["fallback"],
          each["pending"],
          each["then"],
          each["catch"],
          each["fragment"],
        ],
        said,
      );
    }
    if (each.type === "Component" && each.name === "Icon") return; // its name is a drawing's
    for (const child of ["fragment", "nodes", "attributes"]) visit(each[child], true);
  };
  visit(parse(markup, { modern: true }).fragment, true);
  return found;
}

/** `name` is read aloud as a prop of some parts, and is only a form's or a slot's business elsewhere. */
const isInput = (attribute: Node): boolean => attribute.name === "name" && /^[\w-]+$/.test(textOf(attribute["value"]));
const textOf = (value: unknown): string =>
  Array.isArray(value) && value.length === 1 ? String((value[0] as Node)["data"] ?? "") : "";

/** Names of the values a message needs, wherever in its branches. */
function argumentsOf(message: string): string[] {
  const found = new Set<string>();
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) return part.forEach(visit);
    if (typeof part !== "object" || part === null) return;
    const each = part as Node; // formatjs' AST, walked by shape: 0 is text, 7 is `#`
    if (each.type !== undefined && ![0, 7].includes(Number(each.type))) found.add(String(each["value"]));
    for (const option of Object.values(each["options"] ?? {})) visit((option as Node)["value"]);
  };
  visit(new IntlMessageFormat(message, "en").getAst());
  return [...found].sort();
}
