import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { vocabularyFile } from './support/models.js';
import { tokenizerJson } from './support/tokenizer-json.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const app = realpathSync(mkdtempSync(join(tmpdir(), 'reprise alone #1 %20 ')));
const installed = join(app, 'node_modules', 'reprise');

/** Runs a program of an app that has nothing but the built files of this package. */
function run(code: string, flags: readonly string[] = [], env: NodeJS.ProcessEnv = {}): string {
	const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, '--eval', code], {
		cwd: app,
		encoding: 'utf8',
		env: { ...process.env, ...env },
	});
	expect({ stderr, status }, stdout).toEqual({ stderr: '', status: 0 });
	return stdout;
}

beforeAll(async () => {
	mkdirSync(installed, { recursive: true });
	cpSync(join(root, 'dist'), join(installed, 'dist'), {
		recursive: true,
		filter: (file) => !file.endsWith('.map'),
	});
	cpSync(join(root, 'package.json'), join(installed, 'package.json'));
	const tokenizer = await tokenizerJson(vocabularyFile('gpt-2'), 'gpt-2');
	writeFileSync(join(app, 'tokenizer.json'), JSON.stringify(tokenizer));
	writeFileSync(join(app, 'preload.cjs'), 'globalThis.isPreloaded = true;');
});
afterAll(() => rmSync(app, { recursive: true, force: true }));

const verifiers = `
	const context = { task: { id: 'a', prompt: '', answer: '42' }, signal: new AbortController().signal };
	const program = javascript();
	const outcomes = [
		await program('console.log(6 * 7)', context),
		await program('console.log(typeof isPreloaded, 42)', context),
		await jsonSchema({ type: 'string', format: 'email' })('"a@b.org"', context),
		await jsonSchema({ $schema: 'https://json-schema.org/draft/2020-12/schema', prefixItems: [{ type: 'null' }] })('[null]', context),
		await regex('4.')('42', context),
	];
	console.log(outcomes.map(({ outcome }) => outcome).join(' '));
	await program.dispose();
`;
const all = 'pass pass pass pass pass\n';

describe('dist/ alone, without a package that it would depend on,', () => {
	test.each([
		[
			'an ES module',
			'--input-type=module',
			`import { javascript, jsonSchema, regex } from 'reprise/verifiers'; ${verifiers}`,
		],
		[
			'CommonJS',
			'--input-type=commonjs',
			`const { javascript, jsonSchema, regex } = require('reprise/verifiers'); (async () => { ${verifiers} })();`,
		],
	])('verifies, loaded as %s', (_, type, code) => {
		expect(run(code, [type])).toBe(all);
	});

	test('tokenizes', () => {
		const code = `
			import { loadTokenizer } from 'reprise';
			const tokenizer = await loadTokenizer('tokenizer.json');
			console.log(tokenizer.vocabularySize > 0, (await tokenizer.tokenize('a')).length > 0);
			await tokenizer.dispose();
		`;
		expect(run(code, ['--input-type=module'])).toBe('true true\n');
	});

	test("verifies whatever Node's flags and variables say", () => {
		const code = `import('reprise/verifiers').then(async ({ javascript, jsonSchema, regex }) => { ${verifiers} })`;
		const env = { NODE_OPTIONS: '--require ./preload.cjs --max-old-space-size=300' };
		expect(run(code, ['--stack-trace-limit=3', '--enable-source-maps'], env)).toBe(all);
	});
});

test('what a bundler has taken away from its files says so', () => {
	const moved = join(app, 'moved');
	mkdirSync(moved);
	cpSync(join(installed, 'dist'), moved, {
		recursive: true,
		filter: (file) => !/-worker|-compiler/.test(file),
	});
	const code = `
		const { javascript, jsonSchema, regex } = require('./moved/verifiers.cjs');
		const context = { task: { id: 'a', prompt: '', answer: '42' } };
		const messageOf = (error) => console.log(error.code, error.message);
		javascript()('1', context).catch(messageOf)
			.then(() => regex('1')('1', context)).catch(messageOf)
			.then(() => jsonSchema({})).catch(messageOf);
	`;
	const lines = run(code).trim().split('\n');
	expect(lines).toHaveLength(3);
	for (const line of lines)
		expect(line).toMatch(/^(VERIFIER_FAILED|OPTION_INVALID) .*external.*bundlers\.md/);
});
