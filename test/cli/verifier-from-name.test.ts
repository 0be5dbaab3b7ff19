import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { verifierFromName, verifierNames, verifierUsage } from '../../lib/cli/verifier-from-name.js';
import { verify } from '../support/verify.js';

const folder = mkdtempSync(join(tmpdir(), 'verifier-names-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string) => {
	writeFileSync(join(folder, name), content);
	return join(folder, name);
};

const tests = file('tests.js', 'assert.equal(double(4), 8);');
const schema = file('schema.json', '{ "type": "array" }');

test.each([
	['js', '```js\nconsole.log(3)\n```', '```js\nconsole.log(4)\n```'],
	[`js:${tests}`, 'const double = (x) => 2 * x', 'const double = (x) => x * x'],
	['command:grep --quiet three', 'three', 'four'],
	[`command:["grep", "--quiet", "three four", "{file.txt}"]`, 'three four', 'four'],
	['shell:grep --quiet three | true && grep three {file}', 'three', 'four'],
	[`json-schema:${schema}`, '[]', '{}'],
	['regex:^a:b$', 'a:b', 'a'],
	['exact', '3', '4'],
	['numeric', 'It is 3.', 'It is 4.'],
	['numeric:0.5', 'It is 3.5', 'It is 5'],
])('%s', async (name, right, wrong) => {
	const verifier = await verifierFromName(name);
	expect(await verify(verifier, right, { answer: '3' })).toMatchObject({ outcome: 'pass' });
	expect(await verify(verifier, wrong, { answer: '3' })).toMatchObject({ outcome: 'fail' });
});

test.each([
	['jss', 'There is no verifier "jss": did you mean js?'],
	['__proto__', `There is no verifier "__proto__": there are ${verifierNames.join(', ')}`],
	['regex', 'The verifier regex needs an argument: regex:PATTERN'],
	['command:', 'The verifier command needs an argument'],
	['command:[]', 'Expected a JSON array of strings for command'],
	['exact:3', 'The verifier exact takes no argument'],
	['numeric:few', 'Expected a number of at least 0 for tolerance but received "few"'],
	['json-schema:no/such/file', 'The verifier json-schema cannot read no/such/file'],
	['js:no/such/file', 'The verifier js cannot read no/such/file'],
	['regex:(', 'pattern: Invalid regular expression'],
])('%s is refused', async (name, message) => {
	await expect(verifierFromName(name)).rejects.toMatchObject({
		code: 'OPTION_INVALID',
		message: expect.stringContaining(message),
	});
});

test('each verifier has a line of help', () => {
	expect(verifierNames).toContain('json-schema');
	expect(verifierUsage.map((line) => line.split(/[ :]/)[0])).toEqual(verifierNames);
});
