import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

const program = (load: string) => `
	${load}.then(async ({ javascript, jsonSchema }) => {
		const context = { task: { id: 'a', prompt: '', answer: '42' }, signal: new AbortController().signal };
		const verify = javascript();
		console.log((await verify('console.log(6 * 7)', context)).outcome);
		await verify.dispose();
		console.log((await verify('1', context).catch((error) => error)).code);
		console.log((await jsonSchema({ type: 'string', format: 'email' })('"a@b.org"', context)).outcome);
	});
`;

test.each([
	['imported as an ES module', '--input-type=module', "import('reprise/verifiers')"],
	['required from CommonJS', '--input-type=commonjs', "Promise.resolve(require('reprise/verifiers'))"],
])('the built package %s finds what its verifiers need', (_, type, load) => {
	const { stdout, stderr, status } = spawnSync(process.execPath, [type, '--eval', program(load)], {
		cwd: root,
		encoding: 'utf8',
	});
	expect({ stdout, stderr, status }).toEqual({ stdout: 'pass\nDISPOSED\npass\n', stderr: '', status: 0 });
});
