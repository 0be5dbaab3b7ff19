// Runs llama.cpp's tests of its server against `reprise serve`, or with --server against llama.cpp's own, on the same
// small models. Which pass is in passing.txt. Needs Debian's python3-pytest, python3-requests and python3-wget. Usage:
// npx tsx test/serve/llama-suite/run.ts [--server build/peers/llama-server] [--update]
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { llamaSourceDir } from '../../support/llama-source.js';
import { formModel } from '../../support/models.js';
import { oddModel } from '../../support/odd-models.js';

/** The files whose tests ask what both servers have: OpenAI's API, keys, ranking. */
const files = [
	'test_basic',
	'test_chat_completion',
	'test_compat_oai_responses',
	'test_embedding',
	'test_rerank',
	'test_security',
	'test_tool_call',
];

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const passingFile = here('passing.txt');

/** The suite in a folder where it finds the templates as it does in llama.cpp's source. */
function prepare(folder: string): string {
	const source = llamaSourceDir();
	const tests = join(folder, 'tools', 'server', 'tests');
	cpSync(join(source, 'tools', 'server', 'tests'), tests, { recursive: true });
	for (const name of ['conftest.py', 'openai.py']) cpSync(here(name), join(tests, name));
	symlinkSync(join(source, 'models'), join(folder, 'models'));
	return tests;
}

async function run({ server, update }: { server?: string; update?: boolean }): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), 'reprise-llama-suite-'));
	try {
		const { stdout, stderr } = spawnSync(
			'/usr/bin/python3',
			['-m', 'pytest', '-q', '-rA', '-m', 'not slow', ...files.map((name) => `unit/${name}.py`)],
			{
				cwd: prepare(folder),
				encoding: 'utf8',
				maxBuffer: 2 ** 28,
				env: {
					...process.env,
					LLAMA_SERVER_BIN_PATH: here('llama-server.mjs'),
					SUITE_GENERATES: formModel,
					SUITE_EMBEDS: await oddModel('bert'),
					SUITE_RANKS: await oddModel('ranking'),
					...(server !== undefined && { SUITE_SERVER: resolve(server) }),
				},
			},
		);
		const named = (state: string) =>
			[...stdout.matchAll(new RegExp(`^${state} (?:\\[\\d+\\] )?unit/(\\S.*?)(?: - .*)?$`, 'gm'))].map(
				([, name = '']) => name,
			);
		const [passed, failed] = [named('PASSED').sort(), named('FAILED').sort()];
		if (passed.length === 0) throw new Error(`No test has passed:\n${stdout.slice(-2000)}\n${stderr}`);
		console.log(stdout.trim().split('\n').at(-1));
		if (update) writeFileSync(passingFile, `${passed.join('\n')}\n`);
		console.log(`passed:\n  ${passed.join('\n  ')}\nfailed:\n  ${failed.join('\n  ')}`);
		const expected = readFileSync(passingFile, 'utf8').trim().split('\n');
		const lost = expected.filter((name) => !passed.includes(name));
		if (server === undefined && lost.length > 0)
			throw new Error(`These are in passing.txt and do not pass:\n  ${lost.join('\n  ')}`);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

await new Command('llama-suite')
	.option('--server <path>', 'the llama-server that is tested in place of reprise serve')
	.option('--update', 'write which pass to passing.txt')
	.action(run)
	.parseAsync();
