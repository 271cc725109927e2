// Calls any method and prints its result.
//
//     node samples/call.js subtract '[42, 23]'

import { run } from "./common.js";

await run("call.js METHOD [PARAMS_JSON]", 1, async (client, [method, params]) => {
  const result = await client.call(method, params === undefined ? undefined : JSON.parse(params));
  console.log(JSON.stringify(result, null, 2));
});
