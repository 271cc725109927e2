import { randomBytes } from "node:crypto";
import { open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Fills a file beside `path`, which takes its name only when all octets are on the disk.
 *
 * @param {string} path
 * @param {import("./attempts.js").Attempts} attempts of the call; a stream that breaks is read again from its start
 * @param {((octets: number, size?: number) => void) | undefined} onProgress
 * @param {() => Promise<import("node:stream").Readable & {content: object}>} start
 * @returns the stream's `content`
 */
export async function download(path, attempts, onProgress, start) {
  const part = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.part`);
  const file = await open(part, "wx");
  try {
    const content = await fillWithRetries(file, attempts, onProgress, start);
    await file.sync();
    await file.close();
    await rename(part, path);
    return content;
  } catch (error) {
    await file.close().catch(() => {});
    await unlink(part).catch(() => {});
    throw error;
  }
}

async function fillWithRetries(file, attempts, onProgress, start) {
  for (;;) {
    try {
      return await fill(file, await start(), onProgress);
    } catch (error) {
      await attempts.again(error);
      await file.truncate(0);
    }
  }
}

async function fill(file, stream, onProgress) {
  let octets = 0;
  for await (const chunk of stream) {
    for (let written = 0; written < chunk.length; ) {
      const { bytesWritten } = await file.write(chunk, written, chunk.length - written, octets + written);
      written += bytesWritten;
    }
    octets += chunk.length;
    onProgress?.(octets, stream.content.size);
  }
  return stream.content;
}
