const FEATURES = ["meta", "xframe", "cancel", "stream", "goaway"];
/** Calls have others. */
export const HELLO_ID = 0;
/** Answers to hello that say: this server does not know it. */
const NO_HELLO = new Set([-32600, -32601, -32602]);
/** What a server takes that does not say. */
const PEER_FRAME_BYTES_MAX = 64 * 1024 * 1024;

/** The first request of a connection, as text. */
export function hello({ name, token, frameBytesMax, inFlightMax }) {
  const params = {
    versions: [1],
    peer: name,
    role: "client",
    features: FEATURES,
    limits: { frame_bytes_max: frameBytesMax, in_flight_max: inFlightMax },
    ...(token === undefined ? {} : { auth: { token } }),
  };
  return JSON.stringify({ jsonrpc: "2.0", id: HELLO_ID, method: "rpc.hello", params });
}

/** What both sides know and take, from the server's answer. */
export function agreement({ features, limits }, { inFlightMax }) {
  return {
    features: new Set(Array.isArray(features) ? features.filter((name) => FEATURES.includes(name)) : []),
    inFlightMax: Math.min(inFlightMax, positive(limits?.in_flight_max) ?? inFlightMax),
    peerFrameBytesMax: positive(limits?.frame_bytes_max) ?? PEER_FRAME_BYTES_MAX,
  };
}

/** Whether the error says that the server does not know hello. */
export const isOfStranger = (error) => NO_HELLO.has(error.code);

const positive = (value) => (Number(value) > 0 ? Number(value) : undefined);
