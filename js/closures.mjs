/**
 * Turns classes into functions that return an object: what is private becomes a local variable, and is one letter in the
 * bundle where `this.#x` takes seven. Of all that makes the bundle smaller this does most, and the sources stay classes.
 *
 * A class is left as it is where it is more than the object that `new` gives: one with `extends` or that another extends,
 * one with `static` or `instanceof`, one that reads the private parts of another, and those named in `kept`.
 */

import { parse } from "acorn";
import { walk } from "estree-walker";
import MagicString from "magic-string";

/** The text of a module with its classes turned. */
export function withClosures(code, kept = []) {
  const program = parse(code, { ecmaVersion: 2022, sourceType: "module" });
  const text = new MagicString(code);
  const asked = new Set(kept);
  const classes = [];
  const made = [];
  walk(program, {
    enter(node, parent) {
      if (node.type === "BinaryExpression" && node.operator === "instanceof") asked.add(node.right.name);
      if (node.type === "NewExpression") made.push(node);
      if (!node.type.startsWith("Class") || node.type === "ClassBody") return;
      if (node.superClass) asked.add(node.superClass.name);
      classes.push({ node, name: (node.id ?? parent.id)?.name });
    },
  });
  const turned = classes.filter(({ node, name }) => name && !asked.has(name) && canTurn(node));
  const names = new Set(turned.map(({ name }) => name));
  // What is called without `new` may become an arrow. Before the classes, since turning one copies the text in it.
  for (const { start, end, callee } of made) {
    if (!names.has(callee.name)) continue;
    text.remove(start, callee.start);
    if (callee.end === end) text.appendLeft(end, "()");
  }
  for (const { node, name } of turned) turn(text, node, name);
  return text.toString();
}

function canTurn({ superClass, body }) {
  if (superClass || body.body.some((member) => member.static || member.type === "StaticBlock")) return false;
  let can = true;
  let functions = 0;
  walk(body, {
    enter(node, parent) {
      // Methods are functions too, and the only ones in which `this` is the object.
      if (node.type === "FunctionExpression" && parent.type !== "MethodDefinition") functions++;
      if (node.type.startsWith("Class") && node !== body) can = false;
      if (node.type === "PrivateIdentifier") {
        const isMember = parent.type === "MemberExpression";
        can &&= isMember ? parent.object.type === "ThisExpression" : parent.type !== "BinaryExpression";
      }
      if (node.type === "ThisExpression" && functions > 0) can = false;
    },
    leave(node, parent) {
      if (node.type === "FunctionExpression" && parent.type !== "MethodDefinition") functions--;
    },
  });
  return can;
}

function turn(text, node, name) {
  const members = node.body.body;
  const isPrivate = (member) => member.key.type === "PrivateIdentifier";
  const namesOf = (kind) =>
    members.filter((it) => it.kind === kind && isPrivate(it)).map((it) => it.key.name);
  const getters = new Set(namesOf("get"));
  const maker = members.find((member) => member.kind === "constructor")?.value;
  const given = maker ? fieldsGiven(node.body, maker) : new Map();
  if (maker) setApart(text, maker, given);
  walk(node.body, {
    enter(part) {
      if (part.type === "ThisExpression") text.overwrite(part.start, part.end, "self$");
      if (part.type !== "MemberExpression" || part.property.type !== "PrivateIdentifier") return;
      const { name } = part.property;
      text.overwrite(part.start, part.end, `${name}$${getters.has(name) ? "()" : ""}`);
      this.skip();
    },
  });
  for (const { said } of given.values()) text.overwrite(said.start, said.end, "0");
  const written = (part) => text.slice(part.start, part.end);
  const isGiven = new Set([...given.values()].map(({ field }) => field));
  const shared = [];
  const fields = [];
  const functions = [];
  for (const member of members) {
    const { value } = member;
    const own = `${member.key.name}$`;
    if (value && value === maker) continue;
    if (member.type === "PropertyDefinition") {
      const begin = value ? ` = ${written(value)}` : "";
      if (!isPrivate(member)) fields.push(begin && `self$.${member.key.name}${begin};`);
      else if (!isGiven.has(member.key.name)) fields.push(`let ${own}${begin};`);
    } else if (isPrivate(member)) {
      functions.push(
        `${value.async ? "async " : ""}function${value.generator ? "*" : ""} ${own}${written(value)}`,
      );
    } else {
      shared.push(written(member));
    }
  }
  const made = [
    `function ${node.type === "ClassDeclaration" ? name : ""}(${maker?.params.map(written).join() ?? ""}) {`,
    `const self$ = {${shared.join()}};`,
    ...fields,
    maker ? written(maker.body) : "",
    ...functions,
    "return self$;\n}",
  ];
  text.overwrite(node.start, node.end, made.join("\n"));
}

/** The parameters that a private field is, and stays, with where that is said: `this.#state = state`. */
function fieldsGiven(body, maker) {
  const given = new Map();
  const expressions = maker.body.body.map(({ expression }) => expression ?? {});
  for (const said of expressions.flatMap((it) => it.expressions ?? [it])) {
    const { left, operator, right } = said;
    const isField = operator === "=" && left.property?.type === "PrivateIdentifier";
    if (isField && maker.params.some((it) => it.type === "Identifier" && it.name === right.name))
      given.set(right.name, { field: left.property.name, said });
  }
  const assigned = [];
  walk(body, {
    enter({ type, left, argument }) {
      const to = type === "AssignmentExpression" ? left : type === "UpdateExpression" ? argument : undefined;
      if (to) assigned.push(to.property?.type === "PrivateIdentifier" ? `#${to.property.name}` : to.name);
    },
  });
  for (const [name, { field }] of given) {
    if (assigned.includes(name) || assigned.filter((other) => other === `#${field}`).length > 1)
      given.delete(name);
  }
  return given;
}

/** Gives a constructor's parameters names that no method means: their field's, or one of their own. */
function setApart(text, maker, given) {
  const names = new Map();
  for (const parameter of maker.params) {
    walk(parameter, {
      enter(node, parent) {
        if (node.type !== "Identifier" || isKey(node, parent)) return;
        names.set(node.name, given.has(node.name) ? `${given.get(node.name).field}$` : `${node.name}$$`);
      },
    });
  }
  const done = new Set();
  const rename = ({ start, end }, name) => {
    if (!done.has(start)) text.overwrite(start, end, name);
    done.add(start);
  };
  walk(maker, {
    enter(node, parent) {
      if (node.type === "Property" && node.shorthand && names.has(node.key.name))
        rename(node.key, `${node.key.name}: ${names.get(node.key.name)}`);
      if (node.type === "Identifier" && names.has(node.name) && !isKey(node, parent))
        rename(node, names.get(node.name));
    },
  });
}

/** Whether an identifier is the name of a property, and not of a variable. */
function isKey(node, parent) {
  if (parent?.type === "MemberExpression") return parent.property === node && !parent.computed;
  return parent?.type === "Property" && parent.key === node && !parent.computed && !parent.shorthand;
}
