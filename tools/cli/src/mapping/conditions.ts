import type { Cells, Condition, RejectRule } from './mapping.js';

type Test = (text: string) => boolean;

const testsOf = (condition: Condition): readonly Test[] => {
  const { matches, below, atMost, empty, ignoreCase = false } = condition;
  const folded = (text: string): string => (ignoreCase ? text.toUpperCase() : text);
  const tests: Test[] = [];
  if (matches !== undefined) {
    const expression = new RegExp(matches, ignoreCase ? 'i' : '');
    tests.push((text) => expression.test(text));
  }
  if (condition.in !== undefined) {
    const allowed = new Set(condition.in.map(folded));
    tests.push((text) => allowed.has(folded(text)));
  }
  // A text that is no number is neither below nor above anything; the field that uses it refuses it.
  if (below !== undefined) tests.push((text) => text !== '' && Number(text) < below);
  if (atMost !== undefined) tests.push((text) => text !== '' && Number(text) <= atMost);
  if (empty !== undefined) tests.push((text) => (text === '') === empty);
  return tests;
};

/** Compiles rules to a function that answers the first one that a row falls under. */
export const firstMatch = (
  rules: readonly RejectRule[] = [],
): ((cells: Cells) => RejectRule | undefined) => {
  const compiled = rules.map((rule) => ({ rule, tests: testsOf(rule.when) }));
  return (cells) =>
    compiled.find(({ rule, tests }) => {
      const text = (cells[rule.when.column] ?? '').trim();
      return tests.every((test) => test(text));
    })?.rule;
};
