import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadModel } from '../../lib/index.js';
import { ask, problem } from '../support/chatml.js';
import { reprise } from '../support/cli.js';
import { embeddedModel, vocabularyFile } from '../support/models.js';
import { oddModel } from '../support/odd-models.js';

const message = 'Copy this text:\nMara found a red box near the market. Tom asked Lena about the coins.';
const folder = mkdtempSync(join(tmpdir(), 'reprise-cli-'));

function write(name: string, content: string | Uint8Array): string {
	const path = join(folder, name);
	writeFileSync(path, content);
	return path;
}

const model = await loadModel(embeddedModel);
const session = await model.createSession({ contextLength: 1024, threads: 1 });
const reply = await session.generate(ask(message)).text();
const program = await session.generate(ask(problem)).text();
afterAll(async () => {
	await session.dispose();
	await model.dispose();
});

const generate = (...args: string[]) => reprise(['generate', embeddedModel, '--threads', '1', ...args]);

describe('generate', () => {
	test('writes the text to standard output and its numbers to standard error', async () => {
		const { status, stdout, stderr } = await generate('--prompt', ask(message));
		expect(status).toBe(0);
		expect(stdout).toBe(`${reply}\n`);
		expect(stderr).toMatch(/^\d+ tokens, [\d.]+ tokens\/s · [\d.]+ tokens per pass · .* ended its turn\n$/);
	});

	test('takes the prompt from a file or from standard input', async () => {
		const path = write('prompt.txt', ask(message));
		expect((await generate('--prompt-file', path)).stdout).toBe(`${reply}\n`);
		const piped = await reprise(['generate', embeddedModel, '--prompt-file', '-'], { input: ask(message) });
		expect(piped.stdout).toBe(`${reply}\n`);
	});

	test('with --chat sends the prompt by the chat template', async () => {
		expect((await generate('--chat', '--prompt', message)).stdout).toBe(`${reply}\n`);
	});

	test('with --json prints the text and every metric by its API name', async () => {
		const { stdout, stderr } = await generate('--prompt', ask(message), '--json');
		const { metrics } = await session.generate(ask(message)).result;
		const printed = JSON.parse(stdout);
		expect(stderr).toBe('');
		expect(printed.text).toBe(reply);
		expect(printed.finishReason).toBe('end');
		for (const name of Object.keys(metrics)) expect(printed, name).toHaveProperty(name);
		expect(printed.tokensPerPass).toBeGreaterThanOrEqual(1);
		expect(printed.tokensPerSecond).toBeGreaterThan(0);
	});

	test('with --show-drafts marks what was drafted and explains the marks', async () => {
		const { stdout, stderr } = await generate('--prompt', ask(message), '--draft', '8', '--show-drafts');
		expect(stdout).toMatch(/\[[^\]]+\]/);
		expect(stdout.replaceAll(/[[\]]/g, '')).toBe(`${reply}\n`);
		expect(stderr).toContain('[in brackets]: accepted from a draft');
	});

	test('with --show-drafts --json tells the source of every part', async () => {
		const { stdout } = await generate('--prompt', ask(message), '--draft', '8', '--show-drafts', '--json');
		const { segments } = JSON.parse(stdout) as { segments: Array<{ text: string; source: string }> };
		expect(segments.map(({ text }) => text).join('')).toBe(reply);
		expect(segments.map(({ source }) => source)).toContain('prompt');
	});

	test('with --draft off drafts nothing', async () => {
		const { stdout } = await generate('--prompt', ask(message), '--draft', 'off', '--json');
		expect(JSON.parse(stdout)).toMatchObject({ text: reply, drafted: 0, tokensPerPass: 1 });
	});

	test('drafts from --prediction and --reference', async () => {
		const path = write('program.txt', program);
		for (const [flag, source] of [
			['--prediction', 'prediction'],
			['--reference', 'reference'],
		] as const) {
			const { stdout } = await generate('--chat', '--prompt', problem, flag, path, '--draft', '8', '--json');
			expect(JSON.parse(stdout).acceptedBySource[source]).toBeGreaterThan(0);
		}
	});

	test('passes its options on', async () => {
		const options = [
			'--max-tokens',
			'20',
			'--temperature',
			'1.2',
			'--seed',
			'7',
			'--top-k',
			'50',
			'--stop',
			'zz',
		];
		const sampling = { maxTokens: 20, temperature: 1.2, seed: 7, topK: 50, stop: 'zz' };
		const { stdout } = await generate('--prompt', ask(problem), ...options, '--draft', 'off', '--json');
		const expected = await session.generate(ask(problem), { ...sampling, draft: 'off' }).result;
		expect(JSON.parse(stdout)).toMatchObject({
			text: expected.text,
			finishReason: expected.finishReason,
			seed: 7,
		});
	});

	test('ends cleanly at Ctrl-C: what was said is complete, the status is the shell’s for it', async () => {
		const unending = ['--grammar', write('unending.gbnf', 'root ::= "a" root'), '--context-length', '2048'];
		const { status, stdout, stderr } = await reprise(
			['generate', embeddedModel, '--prompt', ask(message), '--max-tokens', '100000', ...unending],
			{ onOutput: (pid) => process.kill(pid, 'SIGINT') },
		);
		expect(status).toBe(130);
		expect(stdout).toMatch(/^a+\n$/);
		expect(stderr).toContain('interrupted');
	});
});

