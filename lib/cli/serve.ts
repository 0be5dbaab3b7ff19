import { basename } from 'node:path';
import { Command } from 'commander';
import { type Check, integer, invalid, number, text } from '../options.js';
import { isLoopback, startServer } from '../serve/server.js';
import { addFlags, type ModelFlags, toTemplateOptions } from './arguments.js';
import { type Flag, type Given, numberFlag, pick, textFlag } from './flag.js';
import { loadFlags, sessionFlags, templateFlags } from './flags.js';
import { interruptedExitCode, onInterrupt, terminatedExitCode } from './interrupt.js';
import { openModel } from './load.js';
import { modelArgument } from './model-path.js';

const some: Check<string> = (value, name) => {
	if (text(value, name) !== '') return value as string;
	throw invalid('a text', name, value);
};

const origin: Check<string> = (value, name) => {
	if (value === '*') return value;
	const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
	if (url && url.origin === value) return value;
	throw invalid('an origin such as https://example.org, or *', name, value);
};

const several = (flags: string, description: string, check: Check<string>): Flag<string[]> => ({
	flags,
	description: `${description}; may be given again`,
	parse: (raw, flag, before = []) => [...before, check(raw, flag)],
});

export const serveFlags = {
	host: { ...textFlag('--host <address>', 'the address to listen on'), default: '127.0.0.1' },
	port: {
		...numberFlag('--port <n>', 'the port to listen on, 0 for any that is free', integer(0, 65_535)),
		default: 8080,
	},
	alias: {
		flags: '--alias <name>',
		description: 'what clients call the model (default: the name of its file)',
		parse: (raw: string, flag: string) => some(raw, flag),
	} satisfies Flag<string>,
	apiKey: several(
		'--api-key <key>',
		'a key that clients must bring (default: REPRISE_API_KEY, or none)',
		some,
	),
	parallel: {
		...numberFlag('--parallel <n>', 'replies that are generated at a time', integer(1, 64)),
		default: 4,
	},
	queue: {
		...numberFlag('--queue <n>', 'requests that wait; those beyond get status 429', integer(0, 1_000_000)),
		default: 64,
	},
	keep: {
		...numberFlag('--keep <n>', 'conversations that are kept for their next turn', integer(0, 64)),
		default: 8,
	},
	timeout: {
		...numberFlag('--timeout <seconds>', 'how long a request may take', number(0.001, 2_000_000)),
		default: 600,
	},
	bodyBytes: {
		...numberFlag('--body-bytes <n>', 'the bytes of a request, at most', integer(1, 2 ** 31 - 1)),
		default: 33_554_432,
	},
	corsOrigin: several('--cors-origin <origin>', 'an origin whose pages may ask, * for all', origin),
};

type Flags = Omit<ModelFlags, 'reference'> & Given<typeof serveFlags>;

export function serveCommand(): Command {
	const command = new Command('serve')
		.description('serve a model over HTTP, by OpenAI’s API')
		.argument('<model>', modelArgument);
	addFlags(command, serveFlags);
	addFlags(command, { ...sessionFlags, ...templateFlags }, 'Session:');
	return addFlags(command, loadFlags, 'Model:')
		.addHelpText(
			'after',
			`
The context holds all conversations together: --context-length is what they share.
Nothing is encrypted: put a proxy with TLS before a server that other machines reach.

Examples:
  reprise serve model.gguf
  reprise serve hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF --port 8000 --context-length 16384
  reprise serve model.gguf --projector mmproj.gguf
  curl http://127.0.0.1:8080/v1/chat/completions -H 'Content-Type: application/json' \\
    -d '{"messages": [{"role": "user", "content": "Hello"}]}'`,
		)
		.action(run);
}

async function run(path: string, flags: Flags): Promise<void> {
	const { apiKey = keyOfEnvironment(), host } = flags;
	const template = await toTemplateOptions(flags);
	const interrupt = onInterrupt();
	await using model = await openModel(path, flags, interrupt.signal);
	const server = await startServer(model, {
		name: flags.alias ?? basename(path),
		host,
		port: flags.port,
		parallel: flags.parallel,
		queue: flags.queue,
		keep: flags.keep,
		timeoutMs: flags.timeout * 1000,
		apiKeys: apiKey,
		corsOrigins: flags.corsOrigin ?? [],
		bodyBytes: flags.bodyBytes,
		session: pick(sessionFlags, flags),
		template,
	});
	interrupt.release();
	if (!isLoopback(host) && apiKey.length === 0)
		process.stderr.write(
			`reprise: whoever reaches ${server.url} can use this model; pass --api-key, or --host 127.0.0.1\n`,
		);
	process.stdout.write(`listening on ${server.url}\n`);
	process.exitCode = await untilSignal();
	// A second signal ends the process at once: nobody listens to it any more.
	await server.close();
}

function keyOfEnvironment(): string[] {
	const key = process.env.REPRISE_API_KEY;
	return key ? [key] : [];
}

/** Resolves with the exit code that goes with the signal. */
function untilSignal(): Promise<number> {
	return new Promise((resolve) => {
		process.once('SIGINT', () => resolve(interruptedExitCode));
		process.once('SIGTERM', () => resolve(terminatedExitCode));
	});
}
