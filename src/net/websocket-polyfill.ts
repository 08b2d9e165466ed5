/**
 * `WebSocket` where Node 20 lacks it: a hearth that dials another one needs it. Imported for its side effect.
 * `ws` is what @libp2p/websockets itself listens with.
 */
// @ts-expect-error: `ws` comes without types, and one constructor is all that is wanted of it
import { WebSocket as NodeWebSocket } from "ws";

// The two differ in events that the transport does not use.
globalThis.WebSocket ??= NodeWebSocket as typeof WebSocket;
