import { expect, test } from "vitest";
import { encodeValue, type Tag } from "../../protocol/index.ts";
import { newRecord } from "../../src/peer/deeds.ts";
import { createRegistry, type CommunityRecord } from "../../src/peer/registry.ts";
import { openMemoryShelf } from "../../src/storage/memory-shelf.ts";
import { never, worldBy } from "./home.ts";

const tagBy = (letter: string): Tag => letter.repeat(64) as Tag; // a name that no community has
const recordOf = (tag: Tag, more: Partial<CommunityRecord> = {}): CommunityRecord => ({
  ...newRecord(tag, "Ana", worldBy(1), { keys: [new Uint8Array(32).fill(7)] }),
  ...more,
});

test("on an empty shelf there is nobody, and no community", async () => {
  const registry = createRegistry(openMemoryShelf());
  expect(await registry.identity(never)).toEqual({ ok: true, value: null });
  expect(await registry.communities(never)).toEqual({ records: [], unreadable: [] });
  expect(await registry.hearths(never)).toEqual({ added: [], met: [] });
});

test("what was kept is read again after a crash", async () => {
  const shelf = openMemoryShelf();
  const registry = createRegistry(shelf);
  const plain = recordOf(tagBy("a"));
  const full = recordOf(tagBy("b"), {
    birth: new Uint8Array(160).fill(3),
    invitation: "abc",
    invites: [{ id: "c".repeat(64) as CommunityRecord["invites"][number]["id"], secret: new Uint8Array(32), link: "l" }],
  });
  await registry.keepIdentity({ entropy: new Uint8Array(16).fill(5) }, never);
  await registry.keepCommunity(plain, never);
  await registry.keepCommunity(full, never);
  const hearths = {
    added: [["/ip4/10.0.0.1/tcp/1/ws"]],
    met: [{ tag: tagBy("a"), addresses: ["/ip4/10.0.0.2/tcp/1/ws"], at: 5 }],
  };
  await registry.keepHearths(hearths, never);
  const after = createRegistry(shelf.crash());
  expect(await after.identity(never)).toEqual({ ok: true, value: { entropy: new Uint8Array(16).fill(5) } });
  expect(await after.communities(never)).toEqual({ records: [plain, full], unreadable: [] });
  expect(await after.hearths(never)).toEqual(hearths);
});

test("hearths that were added before any was remembered are read", async () => {
  const shelf = openMemoryShelf();
  await shelf.keep("hearths", encodeValue(new Map([["hearths", [["/ip4/10.0.0.1/tcp/1/ws"]]]])), never);
  expect(await createRegistry(shelf).hearths(never)).toEqual({ added: [["/ip4/10.0.0.1/tcp/1/ws"]], met: [] });
});

test("a community's record is replaced, not added to", async () => {
  const registry = createRegistry(openMemoryShelf());
  await registry.keepCommunity(recordOf(tagBy("a")), never);
  await registry.keepCommunity(recordOf(tagBy("a"), { name: "Anna" }), never);
  const { records } = await registry.communities(never);
  expect(records.map(({ name }) => name)).toEqual(["Anna"]);
});

test("a record that cannot be read is named, left where it is, and keeps no other from being read", async () => {
  const shelf = openMemoryShelf();
  const registry = createRegistry(shelf);
  const good = recordOf(tagBy("b"));
  await registry.keepCommunity(good, never);
  const broken = {
    [`community/${tagBy("a")}`]: new Uint8Array([0xff]),
    [`community/${tagBy("c")}`]: encodeValue(new Map([["tag", 1]])),
  };
  for (const [name, bytes] of Object.entries(broken)) await shelf.keep(name, bytes, never);
  expect(await registry.communities(never)).toEqual({ records: [good], unreadable: Object.keys(broken) });
  for (const [name, bytes] of Object.entries(broken)) expect(await shelf.recall(name, never)).toEqual(bytes);
});

test("an identity that cannot be read is an error, never a new person", async () => {
  const shelf = openMemoryShelf();
  await shelf.keep("identity", encodeValue(new Map([["entropy", new Uint8Array(15)]])), never);
  expect(await createRegistry(shelf).identity(never)).toEqual({
    ok: false,
    error: { kind: "unreadable-record", name: "identity" },
  });
});

test("a disk that refuses is an answer", async () => {
  const shelf = openMemoryShelf();
  shelf.failNextWrite({ kind: "disk-full" });
  const kept = await createRegistry(shelf).keepCommunity(recordOf(tagBy("a")), never);
  expect(kept).toEqual({ ok: false, error: { kind: "disk-full" } });
});
