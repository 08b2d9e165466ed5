/**
 * The house rules that a linter does not see: rooms and their order, doors, which package may be used where, cycles
 * (type-only imports count), sizes, and where colours may be written. Rooms: DESIGN.md, section 3.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, posix, sep } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

/** A room may import itself and any room before it. */
const rooms = {
  protocol: ["lang", "codec", "crypto", "envelope", "feed", "authority", "acts", "documents", "space", "sync", "bridge"],
  src: ["platform", "storage", "net", "peer", "ui", "hearth"],
  /** A living community from a seed: no real people, public keys. It writes by the app's own rules and has no wires. */
  village: ["words"],
};

/** Beyond the order: rooms that reach less than all the rooms before them. */
const reaches: Partial<Record<string, readonly string[]>> = {
  net: ["platform", "net"],
  ui: ["platform", "peer", "ui"],
  hearth: ["platform", "storage", "net", "peer", "hearth"],
};

/** A house may enter another by these doors only. */
const doors: Readonly<Record<keyof typeof rooms, RegExp>> = {
  protocol: /^$/,
  src: /^protocol\/index\.ts$/,
  village: /^(protocol\/index\.ts|src\/(platform|storage|peer)\/.*|src\/hearth\/serve-app\.ts)$/,
};

const MAX_LINES = 400;

const listed = (folder: string) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => join(folder, path).split(sep).join("/"))
    : [];

const files = ["protocol", "src", "village", "test", "bench", "scripts"]
  .flatMap(listed)
  .filter((path) => /\.(ts|mjs|svelte|css)$/.test(path));
const textByFile = new Map(files.map((file) => [file, readFileSync(file, "utf8")]));
const modules = files.filter((file) => /^(protocol|src|village)\/.*\.(ts|svelte)$/.test(file));
const importsByFile = new Map(modules.map((file) => [file, importsOf(file)]));
const imports = modules.flatMap((file) => importsByFile.get(file)!.map((target) => ({ file, target })));
const inside = imports.filter(
  ({ target }) => /^(protocol|src|village)\//.test(target) || target.startsWith("..") || target.startsWith("./"),
);
const packages = imports.filter((each) => !inside.includes(each));

test("all houses are there", () => {
  expect(modules.filter((file) => file.startsWith("protocol/")).length).toBeGreaterThan(0);
  expect(modules.filter((file) => file.startsWith("src/")).length).toBeGreaterThan(0);
  expect(modules.filter((file) => file.startsWith("village/")).length).toBeGreaterThan(0);
});

test("no file passes 400 lines", () => {
  const long = files.map((file) => ({ file, lines: linesOf(file) })).filter(({ lines }) => lines > MAX_LINES);
  expect(long.map(({ file, lines }) => `${file}: ${lines}`)).toEqual([]);
});

test("every file lives in a room that has a caption, and folders are ideas", () => {
  const homeless = modules.filter((file) => {
    const { root, room } = place(file);
    if (root === "village") return room !== "words" && !isRoot(room); // small: one floor, and what people say
    return !rooms[root].includes(room) && !/^(index|main|demo)\.ts$/.test(room) && !file.endsWith(".d.ts");
  });
  const kinds = files.filter((file) => /\/(types|utils?|helpers?|constants|common|misc)(\/|\.(ts|mjs)$)/.test(file));
  expect([...new Set([...homeless, ...kinds])]).toEqual([]);
});

