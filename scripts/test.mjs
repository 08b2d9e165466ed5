/** `npm test`: everything. Fast checks first, then simulation, fuzzing, real networks and a real browser. */
import { checkAtOnce, checkStages } from "./check.mjs";
import { browserStage, buildStage, hasTests } from "./e2e.mjs";
import { ensureDependencies } from "./setup.mjs";
import { conclude, nodeStage, runStages, vitestStage } from "./stages.mjs";

await ensureDependencies();

const simulation = "test/simulation/main.ts";
const fuzz = "test/fuzz/main.ts";
const outcomes = [
  ...(await runStages(checkStages({ everyRun: true }), { atOnce: checkAtOnce })),
  // Each of these keeps one core busy and touches nothing of the others.
  ...(await runStages(
    [
      nodeStage("simulation", ["--import", "tsx", simulation], simulation),
      nodeStage("fuzz", ["--import", "tsx", fuzz], fuzz),
      ...(hasTests("test/simulation") ? [vitestStage("simulation tests", ["sim"])] : []),
      buildStage,
    ],
    { atOnce: checkAtOnce },
  )),
  // Real networks and a real browser wait by the clock, so each has the machine to itself.
  ...(await runStages([...(hasTests("test/interop") ? [browserStage("interop")] : []), browserStage("e2e")])),
];
process.exit(conclude(outcomes));
