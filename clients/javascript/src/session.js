import { Calls } from "./calls.js";
import { Code, connectionLost, isObject, protocolError, RPCError } from "./errors.js";
import { Flag, FrameDecoder, plainFrame } from "./frames.js";
import { agreement, hello, HELLO_ID, isOfStranger } from "./hello.js";
import { parseJSON } from "./json.js";
import { Outbox } from "./outbox.js";

/** So many lost calls, and the connection gets no new ones. */
const LOST_CALLS_MAX = 16;
const FRAME_MS = 30_000;
const FRAME_OCTETS_PER_MS = 65.536;

/**
 * The protocol on one connection, without socket, timer and clock.
 *
 * What happens outside is told by `opened`, `received`, `advance` and `ended`, each with the time in ms; what is to be
 * written is fetched by `nextOutput`, and `advance` wants to be called at `wakeAt`. State, and what ends it:
 *
 *   greeting   hello was sent          → open: its answer, a refusal, or `helloTimeoutMs` · over
 *   open       takes calls             → retired: goaway, lost calls · over
 *   retired    answers what runs       → over: the last reply is in
 *   over       the socket is to be closed; `failure` says why
 */
export class Session {
  state = "greeting";
  /** Why the session is over, as far as it was not the socket. */
  failure;
  /** Hello was not answered, but the connection ended: the server stops, or takes offence at it. */
  endedOnHello = false;

  #settings;
  #listener;
  #decoder;
  #outbox = new Outbox();
  #calls;
  #isGreeted = false;
  #lastWords;
  #helloDeadline = Infinity;
  #heardAt = 0;
  #pingedAt;
  #frameBegunAt;
  /** Never later than what is due first; found anew by `advance`. */
  #wakeAt = Infinity;

  /** @param {{greeted(error?), retired()}} listener told once each */
  constructor(settings, listener) {
    this.#settings = settings;
    this.#listener = listener;
    this.#decoder = new FrameDecoder(settings.frameBytesMax);
    this.#calls = new Calls(settings, this.#outbox, (time) => this.#wakeBy(time));
  }

  get features() {
    return this.#calls.features;
  }

  get isNegotiated() {
    return this.#calls.isNegotiated;
  }

  get isIdle() {
    return this.#calls.isIdle;
  }

  get wakeAt() {
    return this.#wakeAt;
  }

  nextOutput(now) {
    return this.#outbox.next(now);
  }

