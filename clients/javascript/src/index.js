export { Client } from "./client.js";
export { Code, RPCError } from "./errors.js";
export { VERSION } from "./options.js";
