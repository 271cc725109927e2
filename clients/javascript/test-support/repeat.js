/** Members of a piece that are a text, or parts of one. */
const TEXTS = new Set(["text", "frame", "payload"]);

/** A case with everything that repeats written out, as protocol/vectors/README.md says. */
export function unfold(value) {
  if (Array.isArray(value)) return value.flatMap(copies);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, TEXTS.has(key) && Array.isArray(member) ? joined(member) : unfold(member)]),
  );
}

function copies(item) {
  if (typeof item?.repeat !== "number") return [unfold(item)];
  return Array.from({ length: item.repeat }, (_, n) => unfold(numbered(item.of, n)));
}

function numbered(value, n) {
  if (typeof value === "string") return value === "<n>" ? n : value.replaceAll("<n>", n);
  if (Array.isArray(value)) return value.map((item) => numbered(item, n));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, numbered(member, n)]));
}

function joined(parts) {
  return parts
    .map((part) => (typeof part === "string" ? part : Array.from({ length: part.repeat }, (_, n) => part.of.replaceAll("<n>", n)).join(part.between ?? "")))
    .join("");
}
