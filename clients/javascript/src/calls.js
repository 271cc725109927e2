import { Upload, wholeFrame } from "./call.js";
import { Code, connectionLost, deadlineExceeded, overloaded, protocolError, RPCError, tooLarge } from "./errors.js";
import { Flag, plainFrame, WHOLE_OCTETS_MAX } from "./frames.js";
import { parseJSON } from "./json.js";
import { Partials } from "./partials.js";

/** A call given up keeps its place this long for its reply. */
const LOST_AFTER_MS = 30_000;
/** A server that was told the time answers itself when it is over; this long its answer is waited for. */
const REPLY_GRACE_MS = 250;

/**
 * The calls of one connection: those that wait for their turn, and those that wait for their reply.
 *
 * Without socket, timer and clock, like `Session`, which owns it. Every call is settled exactly once.
 */
export class Calls {
  features = new Set();
  isNegotiated = false;
  isOpen = false;
  inFlightMax;
  /** What the server takes; unknown of a plain one. */
  peerFrameBytesMax = Infinity;
  /** Calls given up whose reply never came. */
  lost = 0;

  #settings;
  #outbox;
  #wakeBy;
  #partials;
  #inFlight = new Map();
  #waiting = [];
  #nextId = 1;

  /** @param {(time: number) => void} wakeBy says when something is due */
  constructor(settings, outbox, wakeBy) {
    this.#settings = settings;
    this.#outbox = outbox;
    this.#wakeBy = wakeBy;
    this.#partials = new Partials(settings, (call, count) => this.consumed(call, count));
    this.inFlightMax = settings.plainInFlightMax;
  }

  get isIdle() {
    return this.#inFlight.size === 0 && this.#waiting.length === 0;
  }

  find(id) {
    return this.#inFlight.get(id);
  }

  // Sending

  submit(call, now) {
    if (this.#inFlight.size < this.inFlightMax && this.#waiting.length === 0) return this.#send(call, now);
    if (this.#waiting.length >= this.#settings.waitingMax) {
      return this.#settle(call, overloaded(this.#settings.waitingMax));
    }
    this.#waiting.push(call);
    this.#wakeBy(call.deadline);
  }

  #send(call, now) {
    if (call.deadline <= now) return this.#settle(call, deadlineExceeded(true));
    call.id = this.#nextId++;
    const head = call.head(this.features, now);
    const length = call.params === undefined ? 0 : Buffer.byteLength(call.params);
    if (head.length + length + 16 > this.peerFrameBytesMax) {
      return this.#settle(call, tooLarge(length, this.peerFrameBytesMax));
    }
    call.isSent = true;
    call.endsAt = call.deadline + (this.features.has("meta") ? REPLY_GRACE_MS : 0);
    this.#inFlight.set(call.id, call);
    this.#wakeBy(call.endsAt);
    if (length > WHOLE_OCTETS_MAX && this.features.has("xframe")) {
      call.upload = new Upload(head, Buffer.from(call.params));
      this.#outbox.addUpload(call);
    } else {
      this.#outbox.addCall(call, wholeFrame(head, call.params));
    }
  }

  /** Sends those that wait, as far as there is room. */
  sendWaiting(now) {
    while (this.isOpen && this.#waiting.length > 0 && this.#inFlight.size < this.inFlightMax) {
      this.#send(this.#waiting.shift(), now);
    }
  }

  tell(method, params) {
    this.#outbox.add(plainFrame(JSON.stringify({ jsonrpc: "2.0", method, params })));
  }

  /** The reader took items or chunks of this call. */
  consumed(call, count = 1) {
    const credit = call.consumed(count);
    if (credit > 0 && this.#inFlight.has(call.id)) this.tell("rpc.credit", { id: call.id, n: credit });
  }

  // Ending

  /** Nobody waits for this call any more; the server is told. */
  giveUp(call, now, reason) {
    if (!call.isWanted) return;
    call.isWanted = false;
    if (!call.isSent) {
      this.#waiting = this.#waiting.filter((other) => other !== call);
      return;
    }
    if (!this.#inFlight.has(call.id)) return;
    if (this.#outbox.takeBack(call)) {
      this.#inFlight.delete(call.id);
      return this.sendWaiting(now);
    }
    call.upload = undefined;
    this.#partials.drop(call);
    call.givenUpAt = now;
    this.#wakeBy(now + LOST_AFTER_MS);
    if (this.isNegotiated) this.tell("rpc.cancel", { id: call.id, reason });
    else this.tell("$/cancelRequest", { id: call.id });
  }

  #settle(call, error, reply) {
    const isWanted = call.isWanted;
    call.isWanted = false;
    if (isWanted) call.sink.settled(error, reply);
  }

  /** The call has its reply. */
  finish(call, now, error, reply) {
    this.#inFlight.delete(call.id);
    this.#partials.drop(call);
    if (call.upload) this.#outbox.takeBack(call);
    this.#settle(call, error, reply);
    this.sendWaiting(now);
  }

  /** Ends a call from here. */
  #end(call, now, error) {
    if (!call.isWanted) return;
    this.giveUp(call, now, error.reason);
    call.sink.settled(error);
  }

