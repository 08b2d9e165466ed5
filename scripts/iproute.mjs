/** `ip` lays the networks of several hosts in tests. Installs it where we know how; a test that lacks it says so itself. */
import { run } from "./run.mjs";

export async function ensureIproute() {
  if ((await run("ip", ["-V"], { timeoutMs: 10_000 })).code === 0) return;
  if (process.platform !== "linux" || process.getuid?.() !== 0) return;
  const wait = ["-o", "DPkg::Lock::Timeout=300"];
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  console.error("installing iproute2 with apt-get");
  await run("apt-get", [...wait, "update"], { env });
  await run("apt-get", [...wait, "install", "-y", "--no-install-recommends", "iproute2"], { env });
}
