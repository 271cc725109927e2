import { Client } from "../src/index.js";
import { Double } from "./double.js";

export const ONCE = { retry: { tries: 1 } };
export const QUICK = { retry: { delayMinMs: 5, delayMaxMs: 10 }, backoffMinMs: 5, backoffMaxMs: 10 };

/** A client of a server that does what `serve` says; both are gone when the body ends. */
export async function against(serve, options, body) {
  const double = await Double.start(serve);
  const client = new Client(double.address, { helloTimeoutMs: 30_000, ...options });
  try {
    await body(client, double);
  } finally {
    await client.close();
    await double.stop();
  }
}
