/** What the patterns of protocol/vectors/README.md stand for. A received frame is {text} or {flags, header, payload}. */

/**
 * Whether frames stand for the patterns, in any order.
 *
 * @param {boolean} hasMeta what was agreed on allows `meta` on replies
 */
export function matchAll(frames, patterns, hasMeta = false) {
  const left = [...frames];
  const matched = patterns.every((pattern) => {
    const index = left.findIndex((frame) => isMatch(frame, pattern, hasMeta));
    if (index >= 0) left.splice(index, 1);
    return index >= 0;
  });
  return matched && left.length === 0;
}

function isMatch(frame, pattern, hasMeta) {
  if (pattern.x) return isXMatch(frame, pattern.x);
  return frame.text !== undefined && isMessage(JSON.parse(frame.text), pattern, frame.text, hasMeta);
}

function isXMatch(frame, { flags, header, octets }) {
  return frame.header !== undefined && frame.flags === flags && isWithin(JSON.parse(frame.header), header) &&
    (octets === undefined || frame.payload.length === octets);
}

function isMessage(message, pattern, text, hasMeta) {
  if (Array.isArray(pattern)) return Array.isArray(message) && isBatch(message, pattern, text, hasMeta);
  if (pattern.method) return message.method === pattern.method && isWithin(message.params, pattern.params ?? {});
  if (!isReply(message, hasMeta)) return false;
  if (pattern.meta && !pattern.meta.every((name) => name in (message.meta ?? {}))) return false;
  if (pattern.id_token !== undefined && !text.includes(`"id":${pattern.id_token}`)) return false;
  if ("id" in pattern && message.id !== pattern.id) return false;
  if (pattern.error) return typeof message.error?.message === "string" && message.error.message !== "" && isWithin(message.error, pattern.error);
  if (!("result" in message)) return false;
  if ("result_within" in pattern) return isWithin(message.result, pattern.result_within);
  return !("result" in pattern) || isSame(message.result, pattern.result);
}

/** These members, and no others. */
function isReply(message, hasMeta) {
  const members = Object.keys(message ?? {}).filter((name) => !(hasMeta && name === "meta"));
  return message?.jsonrpc === "2.0" && ["id,jsonrpc,result", "error,id,jsonrpc"].includes(members.sort().join());
}

function isBatch(messages, patterns, text, hasMeta) {
  const left = [...patterns];
  return (
    messages.length === patterns.length &&
    messages.every((message) => {
      const index = left.findIndex((pattern) => isMessage(message, pattern, text, hasMeta));
      if (index >= 0) left.splice(index, 1);
      return index >= 0;
    })
  );
}

/** Every member given is there with this value; others may be. */
export function isWithin(found, expected) {
  if (expected === null || typeof expected !== "object") return found === expected;
  if (found === null || typeof found !== "object" || Array.isArray(found) !== Array.isArray(expected)) return false;
  if (Array.isArray(expected) && found.length !== expected.length) return false;
  return Object.keys(expected).every((key) => key in found && isWithin(found[key], expected[key]));
}

const isSame = (found, expected) => isWithin(found, expected) && isWithin(expected, found);
