// Submits an export of a paginated HTTP source, waits for it and downloads the zip.
//
//     node samples/export.js http://127.0.0.1:8080/demo/page -o demo.zip

import { randomUUID } from "node:crypto";

import { run } from "./common.js";

const FINISHED = 2;

async function submitAndDownload(client, [source], { output, title }) {
  const { hash_key: key } = await client.call(
    "export.http.submit",
    {
      timestamp: Math.floor(Date.now() / 1000),
      ext_type: "XLSX",
      title,
      user_id: "sample",
      source_http: { url: source, method: "GET", header: {}, param: { limit: 20 } },
    },
    { idem: randomUUID(), timeoutMs: 30_000 }, // However often it has to be sent: one export.
  );
  console.log(`submitted ${key}`);
  // Answers when the export has come to its end.
  const onProgress = ({ rows, total_rows: total }) => console.log(`${rows} of ${total} rows`);
  const job = await client.call("export.job.events", { key }, { idempotent: true, onProgress });
  if (job.status !== FINISHED) {
    console.error(`error: the export ended with status ${job.status}`);
    process.exitCode = 1;
    return;
  }
  const content = await client.download("export.artifact.read", artifact(job.down_url), output);
  console.log(`saved ${output}, ${content.size} octets`);
}

/** The parameters of the download: the link ends in /YYYYMM/DD/FILE and may be signed. */
function artifact(link) {
  const url = new URL(link);
  const [month, day, file] = url.pathname.split("/").slice(-3);
  const signature = url.searchParams.get("signature");
  return { month, day, file, ...(signature ? { expires: Number(url.searchParams.get("expires")), signature } : {}) };
}

await run("export.js SOURCE_URL -o FILE [--title TITLE]", 1, submitAndDownload, {
  output: { type: "string", short: "o", default: "export.zip" },
  title: { type: "string", default: "sample" },
});
