/** Real houses on real libp2p nodes in this process: people, who only dial, and hearths, who listen. A person reaches what `reach` lets them. */
import { webcrypto } from "node:crypto";
import { ok } from "../../protocol/index.ts";
import { openBlindHouse, type BlindHouse } from "../../src/hearth/blind-house.ts";
import type { NetWires } from "../../src/net/create-wires.ts";
import { createHearthWires } from "../../src/net/hearth-node.ts";
import { keepNear } from "../../src/net/keep-near.ts";
import { servePeers } from "../../src/net/peer-exchange.ts";
import { openHouse } from "../../src/peer/house.ts";
import { createJudge } from "../../src/peer/judge.ts";
import type { Kith } from "../../src/peer/kith.ts";
import { byHearth, nameIn } from "../../src/peer/network.ts";
import { chooseVerifier } from "../../src/peer/verify.ts";
import { realWorld } from "../../src/platform/world.ts";
import { openMemoryShelf, type MemoryShelf } from "../../src/storage/memory-shelf.ts";

export const forever = new AbortController().signal;
const clock = { now: realWorld.now, chance: realWorld.jitter };
const judge = async () => createJudge(await chooseVerifier(webcrypto.subtle as SubtleCrypto));

export interface RunningHearth {
  readonly wires: NetWires;
  readonly house: BlindHouse;
  readonly addresses: readonly string[];
  readonly close: () => Promise<void>;
}

export async function lightHearth(seed: number, neighbours: readonly string[] = []): Promise<RunningHearth> {
  const privateKey = new Uint8Array(32).fill(seed);
  const started = await createHearthWires({ ...clock, listen: ["/ip4/127.0.0.1/tcp/0/ws"], privateKey }, forever);
  if (!started.ok) throw new Error(started.error.reason);
  const wires = started.value;
  const house = await openBlindHouse(
    {
      shelf: openMemoryShelf(),
      judge: await judge(),
      world: realWorld,
      wires,
      neighbours: neighbours.flatMap((each) => nameIn(each) ?? []),
      log: () => undefined,
    },
    forever,
  );
  await servePeers({ wires, ...clock, mayAsk: house.mayAsk });
  const near = keepNear({ wires, chance: realWorld.jitter });
  near.mark(byHearth(neighbours).map((each) => [each]));
  const close = async (): Promise<void> => {
    near.close();
    house.close();
    await wires.close();
  };
  return { wires, house, addresses: wires.addresses().filter((address) => !address.includes("/p2p-circuit")), close };
}

export interface RunningPerson {
  readonly kith: Kith;
  readonly shelf: MemoryShelf;
  readonly hearths: () => readonly string[];
  readonly close: () => Promise<void>;
}

export interface PersonOptions {
  readonly shelf?: MemoryShelf;
  /** The hearth that serves the app. */
  readonly servedBy?: readonly string[];
  /** Which addresses can be dialled from here. */
  readonly reach?: (address: string) => boolean;
}

export async function openPerson({
  shelf = openMemoryShelf(),
  servedBy = [],
  reach = () => true,
}: PersonOptions = {}): Promise<RunningPerson> {
  let node: NetWires | null = null;
  const house = await openHouse(
    {
      cache: null,
      shelf,
      judge: await judge(),
      world: realWorld,
      appAddress: "http://kith.invalid/",
      servedBy: async () => servedBy,
      persist: async () => null,
      startNetwork: async (_ask, signal) => {
        const started = await createHearthWires({ ...clock, listen: [] }, signal);
        if (!started.ok) return started;
        const wires = started.value;
        node = wires;
        const dial: NetWires["dial"] = (addresses, abort) => wires.dial(addresses.filter(reach), abort);
        const near = keepNear({ wires: { ...wires, dial }, chance: realWorld.jitter });
        const close = async (): Promise<void> => {
          near.close();
          await wires.close();
        };
        return ok({
          wires: { ...wires, dial },
          mark: near.mark,
          statedBy: wires.statedBy,
          seek: () => undefined,
          refresh: () => undefined,
          close,
        });
      },
    },
    forever,
  );
  if (!house.ok) throw new Error(`no house: ${house.error.kind}`);
  return {
    kith: house.value,
    shelf,
    hearths: () => node?.connections().map(({ peer }) => peer) ?? [],
    close: house.value.close,
  };
}
