import { Command } from 'commander';
import { afterAll, describe, expect, test } from 'vitest';
import { printFlags } from '../../lib/cli/arguments.js';
import { benchFlags } from '../../lib/cli/bench.js';
import { buildFlags } from '../../lib/cli/build.js';
import { systemFlag } from '../../lib/cli/chat.js';
import { correctCommand, taskFlags } from '../../lib/cli/correct.js';
import { toOption } from '../../lib/cli/flag.js';
import { generateFlags, loadFlags, samplingFlags, sessionFlags, templateFlags } from '../../lib/cli/flags.js';
import { promptFlags } from '../../lib/cli/generate.js';
import { infoFlags } from '../../lib/cli/info.js';
import { lsFlags } from '../../lib/cli/ls.js';
import { replayFlags } from '../../lib/cli/replay.js';
import { workerFlags } from '../../lib/cli/worker.js';
import { loadModel } from '../../lib/index.js';
import { ask, problem } from '../support/chatml.js';
import { reprise } from '../support/cli.js';
import { draftModel, embeddedModel, randomModel } from '../support/models.js';

const model = await loadModel(embeddedModel);
const session = await model.createSession({ contextLength: 1024, threads: 1 });
afterAll(async () => {
	await session.dispose();
	await model.dispose();
});

const ofTheApi = { generateFlags, loadFlags, samplingFlags, sessionFlags, templateFlags };
const ofCommands = {
	benchFlags,
	buildFlags,
	infoFlags,
	lsFlags,
	printFlags,
	promptFlags,
	replayFlags,
	systemFlag,
	taskFlags,
	workerFlags,
};
const tables = { ...ofTheApi, ...ofCommands };

test.each(Object.entries(tables))('every flag of %s has the name of its option', (_, table) => {
	for (const [name, flag] of Object.entries(table)) expect(toOption(flag).attributeName()).toBe(name);
});

test('every flag of correct but three conflicts with --recorded', async () => {
	const others = correctCommand().options.filter(
		({ long }) => !['--recorded', '--pass-cost', '--json'].includes(long ?? ''),
	);
	expect(others.length).toBeGreaterThan(40);
	const values: Record<string, string> = {
		'--context-length': '64',
		'--strategy': 'plain',
		'--strategy-options': '{}',
		'--template-variables': '{}',
		'--logit-bias': '1=2',
		'--draft': 'off',
		'--mirostat': '2',
		'--overflow': 'shift',
		'--rpc': '127.0.0.1:50052',
		'--flash-attention': 'on',
		'--device-logits': 'off',
		'--matching': 'index',
		'--key-type': 'f32',
		'--value-type': 'f32',
		'--split-mode': 'layer',
	};
	for (const { long, flags } of others) {
		const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
		const command = correctCommand()
			.exitOverride()
			.configureOutput({ writeErr: () => {} });
		command.action(() => {});
		program.addCommand(command);
		const value = flags.includes('<') ? [values[long ?? ''] ?? '1'] : [];
		const args = ['correct', 'm.gguf', '--recorded', 'r.jsonl', long ?? '', ...value];
		expect(() => program.parse(args, { from: 'user' }), long ?? '').toThrow(/cannot be used with option/);
	}
});

const generate = async (...args: string[]) => {
	const common = ['generate', embeddedModel, '--threads', '1', '--prompt', ask(problem), '--json'];
	const { status, stdout, stderr } = await reprise([...common, ...args]);
	return status === 0 ? JSON.parse(stdout) : { status, stderr };
};

