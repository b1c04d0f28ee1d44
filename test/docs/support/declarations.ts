import { readFileSync } from 'node:fs';
import path from 'node:path';

import ts from 'typescript';

import { ROOT } from './markdown-tables.js';

const LIBRARY = path.join(ROOT, 'libs', 'sftpd', 'src');

/** A property of an interface, as it is written down. */
export interface DeclaredProperty {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
  /** What its docstring says after `@default`. */
  readonly fallback: string | undefined;
}

/** The source files of the library, as paths relative to it. */
export function parse(file: string): ts.SourceFile {
  const text = readFileSync(path.join(LIBRARY, file), 'utf8');
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
}

/**
 * The properties that an interface declares itself, without those that it inherits.
 *
 * @param file a path relative to the library's source folder
 * @throws Error when there is no such interface
 */
export function propertiesOf(file: string, name: string): DeclaredProperty[] {
  const source = parse(file);
  const found = source.statements.find(
    (statement) => ts.isInterfaceDeclaration(statement) && statement.name.text === name,
  );
  if (found === undefined || !ts.isInterfaceDeclaration(found)) {
    throw new Error(`${file} has no interface ${name}`);
  }
  return found.members.filter(ts.isPropertySignature).map((member) => ({
    name: member.name.getText(source),
    type: oneLine(member.type?.getText(source) ?? ''),
    optional: member.questionToken !== undefined,
    fallback: defaultOf(member),
  }));
}

/**
 * The texts that a union of literals consists of.
 *
 * @throws Error when there is no such type
 */
export function literalsOf(file: string, name: string): string[] {
  const found = parse(file).statements.find(
    (statement) => ts.isTypeAliasDeclaration(statement) && statement.name.text === name,
  );
  if (found === undefined || !ts.isTypeAliasDeclaration(found) || !ts.isUnionTypeNode(found.type)) {
    throw new Error(`${file} has no union ${name}`);
  }
  return found.type.types.flatMap((member) =>
    ts.isLiteralTypeNode(member) && ts.isStringLiteral(member.literal) ? [member.literal.text] : [],
  );
}

function defaultOf(member: ts.PropertySignature): string | undefined {
  const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === 'default');
  return tag && ts.getTextOfJSDocComment(tag.comment)?.trim();
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
