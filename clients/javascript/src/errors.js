/** gRPC's status words by the code that carries them. */
const STATUS_OF_CODE = new Map([
  [-32700, "INVALID_ARGUMENT"],
  [-32600, "INVALID_ARGUMENT"],
  [-32601, "UNIMPLEMENTED"],
  [-32602, "INVALID_ARGUMENT"],
  [-32603, "INTERNAL"],
  [-32051, "CANCELLED"],
  [-32052, "UNKNOWN"],
  [-32054, "DEADLINE_EXCEEDED"],
  [-32055, "NOT_FOUND"],
  [-32056, "ALREADY_EXISTS"],
  [-32057, "PERMISSION_DENIED"],
  [-32058, "RESOURCE_EXHAUSTED"],
  [-32059, "FAILED_PRECONDITION"],
  [-32060, "ABORTED"],
  [-32061, "OUT_OF_RANGE"],
  [-32064, "UNAVAILABLE"],
  [-32065, "DATA_LOSS"],
  [-32066, "UNAUTHENTICATED"],
  [-32070, "RESOURCE_EXHAUSTED"],
  [-32071, "FAILED_PRECONDITION"],
]);

/** The codes this library itself gives errors. */
export const Code = Object.freeze({
  parseError: -32700,
  unknown: -32052,
  deadlineExceeded: -32054,
  resourceExhausted: -32058,
  failedPrecondition: -32059,
  aborted: -32060,
  unavailable: -32064,
  dataLoss: -32065,
  tooLarge: -32070,
});

/**
 * Why a call failed: what the server answered, or what happened here.
 *
 * `message` is for people and may change; programs look at `code`, `status` and `reason`.
 */
export class RPCError extends Error {
  /**
   * @param {number} code
   * @param {string} message
   * @param {object} [fields] members of the error that differ from the defaults
   */
  constructor(code, message, fields = {}) {
    super(message, "cause" in fields ? { cause: fields.cause } : undefined);
    this.name = "RPCError";
    this.code = code;
    this.status = fields.status ?? STATUS_OF_CODE.get(code);
    this.reason = fields.reason;
    this.details = fields.details ?? [];
    this.notStarted = fields.notStarted ?? false;
    this.retryAfterMs = fields.retryAfterMs;
    this.resume = fields.resume ?? false;
    /** How often somebody on the way, who owns the tries, has sent the call; it is not to be sent again. */
    this.tries = fields.tries;
    this.info = fields.info;
    this.data = fields.data;
  }

  /** The error of a reply. What has the wrong kind is left out, so that a stranger's server cannot confuse us. */
  static fromReply(error, meta) {
    const data = isObject(error?.data) ? error.data : {};
    return new RPCError(
      Number.isInteger(error?.code) ? error.code : Code.unknown,
      typeof error?.message === "string" ? error.message : "the server gave no reason",
      {
        status: text(data.status),
        reason: text(data.reason),
        details: Array.isArray(data.details) ? data.details.filter(isObject) : [],
        notStarted: data.not_started === true,
        retryAfterMs: milliseconds(data.retry_after_ms) ?? milliseconds(meta?.retry_after_ms),
        resume: data.resume === true,
        tries: data.tries >= 1 ? Number(data.tries) : undefined,
        info: isObject(data.info) ? data.info : undefined,
        data: error?.data,
      },
    );
  }
}

const text = (value) => (typeof value === "string" ? value : undefined);
const milliseconds = (value) => {
  const number = typeof value === "bigint" ? Number(value) : value;
  return typeof number === "number" && number >= 0 ? number : undefined;
};

/** True for what JSON calls an object. */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export const unreachable = (address, cause) =>
  new RPCError(Code.unavailable, `${address} cannot be reached: ${cause?.message ?? cause}`, {
    reason: "unreachable",
    notStarted: true,
    cause,
  });

export const connectionLost = (cause, notStarted) =>
  new RPCError(Code.unavailable, `the connection was lost${cause ? `: ${cause.message}` : ""}`, {
    reason: "connection_lost",
    notStarted,
    ...(cause ? { cause } : {}),
  });

export const closedHere = () =>
  new RPCError(Code.unavailable, "the client is closed", { reason: "closed" });

export const overloaded = (limit) =>
  new RPCError(Code.unavailable, `more than ${limit} calls wait`, { reason: "overloaded", notStarted: true });

export const deadlineExceeded = (notStarted = false) =>
  new RPCError(Code.deadlineExceeded, "the call's time is over", { reason: "deadline", notStarted });

/** A call that another server may have done is not for one that does not know it by its key. */
export const keyUnsupported = () =>
  new RPCError(Code.unavailable, "the call may have been done already, and this server takes no idempotency keys", {
    reason: "idempotency_unsupported",
  });

export const tooLarge = (length, limit) =>
  new RPCError(Code.tooLarge, `${length} octets; at most ${limit} are taken`, {
    reason: "size",
    data: { limit, length },
  });

/** What ends a connection because the server does not keep to the protocol. */
export const protocolError = (message) =>
  new RPCError(Code.parseError, message, { reason: "protocol" });

export const notJSON = (message) => new RPCError(Code.parseError, message, { reason: "json" });
