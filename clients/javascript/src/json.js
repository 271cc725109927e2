import { isUtf8 } from "node:buffer";

import { notJSON } from "./errors.js";

/** An integer that may be too long for a number: 16 digits or more. Found outside of strings only by LEXEMES. */
const LONG_DIGITS = /\d{16}/;
const LEXEMES = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
const INTEGER = /^-?\d+$/;

/** Stands before the digits of an integer on its way through JSON.parse; no text holds it. */
const MARK = `\u0000integer ${Math.random().toString(36).slice(2)} `;

/**
 * Reads octets as JSON.
 *
 * @param {Buffer} octets
 * @param {"number" | "bigint"} integers what becomes of integers beyond ±(2^53 - 1): the nearest number, or a BigInt
 * @throws {RPCError} -32700 `json` for what is not UTF-8 or not JSON
 */
export function parseJSON(octets, integers = "number") {
  if (!isUtf8(octets)) throw notJSON("expected JSON, found octets that are not UTF-8");
  const text = octets.toString("utf8");
  try {
    const value = JSON.parse(text);
    return integers === "bigint" && LONG_DIGITS.test(text) ? parseWithBigInts(text) : value;
  } catch (error) {
    throw notJSON(`expected JSON: ${error.message}`);
  }
}

/** `text` is known to be JSON. Long integers are marked as strings, then turned into BigInts while parsing. */
function parseWithBigInts(text) {
  const marked = text.replace(LEXEMES, (lexeme) =>
    lexeme[0] !== '"' && INTEGER.test(lexeme) && !Number.isSafeInteger(Number(lexeme)) ? `"${escapedMark}${lexeme}"` : lexeme,
  );
  return JSON.parse(marked, (_, value) =>
    typeof value === "string" && value.startsWith(MARK) ? BigInt(value.slice(MARK.length)) : value,
  );
}

const escapedMark = JSON.stringify(MARK).slice(1, -1);
const MARKED = new RegExp(`"${escapedMark.replaceAll("\\", "\\\\")}(-?\\d+)"`, "g");

/**
 * Writes a value as JSON; BigInts become integers.
 *
 * @throws {TypeError} for what JSON cannot hold (functions, cycles, `undefined` on its own)
 */
export function toJSON(value) {
  let text;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Most values hold no BigInt: only after JSON.stringify refused one is the slower way taken.
    const marked = JSON.stringify(value, (_, item) => (typeof item === "bigint" ? MARK + item : item));
    text = marked?.replace(MARKED, "$1");
  }
  if (text === undefined) throw new TypeError(`expected a value that JSON can hold, found ${typeof value}`);
  return text;
}