test("a room imports only itself and the rooms before it", () => {
  const wrong = inside.filter(({ file, target }) => {
    if (!/^(protocol|src|village)\//.test(target)) return true; // no house
    const from = place(file);
    const to = place(target);
    if (from.root !== to.root) return !doors[from.root].test(target);
    if (from.root === "village") return from.room === "words" && isRoot(to.room); // words know nobody
    if (isRoot(from.room)) return false; // composes, so it sees every room
    if (isRoot(to.room)) return true; // and no room sees it
    if (!rooms[from.root].slice(0, rooms[from.root].indexOf(from.room) + 1).includes(to.room)) return true;
    return from.root === "src" && reaches[from.room]?.includes(to.room) === false;
  });
  expect(wrong.map(sentence)).toEqual([]);
});

test("the browser app and the hearth are composed apart", () => {
  const fromBrowser = reachableFrom("src/main.ts");
  const strangers = packages.filter(({ file, target }) => fromBrowser.has(file) && /^node:|^classic-level$|^sirv$/.test(target));
  const hearths = [...fromBrowser].filter((file) => file.startsWith("src/hearth/"));
  const screens = [...reachableFrom("src/hearth/main.ts")].filter((file) => file.startsWith("src/ui/"));
  expect([...strangers.map(sentence), ...hearths, ...screens]).toEqual([]);
});

test("a village has no wires and no screens, and the app does not know it", () => {
  const villages = modules.filter((file) => file.startsWith("village/"));
  const reached = new Set(villages.flatMap((file) => [...reachableFrom(file)]));
  const wires = [...reached].filter((file) => /^src\/(net|ui)\//.test(file));
  const fromApp = inside.filter(({ file, target }) => !file.startsWith("village/") && target.startsWith("village/"));
  expect([...wires, ...fromApp.map(sentence)]).toEqual([]);
});

test("a demo has no wires to dial with", () => {
  const reached = reachableFrom("src/demo.ts");
  const libp2p = packages.filter(({ file, target }) => reached.has(file) && isLibp2p(target));
  const starts = [...reached].filter((file) => /^src\/(main|peer\/(start-network|open-kith)|net\/.*-node)\.ts$/.test(file));
  expect(reached.has("src/peer/house.ts")).toBe(true);
  expect([...libp2p.map(sentence), ...starts]).toEqual([]);
});

test("no cycles, not even of types", () => {
  expect(cycles()).toEqual([]);
});

test("a package is imported only in the rooms that may", () => {
  const wrong = packages.filter(({ file, target }) => {
    if (isLibp2p(target)) return !file.startsWith("src/net/");
    if (/^(yjs|y-[a-z]+|lib0)(\/|$)/.test(target))
      return !/^(protocol\/documents|src\/(peer|storage|ui\/editor))\/|^village\/desk\.ts$/.test(file);
    if (/^svelte/.test(target)) return !/^src\/(ui\/|(main|demo)\.ts$)/.test(file);
    if (file.startsWith("protocol/")) return !/^(@noble\/|@scure\/base$|cborg(\/|$))/.test(target);
    return false;
  });
  expect(wrong.map(sentence)).toEqual([]);
});

test("every file of the protocol says at its head what it is", () => {
  const silent = modules.filter((file) => /^protocol\/(?!lang\/)/.test(file) && !/^\/(\*\*|\/)/.test(textByFile.get(file)!));
  expect(silent).toEqual([]);
});

test("colours and layers are written only in tokens.css, and nothing is !important", () => {
  const literals = files.filter((file) => /\.(svelte|css)$/.test(file) && basename(file) !== "tokens.css").flatMap(literalsOf);
  expect(literals).toEqual([]);
});

/** Files at a root (`index.ts`, `main.ts`) compose; `room` is then the file's own name. */
function place(path: string): { root: keyof typeof rooms; room: string } {
  const [root, room] = path.split("/");
  return { root: root as keyof typeof rooms, room: room! }; // only called on paths under the two roots
}

function isRoot(room: string) {
  return room.endsWith(".ts");
}

function isLibp2p(name: string) {
  return /^(libp2p|it-[a-z-]+|interface-[a-z-]+|@libp2p\/.*|@multiformats\/.*|@chainsafe\/libp2p-.*|@chainsafe\/is-ip)(\/|$)/.test(
    name,
  );
}

function sentence({ file, target }: { file: string; target: string }) {
  return `${file} imports ${target}`;
}

function linesOf(file: string) {
  const text = textByFile.get(file)!;
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}

/** All that a file names: static, dynamic, type-only, re-exported, and `new URL("./worker.ts", import.meta.url)`. */
function importsOf(file: string): string[] {
  const text = file.endsWith(".svelte") ? scriptsOf(textByFile.get(file)!) : textByFile.get(file)!;
  const named = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  const workers = [...text.matchAll(/new URL\(\s*["'](\.[^"']+)["']\s*,\s*import\.meta\.url/g)].map(([, name]) => name!);
  return [...new Set([...named, ...workers])].map((name) => {
    const path = name.replace(/\?.*$/, "");
    return path.startsWith(".") ? posix.join(dirname(file), path) : path;
  });
}

function scriptsOf(svelte: string) {
  return [...svelte.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(([, script]) => script!).join("\n");
}

function reachableFrom(start: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const visit = (file: string) => {
    if (seen.has(file) || !importsByFile.has(file)) return;
    seen.add(file);
    importsByFile.get(file)!.forEach(visit);
  };
  visit(start);
  return seen;
}

/** Every circle, as the path that closes it (Tarjan would name the knots; a path says where to cut). */
function cycles(): string[] {
  const found: string[] = [];
  const state = new Map<string, "open" | "done">();
  const visit = (file: string, path: readonly string[]) => {
    if (!importsByFile.has(file) || state.get(file) === "done") return;
    if (state.get(file) === "open") return void found.push([...path.slice(path.indexOf(file)), file].join(" -> "));
    state.set(file, "open");
    for (const target of importsByFile.get(file)!) visit(target, [...path, file]);
    state.set(file, "done");
  };
  modules.forEach((file) => visit(file, []));
  return found;
}

/** Where a component or sheet writes itself what should be a token. */
function literalsOf(file: string): string[] {
  const text = textByFile.get(file)!;
  const styles = file.endsWith(".css")
    ? [text]
    : [...text.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/g)].map(([, style]) => style!);
  const declarations = styles.flatMap((style) =>
    [...style.replace(/\/\*[\s\S]*?\*\//g, "").matchAll(/([\w-]+)\s*:\s*([^;{}]+)(?=[;}])/g)].map(([, property, value]) => ({
      property: property!,
      value: value!,
    })),
  );
  const attributes = file.endsWith(".css")
    ? []
    : [...text.matchAll(/\s(style|fill|stroke|stop-color|color|flood-color)="([^"]*)"/g)].map(([, property, value]) => ({
        property: property!,
        value: value!,
      }));
  return [...declarations, ...attributes]
    .filter(({ property, value }) => breaksTokens(property, value))
    .map(({ property, value }) => `${file}: ${property}: ${value.trim()}`);
}

function breaksTokens(property: string, value: string) {
  const bare = value.replace(/var\(\s*--[\w-]+/g, "(").replace(/url\([^)]*\)/g, "");
  if (/!\s*important/.test(bare)) return true;
  if (property === "z-index") return /\d/.test(bare);
  return (
    /#[0-9a-f]{3,8}\b/i.test(bare) ||
    /\b(rgba?|hsla?|hwb|lab|lch|oklab|oklch|color)\(/i.test(bare) ||
    (/color|background|border|outline|shadow|fill|stroke|style|caret|accent|^--/.test(property) && NAMED.test(bare))
  );
}

/** The names a hand would reach for. `transparent`, `currentColor` and the system's own (CanvasText) are no choice of ours. */
const NAMED =
  /(?<![\w-])(aqua|beige|black|blue|brown|coral|crimson|cyan|fuchsia|gold|gr[ae]y|green|indigo|ivory|khaki|lavender|lime|linen|magenta|maroon|navy|olive|orange|orchid|pink|plum|purple|red|salmon|sienna|silver|snow|tan|teal|tomato|turquoise|violet|wheat|white|yellow|(dark|light|medium|pale|deep|hot)[a-z]+)(?![\w-])/i;
