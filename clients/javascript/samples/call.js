// Calls any method and prints its result.
//
//     node samples/call.js export.demo.page '{"page": 1, "limit": 2}'

import { run } from "./common.js";

await run("call.js METHOD [PARAMS_JSON]", 1, async (client, [method, params]) => {
  const result = await client.call(method, params === undefined ? undefined : JSON.parse(params));
  console.log(JSON.stringify(result, null, 2));
});
