// Validates each line of standard input, a JSON document, with ajv in strict mode and one schema:
//
//   node ajv.mjs <2020-12 | draft-07> <schema file>
//
// Writes one line per document: the verdict (`valid`, `invalid` or `error`), a tab, the reason, a tab, and the numbers of the document
// that JavaScript cannot represent exactly. JSON.parse turns every number into a double and ajv does not support BigInt, so such a document
// is validated with a rounded number. The caller knows the expected verdicts.

import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";

const CLASSES = { "2020-12": Ajv2020, "draft-07": Ajv };

/** Returns the numbers in the text of a document that a double rounds. */
function rounded(text) {
  const withoutStrings = text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  const numbers = withoutStrings.match(/-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/g) ?? [];
  return numbers.filter((number) => !survives(number));
}

/** Whether an integer in any notation is exact as a double. Returns true for fractions, because every language rounds them. */
function survives(number) {
  const [, sign, whole, fraction, exponent] = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(number);
  const shift = Number(exponent ?? 0) - (fraction?.length ?? 0);
  const digits = `${whole}${fraction ?? ""}`.replace(/^0+(?=.)/, "");
  if (digits === "0") {
    return true;
  }
  const zeros = /0*$/.exec(digits)[0].length;
  if (shift + zeros < 0) {
    return true;
  }
  if (digits.length + shift > 309 || !Number.isFinite(Number(number))) {
    return false;
  }
  const integer = shift >= 0 ? BigInt(digits) * 10n ** BigInt(shift) : BigInt(digits) / 10n ** BigInt(-shift);
  return BigInt(Number(number)) === (sign === "-" ? -integer : integer);
}

function verdict(validate, line) {
  let data;
  try {
    data = JSON.parse(line);
  } catch (error) {
    return ["error", String(error)];
  }
  if (validate(data)) {
    return ["valid", ""];
  }
  return ["invalid", validate.errors.map(({ instancePath, message }) => `${instancePath || "/"} ${message}`).join("; ")];
}

function compiled(draft, schema) {
  try {
    return new CLASSES[draft]({ strict: true, allErrors: true }).compile(JSON.parse(readFileSync(schema, "utf8")));
  } catch (error) {
    process.stderr.write(`${error}\n`);
    process.exit(1);
  }
}

const validate = compiled(...process.argv.slice(2));
for (const line of readFileSync(0, "utf8").split("\n").filter((text) => text !== "")) {
  const answer = [...verdict(validate, line), rounded(line).join(", ")];
  process.stdout.write(`${answer.map((part) => part.replace(/\s+/g, " ")).join("\t")}\n`);
}
