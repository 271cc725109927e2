export const VERSION = "1.0.0";

/** What is used where an option is missing; README.md says what each means. */
export const DEFAULTS = Object.freeze({
  name: `pailou-javascript/${VERSION}`,
  plain: false,
  token: undefined,
  tls: undefined,
  timeoutMs: undefined,
  integers: "number",
  retry: Object.freeze({ tries: 4, delayMinMs: 100, delayMaxMs: 1_000, jitter: 0.2 }),
  retryBudget: Object.freeze({ tokens: 10, refund: 0.1 }),
  keepAliveMs: 10_000,
  frameBytesMax: 64 * 1024 * 1024,
  partialBytesMax: 64 * 1024 * 1024,
  inFlightMax: 256,
  plainInFlightMax: 64,
  waitingMax: 4_096,
  connectTimeoutMs: 5_000,
  helloTimeoutMs: 2_000,
  backoffMinMs: 100,
  backoffMaxMs: 1_000,
  stallTimeoutMs: 60_000,
  chunkTimeoutMs: 30_000,
});

/** @throws {TypeError} for an option that does not exist: a typing error must not pass as a default */
export function settingsFrom(options = {}) {
  for (const key of Object.keys(options)) {
    if (!(key in DEFAULTS)) throw new TypeError(`there is no option ${JSON.stringify(key)}`);
  }
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings = {
    ...DEFAULTS,
    ...given,
    retry: { ...DEFAULTS.retry, ...given.retry },
    retryBudget: { ...DEFAULTS.retryBudget, ...given.retryBudget },
  };
  for (const [key, value] of Object.entries(settings)) {
    if (typeof DEFAULTS[key] === "number" && !(typeof value === "number" && value > 0)) {
      throw new TypeError(`${key} is ${value}; expected a number above 0`);
    }
  }
  if (!["number", "bigint"].includes(settings.integers)) {
    throw new TypeError(`integers is ${settings.integers}; expected "number" or "bigint"`);
  }
  return settings;
}

/** @returns {{host: string, port: number, text: string}[]} of "host:port" or "[::1]:7100", one or several */
export function parseAddresses(addresses) {
  const list = Array.isArray(addresses) ? addresses : [addresses];
  if (list.length === 0) throw new TypeError("expected at least one address");
  return list.map((text) => {
    const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text);
    const port = match ? Number(match[3]) : 0;
    if (!match || port < 1 || port > 65_535) {
      throw new TypeError(`expected an address such as "127.0.0.1:7100" or "[::1]:7100", found ${JSON.stringify(text)}`);
    }
    return { host: match[1] ?? match[2], port, text };
  });
}
