/** The house rules that a linter can see. The others are in test/architecture.test.ts. */
import svelte from "eslint-plugin-svelte";
import { defineConfig, globalIgnores } from "eslint/config";
import ts from "typescript-eslint";

/** `no-restricted-syntax` is replaced, not merged, by a later block; so each block lists all it wants. */
const everywhere = [
  { selector: "TSEnumDeclaration", message: "Use a union of literals." },
  { selector: "ExportDefaultDeclaration", message: "Export by name." },
  { selector: "ExportAllDeclaration", message: "Name what goes through the door." },
  {
    selector: ":matches(ClassDeclaration, ClassExpression)[superClass]:not([superClass.name='Error'])",
    message: "Nothing inherits but an Error, or what a library demands (say which, on the line above).",
  },
];

/** Two machines must fold the same history to the same bytes: no clock, chance, waiting, place or rounding of one's own. */
const pure = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: "Time is a parameter." },
  { selector: "CallExpression[callee.name='Date']", message: "Time is a parameter." },
  {
    selector: "MemberExpression[property.name=/^(get|set)(Date|Day|FullYear|Hours|Minutes|Month|TimezoneOffset)$/]",
    message: "Local time differs between machines; use the UTC form.",
  },
  {
    selector: "MemberExpression[property.name=/^(toLocale\\w*|localeCompare)$/]",
    message: "Locales differ between machines; compare code units.",
  },
  {
    selector:
      "MemberExpression[object.name='Math'][property.name=/^(a?(sin|cos|tan)h?|atan2|cbrt|exp|expm1|hypot|log\\w*|pow)$/]",
    message: "Engines may round this differently.",
  },
  { selector: ":function[async=true]", message: "The rules do not wait; hand the work out as data." },
  { selector: "AwaitExpression", message: "The rules do not wait; hand the work out as data." },
  { selector: "ImportExpression", message: "The rules do not wait; import at the top." },
  { selector: "TSTypeReference[typeName.name=/^Promise(Like)?$/]", message: "The rules do not wait; hand the work out as data." },
  {
    selector: "MemberExpression[property.name=/^(randomBytes|randomSecretKey|randomPrivateKey|randomSeed)$/]",
    message: "Chance is a parameter.",
  },
  { selector: "ImportSpecifier[imported.name='randomBytes']", message: "Chance is a parameter." },
  {
    selector: "CallExpression[callee.property.name='keygen'][arguments.length=0]",
    message: "Chance is a parameter: pass the seed.",
  },
];

/** @param {string[]} list @param {string} message */
const names = (list, message) => list.map((name) => ({ name, message }));
const chanceAndTime = [
  { object: "Math", property: "random", message: "Chance is a parameter." },
  { object: "Date", property: "now", message: "Time is a parameter." },
];

export default defineConfig([
  globalIgnores(["dist*/", "coverage/", "node_modules/", ".svelte-check/"]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    // What the compiler does not say by itself; it also reads scripts/ (checkJs).
    rules: {
      eqeqeq: "error",
      "no-constant-condition": ["error", { checkLoops: false }],
      "no-control-regex": "error",
      "no-empty": "error",
      "no-misleading-character-class": "error",
      "no-self-compare": "error",
      "no-sparse-arrays": "error",
      "no-unsafe-finally": "error",
      "no-unsafe-optional-chaining": "error",
      "no-useless-catch": "error",
      "no-useless-escape": "error",
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  {
    files: ["**/*.ts", "**/*.svelte"],
    extends: [ts.configs.recommended],
    languageOptions: {
      // The same for every file: a project that differs from file to file is loaded anew each time.
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname, extraFileExtensions: [".svelte"] },
    },
    rules: {
      "no-restricted-syntax": ["error", ...everywhere],
      "@typescript-eslint/ban-ts-comment": ["error", { minimumDescriptionLength: 10 }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/no-unused-expressions": "off", // `advance(0), advance(1)` and `output satisfies never` are house style
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-for-in-array": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/only-throw-error": ["error", { allowThrowingAny: true, allowThrowingUnknown: true }], // signal.reason
      "@typescript-eslint/prefer-promise-reject-errors": ["error", { allowThrowingAny: true, allowThrowingUnknown: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-unnecessary-type-assertion": "error",
    },
  },
  {
    // An `any` from a library or from JSON goes through a parser, not into our values.
    files: ["protocol/**/*.ts", "src/**/*.ts"],
    rules: {
      "@typescript-eslint/no-unsafe-argument": "error",
      "@typescript-eslint/no-unsafe-assignment": "error",
      "@typescript-eslint/no-unsafe-call": "error",
      "@typescript-eslint/no-unsafe-member-access": "error",
      "@typescript-eslint/no-unsafe-return": "error",
    },
  },
  {
    files: ["protocol/**/*.ts"],
    rules: {
      "no-restricted-syntax": ["error", ...everywhere, ...pure],
      "no-restricted-properties": ["error", ...chanceAndTime],
      "no-restricted-globals": [
        "error",
        ...names(["Promise", "queueMicrotask", "setTimeout", "setInterval", "setImmediate"], "The rules do not wait."),
        ...names(["fetch", "WebSocket", "indexedDB", "localStorage", "console", "process", "window"], "The rules have no world."),
        ...names(
          ["crypto", "performance", "navigator", "Intl", "Atomics", "WeakRef", "FinalizationRegistry"],
          "The rules have no world.",
        ),
      ],
    },
  },
  {
    // The same seed is the same bytes on every machine. (main.ts and serve.ts tell the story and are no part of it.)
    files: ["village/**/*.ts"],
    ignores: ["village/main.ts", "village/serve.ts"],
    rules: {
      "no-console": "error",
      "no-restricted-properties": ["error", ...chanceAndTime],
      "no-restricted-syntax": ["error", ...everywhere, ...pure.filter(({ message }) => !/do not wait/.test(message))],
    },
  },
  {
    // Rooms that get time, chance and log lines from src/platform, as parameters.
    files: ["src/{storage,net,peer,ui}/**/*.{ts,svelte}"],
    rules: {
      "no-console": "error",
      "no-restricted-properties": ["error", ...chanceAndTime],
      "no-restricted-syntax": [
        "error",
        ...everywhere,
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: "Time is a parameter." },
      ],
    },
  },
  {
    // Rooms that also run in a browser. (Storage has the hearth's file shelf, hearth is Node.)
    files: ["src/main.ts", "src/{platform,net,peer,ui}/**/*.{ts,svelte}"],
    rules: {
      "no-restricted-globals": ["error", ...names(["process", "Buffer", "global", "require"], "There is no Node in a browser.")],
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    extends: [svelte.configs.recommended],
    languageOptions: { parserOptions: { parser: ts.parser } },
    rules: {
      // One `let` takes all props apart, and only the bindable ones are assigned.
      "prefer-const": "off",
      "svelte/prefer-const": ["error", { destructuring: "all", excludedRunes: ["$props", "$derived"] }],
    },
  },
  {
    files: ["*.config.{ts,js}"],
    rules: { "no-restricted-syntax": ["error", ...everywhere.filter(({ selector }) => selector !== "ExportDefaultDeclaration")] },
  },
]);
