/**
 * How often a long campaign tries its law: `inCheck` for `npm run check`, `inAll` for `npm test` (and whoever sets KITH_RUNS=all).
 * A number there is the number of runs. For a law that is quick with fast-check's own hundred this is not needed.
 */
export function runs(inCheck: number, inAll: number): number {
  const asked = process.env["KITH_RUNS"] ?? "";
  if (asked === "all") return inAll;
  return /^[1-9]\d*$/.test(asked) ? Number(asked) : inCheck;
}
