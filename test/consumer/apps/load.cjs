'use strict';

/*
 * Loads a sub-path of the package by `import` and by `require`. Prints the names that it exports when both give the
 * same module, and else what went wrong.
 */
const [specifier] = process.argv.slice(2);

async function load() {
  const imported = await import(specifier);
  const required = require(specifier);
  const names = Object.keys(imported);
  const other = names.filter((name) => required[name] !== imported[name]);
  if (other.length > 0) throw new Error(`require gives another ${other.join(', ')}`);
  return { names };
}

load()
  .catch(({ code, message }) => ({ code, message }))
  .then((result) => console.log(JSON.stringify(result)));
