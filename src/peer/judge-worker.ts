/** The judge in a worker of its own, so that hashing, verifying and opening never block a frame. */
import { answer, type JudgeRequest } from "./judge-desk.ts";
import { createJudge } from "./judge.ts";
import { chooseVerifier } from "./verify.ts";

// Missing on plain-http origins, whatever the types say.
const subtle = globalThis.crypto.subtle as SubtleCrypto | undefined;
const ready = chooseVerifier(subtle).then((verify) => createJudge(verify));

self.addEventListener("message", ({ data }: MessageEvent<JudgeRequest>) => {
  // A bug in here becomes an `error` event at the client: a question that is never answered would hold up a session.
  ready.then(async (judge) => self.postMessage(await answer(judge, data))).catch(reportError);
});
