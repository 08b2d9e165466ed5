/** What the village is told on its command line. */
import { parseArgs } from "node:util";
import { err, ok, type Result } from "../protocol/index.ts";
import type { VillageSize } from "./plan.ts";

export const DEFAULTS: VillageSize = { members: 24, weeks: 12, seed: 7 };

export interface VillageArguments extends VillageSize {
  readonly out: string;
  readonly json: boolean;
}

export const USAGE = `kith village: a living community from a seed. No real people, and its keys are public.

  --members N   how many come                    (${DEFAULTS.members}; 3 to 5000)
  --weeks N     how long it is told              (${DEFAULTS.weeks}; 2 to 104)
  --seed N      another village for each         (${DEFAULTS.seed})
  --out FILE    where to write it                (village.kith; its keys in village.keys.json)
  --json        the summary as one line of JSON
  --help        this page
`;

type ArgumentError = { readonly kind: "usage"; readonly reason: string };

export function readArguments(argv: readonly string[]): Result<VillageArguments | "help", ArgumentError> {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        members: { type: "string", default: String(DEFAULTS.members) },
        weeks: { type: "string", default: String(DEFAULTS.weeks) },
        seed: { type: "string", default: String(DEFAULTS.seed) },
        out: { type: "string", default: "village.kith" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return ok("help");
    const size = readSize(values);
    return size.ok ? ok({ ...size.value, out: values.out, json: values.json }) : size;
  } catch (error) {
    return err({ kind: "usage", reason: error instanceof Error ? error.message : String(error) });
  }
}

const RANGES = { members: [3, 5_000], weeks: [2, 104], seed: [0, 2 ** 50] } as const;

export function readSize(given: Readonly<Record<keyof VillageSize, string>>): Result<VillageSize, ArgumentError> {
  const read = { members: Number(given.members), weeks: Number(given.weeks), seed: Number(given.seed) };
  for (const name of ["members", "weeks", "seed"] as const) {
    const [least, most] = RANGES[name];
    const isIn = Number.isInteger(read[name]) && read[name] >= least && read[name] <= most && given[name].trim() !== "";
    if (!isIn) return err({ kind: "usage", reason: `--${name} ${given[name]} is no whole number from ${least} to ${most}` });
  }
  return ok(read);
}
