/** What a hearth is told on its command line. */
import { parseArgs } from "node:util";
import { err, ok, type Result } from "../../protocol/index.ts";
import { readAddress } from "../net/dial.ts";
import { nameIn } from "../peer/network.ts";

export interface HearthArguments {
  /** Folder of the built app. */
  readonly app: string;
  /** Folder where the hearth keeps its name, its certificate and what it carries. */
  readonly home: string;
  /** Address to listen on; loopback unless told otherwise. */
  readonly host: string;
  /** First port to try for the app; the node takes the two behind it. */
  readonly port: number;
  /** Addresses of other hearths, each with the name of its peer: kept near, and asked for the communities that both carry. */
  readonly neighbours: readonly string[];
  readonly json: boolean;
}

export const USAGE = `kith hearth: serves the app, lets neighbours find each other, and carries what is sealed.

  --app DIR     the built app                       (dist)
  --home DIR    where the hearth keeps its things   (.hearth)
  --host HOST   address to listen on                (127.0.0.1)
  --port N      first port to try                   (8080)
  --neighbour ADDR  another hearth, by an address of its node that ends in /p2p/…; may be given up to 8 times
  --json        one line of JSON when ready, instead of words
  --help        this page
`;

const MAX_NEIGHBOURS = 8;

export type ArgumentError = { readonly kind: "usage"; readonly reason: string };

export function readArguments(argv: readonly string[]): Result<HearthArguments | "help", ArgumentError> {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        app: { type: "string", default: "dist" },
        home: { type: "string", default: ".hearth" },
        host: { type: "string", default: "127.0.0.1" },
        port: { type: "string", default: "8080" },
        neighbour: { type: "string", multiple: true, default: [] },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return ok("help");
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 1 || port > 65_000)
      return err({ kind: "usage", reason: `--port ${values.port} is no port from 1 to 65000` });
    const neighbours = [...new Set(values.neighbour)];
    const unnamed = neighbours.find((address) => readAddress(address) === null || nameIn(address) === null);
    if (unnamed !== undefined)
      return err({ kind: "usage", reason: `--neighbour ${unnamed} is no address of a hearth that ends in /p2p/ and its name` });
    if (neighbours.length > MAX_NEIGHBOURS) return err({ kind: "usage", reason: `no more than ${MAX_NEIGHBOURS} --neighbour` });
    return ok({ app: values.app, home: values.home, host: values.host, port, neighbours, json: values.json });
  } catch (error) {
    return err({ kind: "usage", reason: error instanceof Error ? error.message : String(error) });
  }
}
