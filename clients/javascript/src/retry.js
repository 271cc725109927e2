import { Code } from "./errors.js";

/**
 * Keeps retries from multiplying an outage: a token bucket shared by all calls of a client.
 *
 * A retry costs a token, a success gives a fraction of one back.
 */
export class RetryBudget {
  #tokens;
  #tokensMax;
  #refund;

  constructor({ tokens, refund }) {
    this.#tokens = tokens;
    this.#tokensMax = tokens;
    this.#refund = refund;
  }

  /** @returns {boolean} whether there was a token to take */
  take() {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  succeeded() {
    this.#tokens = Math.min(this.#tokensMax, this.#tokens + this.#refund);
  }
}

/** Whether a call that failed in this way may be made again. */
export function isRetryable(error, isIdempotent) {
  if (error.reason === "closed" || error.tries !== undefined) return false;
  if (error.notStarted || error.resume) return true;
  return isIdempotent && (error.code === Code.unavailable || error.code === Code.deadlineExceeded);
}

/** Whether a server that stops did not do the call, which the next one is to be asked for at once. */
export const isOfStopping = (error) => error.resume || (error.notStarted && error.reason === "draining");

/**
 * How long to wait before the try after number `attempt` (counted from 1); undefined when there must be none.
 *
 * @param {{attempt: number, isIdempotent: boolean, remainingMs: number, random: () => number}} call
 */
export function retryDelay(error, policy, { attempt, isIdempotent, remainingMs, random = Math.random }) {
  if (attempt >= policy.tries || !isRetryable(error, isIdempotent)) return undefined;
  const backoff = Math.min(policy.delayMaxMs, policy.delayMinMs * 2 ** (attempt - 1));
  const delay = Math.max(spread(backoff, policy.jitter, random), error.retryAfterMs ?? 0);
  return delay < remainingMs ? delay : undefined;
}

/** `ms` ± the fraction `jitter` of it. */
export function spread(ms, jitter, random = Math.random) {
  return ms * (1 + jitter * (2 * random() - 1));
}
