// Judges each line of the standard input, a JSON document, by one schema with ajv in strict mode:
//
//   node ajv.mjs <2020-12 | draft-07> <schema file>
//
// An answer a line: the verdict (`valid`, `invalid` or `error`), a tab, why, a tab, and the numbers of the document that
// JavaScript cannot hold exactly. JSON.parse turns every number into a double and ajv takes no BigInt, so such a document is
// judged by another number than the one written. Which verdict is right is known to whoever runs this.

import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";

const CLASSES = { "2020-12": Ajv2020, "draft-07": Ajv };

/** The numbers in the text of a document that a double rounds. */
function rounded(text) {
  const withoutStrings = text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  const numbers = withoutStrings.match(/-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/g) ?? [];
  return numbers.filter((number) => !survives(number));
}

/** Whether an integer, in whatever form, is the same as a double; fractions are rounded in every language and taken as they are. */
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
