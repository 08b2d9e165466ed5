/**
 * Carries a hello (protocol/sync/hello.ts) over a wire, for both sides. Owns nothing: the caller closes the wire.
 */
import {
  answerHello,
  closeHello,
  encodeHelloMessage,
  err,
  finishHello,
  ok,
  openHello,
  parseHelloMessage,
  proveHello,
  recognises,
  type Acquaintance,
  type HelloMessage,
  type HelloSelf,
  type Result,
  type Tag,
} from "../../protocol/index.ts";
import type { PeerName, Wire } from "./wires.ts";

export const HELLO_PROTOCOL = "/kith/hello/1";
/** A slow phone on a slow line; SECURITY 2.11 allows 10 s. */
export const HELLO_MS = 10_000;

export type HelloError = { readonly kind: "hung-up" | "malformed" | "out-of-turn" | "unknown-community" };

/** Opens the conversation. Aborting rejects. */
export async function sayHello(
  wire: Wire,
  tag: Tag,
  self: HelloSelf,
  myName: PeerName,
  signal: AbortSignal,
): Promise<Result<Acquaintance, HelloError>> {
  const talk = conversation(wire, signal);
  const ends = { opener: myName, answerer: wire.peer };
  if (!(await talk.send(openHello(tag, self, ends)))) return err({ kind: "hung-up" });
  const answer = await talk.hear("answer");
  if (!answer.ok) return answer;
  const { reply, proving } = proveHello(tag, answer.value, self, ends);
  if (!(await talk.send(reply))) return err({ kind: "hung-up" });
  const close = await talk.hear("close");
  return close.ok ? ok(finishHello(close.value, proving)) : close;
}

export interface Answered {
  readonly tag: Tag;
  readonly met: Acquaintance;
}

/** What an answerer brings. */
export interface Host {
  readonly tags: () => readonly Tag[];
  /** Null for a community we do not speak for. Null as a tag asks for what is said to strangers: only a hearth answers. */
  readonly selfFor: (tag: Tag | null) => HelloSelf | null;
}

/** Answers one. Aborting rejects. */
export async function hearHello(
  wire: Wire,
  host: Host,
  myName: PeerName,
  signal: AbortSignal,
): Promise<Result<Answered, HelloError>> {
  const talk = conversation(wire, signal);
  const ends = { opener: wire.peer, answerer: myName };
  const opened = await talk.hear("open");
  if (!opened.ok) return opened;
  const tag = host.tags().find((one) => recognises(opened.value, one, ends)) ?? null;
  const self = host.selfFor(tag);
  if (self === null) return err({ kind: "unknown-community" });
  const { reply, answering } = answerHello(opened.value, tag, self, ends);
  if (!(await talk.send(reply))) return err({ kind: "hung-up" });
  const prove = await talk.hear("prove");
  if (!prove.ok) return prove;
  const { reply: last, met } = closeHello(prove.value, self, answering);
  if (!(await talk.send(last))) return err({ kind: "hung-up" });
  const about = tag ?? met.entrusted?.tag ?? null;
  return about === null ? err({ kind: "unknown-community" }) : ok({ tag: about, met });
}

type Kind = HelloMessage["kind"];
type OfKind<K extends Kind> = Extract<HelloMessage, { kind: K }>;

function conversation(wire: Wire, signal: AbortSignal) {
  const frames = wire.frames[Symbol.asyncIterator]();
  const gone = new Promise<{ readonly done: true; readonly value: undefined }>((resolve) => {
    if (signal.aborted) resolve({ done: true, value: undefined });
    else signal.addEventListener("abort", () => resolve({ done: true, value: undefined }), { once: true });
  });
  return {
    send: async (message: HelloMessage): Promise<boolean> => (await wire.send(encodeHelloMessage(message), signal)).ok,
    hear: async <K extends Kind>(kind: K): Promise<Result<OfKind<K>, HelloError>> => {
      const frame = await Promise.race([frames.next(), gone]);
      signal.throwIfAborted();
      if (frame.done === true) return err({ kind: "hung-up" });
      const message = parseHelloMessage(frame.value);
      if (!message.ok) return err({ kind: "malformed" });
      // The kind was just compared; the compiler does not narrow by a type parameter.
      return message.value.kind === kind ? ok(message.value as OfKind<K>) : err({ kind: "out-of-turn" });
    },
  };
}
