/** Bad days: everything that goes wrong, at times drawn from the seed. */
import { between, drawn, type Chance } from "./chance.ts";
import { draftOf } from "./deeds.ts";
import { FAST } from "./disk.ts";
import { CALM, type Weather } from "./node.ts";
import type { Device } from "./person.ts";
import { act, goOn, type Scene } from "./scene.ts";

export function bringFaults(scene: Scene, chance: Chance, forMs: number): void {
  const { scheduler, street, devices, hearth } = scene;
  const times = (from: number, to: number, label: string, run: () => void): void => {
    for (let left = between(chance, from, to); left > 0; left -= 1)
      scheduler.after(between(chance, 8_000, forMs), label, () => !scene.isHealed && run());
  };
  const count = (kind: string): void => void (scene.faults[kind] = (scene.faults[kind] ?? 0) + 1);
  const on = (): readonly Device[] => devices.filter((device) => device.kith() !== null);

  street.net.weather(weatherOf(chance));
  times(4, 10, "the weather changes", () => street.net.weather(weatherOf(chance)));
  times(2, 6, "the disks change", () => {
    scene.diskWeather = chance.next() < 0.4 ? FAST : { slow: 0.3 * chance.next(), slowMs: between(chance, 5, 400) };
  });
  if (scene.kind !== "fork")
    times(0, 3, "the street is parted", () => {
      count("partitions");
      const salt = between(chance, 0, 255);
      street.net.part((name) => (name.charCodeAt(0) * 31 + salt) % 2);
      scheduler.after(between(chance, 5_000, 40_000), "the street is whole", () => street.net.part(null));
    });
  times(0, 12, "a link breaks", () => void street.net.breakLink());
  times(0, 8, "a stream breaks", () => void street.net.breakStream());
  times(0, 5, "somebody crashes", () => {
    const device = drawn(chance, devices);
    if (!device.isOn()) return;
    count("crashes");
    device.crash();
    comeBack(scene, device, between(chance, 200, 20_000));
  });
  times(0, 3, "somebody turns off", () => {
    const near = on();
    if (near.length === 0) return;
    const device = drawn(chance, near);
    count("turnedOff");
    goOn(scene, `${device.name} turning off`, null, device.turnOff);
    comeBack(scene, device, between(chance, 1_000, 20_000));
  });
  times(0, 8, "a disk fails", () => {
    const near = on();
    if (near.length === 0) return;
    const device = drawn(chance, near);
    count("diskFailures");
    scene.mayFail.add(device);
    device.shelf().failNextWrite(chance.next() < 0.5 ? { kind: "disk-full" } : { kind: "storage-failed", reason: "simulated" });
  });
  times(0, 20, "a disk catches up", () => drawn(chance, devices).shelf().settle());
  if (hearth !== null)
    times(0, 2, "the hearth crashes", () => {
      count("hearthCrashes");
      hearth.crash();
      scheduler.after(between(chance, 500, 30_000), "the hearth is back", () =>
        goOn(scene, "the hearth's start", hearth, hearth.turnOn),
      );
    });
  if (scene.kind === "plain" || scene.kind === "hostile")
    times(1, 2, "a second tab opens", () => {
      const near = on().filter(
        (device) => device.kith()?.view().communities[0]?.standing === "member" && !scene.mayBeStale.has(device),
      );
      if (near.length === 0) return;
      count("secondTabs");
      secondTab(scene, drawn(chance, near), chance);
    });
}

function comeBack(scene: Scene, device: Device, ms: number): void {
  scene.scheduler.after(ms, `${device.name} comes back`, () => goOn(scene, `${device.name}'s start`, device, device.turnOn));
}

const weatherOf = (chance: Chance): Weather =>
  chance.next() < 0.2
    ? CALM
    : {
        latencyMs: drawn(chance, [5, 40, 150, 600]),
        gossipLoss: drawn(chance, [0, 0.1, 0.5, 1]),
        gossipTwice: drawn(chance, [0, 0.2]),
        gossipLateMs: drawn(chance, [0, 500, 8_000]),
        streamBreak: drawn(chance, [0, 0, 0.005, 0.03]),
        blindMs: drawn(chance, [0, 2_000, 20_000]),
      };

/** S1 of the shelf: another tab takes the pen and writes; who held it must notice at the next act, and write nothing. */
function secondTab(scene: Scene, device: Device, chance: Chance): void {
  const { scheduler } = scene;
  const { signal } = new AbortController();
  const tag = scene.tag!; // somebody is a member of it
  const start = device.starts();
  const isSameStart = (): boolean => device.kith() !== null && device.starts() === start;
  scene.mayBeStale.add(device);
  goOn(scene, `${device.name}'s second tab`, device, async () => {
    const tab = await device.openTab();
    const inTab = await tab.post(tag, draftOf(chance), signal);
    scheduler.note(`the second tab of ${device.name} ${inTab.ok ? "wrote" : inTab.error.kind}`);
    if (inTab.ok) device.saved.push({ id: inTab.value, kind: "post in a second tab", by: device.name });
    const first = device.kith();
    if (inTab.ok && first !== null && isSameStart()) {
      const hadPen = device.hasPen;
      const inFirst = await first.post(tag, draftOf(chance), signal);
      if (inFirst.ok) device.saved.push({ id: inFirst.value, kind: "post beside a second tab", by: device.name });
      const shown = isSameStart() ? first.view().communities[0]?.posts : undefined;
      if (inFirst.ok && shown?.some(({ id }) => id === inFirst.value) === false)
        scene.fail(`${device.name} wrote a post beside a second tab, and its own screen does not show it`);
      if (hadPen && isSameStart() && (inFirst.ok || inFirst.error.kind !== "stale-writer"))
        scene.fail(`${device.name}'s first tab should have noticed the second: ${inFirst.ok ? "ok" : inFirst.error.kind}`);
    }
    act(scene, device, chance);
    await tab.close();
    scheduler.after(between(chance, 500, 5_000), `${device.name} starts afresh`, () =>
      goOn(scene, `${device.name} turning off`, null, async () => {
        if (isSameStart()) await device.turnOff();
        goOn(scene, `${device.name}'s fresh start`, device, async () => {
          if (!device.isOn()) await device.turnOn();
          scene.mayBeStale.delete(device);
        });
      }),
    );
  });
}
