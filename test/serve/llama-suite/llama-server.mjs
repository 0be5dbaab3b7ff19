#!/usr/bin/env node
// Stands where the tests start llama-server: reads its flags, and becomes `reprise serve`, or llama-server itself
// (SUITE_SERVER), with a model that is at hand.
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';

const text = { type: 'string' };
const { values } = parseArgs({
	strict: false,
	options: {
		port: text,
		host: text,
		alias: text,
		'ctx-size': text,
		parallel: text,
		'api-key': text,
		'chat-template': text,
		'chat-template-file': text,
		'hf-repo': text,
		'hf-file': text,
		embedding: { type: 'boolean' },
		reranking: { type: 'boolean' },
	},
});
const { SUITE_SERVER, SUITE_GENERATES = '', SUITE_EMBEDS = '', SUITE_RANKS = '' } = process.env;
const model = values.reranking ? SUITE_RANKS : values.embedding ? SUITE_EMBEDS : SUITE_GENERATES;

const isOfTheHub = (flag) => flag === '--hf-repo' || flag === '--hf-file' || flag === '--offline';

/** llama-server's own flags, with the model that is at hand. */
function own() {
	const flags = process.argv.slice(2);
	const kept = flags.filter(
		(flag, index) => !isOfTheHub(flag) && !['--hf-repo', '--hf-file'].includes(flags[index - 1]),
	);
	return [SUITE_SERVER, ['--model', model, ...kept]];
}

/** The flags of `reprise serve` that say the same. A template by its name is none of them. */
function reprise() {
	if (values['chat-template'] !== undefined) throw new Error('--chat-template: templates have no names here');
	const pairs = [
		['--port', values.port],
		['--host', values.host],
		['--alias', values.alias],
		['--context-length', values['ctx-size']],
		['--parallel', values.parallel],
		['--api-key', values['api-key']],
		['--template', values['chat-template-file']],
	];
	const flags = pairs.flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]));
	const main = new URL('../../../dist/cli/main.js', import.meta.url).pathname;
	return [process.execPath, [main, 'serve', model, ...flags]];
}

const [program, flags] = SUITE_SERVER ? own() : reprise();
const child = spawn(program, flags, { stdio: 'inherit' });
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => child.kill(signal));
child.on('exit', (status) => process.exit(status ?? 1));
