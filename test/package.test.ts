import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { embeddedModel } from './support/models.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Uses the built package under its own name, as a program that depends on it does. */
const program = (load: string) => `
	${load}.then(async ({ loadModel, loadTokenizer, RepriseError }) => {
		const model = await loadModel(${JSON.stringify(embeddedModel)});
		const session = await model.createSession({ contextLength: 64, threads: 1 });
		const { tokens } = await session.generate('Every', { maxTokens: 5 }).result;
		const error = await loadTokenizer('package.json').catch((reason) => reason);
		console.log(tokens.length, error instanceof RepriseError, error.code);
		await session.dispose();
	});
`;

test.each([
	['imported as an ES module', '--input-type=module', "import('reprise')"],
	['required from CommonJS', '--input-type=commonjs', "Promise.resolve(require('reprise'))"],
])('the built package %s generates, and finds its worker', (_, type, load) => {
	const { stdout, stderr, status } = spawnSync(process.execPath, [type, '--eval', program(load)], {
		cwd: root,
		encoding: 'utf8',
	});
	expect({ stdout, stderr, status }).toEqual({ stdout: '5 true TOKENIZER_INVALID\n', stderr: '', status: 0 });
});

test('the built command line runs', () => {
	const { stdout, status } = spawnSync(
		process.execPath,
		['dist/cli/main.js', 'info', embeddedModel, '--json'],
		{
			cwd: root,
			encoding: 'utf8',
		},
	);
	expect(status).toBe(0);
	expect(JSON.parse(stdout).architecture).toBe('llama');
});
