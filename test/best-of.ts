/**
 * The shortest that `work` took of `tries`, in milliseconds; below `enough` it is not asked again. Whatever else the machine does
 * only makes a try longer, and what is truly slow is slow every time.
 */
export function bestOf(tries: number, enough: number, work: () => void, clock: () => number = () => performance.now()): number {
  let best = Infinity;
  for (let again = 0; again < tries && best >= enough; again += 1) {
    const at = clock();
    work();
    best = Math.min(best, clock() - at);
  }
  return best;
}
