import { Call } from "../src/call.js";
import { FrameDecoder, plainFrame, xFrame } from "../src/frames.js";
import { settingsFrom } from "../src/options.js";
import { Session } from "../src/session.js";
import { HELLO_RESULT } from "./double.js";

/** A session with a clock moved by hand, and what it wrote as messages. */
export class Machine {
  now = 1_000;
  greeted = 0;
  retired = 0;
  #decoder = new FrameDecoder(1 << 27);

  constructor(options) {
    this.#decoder.takesXFrames = true;
    this.session = new Session(settingsFrom(options), {
      greeted: (error) => {
        this.greeted += 1;
        this.greetingError = error;
      },
      retired: () => (this.retired += 1),
    });
    this.session.opened(this.now);
  }

  /** One that has agreed on everything. */
  static negotiated(options, result = HELLO_RESULT) {
    const machine = new Machine(options);
    machine.sent();
    machine.receive({ jsonrpc: "2.0", id: 0, result });
    return machine;
  }

  /** Everything it wants to write, written. */
  sent({ isWritten = true } = {}) {
    const messages = [];
    for (let output; (output = this.session.nextOutput(this.now)); ) {
      for (const part of output.parts) this.#decoder.add(part);
      if (isWritten) output.written?.();
      const frame = this.#decoder.next();
      const message = JSON.parse((frame.body ?? frame.header).toString());
      messages.push(frame.payload ? { ...message, flags: frame.flags, payload: frame.payload } : message);
    }
    return messages;
  }

  receive(message) {
    this.session.received(plainFrame(JSON.stringify(message)), this.now);
  }

  receiveX(header, flags, payload) {
    this.session.received(Buffer.concat(xFrame(JSON.stringify(header), flags, Buffer.from(payload))), this.now);
  }

  event(id, seq, kind, data) {
    this.receive({ jsonrpc: "2.0", method: "rpc.event", params: { id, seq, kind, data } });
  }

  pass(ms) {
    this.now += ms;
    this.session.advance(this.now);
  }

  /** A call whose fate is in `outcome`. */
  call(request = {}, handlers = {}) {
    const outcome = { settled: 0 };
    const call = new Call(
      { method: "m", params: "{}", meta: {}, ...request, deadline: this.now + (request.timeoutMs ?? Infinity) },
      { ...handlers, settled: (error, reply) => Object.assign(outcome, { settled: outcome.settled + 1, error, reply }) },
    );
    this.session.submit(call, this.now);
    return { call, outcome };
  }
}
