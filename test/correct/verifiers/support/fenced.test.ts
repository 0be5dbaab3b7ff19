import { describe, expect, test } from 'vitest';
import { codeOf } from '../../../../lib/correct/verifiers/support/fenced.js';

describe('the code of an answer', () => {
	test.each([
		['a block with more than a label', '```js title="x"\n1\n```', '1'],
		['a label after spaces', '```  JS\n1\n```', '1'],
		['white space after a label and the end', '```js \t\n1\n```  ', '1'],
		['tildes', '~~~js\n```\n1\n~~~', '```\n1'],
		['a longer fence', '````js\n```\n````', '```'],
		['no fence where backticks follow', '```js```\n1', '```js```\n1'],
		['lines that end in \\r\\n', '```js\r\n1\r\n```\r\n', '1'],
	])('is found in %s', (_, answer, code) => {
		expect(codeOf(answer, ['js'])).toBe(code);
	});

	test.each([
		['a label', `\`\`\`${'a'.repeat(1e6)}\``],
		['spaces', `\`\`\`${' '.repeat(1e6)}\``],
		['words', `\`\`\`${'a '.repeat(1e6)}\``],
		['backticks', `${'`'.repeat(1e6)}a\``],
		['fences that stay open', '```js\n'.repeat(1e5)],
	])('is looked for in time that grows with the length of %s', (_, answer) => {
		expect(codeOf(answer)).toBeDefined();
	});
});
