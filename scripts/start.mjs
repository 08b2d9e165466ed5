/**
 * `npm start`: installs and builds what is missing, then runs the hearth, which prints its address. With `--demo` it lights none, and
 * shows a village that does not exist instead.
 */
import { spawn } from "node:child_process";
import { buildIfStale } from "./build-app.mjs";
import { root } from "./run.mjs";
import { ensureDependencies } from "./setup.mjs";

await ensureDependencies();
const build = await buildIfStale();
if (build.code !== 0) {
  console.error(build.output.trimEnd());
  console.error("The app could not be built; the reason is above.");
  process.exit(build.code);
}
if (build.built) console.log(`app built in ${build.seconds.toFixed(0)} s`);

const asked = process.argv.slice(2);
const isDemo = asked.includes("--demo");
const serves = isDemo ? "village/serve.ts" : "src/hearth/main.ts";
const rest = asked.filter((argument) => argument !== "--demo");
const hearth = spawn(process.execPath, ["--import", "tsx", serves, "--app", "dist", ...rest], {
  cwd: root,
  stdio: "inherit",
});
hearth.on("error", (error) => {
  console.error(`It could not be started: ${error.message}`);
  process.exit(127);
});
hearth.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : signal === "SIGTERM" ? 143 : 137)));

process.on("SIGTERM", () => hearth.kill("SIGTERM"));
process.on("SIGINT", () => {
  // Ctrl-C in a terminal reaches the hearth by itself; a second one would tell it to stop without saving.
  if (!process.stdin.isTTY) hearth.kill("SIGINT");
});