describe('chat', () => {
	const chat = (input: string, ...args: string[]) =>
		reprise(['chat', embeddedModel, '--threads', '1', '--context-length', '1024', ...args], { input });
	const text = 'Copy this text: Mara found a red box near the market. Tom asked Lena about the coins.';

	test('replies to every line of standard input, each with what came before', async () => {
		const { status, stdout } = await chat(`${text}\nWrite it again in lower case.\n`, '--json');
		const own = (await model.createSession({ contextLength: 1024, threads: 1 })).chat();
		const expected = [await own.send(text).text(), await own.send('Write it again in lower case.').text()];
		await own.session.dispose();
		const replies = stdout
			.trimEnd()
			.split('\n')
			.map((line) => JSON.parse(line));
		expect(status).toBe(0);
		expect(replies.map((one) => one.text)).toEqual(expected);
		expect(replies[1].reusedTokens).toBeGreaterThan(replies[0].promptTokens);
	});

	test('goes on with a message in the next line after a backslash', async () => {
		const { stdout } = await chat(`${message.replace('\n', '\\\n')}\n`);
		expect(stdout).toBe(`${reply}\n`);
	});

	test('retries and edits', async () => {
		const { stdout } = await chat(`${text}\n/retry\nWrite it again.\n/edit 1 ${text}\n/messages\n`);
		const lines = stdout.trimEnd().split('\n');
		expect(lines[1]).toBe(lines[0]);
		expect(lines.slice(3)).toEqual([lines[0], `user: ${text}`, `assistant: ${lines[0]}`]);
	});

	test('begins with --system', async () => {
		const { stdout } = await chat(`/messages\n/exit\nnever said\n`, '--system', 'Be brief.');
		expect(stdout).toBe('system: Be brief.\n');
	});

	test.each([
		['/nonsense\n', 'There is no command /nonsense; /help lists them'],
		['/edit 1 a\n', 'no message to edit'],
		[`${text}\n/edit 2 a\n`, 'Expected an integer in 1…1 for N of /edit N TEXT but received 2'],
		['/retry\n', 'There is no user message to reply to'],
	])('%j is one line of error', async (input, reason) => {
		const { status, stderr } = await chat(input, '--json');
		expect(status).toBe(1);
		expect(stderr).toMatch(/^reprise: .*\n$/);
		expect(stderr).toContain(reason);
	});
});

