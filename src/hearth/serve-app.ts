/** Serves the built app over http, and what is told beside it: where a hearth's node is, or a village to look at. Owns the server; `close` ends it. */
import { createServer, type Server } from "node:http";
import { isIP } from "node:net";
import sirv from "sirv";
import { err, ok, type Result } from "../../protocol/index.ts";

export interface AppServer {
  readonly port: number;
  /** Closing twice is harmless. */
  readonly close: () => Promise<void>;
}

export interface Told {
  readonly type: string;
  readonly body: () => string | Uint8Array;
}

export interface ServeDeps {
  readonly app: string;
  readonly host: string;
  /** First port to try; the next ones follow. */
  readonly port: number;
  /** What is told under a name of its own, beside the files of the app. */
  readonly told: ReadonlyMap<string, Told>;
  /** The page that is opened at the address itself; the app's own unless said. */
  readonly page?: string;
  /** Told of each port that another program holds. */
  readonly onTaken: (port: number) => void;
}

export type ServeError = { readonly kind: "no-port" | "cannot-listen"; readonly reason: string };

const PORTS_TRIED = 50;
/**
 * Only what comes with the app runs, and it speaks to hearths only (SECURITY 2.14). Hearths listen on ports and hosts of
 * their own, so `connect-src` names schemes; the favicon is a data URI.
 */
const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self' ws: wss:; worker-src 'self' blob:; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cross-origin-opener-policy": "same-origin",
};

export async function serveApp(deps: ServeDeps): Promise<Result<AppServer, ServeError>> {
  const files = sirv(deps.app, {
    setHeaders: (response, path) => {
      for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
      // Names of assets carry their hash; the page itself must be asked for anew.
      if (!path.includes("/assets/")) response.setHeader("cache-control", "no-cache");
    },
    maxAge: 31_536_000,
    immutable: true,
    gzip: true,
  });
  const server = createServer((request, response) => {
    if (!isOurs(request.headers.host, deps.host)) {
      response.writeHead(421, { ...HEADERS, "content-type": "text/plain" });
      response.end("This hearth is reached by its address, not by that name.\n");
      return;
    }
    const path = request.url?.split("?")[0] ?? "/";
    const told = deps.told.get(path.slice(1));
    if (told !== undefined) {
      response.writeHead(200, { ...HEADERS, "content-type": told.type, "cache-control": "no-store" });
      response.end(told.body());
      return;
    }
    if (deps.page !== undefined && (path === "/" || path === "/index.html")) {
      response.writeHead(302, { ...HEADERS, location: `./${deps.page}` });
      response.end();
      return;
    }
    files(request, response, () => {
      response.writeHead(404, { ...HEADERS, "content-type": "text/plain" });
      response.end("Nothing is here. The app is at /\n");
    });
  });
  for (let port = deps.port; port < deps.port + PORTS_TRIED; port += 1) {
    const listened = await listen(server, deps.host, port);
    if (listened === null) return ok({ port, close: () => end(server) });
    if (listened !== "EADDRINUSE") return err({ kind: "cannot-listen", reason: `${deps.host}:${port}: ${listened}` });
    deps.onTaken(port);
  }
  return err({ kind: "no-port", reason: `ports ${deps.port} to ${deps.port + PORTS_TRIED - 1} are all taken` });
}

/** A foreign page that has its own name point here (DNS rebinding) must not read from this hearth: only addresses, localhost and our own name. */
export function isOurs(header: string | undefined, host: string): boolean {
  const name = header === undefined ? null : /^(\[[0-9a-f:.]+\]|[^:]+)(:\d+)?$/i.exec(header)?.[1];
  if (name === null || name === undefined) return false;
  return name === host || name === "localhost" || name.startsWith("[") || isIP(name) !== 0;
}

/** Null when it listens; else the system's code for why not. */
function listen(server: Server, host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      server.off("listening", onListening);
      resolve(error.code ?? error.message);
    };
    const onListening = (): void => {
      server.off("error", onError);
      resolve(null);
    };
    server.once("error", onError);
    server.once("listening", onListening);
    server.listen(port, host);
  });
}

function end(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
