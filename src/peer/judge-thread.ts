/** The judge in a thread of Node, with what Node has built in. What goes wrong in here ends the thread, and the client hears of it. */
import { parentPort } from "node:worker_threads";
import { nodePrimitives, nodeVerifier } from "../platform/node-crypto.ts";
import { answer, type JudgeRequest } from "./judge-desk.ts";
import { createJudge } from "./judge.ts";

const holds = nodeVerifier();
const judge = createJudge(async (checks) => checks.map(holds), nodePrimitives());

// Started by judge-threads.ts only, which speaks `JudgeRequest`.
parentPort?.on("message", (asked: JudgeRequest) => {
  void answer(judge, asked).then((reply) => parentPort?.postMessage(reply));
});