describe('info', () => {
	test('says what a model is', async () => {
		const { status, stdout } = await reprise(['info', embeddedModel]);
		expect(status).toBe(0);
		expect(stdout).toMatch(/^parameters +1,246,592$/m);
		expect(stdout).toMatch(/^drafts +tree$/m);
	});

	test('with --json prints all of it by API names', async () => {
		const { stdout } = await reprise(['info', embeddedModel, '--json']);
		const printed = JSON.parse(stdout);
		const { placement, ...info } = model.info;
		expect(printed).toMatchObject(JSON.parse(JSON.stringify(info)));
		// It says where a session would be, too.
		expect(printed.placement).toMatchObject({ logits: placement.logits, whole: placement.whole });
		expect(printed.placement.devices[0]).toMatchObject({ device: 'CPU', layers: info.layers + 1 });
		expect(printed.placement.devices[0].cacheBytes).toBeGreaterThan(0);
	});

	test('says why there can be no such session, and what the model is all the same', async () => {
		const flags = ['info', embeddedModel, '--context-length', '2147483647'];
		const { status, stdout } = await reprise(flags);
		expect(status).toBe(0);
		expect(stdout).toMatch(/^parameters +1,246,592$/m);
		expect(stdout).toMatch(/^session +cannot be made: A contextLength of 2147483647 tokens needs about/m);
		expect(stdout).not.toMatch(/of cache/);
		const printed = JSON.parse((await reprise([...flags, '--json'])).stdout);
		expect(printed).toMatchObject({ placement: null, sessionFault: expect.stringContaining('2147483647') });
	});

	test('tells of weights alone where a model does not generate', async () => {
		const { stdout } = await reprise(['info', await oddModel('bert'), '--devices', 'none']);
		expect(stdout).toMatch(/^on CPU +3 of 3 layers, logits: [\d.]+ MiB of weights$/m);
	});

	test('takes a vocabulary alone', async () => {
		const { status, stdout } = await reprise(['info', vocabularyFile('qwen2')]);
		expect(status).toBe(0);
		expect(stdout).toMatch(/^weights +none: a vocabulary alone$/m);
	});
});

describe('an error is one readable line and status 1', () => {
	const cases: Array<[args: string[], message: string]> = [
		[['generate', 'missing.gguf', '--prompt', 'a'], 'There is no file missing.gguf'],
		[['info', folder], 'is a directory'],
		[['chat', vocabularyFile('qwen2')], 'holds a vocabulary but no weights'],
		[['generate', embeddedModel], 'Expected one prompt: pass --prompt TEXT or --prompt-file FILE'],
		[['generate', embeddedModel, '--prompt', 'a', '--prompt-file', 'b'], 'Expected one prompt'],
		[['generate', embeddedModel, '--prompt', ''], 'The prompt is empty'],
		[['generate', embeddedModel, '--prompt', 'a', '--system', 'b'], '--system is part of a chat template'],
		[['generate', embeddedModel, '--prompt-file', folder], 'cannot be read: it is a directory'],
		[['generate', embeddedModel, '--prompt-file', 'missing.txt'], 'there is no such file'],
		[
			['generate', embeddedModel, '--prompt-file', write('latin1.txt', Uint8Array.of(0xe9))],
			'Expected UTF-8 text for --prompt-file',
		],
		[
			['generate', embeddedModel, '--prompt', 'a', '--max-tokens', 'many'],
			'Expected an integer in 1…2147483647 for --max-tokens but received "many"',
		],
		[
			['generate', embeddedModel, '--prompt', 'a', '--temperature', '-1'],
			'Expected a number in 0…100 for --temperature but received -1',
		],
		[
			['generate', embeddedModel, '--prompt', 'a', '--draft', '257'],
			'Expected an integer in 1…256 for --draft but received 257',
		],
		[
			['generate', embeddedModel, '--prompt', 'a', '--draft', 'on'],
			"Expected 'auto', 'off' or a number of tokens for --draft but received \"on\"",
		],
		[['generate', embeddedModel, '--prompt', 'a '.repeat(300), '--context-length', '64'], 'contextLength'],
		[['generate', embeddedModel, '--promt', 'a'], "unknown option '--promt'"],
		[['generate'], "missing required argument 'model'"],
		[['generat'], "unknown command 'generat'"],
	];
	test.each(cases)('%j', async (args, message) => {
		const { status, stdout, stderr } = await reprise(args);
		expect(status).toBe(1);
		expect(stdout).toBe('');
		expect(stderr).toContain(message);
		expect(stderr).not.toMatch(/^\s+at /m);
		expect(stderr.replace(/\n\(Did you mean .*\?\)/, '').trimEnd()).not.toContain('\n');
	});
});

describe('help', () => {
	test.each([[[]], [['generate']], [['chat']], [['info']]])('of %j shows how to begin', async (command) => {
		const { status, stdout } = await reprise([...command, '--help']);
		expect(status).toBe(0);
		expect(stdout).toMatch(/^Usage: reprise/);
		expect(stdout).toContain(`  reprise ${command[0] ?? 'generate'} model.gguf`);
	});

	test('--version is the package’s', async () => {
		expect((await reprise(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
	});
});
