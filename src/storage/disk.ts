/** What a folder takes and what its disk has left, for the hearth. Node only. */
import { readdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";

/** Of a file, or of the files right in a folder; 0 for what is not there (LevelDB deletes files as it goes). */
export async function usedBytes(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  if (found === null) return 0;
  if (!found.isDirectory()) return found.size;
  const inside = await Promise.all((await readdir(path)).map((name) => usedBytes(join(path, name))));
  return inside.reduce((sum, bytes) => sum + bytes, 0);
}

export async function freeBytes(path: string): Promise<number> {
  const disk = await statfs(path);
  return disk.bavail * disk.bsize;
}