describe('generate takes', () => {
	const plain = ['--max-tokens', '30', '--draft', 'off', '--context-length', '1024'];
	const given = { maxTokens: 30, draft: 'off' } as const;

	test.each([
		[['--frequency-penalty', '3'], { frequencyPenalty: 3 }],
		[['--presence-penalty', '4.5'], { presencePenalty: 4.5 }],
		[['--repeat-penalty', '30', '--penalty-window', '40'], { repeatPenalty: 30, penaltyWindow: 40 }],
		[['--dry-multiplier', '5', '--dry-allowed-length', '1'], { dryMultiplier: 5, dryAllowedLength: 1 }],
		[['--logit-bias', '100=30', '--logit-bias', '101=-inf'], { logitBias: { 100: 30, 101: -Infinity } }],
	])('%j', async (args, options) => {
		const { text } = await session.generate(ask(problem), { ...given, ...options }).result;
		expect(text).not.toBe((await session.generate(ask(problem), given).result).text);
		expect(await generate(...plain, ...args)).toMatchObject({ text });
	});

	test('--render-special, which writes control tokens out', async () => {
		expect((await generate('--render-special')).text).toMatch(/<\|im_end\|>$/);
		expect((await generate()).text).not.toContain('<|im_end|>');
	});

	test('--overflow', async () => {
		const full = ['--context-length', '256', '--max-tokens', '400', '--logit-bias', ...endBanned()];
		expect(await generate(...full)).toMatchObject({ finishReason: 'context' });
		expect(await generate(...full, '--overflow', 'shift')).toMatchObject({ finishReason: 'length' });
	});

	test('--template and --template-variables of a chat', async () => {
		const args = ['generate', embeddedModel, '--threads', '1', '--chat', '--prompt', 'hello'];
		const { text } = await session
			.chat({ template: '{{ greeting }} {{ messages[0].content }}', templateVariables: { greeting: 'Hi' } })
			.send('hello', { maxTokens: 5 }).result;
		const options = ['--template', '-', '--template-variables', '{"greeting":"Hi"}', '--max-tokens', '5'];
		const { stdout } = await reprise([...args, ...options], {
			input: '{{ greeting }} {{ messages[0].content }}',
		});
		expect(stdout).toBe(`${text}\n`);
	});

	test('the types of its cache, and flash attention', async () => {
		const types = ['--key-type', 'q8_0', '--value-type', 'q8_0', '--flash-attention', 'on'];
		const other = await model.createSession({
			contextLength: 1024,
			threads: 1,
			keyType: 'q8_0',
			valueType: 'q8_0',
			flashAttention: 'on',
		});
		const { text } = await other.generate(ask(problem), given).result;
		await other.dispose();
		expect(await generate(...plain, ...types)).toMatchObject({ text });
	});

	test.each([
		[['--key-type', 'q2'], /one of 'f32', 'f16', 'q8_0', 'q4_0' for --key-type but received "q2"/],
		[['--value-type', 'q8_0', '--flash-attention', 'off'], /for valueType without flash attention/],
		[['--overflow', 'drop'], /one of 'error', 'shift' for --overflow/],
		[['--presence-penalty', '101'], /a number in -100…100 for --presence-penalty but received 101/],
		[['--mirostat', '1'], /0 \(off\) or 2 \(Mirostat 2\) for --mirostat but received 1/],
		[['--logit-bias', '3'], /ID=NUMBER or ID=-inf for --logit-bias but received "3"/],
		[['--template-variables', '[]', '--chat'], /an object for --template-variables/],
		[['--template', 'a.jinja'], /--template is part of a chat template; pass --chat too/],
		[['--render-special', '--chat'], /--render-special does not go with --chat/],
		[['--corpus-tokens', '5'], /corpusTokens/],
	])('no %j', async (args, message) => {
		const { status, stderr } = await generate(...args);
		expect(status).toBe(1);
		expect(stderr).toMatch(message);
	});
});

function endBanned(): string[] {
	return [...model.info.endTokens].flatMap((id, index) => [
		...(index > 0 ? ['--logit-bias'] : []),
		`${id}=-inf`,
	]);
}

test.each([
	['a model without layers for MTP', ['--mtp'], /its file has none/],
	['a file beside --mtp', ['--mtp', '--draft-model', draftModel], /no file beside --mtp for --draft-model/],
])('%s is refused', async (_, flags, message) => {
	const run = await reprise(['generate', embeddedModel, '--prompt', 'The lamp', ...flags]);
	expect(run.status).not.toBe(0);
	expect(run.stderr).toMatch(message);
});

test('--mtp lets layers of the model draft', async () => {
	const model = await randomModel('tiny-glm4moe');
	const args = ['--prompt', 'The lamp', '--max-tokens', '8', '--draft', '8', '--mtp', '--json'];
	const run = await reprise(['generate', model, ...args]);
	expect(run.stderr).toBe('');
	expect(JSON.parse(run.stdout).draftModelPasses).toBeGreaterThan(0);
});
