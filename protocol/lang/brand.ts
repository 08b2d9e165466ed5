declare const brand: unique symbol;
/** A `T` that only its parser may mint, so holding one is proof that the check was made. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
/** Unix time in milliseconds. Never read from a clock inside `protocol/`. */
export type Millis = Brand<number, "Millis">;
