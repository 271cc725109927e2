// Follows an export line by line until it has come to its end.
//
//     node samples/watch.js HASH_KEY

import { run } from "./common.js";

await run("watch.js KEY", 1, async (client, [key]) => {
  const events = client.events("export.job.events", { key }, { idempotent: true });
  for await (const { kind, data } of events) console.log(kind, JSON.stringify(data));
  console.log("ended", JSON.stringify(await events.result()));
});