  opened(now) {
    this.#heardAt = now;
    if (this.#settings.plain) return this.#greeted();
    this.#outbox.add(plainFrame(hello(this.#settings)));
    this.#helloDeadline = now + this.#settings.helloTimeoutMs;
    this.#wakeBy(this.#helloDeadline);
  }

  // Calls

  /** Sends the call, or lets it wait for its turn. */
  submit(call, now) {
    if (this.state === "open") this.#calls.submit(call, now);
    else call.sink.settled(connectionLost(this.failure, true));
  }

  giveUp(call, now, reason) {
    this.#calls.giveUp(call, now, reason);
    this.#endIfDone();
  }

  consumed(call) {
    this.#calls.consumed(call);
  }

  /** @returns {Promise<void>} until the operating system has it */
  notify(method, params) {
    const tail = params === undefined ? "" : `,"params":${params}`;
    const frame = plainFrame(`{"jsonrpc":"2.0","method":${JSON.stringify(method)}${tail}}`);
    return new Promise((resolve, reject) => {
      if (this.state !== "open") return reject(connectionLost(this.failure, true));
      this.#outbox.add(frame, (error) => (error ? reject(connectionLost(error, true)) : resolve()));
    });
  }

  // Time

  #wakeBy(time) {
    if (time < this.#wakeAt) this.#wakeAt = time;
  }

  /** Does what is due. */
  advance(now) {
    this.#wakeAt = Infinity;
    if (this.state === "over") return;
    this.#advanceHello(now);
    this.#advanceFrame(now);
    this.#advanceKeepAlive(now);
    if (this.state === "over") return;
    this.#calls.advance(now);
    if (this.#calls.lost >= LOST_CALLS_MAX) this.#retire();
    this.#endIfDone();
  }

  #advanceHello(now) {
    if (this.#isGreeted) return;
    if (now >= this.#helloDeadline) this.#greeted();
    else this.#wakeBy(this.#helloDeadline);
  }

  #advanceFrame(now) {
    if (this.#frameBegunAt === undefined) return;
    const end = this.#frameBegunAt + FRAME_MS + this.#decoder.expectedOctets / FRAME_OCTETS_PER_MS;
    if (now >= end) this.#fail(protocolError("a frame that began was not completed in time"));
    else this.#wakeBy(end);
  }

  #advanceKeepAlive(now) {
    if (!this.isNegotiated || this.state === "over") return;
    const { keepAliveMs } = this.#settings;
    if (this.#pingedAt !== undefined && now >= this.#pingedAt + keepAliveMs) {
      return this.#fail(protocolError(`nothing was heard for ${2 * keepAliveMs} ms`));
    }
    if (this.#pingedAt === undefined && now >= this.#heardAt + keepAliveMs) {
      this.#pingedAt = now;
      this.#outbox.add(plainFrame(`{"jsonrpc":"2.0","id":"keep-alive","method":"rpc.ping"}`));
    }
    this.#wakeBy((this.#pingedAt ?? this.#heardAt) + keepAliveMs);
  }

  // What arrives

  received(octets, now) {
    if (this.state === "over") return;
    this.#heardAt = now;
    this.#pingedAt = undefined;
    this.#decoder.add(octets);
    try {
      for (let frame; this.state !== "over" && (frame = this.#decoder.next()); ) {
        this.#frameBegunAt = undefined;
        if (frame.body) this.#message(frame.body, now);
        else this.#xMessage(frame, now);
      }
    } catch (error) {
      if (!(error instanceof RPCError)) throw error;
      return this.#fail(error);
    }
    if (this.#decoder.isInside && this.#frameBegunAt === undefined) {
      this.#frameBegunAt = now;
      this.#wakeBy(now + FRAME_MS);
    }
    this.#endIfDone();
  }

  #message(body, now) {
    const message = parseJSON(body, this.#settings.integers);
    if (!isObject(message)) throw protocolError("expected a reply or a notification, found something else");
    if (typeof message.method === "string") return this.#notification(message);
    if (!("result" in message) && !("error" in message)) throw protocolError("expected a reply with result or error");
    if (message.id === HELLO_ID && !this.#settings.plain) return this.#helloAnswered(message, now);
    if (message.id === null && "error" in message) return this.#refused(message);
    const call = this.#calls.find(message.id);
    if (call) this.#replied(call, message, now);
  }

  #replied(call, { error, result, meta }, now) {
    if (error === undefined) return this.#calls.finish(call, now, undefined, { result, meta });
    const failure = RPCError.fromReply(error, meta);
    // Without goaway this is how a server says that it stops; with it, another one behind it may be meant.
    if (failure.reason === "draining" && this.isNegotiated && !this.features.has("goaway")) this.#retire();
    this.#calls.finish(call, now, failure);
  }

  /** An error that belongs to no call: a refusal of hello, or the server's last words. */
  #refused({ error }) {
    const failure = RPCError.fromReply(error);
    if (!this.#isGreeted && isOfStranger(failure)) this.#greeted();
    else this.#lastWords = failure;
  }

  #notification({ method, params }) {
    if (method === "rpc.goaway") {
      this.#calls.tell("rpc.goaway_ack");
      return this.#retire();
    }
    const call = isObject(params) ? this.#calls.find(params.id) : undefined;
    if (!call) return;
    if (method === "rpc.event") this.#calls.event(call, { seq: params.seq, kind: params.kind, data: params.data });
    else if (method === "rpc.credit" && params.n > 0) call.upload?.grant(Number(params.n));
  }

  #xMessage({ flags, header, payload }, now) {
    const envelope = parseJSON(header, this.#settings.integers);
    if (!isObject(envelope)) throw protocolError("the header of an x-frame is no object");
    const call = this.#calls.find(envelope.id);
    if (!call) return;
    if (flags & Flag.octets) this.#calls.chunk(call, flags, envelope, payload, now);
    else this.#calls.resultChunk(call, flags, envelope, payload, now);
  }

  // Hello

  #helloAnswered({ result, error }, now) {
    if (this.isNegotiated) return;
    const refusal = error === undefined ? undefined : RPCError.fromReply(error);
    if (refusal && !isOfStranger(refusal)) {
      if (!this.#isGreeted) this.#fail(refusal);
      return;
    }
    if (!refusal && isObject(result)) this.#agree(result, now);
    this.#greeted();
    this.#calls.sendWaiting(now);
  }

  #agree(result, now) {
    Object.assign(this.#calls, agreement(result, this.#settings), { isNegotiated: true });
    this.#decoder.takesXFrames = this.features.has("xframe");
    this.#wakeBy(now + this.#settings.keepAliveMs);
  }

  #greeted() {
    if (this.#isGreeted) return;
    this.#isGreeted = true;
    this.state = "open";
    this.#calls.isOpen = true;
    this.#listener.greeted();
  }

  // The end

  /** No new calls from now on; what runs may finish. What was never sent is handed back. */
  #retire() {
    if (this.state === "greeting") return this.#fail(draining());
    if (this.state !== "open") return;
    this.state = "retired";
    this.#calls.isOpen = false;
    this.#listener.retired();
    this.#calls.endWaiting(draining());
    this.#endIfDone();
  }

  #endIfDone() {
    if (this.state === "retired" && this.isIdle) this.#over();
  }

  #fail(error) {
    this.failure ??= error;
    this.ended();
  }

  /** The socket is gone, or is to go: every call ends. */
  ended(error) {
    if (this.state === "over") return;
    this.endedOnHello = this.state === "greeting" && !this.failure && !this.#lastWords;
    this.failure ??= this.#lastWords ?? error;
    this.#over();
  }

  #over() {
    const wasGreeting = this.state === "greeting";
    if (this.state === "open") this.#listener.retired();
    this.state = "over";
    this.#calls.isOpen = false;
    this.#wakeAt = Infinity;
    this.#calls.endAll(this.failure);
    if (wasGreeting) this.#listener.greeted(this.failure ?? connectionLost(undefined, true));
  }
}

const draining = () =>
  new RPCError(Code.unavailable, "the server stops", { reason: "draining", notStarted: true });
