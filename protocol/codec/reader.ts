/**
 * Reader: walks a byte string of a fixed layout once, and never past its end.
 *
 *   R1  A read beyond the end returns null and moves nothing; nothing is allocated for it.
 *   R2  Varints are LEB128, minimal, at most 2^32 - 1.
 *   R3  `take` returns a copy, so that what is kept does not hold a larger buffer alive. `view` does not copy: for what is read
 *       and let go.
 */
export interface Reader {
  readonly take: (length: number) => Uint8Array | null;
  readonly view: (length: number) => Uint8Array | null;
  readonly u8: () => number | null;
  readonly u16: () => number | null;
  readonly u32: () => number | null;
  readonly varint: () => number | null;
  readonly left: () => number;
}

export function createReader(bytes: Uint8Array): Reader {
  let at = 0;
  const fixed = (length: number): number | null => {
    if (bytes.length - at < length) return null; // R1
    let value = 0;
    for (let i = 0; i < length; i += 1) value = value * 256 + (bytes[at + i] ?? 0);
    at += length;
    return value;
  };
  return {
    take: (length) => {
      if (bytes.length - at < length) return null; // R1
      at += length;
      return new Uint8Array(bytes.subarray(at - length, at)); // R3: `slice` of a Node Buffer would be a view
    },
    view: (length) => {
      if (bytes.length - at < length) return null; // R1
      at += length;
      return bytes.subarray(at - length, at);
    },
    u8: () => fixed(1),
    u16: () => fixed(2),
    u32: () => fixed(4),
    varint: () => {
      let value = 0;
      for (let i = 0; i < 5; i += 1) {
        const byte = bytes[at + i];
        if (byte === undefined) return null; // R1
        value += (byte & 127) * 2 ** (7 * i);
        if (byte < 128) {
          if ((byte === 0 && i > 0) || value > 0xffff_ffff) return null; // R2
          at += i + 1;
          return value;
        }
      }
      return null;
    },
    left: () => bytes.length - at,
  };
}

/** `value` is an integer in [0, 2^32). */
export function varintToBytes(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return new Uint8Array(bytes);
}
