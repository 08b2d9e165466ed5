/** A thread's first file. Node 20 obeys no `--import` in a thread, so it is told here how our files are read. */
import { register } from "tsx/esm/api";

register();
await import("./judge-thread.ts");
