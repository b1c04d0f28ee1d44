import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import ts from 'typescript';

import { ROOT } from './markdown-tables.js';

/** What stands for whatever a text is filled with. */
export const BLANK = '...';

const IS_OF_TESTS = /\.spec\.ts$|(^|\/)(spec-support|testing)\//;

/** The TypeScript files below a folder, but for tests and what is made for them. */
export function sourcesIn(folder: string): ts.SourceFile[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !IS_OF_TESTS.test(file))
    .map((file) => {
      const text = readFileSync(path.join(ROOT, folder, file), 'utf8');
      return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    });
}

/** Every text that the files hold, in one piece where they put it together with `+`. */
export function textsOf(sources: readonly ts.SourceFile[]): string[] {
  return sources.flatMap((source) => nodesOf(source).flatMap((node) => textOf(node) ?? []));
}

/**
 * The texts that are given to the constructors of a class.
 *
 * @param position which of its arguments
 */
export function textsGivenTo(
  className: string,
  position: number,
  sources: readonly ts.SourceFile[],
): string[] {
  return sources.flatMap((source) =>
    nodesOf(source).flatMap((node) => {
      if (!ts.isNewExpression(node) || node.expression.getText(source) !== className) return [];
      const argument = node.arguments?.[position];
      return (argument && textOf(argument)) ?? [];
    }),
  );
}

/** A text with {@link BLANK} for what is filled in; `undefined` for what is no text. */
function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return node.head.text + node.templateSpans.map(({ literal }) => BLANK + literal.text).join('');
  }
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) {
    return undefined;
  }
  const [left, right] = [textOf(node.left), textOf(node.right)];
  return left === undefined || right === undefined ? undefined : left + right;
}

function nodesOf(root: ts.Node): ts.Node[] {
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return nodes;
}
