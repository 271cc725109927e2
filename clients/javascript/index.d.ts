/// <reference types="node" />
import type { Readable } from "node:stream";

/** Anything that JSON can hold; a BigInt is an integer. */
export type JSONInput =
  | null | boolean | number | bigint | string | readonly JSONInput[] | { readonly [name: string]: JSONInput | undefined };

/** Parameters of a method. */
export type Params = readonly JSONInput[] | { readonly [name: string]: JSONInput | undefined };

export interface TLSOptions {
  /** Certificate authorities (PEM) that are believed, instead of the system's. */
  caFile?: string;
  /** The name the server's certificate must have, if it is not the address's host. */
  serverName?: string;
  /** This client's own certificate and key (PEM). */
  certFile?: string;
  keyFile?: string;
}

export interface RetryPolicy {
  /** All of them, the first included. 4. */
  tries?: number;
  /** Before the second try; doubles from try to try. 100. */
  delayMinMs?: number;
  /** 1,000. */
  delayMaxMs?: number;
  /** The part of a delay by which it is spread, up and down. 0.2. */
  jitter?: number;
}

export interface ClientOptions {
  /** What the server calls this program. */
  name?: string;
  /** Says no hello. */
  plain?: boolean;
  /** What hello proves this client's identity with. */
  token?: string;
  /** Turns TLS on. */
  tls?: TLSOptions;
  /** Of every call that has none of its own. */
  timeoutMs?: number;
  /** What integers beyond ±(2^53 - 1) become: the nearest number (the default), or a BigInt. */
  integers?: "number" | "bigint";
  retry?: RetryPolicy;
  /** How many retries all calls together have (10), and what a success gives back (0.1). */
  retryBudget?: { tokens?: number; refund?: number };
  /** Silence after which a ping is sent; as much again, and the connection is dead. 10,000. */
  keepAliveMs?: number;
  /** The longest frame, or reply in chunks, that is taken. 64 MiB. */
  frameBytesMax?: number;
  /** What unfinished replies in chunks may hold; above it only the oldest goes on. 64 MiB. */
  partialBytesMax?: number;
  /** Calls at once on a negotiated connection. 256. */
  inFlightMax?: number;
  /** Calls at once on a plain one. 64. */
  plainInFlightMax?: number;
  /** Calls that wait for their turn, or for a connection. 4,096. */
  waitingMax?: number;
  /** 5,000. */
  connectTimeoutMs?: number;
  /** After this much silence a server is taken for a plain one. 2,000. */
  helloTimeoutMs?: number;
  /** Between attempts to connect. 100 and 1,000. */
  backoffMinMs?: number;
  backoffMaxMs?: number;
  /** A call in chunks without credit ends. 60,000. */
  stallTimeoutMs?: number;
  /** A reply in chunks without a new one ends. 30,000. */
  chunkTimeoutMs?: number;
}

export interface CallOptions {
  /** From here to the result, all tries and waits included. */
  timeoutMs?: number;
  /** Cancels the call; it fails with the signal's reason. */
  signal?: AbortSignal;
  /** Doing it twice has the effect of once: it may be tried again when it is unknown what became of it. */
  idempotent?: boolean;
  /** A key under which the server does it once, whoever sends it again. */
  idem?: string;
  /** The name under which logs speak of it. */
  requestId?: string;
  /** W3C trace context. */
  traceparent?: string;
}

export interface StreamOptions extends CallOptions {
  /** Items or chunks that may be on their way unread. 16. */
  credit?: number;
}

export interface Reply<T> {
  result: T;
  /** Whole milliseconds the server took; 0 where it did not say. */
  serverMs: number;
  /** The server had done this call before, under the same key. */
  replayed: boolean;
}

export interface RPCEvent<T = unknown> {
  /** Counts the events of the call from 1. */
  seq: number;
  kind: "item" | "progress" | "log" | (string & {});
  data: T;
}

/** The events of a call; leaving a `for await` early cancels it. */
export interface EventStream<E = unknown, R = unknown> extends AsyncIterableIterator<RPCEvent<E>> {
  /** What the call answered; events that nobody read are dropped. */
  result(): Promise<R>;
}

/** What a byte stream is, as far as the server said. */
export interface Content {
  type?: string;
  name?: string;
  size?: number;
  range?: { first: number; last: number; total: number };
  etag?: string;
  modified?: number;
  status?: number;
}

export type ByteStream = Readable & { readonly content: Content };

export class Client {
  constructor(address: string | readonly string[], options?: ClientOptions);
  /** Whether hello was answered on the present connection. */
  get isNegotiated(): boolean;
  /** What was agreed on with it. */
  get features(): string[];
  /** Connects now; otherwise the first call does. */
  connect(): Promise<void>;
  /** Ends the connections; calls under way and later ones fail `closed`. */
  close(): Promise<void>;
  call<T = any>(
    method: string, params?: Params, options?: CallOptions & { onProgress?: (data: any) => void },
  ): Promise<T>;
  request<T = any>(
    method: string, params?: Params, options?: CallOptions & { onProgress?: (data: any) => void },
  ): Promise<Reply<T>>;
  /** Resolves when the notification was handed to the operating system. */
  notify(method: string, params?: Params): Promise<void>;
  events<E = any, R = any>(method: string, params?: Params, options?: StreamOptions): EventStream<E, R>;
  stream(method: string, params?: Params, options?: StreamOptions): Promise<ByteStream>;
  /** The file stands under its name only when all of it is there. Taken to be idempotent. */
  download(
    method: string, params: Params | undefined, path: string,
    options?: StreamOptions & { onProgress?: (octets: number, size: number | undefined) => void },
  ): Promise<Content>;
  ping(): Promise<void>;
}

export interface ErrorDetail {
  /** Names and indices from the root of the parameters. */
  path: (string | number)[];
  type: string;
  message: string;
}

/** Why a call failed: what the server answered, or what happened here. */
export class RPCError extends Error {
  constructor(code: number, message: string, fields?: Partial<Omit<RPCError, "code" | "message" | "name">>);
  readonly code: number;
  /** gRPC's word, such as `UNAVAILABLE`; undefined of codes that are a method's own. */
  readonly status: string | undefined;
  /** A stable word for this very case, such as `overloaded`. */
  readonly reason: string | undefined;
  readonly details: ErrorDetail[];
  /** The call surely never began. */
  readonly notStarted: boolean;
  readonly retryAfterMs: number | undefined;
  /** A long call that ended because its server stops: made again, it goes on elsewhere. */
  readonly resume: boolean;
  /** How often somebody on the way, who owns the tries, has sent the call; it is not to be sent again. */
  readonly tries: number | undefined;
  readonly info: Record<string, unknown> | undefined;
  /** `data` of the error as it came. */
  readonly data: unknown;
}

/** The codes this library itself gives errors. */
export const Code: Readonly<
  Record<
    | "parseError" | "unknown" | "deadlineExceeded" | "resourceExhausted" | "failedPrecondition" | "aborted"
    | "unavailable" | "dataLoss" | "tooLarge",
    number
  >
>;

/** Of this library. */
export const VERSION: string;