  /** Hands back what was never sent. */
  endWaiting(error) {
    for (const call of this.#waiting.splice(0)) this.#settle(call, error);
  }

  /** The connection is gone. */
  endAll(failure) {
    const calls = [...this.#waiting.splice(0), ...this.#inFlight.values()];
    this.#inFlight.clear();
    for (const call of calls) {
      this.#settle(call, failure?.reason === "closed" ? failure : connectionLost(failure, !call.isWritten));
    }
  }

  // What arrives

  event(call, event) {
    if (event.kind === "item") spend(call);
    if (!call.isWanted) return;
    if (call.sink.event) call.sink.event(event);
    else if (event.kind === "item") this.consumed(call);
  }

  /** A chunk of a byte stream. */
  chunk(call, flags, { content, meta }, payload, now) {
    if (payload.length > 0) spend(call);
    if (call.isWanted && !call.sink.chunk) return this.#end(call, now, isAStream());
    if (call.isWanted) call.sink.chunk(payload, content);
    if (!(flags & Flag.more)) this.finish(call, now, undefined, { result: undefined, meta });
  }

  /** A result beside its envelope, whole or a chunk of it. */
  resultChunk(call, flags, { meta }, payload, now) {
    if (call.assembly !== undefined || flags & Flag.more) spend(call);
    if (!call.isWanted) {
      if (flags & Flag.more) this.consumed(call);
      else this.finish(call, now);
      return;
    }
    const isLast = !(flags & Flag.more);
    if (!this.#partials.add(call, payload, isLast, meta, now)) {
      return this.#end(call, now, tooLarge(call.assembly.octets, this.#settings.frameBytesMax));
    }
    if (!isLast) return this.#wakeBy(now + this.#settings.chunkTimeoutMs);
    const { assembly } = call;
    const result = parseJSON(Buffer.concat(assembly.parts), this.#settings.integers);
    this.finish(call, now, undefined, { result, meta: assembly.meta });
  }

  // Time

  /** Does what is due, and says when to come again. */
  advance(now) {
    for (const call of [...this.#waiting]) this.#advanceWaiting(call, now);
    for (const call of [...this.#inFlight.values()]) {
      if (call.givenUpAt === undefined) this.#advanceInFlight(call, now);
      else this.#advanceGivenUp(call, now);
    }
    this.sendWaiting(now);
  }

  #advanceWaiting(call, now) {
    if (now < call.deadline) return this.#wakeBy(call.deadline);
    this.#waiting = this.#waiting.filter((other) => other !== call);
    this.#settle(call, deadlineExceeded(true));
  }

  #advanceInFlight(call, now) {
    const { stallTimeoutMs, chunkTimeoutMs } = this.#settings;
    const stall = (call.upload?.stalledSince ?? Infinity) + stallTimeoutMs;
    const chunk = (call.assembly && call.credit > 0 ? call.assembly.heardAt : Infinity) + chunkTimeoutMs;
    if (now >= call.endsAt) this.#end(call, now, deadlineExceeded());
    else if (now >= stall) this.#end(call, now, stalled());
    else if (now >= chunk) this.#end(call, now, incomplete());
    else this.#wakeBy(Math.min(call.endsAt, stall, chunk));
  }

  #advanceGivenUp(call, now) {
    if (now < call.givenUpAt + LOST_AFTER_MS) return this.#wakeBy(call.givenUpAt + LOST_AFTER_MS);
    this.#inFlight.delete(call.id);
    this.lost += 1;
  }
}

function spend(call) {
  call.credit -= 1;
  if (call.credit < 0) throw protocolError("the server sent more than it had credit for");
}

const stalled = () =>
  new RPCError(Code.aborted, "the server gave no credit for the call's parameters", { reason: "stalled" });
const incomplete = () =>
  new RPCError(Code.deadlineExceeded, "the reply's next chunk did not come", { reason: "frame" });
const isAStream = () =>
  new RPCError(Code.failedPrecondition, "the method answers octets: use stream() or download()", { reason: "stream" });
