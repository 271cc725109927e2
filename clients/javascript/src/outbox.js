/**
 * What waits to be written, in the order in which it should be.
 *
 * Small frames go first; calls that travel in chunks give one chunk each in turn, as far as they have credit.
 */
export class Outbox {
  #frames = [];
  #uploads = [];

  /** @param {(error?: Error) => void} [written] told when the operating system has all of it, or why it has not */
  add(frame, written) {
    this.#frames.push({ parts: [frame], written });
  }

  addUpload(call) {
    this.#uploads.push(call);
  }

  /** Drops what is still here of a call. @returns {boolean} whether nothing of it had left */
  takeBack(call) {
    const hadLeft = call.upload ? call.upload.hasBegun : !this.#frames.some((frame) => frame.call === call);
    this.#uploads = this.#uploads.filter((other) => other !== call);
    if (!hadLeft) this.#frames = this.#frames.filter((frame) => frame.call !== call);
    return !hadLeft;
  }

  /** The frame of a call, which can be taken back while it is here. */
  addCall(call, frame) {
    this.#frames.push({ parts: [frame], written: markWritten(call), call });
  }

  /** @returns {{parts: Buffer[], written?: (error?: Error) => void} | undefined} what to write next */
  next(now) {
    return this.#frames.shift() ?? this.#nextChunk(now);
  }

  #nextChunk(now) {
    const index = this.#uploads.findIndex((call) => call.upload.credit > 0);
    if (index < 0) return undefined;
    const [call] = this.#uploads.splice(index, 1);
    const parts = call.upload.next(call.id, now);
    if (!call.upload.isDone) {
      this.#uploads.push(call);
      return { parts };
    }
    call.upload = undefined;
    return { parts, written: markWritten(call) };
  }
}

function markWritten(call) {
  return (error) => {
    if (!error) call.isWritten = true;
  };
}
