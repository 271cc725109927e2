// Ends an export that is not finished.
//
//     node samples/cancel.js HASH_KEY

import { run } from "./common.js";

await run("cancel.js KEY", 1, async (client, [key]) => {
  const job = await client.call("export.job.cancel", { key }, { idempotent: true, timeoutMs: 10_000 });
  console.log(`status ${job.status}`);
});
